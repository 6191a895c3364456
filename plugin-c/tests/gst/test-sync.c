/* What a viewer sends at one moment comes out of two pads with one time. */
#include "fixture.h"

#include <gst/audio/audio.h>

#define SENDONLY GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY

/* How far apart sound and picture may be. */
#define LIP_SYNC (40 * GST_MSECOND)
/* Pairs in a row that must be closer, once they are. */
#define PAIRS 4
#define FLASH (100 * GST_MSECOND)

/* The picture leaves so much later than the sound of the same moment: no time
 * of arrival can tell that, only the sender's reports do. */
#define LATE_PICTURE                                      \
  "videotestsrc is-live=true pattern=black name=flash ! " \
  "video/x-raw,format=I420,width=160,height=120,"         \
  "framerate=50/1 ! vp8enc deadline=1 keyframe-max-dist"  \
  "=25 ! queue min-threshold-time=150000000 max-size-"    \
  "time=2000000000 ! rtpvp8pay pt=96"
#define SOUND                                            \
  "audiotestsrc is-live=true wave=square volume=0.8 "    \
  "samplesperbuffer=480 name=beep ! audio/x-raw,format=" \
  "S16LE,rate=48000,channels=1 ! opusenc frame-size=10"  \
  " ! rtpopuspay pt=111"

typedef struct {
  GMutex lock;
  gboolean is_on;
  GstClockTime began; /* the last time it did, GST_CLOCK_TIME_NONE before */
} Signal;

static gboolean
is_moment (GstClockTime pts)
{
  return pts % GST_SECOND < FLASH;
}

/* Silence but for the first moment of each second. */
static GstPadProbeReturn
make_beep (GstPad *pad, GstPadProbeInfo *info, gpointer unused)
{
  GstBuffer *buffer =
      gst_buffer_make_writable (GST_PAD_PROBE_INFO_BUFFER (info));

  if (!is_moment (GST_BUFFER_PTS (buffer)))
    gst_buffer_memset (buffer, 0, 0, gst_buffer_get_size (buffer));
  info->data = buffer;
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
make_flash (GstPad *pad, GstPadProbeInfo *info, gpointer unused)
{
  GstBuffer *buffer =
      gst_buffer_make_writable (GST_PAD_PROBE_INFO_BUFFER (info));

  /* I420 begins with the brightness. */
  if (is_moment (GST_BUFFER_PTS (buffer)))
    gst_buffer_memset (buffer, 0, 235, 160 * 120);
  info->data = buffer;
  return GST_PAD_PROBE_OK;
}

static void
note (Signal *self, gboolean is_on, GstClockTime pts)
{
  g_mutex_lock (&self->lock);
  if (is_on && !self->is_on)
    self->began = pts;
  self->is_on = is_on;
  g_mutex_unlock (&self->lock);
}

static GstPadProbeReturn
hear (GstPad *pad, GstPadProbeInfo *info, gpointer signal)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  GstAudioInfo audio;
  GstMapInfo map;
  const gint16 *samples;
  gsize n, at = 0;

  gst_audio_info_from_caps (&audio, caps);
  gst_buffer_map (buffer, &map, GST_MAP_READ);
  samples = (const gint16 *) (gpointer) map.data;
  n = map.size / sizeof (gint16);
  while (at < n && ABS (samples[at]) < 8000)
    at++;
  note (signal, at < n,
      GST_BUFFER_PTS (buffer)
          + gst_util_uint64_scale (at / (gsize) audio.channels, GST_SECOND,
              (guint64) audio.rate));
  gst_buffer_unmap (buffer, &map);
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
see (GstPad *pad, GstPadProbeInfo *info, gpointer signal)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  guint8 brightness = 0;

  gst_buffer_extract (buffer, 0, &brightness, 1);
  note (signal, brightness > 128, GST_BUFFER_PTS (buffer));
  return GST_PAD_PROBE_OK;
}

static void
probe (GstElement *pipeline, const char *name, const char *pad_name,
    GstPadProbeCallback callback, gpointer user_data)
{
  g_autoptr (GstElement) element =
      gst_bin_get_by_name (GST_BIN (pipeline), name);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, pad_name);

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, callback, user_data, NULL);
}

static GstClockTime
last (Signal *self)
{
  GstClockTime began;

  g_mutex_lock (&self->lock);
  began = self->began;
  g_mutex_unlock (&self->lock);
  return began;
}

/* How much later than the beep the next flash is; the two are of one second. */
static GstClockTimeDiff
next_offset (Signal *flash, Signal *beep)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_S * G_TIME_SPAN_SECOND;
  GstClockTime flashed = last (flash), beeped = last (beep);

  for (;;) {
    GstClockTime f = last (flash), b = last (beep);

    if (f != flashed && b != beeped
        && ABS (GST_CLOCK_DIFF (b, f)) < GST_SECOND / 2)
      return GST_CLOCK_DIFF (b, f);
    fail_if (g_get_monotonic_time () > end, "no flash and beep");
    g_usleep (10 * 1000);
  }
}

GST_START_TEST (test_sound_and_picture_of_a_moment_are_close)
{
  Fixture f;
  TestViewer *viewer;
  Signal flash = { .began = GST_CLOCK_TIME_NONE };
  Signal beep = { .began = GST_CLOCK_TIME_NONE };
  gint64 end = g_get_monotonic_time () + 2 * PATIENCE_S * G_TIME_SPAN_SECOND;
  guint close = 0;

  fixture_setup (&f,
      "kinesiswebrtcbin name=k channel=test "
      "k.video_src_0 ! vp8dec ! fakesink name=v async=false sync=false "
      "k.audio_src_0 ! opusdec ! audioconvert ! audio/x-raw,format=S16LE ! "
      "fakesink name=a async=false sync=false");
  probe (f.pipeline, "v", "sink", see, &flash);
  probe (f.pipeline, "a", "sink", hear, &beep);
  viewer = test_viewer_new (f.signaller, "viewer", NULL, NULL);
  test_viewer_add_media (viewer, TEST_VIEWER_OPUS, SENDONLY, SOUND);
  test_viewer_add_media (viewer, TEST_VIEWER_VP8, SENDONLY, LATE_PICTURE);
  test_viewer_report_capture_times (viewer);
  probe (test_viewer_get_pipeline (viewer), "flash", "src", make_flash, NULL);
  probe (test_viewer_get_pipeline (viewer), "beep", "src", make_beep, NULL);
  test_viewer_start (viewer);

  while (close < PAIRS) {
    GstClockTimeDiff offset = next_offset (&flash, &beep);

    g_print ("flash %+.1f ms after the beep\n",
        (double) offset / (double) GST_MSECOND);
    close = ABS (offset) < (GstClockTimeDiff) LIP_SYNC ? close + 1 : 0;
    fail_if (g_get_monotonic_time () > end);
  }
  test_viewer_free (viewer);
  fixture_teardown (&f);
}

GST_END_TEST
static Suite *
sync_suite (void)
{
  Suite *suite = suite_create ("sync");
  TCase *tc = tcase_create ("lips");

  tcase_set_timeout (tc, 180);
  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_sound_and_picture_of_a_moment_are_close);
  return suite;
}

int
main (int argc, char **argv)
{
  return fixture_main (argc, argv, sync_suite ());
}
