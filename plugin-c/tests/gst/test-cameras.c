/* Several video pads: which camera a viewer sees where. */
#include "fixture.h"

#include <string.h>

#define RECVONLY GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY

#define CAMERA(colour, pad)                         \
  "videotestsrc is-live=true pattern=" colour " ! " \
  "video/x-raw,width=160,height=120,framerate=30/1 ! k." pad " "

/* Linked in another order than they are numbered in. */
#define THREE_CAMERAS                                           \
  "kinesiswebrtcbin name=k channel=test "                       \
  "audiotestsrc is-live=true ! k.audio_sink_0 " CAMERA ("blue", \
      "video_sink_2") CAMERA ("red", "video_sink_0")            \
      CAMERA ("green", "video_sink_1")

/* Which channel of 0xRRGGBB is the strongest, by its letter. */
static char
colour_of (guint32 rgb)
{
  guint r = rgb >> 16, g = rgb >> 8 & 0xff, b = rgb & 0xff;

  return r > g && r > b ? 'r' : g > b ? 'g' : 'b';
}

static void
assert_colour (TestViewer *viewer, guint mline, char colour)
{
  fixture_wait_received (viewer, mline, 5);
  fail_unless_equals_int (colour_of (test_viewer_get_colour (viewer, mline)),
      colour);
}

/* Its m-lines: picture, sound, and so many more pictures. */
static TestViewer *
start_viewer (Fixture *f, const char *peer_id, guint more)
{
  TestViewer *viewer = test_viewer_new (f->signaller, peer_id, NULL, NULL);

  test_viewer_add_media (viewer, TEST_VIEWER_VP8, RECVONLY, NULL);
  test_viewer_add_media (viewer, TEST_VIEWER_OPUS, RECVONLY, NULL);
  for (guint i = 0; i < more; i++)
    test_viewer_add_media (viewer, TEST_VIEWER_VP8, RECVONLY, NULL);
  test_viewer_start (viewer);
  fixture_assert_message (f, "kinesiswebrtc-peer-connected", "peer-id",
      peer_id);
  return viewer;
}

/* The text of the answer's m-line of that number (transfer full). */
static char *
answered_media (TestViewer *viewer, guint mline)
{
  g_autofree char *answer = test_viewer_get_answer (viewer);
  g_auto (GStrv) parts = g_strsplit (answer, "\r\nm=", -1);

  fail_unless (g_strv_length (parts) > mline + 1);
  return g_strdup (parts[mline + 1]);
}

GST_START_TEST (test_each_line_gets_its_camera_by_number)
{
  Fixture f;
  TestViewer *viewer;

  fixture_setup (&f, THREE_CAMERAS);
  viewer = start_viewer (&f, "three", 2);
  assert_colour (viewer, 0, 'r');
  assert_colour (viewer, 2, 'g');
  assert_colour (viewer, 3, 'b');
  fixture_wait_received (viewer, 1, 20);
  test_viewer_free (viewer);
  fixture_teardown (&f);
}

GST_END_TEST
GST_START_TEST (test_each_line_is_a_stream_of_its_own)
{
  static const char *const msids[] = { "a=msid:stream-0 video_sink_0",
    "a=msid:stream-0 audio_sink_0", "a=msid:stream-1 video_sink_1",
    "a=msid:stream-2 video_sink_2" };
  Fixture f;
  TestViewer *viewer;

  fixture_setup (&f, THREE_CAMERAS);
  viewer = start_viewer (&f, "three", 2);
  for (guint i = 0; i < G_N_ELEMENTS (msids); i++) {
    g_autofree char *media = answered_media (viewer, i);

    fail_unless (strstr (media, msids[i]));
  }
  test_viewer_free (viewer);
  fixture_teardown (&f);
}

GST_END_TEST
GST_START_TEST (test_a_viewer_of_one_camera_sees_the_first)
{
  Fixture f;
  TestViewer *viewer;

  fixture_setup (&f, THREE_CAMERAS);
  viewer = start_viewer (&f, "one", 0);
  assert_colour (viewer, 0, 'r');
  fixture_wait_received (viewer, 1, 20);
  test_viewer_free (viewer);
  fixture_teardown (&f);
}

GST_END_TEST
GST_START_TEST (test_a_line_without_a_camera_is_inactive)
{
  Fixture f;
  TestViewer *viewer;
  g_autofree char *media = NULL;

  fixture_setup (&f, THREE_CAMERAS);
  viewer = start_viewer (&f, "four", 3);
  assert_colour (viewer, 0, 'r');
  assert_colour (viewer, 2, 'g');
  assert_colour (viewer, 3, 'b');
  media = answered_media (viewer, 4);
  fail_unless (strstr (media, "a=inactive"));
  fail_unless (!strstr (media, "a=msid"));
  test_viewer_free (viewer);
  fixture_teardown (&f);
}

GST_END_TEST
/* The first peer's, once all its pictures have come. */
static GstStructure *
peer_stats (Fixture *f)
{
  g_autoptr (GstStructure) stats = NULL;
  GstStructure *peer;

  g_object_get (f->element, "stats", &stats, NULL);
  gst_structure_get (stats, "peer-0", GST_TYPE_STRUCTURE, &peer, NULL);
  return peer;
}

static void
assert_camera (const GstStructure *peer, const char *codec, const char *width,
    const char *frames, int expected)
{
  int found = 0;
  gint64 sent = 0;

  gst_structure_get_int (peer, width, &found);
  gst_structure_get_int64 (peer, frames, &sent);
  fail_unless (sent >= 2, "only %" G_GINT64_FORMAT " frames", sent);
  fail_unless_equals_string (gst_structure_get_string (peer, codec), "VP8");
  fail_unless_equals_int (found, expected);
}

GST_START_TEST (test_statistics_tell_of_each_camera)
{
  Fixture f;
  TestViewer *viewer;
  g_autoptr (GstStructure) peer = NULL;

  fixture_setup (&f,
      "kinesiswebrtcbin name=k channel=test "
      "videotestsrc is-live=true ! video/x-raw,width=320,height=240 ! "
      "k.video_sink_5 "
      "videotestsrc is-live=true ! video/x-raw,width=160,height=120 ! "
      "k.video_sink_2 ");
  viewer = test_viewer_new (f.signaller, "two", NULL, NULL);
  for (guint i = 0; i < 3; i++)
    test_viewer_add_media (viewer, TEST_VIEWER_VP8, RECVONLY, NULL);
  test_viewer_start (viewer);
  fixture_wait_received (viewer, 0, 2);
  fixture_wait_received (viewer, 1, 2);
  peer = peer_stats (&f);
  assert_camera (peer, "video-codec", "width", "frames-sent", 160);
  assert_camera (peer, "video-codec-1", "width-1", "frames-sent-1", 320);
  fail_if (gst_structure_has_field (peer, "video-codec-2"));
  test_viewer_free (viewer);
  fixture_teardown (&f);
}

GST_END_TEST
static Suite *
cameras_suite (void)
{
  Suite *suite = suite_create ("cameras");
  TCase *tc = tcase_create ("lines");

  tcase_set_timeout (tc, 120);
  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_each_line_gets_its_camera_by_number);
  tcase_add_test (tc, test_each_line_is_a_stream_of_its_own);
  tcase_add_test (tc, test_a_viewer_of_one_camera_sees_the_first);
  tcase_add_test (tc, test_a_line_without_a_camera_is_inactive);
  tcase_add_test (tc, test_statistics_tell_of_each_camera);
  return suite;
}

int
main (int argc, char **argv)
{
  return fixture_main (argc, argv, cameras_suite ());
}
