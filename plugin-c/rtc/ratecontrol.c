#include "ratecontrol.h"

#include <math.h>

#define DECREASE 0.85

/* In a second, far from the ceiling. */
#define INCREASE 1.08

#define STEP_MAX_S 1.0

/* Beyond what arrives a rate is a guess, while the sender has no more to send. */
#define GUESS 1.5
#define GUESS_BITS 10000

/* How much one new ceiling counts. */
#define CEILING_SHARE 0.05
#define VARIANCE_MIN 0.4
#define VARIANCE_MAX 2.5

/* A decrease is seen in what arrives only after a round trip, and the
 * feedback's interval. */
#define SETTLE_US (200 * 1000)

#define PACKET_BITS (1200 * 8)
#define FRAMES_A_SECOND 30

void
rtc_rate_control_init (RtcRateControl *self)
{
  *self = (RtcRateControl){ .rate = RTC_RATE_MAX, .variance = VARIANCE_MIN };
}

static double
get_deviation (const RtcRateControl *self)
{
  return sqrt (self->variance * self->ceiling);
}

static void
learn_ceiling (RtcRateControl *self, guint64 arriving)
{
  double kbits = arriving / 1000.0;
  double error;

  if (!self->has_ceiling)
    self->ceiling = kbits;
  self->has_ceiling = TRUE;
  error = self->ceiling - kbits;
  self->ceiling = (1 - CEILING_SHARE) * self->ceiling + CEILING_SHARE * kbits;
  self->variance = (1 - CEILING_SHARE) * self->variance
      + CEILING_SHARE * error * error / MAX (self->ceiling, 1);
  self->variance = CLAMP (self->variance, VARIANCE_MIN, VARIANCE_MAX);
}

static gboolean
is_far_from_ceiling (const RtcRateControl *self, guint64 arriving)
{
  return fabs (arriving / 1000.0 - self->ceiling) > 3 * get_deviation (self);
}

static void
decrease (RtcRateControl *self, guint64 arriving, gint64 rtt_us, gint64 now_us)
{
  guint64 rate = arriving * DECREASE;

  self->is_held = TRUE;
  if (self->decreased_us != 0
      && now_us - self->decreased_us < rtt_us + SETTLE_US)
    return;
  if (self->has_ceiling && is_far_from_ceiling (self, arriving))
    self->has_ceiling = FALSE;
  learn_ceiling (self, arriving);
  self->decreased_us = now_us;
  self->rate = CLAMP (rate, RTC_RATE_MIN, self->rate);
}

/* Half a packet in a response time. */
static double
get_small_step (const RtcRateControl *self, gint64 rtt_us, double passed_s)
{
  double response_s = 0.1 + (double) rtt_us / G_USEC_PER_SEC;
  double frame_bits = (double) self->rate / FRAMES_A_SECOND;
  double packet_bits = frame_bits / ceil (frame_bits / PACKET_BITS);

  return MAX (1000, 0.5 * MIN (passed_s / response_s, 1) * packet_bits);
}

static double
get_step (const RtcRateControl *self, gint64 rtt_us, double passed_s)
{
  if (self->has_ceiling)
    return get_small_step (self, rtt_us, passed_s);
  return self->rate * (pow (INCREASE, passed_s) - 1);
}

static void
increase (RtcRateControl *self, guint64 arriving, gint64 rtt_us,
    double passed_s)
{
  guint64 most = arriving * GUESS + GUESS_BITS;
  guint64 rate;

  if (self->has_ceiling && arriving / 1000.0 > self->ceiling
      && is_far_from_ceiling (self, arriving))
    self->has_ceiling = FALSE;
  rate = self->rate + get_step (self, rtt_us, passed_s);
  /* It is not lowered for having nothing to send. */
  self->rate = MAX (self->rate, MIN (rate, MIN (most, RTC_RATE_MAX)));
}

void
rtc_rate_control_update (RtcRateControl *self, RtcUse use, guint64 arriving,
    gint64 rtt_us, gint64 now_us)
{
  double passed_s = self->updated_us == 0
      ? 0
      : (double) (now_us - self->updated_us) / G_USEC_PER_SEC;

  self->updated_us = now_us;
  if (use == RTC_USE_OVER)
    decrease (self, arriving, rtt_us, now_us);
  else if (use == RTC_USE_NORMAL && self->is_held)
    self->is_held = FALSE;
  else if (use == RTC_USE_NORMAL)
    increase (self, arriving, rtt_us, CLAMP (passed_s, 0, STEP_MAX_S));
}

void
rtc_rate_control_raise (RtcRateControl *self, guint64 rate)
{
  self->rate = CLAMP (rate, self->rate, RTC_RATE_MAX);
  if (self->has_ceiling && rate / 1000.0 > self->ceiling)
    self->has_ceiling = FALSE;
}
