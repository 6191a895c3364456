#include "estimator.h"

/* What arrives in a shorter time is one frame; in a longer one the rate of a
 * path that has just got thin is that of the one it was. */
#define ARRIVING_SLOT_US (30 * 1000)

/* A queue that holds packets back so long is too long, however slowly it
 * grows: and one that is full grows no more. */
#define QUEUE_MAX_US (250 * 1000)

/* A shorter queue is no harm; and jitter, or a frame of our own, makes one as
 * long, though not twice in a row. */
#define QUEUE_MIN_US (30 * 1000)

/* In this time two clocks part by less than a ms; and a queue that lasts longer,
 * which others make, is the path as it is. */
#define TRANSIT_WHILE_US (8 * G_USEC_PER_SEC)

/* Such losses, for so long, mean that bursts may not fit into the path. */
#define LOSSY 0.05
#define LOSSY_US (15 * G_USEC_PER_SEC)

/* A peer that tells of nothing any more tells of no losses. */
#define LOSS_WHILE_US (10 * G_USEC_PER_SEC)

#define ROUND_TRIP_GUESS_US (200 * 1000)

/* An estimate of the receiver's own that it does not repeat. */
#define REMB_WHILE_US (10 * G_USEC_PER_SEC)

void
rtc_estimator_init (RtcEstimator *self)
{
  *self = (RtcEstimator){ .arriving.slot_us = ARRIVING_SLOT_US,
    .least_transit_us = G_MAXINT64 };
  rtc_overuse_init (&self->overuse);
  rtc_rate_control_init (&self->control);
  rtc_loss_control_init (&self->loss);
}

static gint64
get_queue (const RtcEstimator *self, gint64 transit_us)
{
  gint64 lowest_us = rtc_lowest_get (&self->transit);

  return lowest_us == G_MAXINT64 ? 0 : MAX (transit_us - lowest_us, 0);
}

void
rtc_estimator_take_arrival (RtcEstimator *self, gint64 sent_us,
    gint64 arrival_us, gsize size)
{
  self->n_arrived++;
  self->arrival_us = arrival_us;
  self->newest_sent_us = MAX (self->newest_sent_us, sent_us);
  self->least_transit_us = MIN (self->least_transit_us, arrival_us - sent_us);
  rtc_rate_meter_add (&self->arriving, size, arrival_us);
  rtc_busy_rate_take (&self->busy, arrival_us,
      get_queue (self, arrival_us - sent_us), size);
  if (rtc_delay_trend_take (&self->trend, sent_us, arrival_us)
      && rtc_overuse_take (&self->overuse, rtc_delay_trend_get (&self->trend),
             arrival_us)
          == RTC_USE_OVER)
    self->is_over = TRUE;
}

void
rtc_estimator_take_missing (RtcEstimator *self)
{
  self->n_lost++;
}

void
rtc_estimator_take_late (RtcEstimator *self)
{
  if (self->loss.n_lost > 0)
    self->loss.n_lost--;
}

static void
measure_queue (RtcEstimator *self, gint64 now_us)
{
  rtc_lowest_take (&self->transit, self->least_transit_us, TRANSIT_WHILE_US,
      now_us);
  self->queue_us = get_queue (self, self->least_transit_us);
}

/* A queue that gets shorter is one that has been noticed. */
static gboolean
is_full (RtcEstimator *self, gint64 queue_before_us)
{
  if (self->queue_us < MAX (queue_before_us, QUEUE_MIN_US))
    return FALSE;
  return (self->is_over && queue_before_us > QUEUE_MIN_US / 2)
      || queue_before_us > QUEUE_MAX_US;
}

static void
measure_round_trip (RtcEstimator *self, gint64 now_us)
{
  rtc_lowest_take (&self->round_trip, MAX (now_us - self->newest_sent_us, 0),
      TRANSIT_WHILE_US, now_us);
}

/* Of a full path, what it takes; else what it was sent. */
static guint64
get_arriving (RtcEstimator *self, RtcUse use)
{
  guint64 rate = use == RTC_USE_OVER ? rtc_busy_rate_get (&self->busy) : 0;

  return rate > 0 ? rate
                  : rtc_rate_meter_get (&self->arriving, self->arrival_us);
}

static void
judge_delays (RtcEstimator *self, gint64 now_us)
{
  gint64 queue_before_us = self->queue_us;
  RtcUse use = self->overuse.use;

  measure_queue (self, now_us);
  measure_round_trip (self, now_us);
  if (is_full (self, queue_before_us)) {
    use = RTC_USE_OVER;
    self->pressed_us = now_us;
  } else if (use == RTC_USE_OVER) {
    use = RTC_USE_UNDER;
  }
  rtc_rate_control_update (&self->control, use, get_arriving (self, use),
      rtc_estimator_get_round_trip (self), now_us);
}

void
rtc_estimator_end_feedback (RtcEstimator *self, guint64 sending, gint64 now_us)
{
  self->is_told_arrivals = TRUE;
  if (self->n_arrived > 0)
    judge_delays (self, now_us);
  if (rtc_loss_control_count (&self->loss, self->n_arrived, self->n_lost,
          sending, get_arriving (self, RTC_USE_OVER), now_us))
    self->pressed_us = now_us;
  if (self->loss.loss >= LOSSY)
    self->lossy_us = now_us;
  self->n_arrived = self->n_lost = 0;
  self->is_over = FALSE;
  self->least_transit_us = G_MAXINT64;
}

void
rtc_estimator_take_losses (RtcEstimator *self, guint n_arrived, guint n_lost,
    guint64 sending, gint64 now_us)
{
  guint64 arriving = sending * n_arrived / MAX (n_arrived + n_lost, 1);

  if (self->is_told_arrivals)
    return;
  if (rtc_loss_control_count (&self->loss, n_arrived, n_lost, sending, arriving,
          now_us))
    self->pressed_us = now_us;
  if (self->loss.loss >= LOSSY)
    self->lossy_us = now_us;
}

void
rtc_estimator_take_remb (RtcEstimator *self, guint64 bitrate, gint64 now_us)
{
  self->remb = CLAMP (bitrate, RTC_RATE_MIN, RTC_RATE_MAX);
  self->remb_us = now_us;
}

static gboolean
has_remb (const RtcEstimator *self, gint64 now_us)
{
  return self->remb_us != 0 && now_us - self->remb_us < REMB_WHILE_US;
}

guint64
rtc_estimator_get (const RtcEstimator *self, gint64 now_us)
{
  guint64 rate = MIN (self->control.rate, self->loss.rate);

  return has_remb (self, now_us) ? MIN (rate, self->remb) : rate;
}

void
rtc_estimator_raise (RtcEstimator *self, guint64 rate)
{
  rtc_rate_control_raise (&self->control, rate);
  rtc_loss_control_raise (&self->loss, rate);
}

gint64
rtc_estimator_get_round_trip (const RtcEstimator *self)
{
  gint64 us = rtc_lowest_get (&self->round_trip);

  return us == G_MAXINT64 ? ROUND_TRIP_GUESS_US : us;
}

gboolean
rtc_estimator_is_pressed (const RtcEstimator *self, gint64 within_us,
    gint64 now_us)
{
  if (has_remb (self, now_us)
      && self->remb <= MIN (self->control.rate, self->loss.rate))
    return TRUE;
  return self->pressed_us != 0 && now_us - self->pressed_us < within_us;
}

double
rtc_estimator_get_loss (const RtcEstimator *self, gint64 now_us)
{
  return now_us - self->loss.since_us < LOSS_WHILE_US ? self->loss.loss : 0;
}

gboolean
rtc_estimator_is_lossy (const RtcEstimator *self, gint64 now_us)
{
  return self->lossy_us != 0 && now_us - self->lossy_us < LOSSY_US;
}
