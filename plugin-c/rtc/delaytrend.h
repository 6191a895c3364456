/* Whether packets take longer and longer: the queue of a path that is full
 * grows (draft-ietf-rmcat-gcc-02 sections 5.2 and 5.3, with a line through the
 * last delays in place of the Kalman filter).
 *
 * Frames leave in bursts. So a burst is known by its first packet, whose delay
 * is what waited in the path before it, and not how long the burst itself took. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* At thirty bursts a second, 0.4 s. */
#define RTC_DELAY_TREND_SAMPLES 12

/* All zero is one that has seen nothing. */
typedef struct {
  gboolean has_burst;
  gint64 sent_us; /* of the burst's first packet */
  gint64 arrival_us;

  guint n_samples; /* all there were */
  double since_ms; /* first arrival to the last */
  double delay_ms; /* more than at the first */
  double smoothed_ms;
  double times[RTC_DELAY_TREND_SAMPLES];
  double delays[RTC_DELAY_TREND_SAMPLES];
} RtcDelayTrend;

/* Packets in the order they were sent; TRUE when there is a new sample. */
gboolean rtc_delay_trend_take (RtcDelayTrend *self, gint64 sent_us,
    gint64 arrival_us);

/* By how much the delay grows, as a share of the time that passes, weighted as
 * the threshold of the detector expects it; 0 until there are enough samples. */
double rtc_delay_trend_get (const RtcDelayTrend *self);

G_END_DECLS
