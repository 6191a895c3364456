/* What is made of what a peer tells: how fast it is sent, and how much. */
#include "outboundinternal.h"

/* While the peer tells nothing new. */
#define INTERVAL_US (100 * 1000)

/* How long a path that was full counts as one that may be. */
#define PRESSED_US (10 * G_USEC_PER_SEC)

/* The queue that a path may make of what is on its way beyond what fills it. */
#define QUEUE_US (300 * 1000)
#define WINDOW_MIN 6000

/* Room for what is not known yet, and for retransmissions. */
#define MARGIN 1.1
#define PROBE_MARGIN 1.2

/* One step of probing; from so little, to so much at least. */
#define PROBE_FACTOR 3
#define PROBE_RATE_MIN 300000

/* A probe wants a path that is not full. */
#define CALM_US (1500 * 1000)
#define QUEUE_CALM_US (50 * 1000)

/* Where nothing can be sent but media, more of them is the probe. */
#define TRIAL_CALM_US (5 * G_USEC_PER_SEC)
#define TRIAL_INTERVAL_US (10 * G_USEC_PER_SEC)

static void
measure (RtcOutbound *self, guint64 *needs, gint64 now_us)
{
  guint64 sum = rtc_rate_meter_get (&self->sounds, now_us);

  for (guint layer = 0; layer < RTC_ALLOCATION_LAYERS; layer++) {
    for (guint i = 0; i < self->n_tracks; i++)
      sum += rtc_rate_meter_get (&self->tracks[i]->needs[layer], now_us);
    needs[layer] = sum;
  }
}

static guint8
find_top (const RtcOutbound *self)
{
  guint8 top = RTC_ALLOCATION_LAYERS - 1;

  while (top > self->allocation.top) {
    for (guint i = 0; i < self->n_tracks; i++)
      if (self->tracks[i]->needs[top].first_us != 0)
        return top;
    top--;
  }
  return top;
}

/* An estimate goes no further than what was sent; a stream that grows on a
 * path that was not found full grows. */
static void
trust (RtcOutbound *self, guint64 need, gint64 now_us)
{
  if (need > rtc_estimator_get (&self->estimator, now_us)
      && !rtc_estimator_is_pressed (&self->estimator, PRESSED_US, now_us)
      && self->probe.state == RTC_PROBE_IDLE)
    rtc_estimator_raise (&self->estimator, need * MARGIN);
}

static void
set_layer (RtcOutbound *self, guint8 layer)
{
  guint8 target = layer == self->allocation.top ? RTC_LAYERS_MAX : layer;

  for (guint i = 0; i < self->n_tracks; i++)
    if (self->tracks[i]->layers.target != target)
      rtc_layers_set_target (&self->tracks[i]->layers, target);
}

static void
set_window (RtcOutbound *self, guint64 rate)
{
  gint64 us = rtc_estimator_get_round_trip (&self->estimator) + QUEUE_US;

  self->window = G_MAXSIZE;
  if (self->estimator.is_told_arrivals && rate < RTC_RATE_MAX)
    self->window = MAX (rate / 8 * us / G_USEC_PER_SEC, WINDOW_MIN);
}

static void
set_pace (RtcOutbound *self, guint64 estimate, gint64 now_us)
{
  guint64 rate = estimate;

  if (self->probe.state == RTC_PROBE_SENDING)
    rate = MAX (rate, self->probe.rate);
  rtc_pacing_set (&self->pacing, rate,
      rtc_estimator_is_lossy (&self->estimator, now_us), now_us);
  set_window (self, rate);
}

static gboolean
is_calm (const RtcOutbound *self, gint64 within_us, gint64 now_us)
{
  return !rtc_estimator_is_pressed (&self->estimator, within_us, now_us)
      && self->estimator.queue_us <= QUEUE_CALM_US;
}

/* Whether it has packets that can be sent again to see what comes of it. */
static gboolean
can_pad (const RtcOutTrack *track, gint64 now_us)
{
  return track->config.is_video && track->config.rtx_pt >= 0
      && track->history != NULL
      && rtc_history_last (track->history, now_us) != NULL;
}

RtcOutTrack *
rtc_outbound_find_padded (RtcOutbound *self, gint64 now_us)
{
  for (guint i = 0; i < self->n_tracks; i++)
    if (can_pad (self->tracks[i], now_us))
      return self->tracks[i];
  return NULL;
}

static void
probe (RtcOutbound *self, guint64 need, guint64 estimate, gint64 now_us)
{
  guint64 rate = MAX (estimate * PROBE_FACTOR, PROBE_RATE_MIN);

  if (!is_calm (self, CALM_US, now_us))
    return;
  rtc_probe_begin (&self->probe, MIN (rate, need * PROBE_MARGIN),
      self->estimator.queue_us, now_us);
}

static void
try_more (RtcOutbound *self, guint64 need, gint64 now_us)
{
  if (!is_calm (self, TRIAL_CALM_US, now_us))
    return;
  rtc_estimator_raise (&self->estimator, need * PROBE_MARGIN);
  rtc_probe_delay (&self->probe, now_us + TRIAL_INTERVAL_US);
}

/* Of all that there is for the peer. */
static guint64
get_most (RtcOutbound *self, const guint64 *needs, gint64 now_us)
{
  guint64 sounds = rtc_rate_meter_get (&self->sounds, now_us);

  return MAX (needs[self->allocation.top], self->wanted + sounds);
}

/* Whether there is more to be sent than the path is known to take. */
static void
look_for_more (RtcOutbound *self, const guint64 *needs, guint64 estimate,
    gint64 now_us)
{
  guint64 most = get_most (self, needs, now_us);
  guint8 top = self->allocation.top;
  guint8 next = MIN (self->allocation.layer + 1, top);

  if (self->probe.state != RTC_PROBE_IDLE || now_us < self->probe.next_us
      || estimate >= most * MARGIN)
    return;
  if (self->estimator.is_told_arrivals
      && rtc_outbound_find_padded (self, now_us) != NULL)
    probe (self, most, estimate, now_us);
  else
    try_more (self, next > self->allocation.layer ? needs[next] : most, now_us);
}

static void
adapt (RtcOutbound *self, gint64 now_us)
{
  guint64 needs[RTC_ALLOCATION_LAYERS];
  guint64 estimate;

  measure (self, needs, now_us);
  trust (self, needs[self->allocation.layer], now_us);
  estimate = rtc_estimator_get (&self->estimator, now_us);
  set_layer (self,
      rtc_allocation_update (&self->allocation, needs, find_top (self),
          estimate,
          rtc_estimator_is_pressed (&self->estimator, PRESSED_US, now_us),
          now_us));
  self->target = needs[self->allocation.layer];
  look_for_more (self, needs, estimate, now_us);
  set_pace (self, estimate, now_us);
}

void
rtc_outbound_adapt (RtcOutbound *self, gint64 now_us)
{
  if (self->adapted_us != 0 && now_us - self->adapted_us < INTERVAL_US)
    return;
  self->adapted_us = now_us;
  adapt (self, now_us);
}
