#include "fixture.h"

#include <string.h>

static KvsSignaller *
make_signaller (KvsWorker *worker, const KvsConfig *config, gpointer data)
{
  Fixture *f = data;

  g_clear_object (&f->signaller);
  f->signaller = test_memory_signaller_new (worker);
  return KVS_SIGNALLER (g_object_ref (f->signaller));
}

void
fixture_setup (Fixture *f, const char *description)
{
  g_autoptr (GError) error = NULL;

  memset (f, 0, sizeof (*f));
  f->pipeline = gst_parse_launch (description, &error);
  g_assert_no_error (error);
  f->element = gst_bin_get_by_name (GST_BIN (f->pipeline), "k");
  f->bus = gst_element_get_bus (f->pipeline);
  gst_kinesis_webrtc_bin_set_signaller_factory (GST_KINESIS_WEBRTC_BIN (
                                                    f->element),
      make_signaller, f);
  gst_element_set_state (f->pipeline, GST_STATE_PLAYING);
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

int
fixture_main (int argc, char **argv, Suite *suite)
{
  gst_check_init (&argc, &argv);
  gst_element_register (NULL, "kinesiswebrtcbin", GST_RANK_NONE,
      GST_TYPE_KINESIS_WEBRTC_BIN);
  return gst_check_run_suite (suite, argv[0], __FILE__);
}
