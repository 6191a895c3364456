/* The parts of the estimate, each alone: trends, their limits, rates. What
 * they make together is in test-path.c. */
#include "estimator.h"

#define MS G_GINT64_CONSTANT (1000)
#define START (5000 * MS)

/* Bursts of three packets, each second's delay @growth_ms more. */
static guint
send_bursts (RtcDelayTrend *trend, guint n, double growth_ms)
{
  guint samples = 0;

  for (guint i = 0; i < n; i++) {
    gint64 sent_us = START + i * 33 * MS;
    gint64 arrival_us = sent_us + (gint64) (i * 33 * growth_ms);

    /* How long the burst itself takes is of no matter. */
    for (guint j = 0; j < 3; j++)
      samples += rtc_delay_trend_take (trend, sent_us + j,
          arrival_us + j * (i % 5) * MS);
  }
  return samples;
}

static void
test_trend (void)
{
  RtcDelayTrend flat = { 0 }, rising = { 0 }, falling = { 0 };

  g_assert_cmpuint (send_bursts (&flat, 30, 0), ==, 29);
  g_assert_cmpfloat (rtc_delay_trend_get (&flat), ==, 0);
  send_bursts (&rising, 30, 300);
  g_assert_cmpfloat (rtc_delay_trend_get (&rising), >, 20);
  send_bursts (&falling, 30, -300);
  g_assert_cmpfloat (rtc_delay_trend_get (&falling), <, -20);
}

static void
test_trend_needs_samples (void)
{
  RtcDelayTrend trend = { 0 };

  send_bursts (&trend, RTC_DELAY_TREND_SAMPLES, 300);
  g_assert_cmpfloat (rtc_delay_trend_get (&trend), ==, 0);
}

/* A receiver that has started anew, or lies. */
static void
test_jump (void)
{
  RtcDelayTrend trend = { 0 };

  send_bursts (&trend, 30, 300);
  g_assert_false (
      rtc_delay_trend_take (&trend, START + 2000 * MS, G_MAXINT64 / 4));
  g_assert_cmpfloat (rtc_delay_trend_get (&trend), ==, 0);
  g_assert_false (rtc_delay_trend_take (&trend, START + 2040 * MS, 1));
  g_assert_cmpuint (trend.n_samples, ==, 0);
}

static void
test_overuse (void)
{
  RtcOveruse overuse;
  gint64 now_us = START;

  rtc_overuse_init (&overuse);
  g_assert_cmpint (rtc_overuse_take (&overuse, 0, now_us), ==, RTC_USE_NORMAL);
  /* Once is no trend. */
  now_us += 33 * MS;
  g_assert_cmpint (rtc_overuse_take (&overuse, 20, now_us), ==, RTC_USE_NORMAL);
  now_us += 33 * MS;
  g_assert_cmpint (rtc_overuse_take (&overuse, 21, now_us), ==, RTC_USE_OVER);
  now_us += 33 * MS;
  g_assert_cmpint (rtc_overuse_take (&overuse, 1, now_us), ==, RTC_USE_NORMAL);
  now_us += 33 * MS;
  g_assert_cmpint (rtc_overuse_take (&overuse, -40, now_us), ==, RTC_USE_UNDER);
}

/* One that already becomes less is not the time to fall. */
static void
test_overuse_that_passes (void)
{
  RtcOveruse overuse;

  rtc_overuse_init (&overuse);
  rtc_overuse_take (&overuse, 40, START);
  g_assert_cmpint (rtc_overuse_take (&overuse, 30, START + 33 * MS), ==,
      RTC_USE_NORMAL);
}

static void
test_threshold_follows (void)
{
  RtcOveruse overuse;
  gint64 now_us = START;

  rtc_overuse_init (&overuse);
  for (guint i = 0; i < 300; i++, now_us += 33 * MS)
    rtc_overuse_take (&overuse, 0, now_us);
  g_assert_cmpfloat (overuse.threshold, ==, 6);
  for (guint i = 0; i < 300; i++, now_us += 33 * MS)
    rtc_overuse_take (&overuse, 18, now_us);
  g_assert_cmpfloat (overuse.threshold, >, 15);
  /* A spike is not followed, nor a time that jumps. */
  rtc_overuse_take (&overuse, 1e9, G_MAXINT64 / 2);
  g_assert_cmpfloat (overuse.threshold, <, 19);
}

static void
test_rate_falls_once (void)
{
  RtcRateControl control;

  rtc_rate_control_init (&control);
  g_assert_cmpuint (control.rate, ==, RTC_RATE_MAX);
  rtc_rate_control_update (&control, RTC_USE_OVER, 1000000, 50 * MS, START);
  g_assert_cmpuint (control.rate, ==, 850000);
  /* What that has changed cannot be seen yet. */
  rtc_rate_control_update (&control, RTC_USE_OVER, 500000, 50 * MS,
      START + 100 * MS);
  g_assert_cmpuint (control.rate, ==, 850000);
  rtc_rate_control_update (&control, RTC_USE_OVER, 500000, 50 * MS,
      START + 300 * MS);
  g_assert_cmpuint (control.rate, ==, 425000);
  /* It never rises by a fall, nor falls to nothing. */
  rtc_rate_control_update (&control, RTC_USE_OVER, 9000000, 50 * MS,
      START + 1000 * MS);
  g_assert_cmpuint (control.rate, ==, 425000);
  rtc_rate_control_update (&control, RTC_USE_OVER, 0, 50 * MS,
      START + 2000 * MS);
  g_assert_cmpuint (control.rate, ==, RTC_RATE_MIN);
}

static void
rise (RtcRateControl *control, guint64 arriving, guint seconds)
{
  gint64 now_us = control->updated_us;

  for (guint i = 0; i < seconds * 10; i++) {
    now_us += 100 * MS;
    rtc_rate_control_update (control, RTC_USE_NORMAL, arriving, 50 * MS,
        now_us);
  }
}

static void
test_rate_rises (void)
{
  RtcRateControl control;

  rtc_rate_control_init (&control);
  rtc_rate_control_update (&control, RTC_USE_OVER, 1000000, 50 * MS, START);
  /* Close to where it fell, in small steps; each second 10 packets at most. */
  rise (&control, 980000, 2);
  g_assert_cmpuint (control.rate, >, 860000);
  g_assert_cmpuint (control.rate, <, 1000000);
  /* Far above that, 8 in 100 a second. */
  rise (&control, 3000000, 10);
  g_assert_cmpuint (control.rate, >, 1700000);
  g_assert_cmpuint (control.rate, <, 2400000);
  /* Not further than what arrives shows. */
  rise (&control, 2000000, 60);
  g_assert_cmpuint (control.rate, <=, 3010000);
  /* And nothing to send is no reason to fall. */
  rise (&control, 1000, 60);
  g_assert_cmpuint (control.rate, >, 2500000);
}

static void
test_rate_is_held (void)
{
  RtcRateControl control;

  rtc_rate_control_init (&control);
  rtc_rate_control_update (&control, RTC_USE_OVER, 1000000, 50 * MS, START);
  for (guint i = 1; i < 50; i++)
    rtc_rate_control_update (&control, RTC_USE_UNDER, 1000000, 50 * MS,
        START + i * 100 * MS);
  g_assert_cmpuint (control.rate, ==, 850000);
}

static void
test_rate_is_raised (void)
{
  RtcRateControl control;

  rtc_rate_control_init (&control);
  rtc_rate_control_update (&control, RTC_USE_OVER, 1000000, 50 * MS, START);
  rtc_rate_control_raise (&control, 500000);
  g_assert_cmpuint (control.rate, ==, 850000);
  rtc_rate_control_raise (&control, 2000000);
  g_assert_cmpuint (control.rate, ==, 2000000);
  rtc_rate_control_raise (&control, G_MAXUINT64);
  g_assert_cmpuint (control.rate, ==, RTC_RATE_MAX);
}

static void
test_losses (void)
{
  RtcLossControl control;

  rtc_loss_control_init (&control);
  /* A few are nobody's queue. */
  g_assert_false (rtc_loss_control_take (&control, 0.09, 1000000, 0));
  g_assert_cmpuint (control.rate, ==, RTC_RATE_MAX);
  g_assert_true (rtc_loss_control_take (&control, 0.2, 1000000, 0));
  g_assert_cmpuint (control.rate, ==, 900000);
  /* What arrives may be sent. */
  g_assert_true (rtc_loss_control_take (&control, 0.8, 1000000, 800000));
  g_assert_cmpuint (control.rate, ==, 720000);
  g_assert_false (rtc_loss_control_take (&control, 0, 1000000, 0));
  g_assert_cmpuint (control.rate, >, 750000);
  for (guint i = 0; i < 50; i++)
    rtc_loss_control_take (&control, 1, 0, 0);
  g_assert_cmpuint (control.rate, ==, RTC_RATE_MIN);
}

static void
test_losses_need_packets (void)
{
  RtcLossControl control;
  gboolean has_fallen = FALSE;

  rtc_loss_control_init (&control);
  /* Half of so few says nothing within a second. */
  for (guint i = 0; i < 15; i++)
    has_fallen |= rtc_loss_control_count (&control, 1, 1, 1000000, 0,
        START + i * 100 * MS);
  g_assert_false (has_fallen);
  for (guint i = 15; i < 30; i++)
    has_fallen |= rtc_loss_control_count (&control, 1, 1, 1000000, 0,
        START + i * 100 * MS);
  g_assert_true (has_fallen);
}

static void
test_lowest (void)
{
  RtcLowest lowest = { 0 };

  g_assert_cmpint (rtc_lowest_get (&lowest), ==, G_MAXINT64);
  rtc_lowest_take (&lowest, 50, 1000, 1);
  rtc_lowest_take (&lowest, 40, 1000, 500);
  rtc_lowest_take (&lowest, 60, 1000, 900);
  g_assert_cmpint (rtc_lowest_get (&lowest), ==, 40);
  rtc_lowest_take (&lowest, 60, 1000, 1500);
  g_assert_cmpint (rtc_lowest_get (&lowest), ==, 40);
  rtc_lowest_take (&lowest, 70, 1000, 2600);
  g_assert_cmpint (rtc_lowest_get (&lowest), ==, 60);
}

/* 1,000 bytes each 8 ms are 1 Mbit/s, when there is a queue; before and after
 * it the path is idle half the time. */
static void
test_busy (void)
{
  RtcBusyRate busy = { 0 };
  gint64 at_us = START;

  for (guint i = 0; i < 20; i++, at_us += 16 * MS)
    rtc_busy_rate_take (&busy, at_us, 0, 1000);
  g_assert_cmpuint (rtc_busy_rate_get (&busy), ==, 0);
  for (guint i = 0; i < 20; i++, at_us += 8 * MS)
    rtc_busy_rate_take (&busy, at_us, 50 * MS, 1000);
  for (guint i = 0; i < 20; i++, at_us += 16 * MS)
    rtc_busy_rate_take (&busy, at_us, 0, 1000);
  g_assert_cmpuint (rtc_busy_rate_get (&busy), >, 900000);
  g_assert_cmpuint (rtc_busy_rate_get (&busy), <, 1100000);
  /* It is of then, not of now. */
  rtc_busy_rate_take (&busy, at_us + 5000 * MS, 0, 1000);
  g_assert_cmpuint (rtc_busy_rate_get (&busy), ==, 0);
}

static void
test_nothing_known (void)
{
  RtcEstimator estimator;

  rtc_estimator_init (&estimator);
  g_assert_cmpuint (rtc_estimator_get (&estimator, START), ==, RTC_RATE_MAX);
  g_assert_false (rtc_estimator_is_pressed (&estimator, G_USEC_PER_SEC, START));
}

static void
test_remb (void)
{
  RtcEstimator estimator;

  rtc_estimator_init (&estimator);
  rtc_estimator_take_remb (&estimator, 500000, START);
  g_assert_cmpuint (rtc_estimator_get (&estimator, START), ==, 500000);
  g_assert_true (rtc_estimator_is_pressed (&estimator, 1, START));
  /* Neither nothing nor everything is believed. */
  rtc_estimator_take_remb (&estimator, 0, START);
  g_assert_cmpuint (rtc_estimator_get (&estimator, START), ==, RTC_RATE_MIN);
  rtc_estimator_take_remb (&estimator, G_MAXINT64, START);
  g_assert_cmpuint (rtc_estimator_get (&estimator, START), ==, RTC_RATE_MAX);
  /* One that is not repeated is forgotten. */
  rtc_estimator_take_remb (&estimator, 500000, START);
  g_assert_cmpuint (rtc_estimator_get (&estimator, START + 11000 * MS), ==,
      RTC_RATE_MAX);
}

#define ADD(name, function) g_test_add_func ("/estimator/" name, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("trend", test_trend);
  ADD ("trend-needs-samples", test_trend_needs_samples);
  ADD ("jump", test_jump);
  ADD ("overuse", test_overuse);
  ADD ("overuse-that-passes", test_overuse_that_passes);
  ADD ("threshold-follows", test_threshold_follows);
  ADD ("rate-falls-once", test_rate_falls_once);
  ADD ("rate-rises", test_rate_rises);
  ADD ("rate-is-held", test_rate_is_held);
  ADD ("rate-is-raised", test_rate_is_raised);
  ADD ("losses", test_losses);
  ADD ("losses-need-packets", test_losses_need_packets);
  ADD ("lowest", test_lowest);
  ADD ("busy", test_busy);
  ADD ("nothing-known", test_nothing_known);
  ADD ("remb", test_remb);
  return g_test_run ();
}
