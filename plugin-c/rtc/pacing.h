/* When the next packet may go to one peer, so that a path is not flooded. */
#pragma once

#include "budget.h"

G_BEGIN_DECLS

/* rtc_pacing_set() first. */
typedef struct {
  guint64 rate;    /* bit/s that it was set to */
  RtcBudget burst; /* some times as fast, for a short while */
  RtcBudget
      average; /* as fast, in the long run; unused for a path that is not known */
  gboolean has_average;
  gboolean is_gentle;
} RtcPacing;

/* @rate is what the path takes, bit/s; RTC_RATE_MAX when that is not known.
 * Where it @is_gentle, bursts are hardly faster than that: the path's queue may
 * have no room for them. */
void rtc_pacing_set (RtcPacing *self, guint64 rate, gboolean is_gentle,
    gint64 now_us);

gboolean rtc_pacing_may_send (RtcPacing *self, gint64 now_us);

void rtc_pacing_spend (RtcPacing *self, gsize size);

/* Until it is worth while to go on, microseconds; 0: now. */
gint64 rtc_pacing_wait (RtcPacing *self, gint64 now_us);

G_END_DECLS
