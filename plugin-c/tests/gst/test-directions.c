/* What is linked, and what a viewer wants, decide what goes which way. */
#include "fixture.h"

#include <string.h>

#define NONE GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_NONE
#define INACTIVE GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_INACTIVE
#define SENDONLY GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY
#define RECVONLY GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY
#define SENDRECV GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDRECV

typedef GstWebRTCRTPTransceiverDirection Direction;

#define MAX_LINES 5

typedef struct {
  gboolean is_video;
  Direction offered;
} Line;

static const struct {
  const char *name;
  const char *pipeline;
  gboolean audio, video;
} sources[] = {
  { "audio and video",
      "videotestsrc is-live=true ! "
      "video/x-raw,width=160,height=120,framerate=30/1 ! k. "
      "audiotestsrc is-live=true ! k. ",
      TRUE, TRUE },
  { "audio", "audiotestsrc is-live=true ! k. ", TRUE, FALSE },
  { "video",
      "videotestsrc is-live=true ! "
      "video/x-raw,width=160,height=120,framerate=30/1 ! k. ",
      FALSE, TRUE },
  { "nothing", "", FALSE, FALSE },
};

/* Each line's direction, audio first where both are the same. */
static const Line offers[][MAX_LINES + 1] = {
  { { FALSE, RECVONLY }, { TRUE, RECVONLY }, { 0 } },
  { { TRUE, RECVONLY }, { FALSE, RECVONLY }, { 0 } },
  { { FALSE, SENDRECV }, { TRUE, SENDRECV }, { 0 } },
  { { TRUE, SENDRECV }, { FALSE, SENDRECV }, { 0 } },
  { { FALSE, SENDONLY }, { TRUE, SENDONLY }, { 0 } },
  { { TRUE, SENDONLY }, { FALSE, RECVONLY }, { 0 } },
  { { FALSE, INACTIVE }, { TRUE, INACTIVE }, { 0 } },
  { { FALSE, INACTIVE }, { TRUE, SENDRECV }, { 0 } },
  { { TRUE, SENDRECV }, { FALSE, SENDRECV }, { TRUE, RECVONLY },
      { FALSE, RECVONLY }, { TRUE, INACTIVE }, { 0 } },
};

static gboolean
receives (Direction direction)
{
  return direction == RECVONLY || direction == SENDRECV;
}

static gboolean
sends (Direction direction)
{
  return direction == SENDONLY || direction == SENDRECV;
}

/* The answer is the master's word: what it sends the viewer receives. The
 * first line of a kind that wants it gets the one source there is. */
static void
expect (const Line *lines, gboolean audio, gboolean video, Direction *answer)
{
  gboolean left[2] = { audio, video };

  for (guint i = 0; lines[i].offered != NONE; i++) {
    gboolean goes_out = receives (lines[i].offered) && left[lines[i].is_video];
    gboolean comes_in = sends (lines[i].offered);

    if (goes_out)
      left[lines[i].is_video] = FALSE;
    answer[i] = goes_out ? comes_in ? SENDRECV : SENDONLY
        : comes_in       ? RECVONLY
                         : INACTIVE;
  }
}

static Direction
direction_in (const char *media)
{
  static const struct {
    const char *attribute;
    Direction direction;
  } words[] = {
    { "a=sendrecv", SENDRECV },
    { "a=sendonly", SENDONLY },
    { "a=recvonly", RECVONLY },
    { "a=inactive", INACTIVE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++) {
    if (strstr (media, words[i].attribute))
      return words[i].direction;
  }
  return SENDRECV;
}

static void
wait_no_pads (Fixture *f)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_S * G_TIME_SPAN_SECOND;

  while (GST_ELEMENT (f->element)->numsrcpads > 0) {
    fail_if (g_get_monotonic_time () > end);
    g_usleep (10 * 1000);
  }
}

static gboolean
is_anything (const Direction *answer)
{
  for (guint i = 0; answer[i] != NONE; i++) {
    if (answer[i] != INACTIVE)
      return TRUE;
  }
  return FALSE;
}

static void
assert_answer (TestViewer *viewer, const Direction *expected)
{
  g_autofree char *answer = test_viewer_get_answer (viewer);
  g_auto (GStrv) parts = g_strsplit (answer, "\r\nm=", -1);

  for (guint i = 0; expected[i] != NONE; i++) {
    fail_unless (parts[i + 1] != NULL);
    fail_unless_equals_int (direction_in (parts[i + 1]), expected[i]);
  }
}

/* Every line that was promised to flow does, and no other. */
static void
assert_flow (TestViewer *viewer, const Line *lines, const Direction *answer,
    int came_in[2])
{
  for (guint i = 0; answer[i] != NONE; i++) {
    if (sends (answer[i]))
      fixture_wait_received (viewer, i, 5);
    if (receives (answer[i]))
      fixture_wait_more (&came_in[lines[i].is_video], 5);
  }
  for (guint i = 0; answer[i] != NONE; i++) {
    if (!sends (answer[i]))
      fail_unless_equals_int (test_viewer_get_received (viewer, i), 0);
  }
}

static void
run_offer (Fixture *f, const Line *lines, gboolean audio, gboolean video,
    int came_in[2])
{
  TestViewer *viewer = test_viewer_new (f->signaller, "viewer", NULL, NULL);
  Direction answer[MAX_LINES + 1] = { 0 };

  for (guint i = 0; lines[i].offered != NONE; i++)
    test_viewer_add_media (viewer,
        lines[i].is_video ? TEST_VIEWER_VP8 : TEST_VIEWER_OPUS,
        lines[i].offered, NULL);
  expect (lines, audio, video, answer);
  test_viewer_start (viewer);
  if (is_anything (answer)) {
    fixture_assert_message (f, "kinesiswebrtc-peer-connected", "peer-id",
        "viewer");
    assert_answer (viewer, answer);
    assert_flow (viewer, lines, answer, came_in);
    g_signal_emit_by_name (f->element, "disconnect-peer", "viewer");
    fixture_assert_message (f, "kinesiswebrtc-peer-disconnected", "peer-id",
        "viewer");
    wait_no_pads (f);
  } else {
    fixture_assert_message (f, "kinesiswebrtc-peer-refused", "reason",
        "nothing");
  }
  test_viewer_free (viewer);
}

GST_START_TEST (test_every_source_meets_every_offer)
{
  g_autofree char *description =
      g_strconcat ("kinesiswebrtcbin name=k channel=test ",
          sources[__i__].pipeline,
          "k.video_src_0 ! fakesink name=v async=false sync=false "
          "k.audio_src_0 ! fakesink name=a async=false sync=false",
          NULL);
  Fixture f;
  int came_in[2] = { 0 };

  fixture_setup (&f, description);
  fixture_count_buffers (&f, "a", &came_in[FALSE]);
  fixture_count_buffers (&f, "v", &came_in[TRUE]);
  for (guint i = 0; i < G_N_ELEMENTS (offers); i++) {
    GST_INFO ("%s linked, offer %u", sources[__i__].name, i);
    run_offer (&f, offers[i], sources[__i__].audio, sources[__i__].video,
        came_in);
  }
  fixture_teardown (&f);
}

GST_END_TEST
static Suite *
directions_suite (void)
{
  Suite *suite = suite_create ("directions");
  TCase *tc = tcase_create ("matrix");

  tcase_set_timeout (tc, 180);
  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_every_source_meets_every_offer, 0,
      G_N_ELEMENTS (sources));
  return suite;
}

int
main (int argc, char **argv)
{
  return fixture_main (argc, argv, directions_suite ());
}
