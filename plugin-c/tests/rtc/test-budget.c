/* What may be sent, by time. */
#include "budget.h"

#define START 1000

static void
test_begins_full (void)
{
  RtcBudget budget = { 0 };

  rtc_budget_set (&budget, 1000, 500, START);
  g_assert_true (rtc_budget_has (&budget, START));
  rtc_budget_spend (&budget, 499);
  g_assert_true (rtc_budget_has (&budget, START));
  rtc_budget_spend (&budget, 1);
  g_assert_false (rtc_budget_has (&budget, START));
}

static void
test_fills (void)
{
  RtcBudget budget = { 0 };

  rtc_budget_set (&budget, 1000, 500, START);
  rtc_budget_spend (&budget, 600);
  g_assert_false (rtc_budget_has (&budget, START + 100 * 1000));
  g_assert_true (rtc_budget_has (&budget, START + 101 * 1000));
  /* Not beyond its depth. */
  rtc_budget_has (&budget, START + 60 * G_USEC_PER_SEC);
  g_assert_cmpint (budget.level, ==, 500);
}

/* Asked so often that each time less than a byte has come. */
static void
test_no_time_is_lost (void)
{
  RtcBudget budget = { 0 };

  rtc_budget_set (&budget, 1000, 500, START);
  rtc_budget_spend (&budget, 500);
  for (gint64 us = 0; us <= 10 * 1000; us += 100)
    rtc_budget_has (&budget, START + us);
  g_assert_cmpint (budget.level, ==, 10);
}

static void
test_wait (void)
{
  RtcBudget budget = { 0 };
  gint64 wait;

  rtc_budget_set (&budget, 1000, 500, START);
  g_assert_cmpint (rtc_budget_wait (&budget, 500, START), ==, 0);
  rtc_budget_spend (&budget, 700);
  wait = rtc_budget_wait (&budget, 100, START);
  g_assert_cmpint (wait, >=, 300 * 1000);
  g_assert_cmpint (wait, <, 302 * 1000);
  g_assert_cmpint (rtc_budget_wait (&budget, 100, START + wait), ==, 0);
}

static void
test_nothing_for_ever (void)
{
  RtcBudget budget = { 0 };

  rtc_budget_set (&budget, 0, 0, START);
  g_assert_false (rtc_budget_has (&budget, START));
  g_assert_cmpint (rtc_budget_wait (&budget, 1, START), >, 0);
}

static void
test_changes (void)
{
  RtcBudget budget = { 0 };

  rtc_budget_set (&budget, 1000, 500, START);
  rtc_budget_set (&budget, 1000, 200, START);
  g_assert_cmpint (budget.level, ==, 200);
  /* More room is not more that is in it. */
  rtc_budget_set (&budget, 2000, 800, START);
  g_assert_cmpint (budget.level, ==, 200);
  g_assert_true (rtc_budget_has (&budget, START + 100 * 1000));
  g_assert_cmpint (budget.level, ==, 400);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/budget/begins-full", test_begins_full);
  g_test_add_func ("/budget/fills", test_fills);
  g_test_add_func ("/budget/no-time-is-lost", test_no_time_is_lost);
  g_test_add_func ("/budget/wait", test_wait);
  g_test_add_func ("/budget/nothing-for-ever", test_nothing_for_ever);
  g_test_add_func ("/budget/changes", test_changes);
  return g_test_run ();
}
