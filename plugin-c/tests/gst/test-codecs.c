/* Each codec from the element to a viewer: encoded, passed through, transcoded, and changed in the middle. */
#include "fixture.h"

#include <string.h>

#include "encoders.h"
#include "units.h"

#define SMALL "video/x-raw,width=160,height=120,framerate=30/1"

/* A codec, what offers it, and a chain that makes it of raw media. */
typedef struct {
  const char *codec;
  const char *offer;
  const char *encoder;
} Row;

static const Row video_rows[] = {
  { "VP8", TEST_VIEWER_VP8, "vp8enc deadline=1 keyframe-max-dist=15" },
  { "VP9", TEST_VIEWER_VP9,
      "vp9enc deadline=1 cpu-used=8 keyframe-max-dist=15" },
  { "H264", TEST_VIEWER_H264, "x264enc tune=zerolatency key-int-max=15" },
  { "H265", TEST_VIEWER_H265,
      "x265enc tune=zerolatency speed-preset=ultrafast key-int-max=15" },
};

static const Row audio_rows[] = {
  { "OPUS", TEST_VIEWER_OPUS, "opusenc" },
  { "PCMU", TEST_VIEWER_PCMU, "mulawenc" },
  { "PCMA", TEST_VIEWER_PCMA, "alawenc" },
};

static TestViewer *
start_viewer (Fixture *f, const char *id, const char *video, const char *audio)
{
  TestViewer *viewer = test_viewer_new (f->signaller, id, video, audio);

  test_viewer_wait_for_packets (viewer);
  test_viewer_start (viewer);
  return viewer;
}

static void
wait_for_value (int (*get) (TestViewer *), TestViewer *viewer, int value)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_S * G_TIME_SPAN_SECOND;

  while (get (viewer) != value) {
    if (g_get_monotonic_time () > end)
      g_error ("it is %d, not %d", get (viewer), value);
    g_usleep (10 * 1000);
  }
}

/* All at once: four encoders of one camera, three of one microphone. */
GST_START_TEST (test_raw_media_reaches_each_viewer_in_its_codec)
{
  Fixture f;
  TestViewer *viewers[G_N_ELEMENTS (video_rows)];

  fixture_setup (&f,
      "videotestsrc is-live=true ! " SMALL
      " ! kinesiswebrtcbin name=k channel=test audiotestsrc is-live=true ! k.");
  for (guint i = 0; i < G_N_ELEMENTS (video_rows); i++)
    viewers[i] = start_viewer (&f, video_rows[i].codec, video_rows[i].offer,
        audio_rows[i % G_N_ELEMENTS (audio_rows)].offer);
  for (guint i = 0; i < G_N_ELEMENTS (video_rows); i++) {
    g_autofree char *answer = NULL;

    fixture_wait_frames (viewers[i], 10, 10);
    answer = test_viewer_get_answer (viewers[i]);
    g_test_message ("%s", answer);
    fail_unless (strstr (answer, video_rows[i].codec));
  }
  for (guint i = 0; i < G_N_ELEMENTS (video_rows); i++)
    test_viewer_free (viewers[i]);
  fixture_teardown (&f);
}

GST_END_TEST
typedef struct {
  GMutex lock;
  GPtrArray *units;
} Sent;

static GstPadProbeReturn
note_sent (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Sent *sent = user_data;
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);

  g_mutex_lock (&sent->lock);
  test_units_add (sent->units,
      gst_structure_get_name (gst_caps_get_structure (caps, 0)),
      GST_PAD_PROBE_INFO_BUFFER (info));
  g_mutex_unlock (&sent->lock);
  return GST_PAD_PROBE_OK;
}

static void
assert_passes_through (const char *chain, const char *video, const char *audio)
{
  Fixture f;
  Sent sent = { .units = g_ptr_array_new_with_free_func (g_free) };
  g_autofree char *description =
      g_strdup_printf ("%s ! kinesiswebrtcbin name=k channel=test", chain);
  g_autoptr (GPtrArray) received = NULL;
  g_autoptr (GstPad) pad = NULL;
  TestViewer *viewer;

  g_test_message ("%s", description);
  g_mutex_init (&sent.lock);
  fixture_setup (&f, description);
  pad = gst_element_get_static_pad (f.element,
      video ? "video_sink_0" : "audio_sink_0");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, note_sent, &sent, NULL);
  viewer = start_viewer (&f, "viewer", video, audio);
  fixture_wait_frames (viewer, video ? 20 : 0, audio ? 20 : 0);
  received = test_viewer_steal_units (viewer);
  g_mutex_lock (&sent.lock);
  fail_unless (test_units_compare (sent.units, received) >= 20);
  g_mutex_unlock (&sent.lock);
  test_viewer_free (viewer);
  fixture_teardown (&f);
  g_ptr_array_unref (sent.units);
  g_mutex_clear (&sent.lock);
}

GST_START_TEST (test_encoded_video_passes_through_byte_for_byte)
{
  static const char *const framings[][2] = {
    { "x264enc tune=zerolatency key-int-max=15 ! h264parse ! "
      "video/x-h264,stream-format=avc",
        TEST_VIEWER_H264 },
    { "x264enc tune=zerolatency key-int-max=15 ! h264parse ! "
      "video/x-h264,stream-format=avc3",
        TEST_VIEWER_H264 },
    { "x264enc tune=zerolatency key-int-max=15 ! h264parse ! "
      "video/x-h264,stream-format=byte-stream,alignment=nal",
        TEST_VIEWER_H264 },
    { "x265enc tune=zerolatency speed-preset=ultrafast key-int-max=15 ! "
      "h265parse ! video/x-h265,stream-format=hvc1",
        TEST_VIEWER_H265 },
    { "x265enc tune=zerolatency speed-preset=ultrafast key-int-max=15 ! "
      "h265parse ! video/x-h265,stream-format=hev1",
        TEST_VIEWER_H265 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (video_rows); i++) {
    g_autofree char *chain = g_strdup_printf ("videotestsrc is-live=true ! "
                                              "" SMALL ",format=I420 ! %s",
        video_rows[i].encoder);

    assert_passes_through (chain, video_rows[i].offer, NULL);
  }
  for (guint i = 0; i < G_N_ELEMENTS (framings); i++) {
    g_autofree char *chain = g_strdup_printf ("videotestsrc is-live=true ! "
                                              "" SMALL ",format=I420 ! %s",
        framings[i][0]);

    assert_passes_through (chain, framings[i][1], NULL);
  }
}

GST_END_TEST
GST_START_TEST (test_encoded_audio_passes_through_byte_for_byte)
{
  for (guint i = 0; i < G_N_ELEMENTS (audio_rows); i++) {
    /* Of 20 ms, as payloaders pack them. */
    g_autofree char *chain = g_strdup_printf (
        "audiotestsrc is-live=true wave=pink-noise samplesperbuffer=160 ! "
        "audio/x-raw,rate=8000,channels=1 ! %s",
        audio_rows[i].encoder);

    assert_passes_through (chain, NULL, audio_rows[i].offer);
  }
}

GST_END_TEST
GST_START_TEST (test_encoded_input_is_refused_or_transcoded_as_transcode_says)
{
  static const char source[] =
      "videotestsrc is-live=true ! " SMALL
      ",format=I420 ! vp8enc deadline=1 keyframe-max-dist=15 ! "
      "kinesiswebrtcbin name=k channel=test transcode=%s";
  g_autofree char *without = g_strdup_printf (source, "false");
  g_autofree char *with = g_strdup_printf (source, "true");
  Fixture f;
  TestViewer *vp8, *h264, *vp9;

  fixture_setup (&f, without);
  h264 = start_viewer (&f, "h264", TEST_VIEWER_H264, NULL);
  fixture_assert_message (&f, "kinesiswebrtc-peer-refused", "reason",
      "transcode=true");
  test_viewer_free (h264);
  fixture_teardown (&f);

  fixture_setup (&f, with);
  vp8 = start_viewer (&f, "vp8", TEST_VIEWER_VP8, NULL);
  h264 = start_viewer (&f, "h264", TEST_VIEWER_H264, NULL);
  vp9 = start_viewer (&f, "vp9", TEST_VIEWER_VP9, NULL);
  fixture_wait_frames (vp8, 10, 0);
  fixture_wait_frames (h264, 10, 0);
  fixture_wait_frames (vp9, 10, 0);
  fail_unless_equals_int (test_viewer_get_width (h264), 160);
  /* One leaves; who stays is sent on. */
  test_viewer_free (h264);
  g_signal_emit_by_name (f.element, "disconnect-peer", "h264");
  fixture_assert_message (&f, "kinesiswebrtc-peer-disconnected", "peer-id",
      "h264");
  fixture_wait_frames (vp9, test_viewer_get_video_frames (vp9) + 10, 0);
  g_signal_emit_by_name (f.element, "disconnect-peer", "vp9");
  fixture_assert_message (&f, "kinesiswebrtc-peer-disconnected", "peer-id",
      "vp9");
  fixture_wait_frames (vp8, test_viewer_get_video_frames (vp8) + 10, 0);
  test_viewer_free (vp8);
  test_viewer_free (vp9);
  fixture_teardown (&f);
}

GST_END_TEST
GST_START_TEST (test_encoded_audio_is_transcoded_too)
{
  Fixture f;
  TestViewer *viewer;

  fixture_setup (&f,
      "audiotestsrc is-live=true ! audioconvert ! opusenc ! "
      "kinesiswebrtcbin name=k channel=test transcode=true");
  viewer = start_viewer (&f, "viewer", NULL, TEST_VIEWER_PCMU);
  fixture_wait_frames (viewer, 0, 20);
  test_viewer_free (viewer);
  fixture_teardown (&f);
}

GST_END_TEST
/* Sets the caps of the filter "size". */
static void
set_filter (Fixture *f, const char *text)
{
  g_autoptr (GstElement) filter =
      gst_bin_get_by_name (GST_BIN (f->pipeline), "size");
  g_autoptr (GstCaps) caps = gst_caps_from_string (text);

  g_object_set (filter, "caps", caps, NULL);
}

static void
assert_follows_a_new_size (const char *encoder, const char *offer)
{
  Fixture f;
  TestViewer *viewer;
  g_autofree char *description = g_strdup_printf (
      "videotestsrc is-live=true ! capsfilter name=size caps=" SMALL
      ",format=I420 ! %s kinesiswebrtcbin name=k channel=test",
      encoder);

  g_test_message ("%s", description);
  fixture_setup (&f, description);
  viewer = start_viewer (&f, "viewer", offer, NULL);
  wait_for_value (test_viewer_get_width, viewer, 160);
  set_filter (&f,
      "video/x-raw,width=320,height=240,framerate=15/1,format=NV12");
  wait_for_value (test_viewer_get_width, viewer, 320);
  fixture_wait_frames (viewer, test_viewer_get_video_frames (viewer) + 5, 0);
  set_filter (&f, SMALL ",format=I420");
  wait_for_value (test_viewer_get_width, viewer, 160);
  test_viewer_free (viewer);
  fixture_teardown (&f);
}

GST_START_TEST (test_raw_video_of_a_new_size_reaches_viewers)
{
  for (guint i = 0; i < G_N_ELEMENTS (video_rows); i++)
    assert_follows_a_new_size ("", video_rows[i].offer);
}

GST_END_TEST
GST_START_TEST (test_encoded_video_of_a_new_size_reaches_viewers)
{
  for (guint i = 0; i < G_N_ELEMENTS (video_rows); i++) {
    g_autofree char *chain =
        g_strdup_printf ("videoconvert ! %s !", video_rows[i].encoder);

    assert_follows_a_new_size (chain, video_rows[i].offer);
  }
}

GST_END_TEST
GST_START_TEST (test_sound_is_stereo_when_a_viewer_asks)
{
  Fixture f;
  TestViewer *mono, *stereo;
  g_autofree char *answer = NULL;

  fixture_setup (&f,
      "audiotestsrc is-live=true ! capsfilter name=size "
      "caps=audio/x-raw,channels=2 ! kinesiswebrtcbin name=k channel=test");
  mono = start_viewer (&f, "mono", NULL, TEST_VIEWER_OPUS);
  fixture_wait_frames (mono, 0, 20);
  fail_unless_equals_int (test_viewer_get_channels (mono), 1);
  stereo = start_viewer (&f, "stereo", NULL, TEST_VIEWER_STEREO);
  wait_for_value (test_viewer_get_channels, stereo, 2);
  fixture_wait_frames (stereo, 0, test_viewer_get_audio_buffers (stereo) + 20);
  fixture_wait_frames (mono, 0, test_viewer_get_audio_buffers (mono) + 20);
  answer = test_viewer_get_answer (stereo);
  fail_unless (strstr (answer, "useinbandfec=1"));
  fail_unless (strstr (answer, "stereo=1"));
  /* A microphone that becomes mono, and stereo again. */
  set_filter (&f, "audio/x-raw,channels=1");
  fixture_wait_frames (stereo, 0, test_viewer_get_audio_buffers (stereo) + 50);
  set_filter (&f, "audio/x-raw,channels=2");
  fixture_wait_frames (stereo, 0, test_viewer_get_audio_buffers (stereo) + 50);
  test_viewer_free (mono);
  test_viewer_free (stereo);
  fixture_teardown (&f);
}

GST_END_TEST
/* As interleave makes them, and some sound cards do. */
GST_START_TEST (test_two_channels_without_a_place_are_left_and_right)
{
  static const char source[] =
      "audiotestsrc is-live=true ! audio/x-raw,channels=1 ! queue ! i. ";
  g_autofree char *description =
      g_strconcat ("interleave name=i ! kinesiswebrtcbin name=k channel=test ",
          source, source, NULL);
  Fixture f;
  TestViewer *viewer;

  fixture_setup (&f, description);
  viewer = start_viewer (&f, "viewer", NULL, TEST_VIEWER_STEREO);
  wait_for_value (test_viewer_get_channels, viewer, 2);
  fixture_wait_frames (viewer, 0, 20);
  test_viewer_free (viewer);
  viewer = start_viewer (&f, "viewer", NULL, TEST_VIEWER_OPUS);
  wait_for_value (test_viewer_get_channels, viewer, 1);
  fixture_wait_frames (viewer, 0, 20);
  test_viewer_free (viewer);
  fixture_teardown (&f);
}

GST_END_TEST
/* Of a selector, whose pads are "sink_0" and so on. */
static void
select_input (Fixture *f, const char *pad_name)
{
  g_autoptr (GstElement) selector =
      gst_bin_get_by_name (GST_BIN (f->pipeline), "s");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (selector, pad_name);

  g_object_set (selector, "active-pad", pad, NULL);
}

#define SWITCHED_SOURCES                                                \
  "input-selector name=s sync-streams=false ! kinesiswebrtcbin name=k " \
  "channel=test %s "                                                    \
  "videotestsrc is-live=true ! " SMALL ",format=I420 ! tee name=t "     \
  "t. ! queue ! vp8enc deadline=1 keyframe-max-dist=15 ! s.sink_0 "     \
  "t. ! queue ! x264enc tune=zerolatency key-int-max=15 ! s.sink_1 "    \
  "t. ! queue ! s.sink_2"

GST_START_TEST (test_another_codec_ends_those_who_cannot_follow)
{
  g_autofree char *description = g_strdup_printf (SWITCHED_SOURCES, "");
  Fixture f;
  TestViewer *viewer;

  fixture_setup (&f, description);
  select_input (&f, "sink_0");
  viewer = start_viewer (&f, "viewer", TEST_VIEWER_VP8, NULL);
  fixture_wait_frames (viewer, 10, 0);
  /* Raw video can go on as what it was. */
  select_input (&f, "sink_2");
  fixture_wait_frames (viewer, test_viewer_get_video_frames (viewer) + 30, 0);
  select_input (&f, "sink_0");
  fixture_wait_frames (viewer, test_viewer_get_video_frames (viewer) + 30, 0);
  select_input (&f, "sink_1");
  fixture_assert_message (&f, "kinesiswebrtc-peer-disconnected", "reason",
      "the source changed from VP8 to H264");
  test_viewer_free (viewer);
  viewer = start_viewer (&f, "viewer", TEST_VIEWER_H264, NULL);
  fixture_wait_frames (viewer, 10, 0);
  test_viewer_free (viewer);
  fixture_teardown (&f);
}

GST_END_TEST
GST_START_TEST (test_another_codec_is_transcoded_for_those_who_are_there)
{
  g_autofree char *description =
      g_strdup_printf (SWITCHED_SOURCES, "transcode=true");
  Fixture f;
  TestViewer *viewer;

  fixture_setup (&f, description);
  select_input (&f, "sink_0");
  viewer = start_viewer (&f, "viewer", TEST_VIEWER_VP8, NULL);
  fixture_wait_frames (viewer, 10, 0);
  select_input (&f, "sink_1");
  fixture_wait_frames (viewer, test_viewer_get_video_frames (viewer) + 60, 0);
  select_input (&f, "sink_0");
  fixture_wait_frames (viewer, test_viewer_get_video_frames (viewer) + 60, 0);
  test_viewer_free (viewer);
  fixture_teardown (&f);
}

GST_END_TEST
GST_START_TEST (test_b_frames_are_warned_of_once)
{
  Fixture f;
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) warning = NULL;

  fixture_setup (&f,
      "videotestsrc is-live=true ! " SMALL
      " ! x264enc bframes=2 b-adapt=false rc-lookahead=2 sync-lookahead=0 ! "
      "kinesiswebrtcbin name=k channel=test");
  message = gst_bus_timed_pop_filtered (f.bus, PATIENCE_S * GST_SECOND,
      GST_MESSAGE_WARNING);
  fail_unless (message != NULL);
  gst_message_parse_warning (message, &warning, NULL);
  fail_unless (strstr (warning->message, "B-frames"));
  gst_clear_message (&message);
  message = gst_bus_timed_pop_filtered (f.bus, GST_SECOND, GST_MESSAGE_WARNING);
  fail_unless (message == NULL);
  fixture_teardown (&f);
}

GST_END_TEST
static Suite *
codecs_suite (void)
{
  Suite *suite = suite_create ("codecs");
  TCase *tc = tcase_create ("codecs");

  tcase_set_timeout (tc, 180);
  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_raw_media_reaches_each_viewer_in_its_codec);
  tcase_add_test (tc, test_encoded_video_passes_through_byte_for_byte);
  tcase_add_test (tc, test_encoded_audio_passes_through_byte_for_byte);
  tcase_add_test (tc,
      test_encoded_input_is_refused_or_transcoded_as_transcode_says);
  tcase_add_test (tc, test_encoded_audio_is_transcoded_too);
  tcase_add_test (tc, test_raw_video_of_a_new_size_reaches_viewers);
  tcase_add_test (tc, test_encoded_video_of_a_new_size_reaches_viewers);
  tcase_add_test (tc, test_sound_is_stereo_when_a_viewer_asks);
  tcase_add_test (tc, test_two_channels_without_a_place_are_left_and_right);
  tcase_add_test (tc, test_another_codec_ends_those_who_cannot_follow);
  tcase_add_test (tc, test_another_codec_is_transcoded_for_those_who_are_there);
  tcase_add_test (tc, test_b_frames_are_warned_of_once);
  return suite;
}

int
main (int argc, char **argv)
{
  return fixture_main (argc, argv, codecs_suite ());
}
