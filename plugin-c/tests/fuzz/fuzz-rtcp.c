/* A viewer's RTCP, as it reaches what it is sent.
 *
 * An input is a row of compound packets, each with two bytes before it: the
 * milliseconds since the last one, and its length. Before each a frame is sent.
 * All numbers begin where the same seed puts them, so that an input that found
 * something finds it again. */
#include "fuzz.h"
#include "outbound.h"

#define VIDEO_SSRC 0x11111111
#define AUDIO_SSRC 0x33333333

/* Each picture's packets, of 100 bytes. */
#define N_PAYLOADS 4

typedef struct {
  gsize bytes;
  guint n_keys;
} Sent;

static void
on_packet (gpointer user_data, guint8 *packet, gsize size, gsize capacity)
{
  Sent *sent = user_data;

  g_assert_cmpuint (size + RTC_TRAILER_MAX, <=, RTC_PACKET_CAPACITY);
  sent->bytes += size;
}

static void
on_key_frame (gpointer user_data, guint track)
{
  Sent *sent = user_data;

  g_assert_cmpuint (track, ==, 0);
  sent->n_keys++;
}

static guint8 payload[100];

static void
push (RtcOutbound *outbound, guint track, gboolean is_key, gint64 now_us)
{
  g_autoptr (RtcFrame) frame = rtc_frame_new (N_PAYLOADS);

  for (guint i = 0; i < N_PAYLOADS; i++)
    frame->payloads[i] = (RtcPayload){ payload, sizeof payload };
  frame->size = N_PAYLOADS * sizeof payload;
  frame->is_key = is_key;
  rtc_outbound_push (outbound, track, frame, now_us);
}

static RtcOutbound *
open_outbound (Sent *sent)
{
  const RtcOutboundEvents events = { .rtp = on_packet,
    .rtcp = on_packet,
    .key_frame = on_key_frame };
  const RtcTrackConfig video = { .is_video = TRUE,
    .ssrc = VIDEO_SSRC,
    .rtx_ssrc = VIDEO_SSRC + 1,
    .pt = 96,
    .rtx_pt = 97,
    .clock_rate = 90000,
    .twcc_id = 3,
    .nack = TRUE,
    .layers_kind = RTC_LAYERS_VP8 };
  const RtcTrackConfig audio = { .ssrc = AUDIO_SSRC,
    .pt = 111,
    .rtx_pt = -1,
    .clock_rate = 48000,
    .twcc_id = 3 };
  RtcOutbound *outbound = rtc_outbound_new (&events, sent, "abcdefgh");

  rtc_outbound_add_track (outbound, &video);
  rtc_outbound_add_track (outbound, &audio);
  return outbound;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Sent sent = { 0 };
  gint64 now_us = G_USEC_PER_SEC;
  RtcOutbound *outbound;
  RtcOutboundStats stats;

  g_random_set_seed (1);
  outbound = open_outbound (&sent);
  push (outbound, 0, TRUE, now_us);
  while (size >= 2) {
    size_t length = MIN (data[1], size - 2);
    guint8 *exact = g_memdup2 (data + 2, length);
    guint n_keys = sent.n_keys;

    now_us += data[0] * 1000;
    push (outbound, 0, FALSE, now_us);
    push (outbound, 1, TRUE, now_us);
    rtc_outbound_take_rtcp (outbound, exact, length, now_us);
    g_assert_cmpuint (sent.n_keys - n_keys, <=, 3);
    g_assert_cmpint (rtc_outbound_run (outbound, now_us), >, 0);
    g_free (exact);
    data += 2 + length;
    size -= 2 + length;
  }
  rtc_outbound_get_stats (outbound, &stats);
  g_assert_cmpuint (stats.total.bytes, <=, sent.bytes);
  g_assert_cmpint (stats.rtt_ms, <=, 10000);
  rtc_outbound_free (outbound);
  return 0;
}
