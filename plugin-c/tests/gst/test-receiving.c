/* What viewers send comes out of the element's source pads. */
#include "fixture.h"

#include <string.h>

static GstPadProbeReturn
count_buffer (GstPad *pad, GstPadProbeInfo *info, gpointer counter)
{
  g_atomic_int_inc ((int *) counter);
  return GST_PAD_PROBE_OK;
}

static void
wait_count (int *counter, int wanted)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_S * G_TIME_SPAN_SECOND;

  while (g_atomic_int_get (counter) < wanted) {
    if (g_get_monotonic_time () > end)
      g_error ("only %d of %d buffers", g_atomic_int_get (counter), wanted);
    g_usleep (10 * 1000);
  }
}

/* Counts what reaches the pipeline's element of that name. */
static void
count_at (Fixture *f, const char *name, int *counter)
{
  g_autoptr (GstElement) element =
      gst_bin_get_by_name (GST_BIN (f->pipeline), name);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, "sink");

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, count_buffer, counter,
      NULL);
}

GST_START_TEST (test_what_a_viewer_sends_is_decoded_downstream)
{
  Fixture f;
  TestViewer *viewer;
  int video = 0, audio = 0;
  g_autoptr (GstStructure) track = NULL;

  fixture_setup (&f,
      RAW_SOURCES
      " "
      "k.video_src_0 ! vp8dec ! fakesink name=v sync=true async=false "
      "k.audio_src_0 ! opusdec ! fakesink name=a sync=true async=false");
  count_at (&f, "v", &video);
  count_at (&f, "a", &audio);
  viewer = test_viewer_new (f.signaller, "sender", TEST_VIEWER_VP8,
      TEST_VIEWER_OPUS);
  test_viewer_send (viewer);
  test_viewer_start (viewer);
  track = fixture_wait_message (&f, "kinesiswebrtc-track");
  fail_unless_equals_string (gst_structure_get_string (track, "peer-id"),
      "sender");
  wait_count (&video, 20);
  wait_count (&audio, 40);
  fixture_wait_frames (viewer, 10, 20);
  test_viewer_free (viewer);
  fixture_teardown (&f);
}

GST_END_TEST
GST_START_TEST (test_unlinked_pads_hold_up_nobody_and_go_with_the_peer)
{
  Fixture f;
  TestViewer *viewer;
  g_autoptr (GstPad) pad = NULL;

  fixture_setup (&f, RAW_SOURCES);
  viewer = test_viewer_new (f.signaller, "sender", TEST_VIEWER_VP8,
      TEST_VIEWER_OPUS);
  test_viewer_send (viewer);
  test_viewer_start (viewer);
  fixture_assert_message (&f, "kinesiswebrtc-track", "peer-id", "sender");
  fixture_assert_message (&f, "kinesiswebrtc-track", "peer-id", "sender");
  fixture_wait_frames (viewer, 60, 100);
  pad = gst_element_get_static_pad (f.element, "video_src_0");
  fail_unless (pad != NULL);
  gst_clear_object (&pad);
  g_signal_emit_by_name (f.element, "disconnect-peer", "sender");
  fixture_assert_message (&f, "kinesiswebrtc-peer-disconnected", "peer-id",
      "sender");
  test_viewer_free (viewer);
  fixture_teardown (&f);
}

GST_END_TEST
GST_START_TEST (test_a_blocked_sink_slows_nobody)
{
  Fixture f;
  TestViewer *sender, *other;

  /* An element that takes ten seconds a buffer. */
  fixture_setup (&f,
      RAW_SOURCES " k.video_src_0 ! "
                  "identity sleep-time=10000000 ! fakesink async=false");
  sender = test_viewer_new (f.signaller, "sender", TEST_VIEWER_VP8, NULL);
  test_viewer_send (sender);
  test_viewer_start (sender);
  fixture_assert_message (&f, "kinesiswebrtc-track", "pad", "video_src_0");
  other =
      test_viewer_new (f.signaller, "other", TEST_VIEWER_VP8, TEST_VIEWER_OPUS);
  test_viewer_start (other);
  fixture_wait_frames (other, 60, 0);
  fixture_wait_frames (sender, 60, 0);
  test_viewer_free (sender);
  test_viewer_free (other);
  fixture_teardown (&f);
}

GST_END_TEST
GST_START_TEST (test_texts_go_both_ways)
{
  Fixture f;
  TestViewer *viewer;
  gint64 end = g_get_monotonic_time () + PATIENCE_S * G_TIME_SPAN_SECOND;
  char *text = NULL;

  fixture_setup (&f, RAW_SOURCES);
  viewer = test_viewer_new (f.signaller, "talker", TEST_VIEWER_VP8, NULL);
  test_viewer_send (viewer);
  test_viewer_start (viewer);
  fixture_assert_message (&f, "kinesiswebrtc-peer-connected", "peer-id",
      "talker");
  while (!test_viewer_send_text (viewer, "hello, master")) {
    fail_if (g_get_monotonic_time () > end);
    g_usleep (10 * 1000);
  }
  fixture_assert_message (&f, "kinesiswebrtc-data", "text", "hello, master");
  g_signal_emit_by_name (f.element, "send-data", "talker", "hello, viewer");
  while (!(text = test_viewer_get_text (viewer))) {
    fail_if (g_get_monotonic_time () > end);
    g_usleep (10 * 1000);
  }
  fail_unless_equals_string (text, "hello, viewer");
  g_free (text);
  test_viewer_free (viewer);
  fixture_teardown (&f);
}

GST_END_TEST
static Suite *
receiving_suite (void)
{
  Suite *suite = suite_create ("receiving");
  TCase *tc = tcase_create ("tracks");

  tcase_set_timeout (tc, 120);
  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_what_a_viewer_sends_is_decoded_downstream);
  tcase_add_test (tc, test_unlinked_pads_hold_up_nobody_and_go_with_the_peer);
  tcase_add_test (tc, test_a_blocked_sink_slows_nobody);
  tcase_add_test (tc, test_texts_go_both_ways);
  return suite;
}

int
main (int argc, char **argv)
{
  return fixture_main (argc, argv, receiving_suite ());
}
