/* One bad viewer costs no one else a frame. */
#include "fixture.h"

#include <string.h>

/* How often a warning was logged that says this. */
typedef struct {
  const char *part;
  int count; /* atomic */
} Warning;

static void
note_warning (GstDebugCategory *category, GstDebugLevel level, const char *file,
    const char *function, int line, GObject *object, GstDebugMessage *message,
    gpointer user_data)
{
  Warning *warning = user_data;

  if (level == GST_LEVEL_WARNING
      && strstr (gst_debug_message_get (message), warning->part))
    g_atomic_int_inc (&warning->count);
}

static void
expect_warning (Warning *warning)
{
  gst_debug_set_threshold_for_name ("kvs*", GST_LEVEL_WARNING);
  gst_debug_remove_log_function (NULL);
  gst_debug_add_log_function (note_warning, warning, NULL);
}

static void
wait_warning (Warning *warning)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_S * G_TIME_SPAN_SECOND;

  while (g_atomic_int_get (&warning->count) == 0) {
    if (g_get_monotonic_time () > end)
      g_error ("no warning of: %s", warning->part);
    g_usleep (10 * 1000);
  }
}

/* A flood of them would be as bad as what they warn of. */
static void
end_warning (Warning *warning)
{
  wait_warning (warning);
  gst_debug_remove_log_function_by_data (warning);
  fail_unless_equals_int (g_atomic_int_get (&warning->count), 1);
}

/* A steady viewer sees 30 more frames while `f` is in trouble. */
static void
assert_others_go_on (TestViewer *steady)
{
  fixture_wait_frames (steady, test_viewer_get_video_frames (steady) + 30, 0);
}

GST_START_TEST (test_rtp_that_was_not_declared_is_dropped)
{
  Fixture f;
  TestViewer *steady, *liar;

  fixture_setup (&f, RAW_SOURCES);
  steady = test_viewer_new (f.signaller, "steady", TEST_VIEWER_VP8, NULL);
  test_viewer_start (steady);
  fixture_assert_message (&f, "kinesiswebrtc-peer-connected", "peer-id",
      "steady");
  liar =
      test_viewer_new (f.signaller, "liar", TEST_VIEWER_VP8, TEST_VIEWER_OPUS);
  test_viewer_lie_about_ssrc (liar);
  test_viewer_send (liar);
  test_viewer_start (liar);
  fixture_assert_message (&f, "kinesiswebrtc-peer-connected", "peer-id",
      "liar");
  assert_others_go_on (steady);
  fixture_wait_frames (liar, 30, 0);
  fail_unless_equals_int (GST_ELEMENT (f.element)->numsrcpads, 0);
  test_viewer_free (liar);
  test_viewer_free (steady);
  fixture_teardown (&f);
}

GST_END_TEST
GST_START_TEST (test_bad_offers_are_refused_and_forgotten)
{
  static const char *const offers[] = {
    "",
    "v=0",
    "nonsense",
    "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n",
    "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\n",
  };
  Fixture f;
  TestViewer *steady;

  fixture_setup (&f, RAW_SOURCES);
  steady = test_viewer_new (f.signaller, "steady", TEST_VIEWER_VP8, NULL);
  test_viewer_start (steady);
  fixture_wait_frames (steady, 5, 0);
  for (guint i = 0; i < G_N_ELEMENTS (offers); i++) {
    test_memory_signaller_offer (f.signaller, "bad", offers[i]);
    fixture_assert_message (&f, "kinesiswebrtc-peer-refused", "peer-id", "bad");
  }
  for (guint i = 0; i < 10000; i++)
    test_memory_signaller_candidate (f.signaller, "bad",
        "candidate:1 1 UDP 1 127.0.0.1 1 typ host", 0);
  assert_others_go_on (steady);
  test_viewer_free (steady);
  fixture_teardown (&f);
}

GST_END_TEST
static void
wait_sent (TestViewer *viewer, guint packets)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_S * G_TIME_SPAN_SECOND;

  while (test_viewer_get_sent (viewer) < packets) {
    fail_if (g_get_monotonic_time () > end);
    g_usleep (10 * 1000);
  }
}

/* Loop: what it says of its picture. The sound that was agreed on comes. */
GST_START_TEST (test_picture_on_a_line_that_takes_none_is_dropped)
{
  static const char *const directions[] = { "recvonly", "inactive" };
  Fixture f;
  TestViewer *viewer;
  g_autoptr (GstPad) video = NULL;

  fixture_setup (&f, RAW_SOURCES);
  viewer =
      test_viewer_new (f.signaller, "bad", TEST_VIEWER_VP8, TEST_VIEWER_OPUS);
  test_viewer_hide_video (viewer, directions[__i__]);
  test_viewer_send (viewer);
  test_viewer_start (viewer);
  fixture_assert_message (&f, "kinesiswebrtc-track", "media", "audio");
  wait_sent (viewer, 300);
  fixture_wait_frames (viewer, 0, 50);
  video = gst_element_get_static_pad (f.element, "video_src_0");
  fail_unless (video == NULL);
  test_viewer_free (viewer);
  fixture_teardown (&f);
}

GST_END_TEST
/* It offers nothing, so whatever answers there are, are to somebody else. */
GST_START_TEST (test_answers_to_a_master_are_ignored)
{
  Fixture f;
  TestViewer *steady;
  Warning warning = { "steady answers what was not offered" };
  Warning to_nobody = { "nobody answers what was not offered" };
  g_autofree char *answer = NULL;

  fixture_setup (&f, RAW_SOURCES);
  steady = test_viewer_new (f.signaller, "steady", TEST_VIEWER_VP8, NULL);
  test_viewer_start (steady);
  fixture_wait_frames (steady, 5, 0);
  answer = test_viewer_get_answer (steady);
  expect_warning (&warning);
  test_memory_signaller_answer (f.signaller, "steady", answer);
  end_warning (&warning);
  expect_warning (&to_nobody);
  test_memory_signaller_answer (f.signaller, "nobody", answer);
  end_warning (&to_nobody);
  test_memory_signaller_answer (f.signaller, "nobody", "nonsense");
  test_memory_signaller_answer (f.signaller, "nobody", "");
  assert_others_go_on (steady);
  test_viewer_free (steady);
  fixture_teardown (&f);
}

GST_END_TEST
static void
wait_answer (TestViewer *viewer)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_S * G_TIME_SPAN_SECOND;
  g_autofree char *answer = NULL;

  while (!(answer = test_viewer_get_answer (viewer))) {
    fail_if (g_get_monotonic_time () > end);
    g_usleep (1000);
  }
}

/* The same viewer offers again and again: each replaces the one before. */
GST_START_TEST (test_offers_in_a_row_leave_one_peer)
{
  Fixture f;
  TestViewer *viewers[20];

  fixture_setup (&f, RAW_SOURCES);
  for (guint i = 0; i < G_N_ELEMENTS (viewers); i++) {
    viewers[i] = test_viewer_new (f.signaller, "same", TEST_VIEWER_VP8, NULL);
    test_viewer_start (viewers[i]);
    wait_answer (viewers[i]);
  }
  fixture_wait_frames (viewers[G_N_ELEMENTS (viewers) - 1], 10, 0);
  {
    GstStructure *stats;
    int peers;

    g_object_get (f.element, "stats", &stats, NULL);
    gst_structure_get_int (stats, "peers", &peers);
    fail_unless_equals_int (peers, 1);
    gst_structure_free (stats);
  }
  for (guint i = 0; i < G_N_ELEMENTS (viewers); i++)
    test_viewer_free (viewers[i]);
  fixture_teardown (&f);
}

GST_END_TEST
static guint
count_threads (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir))
    n++;
  return n;
}

/* The viewer's own threads are counted too, so the number is only compared
 * with that of a master that would serve each channel. */
GST_START_TEST (test_channels_beyond_reason_are_not_served)
{
  const guint n_channels = 200;
  Fixture f;
  TestViewer *steady, *greedy;
  guint before;

  fixture_setup (&f, RAW_SOURCES);
  steady = test_viewer_new (f.signaller, "steady", TEST_VIEWER_VP8, NULL);
  test_viewer_start (steady);
  fixture_assert_message (&f, "kinesiswebrtc-peer-connected", "peer-id",
      "steady");
  greedy = test_viewer_new (f.signaller, "greedy", TEST_VIEWER_VP8,
      TEST_VIEWER_OPUS);
  test_viewer_send (greedy);
  test_viewer_open_channels (greedy, n_channels);
  before = count_threads ();
  test_viewer_start (greedy);
  fixture_assert_message (&f, "kinesiswebrtc-peer-connected", "peer-id",
      "greedy");
  assert_others_go_on (steady);
  fail_unless (count_threads () < before + 3 * n_channels);
  test_viewer_free (greedy);
  test_viewer_free (steady);
  fixture_teardown (&f);
}

GST_END_TEST
/* Only one certificate is looked at. */
GST_START_TEST (test_a_transport_for_each_mline_is_refused)
{
  Fixture f;
  TestViewer *viewer;

  fixture_setup (&f, RAW_SOURCES);
  viewer = test_viewer_new (f.signaller, "viewer", TEST_VIEWER_VP8,
      TEST_VIEWER_OPUS);
  test_viewer_unbundle (viewer);
  test_viewer_start (viewer);
  fixture_assert_message (&f, "kinesiswebrtc-peer-refused", "reason", "BUNDLE");
  test_viewer_free (viewer);
  fixture_teardown (&f);
}

GST_END_TEST
/* In the middle of whatever negotiation has come to. */
GST_START_TEST (test_stopping_while_viewers_come)
{
  for (guint delay_ms = 0; delay_ms < 200; delay_ms += 20) {
    Fixture f;
    TestViewer *viewer;

    fixture_setup (&f, RAW_SOURCES);
    viewer = test_viewer_new (f.signaller, "viewer", TEST_VIEWER_VP8,
        TEST_VIEWER_OPUS);
    test_viewer_start (viewer);
    g_usleep (delay_ms * 1000);
    gst_element_set_state (f.pipeline, GST_STATE_NULL);
    test_viewer_free (viewer);
    fixture_teardown (&f);
  }
}

GST_END_TEST
/* A steady viewer, and one that sends and is about to be no guest. */
static void
start_two (Fixture *f, TestViewer **steady, TestViewer **bad, guint pt_after)
{
  *steady = test_viewer_new (f->signaller, "steady", TEST_VIEWER_VP8, NULL);
  test_viewer_start (*steady);
  fixture_assert_message (f, "kinesiswebrtc-peer-connected", "peer-id",
      "steady");
  *bad =
      test_viewer_new (f->signaller, "bad", TEST_VIEWER_VP8, TEST_VIEWER_OPUS);
  test_viewer_change_payload_type (*bad, pt_after);
  test_viewer_ignore_text_limit (*bad);
  test_viewer_send (*bad);
  test_viewer_start (*bad);
  fixture_assert_message (f, "kinesiswebrtc-peer-connected", "peer-id", "bad");
}

GST_START_TEST (test_a_track_that_changes_its_payload_type_hurts_nobody)
{
  Fixture f;
  TestViewer *steady, *bad;
  Warning warning = { "payload type 97" };

  expect_warning (&warning);
  fixture_setup (&f,
      RAW_SOURCES
      " k.video_src_0 ! decodebin ! fakesink sync=false async=false");
  start_two (&f, &steady, &bad, 100);
  fixture_assert_message (&f, "kinesiswebrtc-track", "peer-id", "bad");
  wait_warning (&warning);
  assert_others_go_on (steady);
  assert_others_go_on (steady);
  end_warning (&warning);
  test_viewer_free (bad);
  assert_others_go_on (steady);
  test_viewer_free (steady);
  fixture_teardown (&f);
}

GST_END_TEST
static void
send_text (TestViewer *viewer, const char *text)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_S * G_TIME_SPAN_SECOND;

  while (!test_viewer_send_text (viewer, text)) {
    fail_if (g_get_monotonic_time () > end);
    g_usleep (10 * 1000);
  }
}

/* Says it again until it is within the rate. */
static void
wait_heard (Fixture *f, TestViewer *viewer, const char *text)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_S * G_TIME_SPAN_SECOND;

  for (;;) {
    g_autoptr (GstMessage) message = NULL;
    const GstStructure *s;

    fail_if (g_get_monotonic_time () > end);
    send_text (viewer, text);
    while ((message = gst_bus_timed_pop_filtered (f->bus, GST_SECOND,
                GST_MESSAGE_ELEMENT))) {
      s = gst_message_get_structure (message);
      if (gst_message_has_name (message, "kinesiswebrtc-data")
          && g_str_equal (gst_structure_get_string (s, "text"), text))
        return;
      g_clear_pointer (&message, gst_message_unref);
    }
  }
}

/* A thousand at once, and later one that is heard. */
GST_START_TEST (test_a_flood_of_texts_hurts_nobody)
{
  Fixture f;
  TestViewer *steady, *bad;
  Warning warning = { "too many in a second" };

  expect_warning (&warning);
  fixture_setup (&f, RAW_SOURCES);
  start_two (&f, &steady, &bad, 0);
  for (guint i = 0; i < 1000; i++)
    send_text (bad, "flood");
  assert_others_go_on (steady);
  assert_others_go_on (steady);
  wait_heard (&f, bad, "the last");
  end_warning (&warning);
  test_viewer_free (bad);
  test_viewer_free (steady);
  fixture_teardown (&f);
}

GST_END_TEST
/* Far beyond what the answer says that it takes; it comes in pieces. */
GST_START_TEST (test_a_text_of_a_megabyte_hurts_nobody)
{
  Fixture f;
  TestViewer *steady, *bad;
  Warning warning = { "too long" };
  g_autofree char *text = g_strnfill (1024 * 1024, 'x');

  expect_warning (&warning);
  fixture_setup (&f, RAW_SOURCES);
  start_two (&f, &steady, &bad, 0);
  send_text (bad, "hello");
  fixture_assert_message (&f, "kinesiswebrtc-data", "text", "hello");
  send_text (bad, text);
  assert_others_go_on (steady);
  end_warning (&warning);
  fixture_wait_frames (bad, test_viewer_get_video_frames (bad) + 30, 0);
  test_viewer_free (bad);
  test_viewer_free (steady);
  fixture_teardown (&f);
}

GST_END_TEST
static Suite *
hostile_suite (void)
{
  Suite *suite = suite_create ("hostile");
  TCase *tc = tcase_create ("viewers");

  tcase_set_timeout (tc, 180);
  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_rtp_that_was_not_declared_is_dropped);
  tcase_add_loop_test (tc, test_picture_on_a_line_that_takes_none_is_dropped, 0,
      2);
  tcase_add_test (tc, test_answers_to_a_master_are_ignored);
  tcase_add_test (tc, test_bad_offers_are_refused_and_forgotten);
  tcase_add_test (tc, test_offers_in_a_row_leave_one_peer);
  tcase_add_test (tc, test_channels_beyond_reason_are_not_served);
  tcase_add_test (tc, test_a_transport_for_each_mline_is_refused);
  tcase_add_test (tc, test_a_track_that_changes_its_payload_type_hurts_nobody);
  tcase_add_test (tc, test_a_flood_of_texts_hurts_nobody);
  tcase_add_test (tc, test_a_text_of_a_megabyte_hurts_nobody);
  tcase_add_test (tc, test_stopping_while_viewers_come);
  return suite;
}

int
main (int argc, char **argv)
{
  return fixture_main (argc, argv, hostile_suite ());
}
