#include "outtrack.h"

#include <string.h>

#include "bytes.h"

#define NO_ORIENTATION (-1)

/* Over two seconds: a key frame is no rate. */
#define NEEDS_SLOT_US (200 * 1000)

/* Before any time there is. */
#define LONG_AGO_US (60 * G_USEC_PER_SEC)

G_STATIC_ASSERT (RTC_HEADER_MAX + 2 + RTC_PAYLOAD_MAX + RTC_TRAILER_MAX
    <= RTC_PACKET_CAPACITY);

RtcOutTrack *
rtc_out_track_new (const RtcTrackConfig *config)
{
  RtcOutTrack *self = g_new0 (RtcOutTrack, 1);

  self->config = *config;
  /* In the lower half: a receiver that misses the first packets and sees the
   * number begin anew would count SRTP's cycles wrong for ever (RFC 3711
   * section 3.3.1). */
  self->sequence = g_random_int () & 0x7fff;
  self->rtx_sequence = g_random_int () & 0x7fff;
  self->highest = (guint32) self->sequence - 1;
  self->timestamp_offset = g_random_int ();
  self->waits_for_key = config->is_video;
  self->fir_command = -1;
  self->key_wanted_us = self->rescued_us = self->dropped_us = -LONG_AGO_US;
  self->key_patience_us = RTC_KEY_PATIENCE_US;
  for (guint i = 0; i < RTC_ALLOCATION_LAYERS; i++)
    self->needs[i].slot_us = NEEDS_SLOT_US;
  rtc_layers_init (&self->layers, config->layers_kind);
  if (config->nack)
    self->history = rtc_history_new ();
  return self;
}

void
rtc_out_track_free (RtcOutTrack *self)
{
  rtc_frame_queue_clear (&self->queue);
  g_clear_pointer (&self->history, rtc_history_free);
  g_free (self);
}

static gboolean
is_last (const RtcFrame *frame, guint index)
{
  return index + 1 == frame->n_payloads;
}

/* The standard wants key frames and changes; libwebrtc, which all browsers
 * have, shows a frame that says nothing as one that is not turned. */
static gint8
choose_orientation (RtcOutTrack *self, const RtcFrame *frame, guint index)
{
  guint8 now = self->orientation;

  if (self->config.orientation_id == 0 || !is_last (frame, index))
    return NO_ORIENTATION;
  if (!frame->is_key && now == 0 && self->sent_orientation == 0)
    return NO_ORIENTATION;
  self->sent_orientation = now;
  return now;
}

static void
describe (RtcOutTrack *self, const RtcFrame *frame, guint index,
    gint8 orientation, guint16 twcc, RtcHeader *header)
{
  header->pt = self->config.pt;
  header->has_marker = self->config.is_video && is_last (frame, index);
  header->timestamp = frame->timestamp + self->timestamp_offset;
  header->ssrc = self->config.ssrc;
  header->twcc_id = self->config.twcc_id;
  header->twcc = twcc;
  header->orientation_id =
      orientation == NO_ORIENTATION ? 0 : self->config.orientation_id;
  header->orientation = orientation;
}

static void
remember (RtcOutTrack *self, RtcFrame *frame, guint index, guint16 sequence,
    gint8 orientation, guint16 twcc, gint64 now_us)
{
  RtcHistoryPacket *kept =
      rtc_history_add (self->history, sequence, frame, index, now_us);

  kept->orientation = orientation;
  kept->twcc = twcc;
  kept->ids = self->layers.ids;
}

gsize
rtc_out_track_write (RtcOutTrack *self, RtcFrame *frame, guint index,
    guint16 twcc, guint8 *packet, gint64 now_us)
{
  const RtcPayload *payload = &frame->payloads[index];
  gint8 orientation = choose_orientation (self, frame, index);
  RtcHeader header = { .sequence = self->sequence++ };
  gsize size;

  describe (self, frame, index, orientation, twcc, &header);
  size = rtc_header_write (&header, packet);
  memcpy (packet + size, payload->data, payload->size);
  rtc_layers_rewrite (&self->layers, frame, packet + size, payload->size);
  if (self->history != NULL)
    remember (self, frame, index, header.sequence, orientation, twcc, now_us);
  return size + payload->size;
}

gsize
rtc_out_track_write_again (RtcOutTrack *self, const RtcHistoryPacket *sent,
    guint16 twcc, guint8 *packet)
{
  const RtcPayload *payload = &sent->frame->payloads[sent->index];
  RtcHeader header = { .sequence = sent->sequence };
  gboolean is_rtx = self->config.rtx_pt >= 0;
  gsize size;

  /* The same packet to the last bit: another header under the same number
   * would give away AES-GCM's key of authentication (RFC 7714 section 8.4). */
  describe (self, sent->frame, sent->index, sent->orientation,
      is_rtx ? twcc : sent->twcc, &header);
  if (is_rtx) {
    header.pt = self->config.rtx_pt;
    header.ssrc = self->config.rtx_ssrc;
    header.sequence = self->rtx_sequence++;
  }
  size = rtc_header_write (&header, packet);
  if (is_rtx) {
    rtc_write_16 (packet + size, sent->sequence);
    size += 2;
  }
  memcpy (packet + size, payload->data, payload->size);
  rtc_layers_write_ids (self->config.layers_kind, &sent->ids, packet + size,
      payload->size);
  return size + payload->size;
}
