/* role=viewer: two elements joined in memory, one the master of the other. */
#include "exchange.h"
#include "fixture.h"

#include <gst/video/video.h>
#include <string.h>

#define MASTER "kinesiswebrtcbin name=k channel=test "
#define VIEWER "kinesiswebrtcbin name=k channel=test role=viewer client-id=me "
#define VIDEO                                                               \
  "videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=" \
  "30/1 ! k. "
#define AUDIO "audiotestsrc is-live=true ! k. "
#define SEE "k.video_src_0 ! decodebin ! fakesink name=v sync=true async=false "
#define HEAR "k.audio_src_0 ! opusdec ! fakesink name=a sync=true async=false "

#define RECORD                                                    \
  "matroskamux name=m ! fakesink async=false k.video_src_0 ! m. " \
  "k.audio_src_0 ! m."
#define RECORD_MP4                                                       \
  "mp4mux name=m ! fakesink async=false k.video_src_0 ! h264parse ! m. " \
  "k.audio_src_0 ! opusparse ! m."

typedef struct {
  TestExchange *exchange;
  Fixture master, viewer;
} Pair;

static void
start (Pair *p, Fixture *end, const char *description)
{
  fixture_setup_with (end, description, test_exchange_signaller_new,
      p->exchange);
}

static void
pair_setup (Pair *p, const char *master, const char *viewer)
{
  p->exchange = test_exchange_new ();
  if (master)
    start (p, &p->master, master);
  start (p, &p->viewer, viewer);
}

static void
pair_teardown (Pair *p)
{
  fixture_teardown (&p->viewer);
  if (p->master.pipeline)
    fixture_teardown (&p->master);
  g_object_unref (p->exchange);
}

static void
wait_offers (Pair *p, guint wanted)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_S * G_TIME_SPAN_SECOND;

  while (test_exchange_count_offers (p->exchange) < wanted) {
    if (g_get_monotonic_time () > end)
      g_error ("only %u offers", test_exchange_count_offers (p->exchange));
    g_usleep (10 * 1000);
  }
}

/* What each side sends is what is linked to it. */
typedef struct {
  const char *master, *viewer;
  gboolean master_sees, master_hears, viewer_sees, viewer_hears;
} Row;

static const Row rows[] = {
  { MASTER VIDEO, VIEWER SEE, .viewer_sees = TRUE },
  { MASTER AUDIO, VIEWER HEAR, .viewer_hears = TRUE },
  { MASTER VIDEO AUDIO, VIEWER SEE HEAR, .viewer_sees = TRUE,
      .viewer_hears = TRUE },
  { MASTER VIDEO AUDIO SEE HEAR, VIEWER VIDEO AUDIO SEE HEAR, TRUE, TRUE, TRUE,
      TRUE },
  { MASTER VIDEO HEAR, VIEWER AUDIO SEE, .master_hears = TRUE,
      .viewer_sees = TRUE },
  { MASTER SEE HEAR, VIEWER VIDEO AUDIO, .master_sees = TRUE,
      .master_hears = TRUE },
};

static void
count_if (Fixture *f, gboolean is_wanted, const char *name, int *counter)
{
  if (is_wanted)
    fixture_count_buffers (f, name, counter);
}

static void
wait_if (gboolean is_wanted, int *counter)
{
  if (is_wanted)
    fixture_wait_more (counter, 20);
}

GST_START_TEST (test_what_is_linked_is_what_is_sent)
{
  const Row *row = &rows[__i__];
  int master_v = 0, master_a = 0, viewer_v = 0, viewer_a = 0;
  Pair p = { NULL };

  pair_setup (&p, row->master, row->viewer);
  count_if (&p.master, row->master_sees, "v", &master_v);
  count_if (&p.master, row->master_hears, "a", &master_a);
  count_if (&p.viewer, row->viewer_sees, "v", &viewer_v);
  count_if (&p.viewer, row->viewer_hears, "a", &viewer_a);
  fixture_assert_message (&p.viewer, "kinesiswebrtc-peer-connected", "peer-id",
      "master");
  fixture_assert_message (&p.master, "kinesiswebrtc-peer-connected", "peer-id",
      "me");
  wait_if (row->master_sees, &master_v);
  wait_if (row->master_hears, &master_a);
  wait_if (row->viewer_sees, &viewer_v);
  wait_if (row->viewer_hears, &viewer_a);
  pair_teardown (&p);
}

GST_END_TEST
GST_START_TEST (test_nothing_linked_anywhere_is_refused_by_the_master)
{
  Pair p = { NULL };

  pair_setup (&p, MASTER, VIEWER);
  fixture_assert_message (&p.master, "kinesiswebrtc-peer-refused", "reason",
      "nothing is linked");
  fixture_assert_message (&p.viewer, "kinesiswebrtc-waiting", "peer-id",
      "master");
  pair_teardown (&p);
}

GST_END_TEST
GST_START_TEST (test_first_frames_and_tracks_are_told)
{
  Pair p = { NULL };

  pair_setup (&p, MASTER VIDEO AUDIO, VIEWER);
  fixture_assert_message (&p.viewer, "kinesiswebrtc-peer-connected", "peer-id",
      "master");
  /* Picture first, whichever came first. */
  fixture_assert_message (&p.viewer, "kinesiswebrtc-track", "pad",
      "video_src_0");
  fixture_assert_message (&p.viewer, "kinesiswebrtc-track", "pad",
      "audio_src_0");
  pair_teardown (&p);
}

GST_END_TEST
GST_START_TEST (test_first_frame_is_the_one_that_came)
{
  Pair p = { NULL };

  pair_setup (&p, MASTER VIDEO, VIEWER AUDIO);
  fixture_assert_message (&p.viewer, "kinesiswebrtc-first-frame", "media",
      "video");
  pair_teardown (&p);
}

GST_END_TEST
/* Of the pictures the first peer has sent. */
static gint64
frames_received (Fixture *f)
{
  g_autoptr (GstStructure) stats = NULL;
  g_autoptr (GstStructure) peer = NULL;
  gint64 frames = -1;

  g_object_get (f->element, "stats", &stats, NULL);
  gst_structure_get (stats, "peer-0", GST_TYPE_STRUCTURE, &peer, NULL);
  gst_structure_get_int64 (peer, "frames-received", &frames);
  return frames;
}

/* A launch line links the first pad that comes. */
GST_START_TEST (test_first_pad_is_the_picture)
{
  int frames = 0;
  Pair p = { NULL };

  pair_setup (&p, MASTER VIDEO AUDIO,
      VIEWER "! vp8dec ! fakesink name=v async=false");
  fixture_count_buffers (&p.viewer, "v", &frames);
  fixture_wait_more (&frames, 20);
  fail_unless (frames_received (&p.viewer) >= 20);
  fail_unless_equals_int64 (frames_received (&p.master), 0);
  pair_teardown (&p);
}

GST_END_TEST
/* Loop: whether the channel keeps an offer for a master to come. */
GST_START_TEST (test_master_may_come_late)
{
  int frames = 0;
  Pair p = { NULL };

  p.exchange = NULL;
  pair_setup (&p, NULL, VIEWER SEE);
  test_exchange_keep_offers (p.exchange, __i__ == 0);
  fixture_count_buffers (&p.viewer, "v", &frames);
  fixture_assert_message (&p.viewer, "kinesiswebrtc-waiting", "peer-id",
      "master");
  start (&p, &p.master, MASTER VIDEO);
  fixture_assert_message (&p.viewer, "kinesiswebrtc-peer-connected", "peer-id",
      "master");
  fixture_wait_more (&frames, 20);
  pair_teardown (&p);
}

GST_END_TEST
static void
assert_no_eos (Fixture *f)
{
  g_autoptr (GstMessage) eos =
      gst_bus_pop_filtered (f->bus, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);

  fail_unless (eos == NULL);
}

GST_START_TEST (test_pads_stay_while_the_master_comes_back)
{
  int frames = 0, sounds = 0;
  Pair p = { NULL };
  g_autoptr (GstPad) pad = NULL;

  pair_setup (&p, MASTER VIDEO AUDIO, VIEWER SEE HEAR);
  fixture_count_buffers (&p.viewer, "v", &frames);
  fixture_count_buffers (&p.viewer, "a", &sounds);
  fixture_wait_more (&frames, 20);
  pad = gst_element_get_static_pad (p.viewer.element, "video_src_0");
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GstPad) again = NULL;

    fixture_teardown (&p.master);
    fixture_assert_message (&p.viewer, "kinesiswebrtc-peer-disconnected",
        "peer-id", "master");
    start (&p, &p.master, MASTER VIDEO AUDIO);
    fixture_assert_message (&p.viewer, "kinesiswebrtc-peer-connected",
        "peer-id", "master");
    fixture_wait_more (&frames, 20);
    fixture_wait_more (&sounds, 20);
    again = gst_element_get_static_pad (p.viewer.element, "video_src_0");
    fail_unless (again == pad);
    fail_unless_equals_int (p.viewer.element->numsrcpads, 2);
  }
  assert_no_eos (&p.viewer);
  pair_teardown (&p);
}

GST_END_TEST
/* What has been, when it is over. */
static void
assert_received_something (Fixture *f)
{
  g_autoptr (GstStructure) message =
      fixture_wait_message (f, "kinesiswebrtc-peer-disconnected");
  gint64 bytes = 0;

  fail_unless (gst_structure_get_int64 (message, "bytes-received", &bytes));
  fail_unless (bytes > 0);
}

static GstPadProbeReturn
check_order (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  GstClockTime *last = data;
  GstClockTime pts = GST_BUFFER_PTS (GST_PAD_PROBE_INFO_BUFFER (info));

  fail_if (*last != GST_CLOCK_TIME_NONE && pts < *last);
  *last = pts;
  return GST_PAD_PROBE_OK;
}

GST_START_TEST (test_running_time_goes_on_with_another_codec)
{
  int frames = 0;
  GstClockTime last = GST_CLOCK_TIME_NONE;
  Pair p = { NULL };
  g_autoptr (GstElement) sink = NULL;
  g_autoptr (GstPad) pad = NULL;
  g_autoptr (GstCaps) caps = NULL;

  pair_setup (&p, MASTER VIDEO, VIEWER "! fakesink name=v async=false");
  sink = gst_bin_get_by_name (GST_BIN (p.viewer.pipeline), "v");
  pad = gst_element_get_static_pad (sink, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, check_order, &last, NULL);
  fixture_count_buffers (&p.viewer, "v", &frames);
  fixture_wait_more (&frames, 20);
  fixture_teardown (&p.master);
  assert_received_something (&p.viewer);
  start (&p, &p.master,
      "kinesiswebrtcbin name=k channel=test video-codecs=H264 " VIDEO);
  fixture_assert_message (&p.viewer, "kinesiswebrtc-peer-connected", "peer-id",
      "master");
  fixture_wait_more (&frames, 20);
  caps = gst_pad_get_current_caps (pad);
  fail_unless_equals_string (gst_structure_get_name (
                                 gst_caps_get_structure (caps, 0)),
      "video/x-h264");
  pair_teardown (&p);
}

GST_END_TEST
static void
start_with_master (Pair *p)
{
  int frames = 0;

  fixture_count_buffers (&p->viewer, "v", &frames);
  start (p, &p->master, MASTER VIDEO AUDIO);
  fixture_wait_more (&frames, 20);
}

/* The orientation that the element of that name has been told, or NULL
 * (transfer full). */
static char *
read_orientation (Fixture *f, const char *name)
{
  g_autoptr (GstElement) element =
      gst_bin_get_by_name (GST_BIN (f->pipeline), name);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, "sink");
  char *orientation = NULL;
  GstEvent *event;

  for (guint i = 0; (event = gst_pad_get_sticky_event (pad, GST_EVENT_TAG, i));
       i++) {
    GstTagList *tags;

    gst_event_parse_tag (event, &tags);
    if (!orientation)
      gst_tag_list_get_string (tags, GST_TAG_IMAGE_ORIENTATION, &orientation);
    gst_event_unref (event);
  }
  return orientation;
}

static void
wait_orientation (Fixture *f, const char *name, const char *wanted)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_S * G_TIME_SPAN_SECOND;

  for (;;) {
    g_autofree char *now = read_orientation (f, name);

    if (g_strcmp0 (now, wanted) == 0)
      return;
    if (g_get_monotonic_time () > end)
      g_error ("%s and not %s", now, wanted);
    g_usleep (10 * 1000);
  }
}

static void
wait_width (Fixture *f, const char *name, int wanted)
{
  g_autoptr (GstElement) element =
      gst_bin_get_by_name (GST_BIN (f->pipeline), name);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, "sink");
  gint64 end = g_get_monotonic_time () + PATIENCE_S * G_TIME_SPAN_SECOND;
  int width = 0;

  while (width != wanted) {
    g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);

    if (caps)
      gst_structure_get_int (gst_caps_get_structure (caps, 0), "width", &width);
    if (g_get_monotonic_time () > end)
      g_error ("a width of %d and not %d", width, wanted);
    g_usleep (10 * 1000);
  }
}

#define UPRIGHT                                                      \
  "k.video_src_0 ! decodebin ! videoflip video-direction=auto name=" \
  "turn ! fakesink name=v async=false "

/* Of 320 by 240; nobody connects anew. */
GST_START_TEST (test_picture_is_turned_while_it_plays)
{
  Pair p = { NULL };

  pair_setup (&p, "kinesiswebrtcbin name=k channel=test rotation=90 " VIDEO,
      VIEWER UPRIGHT);
  wait_width (&p.viewer, "v", 240);
  wait_orientation (&p.viewer, "turn", "rotate-90");
  g_object_set (p.master.element, "rotation", 180, NULL);
  wait_width (&p.viewer, "v", 320);
  wait_orientation (&p.viewer, "turn", "rotate-180");
  g_object_set (p.master.element, "rotation", 270, NULL);
  wait_width (&p.viewer, "v", 240);
  g_object_set (p.master.element, "rotation", 0, NULL);
  wait_width (&p.viewer, "v", 320);
  wait_orientation (&p.viewer, "turn", "rotate-0");
  fail_unless_equals_int (test_exchange_count_offers (p.exchange), 1);
  pair_teardown (&p);
}

GST_END_TEST
static void
tag (Fixture *f, const char *orientation)
{
  g_autoptr (GstElement) source =
      gst_bin_get_by_name (GST_BIN (f->pipeline), "source");

  gst_element_send_event (source,
      gst_event_new_tag (
          gst_tag_list_new (GST_TAG_IMAGE_ORIENTATION, orientation, NULL)));
}

/* Both ways; what is set goes before what comes with the picture. */
GST_START_TEST (test_orientation_of_the_source_goes_to_the_peer)
{
  Pair p = { NULL };

  pair_setup (&p,
      MASTER SEE "videotestsrc is-live=true name=source ! "
                 "video/x-raw,width=320,height=240 ! k. ",
      VIEWER SEE "videotestsrc is-live=true ! video/x-raw,width=320,height=240 "
                 "! taginject tags=image-orientation=rotate-270 ! k. ");
  wait_orientation (&p.master, "v", "rotate-270");
  tag (&p.master, "rotate-180");
  wait_orientation (&p.viewer, "v", "rotate-180");
  tag (&p.master, "flip-rotate-90");
  wait_orientation (&p.viewer, "v", "flip-rotate-90");
  gst_util_set_object_arg (G_OBJECT (p.master.element), "rotation", "90");
  wait_orientation (&p.viewer, "v", "rotate-90");
  gst_util_set_object_arg (G_OBJECT (p.master.element), "rotation", "auto");
  wait_orientation (&p.viewer, "v", "flip-rotate-90");
  pair_teardown (&p);
}

GST_END_TEST
GST_START_TEST (test_next_master_has_an_orientation_of_its_own)
{
  Pair p = { NULL };
  int frames = 0;

  pair_setup (&p, "kinesiswebrtcbin name=k channel=test rotation=90 " VIDEO,
      VIEWER SEE);
  wait_orientation (&p.viewer, "v", "rotate-90");
  fixture_teardown (&p.master);
  start (&p, &p.master, MASTER VIDEO);
  fixture_count_buffers (&p.viewer, "v", &frames);
  wait_orientation (&p.viewer, "v", "rotate-0");
  fixture_wait_more (&frames, 5);
  pair_teardown (&p);
}

GST_END_TEST
/* A real answer, bent. The transport is the real one's as well. */
static char *
bend (const char *answer, const char *from, const char *to)
{
  g_auto (GStrv) parts = g_strsplit (answer, from, -1);

  fail_unless (g_strv_length (parts) > 1, "no %s in the answer", from);
  return g_strjoinv (to, parts);
}

typedef struct {
  const char *from, *to; /* in a real answer; or `from` NULL and all of it */
  const char *reason;
} Bad;

static const Bad bad_answers[] = {
  { NULL, "", "not SDP" },
  { NULL, "v=0\r\n", "0 m-lines" },
  { NULL, "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n", "0 m-lines" },
  { "a=setup:passive", "a=setup:actpass", "a=setup" },
  { "a=setup:passive", "a=setup:holdconn", "a=setup" },
  { "a=setup:passive\r\n", "", "a=setup" },
  { "a=group:BUNDLE 0 1 2", "a=group:BUNDLE 0", "BUNDLE" },
  { "m=audio", "m=video", "another kind" },
  { "m=application",
      "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:7\r\na=setup:passive\r\n"
      "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\n"
      "m=application",
      "4 answered" },
  { "a=fingerprint:sha-256", "a=fingerprint:md5", "fingerprint" },
  { "a=ice-pwd:", "a=ice-pwd:x\r\na=old:", "ice-pwd" },
};

/* The offer is still open: the answer that is held back was made for it. */
static void
hold_one_answer (Pair *p, char **answer)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_S * G_TIME_SPAN_SECOND;

  p->exchange = test_exchange_new ();
  test_exchange_pass_answers (p->exchange, FALSE);
  start (p, &p->master, MASTER VIDEO AUDIO);
  start (p, &p->viewer, VIEWER SEE);
  while (!(*answer = test_exchange_get_answer (p->exchange))) {
    fail_if (g_get_monotonic_time () > end);
    g_usleep (10 * 1000);
  }
}

GST_START_TEST (test_hostile_answer_is_refused_and_the_master_offered_to_anew)
{
  const Bad *bad = &bad_answers[__i__];
  Pair p = { NULL };
  g_autofree char *real = NULL;
  g_autofree char *bent = NULL;
  int frames = 0;

  hold_one_answer (&p, &real);
  bent = bad->from ? bend (real, bad->from, bad->to) : g_strdup (bad->to);
  test_exchange_answer (p.exchange, bent);
  fixture_assert_message (&p.viewer, "kinesiswebrtc-peer-refused", "reason",
      bad->reason);
  test_exchange_pass_answers (p.exchange, TRUE);
  fixture_count_buffers (&p.viewer, "v", &frames);
  fixture_wait_more (&frames, 10);
  pair_teardown (&p);
}

GST_END_TEST
/* What the answer says of one m-line is of no use; the other goes on. */
static const Bad odd_answers[] = {
  { "opus/48000/2", "speex/16000", NULL },
  { "OPUS/48000/2", "speex/16000", NULL },
  { " 111\r\n", " 99\r\n", NULL },
  { "m=audio 9", "m=audio 0", NULL },
};

GST_START_TEST (test_m_line_with_an_odd_answer_is_left_out)
{
  const Bad *odd = &odd_answers[__i__];
  Pair p = { NULL };
  g_autofree char *real = NULL;
  g_autofree char *bent = NULL;
  int frames = 0;

  hold_one_answer (&p, &real);
  if (!strstr (real, odd->from)) {
    pair_teardown (&p);
    return;
  }
  bent = bend (real, odd->from, odd->to);
  test_exchange_answer (p.exchange, bent);
  fixture_count_buffers (&p.viewer, "v", &frames);
  fixture_wait_more (&frames, 10);
  pair_teardown (&p);
}

GST_END_TEST
GST_START_TEST (test_answer_that_nobody_waits_for_is_ignored)
{
  Pair p = { NULL };
  g_autofree char *answer = NULL;
  int frames = 0;

  pair_setup (&p, MASTER VIDEO, VIEWER SEE);
  fixture_count_buffers (&p.viewer, "v", &frames);
  fixture_wait_more (&frames, 10);
  answer = test_exchange_get_answer (p.exchange);
  test_exchange_answer (p.exchange, answer);
  test_exchange_answer (p.exchange, "nonsense");
  fixture_wait_more (&frames, 30);
  fail_unless_equals_int (test_exchange_count_offers (p.exchange), 1);
  pair_teardown (&p);
}

GST_END_TEST
/* One of the two is for an offer of before, and nobody knows which. */
GST_START_TEST (test_second_answer_before_there_is_a_connection_is_offered_anew)
{
  Pair p = { NULL };
  g_autofree char *real = NULL;
  g_autofree char *elsewhere = NULL;

  hold_one_answer (&p, &real);
  elsewhere = bend (real, "a=ice-pwd:", "a=ice-pwd:0000");
  test_exchange_answer (p.exchange, elsewhere);
  test_exchange_answer (p.exchange, real);
  fixture_assert_message (&p.viewer, "kinesiswebrtc-peer-refused", "reason",
      "twice");
  test_exchange_pass_answers (p.exchange, TRUE);
  fixture_assert_message (&p.viewer, "kinesiswebrtc-peer-connected", "peer-id",
      "master");
  pair_teardown (&p);
}

GST_END_TEST
GST_START_TEST (test_text_goes_both_ways)
{
  Pair p = { NULL };
  g_autoptr (GstStructure) heard = NULL;
  gint64 end;

  pair_setup (&p, MASTER VIDEO, VIEWER);
  fixture_assert_message (&p.viewer, "kinesiswebrtc-peer-connected", "peer-id",
      "master");
  /* Until the channel is open, it is sent nowhere. */
  end = g_get_monotonic_time () + PATIENCE_S * G_TIME_SPAN_SECOND;
  for (;;) {
    g_autoptr (GstMessage) message = NULL;

    fail_if (g_get_monotonic_time () > end);
    g_signal_emit_by_name (p.viewer.element, "send-data", "", "hello master");
    message = gst_bus_timed_pop_filtered (p.master.bus, 50 * GST_MSECOND,
        GST_MESSAGE_ELEMENT);
    if (message && gst_message_has_name (message, "kinesiswebrtc-data")) {
      const GstStructure *s = gst_message_get_structure (message);

      fail_unless_equals_string (gst_structure_get_string (s, "text"),
          "hello master");
      fail_unless_equals_string (gst_structure_get_string (s, "label"),
          "kvsDataChannel");
      break;
    }
  }
  g_signal_emit_by_name (p.master.element, "send-data", "me", "hello viewer");
  fixture_assert_message (&p.viewer, "kinesiswebrtc-data", "text",
      "hello viewer");
  pair_teardown (&p);
}

GST_END_TEST
#define DTX                                                             \
  MASTER                                                                \
  "audiotestsrc is-live=true samplesperbuffer=960 name=tone "           \
  "! audio/x-raw,rate=48000,channels=1 ! opusenc dtx=true name=encoder" \
  " ! k."
#define LISTEN                                                   \
  VIEWER                                                         \
  "k.audio_src_0 ! opusdec name=received ! audioconvert ! "      \
  "audio/x-raw,format=S16LE ! fakesink name=a sync=false async=" \
  "false"

/* What the encoder says of a frame that it leaves out. */
static GstPadProbeReturn
leave_out (GstPad *pad, GstPadProbeInfo *info, gpointer unused)
{
  return gst_buffer_get_size (GST_PAD_PROBE_INFO_BUFFER (info)) <= 2
      ? GST_PAD_PROBE_DROP
      : GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
count_loud (GstPad *pad, GstPadProbeInfo *info, gpointer counter)
{
  GstMapInfo map;
  const gint16 *samples;
  gboolean is_loud = FALSE;

  gst_buffer_map (GST_PAD_PROBE_INFO_BUFFER (info), &map, GST_MAP_READ);
  samples = (const gint16 *) (gpointer) map.data;
  for (gsize i = 0; i < map.size / sizeof (gint16); i++)
    is_loud |= ABS (samples[i]) > 8000;
  gst_buffer_unmap (GST_PAD_PROBE_INFO_BUFFER (info), &map);
  if (is_loud)
    g_atomic_int_inc ((int *) counter);
  return GST_PAD_PROBE_OK;
}

static void
set_volume (Fixture *f, double volume)
{
  g_autoptr (GstElement) tone =
      gst_bin_get_by_name (GST_BIN (f->pipeline), "tone");

  g_object_set (tone, "volume", volume, NULL);
}

static void
add_probe (Fixture *f, const char *name, const char *pad_name,
    GstPadProbeCallback callback, gpointer user_data)
{
  g_autoptr (GstElement) element =
      gst_bin_get_by_name (GST_BIN (f->pipeline), name);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, pad_name);

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, callback, user_data, NULL);
}

typedef struct {
  GstClockTime last;
  int longest_ms; /* atomic */
} Gap;

static GstPadProbeReturn
note_gap (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Gap *gap = user_data;
  GstClockTime pts = GST_BUFFER_PTS (GST_PAD_PROBE_INFO_BUFFER (info));

  if (GST_CLOCK_TIME_IS_VALID (gap->last) && pts > gap->last)
    g_atomic_int_set (&gap->longest_ms,
        MAX (gap->longest_ms, (int) ((pts - gap->last) / GST_MSECOND)));
  gap->last = pts;
  return GST_PAD_PROBE_OK;
}

/* Loop: whether nothing at all comes in silence, or what stands for it. */
GST_START_TEST (test_silence_is_not_sent_and_the_tone_after_it_is_heard)
{
  int loud = 0;
  Gap gap = { GST_CLOCK_TIME_NONE, 0 };
  Pair p = { NULL };

  pair_setup (&p, DTX, LISTEN);
  if (__i__ == 0)
    add_probe (&p.master, "encoder", "src", leave_out, NULL);
  add_probe (&p.viewer, "received", "sink", note_gap, &gap);
  add_probe (&p.viewer, "a", "sink", count_loud, &loud);
  fixture_wait_more (&loud, 20);
  set_volume (&p.master, 0);
  /* It says something every 400 ms, that one may know that it is there. */
  fixture_wait_count (&gap.longest_ms, 300);
  set_volume (&p.master, 0.8);
  fixture_wait_more (&loud, 20);
  fail_unless_equals_int (test_exchange_count_offers (p.exchange), 1);
  pair_teardown (&p);
}

GST_END_TEST
GST_START_TEST (test_end_of_stream_comes_out_of_every_pad)
{
  Pair p = { NULL };
  int frames = 0, sounds = 0;

  pair_setup (&p, MASTER VIDEO AUDIO, VIEWER SEE HEAR);
  fixture_count_buffers (&p.viewer, "v", &frames);
  fixture_count_buffers (&p.viewer, "a", &sounds);
  fixture_wait_more (&frames, 5);
  fixture_wait_more (&sounds, 5);
  fixture_assert_ends (&p.viewer);
  pair_teardown (&p);
}

GST_END_TEST
/* What waits for pads that never came ends too, and finds nothing wrong. */
GST_START_TEST (test_end_of_stream_before_there_is_a_master)
{
  static const char *const viewers[] = {
    VIEWER RECORD,
    VIEWER SEE HEAR,
    VIEWER "video-codecs=H264 " RECORD_MP4,
  };
  Pair p = { NULL };

  pair_setup (&p, NULL, viewers[__i__]);
  fixture_assert_ends (&p.viewer);
  pair_teardown (&p);
}

GST_END_TEST
/* A master's, which come and go with what its viewers send. */
GST_START_TEST (test_end_of_stream_ends_a_master_that_receives)
{
  Pair p = { NULL };
  int frames = 0;

  pair_setup (&p, MASTER SEE, VIEWER VIDEO);
  fixture_count_buffers (&p.master, "v", &frames);
  fixture_wait_more (&frames, 5);
  fixture_assert_ends (&p.master);
  pair_teardown (&p);
}

GST_END_TEST
static void
pair_connect (Pair *p, const char *master, const char *viewer)
{
  pair_setup (p, master, viewer);
  fixture_assert_message (&p->viewer, "kinesiswebrtc-peer-connected", "peer-id",
      "master");
  fixture_assert_message (&p->master, "kinesiswebrtc-peer-connected", "peer-id",
      "me");
}

/* How many it has, those it calls included. */
static int
count_peers (Fixture *f)
{
  g_autoptr (GstStructure) stats = NULL;
  int peers = -1;

  g_object_get (f->element, "stats", &stats, NULL);
  gst_structure_get_int (stats, "peers", &peers);
  return peers;
}

/* Not either when signaling is lost and there again; a new start is one. */
GST_START_TEST (test_master_that_was_sent_away_is_not_called_again)
{
  Pair p = { NULL };

  pair_connect (&p, MASTER VIDEO, VIEWER);
  g_signal_emit_by_name (p.viewer.element, "disconnect-peer", "master");
  fixture_assert_message (&p.viewer, "kinesiswebrtc-peer-disconnected",
      "reason", "application");
  test_exchange_reconnect (p.exchange);
  fixture_assert_message (&p.viewer, "kinesiswebrtc-signaling", "state",
      "reconnecting");
  fixture_assert_message (&p.viewer, "kinesiswebrtc-signaling", "state",
      "connected");
  fail_unless_equals_int (count_peers (&p.viewer), 0);
  gst_element_set_state (p.viewer.pipeline, GST_STATE_NULL);
  gst_element_set_state (p.viewer.pipeline, GST_STATE_PLAYING);
  fixture_assert_message (&p.viewer, "kinesiswebrtc-peer-connected", "peer-id",
      "master");
  pair_teardown (&p);
}

GST_END_TEST
/* Nor does it matter who else is sent away. */
GST_START_TEST (test_viewer_that_was_sent_away_calls_again)
{
  Pair p = { NULL };
  guint offers;

  pair_connect (&p, MASTER VIDEO, VIEWER);
  offers = test_exchange_count_offers (p.exchange);
  g_signal_emit_by_name (p.viewer.element, "disconnect-peer", "nobody");
  g_signal_emit_by_name (p.master.element, "disconnect-peer", "me");
  wait_offers (&p, offers + 1);
  fixture_assert_message (&p.viewer, "kinesiswebrtc-peer-connected", "peer-id",
      "master");
  pair_teardown (&p);
}

GST_END_TEST
/* At any moment: while it waits for signaling, an answer, ICE, frames. */
GST_START_TEST (test_start_and_stop_quickly)
{
  Pair p = { NULL };
  int frames = 0;

  pair_setup (&p, MASTER VIDEO AUDIO, VIEWER SEE HEAR);
  for (guint i = 0; i < 10; i++) {
    gst_element_set_state (p.viewer.pipeline, GST_STATE_NULL);
    gst_element_set_state (p.viewer.pipeline, GST_STATE_PLAYING);
    g_usleep (i * 30 * 1000);
  }
  (void) frames;
  pair_teardown (&p);
}

GST_END_TEST
GST_START_TEST (test_it_plays_without_waiting_for_the_master)
{
  Pair p = { NULL };

  pair_setup (&p, NULL, VIEWER "! decodebin ! fakesink name=v");
  fail_unless (gst_element_get_state (p.viewer.element, NULL, NULL,
                   PATIENCE_S * GST_SECOND)
      == GST_STATE_CHANGE_SUCCESS);
  start_with_master (&p);
  fail_unless (gst_element_get_state (p.viewer.pipeline, NULL, NULL,
                   PATIENCE_S * GST_SECOND)
      == GST_STATE_CHANGE_SUCCESS);
  pair_teardown (&p);
}

GST_END_TEST

static Suite *
viewer_suite (void)
{
  Suite *suite = suite_create ("viewer");
  TCase *tcase = tcase_create ("viewer");

  tcase_set_timeout (tcase, 120);
  suite_add_tcase (suite, tcase);
  tcase_add_loop_test (tcase, test_what_is_linked_is_what_is_sent, 0,
      G_N_ELEMENTS (rows));
  tcase_add_test (tcase, test_nothing_linked_anywhere_is_refused_by_the_master);
  tcase_add_test (tcase, test_first_frames_and_tracks_are_told);
  tcase_add_test (tcase, test_first_frame_is_the_one_that_came);
  tcase_add_test (tcase, test_first_pad_is_the_picture);
  tcase_add_loop_test (tcase, test_master_may_come_late, 0, 2);
  tcase_add_test (tcase, test_pads_stay_while_the_master_comes_back);
  tcase_add_test (tcase, test_running_time_goes_on_with_another_codec);
  tcase_add_test (tcase, test_picture_is_turned_while_it_plays);
  tcase_add_test (tcase, test_orientation_of_the_source_goes_to_the_peer);
  tcase_add_test (tcase, test_next_master_has_an_orientation_of_its_own);
  tcase_add_loop_test (tcase,
      test_hostile_answer_is_refused_and_the_master_offered_to_anew, 0,
      G_N_ELEMENTS (bad_answers));
  tcase_add_loop_test (tcase, test_m_line_with_an_odd_answer_is_left_out, 0,
      G_N_ELEMENTS (odd_answers));
  tcase_add_test (tcase, test_answer_that_nobody_waits_for_is_ignored);
  tcase_add_test (tcase,
      test_second_answer_before_there_is_a_connection_is_offered_anew);
  tcase_add_test (tcase, test_text_goes_both_ways);
  tcase_add_loop_test (tcase,
      test_silence_is_not_sent_and_the_tone_after_it_is_heard, 0, 2);
  tcase_add_test (tcase, test_end_of_stream_comes_out_of_every_pad);
  tcase_add_loop_test (tcase, test_end_of_stream_before_there_is_a_master, 0,
      3);
  tcase_add_test (tcase, test_end_of_stream_ends_a_master_that_receives);
  tcase_add_test (tcase, test_master_that_was_sent_away_is_not_called_again);
  tcase_add_test (tcase, test_viewer_that_was_sent_away_calls_again);
  tcase_add_test (tcase, test_start_and_stop_quickly);
  tcase_add_test (tcase, test_it_plays_without_waiting_for_the_master);
  return suite;
}

int
main (int argc, char **argv)
{
  return fixture_main (argc, argv, viewer_suite ());
}
