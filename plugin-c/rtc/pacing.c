#include "pacing.h"

#include "ratecontrol.h"

/* A frame goes out faster than the stream's rate, or each would be a frame's
 * time late. */
#define BURST_FACTOR 2.5
#define GENTLE_FACTOR 1.2
#define BURST_MS 40
#define BURST_DEPTH_MIN 4000

/* In the long run the path gets what it takes, but a key frame may be ahead. */
#define AVERAGE_MS 500
#define AVERAGE_DEPTH_MIN 8000

/* Of a path that is not known: what a home's router holds. */
#define UNKNOWN_RATE (G_GINT64_CONSTANT (40) * 1000 * 1000 / 8)
#define UNKNOWN_DEPTH (64 * 1024)

/* To be woken for less costs more than it brings. */
#define STEP_MS 5

static void
set (RtcBudget *budget, gint64 rate, gint64 ms, gint64 least, gint64 now_us)
{
  rtc_budget_set (budget, rate, MAX (rate * ms / 1000, least), now_us);
}

void
rtc_pacing_set (RtcPacing *self, guint64 rate, gboolean is_gentle,
    gint64 now_us)
{
  double factor = is_gentle ? GENTLE_FACTOR : BURST_FACTOR;
  gint64 bytes = rate / 8;

  if (rate == self->rate && is_gentle == self->is_gentle)
    return;
  self->rate = rate;
  self->is_gentle = is_gentle;
  self->has_average = rate < RTC_RATE_MAX;
  if (self->has_average) {
    set (&self->burst, bytes * factor, BURST_MS, BURST_DEPTH_MIN, now_us);
    set (&self->average, bytes, AVERAGE_MS, AVERAGE_DEPTH_MIN, now_us);
  } else {
    set (&self->burst, UNKNOWN_RATE, 0, UNKNOWN_DEPTH, now_us);
  }
}

gboolean
rtc_pacing_may_send (RtcPacing *self, gint64 now_us)
{
  return rtc_budget_has (&self->burst, now_us)
      && (!self->has_average || rtc_budget_has (&self->average, now_us));
}

void
rtc_pacing_spend (RtcPacing *self, gsize size)
{
  rtc_budget_spend (&self->burst, size);
  if (self->has_average)
    rtc_budget_spend (&self->average, size);
}

static gint64
wait_for_step (RtcBudget *budget, gint64 now_us)
{
  return rtc_budget_wait (budget, budget->rate * STEP_MS / 1000 + 1, now_us);
}

gint64
rtc_pacing_wait (RtcPacing *self, gint64 now_us)
{
  gint64 burst_us, average_us;

  if (rtc_pacing_may_send (self, now_us))
    return 0;
  burst_us = wait_for_step (&self->burst, now_us);
  average_us = self->has_average ? wait_for_step (&self->average, now_us) : 0;
  return MAX (burst_us, average_us);
}
