/* What is sent when: sound at once, then what was lost, then pictures, and at
 * last what is sent only to see whether it arrives. */
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

/* Of packets that nothing was heard of for so long, nothing will be heard. */
#define WORD_US (1500 * 1000)

/* While the window is full only the peer's word, or that time, can open it. */
#define WINDOW_STEP_US (100 * 1000)

/* A peer that has told of packets and tells of none for so long gets none of
 * those that would be in vain: one now and then shows when it is back. */
#define SILENCE_US (2 * G_USEC_PER_SEC)
#define SIGN_OF_LIFE_US (200 * 1000)

#define PROBE_STEP_US (5 * 1000)

/* Of one call; and how far back one looks for a packet that is worth it. */
#define PADDING_PACKETS_MAX 64
#define PADDING_SEARCH 8
#define PADDING_SIZE_MIN 400

static void
emit (RtcOutbound *self, RtcOutTrack *track, guint8 *packet, gsize size,
    gboolean is_numbered, gint64 now_us)
{
  track->stats.packets++;
  track->stats.bytes += size;
  rtc_rate_meter_add (&self->all, size, now_us);
  rtc_pacing_spend (&self->pacing, size);
  rtc_probe_count_sent (&self->probe, size);
  /* Its number is the one that was taken last. */
  if (is_numbered) {
    rtc_sent_log_add (self->sent, self->twcc - 1, size, now_us);
    self->unheard_us = self->unheard_us != 0 ? self->unheard_us : now_us;
    self->last_sent_us = now_us;
  }
  self->events.rtp (self->user_data, packet, size, size + RTC_TRAILER_MAX);
}

static guint16
take_twcc (RtcOutbound *self, const RtcOutTrack *track)
{
  return track->config.twcc_id != 0 ? self->twcc++ : 0;
}

static void
send_payload (RtcOutbound *self, RtcOutTrack *track, RtcFrame *frame,
    guint index, gint64 now_us)
{
  guint8 *packet = self->buffer;
  gsize size = rtc_out_track_write (track, frame, index,
      take_twcc (self, track), packet, now_us);

  track->octets += frame->payloads[index].size;
  rtc_rate_meter_add (&self->media, size, now_us);
  emit (self, track, packet, size, track->config.twcc_id != 0, now_us);
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
  gsize headers = (gsize) frame->n_payloads * RTC_HEADER_USUAL;

  if (frame->n_payloads == 0 || !rtc_layers_admit (&track->layers, frame))
    return;
  rtc_rate_meter_add (&self->sounds, frame->size + headers, now_us);
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

static gsize
send_again (RtcOutbound *self, RtcOutTrack *track, RtcHistoryPacket *sent,
    gint64 now_us)
{
  guint8 *packet = self->buffer;
  gboolean is_numbered =
      track->config.rtx_pt >= 0 && track->config.twcc_id != 0;
  gsize size = rtc_out_track_write_again (track, sent,
      is_numbered ? take_twcc (self, track) : 0, packet);

  emit (self, track, packet, size, is_numbered, now_us);
  return size;
}

static void
mend (RtcOutbound *self, const RtcLostPacket *lost, gint64 now_us)
{
  RtcOutTrack *track = self->tracks[lost->track];
  RtcHistoryPacket *sent =
      rtc_history_find (track->history, lost->sequence, now_us);
  gsize size;

  if (sent == NULL)
    return;
  sent->last_sent_us = now_us;
  size = send_again (self, track, sent, now_us);
  track->stats.retransmitted_packets++;
  track->stats.retransmitted_bytes += size;
  rtc_budget_spend (&self->again, size);
}

static void
fill_budget (RtcOutbound *self, gint64 now_us)
{
  gint64 rate = rtc_rate_meter_get (&self->media, now_us) / 8;

  rtc_budget_set (&self->again, MAX (rate / 2, LEAST_AGAIN_RATE),
      MAX (rate, LEAST_AGAIN_DEPTH), now_us);
}

static void
send_lost (RtcOutbound *self, gint64 now_us)
{
  RtcLostPacket lost;

  if (self->lost.n_packets == 0)
    return;
  fill_budget (self, now_us);
  while (rtc_outbound_may_send (self, now_us)
      && rtc_budget_has (&self->again, now_us)
      && rtc_lost_queue_pop (&self->lost, &lost))
    mend (self, &lost, now_us);
}

gboolean
rtc_outbound_is_unheard (const RtcOutbound *self, gint64 now_us)
{
  return self->estimator.is_told_arrivals && self->unheard_us != 0
      && now_us - self->unheard_us > SILENCE_US;
}

gboolean
rtc_outbound_may_send (RtcOutbound *self, gint64 now_us)
{
  if (rtc_outbound_is_unheard (self, now_us)
      && now_us - self->last_sent_us < SIGN_OF_LIFE_US)
    return FALSE;
  if (self->window != G_MAXSIZE && self->sent->bytes_on_way >= self->window)
    return FALSE;
  return rtc_pacing_may_send (&self->pacing, now_us);
}

/* Begins the oldest frame that waits; FALSE when it is of no layer of this peer. */
static gboolean
enter_frame (RtcOutbound *self, RtcOutTrack *track,
    const RtcQueuedFrame *queued)
{
  if (track->is_begun)
    return TRUE;
  if (!rtc_layers_admit (&track->layers, queued->frame)) {
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

/* The track whose frame has waited longest, or NULL. */
static RtcOutTrack *
find_oldest (RtcOutbound *self)
{
  gint64 oldest_us = G_MAXINT64;
  RtcOutTrack *found = NULL;

  for (guint i = 0; i < self->n_tracks; i++) {
    RtcQueuedFrame *queued = rtc_frame_queue_peek (&self->tracks[i]->queue);

    if (queued != NULL && queued->pushed_us < oldest_us) {
      oldest_us = queued->pushed_us;
      found = self->tracks[i];
    }
  }
  return found;
}

/* FALSE when it had to stop in its midst. */
static gboolean
send_picture (RtcOutbound *self, RtcOutTrack *track, RtcFrame *frame,
    gint64 now_us)
{
  while (track->next_payload < frame->n_payloads) {
    if (!rtc_outbound_may_send (self, now_us))
      return FALSE;
    send_payload (self, track, frame, track->next_payload++, now_us);
  }
  return TRUE;
}

static void
send_pictures (RtcOutbound *self, gint64 now_us)
{
  RtcOutTrack *track;

  while ((track = find_oldest (self)) != NULL
      && rtc_outbound_may_send (self, now_us)) {
    RtcQueuedFrame *queued = rtc_frame_queue_peek (&track->queue);

    if (enter_frame (self, track, queued)
        && !send_picture (self, track, queued->frame, now_us))
      return;
    leave_frame (track);
  }
}

/* A packet of the last that were sent, one after the other; small ones cost
 * much and fill little. */
static RtcHistoryPacket *
choose_padding (RtcOutTrack *track, gint64 now_us)
{
  RtcHistoryPacket *found = NULL;

  for (guint i = 0; i < PADDING_SEARCH; i++) {
    found = rtc_history_find (track->history, track->padded--, now_us);
    if (found == NULL) {
      found = rtc_history_last (track->history, now_us);
      track->padded = found != NULL ? found->sequence - 1 : 0;
    }
    if (found == NULL
        || found->frame->payloads[found->index].size >= PADDING_SIZE_MIN)
      return found;
  }
  return found;
}

static gsize
pad (RtcOutbound *self, RtcOutTrack *track, gint64 now_us)
{
  RtcHistoryPacket *sent = choose_padding (track, now_us);
  gsize size;

  if (sent == NULL)
    return 0;
  size = send_again (self, track, sent, now_us);
  track->stats.padding_packets++;
  track->stats.padding_bytes += size;
  return size;
}

static void
send_padding (RtcOutbound *self, gint64 now_us)
{
  RtcOutTrack *track = rtc_outbound_find_padded (self, now_us);

  if (track == NULL)
    return;
  for (guint i = 0;
       i < PADDING_PACKETS_MAX && rtc_probe_get_due (&self->probe, now_us) > 0
       && pad (self, track, now_us) > 0;
       i++)
    ;
}

void
rtc_outbound_pump (RtcOutbound *self, gint64 now_us)
{
  if (self->sent != NULL)
    rtc_sent_log_expire (self->sent, now_us - WORD_US);
  send_lost (self, now_us);
  send_pictures (self, now_us);
  rtc_outbound_drop_late (self, now_us);
  send_padding (self, now_us);
}

static gboolean
has_pictures (RtcOutbound *self)
{
  return find_oldest (self) != NULL;
}

static gint64
get_wait (RtcOutbound *self, gint64 now_us)
{
  gint64 wait_us = rtc_pacing_wait (&self->pacing, now_us);

  if (wait_us == 0 && !rtc_outbound_may_send (self, now_us))
    wait_us = WINDOW_STEP_US;
  if (!has_pictures (self))
    wait_us = MAX (wait_us, rtc_budget_wait (&self->again, 1, now_us));
  return wait_us;
}

gint64
rtc_outbound_next_pump (RtcOutbound *self, gint64 now_us)
{
  if (self->probe.state == RTC_PROBE_SENDING)
    return now_us + PROBE_STEP_US;
  if (self->lost.n_packets == 0 && !has_pictures (self))
    return -1;
  return now_us + get_wait (self, now_us);
}
