/* Which layers are sent, when packets may leave, and what a probe finds. */
#include "allocation.h"

#include "pacing.h"
#include "probe.h"
#include "ratecontrol.h"

#define MS G_GINT64_CONSTANT (1000)
#define START (5000 * MS)

static const guint64 needs[] = { 1000000, 1500000, 2000000, 2000000 };

/* For @ms, each 100; returns the layer at the end. */
static guint8
hold (RtcAllocation *self, guint64 estimate, gboolean may_fall, guint ms,
    gint64 *now_us)
{
  guint8 layer = self->layer;

  for (guint i = 0; i < ms; i += 100) {
    *now_us += 100 * MS;
    layer = rtc_allocation_update (self, needs, 2, estimate, may_fall, *now_us);
  }
  return layer;
}

static void
test_all_at_first (void)
{
  RtcAllocation allocation;
  gint64 now_us = START;

  rtc_allocation_init (&allocation);
  g_assert_cmpuint (rtc_allocation_update (&allocation, needs, 0, RTC_RATE_MAX,
                        FALSE, now_us),
      ==, 0);
  /* Layers that show themselves later are sent, too. */
  g_assert_cmpuint (hold (&allocation, RTC_RATE_MAX, FALSE, 100, &now_us), ==,
      2);
}

static void
test_falls (void)
{
  RtcAllocation allocation;
  gint64 now_us = START;

  rtc_allocation_init (&allocation);
  hold (&allocation, 3000000, TRUE, 1000, &now_us);
  /* A dip is none. */
  g_assert_cmpuint (hold (&allocation, 1700000, TRUE, 200, &now_us), ==, 2);
  hold (&allocation, 3000000, TRUE, 100, &now_us);
  g_assert_cmpuint (hold (&allocation, 1700000, TRUE, 200, &now_us), ==, 2);
  g_assert_cmpuint (hold (&allocation, 1700000, TRUE, 300, &now_us), ==, 1);
  /* As far as it must, at once; and never below the lowest. */
  g_assert_cmpuint (hold (&allocation, 100000, TRUE, 500, &now_us), ==, 0);
}

static void
test_falls_for_a_reason (void)
{
  RtcAllocation allocation;
  gint64 now_us = START;

  rtc_allocation_init (&allocation);
  g_assert_cmpuint (hold (&allocation, 100000, FALSE, 5000, &now_us), ==, 2);
}

static void
test_rises_with_care (void)
{
  RtcAllocation allocation;
  gint64 now_us = START;

  rtc_allocation_init (&allocation);
  hold (&allocation, 1100000, TRUE, 1000, &now_us);
  g_assert_cmpuint (allocation.layer, ==, 0);
  /* What would just fit is not enough. */
  g_assert_cmpuint (hold (&allocation, 1550000, TRUE, 9000, &now_us), ==, 0);
  g_assert_cmpuint (hold (&allocation, 2300000, TRUE, 400, &now_us), ==, 0);
  g_assert_cmpuint (hold (&allocation, 2300000, TRUE, 300, &now_us), ==, 1);
  g_assert_cmpuint (hold (&allocation, 2300000, TRUE, 700, &now_us), ==, 2);
}

/* Up and down is worse than down. */
static void
test_patience (void)
{
  RtcAllocation allocation;
  gint64 now_us = START;

  rtc_allocation_init (&allocation);
  hold (&allocation, 1700000, TRUE, 1000, &now_us);
  g_assert_cmpuint (hold (&allocation, 3000000, TRUE, 1000, &now_us), ==, 1);
  g_assert_cmpuint (hold (&allocation, 3000000, TRUE, 1000, &now_us), ==, 2);
  g_assert_cmpuint (hold (&allocation, 1700000, TRUE, 500, &now_us), ==, 1);
  g_assert_cmpuint (hold (&allocation, 3000000, TRUE, 3500, &now_us), ==, 1);
  g_assert_cmpuint (hold (&allocation, 3000000, TRUE, 1000, &now_us), ==, 2);
}

/* Sends as fast as it may for @ms; bytes. */
static gsize
send_for (RtcPacing *pacing, guint ms, gint64 *now_us)
{
  gsize sent = 0;

  for (guint i = 0; i < ms; i++, *now_us += MS)
    while (rtc_pacing_may_send (pacing, *now_us)) {
      rtc_pacing_spend (pacing, 1000);
      sent += 1000;
    }
  return sent;
}

static void
test_pace (void)
{
  RtcPacing pacing = { 0 };
  gint64 now_us = START;
  gsize sent;

  rtc_pacing_set (&pacing, 8000000, FALSE, now_us);
  /* 40 ms of two and a half times 1 MB/s are there, then what comes. */
  sent = send_for (&pacing, 1, &now_us);
  g_assert_cmpuint (sent, >=, 100000);
  g_assert_cmpuint (sent, <, 106000);
  sent = send_for (&pacing, 100, &now_us);
  g_assert_cmpuint (sent, >=, 240000);
  g_assert_cmpuint (sent, <, 260000);
  /* In the long run it is the rate. */
  send_for (&pacing, 2000, &now_us);
  sent = send_for (&pacing, 5000, &now_us);
  g_assert_cmpuint (sent, >=, 4900000);
  g_assert_cmpuint (sent, <, 5100000);
}

static void
test_gentle_pace (void)
{
  RtcPacing pacing = { 0 };
  gint64 now_us = START;
  gsize sent;

  rtc_pacing_set (&pacing, 8000000, TRUE, now_us);
  send_for (&pacing, 10, &now_us);
  sent = send_for (&pacing, 100, &now_us);
  g_assert_cmpuint (sent, >=, 110000);
  g_assert_cmpuint (sent, <, 130000);
}

static void
test_unknown_pace (void)
{
  RtcPacing pacing = { 0 };
  gint64 now_us = START;

  rtc_pacing_set (&pacing, RTC_RATE_MAX, FALSE, now_us);
  g_assert_cmpuint (send_for (&pacing, 1, &now_us), >=, 64000);
  g_assert_cmpuint (send_for (&pacing, 1000, &now_us), >=, 4900000);
}

static void
test_pace_wait (void)
{
  RtcPacing pacing = { 0 };
  gint64 now_us = START;
  gint64 wait_us;

  rtc_pacing_set (&pacing, 8000000, FALSE, now_us);
  g_assert_cmpint (rtc_pacing_wait (&pacing, now_us), ==, 0);
  send_for (&pacing, 1, &now_us);
  now_us -= MS;
  wait_us = rtc_pacing_wait (&pacing, now_us);
  g_assert_cmpint (wait_us, >, 0);
  g_assert_cmpint (wait_us, <, 10 * MS);
  g_assert_cmpint (rtc_pacing_wait (&pacing, now_us + wait_us), ==, 0);
  /* A path that has got thin is not given what it once would have taken. */
  rtc_pacing_set (&pacing, 80000, FALSE, now_us);
  g_assert_cmpuint (send_for (&pacing, 1000, &now_us), <, 20000);
}

/* Sends what is due at @rate, of which the path lets @capacity through. */
static guint64
probe_path (RtcProbe *probe, guint64 rate, guint64 capacity,
    gboolean *has_ended, gint64 *now_us)
{
  gint64 free_us = *now_us;
  guint64 found = 0;

  *has_ended = FALSE;
  rtc_probe_begin (probe, rate, 0, *now_us);
  for (guint ms = 0; ms < 2000 && !*has_ended; ms += 5, *now_us += 5 * MS) {
    gsize size = MIN (MAX (rtc_probe_get_due (probe, *now_us), 100), 2000);

    rtc_probe_count_sent (probe, size);
    free_us = MAX (free_us, *now_us) + size * 8 * G_USEC_PER_SEC / capacity;
    rtc_probe_take_arrival (probe, *now_us, free_us, size);
    *has_ended =
        rtc_probe_judge (probe, free_us - *now_us, FALSE, &found, *now_us);
  }
  return found;
}

static void
test_probe_passes (void)
{
  RtcProbe probe;
  gint64 now_us = START;
  gboolean has_ended;
  guint64 rate;

  rtc_probe_init (&probe);
  rate = probe_path (&probe, 1000000, 10000000, &has_ended, &now_us);
  g_assert_true (has_ended);
  g_assert_cmpint (probe.state, ==, RTC_PROBE_IDLE);
  g_assert_cmpuint (rate, >, 850000);
  g_assert_cmpuint (rate, <=, 1000000);
  /* The next may go higher soon. */
  g_assert_cmpint (probe.next_us - now_us, <, 400 * MS);
}

static void
test_probe_fails (void)
{
  RtcProbe probe;
  gint64 now_us = START;
  gboolean has_ended;
  gint64 wait_us;

  rtc_probe_init (&probe);
  g_assert_cmpuint (probe_path (&probe, 2000000, 500000, &has_ended, &now_us),
      ==, 0);
  g_assert_true (has_ended);
  /* Long before its end, when the queue grew. */
  g_assert_cmpint (now_us - START, <, 300 * MS);
  wait_us = probe.next_us - now_us;
  g_assert_cmpint (wait_us, >, 2500 * MS);
  /* Less and less often, but within what a viewer bears. */
  for (guint i = 0; i < 10; i++)
    probe_path (&probe, 2000000, 500000, &has_ended, &now_us);
  g_assert_cmpint (probe.next_us - now_us, >, wait_us);
  g_assert_cmpint (probe.next_us - now_us, <=, 5000 * MS);
}

static void
test_probe_without_word (void)
{
  RtcProbe probe;
  guint64 rate;

  rtc_probe_init (&probe);
  rtc_probe_begin (&probe, 1000000, 0, START);
  g_assert_cmpuint (rtc_probe_get_due (&probe, START + 100 * MS), ==, 12500);
  g_assert_cmpuint (rtc_probe_get_due (&probe, START + 600 * MS), ==, 0);
  g_assert_false (rtc_probe_judge (&probe, 0, FALSE, &rate, START + 600 * MS));
  g_assert_true (rtc_probe_judge (&probe, 0, FALSE, &rate, START + 2000 * MS));
  g_assert_cmpuint (rate, ==, 0);
  g_assert_false (rtc_probe_judge (&probe, 0, FALSE, &rate, START + 2000 * MS));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/allocation/all-at-first", test_all_at_first);
  g_test_add_func ("/allocation/falls", test_falls);
  g_test_add_func ("/allocation/falls-for-a-reason", test_falls_for_a_reason);
  g_test_add_func ("/allocation/rises-with-care", test_rises_with_care);
  g_test_add_func ("/allocation/patience", test_patience);
  g_test_add_func ("/pacing/pace", test_pace);
  g_test_add_func ("/pacing/gentle", test_gentle_pace);
  g_test_add_func ("/pacing/unknown", test_unknown_pace);
  g_test_add_func ("/pacing/wait", test_pace_wait);
  g_test_add_func ("/probe/passes", test_probe_passes);
  g_test_add_func ("/probe/fails", test_probe_fails);
  g_test_add_func ("/probe/without-word", test_probe_without_word);
  return g_test_run ();
}
