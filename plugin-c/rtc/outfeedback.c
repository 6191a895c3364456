/* What a peer says of what it was sent. */
#include "outboundinternal.h"
#include "rtcp.h"

/* Packets asked for that are looked up for one call: more are in no history
 * that could still be of use. */
#define NACKS_MAX 512
/* Packets between two reports: seconds of the fastest stream. */
#define REPORTED_MAX 65535

/* A round trip longer than that is a lie, or of no use. */
#define RTT_MAX_US (10 * G_USEC_PER_SEC)

/* Of a peer that cannot ask for key frames. */
#define RESCUE_US (2 * G_USEC_PER_SEC)

/* How much of what a probe has shown is relied on. */
#define PROBE_TRUST 0.95

typedef struct {
  RtcOutbound *outbound;
  gint64 now_us;
  gsize nacks_left;
} Hearing;

static guint
find_track (RtcOutbound *self, guint32 ssrc)
{
  for (guint i = 0; i < self->n_tracks; i++)
    if (self->tracks[i]->config.ssrc == ssrc)
      return i;
  return RTC_OUTBOUND_NO_TRACK;
}

/* Only of a report that we did send can the time be told. */
static const RtcSentReport *
find_report (const RtcOutTrack *track, guint32 middle)
{
  guint n = MIN (track->n_reports, RTC_REPORTS_KEPT);

  for (guint i = 0; i < n; i++)
    if (track->reports[i].middle == middle)
      return &track->reports[i];
  return NULL;
}

static void
take_round_trip (RtcOutbound *self, const RtcOutTrack *track,
    const RtcReportBlock *block, gint64 now_us)
{
  const RtcSentReport *report = find_report (track, block->last_sr);
  gint64 rtt_us;

  if (block->last_sr == 0 || report == NULL)
    return;
  rtt_us =
      now_us - report->sent_us - (gint64) block->delay * G_USEC_PER_SEC / 65536;
  if (rtt_us > RTT_MAX_US)
    return;
  /* Its clock's ticks are 15 µs, and may be rounded up. */
  rtt_us = MAX (rtt_us, 0);
  self->rtt_us = self->rtt_us < 0 ? rtt_us : (7 * self->rtt_us + rtt_us) / 8;
}

/* One of those that tell when each packet arrived. */
static void
take_status (RtcOutbound *self, const RtcTwccArrival *arrival)
{
  RtcSentPacket *sent = rtc_sent_log_find (self->sent, arrival->sequence);
  gboolean is_in_vain;

  /* Told of once more, or never sent. */
  if (sent == NULL || sent->state == RTC_SENT_ARRIVED)
    return;
  /* What is lost while there is no path at all tells nothing of the path. */
  is_in_vain = sent->sent_us < self->back_us;
  if (!arrival->is_received) {
    if (sent->state == RTC_SENT_UNHEARD_OF && !is_in_vain)
      rtc_estimator_take_missing (&self->estimator);
    sent->state = RTC_SENT_LOST;
    return;
  }
  if (sent->state == RTC_SENT_LOST && !is_in_vain)
    rtc_estimator_take_late (&self->estimator);
  sent->state = RTC_SENT_ARRIVED;
  rtc_estimator_take_arrival (&self->estimator, sent->sent_us,
      arrival->arrival_us, sent->size);
  rtc_probe_take_arrival (&self->probe, sent->sent_us, arrival->arrival_us,
      sent->size);
}

/* What the probe shows is worth something only where it was all sent. */
static void
judge_probe (RtcOutbound *self, gboolean is_over, gint64 now_us)
{
  guint64 rate;

  if (rtc_probe_judge (&self->probe, self->estimator.queue_us, is_over, &rate,
          now_us))
    rtc_estimator_raise (&self->estimator, rate * PROBE_TRUST);
}

static void
take_arrivals (Hearing *hearing, const RtcRtcpPacket *packet)
{
  RtcOutbound *self = hearing->outbound;
  RtcTwccReader reader;
  RtcTwccArrival arrival;
  gint64 pressed_us = self->estimator.pressed_us;

  if (self->sent == NULL || !rtc_twcc_begin (&reader, packet, &self->clock))
    return;
  if (rtc_outbound_is_unheard (self, hearing->now_us))
    self->back_us = hearing->now_us;
  while (rtc_twcc_next (&reader, &arrival))
    take_status (self, &arrival);
  self->unheard_us = 0;
  rtc_sent_log_settle (self->sent, reader.sequence - 1);
  rtc_estimator_end_feedback (&self->estimator,
      rtc_rate_meter_get (&self->all, hearing->now_us), hearing->now_us);
  judge_probe (self, self->estimator.pressed_us != pressed_us, hearing->now_us);
  self->adapted_us = 0;
}

static void
take_remb (Hearing *hearing, const RtcRtcpPacket *packet)
{
  guint64 bitrate;

  if (!rtc_rtcp_read_remb (packet, &bitrate))
    return;
  rtc_estimator_take_remb (&hearing->outbound->estimator, bitrate,
      hearing->now_us);
  hearing->outbound->adapted_us = 0;
}

/* Whether it speaks of a packet that was sent. */
static gboolean
is_of_the_past (const RtcOutTrack *track, const RtcReportBlock *block)
{
  guint16 behind = track->sequence - 1 - (guint16) block->highest;

  return track->stats.packets > 0 && behind < 0x8000
      && behind < track->stats.packets;
}

/* One that promised to, and never has, may have promised too much. */
static gboolean
asks_for_itself (const RtcOutTrack *track)
{
  return track->config.expects_pli
      && (track->stats.key_requests > 0 || track->stats.nacks > 0);
}

static void
rescue (RtcOutbound *self, guint index, gint64 now_us)
{
  RtcOutTrack *track = self->tracks[index];

  if (!track->config.is_video || asks_for_itself (track))
    return;
  if (now_us - track->rescued_us < RESCUE_US)
    return;
  track->rescued_us = now_us;
  rtc_outbound_want_key (self, index);
}

/* By what was counted since its last report, not by the fraction, which may be
 * of three packets (RFC 4585 lets reports come with every NACK). */
static void
take_losses (RtcOutbound *self, RtcOutTrack *track, const RtcReportBlock *block,
    gint64 now_us)
{
  gint32 expected = (gint32) (block->highest - track->highest);
  gint32 lost = CLAMP (block->lost - track->lost, 0, MAX (expected, 0));

  if (expected > 0 && expected <= REPORTED_MAX)
    rtc_estimator_take_losses (&self->estimator, (guint) (expected - lost),
        (guint) lost, rtc_rate_meter_get (&self->all, now_us), now_us);
  track->highest = block->highest;
  track->lost = block->lost;
}

static void
take_block (RtcOutbound *self, const RtcReportBlock *block, gint64 now_us)
{
  guint index = find_track (self, block->ssrc);
  RtcOutTrack *track;

  if (index == RTC_OUTBOUND_NO_TRACK)
    return;
  track = self->tracks[index];
  if (!is_of_the_past (track, block))
    return;
  track->stats.lost = CLAMP (block->lost, 0, (gint64) track->stats.packets);
  track->stats.loss = block->fraction_lost / 256.0;
  take_round_trip (self, track, block, now_us);
  take_losses (self, track, block, now_us);
  if (block->fraction_lost > 0)
    rescue (self, index, now_us);
}

static void
take_blocks (Hearing *hearing, const RtcRtcpPacket *packet)
{
  guint n = rtc_rtcp_count_report_blocks (packet);
  RtcReportBlock block;

  for (guint i = 0; i < n; i++) {
    rtc_rtcp_read_report_block (packet, i, &block);
    take_block (hearing->outbound, &block, hearing->now_us);
  }
}

static void
take_nack (Hearing *hearing, const RtcRtcpPacket *packet, guint track)
{
  guint16 sequences[NACKS_MAX];
  gsize n = rtc_rtcp_read_nack (packet, sequences, hearing->nacks_left);

  hearing->nacks_left -= n;
  for (gsize i = 0; i < n; i++)
    rtc_outbound_lose (hearing->outbound, track, sequences[i], hearing->now_us);
}

static void
take_key_request (RtcOutbound *self, guint track, gint64 now_us)
{
  if (track == RTC_OUTBOUND_NO_TRACK || !self->tracks[track]->config.is_video)
    return;
  self->tracks[track]->stats.key_requests++;
  rtc_outbound_ask_for_key (self, track, now_us);
}

static void
take_fir (Hearing *hearing, const RtcRtcpPacket *packet)
{
  RtcOutbound *self = hearing->outbound;
  guint n = rtc_rtcp_count_fir (packet);

  for (guint i = 0; i < n; i++) {
    guint32 ssrc;
    guint8 command;
    guint index;

    rtc_rtcp_read_fir (packet, i, &ssrc, &command);
    index = find_track (self, ssrc);
    /* Sent again until a key frame comes: that is still one request. */
    if (index == RTC_OUTBOUND_NO_TRACK
        || self->tracks[index]->fir_command == command)
      continue;
    self->tracks[index]->fir_command = command;
    take_key_request (self, index, hearing->now_us);
  }
}

static void
take_feedback (Hearing *hearing, const RtcRtcpPacket *packet)
{
  guint32 media;
  guint track;

  if (!rtc_rtcp_read_media (packet, &media))
    return;
  track = find_track (hearing->outbound, media);
  if (rtc_rtcp_is_pli (packet))
    take_key_request (hearing->outbound, track, hearing->now_us);
  else if (track != RTC_OUTBOUND_NO_TRACK)
    take_nack (hearing, packet, track);
  /* These name their streams themselves, or mean all. */
  take_fir (hearing, packet);
  take_arrivals (hearing, packet);
  take_remb (hearing, packet);
}

void
rtc_outbound_hear (RtcOutbound *self, const guint8 *data, gsize size,
    gint64 now_us)
{
  Hearing hearing = { self, now_us, NACKS_MAX };
  RtcRtcpPacket packet;

  while (rtc_rtcp_next (&data, &size, &packet)) {
    self->heard_us = now_us;
    take_blocks (&hearing, &packet);
    take_feedback (&hearing, &packet);
  }
}
