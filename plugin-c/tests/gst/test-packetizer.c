/* Coded streams as payloads: what is one frame, when it was, and that a depayloader gets it back. */
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>

#include "encoders.h"
#include "packetizer.h"
#include "wallclock.h"

#define BASE_TIME (5 * GST_SECOND)

typedef struct {
  GstKvsTiming timing;
  GstKvsPacketizer *packetizer;
  GPtrArray *frames; /* of RtcFrame */
} Fixture;

static void
on_frame (gpointer user_data, RtcFrame *frame)
{
  Fixture *f = user_data;

  g_ptr_array_add (f->frames, rtc_frame_ref (frame));
}

static void
setup (Fixture *f, const GstKvsCodec *codec)
{
  f->timing = (GstKvsTiming){ gst_system_clock_obtain (), BASE_TIME };
  f->frames = g_ptr_array_new_with_free_func ((GDestroyNotify) rtc_frame_unref);
  f->packetizer = gst_kvs_packetizer_new (codec, on_frame, f);
  g_assert_nonnull (f->packetizer);
}

static void
teardown (Fixture *f)
{
  gst_kvs_packetizer_free (f->packetizer);
  g_ptr_array_unref (f->frames);
  gst_kvs_timing_clear (&f->timing);
}

static gboolean
push (Fixture *f, GstSample *sample)
{
  return gst_kvs_packetizer_push (f->packetizer, gst_sample_get_buffer (sample),
      gst_sample_get_caps (sample), &f->timing);
}

/* As the element stamps it. Takes the sample. */
static GstSample *
stamped (GstSample *sample)
{
  g_autoptr (GstBuffer) buffer = gst_kvs_timing_stamp (sample);
  GstSample *copy =
      gst_sample_new (buffer, gst_sample_get_caps (sample), NULL, NULL);

  gst_sample_unref (sample);
  return copy;
}

/* What a chain makes, up to its end (of GstSample, transfer full). */
static GPtrArray *
run (const char *chain)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text =
      g_strdup_printf ("%s ! appsink name=out sync=false", chain);
  GstElement *pipeline = gst_parse_launch (text, &error);
  GPtrArray *samples =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_sample_unref);
  g_autoptr (GstElement) sink = NULL;
  GstSample *sample;

  g_assert_no_error (error);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  while ((sample = gst_app_sink_pull_sample (GST_APP_SINK (sink))) != NULL)
    g_ptr_array_add (samples, stamped (sample));
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  g_assert_cmpuint (samples->len, >, 0);
  return samples;
}

/* Noise, so that a frame is many packets. */
static char *
source_of (const GstKvsCodec *codec, const char *encoder)
{
  g_autofree char *chain = gst_kvs_encoders_chain (codec, encoder);

  return codec->media == GST_KVS_MEDIA_VIDEO
      ? g_strdup_printf ("videotestsrc pattern=snow num-buffers=8 ! "
                         "video/x-raw,width=320,height=240,framerate=30/1 ! %s",
          chain)
      : g_strdup_printf ("audiotestsrc num-buffers=8 samplesperbuffer=1024 ! "
                         "audio/x-raw,rate=48000,channels=2 ! %s",
          chain);
}

static void
check_payloads (RtcFrame *frame)
{
  gsize size = 0;

  g_assert_cmpuint (frame->n_payloads, >, 0);
  for (guint i = 0; i < frame->n_payloads; i++) {
    g_assert_cmpuint (frame->payloads[i].size, >, 0);
    g_assert_cmpuint (frame->payloads[i].size, <=, RTC_PAYLOAD_MAX);
    size += frame->payloads[i].size;
  }
  g_assert_cmpuint (frame->size, ==, size);
}

static void
check_time (Fixture *f, RtcFrame *frame, GstClockTime pts, int clock_rate)
{
  gint64 captured_us =
      gst_kvs_wallclock_place (f->timing.clock, BASE_TIME + pts);

  g_assert_cmpint (ABS ((gint64) frame->timestamp
                       - (gint64) gst_util_uint64_scale_round (pts,
                           (guint64) clock_rate, GST_SECOND)),
      <=, 1);
  /* The clocks are followed slowly. */
  g_assert_cmpint (ABS (frame->captured_us - captured_us), <,
      20 * G_TIME_SPAN_MILLISECOND);
}

static void
check_picture (Fixture *f, const GstKvsCodec *codec, GstSample *sample)
{
  GstBuffer *buffer = gst_sample_get_buffer (sample);
  guint before = f->frames->len;
  RtcFrame *frame;

  g_assert_true (push (f, sample));
  g_assert_cmpuint (f->frames->len, ==, before + 1);
  frame = g_ptr_array_index (f->frames, before);
  check_payloads (frame);
  check_time (f, frame, GST_BUFFER_PTS (buffer), codec->clock_rate);
  g_assert_cmpint (frame->is_key, ==,
      !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT));
}

/* As a peer would send it. */
static GstBuffer *
packet_new (RtcFrame *frame, guint i, guint16 number)
{
  const RtcPayload *payload = &frame->payloads[i];
  GstBuffer *packet = gst_buffer_new_allocate (NULL, 12 + payload->size, NULL);
  guint8 header[12] = { 0x80, 96 };

  if (i + 1 == frame->n_payloads)
    header[1] |= 0x80;
  GST_WRITE_UINT16_BE (header + 2, number);
  GST_WRITE_UINT32_BE (header + 4, frame->timestamp);
  GST_WRITE_UINT32_BE (header + 8, 0x1234);
  gst_buffer_fill (packet, 0, header, sizeof header);
  gst_buffer_fill (packet, sizeof header, payload->data, payload->size);
  GST_BUFFER_PTS (packet) =
      gst_util_uint64_scale (frame->timestamp, GST_SECOND, 90000);
  return packet;
}

/* What comes back, framed as it went in (of GstSample, transfer full). */
static GPtrArray *
send_through (Fixture *f, const GstKvsCodec *codec)
{
  g_autofree char *text = g_strdup_printf (
      "appsrc name=in format=time caps=application/x-rtp,media=video,"
      "payload=96,clock-rate=%d,encoding-name=%s ! %s ! %s ! "
      "appsink name=out sync=false",
      codec->clock_rate, codec->name, codec->depayloader,
      codec->parser ? codec->parser : "identity");
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (text, &error);
  GPtrArray *samples =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_sample_unref);
  g_autoptr (GstElement) src = NULL;
  g_autoptr (GstElement) sink = NULL;
  GstSample *sample;
  guint16 number = 0;

  g_assert_no_error (error);
  src = gst_bin_get_by_name (GST_BIN (pipeline), "in");
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (guint i = 0; i < f->frames->len; i++) {
    RtcFrame *frame = g_ptr_array_index (f->frames, i);

    for (guint j = 0; j < frame->n_payloads; j++)
      gst_app_src_push_buffer (GST_APP_SRC (src),
          packet_new (frame, j, number++));
  }
  gst_app_src_end_of_stream (GST_APP_SRC (src));
  while ((sample = gst_app_sink_pull_sample (GST_APP_SINK (sink))) != NULL)
    g_ptr_array_add (samples, sample);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  return samples;
}

static void
assert_same (GstSample *a, GstSample *b)
{
  GstMapInfo first, second;

  gst_buffer_map (gst_sample_get_buffer (a), &first, GST_MAP_READ);
  gst_buffer_map (gst_sample_get_buffer (b), &second, GST_MAP_READ);
  g_assert_cmpmem (first.data, first.size, second.data, second.size);
  gst_buffer_unmap (gst_sample_get_buffer (a), &first);
  gst_buffer_unmap (gst_sample_get_buffer (b), &second);
}

static void
test_pictures (gconstpointer data)
{
  const GstKvsCodec *codec = data;
  g_autoptr (GPtrArray) encoders = gst_kvs_encoders_list (codec);
  g_autofree char *source = source_of (codec, g_ptr_array_index (encoders, 0));
  g_autoptr (GPtrArray) samples = run (source);
  g_autoptr (GPtrArray) back = NULL;
  RtcFrame *first;
  Fixture f;

  setup (&f, codec);
  for (guint i = 0; i < samples->len; i++)
    check_picture (&f, codec, g_ptr_array_index (samples, i));
  first = g_ptr_array_index (f.frames, 0);
  g_assert_true (first->is_key);
  g_assert_cmpuint (first->n_payloads, >, 1);

  back = send_through (&f, codec);
  g_assert_cmpuint (back->len, ==, samples->len);
  for (guint i = 0; i < back->len; i++)
    assert_same (g_ptr_array_index (samples, i), g_ptr_array_index (back, i));
  teardown (&f);
}

/* Sound of 1024 samples a buffer, in packets of 20 ms at most. */
static void
test_sound (gconstpointer data)
{
  const GstKvsCodec *codec = data;
  g_autoptr (GPtrArray) encoders = gst_kvs_encoders_list (codec);
  g_autofree char *source = source_of (codec, g_ptr_array_index (encoders, 0));
  g_autoptr (GPtrArray) samples = run (source);
  Fixture f;

  setup (&f, codec);
  for (guint i = 0; i < samples->len; i++)
    g_assert_true (push (&f, g_ptr_array_index (samples, i)));
  g_assert_cmpuint (f.frames->len, >=, samples->len);
  for (guint i = 0; i < f.frames->len; i++) {
    RtcFrame *frame = g_ptr_array_index (f.frames, i);
    RtcFrame *last = i > 0 ? g_ptr_array_index (f.frames, i - 1) : NULL;

    check_payloads (frame);
    g_assert_cmpuint (frame->n_payloads, ==, 1);
    g_assert_true (frame->is_key);
    if (last) {
      g_assert_cmpuint (frame->timestamp, >, last->timestamp);
      g_assert_cmpint (frame->captured_us, >, last->captured_us);
    }
  }
  teardown (&f);
}

static GstSample *
sound_sample (const char *caps_text, gsize size)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (caps_text);
  g_autoptr (GstBuffer) buffer = gst_buffer_new_allocate (NULL, size, NULL);

  gst_buffer_memset (buffer, 0, 0x7f, size);
  GST_BUFFER_PTS (buffer) = 40 * GST_MSECOND;
  GST_BUFFER_DURATION (buffer) = size * GST_SECOND / 8000;
  return gst_sample_new (buffer, caps, NULL, NULL);
}

static void
test_long_sound_is_many_frames (void)
{
  g_autoptr (GstSample) sample =
      sound_sample ("audio/x-mulaw,rate=8000,channels=1", 800);
  Fixture f;

  setup (&f, gst_kvs_codec_find (GST_KVS_MEDIA_AUDIO, "PCMU"));
  g_assert_true (push (&f, sample));
  g_assert_cmpuint (f.frames->len, ==, 5);
  for (guint i = 0; i < f.frames->len; i++) {
    RtcFrame *frame = g_ptr_array_index (f.frames, i);

    g_assert_cmpuint (frame->size, ==, 160);
    check_time (&f, frame, (40 + 20 * i) * GST_MSECOND, 8000);
  }
  teardown (&f);
}

/* 510 kbit/s in packets of 40 ms, say. */
static void
test_what_is_too_large_is_left_out (void)
{
  const char *caps =
      "audio/x-opus,rate=48000,channels=2,channel-mapping-family=0";
  g_autoptr (GstSample) large = sound_sample (caps, RTC_PAYLOAD_MAX + 1);
  g_autoptr (GstSample) fitting = sound_sample (caps, RTC_PAYLOAD_MAX);
  Fixture f;

  setup (&f, gst_kvs_codec_find (GST_KVS_MEDIA_AUDIO, "OPUS"));
  push (&f, large);
  g_assert_cmpuint (f.frames->len, ==, 0);
  g_assert_true (push (&f, fitting));
  g_assert_cmpuint (f.frames->len, ==, 1);
  teardown (&f);
}

static void
test_another_size_goes_on (void)
{
  const GstKvsCodec *codec = gst_kvs_codec_find (GST_KVS_MEDIA_VIDEO, "H264");
  g_autoptr (GPtrArray) small =
      run ("videotestsrc num-buffers=2 ! video/x-raw,width=160,height=120,"
           "framerate=30/1 ! x264enc tune=zerolatency ! h264parse "
           "config-interval=-1 ! "
           "video/x-h264,stream-format=byte-stream,alignment=au");
  g_autoptr (GPtrArray) large =
      run ("videotestsrc num-buffers=2 ! video/x-raw,width=640,height=480,"
           "framerate=30/1 ! x264enc tune=zerolatency ! h264parse "
           "config-interval=-1 ! "
           "video/x-h264,stream-format=byte-stream,alignment=au");
  Fixture f;

  setup (&f, codec);
  check_picture (&f, codec, g_ptr_array_index (small, 0));
  check_picture (&f, codec, g_ptr_array_index (small, 1));
  check_picture (&f, codec, g_ptr_array_index (large, 0));
  check_picture (&f, codec, g_ptr_array_index (large, 1));
  teardown (&f);
}

static void
test_what_is_no_picture_is_refused (void)
{
  const GstKvsCodec *codec = gst_kvs_codec_find (GST_KVS_MEDIA_VIDEO, "VP8");
  g_autofree char *source = source_of (codec, "vp8enc");
  g_autoptr (GPtrArray) samples = run (source);
  GstCaps *caps = gst_sample_get_caps (g_ptr_array_index (samples, 0));
  g_autoptr (GstBuffer) nonsense = gst_buffer_new_memdup ("\xff\xff", 2);
  Fixture f;

  setup (&f, codec);
  check_picture (&f, codec, g_ptr_array_index (samples, 0));
  g_assert_false (
      gst_kvs_packetizer_push (f.packetizer, nonsense, caps, &f.timing));
  g_assert_cmpuint (f.frames->len, ==, 1);
  check_picture (&f, codec, g_ptr_array_index (samples, 1));
  teardown (&f);
}

static void
test_drift (void)
{
  GstKvsDrift drift = { 0 };

  /* As it is at first; then by at most half a thousandth of what has passed. */
  g_assert_cmpint (gst_kvs_drift_follow (&drift, 1000000, 5000000), ==,
      4000000);
  g_assert_cmpint (gst_kvs_drift_follow (&drift, 2000000, 6000000), ==,
      4000000);
  g_assert_cmpint (gst_kvs_drift_follow (&drift, 3000000, 7100000), ==,
      4000500);
  g_assert_cmpint (gst_kvs_drift_follow (&drift, 4000000, 7900000), ==,
      4000000);
  /* Small steps are not lost, nor is the clock that stands still. */
  g_assert_cmpint (gst_kvs_drift_follow (&drift, 4000500, 8000600), ==,
      4000000);
  g_assert_cmpint (gst_kvs_drift_follow (&drift, 4000500, 8000600), ==,
      4000000);
  g_assert_cmpint (gst_kvs_drift_follow (&drift, 4002000, 8002100), ==,
      4000001);
  /* Somebody set the time. */
  g_assert_cmpint (gst_kvs_drift_follow (&drift, 4003000, 99000000), ==,
      94997000);
  g_assert_cmpint (gst_kvs_drift_follow (&drift, 5003000, 9003000), ==,
      4000000);
}

/* Every codec that can be made and sent here. */
static void
add_codecs (GstKvsMedia media, GTestDataFunc test)
{
  for (const GstKvsCodec *const *c = gst_kvs_codec_list (media); *c; c++) {
    g_autofree char *path = g_strdup_printf ("/packetizer/%s", (*c)->name);

    if (gst_kvs_codec_can_send (*c) && gst_kvs_encoders_has (*c))
      g_test_add_data_func (path, *c, test);
  }
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  add_codecs (GST_KVS_MEDIA_VIDEO, test_pictures);
  add_codecs (GST_KVS_MEDIA_AUDIO, test_sound);
  g_test_add_func ("/packetizer/long-sound-is-many-frames",
      test_long_sound_is_many_frames);
  g_test_add_func ("/packetizer/what-is-too-large-is-left-out",
      test_what_is_too_large_is_left_out);
  g_test_add_func ("/packetizer/another-size-goes-on",
      test_another_size_goes_on);
  g_test_add_func ("/packetizer/what-is-no-picture-is-refused",
      test_what_is_no_picture_is_refused);
  g_test_add_func ("/packetizer/drift", test_drift);
  return g_test_run ();
}
