#include "overuse.h"

#include <math.h>

#define THRESHOLD_AT_FIRST 12.5
#define THRESHOLD_MIN 6
#define THRESHOLD_MAX 600

/* How fast the threshold follows the trend, up and down, in a millisecond: so
 * slowly up that a queue is noticed, so that the flows of others, which make
 * queues too, do not starve us. */
#define FOLLOW_UP 0.0087
#define FOLLOW_DOWN 0.039

/* A trend so far beyond it is a spike, and no reason to follow. */
#define SPIKE 15

#define STEP_MAX_MS 100

/* One sample is no trend. */
#define OVER_US (10 * 1000)

void
rtc_overuse_init (RtcOveruse *self)
{
  *self = (RtcOveruse){ .threshold = THRESHOLD_AT_FIRST };
}

static gint64
get_step (RtcOveruse *self, gint64 now_us)
{
  gint64 step_us = self->taken_us == 0 ? 0 : now_us - self->taken_us;

  self->taken_us = now_us;
  return CLAMP (step_us, 0, STEP_MAX_MS * 1000);
}

static void
follow (RtcOveruse *self, double trend, gint64 step_us)
{
  double size = fabs (trend);
  double pace = size < self->threshold ? FOLLOW_DOWN : FOLLOW_UP;

  if (size > self->threshold + SPIKE)
    return;
  self->threshold += pace * (size - self->threshold) * (step_us / 1000.0);
  self->threshold = CLAMP (self->threshold, THRESHOLD_MIN, THRESHOLD_MAX);
}

static RtcUse
judge_over (RtcOveruse *self, double trend, gint64 step_us)
{
  self->n_over++;
  self->over_us += step_us;
  if (self->n_over < 2 || self->over_us < OVER_US || trend < self->trend)
    return self->use;
  return RTC_USE_OVER;
}

static RtcUse
judge (RtcOveruse *self, double trend, gint64 step_us)
{
  if (trend > self->threshold)
    return judge_over (self, trend, step_us);
  self->n_over = 0;
  self->over_us = 0;
  return trend < -self->threshold ? RTC_USE_UNDER : RTC_USE_NORMAL;
}

RtcUse
rtc_overuse_take (RtcOveruse *self, double trend, gint64 now_us)
{
  gint64 step_us = get_step (self, now_us);

  self->use = judge (self, trend, step_us);
  follow (self, trend, step_us);
  self->trend = trend;
  return self->use;
}
