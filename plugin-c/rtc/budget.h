/* How much may be sent now: a bucket that fills with time. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RtcBudget:
 * All zero but for `level` is one that is never filled; rtc_budget_set() first.
 */
typedef struct {
  gint64 rate;  /* bytes a second */
  gint64 depth; /* bytes it holds at most */
  gint64 level; /* less than 0: spent ahead */
  gint64 at_us; /* of the level */
} RtcBudget;

/* What is in it stays, as far as it fits; the first time it is filled. */
void rtc_budget_set (RtcBudget *self, gint64 rate, gint64 depth, gint64 now_us);

/* TRUE while anything is left: the last packet may overdraw it. */
gboolean rtc_budget_has (RtcBudget *self, gint64 now_us);

void rtc_budget_spend (RtcBudget *self, gsize size);

/* Until @amount is in it, microseconds; 0 when it is. */
gint64 rtc_budget_wait (RtcBudget *self, gint64 amount, gint64 now_us);

G_END_DECLS
