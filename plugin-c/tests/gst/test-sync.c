/* What is sent at one moment comes out of two pads with one time, and is
 * recorded so. */
#include "exchange.h"
#include "fixture.h"

#include <gst/audio/audio.h>
#include <glib/gstdio.h>

#define SENDONLY GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY

/* How far apart sound and picture may be. */
#define LIP_SYNC (40 * GST_MSECOND)
/* Pairs in a row that must be closer, once they are. */
#define PAIRS 4
#define FLASH (100 * GST_MSECOND)

#define DARK                                           \
  "videotestsrc is-live=true pattern=black name=flash" \
  " ! video/x-raw,format=I420,width=160,height=120,"   \
  "framerate=50/1 ! "
#define SQUARE                                        \
  "audiotestsrc is-live=true wave=square volume=0.8 " \
  "samplesperbuffer=480 name=beep ! audio/x-raw,"     \
  "format=S16LE,rate=48000,channels=1 ! "

/* The picture leaves so much later than the sound of the same moment: no time
 * of arrival can tell that, only the sender's reports do. */
#define LATE_PICTURE                                              \
  DARK "vp8enc deadline=1 keyframe-max-dist=25 ! queue "          \
       "min-threshold-time=150000000 max-size-time=2000000000 ! " \
       "rtpvp8pay pt=96"
#define SOUND SQUARE "opusenc frame-size=10 ! rtpopuspay pt=111"

typedef struct {
  GMutex lock;
  gboolean is_on;
  GstClockTime began; /* the last time it did, GST_CLOCK_TIME_NONE before */
  GArray *all;        /* of GstClockTime: each time it did */
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
signal_init (Signal *self)
{
  g_mutex_init (&self->lock);
  self->is_on = FALSE;
  self->began = GST_CLOCK_TIME_NONE;
  self->all = g_array_new (FALSE, FALSE, sizeof (GstClockTime));
}

static void
signal_clear (Signal *self)
{
  g_array_unref (self->all);
  g_mutex_clear (&self->lock);
}

static void
note (Signal *self, gboolean is_on, GstClockTime pts)
{
  g_mutex_lock (&self->lock);
  if (is_on && !self->is_on) {
    self->began = pts;
    g_array_append_val (self->all, pts);
  }
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

/* At first only the times of arrival tell: the sender's reports come later. */
static void
wait_close (Signal *flash, Signal *beep)
{
  gint64 end = g_get_monotonic_time () + 2 * PATIENCE_S * G_TIME_SPAN_SECOND;
  guint close = 0;

  while (close < PAIRS) {
    GstClockTimeDiff offset = next_offset (flash, beep);

    g_print ("flash %+.1f ms after the beep\n",
        (double) offset / (double) GST_MSECOND);
    close = ABS (offset) < (GstClockTimeDiff) LIP_SYNC ? close + 1 : 0;
    fail_if (g_get_monotonic_time () > end);
  }
}

GST_START_TEST (test_sound_and_picture_of_a_moment_are_close)
{
  Fixture f;
  TestViewer *viewer;
  Signal flash, beep;

  signal_init (&flash);
  signal_init (&beep);
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
  wait_close (&flash, &beep);
  test_viewer_free (viewer);
  fixture_teardown (&f);
  signal_clear (&flash);
  signal_clear (&beep);
}

GST_END_TEST
static void
wait_end (GstBus *bus)
{
  g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (bus,
      PATIENCE_S * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);

  fail_unless (message && GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS);
}

/* Plays the file as fast as it goes. */
static void
read_recording (const char *path, Signal *flash, Signal *beep)
{
  g_autofree char *description = g_strdup_printf (
      "filesrc location=%s ! matroskademux name=d "
      "d.video_0 ! queue ! vp8dec ! fakesink name=v "
      "d.audio_0 ! queue ! opusdec ! audioconvert ! audio/x-raw,format=S16LE "
      "! fakesink name=a",
      path);
  g_autoptr (GstElement) player = gst_parse_launch (description, NULL);
  g_autoptr (GstBus) bus = gst_element_get_bus (player);

  probe (player, "v", "sink", see, flash);
  probe (player, "a", "sink", hear, beep);
  gst_element_set_state (player, GST_STATE_PLAYING);
  wait_end (bus);
  gst_element_set_state (player, GST_STATE_NULL);
}

static gboolean
has_close (GArray *times, GstClockTime time)
{
  for (guint i = 0; i < times->len; i++) {
    GstClockTime other = g_array_index (times, GstClockTime, i);

    if (ABS (GST_CLOCK_DIFF (time, other)) < (GstClockTimeDiff) LIP_SYNC)
      return TRUE;
  }
  return FALSE;
}

static guint
count_close (const Signal *flash, const Signal *beep)
{
  guint n = 0;

  for (guint i = 0; i < flash->all->len; i++)
    n += has_close (beep->all, g_array_index (flash->all, GstClockTime, i));
  return n;
}

/* Decoded beside the muxer, so that it is known when the reports have come. */
#define RECORDER                                                            \
  "kinesiswebrtcbin name=k channel=test role=viewer "                       \
  "matroskamux name=m ! filesink name=file async=false location=%s "        \
  "k.video_src_0 ! tee name=vt ! m.video_0 vt. ! vp8dec ! fakesink name=v " \
  "async=false sync=false "                                                 \
  "k.audio_src_0 ! tee name=at ! m.audio_0 at. ! opusdec ! audioconvert ! " \
  "audio/x-raw,format=S16LE ! fakesink name=a async=false sync=false"

/* The picture is delayed here too, before it is encoded. */
#define MASTER                                                        \
  DARK "queue min-threshold-time=150000000 max-size-time=2000000000 " \
       "! kinesiswebrtcbin name=k channel=test " SQUARE "k."

static void
record (const char *path)
{
  g_autoptr (TestExchange) exchange = test_exchange_new ();
  g_autofree char *recorder = g_strdup_printf (RECORDER, path);
  Fixture master, viewer;
  Signal flash, beep;

  signal_init (&flash);
  signal_init (&beep);
  fixture_setup_with (&master, MASTER, test_exchange_signaller_new, exchange);
  probe (master.pipeline, "flash", "src", make_flash, NULL);
  probe (master.pipeline, "beep", "src", make_beep, NULL);
  fixture_setup_with (&viewer, recorder, test_exchange_signaller_new, exchange);
  probe (viewer.pipeline, "v", "sink", see, &flash);
  probe (viewer.pipeline, "a", "sink", hear, &beep);
  wait_close (&flash, &beep);
  gst_element_send_event (viewer.pipeline, gst_event_new_eos ());
  wait_end (viewer.bus);
  fixture_teardown (&viewer);
  fixture_teardown (&master);
  signal_clear (&flash);
  signal_clear (&beep);
}

GST_START_TEST (test_sound_and_picture_of_a_moment_are_recorded_close)
{
  g_autofree char *directory = g_dir_make_tmp ("kvs-sync-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "recorded.mkv", NULL);
  Signal flash, beep;

  record (path);
  signal_init (&flash);
  signal_init (&beep);
  read_recording (path, &flash, &beep);
  fail_unless (count_close (&flash, &beep) >= PAIRS);
  signal_clear (&flash);
  signal_clear (&beep);
  g_unlink (path);
  g_rmdir (directory);
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
  tcase_add_test (tc, test_sound_and_picture_of_a_moment_are_recorded_close);
  return suite;
}

int
main (int argc, char **argv)
{
  return fixture_main (argc, argv, sync_suite ());
}
