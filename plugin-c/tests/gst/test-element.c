/* The element with viewers joined to it in memory: real media, no network beyond loopback. */
#include "fixture.h"

#include <string.h>

GST_START_TEST (test_viewer_gets_picture_and_sound)
{
  Fixture f;
  TestViewer *viewer;

  fixture_setup (&f, RAW_SOURCES);
  viewer = test_viewer_new (f.signaller, "viewer-1", TEST_VIEWER_VP8,
      TEST_VIEWER_OPUS);
  test_viewer_start (viewer);
  fixture_assert_message (&f, "kinesiswebrtc-peer-connected", "peer-id",
      "viewer-1");
  fixture_assert_message (&f, "kinesiswebrtc-first-frame", "peer-id",
      "viewer-1");
  fixture_wait_frames (viewer, 30, 50);
  g_signal_emit_by_name (f.element, "disconnect-peer", "viewer-1");
  fixture_assert_message (&f, "kinesiswebrtc-peer-disconnected", "reason",
      "application");
  test_viewer_free (viewer);
  fixture_teardown (&f);
}

GST_END_TEST
/* By a goodbye: nothing else would tell this viewer, whose ICE checks nobody. */
GST_START_TEST (test_viewer_is_told_when_it_is_let_go)
{
  Fixture f;
  TestViewer *viewer;
  gint64 end;

  fixture_setup (&f, RAW_SOURCES);
  viewer = test_viewer_new (f.signaller, "viewer-1", TEST_VIEWER_VP8,
      TEST_VIEWER_OPUS);
  test_viewer_start (viewer);
  fixture_wait_frames (viewer, 5, 5);
  fail_if (test_viewer_is_closed (viewer));
  gst_element_set_state (f.pipeline, GST_STATE_NULL);
  end = g_get_monotonic_time () + PATIENCE_S * G_TIME_SPAN_SECOND;
  while (!test_viewer_is_closed (viewer)) {
    fail_if (g_get_monotonic_time () > end);
    g_usleep (10 * 1000);
  }
  test_viewer_free (viewer);
  fixture_teardown (&f);
}

GST_END_TEST
GST_START_TEST (test_h264_only_viewer_of_raw_video_gets_h264)
{
  Fixture f;
  TestViewer *vp8, *h264;
  g_autofree char *answer = NULL;

  fixture_setup (&f, RAW_SOURCES);
  vp8 = test_viewer_new (f.signaller, "vp8", TEST_VIEWER_VP8, NULL);
  test_viewer_start (vp8);
  fixture_wait_frames (vp8, 5, 0);
  h264 = test_viewer_new (f.signaller, "h264", TEST_VIEWER_H264, NULL);
  test_viewer_start (h264);
  fixture_wait_frames (h264, 30, 0);
  answer = test_viewer_get_answer (h264);
  g_test_message ("%s", answer);
  fail_unless (strstr (answer, "a=rtpmap:102 H264/90000"));
  fail_unless (strstr (answer, "profile-level-id=42e01f"));
  test_viewer_free (vp8);
  test_viewer_free (h264);
  fixture_teardown (&f);
}

GST_END_TEST
GST_START_TEST (test_viewer_with_no_codec_in_common_is_refused_by_name)
{
  Fixture f;
  TestViewer *vp8, *vp9;

  fixture_setup (&f,
      "videotestsrc is-live=true ! kinesiswebrtcbin name=k channel=test "
      "video-codecs=VP8,H264");
  vp8 = test_viewer_new (f.signaller, "vp8", TEST_VIEWER_VP8, NULL);
  test_viewer_start (vp8);
  fixture_wait_frames (vp8, 5, 0);
  vp9 = test_viewer_new (f.signaller, "vp9", TEST_VIEWER_VP9, NULL);
  test_viewer_start (vp9);
  fixture_assert_message (&f, "kinesiswebrtc-peer-refused", "reason", "VP9");
  fixture_wait_frames (vp8, test_viewer_get_video_frames (vp8) + 30, 0);
  test_viewer_free (vp8);
  test_viewer_free (vp9);
  fixture_teardown (&f);
}

GST_END_TEST
GST_START_TEST (test_forged_fingerprint_gets_no_media)
{
  Fixture f;
  TestViewer *viewer;

  fixture_setup (&f, RAW_SOURCES);
  viewer = test_viewer_new (f.signaller, "liar", TEST_VIEWER_VP8, NULL);
  test_viewer_forge_fingerprint (viewer);
  test_viewer_start (viewer);
  fixture_assert_message (&f, "kinesiswebrtc-peer-refused", "reason",
      "certificate");
  fail_unless_equals_int (test_viewer_get_video_frames (viewer), 0);
  test_viewer_free (viewer);
  fixture_teardown (&f);
}

GST_END_TEST
GST_START_TEST (test_second_offer_replaces_the_first)
{
  Fixture f;
  TestViewer *first, *second;

  fixture_setup (&f, RAW_SOURCES);
  first = test_viewer_new (f.signaller, "same", TEST_VIEWER_VP8, NULL);
  test_viewer_start (first);
  fixture_assert_message (&f, "kinesiswebrtc-peer-connected", "peer-id",
      "same");
  second = test_viewer_new (f.signaller, "same", TEST_VIEWER_VP8, NULL);
  test_viewer_start (second);
  fixture_assert_message (&f, "kinesiswebrtc-peer-disconnected", "reason",
      "replaced");
  fixture_assert_message (&f, "kinesiswebrtc-peer-connected", "peer-id",
      "same");
  fixture_wait_frames (second, 10, 0);
  test_viewer_free (first);
  test_viewer_free (second);
  fixture_teardown (&f);
}

GST_END_TEST
GST_START_TEST (test_offers_beyond_max_peers_are_refused)
{
  Fixture f;
  TestViewer *first, *second;

  fixture_setup (&f,
      "videotestsrc is-live=true ! kinesiswebrtcbin name=k "
      "channel=test max-peers=1");
  first = test_viewer_new (f.signaller, "one", TEST_VIEWER_VP8, NULL);
  test_viewer_start (first);
  fixture_assert_message (&f, "kinesiswebrtc-peer-connected", "peer-id", "one");
  second = test_viewer_new (f.signaller, "two", TEST_VIEWER_VP8, NULL);
  test_viewer_start (second);
  fixture_assert_message (&f, "kinesiswebrtc-peer-refused", "reason",
      "max-peers");
  test_viewer_free (first);
  test_viewer_free (second);
  fixture_teardown (&f);
}

GST_END_TEST
GST_START_TEST (test_encoded_video_passes_through)
{
  static const char *const chains[][2] = {
    { "vp8enc deadline=1", TEST_VIEWER_VP8 },
    { "x264enc tune=zerolatency ! video/x-h264,profile=high",
        TEST_VIEWER_H264 },
    { "x264enc tune=zerolatency byte-stream=true ! h264parse ! "
      "video/x-h264,stream-format=avc",
        TEST_VIEWER_H264 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (chains); i++) {
    g_autofree char *description = g_strdup_printf (
        "videotestsrc "
        "is-live=true ! video/x-raw,width=320,height=240 ! %s ! "
        "kinesiswebrtcbin name=k channel=test",
        chains[i][0]);
    Fixture f;
    TestViewer *viewer;

    fixture_setup (&f, description);
    viewer = test_viewer_new (f.signaller, "viewer", chains[i][1], NULL);
    test_viewer_start (viewer);
    fixture_wait_frames (viewer, 30, 0);
    test_viewer_free (viewer);
    fixture_teardown (&f);
  }
}

GST_END_TEST
/* As in gst-launch-1.0 videotestsrc ! kinesiswebrtcbin: no is-live. */
GST_START_TEST (test_source_that_is_not_live_is_played_by_the_clock)
{
  Fixture f;
  TestViewer *viewer;
  gint64 begin;
  guint before;
  double seconds;

  fixture_setup (&f,
      "videotestsrc ! video/x-raw,width=64,height=64,framerate=30/1 ! "
      "kinesiswebrtcbin name=k channel=test");
  viewer = test_viewer_new (f.signaller, "viewer", TEST_VIEWER_VP8, NULL);
  test_viewer_start (viewer);
  fixture_wait_frames (viewer, 10, 0);
  begin = g_get_monotonic_time ();
  before = test_viewer_get_video_frames (viewer);
  fixture_wait_frames (viewer, before + 60, 0);
  seconds = (double) (g_get_monotonic_time () - begin) / G_TIME_SPAN_SECOND;
  /* Unclocked it would take a few milliseconds. */
  fail_unless (seconds > 1.0, "60 frames of 30 a second took %f s", seconds);
  test_viewer_free (viewer);
  fixture_teardown (&f);
}

GST_END_TEST
GST_START_TEST (test_second_start_serves_viewers_as_the_first)
{
  Fixture f;

  fixture_setup (&f, RAW_SOURCES);
  for (guint i = 0; i < 3; i++) {
    TestViewer *viewer =
        test_viewer_new (f.signaller, "viewer", TEST_VIEWER_VP8, NULL);

    test_viewer_start (viewer);
    fixture_wait_frames (viewer, 5, 0);
    gst_element_set_state (f.pipeline, GST_STATE_NULL);
    test_viewer_free (viewer);
    gst_element_set_state (f.pipeline, GST_STATE_PLAYING);
    fixture_assert_message (&f, "kinesiswebrtc-signaling", "state",
        "connected");
  }
  fixture_teardown (&f);
}

GST_END_TEST
static void
forget_element (const char *name)
{
  GstRegistry *registry = gst_registry_get ();
  g_autoptr (GstPluginFeature) feature =
      gst_registry_lookup_feature (registry, name);

  if (feature)
    gst_registry_remove_feature (registry, feature);
}

/* In a process of its own, as every test here is. */
GST_START_TEST (test_missing_encoders_are_named)
{
  Fixture f;
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;
  const GstStructure *details;

  forget_element ("vp8enc");
  forget_element ("x264enc");
  forget_element ("openh264enc");
  forget_element ("avenc_h264_omx");
  fixture_start (&f,
      "videotestsrc is-live=true ! kinesiswebrtcbin name=k "
      "channel=test video-codecs=VP8,H264");
  message = gst_bus_timed_pop_filtered (f.bus, PATIENCE_S * GST_SECOND,
      GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_parse_error (message, &error, NULL);
  gst_message_parse_error_details (message, &details);
  fail_unless (strstr (error->message, "vp8enc"));
  fail_unless (strstr (error->message, "apt install"));
  fail_unless_equals_string (gst_structure_get_string (details, "code"),
      "missing-plugin");
  gst_clear_message (&message);
  fixture_teardown (&f);
}

GST_END_TEST
static Suite *
element_suite (void)
{
  Suite *suite = suite_create ("kinesiswebrtcbin");
  TCase *tc = tcase_create ("peers");

  tcase_set_timeout (tc, 120);
  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_viewer_gets_picture_and_sound);
  tcase_add_test (tc, test_viewer_is_told_when_it_is_let_go);
  tcase_add_test (tc, test_h264_only_viewer_of_raw_video_gets_h264);
  tcase_add_test (tc, test_viewer_with_no_codec_in_common_is_refused_by_name);
  tcase_add_test (tc, test_forged_fingerprint_gets_no_media);
  tcase_add_test (tc, test_second_offer_replaces_the_first);
  tcase_add_test (tc, test_offers_beyond_max_peers_are_refused);
  tcase_add_test (tc, test_encoded_video_passes_through);
  tcase_add_test (tc, test_source_that_is_not_live_is_played_by_the_clock);
  tcase_add_test (tc, test_second_start_serves_viewers_as_the_first);
  tcase_add_test (tc, test_missing_encoders_are_named);
  return suite;
}

int
main (int argc, char **argv)
{
  return fixture_main (argc, argv, element_suite ());
}
