/* The rate that a path's delays allow: down to what arrives when the path is
 * full, and up again by and by (draft-ietf-rmcat-gcc-02 section 5.5). */
#pragma once

#include "overuse.h"

G_BEGIN_DECLS

/* Bit/s: of a path of which nothing bad is known, and of the worst that is
 * still tried. */
#define RTC_RATE_MAX (G_GUINT64_CONSTANT (200) * 1000 * 1000)
#define RTC_RATE_MIN (G_GUINT64_CONSTANT (30) * 1000)

/* rtc_rate_control_init() first. */
typedef struct {
  guint64 rate;
  gboolean is_held;    /* since the path was full; until it is normal */
  gint64 updated_us;   /* 0: never */
  gint64 decreased_us; /* 0: never */

  /* What arrived when the path was full, and how that varies, kbit/s: close
   * to it, steps are small. */
  gboolean has_ceiling;
  double ceiling;
  double variance;
} RtcRateControl;

void rtc_rate_control_init (RtcRateControl *self);

/* @arriving is bit/s; @rtt_us may be a guess. */
void rtc_rate_control_update (RtcRateControl *self, RtcUse use,
    guint64 arriving, gint64 rtt_us, gint64 now_us);

/* It was shown that the path takes so much; it is not lowered. */
void rtc_rate_control_raise (RtcRateControl *self, guint64 rate);

G_END_DECLS
