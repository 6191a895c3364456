/* Starts and stops: many in a row, and from several threads at once. */
#include "fixture.h"
#include "holdings.h"

#define STARTS 200
#define SETTLED_AFTER 20
#define THREADS 4
#define CHANGES 50

GST_START_TEST (test_many_starts_leave_nothing)
{
  Holdings settled = { 0 };

  for (guint i = 1; i <= STARTS; i++) {
    Fixture f;

    fixture_setup (&f, RAW_SOURCES);
    fixture_teardown (&f);
    if (i == SETTLED_AFTER)
      settled = holdings_read ();
  }
  holdings_wait (&settled);
}

GST_END_TEST

static gpointer
change_states (gpointer pipeline)
{
  static const GstState states[] = { GST_STATE_NULL, GST_STATE_READY,
    GST_STATE_PAUSED, GST_STATE_PLAYING };

  for (guint i = 0; i < CHANGES; i++)
    gst_element_set_state (pipeline,
        states[g_random_int_range (0, G_N_ELEMENTS (states))]);
  return NULL;
}

/* None waits for another for ever, and it still starts afterwards. */
GST_START_TEST (test_states_change_from_several_threads)
{
  Fixture f;
  GThread *threads[THREADS];

  fixture_setup (&f, RAW_SOURCES);
  for (guint i = 0; i < THREADS; i++)
    threads[i] = g_thread_new ("states", change_states, f.pipeline);
  for (guint i = 0; i < THREADS; i++)
    g_thread_join (threads[i]);
  fail_if (gst_element_set_state (f.pipeline, GST_STATE_NULL)
      == GST_STATE_CHANGE_FAILURE);
  fail_if (gst_element_set_state (f.pipeline, GST_STATE_PLAYING)
      == GST_STATE_CHANGE_FAILURE);
  fixture_teardown (&f);
}

GST_END_TEST

static Suite *
lifecycle_suite (void)
{
  Suite *suite = suite_create ("lifecycle");
  TCase *tc = tcase_create ("starts and stops");

  tcase_set_timeout (tc, 180);
  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_many_starts_leave_nothing);
  tcase_add_test (tc, test_states_change_from_several_threads);
  return suite;
}

int
main (int argc, char **argv)
{
  return fixture_main (argc, argv, lifecycle_suite ());
}
