#include "outboundinternal.h"

RtcOutbound *
rtc_outbound_new (const RtcOutboundEvents *events, gpointer user_data,
    const char *cname)
{
  RtcOutbound *self = g_new0 (RtcOutbound, 1);

  self->events = *events;
  self->user_data = user_data;
  self->cname = g_strdup (cname);
  self->twcc = g_random_int ();
  self->rtt_us = -1;
  self->window = G_MAXSIZE;
  rtc_estimator_init (&self->estimator);
  rtc_allocation_init (&self->allocation);
  rtc_probe_init (&self->probe);
  return self;
}

void
rtc_outbound_free (RtcOutbound *self)
{
  for (guint i = 0; i < self->n_tracks; i++)
    rtc_out_track_free (self->tracks[i]);
  g_free (self->sent);
  g_free (self->cname);
  g_free (self);
}

guint
rtc_outbound_add_track (RtcOutbound *self, const RtcTrackConfig *config)
{
  if (self->n_tracks == RTC_OUTBOUND_TRACKS_MAX)
    return RTC_OUTBOUND_NO_TRACK;
  self->tracks[self->n_tracks] = rtc_out_track_new (config);
  if (config->twcc_id != 0 && self->sent == NULL)
    self->sent = rtc_sent_log_new ();
  return self->n_tracks++;
}

void
rtc_outbound_set_orientation (RtcOutbound *self, guint track,
    guint8 orientation)
{
  self->tracks[track]->orientation = orientation;
}

void
rtc_outbound_set_wanted (RtcOutbound *self, guint64 bitrate)
{
  self->wanted = MIN (bitrate, RTC_RATE_MAX / 2);
}

void
rtc_outbound_want_key (RtcOutbound *self, guint track)
{
  self->wanted_keys |= 1u << track;
}

static void
tell_wanted_keys (RtcOutbound *self)
{
  guint wanted = self->wanted_keys;

  self->wanted_keys = 0;
  for (guint i = 0; wanted != 0; i++, wanted >>= 1)
    if (wanted & 1)
      self->events.key_frame (self->user_data, i);
}

/* Each call ends so. */
static void
finish (RtcOutbound *self, gint64 now_us)
{
  self->now_us = now_us;
  rtc_outbound_adapt (self, now_us);
  rtc_outbound_pump (self, now_us);
  rtc_outbound_report (self, now_us);
  tell_wanted_keys (self);
}

void
rtc_outbound_push (RtcOutbound *self, guint track, RtcFrame *frame,
    gint64 now_us)
{
  RtcOutTrack *its = self->tracks[track];

  if (!its->config.is_video)
    rtc_outbound_send_frame (self, its, frame, now_us);
  else
    rtc_outbound_enqueue (self, track, frame, now_us);
  finish (self, now_us);
}

void
rtc_outbound_take_rtcp (RtcOutbound *self, const guint8 *data, gsize size,
    gint64 now_us)
{
  rtc_outbound_hear (self, data, size, now_us);
  finish (self, now_us);
}

static gint64
earlier (gint64 a, gint64 b)
{
  return a < 0 || (b >= 0 && b < a) ? b : a;
}

gint64
rtc_outbound_run (RtcOutbound *self, gint64 now_us)
{
  gint64 report_us;

  finish (self, now_us);
  report_us = self->report_due_us == 0 ? -1 : self->report_due_us;
  return earlier (rtc_outbound_next_pump (self, now_us), report_us);
}

static void
get_track_stats (RtcOutbound *self, guint track, RtcTrackStats *stats)
{
  *stats = self->tracks[track]->stats;
  stats->layer = self->allocation.layer;
}

static void
add (RtcTrackStats *total, const RtcTrackStats *one, gboolean is_video)
{
  total->packets += one->packets;
  total->bytes += one->bytes;
  total->retransmitted_packets += one->retransmitted_packets;
  total->retransmitted_bytes += one->retransmitted_bytes;
  total->padding_packets += one->padding_packets;
  total->padding_bytes += one->padding_bytes;
  total->frames += one->frames;
  total->dropped_frames += one->dropped_frames;
  total->lost += one->lost;
  total->nacks += one->nacks;
  total->key_requests += one->key_requests;
  if (is_video) {
    total->loss = MAX (total->loss, one->loss);
    total->layer = one->layer;
  }
}

static guint64
get_estimate (RtcOutbound *self)
{
  guint64 rate = rtc_estimator_get (&self->estimator, self->now_us);

  return rate < RTC_RATE_MAX ? rate : 0;
}

static int
get_queue_ms (const RtcOutbound *self)
{
  if (!self->estimator.is_told_arrivals)
    return -1;
  return MIN (self->estimator.queue_us / 1000, G_MAXINT);
}

void
rtc_outbound_get_stats (RtcOutbound *self, RtcOutboundStats *stats)
{
  *stats = (RtcOutboundStats){
    .rtt_ms = self->rtt_us < 0 ? -1 : self->rtt_us / 1000,
    .estimate = get_estimate (self),
    .target = self->target,
    .loss = rtc_estimator_get_loss (&self->estimator, self->now_us),
    .sounds = rtc_rate_meter_get (&self->sounds, self->now_us),
    .queue_ms = get_queue_ms (self),
    .heard_us = self->heard_us,
  };
  for (guint i = 0; i < self->n_tracks; i++) {
    RtcTrackStats one;

    get_track_stats (self, i, &one);
    add (&stats->total, &one, self->tracks[i]->config.is_video);
    stats->frames[i] = one.frames;
  }
}
