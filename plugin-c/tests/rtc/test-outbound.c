/* What one peer is sent: its packets' numbers, retransmissions and reports. */
#include "outbound.h"

#include <string.h>

#include "bytes.h"
#include "feedback.h"
#include "senderreport.h"
#include "sink.h"

#define MS G_GINT64_CONSTANT (1000)
#define START (5000 * MS)

#define VIDEO_SSRC 0x1000
#define RTX_SSRC 0x1001
#define AUDIO_SSRC 0x2000

static const RtcTrackConfig video_config = {
  .is_video = TRUE,
  .ssrc = VIDEO_SSRC,
  .rtx_ssrc = RTX_SSRC,
  .pt = 96,
  .rtx_pt = 97,
  .clock_rate = 90000,
  .nack = TRUE,
  .expects_pli = TRUE,
};

static const RtcTrackConfig audio_config = {
  .ssrc = AUDIO_SSRC,
  .pt = 111,
  .rtx_pt = -1,
  .clock_rate = 48000,
};

typedef struct {
  Sink *sink;
  RtcOutbound *outbound;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->sink = sink_new ();
  f->outbound = rtc_outbound_new (&sink_events, f->sink, "abcdefgh");
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  rtc_outbound_free (f->outbound);
  sink_free (f->sink);
}

static void
push (Fixture *f, guint track, guint n_payloads, guint32 timestamp,
    gboolean is_key, gint64 now_us)
{
  g_autoptr (RtcFrame) frame = sink_frame (n_payloads, 1000, timestamp, is_key);

  rtc_outbound_push (f->outbound, track, frame, now_us);
}

static void
take (Fixture *f, GBytes *bytes, gint64 now_us)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  rtc_outbound_take_rtcp (f->outbound, data, size, now_us);
  g_bytes_unref (bytes);
}

static void
lose (Fixture *f, guint16 sequence, gint64 now_us)
{
  take (f, feedback_nack (VIDEO_SSRC, &sequence, 1), now_us);
}

static RtcOutboundStats
get_stats (Fixture *f)
{
  RtcOutboundStats stats;

  rtc_outbound_get_stats (f->outbound, &stats);
  return stats;
}

static void
test_headers (Fixture *f, gconstpointer data)
{
  guint track = rtc_outbound_add_track (f->outbound, &video_config);
  guint other = rtc_outbound_add_track (f->outbound, &video_config);
  guint16 first;

  push (f, track, 3, 1000, TRUE, START);
  push (f, track, 1, 4000, FALSE, START + 33 * MS);
  g_assert_cmpuint (f->sink->rtp->len, ==, 4);
  g_assert_cmpuint (get_stats (f).frames[track], ==, 2);
  g_assert_cmpuint (get_stats (f).frames[other], ==, 0);
  first = sink_get (f->sink, 0)->sequence;
  for (guint i = 0; i < 4; i++) {
    SunkPacket *packet = sink_get (f->sink, i);

    g_assert_cmpuint (packet->sequence, ==, (guint16) (first + i));
    g_assert_cmpint (packet->has_marker, ==, i >= 2);
    g_assert_cmpuint (packet->pt, ==, 96);
    g_assert_cmphex (packet->ssrc, ==, VIDEO_SSRC);
    g_assert_cmpuint (packet->payload_size, ==, 1000);
    g_assert_cmpuint (packet->payload[999], ==, i % 3);
    g_assert_cmpint (packet->twcc, ==, -1);
    g_assert_cmpint (packet->orientation, ==, -1);
  }
  g_assert_cmpuint (sink_get (f->sink, 3)->timestamp
          - sink_get (f->sink, 0)->timestamp,
      ==, 3000);
  g_assert_cmpuint (sink_get (f->sink, 2)->timestamp, ==,
      sink_get (f->sink, 0)->timestamp);
}

/* Two peers, or one that comes again, are not sent the same numbers (RFC 3550
 * section 5.1): they would make SRTP's keystreams comparable. */
static void
test_begins_anywhere (Fixture *f, gconstpointer data)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < 8; i++) {
    guint track = rtc_outbound_add_track (f->outbound, &video_config);
    SunkPacket *packet;

    push (f, track, 1, 0, TRUE, START);
    packet = sink_get (f->sink, i);
    g_hash_table_add (seen,
        GUINT_TO_POINTER (packet->sequence ^ packet->timestamp));
  }
  g_assert_cmpuint (g_hash_table_size (seen), ==, 8);
  g_assert_cmpuint (rtc_outbound_add_track (f->outbound, &video_config), ==,
      RTC_OUTBOUND_NO_TRACK);
}

static void
test_sound_has_no_marker (Fixture *f, gconstpointer data)
{
  guint track = rtc_outbound_add_track (f->outbound, &audio_config);

  push (f, track, 1, 960, TRUE, START);
  g_assert_false (sink_get (f->sink, 0)->has_marker);
  g_assert_cmpuint (sink_get (f->sink, 0)->pt, ==, 111);
}

static void
test_waits_for_key (Fixture *f, gconstpointer data)
{
  guint track = rtc_outbound_add_track (f->outbound, &video_config);

  for (guint i = 0; i < 20; i++)
    push (f, track, 1, i, FALSE, START + i * 33 * MS);
  g_assert_cmpuint (f->sink->rtp->len, ==, 0);
  g_assert_cmpuint (f->sink->rtcp->len, ==, 0);
  /* Once a second, not with each frame. */
  g_assert_cmpuint (f->sink->keys->len, ==, 1);
  g_assert_cmpuint (g_array_index (f->sink->keys, guint, 0), ==, track);
  for (guint i = 20; i < 40; i++)
    push (f, track, 1, i, FALSE, START + i * 33 * MS);
  g_assert_cmpuint (f->sink->keys->len, ==, 2);
  push (f, track, 2, 40, TRUE, START + 40 * 33 * MS);
  push (f, track, 1, 41, FALSE, START + 41 * 33 * MS);
  g_assert_cmpuint (f->sink->rtp->len, ==, 3);
  g_assert_cmpuint (get_stats (f).total.dropped_frames, ==, 40);
}

static void
test_transport_numbers (Fixture *f, gconstpointer data)
{
  RtcTrackConfig video = video_config, audio = audio_config;
  guint first, second;
  guint16 next;

  video.twcc_id = audio.twcc_id = SINK_TWCC_ID;
  first = rtc_outbound_add_track (f->outbound, &video);
  second = rtc_outbound_add_track (f->outbound, &audio);
  push (f, first, 2, 0, TRUE, START);
  push (f, second, 1, 0, TRUE, START);
  push (f, first, 1, 0, FALSE, START);
  lose (f, sink_get (f->sink, 1)->sequence, START + MS);
  g_assert_cmpuint (f->sink->rtp->len, ==, 5);
  next = sink_get (f->sink, 0)->twcc;
  for (guint i = 0; i < 5; i++)
    g_assert_cmpint (sink_get (f->sink, i)->twcc, ==, next++);
}

typedef struct {
  guint8 now;
  gboolean is_key;
  int told;
} Turn;

static void
test_orientation (Fixture *f, gconstpointer data)
{
  static const Turn turns[] = {
    { 0, TRUE, 0 },   /* a key frame says it */
    { 0, FALSE, -1 }, /* upright as before */
    { 1, FALSE, 1 },  /* a change */
    { 1, FALSE, 1 },  /* a turned one says it each time */
    { 0, FALSE, 0 },  /* the change back */
    { 0, FALSE, -1 },
    { 0, TRUE, 0 },
  };
  RtcTrackConfig config = video_config;
  guint track;

  config.orientation_id = SINK_ORIENTATION_ID;
  config.twcc_id = SINK_TWCC_ID;
  track = rtc_outbound_add_track (f->outbound, &config);
  for (gsize i = 0; i < G_N_ELEMENTS (turns); i++) {
    sink_clear (f->sink);
    rtc_outbound_set_orientation (f->outbound, track, turns[i].now);
    push (f, track, 2, i, turns[i].is_key, START + i * MS);
    g_assert_cmpint (sink_get (f->sink, 0)->orientation, ==, -1);
    g_assert_cmpint (sink_get (f->sink, 1)->orientation, ==, turns[i].told);
    g_assert_cmpint (sink_get (f->sink, 1)->twcc, >=, 0);
  }
  /* Also when it is sent again. */
  lose (f, sink_get (f->sink, 1)->sequence, START + 100 * MS);
  g_assert_cmpint (sink_get (f->sink, 2)->orientation, ==, 0);
}

static void
test_rtx (Fixture *f, gconstpointer data)
{
  guint track = rtc_outbound_add_track (f->outbound, &video_config);
  guint16 sequences[2];
  SunkPacket *lost, *again;

  push (f, track, 3, 77, TRUE, START);
  lost = sink_get (f->sink, 2);
  sequences[0] = lost->sequence;
  sequences[1] = sink_get (f->sink, 0)->sequence;
  take (f, feedback_nack (VIDEO_SSRC, sequences, 2), START + 20 * MS);
  g_assert_cmpuint (f->sink->rtp->len, ==, 5);
  again = sink_get (f->sink, 3);
  g_assert_cmphex (again->ssrc, ==, RTX_SSRC);
  g_assert_cmpuint (again->pt, ==, 97);
  g_assert_cmpuint (again->timestamp, ==, lost->timestamp);
  g_assert_true (again->has_marker);
  g_assert_cmpuint (again->payload_size, ==, lost->payload_size + 2);
  g_assert_cmpuint (rtc_read_16 (again->payload), ==, lost->sequence);
  g_assert_cmpmem (again->payload + 2, again->payload_size - 2, lost->payload,
      lost->payload_size);
  g_assert_cmpuint (sink_get (f->sink, 4)->sequence, ==,
      (guint16) (again->sequence + 1));
  g_assert_cmpuint (get_stats (f).total.nacks, ==, 2);
  g_assert_cmpuint (get_stats (f).total.retransmitted_packets, ==, 2);
  g_assert_cmpuint (get_stats (f).total.packets, ==, 5);
}

static void
test_plain_resend (Fixture *f, gconstpointer data)
{
  RtcTrackConfig config = video_config;
  guint track;
  SunkPacket *lost;

  config.rtx_pt = -1;
  track = rtc_outbound_add_track (f->outbound, &config);
  push (f, track, 2, 77, TRUE, START);
  lost = sink_get (f->sink, 0);
  lose (f, lost->sequence, START + MS);
  g_assert_cmpmem (sink_get (f->sink, 2)->data, sink_get (f->sink, 2)->size,
      lost->data, lost->size);
  /* What comes next goes on where it was. */
  push (f, track, 1, 78, FALSE, START + 2 * MS);
  g_assert_cmpuint (sink_get (f->sink, 3)->sequence, ==,
      (guint16) (lost->sequence + 2));
}

static void
test_no_nack_agreed (Fixture *f, gconstpointer data)
{
  RtcTrackConfig config = video_config;
  guint track;

  config.nack = FALSE;
  track = rtc_outbound_add_track (f->outbound, &config);
  push (f, track, 2, 77, TRUE, START);
  lose (f, sink_get (f->sink, 0)->sequence, START + MS);
  g_assert_cmpuint (f->sink->rtp->len, ==, 2);
}

static void
test_unknown_nacks (Fixture *f, gconstpointer data)
{
  guint track = rtc_outbound_add_track (f->outbound, &video_config);
  guint16 sequence;

  lose (f, 5, START);
  push (f, track, 2, 77, TRUE, START);
  sequence = sink_get (f->sink, 0)->sequence;
  lose (f, sequence - 1, START);
  lose (f, sequence + 2, START);
  take (f, feedback_nack (VIDEO_SSRC + 5, &sequence, 1), START);
  lose (f, sequence, START + 3000 * MS);
  g_assert_cmpuint (f->sink->rtp->len, ==, 2);
}

static void
test_patience (Fixture *f, gconstpointer data)
{
  guint track = rtc_outbound_add_track (f->outbound, &video_config);
  guint16 sequence;

  push (f, track, 1, 77, TRUE, START);
  sequence = sink_get (f->sink, 0)->sequence;
  lose (f, sequence, START + 10 * MS);
  g_assert_cmpuint (f->sink->rtp->len, ==, 2);
  lose (f, sequence, START + 20 * MS);
  lose (f, sequence, START + 59 * MS);
  g_assert_cmpuint (f->sink->rtp->len, ==, 2);
  lose (f, sequence, START + 60 * MS);
  g_assert_cmpuint (f->sink->rtp->len, ==, 3);
}

/* One who asks for everything, again and again, is sent half as much as the
 * media once more, and no flood. */
static void
test_nack_flood (Fixture *f, gconstpointer data)
{
  guint track = rtc_outbound_add_track (f->outbound, &video_config);
  guint16 sequences[300];
  gint64 now_us = START;
  RtcOutboundStats stats;

  for (guint i = 0; i < 300; i++, now_us += 33 * MS) {
    guint16 last;

    push (f, track, 4, i, i == 0, now_us);
    last = sink_get (f->sink, f->sink->rtp->len - 1)->sequence;
    if (i % 4 == 0)
      sink_clear (f->sink);
    for (guint j = 0; j < 300; j++)
      sequences[j] = last - j;
    for (guint j = 0; j < 30; j++)
      take (f, feedback_nack (VIDEO_SSRC, sequences, 300), now_us + j * MS);
  }
  stats = get_stats (f);
  g_assert_cmpuint (stats.total.nacks, ==, 300 * 30 * 300);
  g_assert_cmpuint (stats.total.retransmitted_packets, >, 300);
  g_assert_cmpuint (stats.total.retransmitted_bytes, <,
      300 * 4 * 1012 * 7 / 10);
}

static void
test_nacked_pictures_keep_their_numbers (Fixture *f, gconstpointer data)
{
  /* VP8's descriptor with a picture id of 15 bits, before anything else. */
  static const guint8 descriptor[] = { 0x90, 0x80, 0x80, 0x05 };
  RtcTrackConfig config = video_config;
  guint track;
  guint8 *first, *second;
  g_autoptr (RtcFrame) key = sink_frame (1, 20, 0, TRUE);
  g_autoptr (RtcFrame) next = sink_frame (1, 20, 1, FALSE);

  config.layers_kind = RTC_LAYERS_VP8;
  memcpy ((guint8 *) key->payloads[0].data, descriptor, sizeof descriptor);
  memcpy ((guint8 *) next->payloads[0].data, descriptor, sizeof descriptor);
  track = rtc_outbound_add_track (f->outbound, &config);
  rtc_outbound_push (f->outbound, track, key, START);
  rtc_outbound_push (f->outbound, track, next, START);
  first = (guint8 *) sink_get (f->sink, 0)->payload;
  second = (guint8 *) sink_get (f->sink, 1)->payload;
  g_assert_cmpint (memcmp (first, second, 20), !=, 0);
  lose (f, sink_get (f->sink, 0)->sequence, START + MS);
  lose (f, sink_get (f->sink, 1)->sequence, START + MS);
  g_assert_cmpmem (sink_get (f->sink, 2)->payload + 2, 20, first, 20);
  g_assert_cmpmem (sink_get (f->sink, 3)->payload + 2, 20, second, 20);
}

static void
test_key_requests (Fixture *f, gconstpointer data)
{
  guint track = rtc_outbound_add_track (f->outbound, &video_config);

  rtc_outbound_add_track (f->outbound, &audio_config);
  take (f, feedback_pli (VIDEO_SSRC), START);
  take (f, feedback_pli (AUDIO_SSRC), START);
  take (f, feedback_pli (0x77), START);
  g_assert_cmpuint (f->sink->keys->len, ==, 1);
  take (f, feedback_fir (VIDEO_SSRC, 5), START);
  take (f, feedback_fir (VIDEO_SSRC, 5), START + 100 * MS);
  g_assert_cmpuint (f->sink->keys->len, ==, 2);
  take (f, feedback_fir (VIDEO_SSRC, 6), START + 200 * MS);
  g_assert_cmpuint (f->sink->keys->len, ==, 3);
  g_assert_cmpuint (g_array_index (f->sink->keys, guint, 2), ==, track);
  g_assert_cmpuint (get_stats (f).total.key_requests, ==, 3);
}

static void
test_key_storm (Fixture *f, gconstpointer data)
{
  GByteArray *storm = g_byte_array_new ();

  rtc_outbound_add_track (f->outbound, &video_config);
  for (guint i = 0; i < 50; i++) {
    g_autoptr (GBytes) fir = feedback_fir (VIDEO_SSRC, i);
    g_autoptr (GBytes) pli = feedback_pli (VIDEO_SSRC);

    g_byte_array_append (storm, g_bytes_get_data (fir, NULL),
        g_bytes_get_size (fir));
    g_byte_array_append (storm, g_bytes_get_data (pli, NULL),
        g_bytes_get_size (pli));
  }
  take (f, g_byte_array_free_to_bytes (storm), START);
  g_assert_cmpuint (f->sink->keys->len, ==, 1);
}

/* Of one packet of reports: that of @ssrc, with its description behind it. */
static void
read_report (GBytes *bytes, guint32 ssrc, guint64 *ntp, guint32 *timestamp,
    guint32 *packets, guint32 *octets)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  while (size > 0) {
    gsize length = (rtc_read_16 (data + 2) + 1) * 4;

    g_assert_cmpuint (length, <=, size);
    if (data[1] == 200 && rtc_read_32 (data + 4) == ssrc) {
      *ntp = (guint64) rtc_read_32 (data + 8) << 32 | rtc_read_32 (data + 12);
      *timestamp = rtc_read_32 (data + 16);
      *packets = rtc_read_32 (data + 20);
      *octets = rtc_read_32 (data + 24);
      g_assert_cmpuint (data[length + 1], ==, 202);
      g_assert_cmpuint (rtc_read_32 (data + length + 4), ==, ssrc);
      g_assert_cmpint (memcmp (data + length + 10, "abcdefgh", 8), ==, 0);
      return;
    }
    data += length;
    size -= length;
  }
  g_assert_not_reached ();
}

static GBytes *
get_last_report (Fixture *f)
{
  g_assert_cmpuint (f->sink->rtcp->len, >, 0);
  return g_ptr_array_index (f->sink->rtcp, f->sink->rtcp->len - 1);
}

#define CAPTURED G_GINT64_CONSTANT (1700000000000000)

static void
push_captured (Fixture *f, guint track, guint32 timestamp, gint64 captured_us,
    gint64 now_us)
{
  g_autoptr (RtcFrame) frame = sink_frame (1, 100, timestamp, TRUE);

  frame->captured_us = captured_us;
  rtc_outbound_push (f->outbound, track, frame, now_us);
}

/* What a receiver makes of a report: when the packet's frame was captured. */
static gint64
captured_by (GBytes *report, guint32 ssrc, guint32 timestamp, guint clock_rate)
{
  guint64 ntp;
  guint32 then, packets, octets;
  gint64 us;

  read_report (report, ssrc, &ntp, &then, &packets, &octets);
  us = (gint64) (((ntp & 0xffffffff) * G_USEC_PER_SEC) >> 32)
      + ((gint64) (ntp >> 32) - G_GINT64_CONSTANT (2208988800))
          * G_USEC_PER_SEC;
  return us
      + (gint64) (gint32) (timestamp - then) * G_USEC_PER_SEC / clock_rate;
}

static void
test_lip_sync (Fixture *f, gconstpointer data)
{
  guint video = rtc_outbound_add_track (f->outbound, &video_config);
  guint audio = rtc_outbound_add_track (f->outbound, &audio_config);
  GBytes *report;

  /* The picture takes 80 ms to code, the sound 5. */
  push_captured (f, video, 90000, CAPTURED, START + 80 * MS);
  g_assert_cmpuint (f->sink->rtcp->len, ==, 1);
  push_captured (f, audio, 480000, CAPTURED + 90 * MS, START + 95 * MS);
  g_assert_cmpuint (f->sink->rtcp->len, ==, 2);
  report = get_last_report (f);
  g_assert_cmpint (ABS (captured_by (report, VIDEO_SSRC,
                            sink_get (f->sink, 0)->timestamp, 90000)
                       - CAPTURED),
      <, 50);
  g_assert_cmpint (ABS (captured_by (report, AUDIO_SSRC,
                            sink_get (f->sink, 1)->timestamp, 48000)
                       - CAPTURED - 90 * MS),
      <, 50);
}

static void
test_reports_count (Fixture *f, gconstpointer data)
{
  guint video = rtc_outbound_add_track (f->outbound, &video_config);
  guint64 ntp;
  guint32 timestamp, packets, octets;

  rtc_outbound_add_track (f->outbound, &audio_config);
  g_assert_cmpint (rtc_outbound_run (f->outbound, START), ==, -1);
  push (f, video, 3, 0, TRUE, START);
  lose (f, sink_get (f->sink, 0)->sequence, START + MS);
  g_assert_cmpint (rtc_outbound_run (f->outbound, START + 2000 * MS), >, 0);
  read_report (get_last_report (f), VIDEO_SSRC, &ntp, &timestamp, &packets,
      &octets);
  g_assert_cmpuint (packets, ==, 3);
  g_assert_cmpuint (octets, ==, 3000);
  /* The sound has sent nothing: there is one report, with one description. */
  g_assert_cmpuint (g_bytes_get_size (get_last_report (f)), ==, 28 + 20);
}

static void
test_reports_are_rare (Fixture *f, gconstpointer data)
{
  guint video = rtc_outbound_add_track (f->outbound, &video_config);
  gint64 now_us = START;

  push (f, video, 1, 0, TRUE, now_us);
  for (guint i = 1; i < 20; i++) {
    gint64 due_us = rtc_outbound_run (f->outbound, now_us);

    g_assert_cmpint (due_us - now_us, >=, 1000 * MS);
    g_assert_cmpint (due_us - now_us, <=, 1500 * MS);
    rtc_outbound_run (f->outbound, due_us - 1);
    g_assert_cmpuint (f->sink->rtcp->len, ==, i);
    now_us = due_us;
    push (f, video, 1, 0, TRUE, now_us);
    g_assert_cmpuint (f->sink->rtcp->len, ==, i + 1);
  }
}

static guint32
get_last_sr (Fixture *f)
{
  guint64 ntp;
  guint32 timestamp, packets, octets;

  read_report (get_last_report (f), VIDEO_SSRC, &ntp, &timestamp, &packets,
      &octets);
  return ntp >> 16;
}

static void
test_round_trip (Fixture *f, gconstpointer data)
{
  guint video = rtc_outbound_add_track (f->outbound, &video_config);
  guint32 middle;
  guint16 highest;

  g_assert_cmpint (get_stats (f).rtt_ms, ==, -1);
  push_captured (f, video, 0, CAPTURED, START);
  middle = get_last_sr (f);
  highest = sink_get (f->sink, 0)->sequence;
  /* Forged: no such report was sent, or none at all. */
  take (f, feedback_report (VIDEO_SSRC, 0, 0, highest, middle + 1, 0),
      START + 40 * MS);
  take (f, feedback_report (VIDEO_SSRC, 0, 0, highest, 0, 0), START + 40 * MS);
  take (f, feedback_report (0x77, 0, 0, highest, middle, 0), START + 40 * MS);
  g_assert_cmpint (get_stats (f).rtt_ms, ==, -1);
  /* Kept for 250 ms. */
  take (f, feedback_report (VIDEO_SSRC, 0, 0, highest, middle, 16384),
      START + 290 * MS);
  g_assert_cmpint (get_stats (f).rtt_ms, ==, 40);
  /* Kept longer than it is old. */
  take (f, feedback_report (VIDEO_SSRC, 0, 0, highest, middle, G_MAXUINT32),
      START + 290 * MS);
  g_assert_cmpint (get_stats (f).rtt_ms, ==, 35);
  /* Asked for again, a packet may not have arrived within that time. */
  lose (f, highest, START + 300 * MS);
  lose (f, highest, START + 330 * MS);
  g_assert_cmpuint (get_stats (f).total.retransmitted_packets, ==, 1);
  lose (f, highest, START + 336 * MS);
  g_assert_cmpuint (get_stats (f).total.retransmitted_packets, ==, 2);
}

static void
test_losses (Fixture *f, gconstpointer data)
{
  guint video = rtc_outbound_add_track (f->outbound, &video_config);
  guint16 highest;

  push (f, video, 10, 0, TRUE, START);
  highest = sink_get (f->sink, 9)->sequence;
  take (f, feedback_report (VIDEO_SSRC, 64, 3, highest, 0, 0), START);
  g_assert_cmpfloat (get_stats (f).total.loss, ==, 0.25);
  g_assert_cmpint (get_stats (f).total.lost, ==, 3);
  take (f, feedback_report (VIDEO_SSRC, 0, 0x7fffff, highest, 0, 0), START);
  g_assert_cmpint (get_stats (f).total.lost, ==, 10);
  take (f, feedback_report (VIDEO_SSRC, 0, -5, highest, 0, 0), START);
  g_assert_cmpint (get_stats (f).total.lost, ==, 0);
  /* Of packets that were not sent yet, or long before the first. */
  take (f, feedback_report (VIDEO_SSRC, 64, 3, highest + 1, 0, 0), START);
  take (f, feedback_report (VIDEO_SSRC, 64, 3, highest - 20, 0, 0), START);
  g_assert_cmpfloat (get_stats (f).total.loss, ==, 0);
}

static void
test_rescue (Fixture *f, gconstpointer data)
{
  RtcTrackConfig config = video_config;
  guint16 highest;
  guint track;

  config.expects_pli = FALSE;
  track = rtc_outbound_add_track (f->outbound, &config);
  push (f, track, 10, 0, TRUE, START);
  highest = sink_get (f->sink, 9)->sequence;
  take (f, feedback_report (VIDEO_SSRC, 0, 0, highest, 0, 0), START);
  g_assert_cmpuint (f->sink->keys->len, ==, 0);
  take (f, feedback_report (VIDEO_SSRC, 9, 3, highest, 0, 0), START);
  take (f, feedback_report (VIDEO_SSRC, 9, 3, highest, 0, 0),
      START + 1900 * MS);
  g_assert_cmpuint (f->sink->keys->len, ==, 1);
  take (f, feedback_report (VIDEO_SSRC, 9, 3, highest, 0, 0),
      START + 2000 * MS);
  g_assert_cmpuint (f->sink->keys->len, ==, 2);
}

static void
test_heard (Fixture *f, gconstpointer data)
{
  g_assert_cmpint (get_stats (f).heard_us, ==, 0);
  rtc_outbound_take_rtcp (f->outbound, (const guint8 *) "noise", 5, START);
  g_assert_cmpint (get_stats (f).heard_us, ==, 0);
  take (f, feedback_pli (0x77), START + MS);
  g_assert_cmpint (get_stats (f).heard_us, ==, START + MS);
}

/* Runs it whenever it says, as far as that time. */
static gint64
run_until (Fixture *f, gint64 now_us, gint64 until_us)
{
  gint64 due_us;

  while ((due_us = rtc_outbound_run (f->outbound, now_us)) >= 0
      && due_us <= until_us) {
    g_assert_cmpint (due_us, >, now_us);
    now_us = due_us;
  }
  return until_us;
}

static void
test_pace (Fixture *f, gconstpointer data)
{
  guint video = rtc_outbound_add_track (f->outbound, &video_config);
  guint audio = rtc_outbound_add_track (f->outbound, &audio_config);
  guint first;

  take (f, feedback_remb (500000), START);
  push (f, video, 60, 0, TRUE, START);
  first = f->sink->rtp->len;
  g_assert_cmpuint (first, >, 3);
  g_assert_cmpuint (first, <, 40);
  /* Sound does not wait for pictures. */
  push (f, audio, 1, 0, TRUE, START + MS);
  g_assert_cmpuint (sink_get (f->sink, first)->ssrc, ==, AUDIO_SSRC);
  /* What a peer asks for that is about to come. */
  take (f, feedback_pli (VIDEO_SSRC), START + 2 * MS);
  g_assert_cmpuint (f->sink->keys->len, ==, 0);
  run_until (f, START + 2 * MS, START + 150 * MS);
  g_assert_cmpuint (f->sink->rtp->len, >, first + 10);
  g_assert_cmpuint (f->sink->rtp->len, <, 61);
  run_until (f, START + 150 * MS, START + 1000 * MS);
  g_assert_cmpuint (f->sink->rtp->len, ==, 61);
  g_assert_true (sink_get (f->sink, 60)->has_marker);
  take (f, feedback_pli (VIDEO_SSRC), START + 1010 * MS);
  g_assert_cmpuint (f->sink->keys->len, ==, 1);
}

/* Three seconds of 1 Mbit/s for a path of a tenth of that. */
static void
test_too_late (Fixture *f, gconstpointer data)
{
  guint video = rtc_outbound_add_track (f->outbound, &video_config);
  gint64 now_us = START;
  SunkPacket *last;
  guint16 sequence;

  take (f, feedback_remb (100000), now_us);
  push (f, video, 4, 0, TRUE, now_us);
  for (guint i = 1; i < 90; i++) {
    push (f, video, 4, i, FALSE, now_us);
    now_us = run_until (f, now_us, now_us + 33 * MS);
    if (i % 30 == 0)
      take (f, feedback_remb (100000), now_us);
  }
  g_assert_cmpuint (get_stats (f).total.dropped_frames, >, 60);
  g_assert_cmpuint (f->sink->keys->len, >=, 1);
  g_assert_cmpuint (f->sink->keys->len, <=, 3);
  last = sink_get (f->sink, f->sink->rtp->len - 1);
  g_assert_true (last->has_marker);
  sequence = last->sequence;
  sink_clear (f->sink);
  /* With the next key frame it goes on, and nothing is missing in between. */
  push (f, video, 4, 200, TRUE, now_us);
  run_until (f, now_us, now_us + 1000 * MS);
  g_assert_cmpuint (f->sink->rtp->len, ==, 4);
  g_assert_cmpuint (sink_get (f->sink, 0)->sequence, ==,
      (guint16) (sequence + 1));
}

/* A key frame that is behind others that wait takes their place. */
static void
test_key_overtakes (Fixture *f, gconstpointer data)
{
  guint video = rtc_outbound_add_track (f->outbound, &video_config);
  guint32 before;

  take (f, feedback_remb (100000), START);
  push (f, video, 20, 1000, TRUE, START);
  before = sink_get (f->sink, 0)->timestamp;
  for (guint i = 0; i < 10; i++)
    push (f, video, 4, 2000 + i, FALSE, START + i * 33 * MS);
  push (f, video, 2, 3000, TRUE, START + 400 * MS);
  g_assert_cmpuint (get_stats (f).total.dropped_frames, ==, 10);
  run_until (f, START + 400 * MS, START + 4000 * MS);
  g_assert_cmpuint (f->sink->rtp->len, ==, 22);
  g_assert_true (sink_get (f->sink, 19)->has_marker);
  g_assert_cmpuint (sink_get (f->sink, 20)->timestamp - before, ==, 2000);
  g_assert_cmpuint (get_stats (f).total.dropped_frames, ==, 10);
}

/* An owner who keeps the packets until all are there. */
#define ADD(name, function) \
  g_test_add ("/outbound/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("headers", test_headers);
  ADD ("begins-anywhere", test_begins_anywhere);
  ADD ("sound-has-no-marker", test_sound_has_no_marker);
  ADD ("waits-for-key", test_waits_for_key);
  ADD ("transport-numbers", test_transport_numbers);
  ADD ("orientation", test_orientation);
  ADD ("rtx", test_rtx);
  ADD ("plain-resend", test_plain_resend);
  ADD ("no-nack-agreed", test_no_nack_agreed);
  ADD ("unknown-nacks", test_unknown_nacks);
  ADD ("patience", test_patience);
  ADD ("nack-flood", test_nack_flood);
  ADD ("nacked-pictures-keep-their-numbers",
      test_nacked_pictures_keep_their_numbers);
  ADD ("key-requests", test_key_requests);
  ADD ("key-storm", test_key_storm);
  ADD ("lip-sync", test_lip_sync);
  ADD ("reports-count", test_reports_count);
  ADD ("reports-are-rare", test_reports_are_rare);
  ADD ("round-trip", test_round_trip);
  ADD ("losses", test_losses);
  ADD ("rescue", test_rescue);
  ADD ("heard", test_heard);
  ADD ("pace", test_pace);
  ADD ("too-late", test_too_late);
  ADD ("key-overtakes", test_key_overtakes);
  return g_test_run ();
}
