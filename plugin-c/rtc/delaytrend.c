#include "delaytrend.h"

#include <math.h>

/* Packets that left within this are one burst (section 5.2). */
#define BURST_US 5000

/* A receiver's clock that jumps so far is a new one. */
#define JUMP_MS 3000

#define SMOOTHING 0.8

/* What makes a slope comparable with the detector's threshold: the more
 * samples stand behind it the more it weighs. */
#define WEIGHT_MAX 60
#define GAIN 4

static void
keep (RtcDelayTrend *self, double time_ms, double delay_ms)
{
  guint at = self->n_samples++ % RTC_DELAY_TREND_SAMPLES;

  self->times[at] = time_ms;
  self->delays[at] = delay_ms;
}

static void
begin_burst (RtcDelayTrend *self, gint64 sent_us, gint64 arrival_us)
{
  self->has_burst = TRUE;
  self->sent_us = sent_us;
  self->arrival_us = arrival_us;
}

gboolean
rtc_delay_trend_take (RtcDelayTrend *self, gint64 sent_us, gint64 arrival_us)
{
  double arrived_ms, delay_ms;

  if (!self->has_burst) {
    begin_burst (self, sent_us, arrival_us);
    return FALSE;
  }
  if (sent_us - self->sent_us <= BURST_US)
    return FALSE;
  arrived_ms = (arrival_us - self->arrival_us) / 1000.0;
  delay_ms = arrived_ms - (sent_us - self->sent_us) / 1000.0;
  if (fabs (delay_ms) > JUMP_MS) {
    *self = (RtcDelayTrend){ 0 };
    begin_burst (self, sent_us, arrival_us);
    return FALSE;
  }
  begin_burst (self, sent_us, arrival_us);
  self->since_ms += arrived_ms;
  self->delay_ms += delay_ms;
  self->smoothed_ms =
      SMOOTHING * self->smoothed_ms + (1 - SMOOTHING) * self->delay_ms;
  keep (self, self->since_ms, self->smoothed_ms);
  return TRUE;
}

static double
mean (const double *values)
{
  double sum = 0;

  for (guint i = 0; i < RTC_DELAY_TREND_SAMPLES; i++)
    sum += values[i];
  return sum / RTC_DELAY_TREND_SAMPLES;
}

/* Least squares. */
static double
get_slope (const RtcDelayTrend *self)
{
  double time = mean (self->times), delay = mean (self->delays);
  double above = 0, below = 0;

  for (guint i = 0; i < RTC_DELAY_TREND_SAMPLES; i++) {
    above += (self->times[i] - time) * (self->delays[i] - delay);
    below += (self->times[i] - time) * (self->times[i] - time);
  }
  return below > 0 ? above / below : 0;
}

double
rtc_delay_trend_get (const RtcDelayTrend *self)
{
  if (self->n_samples < RTC_DELAY_TREND_SAMPLES)
    return 0;
  return get_slope (self) * MIN (self->n_samples, WEIGHT_MAX) * GAIN;
}
