/* Streams with layers in time: whatever is left out of them, what is left decodes to the same pictures. */
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>
#include <gst/video/video.h>

#include "encoders.h"
#include "layers.h"
#include "packetizer.h"

#define N_FRAMES 120
#define BITRATE 300000

/* No multiples of a row of frames: the row goes on behind a key frame wherever
 * it was. */
static const guint key_frames[] = { 21, 50, 75 };

typedef struct {
  const char *codec;
  const char *encoder;
  const char *decoder;
  guint8 n_layers;
  const char *chain; /* a camera's; NULL: as the element encodes */
} Case;

/* One with pictures that nothing refers to between those that count. */
#define CAMERA                                                  \
  "x264enc name=enc bframes=1 b-adapt=false b-pyramid=false "   \
  "key-int-max=300 option-string=scenecut=0 bitrate=300 ! "     \
  "video/x-h264,profile=main ! h264parse config-interval=-1 ! " \
  "video/x-h264,stream-format=byte-stream,alignment=au"

static const Case cases[] = {
  { "VP8", "vp8enc", "vp8dec", 3 },
  { "VP9", "vp9enc", "vp9dec", 2 },
  { "H264", "x264enc", "avdec_h264", 2, CAMERA },
};

static const GstKvsCodec *
codec_of (const Case *test)
{
  return gst_kvs_codec_find (GST_KVS_MEDIA_VIDEO, test->codec);
}

/* What the encoder made: buffers, and the frames they are sent as. */
typedef struct {
  GPtrArray *buffers; /* of GstBuffer */
  GPtrArray *frames;  /* of RtcFrame */
  GstCaps *caps;
} Stream;

static GstElement *
launch (const char *text, GstElement **in, GstElement **out)
{
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (text, &error);

  g_assert_no_error (error);
  if (in)
    *in = gst_bin_get_by_name (GST_BIN (pipeline), "in");
  *out = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  return pipeline;
}

static guint
number_of (GstBuffer *buffer)
{
  return (guint) gst_util_uint64_scale_round (GST_BUFFER_PTS (buffer), 30,
      GST_SECOND);
}

/* Before the frame that is to be one. */
static GstPadProbeReturn
ask_for_key_frames (GstPad *pad, GstPadProbeInfo *info, gpointer encoder)
{
  guint number = number_of (GST_PAD_PROBE_INFO_BUFFER (info));

  for (guint i = 0; i < G_N_ELEMENTS (key_frames); i++) {
    if (key_frames[i] == number)
      gst_element_send_event (encoder,
          gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE,
              TRUE, i));
  }
  return GST_PAD_PROBE_OK;
}

static void
set_up (GstElement *pipeline, const Case *test)
{
  g_autoptr (GstElement) encoder =
      gst_bin_get_by_name (GST_BIN (pipeline), "enc");
  g_autoptr (GstPad) sink = gst_element_get_static_pad (encoder, "sink");

  if (!test->chain) {
    gst_kvs_encoders_configure (encoder);
    gst_kvs_encoders_set_bitrate (encoder, BITRATE);
  }
  gst_pad_add_probe (sink, GST_PAD_PROBE_TYPE_BUFFER, ask_for_key_frames,
      encoder, NULL);
}

static void
take (Stream *self, GstSample *sample)
{
  g_ptr_array_add (self->buffers, gst_kvs_timing_stamp (sample));
  if (!self->caps)
    self->caps = gst_caps_ref (gst_sample_get_caps (sample));
  gst_sample_unref (sample);
}

static void
encode (Stream *self, const Case *test)
{
  g_autofree char *chain = test->chain
      ? g_strdup (test->chain)
      : gst_kvs_encoders_chain (codec_of (test), test->encoder);
  g_autofree char *text =
      g_strdup_printf ("videotestsrc pattern=ball num-buffers=%d ! "
                       "video/x-raw,width=160,height=120,framerate=30/1 ! "
                       "%s ! appsink name=out sync=false",
          N_FRAMES, chain);
  g_autoptr (GstElement) out = NULL;
  GstElement *pipeline = launch (text, NULL, &out);
  GstSample *sample;

  set_up (pipeline, test);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  while ((sample = gst_app_sink_pull_sample (GST_APP_SINK (out))) != NULL)
    take (self, sample);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  g_assert_cmpuint (self->buffers->len, ==, N_FRAMES);
}

static void
on_frame (gpointer user_data, RtcFrame *frame)
{
  Stream *self = user_data;

  g_ptr_array_add (self->frames, rtc_frame_ref (frame));
}

static void
packetize (Stream *self, const Case *test)
{
  GstKvsTiming timing = { gst_system_clock_obtain (), 0 };
  GstKvsPacketizer *packetizer =
      gst_kvs_packetizer_new (codec_of (test), on_frame, self);

  for (guint i = 0; i < self->buffers->len; i++)
    g_assert_true (gst_kvs_packetizer_push (packetizer,
        g_ptr_array_index (self->buffers, i), self->caps, &timing));
  g_assert_cmpuint (self->frames->len, ==, N_FRAMES);
  gst_kvs_packetizer_free (packetizer);
  gst_kvs_timing_clear (&timing);
}

static void
stream_setup (Stream *self, const Case *test)
{
  *self = (Stream){
    .buffers =
        g_ptr_array_new_with_free_func ((GDestroyNotify) gst_buffer_unref),
    .frames = g_ptr_array_new_with_free_func ((GDestroyNotify) rtc_frame_unref),
  };
  encode (self, test);
  packetize (self, test);
}

static void
stream_teardown (Stream *self)
{
  g_ptr_array_unref (self->buffers);
  g_ptr_array_unref (self->frames);
  gst_caps_unref (self->caps);
}

/* A sum of each picture, by its number; 0 for one that was not shown. */
static guint *
decode (Stream *self, GPtrArray *buffers, const char *decoder)
{
  g_autofree char *text = g_strdup_printf (
      "appsrc name=in format=time max-bytes=0 max-buffers=0 ! %s ! "
      "videoconvert ! video/x-raw,format=I420 ! appsink name=out sync=false",
      decoder);
  g_autoptr (GstElement) in = NULL;
  g_autoptr (GstElement) out = NULL;
  GstElement *pipeline = launch (text, &in, &out);
  guint *sums = g_new0 (guint, N_FRAMES);
  GstSample *sample;

  gst_app_src_set_caps (GST_APP_SRC (in), self->caps);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (guint i = 0; i < buffers->len; i++)
    gst_app_src_push_buffer (GST_APP_SRC (in),
        gst_buffer_ref (g_ptr_array_index (buffers, i)));
  gst_app_src_end_of_stream (GST_APP_SRC (in));
  while ((sample = gst_app_sink_pull_sample (GST_APP_SINK (out))) != NULL) {
    GstBuffer *buffer = gst_sample_get_buffer (sample);
    GstMapInfo map;
    guint sum = 1;

    gst_buffer_map (buffer, &map, GST_MAP_READ);
    for (gsize i = 0; i < map.size; i++)
      sum = sum * 31 + map.data[i];
    gst_buffer_unmap (buffer, &map);
    g_assert_cmpuint (number_of (buffer), <, N_FRAMES);
    sums[number_of (buffer)] = sum | 1;
    gst_sample_unref (sample);
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  return sums;
}

/* What a peer gets that wants so much, or changes its mind every 17 frames. */
static GPtrArray *
admit (Stream *self, const Case *test, guint8 target, gboolean wanders)
{
  GPtrArray *admitted = g_ptr_array_new ();
  RtcLayers layers;

  rtc_layers_init (&layers, codec_of (test)->layers);
  rtc_layers_set_target (&layers, target);
  for (guint i = 0; i < self->frames->len; i++) {
    if (wanders && i % 17 == 0)
      rtc_layers_set_target (&layers, (guint8) (i * 5 / 17 % test->n_layers));
    if (rtc_layers_admit (&layers, g_ptr_array_index (self->frames, i)))
      g_ptr_array_add (admitted, g_ptr_array_index (self->buffers, i));
  }
  return admitted;
}

static void
assert_same_pictures (Stream *self, const Case *test, const guint *all,
    GPtrArray *admitted)
{
  g_autofree guint *sums = decode (self, admitted, test->decoder);

  for (guint i = 0; i < admitted->len; i++) {
    guint number = number_of (g_ptr_array_index (admitted, i));

    g_assert_cmpuint (sums[number], !=, 0);
    g_assert_cmpuint (sums[number], ==, all[number]);
  }
}

static gsize
size_of (GPtrArray *buffers)
{
  gsize size = 0;

  for (guint i = 0; i < buffers->len; i++)
    size += gst_buffer_get_size (g_ptr_array_index (buffers, i));
  return size;
}

static void
test_layers (gconstpointer data)
{
  const Case *test = data;
  g_autofree guint *all = NULL;
  g_autoptr (GPtrArray) wandering = NULL;
  gsize more;
  Stream stream;

  stream_setup (&stream, test);
  all = decode (&stream, stream.buffers, test->decoder);
  more = size_of (stream.buffers) + 1;
  for (int target = test->n_layers - 1; target >= 0; target--) {
    g_autoptr (GPtrArray) admitted =
        admit (&stream, test, (guint8) target, FALSE);
    guint most = N_FRAMES >> (test->n_layers - 1 - target);

    g_assert_cmpuint (admitted->len, <=, most + G_N_ELEMENTS (key_frames) + 1);
    g_assert_cmpuint (admitted->len, >=, most - 1);
    g_assert_cmpuint (size_of (admitted), <, more);
    more = size_of (admitted);
    assert_same_pictures (&stream, test, all, admitted);
  }
  wandering = admit (&stream, test, 0, TRUE);
  g_assert_cmpuint (wandering->len, <, N_FRAMES);
  assert_same_pictures (&stream, test, all, wandering);
  stream_teardown (&stream);
}

static void
test_key_frames_are_of_the_lowest_layer (gconstpointer data)
{
  const Case *test = data;
  guint n_keys = 0;
  Stream stream;

  stream_setup (&stream, test);
  for (guint i = 0; i < stream.frames->len; i++) {
    RtcFrame *frame = g_ptr_array_index (stream.frames, i);

    n_keys += frame->is_key;
    g_assert_true (!frame->is_key || frame->temporal_id == 0);
    g_assert_cmpuint (frame->temporal_id, <, test->n_layers);
  }
  g_assert_cmpuint (n_keys, ==, G_N_ELEMENTS (key_frames) + 1);
  stream_teardown (&stream);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *layers =
        g_strdup_printf ("/temporal/layers/%s", cases[i].encoder);
    g_autofree char *keys =
        g_strdup_printf ("/temporal/key-frames/%s", cases[i].encoder);

    g_test_add_data_func (layers, &cases[i], test_layers);
    g_test_add_data_func (keys, &cases[i],
        test_key_frames_are_of_the_lowest_layer);
  }
  return g_test_run ();
}
