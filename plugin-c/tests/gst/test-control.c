/* What an application may change while viewers watch. */
#include "fixture.h"

#include <string.h>

/* One peer's structure of the element's statistics, NULL when there is none
 * of that id (transfer full). */
static GstStructure *
peer_stats (Fixture *f, const char *peer_id)
{
  g_autoptr (GstStructure) stats = NULL;
  int peers = 0;

  g_object_get (f->element, "stats", &stats, NULL);
  gst_structure_get_int (stats, "peers", &peers);
  for (int i = 0; i < peers; i++) {
    g_autofree char *field = g_strdup_printf ("peer-%d", i);
    GstStructure *peer = NULL;

    gst_structure_get (stats, field, GST_TYPE_STRUCTURE, &peer, NULL);
    if (g_strcmp0 (gst_structure_get_string (peer, "peer-id"), peer_id) == 0)
      return peer;
    gst_structure_free (peer);
  }
  return NULL;
}

static gboolean
is_muted (Fixture *f, const char *peer_id)
{
  g_autoptr (GstStructure) peer = peer_stats (f, peer_id);
  gboolean muted = FALSE;

  fail_unless (peer != NULL);
  gst_structure_get_boolean (peer, "muted", &muted);
  return muted;
}

static void
wait_more_frames (TestViewer *viewer, guint more)
{
  fixture_wait_frames (viewer, test_viewer_get_video_frames (viewer) + more, 0);
}

static TestViewer *
join (Fixture *f, const char *id, const char *video, const char *audio)
{
  TestViewer *viewer = test_viewer_new (f->signaller, id, video, audio);

  test_viewer_start (viewer);
  return viewer;
}

GST_START_TEST (test_muted_viewer_gets_nothing_and_then_a_key_frame)
{
  Fixture f;
  TestViewer *muted, *other;
  guint frames, buffers;
  gint64 end = g_get_monotonic_time () + 2 * PATIENCE_S * G_TIME_SPAN_SECOND;

  fixture_setup (&f, RAW_SOURCES);
  muted = join (&f, "muted", TEST_VIEWER_VP8, TEST_VIEWER_OPUS);
  other = join (&f, "other", TEST_VIEWER_VP8, TEST_VIEWER_OPUS);
  fixture_wait_frames (muted, 10, 10);
  fixture_wait_frames (other, 10, 10);

  g_signal_emit_by_name (f.element, "mute-peer", "muted", TRUE);
  g_signal_emit_by_name (f.element, "mute-peer", "nobody", TRUE);
  fail_unless (is_muted (&f, "muted"));
  fail_if (is_muted (&f, "other"));
  /* What is under way still arrives: on a busy machine that can be a lot. */
  do {
    fail_if (g_get_monotonic_time () > end);
    frames = test_viewer_get_video_frames (muted);
    buffers = test_viewer_get_audio_buffers (muted);
    wait_more_frames (other, 30);
  } while (test_viewer_get_video_frames (muted) != frames
      || test_viewer_get_audio_buffers (muted) != buffers);

  test_viewer_expect_picture (muted);
  g_signal_emit_by_name (f.element, "mute-peer", "muted", FALSE);
  fixture_wait_frames (muted, frames + 10, buffers + 10);
  fail_unless_equals_int (test_viewer_get_next_picture (muted),
      TEST_PICTURE_KEY);
  fail_if (is_muted (&f, "muted"));
  test_viewer_free (muted);
  test_viewer_free (other);
  fixture_teardown (&f);
}

GST_END_TEST
GST_START_TEST (test_muted_twice_is_muted_once)
{
  Fixture f;
  TestViewer *viewer;

  fixture_setup (&f, RAW_SOURCES);
  viewer = join (&f, "viewer", TEST_VIEWER_VP8, TEST_VIEWER_OPUS);
  fixture_wait_frames (viewer, 5, 5);
  for (guint i = 0; i < 3; i++)
    g_signal_emit_by_name (f.element, "mute-peer", "viewer", TRUE);
  for (guint i = 0; i < 3; i++)
    g_signal_emit_by_name (f.element, "mute-peer", "viewer", FALSE);
  wait_more_frames (viewer, 20);
  g_signal_emit_by_name (f.element, "mute-peer", "viewer", TRUE);
  g_signal_emit_by_name (f.element, "disconnect-peer", "viewer");
  fixture_assert_message (&f, "kinesiswebrtc-peer-disconnected", "peer-id",
      "viewer");
  test_viewer_free (viewer);
  fixture_teardown (&f);
}

GST_END_TEST
/* Between what 500 and what 4000 kbit/s make of 30 frames a second. */
#define MIDDLE_BYTES 6000

static double
bytes_a_frame (TestViewer *viewer)
{
  guint before, after;
  guint64 bytes = test_viewer_get_encoded (viewer, &before);

  wait_more_frames (viewer, 20);
  bytes = test_viewer_get_encoded (viewer, &after) - bytes;
  return (double) bytes / (after - before);
}

static void
wait_rate (TestViewer *viewer, gboolean is_high)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_S * G_TIME_SPAN_SECOND;
  double bytes;

  do {
    bytes = bytes_a_frame (viewer);
    fail_if (g_get_monotonic_time () > end, "%.0f bytes a frame", bytes);
  } while ((bytes > MIDDLE_BYTES) != is_high);
}

/* The rate itself, up and down, and then a bound. */
static void
assert_rate_follows (const char *codec)
{
  Fixture f;
  TestViewer *viewer;

  fixture_setup (&f,
      "videotestsrc is-live=true pattern=snow ! "
      "video/x-raw,width=160,height=120,framerate=30/1 ! "
      "kinesiswebrtcbin name=k channel=test bitrate=4000");
  viewer = join (&f, "viewer", codec, NULL);
  wait_rate (viewer, TRUE);
  g_object_set (f.element, "bitrate", 500, NULL);
  wait_rate (viewer, FALSE);
  g_object_set (f.element, "bitrate", 4000, NULL);
  wait_rate (viewer, TRUE);
  g_object_set (f.element, "max-bitrate", 500, NULL);
  wait_rate (viewer, FALSE);
  test_viewer_free (viewer);
  fixture_teardown (&f);
}

GST_START_TEST (test_bit_rate_of_vp8_changes_at_once)
{
  assert_rate_follows (TEST_VIEWER_VP8);
}

GST_END_TEST
GST_START_TEST (test_bit_rate_of_h264_changes_at_once)
{
  assert_rate_follows (TEST_VIEWER_H264);
}

GST_END_TEST
GST_START_TEST (test_statistics_say_how_a_peer_is_served)
{
  Fixture f;
  TestViewer *viewer;
  g_autoptr (GstStructure) peer = NULL;
  int width = 0, height = 0;
  gint64 sent = 0, received = -1;

  fixture_setup (&f, RAW_SOURCES);
  viewer = join (&f, "viewer", TEST_VIEWER_VP8, TEST_VIEWER_OPUS);
  fixture_wait_frames (viewer, 5, 5);
  peer = peer_stats (&f, "viewer");
  fail_unless_equals_string (gst_structure_get_string (peer, "state"),
      "connected");
  fail_unless_equals_string (gst_structure_get_string (peer, "video-codec"),
      "VP8");
  fail_unless_equals_string (gst_structure_get_string (peer, "audio-codec"),
      "OPUS");
  fail_unless_equals_string (gst_structure_get_string (peer, "protocol"),
      "udp");
  fail_unless (gst_structure_get_string (peer, "local-candidate") != NULL);
  gst_structure_get (peer, "width", G_TYPE_INT, &width, "height", G_TYPE_INT,
      &height, NULL);
  fail_unless_equals_int (width, 320);
  fail_unless_equals_int (height, 240);
  gst_structure_get_int64 (peer, "frames-sent", &sent);
  fail_unless (sent >= 5, "only %" G_GINT64_FORMAT " frames", sent);
  gst_structure_get_int64 (peer, "frames-received", &received);
  fail_unless_equals_int64 (received, 0);
  test_viewer_free (viewer);
  fixture_teardown (&f);
}

GST_END_TEST
static Suite *
control_suite (void)
{
  Suite *suite = suite_create ("control");
  TCase *tc = tcase_create ("live");

  tcase_set_timeout (tc, 120);
  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_muted_viewer_gets_nothing_and_then_a_key_frame);
  tcase_add_test (tc, test_muted_twice_is_muted_once);
  tcase_add_test (tc, test_bit_rate_of_vp8_changes_at_once);
  tcase_add_test (tc, test_bit_rate_of_h264_changes_at_once);
  tcase_add_test (tc, test_statistics_say_how_a_peer_is_served);
  return suite;
}

int
main (int argc, char **argv)
{
  return fixture_main (argc, argv, control_suite ());
}
