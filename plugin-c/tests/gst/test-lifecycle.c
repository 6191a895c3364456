/* Starts and stops: many in a row, and from several threads at once. */
#include "fixture.h"

#define STARTS 200
#define SETTLED_AFTER 20
#define THREADS 4
#define CHANGES 50

typedef struct {
  guint threads;
  guint files;
} Holdings;

static guint
count_in (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir))
    n++;
  return n;
}

static Holdings
count_holdings (void)
{
  return (Holdings){ count_in ("/proc/self/task"), count_in ("/proc/self/fd") };
}

/* What ends in the background has its time to. */
static void
wait_for_no_more_than (Holdings wanted)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_S * G_TIME_SPAN_SECOND;
  Holdings now = count_holdings ();

  while (now.threads > wanted.threads || now.files > wanted.files) {
    fail_if (g_get_monotonic_time () > end,
        "%u threads and %u files, not %u and %u", now.threads, now.files,
        wanted.threads, wanted.files);
    g_usleep (10 * 1000);
    now = count_holdings ();
  }
}

GST_START_TEST (test_many_starts_leave_nothing)
{
  Holdings settled = { 0, 0 };

  for (guint i = 1; i <= STARTS; i++) {
    Fixture f;

    fixture_setup (&f, RAW_SOURCES);
    fixture_teardown (&f);
    if (i == SETTLED_AFTER)
      settled = count_holdings ();
  }
  wait_for_no_more_than (settled);
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
