/* Whether a trend in the delays means that the path is full
 * (draft-ietf-rmcat-gcc-02 section 5.4). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  RTC_USE_NORMAL,
  RTC_USE_OVER,
  RTC_USE_UNDER,
} RtcUse;

/* rtc_overuse_init() first. */
typedef struct {
  double threshold;
  double trend; /* the last */
  gint64 taken_us;
  gint64 over_us; /* how long it has been over the threshold */
  guint n_over;
  RtcUse use;
} RtcOveruse;

void rtc_overuse_init (RtcOveruse *self);

/* @trend is of rtc_delay_trend_get(), and new. */
RtcUse rtc_overuse_take (RtcOveruse *self, double trend, gint64 now_us);

G_END_DECLS
