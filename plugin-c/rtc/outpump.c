/* What is sent when: sound at once, then what was lost, then pictures. */
#include "outboundinternal.h"

/* Between two retransmissions of a packet while the round trip is not known;
 * and the least that a peer can make of it by what it says. */
#define PATIENCE_US (50 * 1000)
#define LEAST_PATIENCE_US (10 * 1000)

/* Retransmissions may take half as much as the media do, and for a moment, for
 * a key frame that was lost, as much as a second of it: who asks for more has
 * lost his path, or is no friend. */
#define LEAST_AGAIN_RATE (16 * 1024)
#define LEAST_AGAIN_DEPTH (64 * 1024)

/* How often we ask for the key frame that a track waits for. */
#define KEY_PATIENCE_US G_USEC_PER_SEC

static guint16
take_twcc (RtcOutbound *self, const RtcOutTrack *track)
{
  return track->config.twcc_id != 0 ? self->twcc++ : 0;
}

static void
emit (RtcOutbound *self, RtcOutTrack *track, guint8 *packet, gsize size)
{
  track->stats.packets++;
  track->stats.bytes += size;
  self->has_sent = TRUE;
  self->events.rtp (self->user_data, packet, size, size + RTC_TRAILER_MAX);
}

static void
send_payload (RtcOutbound *self, RtcOutTrack *track, RtcFrame *frame,
    guint index, gint64 now_us)
{
  guint8 *packet = rtc_outbound_take_room (self);
  gsize size = rtc_out_track_write (track, frame, index,
      take_twcc (self, track), packet, now_us);

  track->octets += frame->payloads[index].size;
  rtc_rate_meter_add (&track->rate, size, now_us);
  emit (self, track, packet, size);
}

static void
begin_frame (RtcOutbound *self, RtcOutTrack *track, const RtcFrame *frame,
    gint64 pushed_us)
{
  track->stats.frames++;
  track->timestamp = frame->timestamp;
  track->captured_us = frame->captured_us;
  if (track->clock_us == 0)
    rtc_outbound_report_soon (self, pushed_us);
  track->clock_us = pushed_us;
}

void
rtc_outbound_send_frame (RtcOutbound *self, RtcOutTrack *track, RtcFrame *frame,
    gint64 now_us)
{
  if (frame->n_payloads == 0 || !rtc_layers_admit (&track->layers, frame))
    return;
  begin_frame (self, track, frame, now_us);
  for (guint i = 0; i < frame->n_payloads; i++)
    send_payload (self, track, frame, i, now_us);
}

static gint64
get_patience (RtcOutbound *self)
{
  return self->rtt_us < 0 ? PATIENCE_US : MAX (self->rtt_us, LEAST_PATIENCE_US);
}

void
rtc_outbound_lose (RtcOutbound *self, guint track, guint16 sequence,
    gint64 now_us)
{
  RtcOutTrack *its = self->tracks[track];
  RtcHistoryPacket *sent;

  its->stats.nacks++;
  if (its->history == NULL)
    return;
  sent = rtc_history_find (its->history, sequence, now_us);
  if (sent == NULL)
    return;
  /* What was sent again a moment ago cannot have arrived yet. */
  if (sent->is_again && now_us - sent->last_sent_us < get_patience (self))
    return;
  if (!rtc_lost_queue_push (&self->lost, track, sequence))
    return;
  sent->is_again = TRUE;
  sent->last_sent_us = now_us;
}

static void
send_again (RtcOutbound *self, RtcOutTrack *track, RtcHistoryPacket *sent,
    gint64 now_us)
{
  guint8 *packet = rtc_outbound_take_room (self);
  gsize size =
      rtc_out_track_write_again (track, sent, take_twcc (self, track), packet);

  sent->last_sent_us = now_us;
  track->stats.retransmitted_packets++;
  track->stats.retransmitted_bytes += size;
  rtc_budget_spend (&self->again, size);
  emit (self, track, packet, size);
}

static void
fill_budget (RtcOutbound *self, gint64 now_us)
{
  gint64 rate = 0;

  for (guint i = 0; i < self->n_tracks; i++)
    rate += rtc_rate_meter_get (&self->tracks[i]->rate, now_us) / 8;
  rtc_budget_set (&self->again, MAX (rate / 2, LEAST_AGAIN_RATE),
      MAX (rate, LEAST_AGAIN_DEPTH), now_us);
}

static void
send_lost (RtcOutbound *self, gint64 now_us)
{
  RtcLostPacket lost;
  RtcHistoryPacket *sent;

  if (self->lost.n_packets == 0)
    return;
  fill_budget (self, now_us);
  while (rtc_budget_has (&self->again, now_us)
      && rtc_lost_queue_pop (&self->lost, &lost)) {
    RtcOutTrack *track = self->tracks[lost.track];

    sent = rtc_history_find (track->history, lost.sequence, now_us);
    if (sent != NULL)
      send_again (self, track, sent, now_us);
  }
}

/* Until a key frame comes nothing can be shown, and somebody must ask for it. */
static gboolean
is_useless (RtcOutbound *self, guint index, const RtcFrame *frame,
    gint64 now_us)
{
  RtcOutTrack *track = self->tracks[index];

  if (frame->is_key)
    track->waits_for_key = FALSE;
  if (!track->waits_for_key)
    return FALSE;
  if (now_us - track->key_wanted_us >= KEY_PATIENCE_US) {
    track->key_wanted_us = now_us;
    rtc_outbound_want_key (self, index);
  }
  return TRUE;
}

/* Begins the oldest frame that waits; FALSE when it is not for this peer. */
static gboolean
enter_frame (RtcOutbound *self, guint index, const RtcQueuedFrame *queued,
    gint64 now_us)
{
  RtcOutTrack *track = self->tracks[index];

  if (track->is_begun)
    return TRUE;
  if (queued->frame->n_payloads == 0
      || is_useless (self, index, queued->frame, now_us)
      || !rtc_layers_admit (&track->layers, queued->frame)) {
    track->stats.dropped_frames++;
    return FALSE;
  }
  begin_frame (self, track, queued->frame, queued->pushed_us);
  track->is_begun = TRUE;
  track->next_payload = 0;
  return TRUE;
}

static void
leave_frame (RtcOutTrack *track)
{
  track->is_begun = FALSE;
  rtc_frame_queue_drop (&track->queue);
}

/* The track whose frame has waited longest, or RTC_OUTBOUND_NO_TRACK. */
static guint
find_oldest (RtcOutbound *self)
{
  gint64 oldest_us = G_MAXINT64;
  guint found = RTC_OUTBOUND_NO_TRACK;

  for (guint i = 0; i < self->n_tracks; i++) {
    RtcQueuedFrame *queued = rtc_frame_queue_peek (&self->tracks[i]->queue);

    if (queued != NULL && queued->pushed_us < oldest_us) {
      oldest_us = queued->pushed_us;
      found = i;
    }
  }
  return found;
}

static void
send_pictures (RtcOutbound *self, gint64 now_us)
{
  guint index;

  while ((index = find_oldest (self)) != RTC_OUTBOUND_NO_TRACK) {
    RtcOutTrack *track = self->tracks[index];
    RtcQueuedFrame *queued = rtc_frame_queue_peek (&track->queue);

    if (!enter_frame (self, index, queued, now_us)) {
      leave_frame (track);
      continue;
    }
    while (track->next_payload < queued->frame->n_payloads)
      send_payload (self, track, queued->frame, track->next_payload++, now_us);
    leave_frame (track);
  }
}

void
rtc_outbound_pump (RtcOutbound *self, gint64 now_us)
{
  send_lost (self, now_us);
  send_pictures (self, now_us);
}

gint64
rtc_outbound_next_pump (RtcOutbound *self, gint64 now_us)
{
  if (self->lost.n_packets > 0)
    return now_us + rtc_budget_wait (&self->again, 1, now_us);
  return -1;
}
