/* What viewers send comes out of the element's source pads. */
#include "fixture.h"

#include <gst/rtp/rtp.h>
#include <string.h>

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
  fixture_count_buffers (&f, "v", &video);
  fixture_count_buffers (&f, "a", &audio);
  viewer = test_viewer_new (f.signaller, "sender", TEST_VIEWER_VP8,
      TEST_VIEWER_OPUS);
  test_viewer_send (viewer);
  test_viewer_start (viewer);
  track = fixture_wait_message (&f, "kinesiswebrtc-track");
  fail_unless_equals_string (gst_structure_get_string (track, "peer-id"),
      "sender");
  fixture_wait_count (&video, 20);
  fixture_wait_count (&audio, 40);
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
typedef struct {
  guint packets;
  int lost; /* atomic */
} Losses;

#define LOSE_EVERY 50

/* Not the last of a picture: the loss shows in the middle of one. */
static GstPadProbeReturn
lose_some (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Losses *losses = user_data;
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  gboolean is_last;

  fail_unless (gst_rtp_buffer_map (GST_PAD_PROBE_INFO_BUFFER (info),
      GST_MAP_READ, &rtp));
  is_last = gst_rtp_buffer_get_marker (&rtp);
  gst_rtp_buffer_unmap (&rtp);
  if (is_last || ++losses->packets % LOSE_EVERY != 0)
    return GST_PAD_PROBE_OK;
  g_atomic_int_inc (&losses->lost);
  return GST_PAD_PROBE_DROP;
}

static void
lose_packets (TestViewer *viewer, Losses *losses)
{
  GstElement *pipeline = test_viewer_get_pipeline (viewer);
  g_autoptr (GstElement) sender =
      gst_bin_get_by_name (GST_BIN (pipeline), "sender");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (sender, "src");

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, lose_some, losses, NULL);
}

/* Its depayloader must not be told of them: of 1.22 it does not bear it. */
GST_START_TEST (test_lost_packets_of_vp9_are_got_over)
{
  Fixture f;
  TestViewer *viewer;
  Losses losses = { 0 };
  int video = 0;

  fixture_setup (&f,
      RAW_SOURCES " k.video_src_0 ! fakesink name=v async=false");
  fixture_count_buffers (&f, "v", &video);
  viewer = test_viewer_new (f.signaller, "lossy", NULL, NULL);
  test_viewer_add_media (viewer, TEST_VIEWER_VP9,
      GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY,
      "videotestsrc is-live=true pattern=ball ! "
      "video/x-raw,width=160,height=120,framerate=15/1 ! vp9enc deadline=1 "
      "cpu-used=8 ! rtpvp9pay pt=98 mtu=150 picture-id-mode=15-bit ! "
      "identity name=sender");
  lose_packets (viewer, &losses);
  test_viewer_start (viewer);
  fixture_assert_message (&f, "kinesiswebrtc-track", "codec", "VP9");
  fixture_wait_count (&losses.lost, 3);
  fixture_wait_more (&video, 10);
  test_viewer_free (viewer);
  fixture_teardown (&f);
}

GST_END_TEST
static TestViewer *
start_sender (Fixture *f, const char *peer_id)
{
  TestViewer *viewer = test_viewer_new (f->signaller, peer_id, TEST_VIEWER_VP8,
      TEST_VIEWER_OPUS);

  test_viewer_send (viewer);
  test_viewer_start (viewer);
  return viewer;
}

/* The pads come in either order, and so do what two viewers send. */
static void
wait_pads (Fixture *f, const char *video, const char *audio)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_S * G_TIME_SPAN_SECOND;

  for (;;) {
    g_autoptr (GstPad) v = gst_element_get_static_pad (f->element, video);
    g_autoptr (GstPad) a = gst_element_get_static_pad (f->element, audio);

    if (v && a)
      return;
    if (g_get_monotonic_time () > end)
      g_error ("no %s, %s", video, audio);
    g_usleep (10 * 1000);
  }
}

static void
wait_gone (Fixture *f, const char *name)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_S * G_TIME_SPAN_SECOND;

  for (;;) {
    g_autoptr (GstPad) pad = gst_element_get_static_pad (f->element, name);

    if (!pad)
      return;
    if (g_get_monotonic_time () > end)
      g_error ("%s is still there", name);
    g_usleep (10 * 1000);
  }
}

static void
disconnect_peer (Fixture *f, const char *peer_id)
{
  g_signal_emit_by_name (f->element, "disconnect-peer", peer_id);
  fixture_assert_message (f, "kinesiswebrtc-peer-disconnected", "peer-id",
      peer_id);
}

static GstPadProbeReturn
hold (GstPad *pad, GstPadProbeInfo *info, gpointer counter)
{
  g_atomic_int_inc ((int *) counter);
  return GST_PAD_PROBE_OK;
}

/* The element of that name takes its first buffer, and never gives it back. */
static void
block (Fixture *f, const char *name, int *held)
{
  g_autoptr (GstElement) element =
      gst_bin_get_by_name (GST_BIN (f->pipeline), name);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, "sink");

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_BUFFER,
      hold, held, NULL);
}

#define BLOCKED_AND_COUNTED               \
  RAW_SOURCES                             \
  " k.video_src_0 ! fakesink name=v0 "    \
  "async=false k.audio_src_0 ! fakesink " \
  "name=a0 async=false k.video_src_1 ! "  \
  "fakesink name=v1 async=false sync="    \
  "false k.audio_src_1 ! fakesink "       \
  "name=a1 async=false sync=false"

/* Not what is sent to anybody, not what comes from others, nor the next. */
GST_START_TEST (test_blocked_sinks_slow_nobody)
{
  Fixture f;
  TestViewer *blocked, *other, *next;
  int held[2] = { 0 }, counted[2] = { 0 };
  int before[2];

  fixture_setup (&f, BLOCKED_AND_COUNTED);
  block (&f, "v0", &held[0]);
  block (&f, "a0", &held[1]);
  fixture_count_buffers (&f, "v1", &counted[0]);
  fixture_count_buffers (&f, "a1", &counted[1]);
  blocked = start_sender (&f, "blocked");
  fixture_wait_count (&held[0], 1);
  fixture_wait_count (&held[1], 1);
  other = start_sender (&f, "other");
  fixture_wait_count (&counted[0], 60);
  fixture_wait_count (&counted[1], 100);
  fixture_wait_frames (other, 60, 100);
  fixture_wait_frames (blocked, 60, 100);

  /* It goes while nothing takes what it sent. */
  disconnect_peer (&f, "blocked");
  for (guint i = 0; i < 4; i++) {
    next = start_sender (&f, "next");
    fixture_wait_frames (next, 10, 20);
    disconnect_peer (&f, "next");
    test_viewer_free (next);
  }
  before[0] = g_atomic_int_get (&counted[0]);
  before[1] = g_atomic_int_get (&counted[1]);
  fixture_wait_count (&counted[0], before[0] + 30);
  fixture_wait_count (&counted[1], before[1] + 50);
  test_viewer_free (blocked);
  test_viewer_free (other);
  fixture_teardown (&f);
}

GST_END_TEST
/* An appsink that nobody reads: it waits until it is flushed, or stopped. */
#define UNREAD "appsink max-buffers=1 sync=false async=false"
#define UNREAD_SINKS                                                           \
  " k.video_src_0 ! " UNREAD " name=v "                                        \
  "k.audio_src_0 ! queue max-size-buffers=2 max-size-time=0 max-size-bytes=0 " \
  "name=a ! " UNREAD

/* The element alone, below what goes on playing. */
GST_START_TEST (test_element_stops_while_downstream_stands_still)
{
  Fixture f;
  TestViewer *viewer;
  int held[2] = { 0 };

  fixture_setup (&f, RAW_SOURCES UNREAD_SINKS);
  fixture_count_buffers (&f, "v", &held[0]);
  fixture_count_buffers (&f, "a", &held[1]);
  viewer = start_sender (&f, "sender");
  fixture_wait_count (&held[0], 2);
  fixture_wait_count (&held[1], 4);
  fail_unless_equals_int (gst_element_set_state (f.element, GST_STATE_NULL),
      GST_STATE_CHANGE_SUCCESS);
  fail_unless_equals_int (f.element->numsrcpads, 0);
  test_viewer_free (viewer);
  fixture_teardown (&f);
}

GST_END_TEST
/* And the next one that sends finds what was linked. */
GST_START_TEST (test_peer_leaves_while_downstream_stands_still)
{
  Fixture f;
  int held[2] = { 0 };

  fixture_setup (&f, RAW_SOURCES UNREAD_SINKS);
  fixture_count_buffers (&f, "v", &held[0]);
  fixture_count_buffers (&f, "a", &held[1]);
  for (guint i = 0; i < 2; i++) {
    TestViewer *viewer = start_sender (&f, "sender");
    int before[2] = { g_atomic_int_get (&held[0]),
      g_atomic_int_get (&held[1]) };

    fixture_wait_count (&held[0], before[0] + 2);
    fixture_wait_count (&held[1], before[1] + 4);
    disconnect_peer (&f, "sender");
    wait_gone (&f, "video_src_0");
    wait_gone (&f, "audio_src_0");
    test_viewer_free (viewer);
  }
  fixture_teardown (&f);
}

GST_END_TEST
static GstPadProbeReturn
count_flush (GstPad *pad, GstPadProbeInfo *info, gpointer counter)
{
  if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_FLUSH_START)
    g_atomic_int_inc ((int *) counter);
  return GST_PAD_PROBE_OK;
}

/* A launch line links once; a filesink that is flushed empties its file. */
GST_START_TEST (test_the_next_viewer_finds_what_was_linked)
{
  Fixture f;
  int video = 0, audio = 0, flushes = 0;
  g_autoptr (GstElement) sink = NULL;
  g_autoptr (GstPad) pad = NULL;

  fixture_setup (&f,
      RAW_SOURCES
      " k.video_src_0 ! decodebin ! fakesink name=v sync=true async=false"
      " k.audio_src_0 ! opusdec ! fakesink name=a sync=true async=false");
  fixture_count_buffers (&f, "v", &video);
  fixture_count_buffers (&f, "a", &audio);
  sink = gst_bin_get_by_name (GST_BIN (f.pipeline), "v");
  pad = gst_element_get_static_pad (sink, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_FLUSH, count_flush, &flushes,
      NULL);
  for (guint i = 0; i < 3; i++) {
    TestViewer *viewer = start_sender (&f, "sender");
    int before[2] = { g_atomic_int_get (&video), g_atomic_int_get (&audio) };

    fixture_wait_count (&video, before[0] + 20);
    fixture_wait_count (&audio, before[1] + 40);
    disconnect_peer (&f, "sender");
    test_viewer_free (viewer);
    wait_gone (&f, "video_src_0");
    wait_gone (&f, "audio_src_0");
  }
  fail_unless_equals_int (flushes, 0);
  fixture_teardown (&f);
}

GST_END_TEST
/* A recorder of what a viewer sent, say, when the viewer has left, or just leaves. */
static void
assert_end_reaches (gboolean is_gone)
{
  Fixture f;
  TestViewer *viewer;
  int video = 0;

  fixture_setup (&f, RAW_SOURCES " k.video_src_0 ! fakesink name=v0");
  fixture_count_buffers (&f, "v0", &video);
  viewer = start_sender (&f, "sender");
  fixture_wait_count (&video, 10);
  disconnect_peer (&f, "sender");
  if (is_gone)
    wait_gone (&f, "video_src_0");
  fixture_assert_ends (&f);
  test_viewer_free (viewer);
  fixture_teardown (&f);
}

GST_START_TEST (test_the_end_reaches_what_a_viewer_left_behind)
{
  assert_end_reaches (TRUE);
}

GST_END_TEST
GST_START_TEST (test_the_end_reaches_what_a_viewer_just_leaves)
{
  assert_end_reaches (FALSE);
}

GST_END_TEST
/* Nothing takes an end while it is paused. */
GST_START_TEST (test_an_end_while_paused_holds_up_nobody)
{
  Fixture f;
  TestViewer *viewer;
  int video = 0;

  fixture_setup (&f, RAW_SOURCES " k.video_src_0 ! fakesink name=v0");
  fixture_count_buffers (&f, "v0", &video);
  viewer = start_sender (&f, "sender");
  fixture_wait_count (&video, 10);
  disconnect_peer (&f, "sender");
  wait_gone (&f, "video_src_0");
  gst_element_set_state (f.pipeline, GST_STATE_PAUSED);
  fail_unless (gst_element_send_event (f.pipeline, gst_event_new_eos ()));
  test_viewer_free (viewer);
  fixture_teardown (&f);
}

GST_END_TEST
static void
wait_warning (Fixture *f, const char *part)
{
  g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (f->bus,
      PATIENCE_S * GST_SECOND, GST_MESSAGE_WARNING | GST_MESSAGE_ERROR);
  g_autoptr (GError) error = NULL;

  fail_unless (message && GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING);
  gst_message_parse_warning (message, &error, NULL);
  if (!strstr (error->message, part))
    g_error ("warns of: %s", error->message);
}

/* A viewer may send what the application did not think of. */
GST_START_TEST (test_a_codec_that_does_not_fit_costs_only_itself)
{
  Fixture f;
  TestViewer *viewer;
  int audio = 0;

  fixture_setup (&f,
      RAW_SOURCES " k.video_src_0 ! h264parse ! fakesink async=false"
                  " k.audio_src_0 ! opusdec ! fakesink name=a async=false");
  fixture_count_buffers (&f, "a", &audio);
  viewer = start_sender (&f, "sender");
  wait_warning (&f, "VP8");
  fixture_wait_count (&audio, 40);
  fixture_wait_frames (viewer, 30, 30);
  test_viewer_free (viewer);
  fixture_teardown (&f);
}

GST_END_TEST
GST_START_TEST (test_pads_name_their_viewer)
{
  Fixture f;
  TestViewer *one, *two;
  static const char *const names[] = { "video_src_0", "audio_src_0",
    "video_src_1", "audio_src_1" };

  fixture_setup (&f, RAW_SOURCES);
  one = start_sender (&f, "one");
  wait_pads (&f, "video_src_0", "audio_src_0");
  two = start_sender (&f, "two");
  wait_pads (&f, "video_src_1", "audio_src_1");
  fixture_wait_frames (two, 10, 10);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GstPad) pad = gst_element_get_static_pad (f.element, names[i]);
    g_autofree char *stream_id = gst_pad_get_stream_id (pad);

    fail_unless (strstr (stream_id, i < 2 ? "/one/" : "/two/"));
  }
  test_viewer_free (one);
  test_viewer_free (two);
  fixture_teardown (&f);
}

GST_END_TEST
static void
assert_texts_go_both_ways (Fixture *f, TestViewer *viewer)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_S * G_TIME_SPAN_SECOND;
  g_autofree char *text = NULL;

  while (!test_viewer_send_text (viewer, "hello, master")) {
    fail_if (g_get_monotonic_time () > end);
    g_usleep (10 * 1000);
  }
  fixture_assert_message (f, "kinesiswebrtc-data", "text", "hello, master");
  g_signal_emit_by_name (f->element, "send-data", "talker", "hello, viewer");
  while (!(text = test_viewer_get_text (viewer))) {
    fail_if (g_get_monotonic_time () > end);
    g_usleep (10 * 1000);
  }
  fail_unless_equals_string (text, "hello, viewer");
}

GST_START_TEST (test_texts_go_both_ways)
{
  Fixture f;
  TestViewer *viewer;

  fixture_setup (&f, RAW_SOURCES);
  viewer = test_viewer_new (f.signaller, "talker", TEST_VIEWER_VP8, NULL);
  test_viewer_send (viewer);
  test_viewer_start (viewer);
  fixture_assert_message (&f, "kinesiswebrtc-peer-connected", "peer-id",
      "talker");
  assert_texts_go_both_ways (&f, viewer);
  test_viewer_free (viewer);
  fixture_teardown (&f);
}

GST_END_TEST
GST_START_TEST (test_who_comes_for_data_alone_is_served)
{
  Fixture f;
  TestViewer *viewer;

  fixture_setup (&f, RAW_SOURCES);
  viewer = test_viewer_new (f.signaller, "talker", NULL, NULL);
  test_viewer_open_channel (viewer);
  test_viewer_start (viewer);
  fixture_assert_message (&f, "kinesiswebrtc-peer-connected", "peer-id",
      "talker");
  assert_texts_go_both_ways (&f, viewer);
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
  tcase_add_test (tc, test_lost_packets_of_vp9_are_got_over);
  tcase_add_test (tc, test_unlinked_pads_hold_up_nobody_and_go_with_the_peer);
  tcase_add_test (tc, test_blocked_sinks_slow_nobody);
  tcase_add_test (tc, test_element_stops_while_downstream_stands_still);
  tcase_add_test (tc, test_peer_leaves_while_downstream_stands_still);
  tcase_add_test (tc, test_the_next_viewer_finds_what_was_linked);
  tcase_add_test (tc, test_a_codec_that_does_not_fit_costs_only_itself);
  tcase_add_test (tc, test_pads_name_their_viewer);
  tcase_add_test (tc, test_the_end_reaches_what_a_viewer_left_behind);
  tcase_add_test (tc, test_the_end_reaches_what_a_viewer_just_leaves);
  tcase_add_test (tc, test_an_end_while_paused_holds_up_nobody);
  tcase_add_test (tc, test_texts_go_both_ways);
  tcase_add_test (tc, test_who_comes_for_data_alone_is_served);
  return suite;
}

int
main (int argc, char **argv)
{
  return fixture_main (argc, argv, receiving_suite ());
}
