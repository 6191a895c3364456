/* A source pad of an element that plays, with no peer behind it. */
#include "fixture.h"

#include <gst/video/video.h>

#include "output.h"

typedef struct {
  Fixture f;
  GstKvsOutput *output;
  GstElement *sink;
  GstCaps *caps;
  GstSegment segment;
  int buffers; /* atomic, that reached the sink */
  int wishes;  /* atomic, for a key frame, that reached the sender */
} Screen;

static void
count (gpointer counter)
{
  g_atomic_int_inc ((int *) counter);
}

static void
keep (gpointer unused)
{
}

static GstPadProbeReturn
on_buffer (GstPad *pad, GstPadProbeInfo *info, gpointer counter)
{
  count (counter);
  return GST_PAD_PROBE_OK;
}

static void
link_sink (Screen *s)
{
  g_autoptr (GstPad) pad = NULL;

  s->sink = gst_element_factory_make ("fakesink", NULL);
  g_object_set (s->sink, "async", FALSE, "sync", FALSE, NULL);
  gst_bin_add (GST_BIN (s->f.pipeline), s->sink);
  gst_element_sync_state_with_parent (s->sink);
  pad = gst_element_get_static_pad (s->sink, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_buffer, &s->buffers,
      NULL);
  fail_unless (gst_pad_link (gst_kvs_output_get_pad (s->output), pad)
      == GST_PAD_LINK_OK);
}

static void
screen_setup (Screen *s)
{
  fixture_setup (&s->f, "kinesiswebrtcbin name=k channel=test");
  s->output =
      gst_kvs_output_new (gst_kvs_codec_find (GST_KVS_MEDIA_VIDEO, "VP8"),
          count, &s->wishes, keep);
  s->caps = gst_caps_new_empty_simple ("video/x-vp8");
  gst_segment_init (&s->segment, GST_FORMAT_TIME);
  gst_kvs_output_add (s->output, GST_BIN (s->f.element), "video_src_0", "peer");
  link_sink (s);
  gst_kvs_output_start (s->output);
}

static void
screen_teardown (Screen *s)
{
  gst_kvs_output_remove (s->output);
  g_object_unref (s->output);
  gst_caps_unref (s->caps);
  fixture_teardown (&s->f);
}

/* A picture of that moment, all the way to the sink. */
static void
show (Screen *s, GstClockTime pts)
{
  g_autoptr (GstBuffer) buffer = gst_buffer_new ();
  g_autoptr (GstSample) sample = NULL;
  int before = g_atomic_int_get (&s->buffers);
  gint64 end = g_get_monotonic_time () + PATIENCE_S * G_TIME_SPAN_SECOND;

  GST_BUFFER_PTS (buffer) = pts;
  sample = gst_sample_new (buffer, s->caps, &s->segment, NULL);
  gst_kvs_output_push (s->output, sample, 0);
  while (g_atomic_int_get (&s->buffers) == before) {
    fail_if (g_get_monotonic_time () > end, "the picture does not come out");
    g_usleep (1000);
  }
}

static void
want_key_frame (Screen *s, GstClockTime due)
{
  fail_unless (gst_element_send_event (s->sink,
      gst_video_event_new_upstream_force_key_unit (due, TRUE, 0)));
}

static void
assert_wishes (Screen *s, int wanted)
{
  fail_unless_equals_int (g_atomic_int_get (&s->wishes), wanted);
}

GST_START_TEST (test_key_frame_is_asked_for_when_it_is_due)
{
  Screen s = { { NULL } };

  screen_setup (&s);
  show (&s, 1 * GST_SECOND);
  want_key_frame (&s, 4 * GST_SECOND);
  want_key_frame (&s, 3 * GST_SECOND);
  show (&s, 2 * GST_SECOND);
  assert_wishes (&s, 0);
  show (&s, 3 * GST_SECOND);
  assert_wishes (&s, 1);
  /* One key frame later than both of them will do for both. */
  show (&s, 5 * GST_SECOND);
  assert_wishes (&s, 1);
  screen_teardown (&s);
}

GST_END_TEST
GST_START_TEST (test_key_frame_is_asked_for_at_once)
{
  Screen s = { { NULL } };

  screen_setup (&s);
  want_key_frame (&s, 4 * GST_SECOND);
  assert_wishes (&s, 1);
  show (&s, 2 * GST_SECOND);
  want_key_frame (&s, GST_CLOCK_TIME_NONE);
  assert_wishes (&s, 2);
  want_key_frame (&s, 1 * GST_SECOND);
  assert_wishes (&s, 3);
  screen_teardown (&s);
}

GST_END_TEST

static Suite *
output_suite (void)
{
  Suite *suite = suite_create ("output");
  TCase *tc = tcase_create ("output");

  suite_add_tcase (suite, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_test (tc, test_key_frame_is_asked_for_when_it_is_due);
  tcase_add_test (tc, test_key_frame_is_asked_for_at_once);
  return suite;
}

int
main (int argc, char **argv)
{
  return fixture_main (argc, argv, output_suite ());
}
