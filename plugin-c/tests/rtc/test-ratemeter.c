/* Rates over the last second. */
#include "ratemeter.h"

#define MS 1000

/* 1,000 bytes each 10 ms are 800 kbit/s. */
static gint64
feed (RtcRateMeter *meter, gint64 from_us, gint64 until_us)
{
  for (; from_us < until_us; from_us += 10 * MS)
    rtc_rate_meter_add (meter, 1000, from_us);
  return until_us;
}

static void
test_steady (void)
{
  RtcRateMeter meter = { 0 };
  gint64 now_us = feed (&meter, 5 * MS, 3000 * MS + 5 * MS);

  g_assert_cmpuint (rtc_rate_meter_get (&meter, now_us - 10 * MS), >, 700000);
  g_assert_cmpuint (rtc_rate_meter_get (&meter, now_us - 10 * MS), <, 820000);
}

static void
test_early (void)
{
  RtcRateMeter meter = { 0 };

  g_assert_cmpuint (rtc_rate_meter_get (&meter, 1 * MS), ==, 0);
  feed (&meter, 1 * MS, 300 * MS);
  g_assert_cmpuint (rtc_rate_meter_get (&meter, 299 * MS), >, 700000);
  g_assert_cmpuint (rtc_rate_meter_get (&meter, 299 * MS), <, 900000);
}

static void
test_one_frame_is_no_rate (void)
{
  RtcRateMeter meter = { 0 };

  rtc_rate_meter_add (&meter, 10000, 1 * MS);
  g_assert_cmpuint (rtc_rate_meter_get (&meter, 1 * MS), ==, 400000);
}

static void
test_silence (void)
{
  RtcRateMeter meter = { 0 };
  gint64 now_us = feed (&meter, 1 * MS, 2000 * MS);

  g_assert_cmpuint (rtc_rate_meter_get (&meter, now_us + 500 * MS), <, 500000);
  g_assert_cmpuint (rtc_rate_meter_get (&meter, now_us + 1000 * MS), ==, 0);
  /* Long enough for each slot to be of another time. */
  now_us = feed (&meter, now_us + 3600000 * (gint64) MS,
      now_us + 3602000 * (gint64) MS);
  g_assert_cmpuint (rtc_rate_meter_get (&meter, now_us - MS), <, 820000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ratemeter/steady", test_steady);
  g_test_add_func ("/ratemeter/early", test_early);
  g_test_add_func ("/ratemeter/one-frame-is-no-rate",
      test_one_frame_is_no_rate);
  g_test_add_func ("/ratemeter/silence", test_silence);
  return g_test_run ();
}
