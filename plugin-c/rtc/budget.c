#include "budget.h"

/* Longer than any bucket takes to fill; what keeps the product in its type. */
#define LONGEST_US (10 * G_USEC_PER_SEC)

static void
fill (RtcBudget *self, gint64 now_us)
{
  gint64 passed = CLAMP (now_us - self->at_us, 0, LONGEST_US);
  gint64 gained = passed * self->rate / G_USEC_PER_SEC;

  /* Time that gained nothing is not lost: it counts the next time. */
  if (gained == 0 && passed < LONGEST_US && self->level < self->depth)
    return;
  self->level = MIN (self->level + gained, self->depth);
  self->at_us = now_us;
}

void
rtc_budget_set (RtcBudget *self, gint64 rate, gint64 depth, gint64 now_us)
{
  if (self->at_us == 0) {
    self->level = depth;
    self->at_us = now_us;
  } else {
    fill (self, now_us);
  }
  self->rate = rate;
  self->depth = depth;
  self->level = MIN (self->level, depth);
}

gboolean
rtc_budget_has (RtcBudget *self, gint64 now_us)
{
  fill (self, now_us);
  return self->level > 0;
}

void
rtc_budget_spend (RtcBudget *self, gsize size)
{
  /* What goes out at any price must not cost others more than one depth. */
  self->level = MAX (self->level - (gint64) size, -self->depth);
}

gint64
rtc_budget_wait (RtcBudget *self, gint64 amount, gint64 now_us)
{
  fill (self, now_us);
  if (self->level >= amount)
    return 0;
  if (self->rate <= 0)
    return LONGEST_US;
  return (amount - self->level) * G_USEC_PER_SEC / self->rate + 1;
}
