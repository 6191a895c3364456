#include "fixture.h"

#include <dlfcn.h>
#include <string.h>

/* openssl/crypto.h's OPENSSL_INIT_NO_ATEXIT. */
#define NO_ATEXIT G_GUINT64_CONSTANT (0x00080000)

static KvsSignaller *
make_signaller (KvsWorker *worker, const KvsConfig *config, gpointer data)
{
  Fixture *f = data;

  g_clear_object (&f->signaller);
  f->signaller = test_memory_signaller_new (worker);
  return KVS_SIGNALLER (g_object_ref (f->signaller));
}

static void
start_with (Fixture *f, const char *description, GstKvsSignallerFactory factory,
    gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  memset (f, 0, sizeof (*f));
  f->pipeline = gst_parse_launch (description, &error);
  g_assert_no_error (error);
  /* One element alone does not come in a pipeline. */
  if (!GST_IS_PIPELINE (f->pipeline)) {
    GstElement *alone = f->pipeline;

    f->pipeline = gst_pipeline_new (NULL);
    gst_bin_add (GST_BIN (f->pipeline), alone);
  }
  f->element = gst_bin_get_by_name (GST_BIN (f->pipeline), "k");
  f->bus = gst_element_get_bus (f->pipeline);
  gst_kinesis_webrtc_bin_set_signaller_factory (GST_KINESIS_WEBRTC_BIN (
                                                    f->element),
      factory, user_data);
  gst_element_set_state (f->pipeline, GST_STATE_PLAYING);
}

void
fixture_start (Fixture *f, const char *description)
{
  start_with (f, description, make_signaller, f);
}

void
fixture_setup (Fixture *f, const char *description)
{
  fixture_setup_with (f, description, make_signaller, f);
}

void
fixture_setup_with (Fixture *f, const char *description,
    GstKvsSignallerFactory factory, gpointer user_data)
{
  start_with (f, description, factory, user_data);
  fixture_assert_message (f, "kinesiswebrtc-signaling", "state", "connected");
}

void
fixture_teardown (Fixture *f)
{
  gst_element_set_state (f->pipeline, GST_STATE_NULL);
  gst_object_unref (f->bus);
  gst_object_unref (f->element);
  gst_object_unref (f->pipeline);
  g_clear_object (&f->signaller);
}

void
fixture_assert_ends (Fixture *f)
{
  g_autoptr (GstMessage) message = NULL;

  gst_element_send_event (f->pipeline, gst_event_new_eos ());
  message = gst_bus_timed_pop_filtered (f->bus, PATIENCE_S * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message && GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS);
}

/* The next element message of that name; an error on the bus fails the test. */
GstStructure *
fixture_wait_message (Fixture *f, const char *name)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_S * G_TIME_SPAN_SECOND;

  while (g_get_monotonic_time () < end) {
    g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (f->bus,
        100 * GST_MSECOND, GST_MESSAGE_ELEMENT | GST_MESSAGE_ERROR);

    if (!message)
      continue;
    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
      g_autoptr (GError) error = NULL;

      gst_message_parse_error (message, &error, NULL);
      g_error ("%s", error->message);
    }
    if (gst_message_has_name (message, name))
      return gst_structure_copy (gst_message_get_structure (message));
  }
  g_error ("no %s within %d s", name, PATIENCE_S);
}

void
fixture_assert_message (Fixture *f, const char *name, const char *field,
    const char *part)
{
  g_autoptr (GstStructure) s = fixture_wait_message (f, name);
  const char *value = gst_structure_get_string (s, field);

  if (!value || !strstr (value, part))
    g_error ("%s says %s: %s, not %s", name, field, value, part);
}

void
fixture_wait_received (TestViewer *viewer, guint mline, guint frames)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_S * G_TIME_SPAN_SECOND;

  while (test_viewer_get_received (viewer, mline) < frames) {
    if (g_get_monotonic_time () > end)
      g_error ("only %u frames on m-line %u",
          test_viewer_get_received (viewer, mline), mline);
    g_usleep (10 * 1000);
  }
}

void
fixture_wait_frames (TestViewer *viewer, guint video, guint audio)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_S * G_TIME_SPAN_SECOND;

  while (test_viewer_get_video_frames (viewer) < video
      || test_viewer_get_audio_buffers (viewer) < audio) {
    if (g_get_monotonic_time () > end)
      g_error ("only %u video frames and %u audio buffers",
          test_viewer_get_video_frames (viewer),
          test_viewer_get_audio_buffers (viewer));
    g_usleep (10 * 1000);
  }
}

static GstPadProbeReturn
count_buffer (GstPad *pad, GstPadProbeInfo *info, gpointer counter)
{
  g_atomic_int_inc ((int *) counter);
  return GST_PAD_PROBE_OK;
}

void
fixture_count_buffers (Fixture *f, const char *name, int *counter)
{
  g_autoptr (GstElement) element =
      gst_bin_get_by_name (GST_BIN (f->pipeline), name);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, "sink");

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, count_buffer, counter,
      NULL);
}

void
fixture_wait_count (int *counter, int wanted)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_S * G_TIME_SPAN_SECOND;

  while (g_atomic_int_get (counter) < wanted) {
    if (g_get_monotonic_time () > end)
      g_error ("only %d of %d buffers", g_atomic_int_get (counter), wanted);
    g_usleep (10 * 1000);
  }
}

void
fixture_wait_more (int *counter, int more)
{
  fixture_wait_count (counter, g_atomic_int_get (counter) + more);
}

/* OpenSSL cleans up at exit, before gst_check ends GStreamer's threads, which
 * then clean up after themselves in what is no more: one run in a hundred died
 * of that. Said first, this keeps OpenSSL as it is to the end. */
static void
keep_openssl_at_exit (void)
{
  void *crypto = dlopen ("libcrypto.so.3", RTLD_NOW);
  int (*init) (guint64 options, const void *settings) = NULL;

  if (crypto)
    *(void **) &init = dlsym (crypto, "OPENSSL_init_crypto");
  if (init)
    init (NO_ATEXIT, NULL);
}

int
fixture_main (int argc, char **argv, Suite *suite)
{
  keep_openssl_at_exit ();
  gst_check_init (&argc, &argv);
  gst_element_register (NULL, "kinesiswebrtcbin", GST_RANK_NONE,
      GST_TYPE_KINESIS_WEBRTC_BIN);
  return gst_check_run_suite (suite, argv[0], __FILE__);
}
