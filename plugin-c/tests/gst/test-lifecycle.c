/* Starts and stops: many in a row, from several threads at once, and while others use it. */
#include "fixture.h"
#include "holdings.h"
#include "offers.h"

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

/* A pipeline whose signaller of the moment any thread may have. */
typedef struct {
  Fixture f;
  char *offer;
  int changing; /* atomic: threads that still change states */

  GMutex lock;
  TestMemorySignaller *signaller; /* under lock */
} Used;

static KvsSignaller *
make_shared_signaller (KvsWorker *worker, const KvsConfig *config,
    gpointer user_data)
{
  Used *self = user_data;
  TestMemorySignaller *signaller = test_memory_signaller_new (worker);

  g_mutex_lock (&self->lock);
  g_set_object (&self->signaller, signaller);
  g_mutex_unlock (&self->lock);
  return KVS_SIGNALLER (signaller);
}

/* Mostly up, and now and then for long enough to be used. */
static gpointer
start_and_stop (gpointer data)
{
  static const GstState states[] = { GST_STATE_NULL, GST_STATE_PLAYING,
    GST_STATE_READY, GST_STATE_PLAYING, GST_STATE_PAUSED, GST_STATE_PLAYING };
  Used *self = data;

  for (guint i = 0; i < CHANGES; i++) {
    gst_element_set_state (self->f.pipeline,
        states[g_random_int_range (0, G_N_ELEMENTS (states))]);
    g_usleep ((gulong) g_random_int_range (0, 40 * 1000));
  }
  g_atomic_int_add (&self->changing, -1);
  return NULL;
}

/* Of one of three viewers, which are let in, replaced, and cut off by a stop. */
static void
offer (Used *self)
{
  g_autofree char *id = g_strdup_printf ("v-%d", g_random_int_range (0, 3));
  g_autoptr (TestMemorySignaller) signaller = NULL;

  g_mutex_lock (&self->lock);
  g_set_object (&signaller, self->signaller);
  g_mutex_unlock (&self->lock);
  test_memory_signaller_offer (signaller, id, self->offer);
}

static gpointer
use_as_viewers (gpointer data)
{
  Used *self = data;

  while (g_atomic_int_get (&self->changing) > 0) {
    offer (self);
    g_usleep (1000);
  }
  return NULL;
}

static gpointer
use_as_application (gpointer data)
{
  Used *self = data;
  GstElement *element = self->f.element;

  while (g_atomic_int_get (&self->changing) > 0) {
    g_autoptr (GstStructure) stats = NULL;

    g_object_set (element, "bitrate", g_random_int_range (200, 2000),
        "rotation", 90 * g_random_int_range (0, 4), NULL);
    g_object_get (element, "stats", &stats, NULL);
    g_signal_emit_by_name (element, "force-key-frame");
    g_signal_emit_by_name (element, "disconnect-peer", "v-0");
    g_usleep (1000);
  }
  return NULL;
}

static gpointer
use_pads (gpointer data)
{
  Used *self = data;

  while (g_atomic_int_get (&self->changing) > 0) {
    g_autoptr (GstPad) pad =
        gst_element_request_pad_simple (self->f.element, "video_sink_%u");

    gst_element_release_request_pad (self->f.element, pad);
    g_usleep (1000);
  }
  return NULL;
}

GST_START_TEST (test_states_change_while_it_is_used)
{
  static const GThreadFunc uses[] = { start_and_stop, start_and_stop,
    use_as_viewers, use_as_application, use_pads };
  Used used = { .changing = 2 };
  GThread *threads[G_N_ELEMENTS (uses)];

  used.offer = test_offer_load ("webrtcbin.sdp");
  fixture_setup_with (&used.f, RAW_SOURCES, make_shared_signaller, &used);
  for (guint i = 0; i < G_N_ELEMENTS (uses); i++)
    threads[i] = g_thread_new ("use", uses[i], &used);
  for (guint i = 0; i < G_N_ELEMENTS (uses); i++)
    g_thread_join (threads[i]);
  fail_if (gst_element_set_state (used.f.pipeline, GST_STATE_NULL)
      == GST_STATE_CHANGE_FAILURE);
  gst_bus_set_flushing (used.f.bus, TRUE);
  gst_bus_set_flushing (used.f.bus, FALSE);
  gst_element_set_state (used.f.pipeline, GST_STATE_PLAYING);
  fixture_assert_message (&used.f, "kinesiswebrtc-signaling", "state",
      "connected");
  fixture_teardown (&used.f);
  g_clear_object (&used.signaller);
  g_free (used.offer);
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
  tcase_add_test (tc, test_states_change_while_it_is_used);
  return suite;
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  return fixture_main (argc, argv, lifecycle_suite ());
}
