/* How much the path to one peer takes, by what the peer tells of what arrived.
 *
 * Where it tells when each packet arrived (transport-wide feedback), by delays
 * and losses; else by its own estimate (REMB) and the losses it reports; and
 * where it tells nothing, nothing is known, and nothing is held back. */
#pragma once

#include "busyrate.h"
#include "delaytrend.h"
#include "losscontrol.h"
#include "lowest.h"
#include "overuse.h"
#include "ratecontrol.h"
#include "ratemeter.h"

G_BEGIN_DECLS

/* rtc_estimator_init() first. */
typedef struct {
  gboolean is_told_arrivals;
  RtcDelayTrend trend;
  RtcOveruse overuse;
  RtcRateControl control;
  RtcLossControl loss;
  RtcRateMeter arriving; /* by the receiver's clock */
  RtcBusyRate busy;
  gint64 arrival_us; /* the last */

  RtcLowest transit;    /* arrival less sending, of two clocks */
  RtcLowest round_trip; /* sending to feedback */
  gint64 queue_us;      /* what the path holds back, as of the last feedback */

  /* Of the feedback being read. */
  gint64 least_transit_us;
  gint64 newest_sent_us;
  gboolean is_over;
  guint n_arrived, n_lost;

  guint64 remb;
  gint64 remb_us;    /* 0: none */
  gint64 lossy_us;   /* when it last lost much; 0: never */
  gint64 pressed_us; /* when the path was last found full; 0: never */
} RtcEstimator;

void rtc_estimator_init (RtcEstimator *self);

/* One feedback is: what it tells of each packet, in the order they were sent,
 * and its end. @sending is bit/s. */
void rtc_estimator_take_arrival (RtcEstimator *self, gint64 sent_us,
    gint64 arrival_us, gsize size);
void rtc_estimator_take_missing (RtcEstimator *self);
void rtc_estimator_end_feedback (RtcEstimator *self, guint64 sending,
    gint64 now_us);

/* One that was missing has come after all. */
void rtc_estimator_take_late (RtcEstimator *self);

/* What one receiver report adds to those before it; without effect where
 * arrivals are told of. */
void rtc_estimator_take_losses (RtcEstimator *self, guint n_arrived,
    guint n_lost, guint64 sending, gint64 now_us);

void rtc_estimator_take_remb (RtcEstimator *self, guint64 bitrate,
    gint64 now_us);

/* Bit/s; RTC_RATE_MAX while nothing bad is known. */
guint64 rtc_estimator_get (const RtcEstimator *self, gint64 now_us);

/* More was sent, and it arrived. */
void rtc_estimator_raise (RtcEstimator *self, guint64 rate);

/* From a packet's sending to the word of it when the path has no queue; a
 * guess while none is known. */
gint64 rtc_estimator_get_round_trip (const RtcEstimator *self);

/* Whether the path was found full within the last @within_us, or the peer says
 * that it is. */
gboolean rtc_estimator_is_pressed (const RtcEstimator *self, gint64 within_us,
    gint64 now_us);

/* Share of packets that were lost, 0 to 1, when last enough of them were told
 * of; 0 when that was long ago. */
double rtc_estimator_get_loss (const RtcEstimator *self, gint64 now_us);

/* Whether it has lost so much of late that bursts may be the reason. */
gboolean rtc_estimator_is_lossy (const RtcEstimator *self, gint64 now_us);

G_END_DECLS
