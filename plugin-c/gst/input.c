#include "input.h"

#include <gst/app/gstappsink.h>
#include <gst/video/video.h>

GST_DEBUG_CATEGORY_STATIC (kvsinput_debug);
#define GST_CAT_DEFAULT kvsinput_debug

/* One codec wanted of this input. */
typedef struct {
  GstKvsFanout *fanout;
  GstKvsEncoder *encoder; /* NULL when input frames go straight in */
  guint users;            /* worker only */
} Stream;

struct _GstKvsInput {
  GObject parent;

  GstKvsMedia media;
  GstElement *sink;
  GstKvsInputReadyFunc ready;
  gpointer user_data;

  /* Held by the streaming thread while it hands a frame on. */
  GMutex lock;
  GPtrArray *streams; /* of Stream */
  gboolean is_ready;
  const GstKvsCodec *codec;
  int profile_level_id;
};

G_DEFINE_FINAL_TYPE (GstKvsInput, gst_kvs_input, G_TYPE_OBJECT)

static GstFlowReturn on_new_sample (GstAppSink *sink, gpointer user_data);
static GstPadProbeReturn on_event (GstPad *pad, GstPadProbeInfo *info,
    gpointer user_data);
static void on_key_frame (gpointer user_data);

static void
stream_free (Stream *stream)
{
  if (stream->encoder)
    gst_kvs_encoder_stop (stream->encoder);
  else
    gst_kvs_fanout_set_key_frame_func (stream->fanout, NULL, NULL);
  g_clear_object (&stream->encoder);
  g_object_unref (stream->fanout);
  g_free (stream);
}

static void
gst_kvs_input_finalize (GObject *object)
{
  GstKvsInput *self = GST_KVS_INPUT (object);

  g_ptr_array_unref (self->streams);
  gst_object_unref (self->sink);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (gst_kvs_input_parent_class)->finalize (object);
}

static void
gst_kvs_input_class_init (GstKvsInputClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_kvs_input_finalize;
  GST_DEBUG_CATEGORY_INIT (kvsinput_debug, "kvsinput", 0,
      "One sink pad's media");
}

static void
gst_kvs_input_init (GstKvsInput *self)
{
  g_mutex_init (&self->lock);
  self->streams = g_ptr_array_new_with_free_func ((GDestroyNotify) stream_free);
  self->profile_level_id = -1;
}

GstKvsInput *
gst_kvs_input_new (GstKvsMedia media, GstKvsInputReadyFunc ready,
    gpointer user_data)
{
  static GstAppSinkCallbacks callbacks = { .new_sample = on_new_sample };
  GstKvsInput *self = g_object_new (GST_TYPE_KVS_INPUT, NULL);
  g_autoptr (GstCaps) caps = gst_kvs_codec_sink_caps (media);
  g_autoptr (GstPad) pad = NULL;

  self->media = media;
  self->ready = ready;
  self->user_data = user_data;
  /* Not async: the element is live and never waits for a preroll. Not sync
   * until a source turns out not to be live, see set_sync. */
  self->sink = gst_object_ref_sink (gst_element_factory_make ("appsink", NULL));
  g_object_set (self->sink, "async", FALSE, "sync", FALSE, "qos", FALSE,
      "enable-last-sample", FALSE, "caps", caps, NULL);
  gst_app_sink_set_callbacks (GST_APP_SINK (self->sink), &callbacks, self,
      NULL);
  pad = gst_element_get_static_pad (self->sink, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_event, self,
      NULL);
  return self;
}

GstElement *
gst_kvs_input_get_sink (GstKvsInput *self)
{
  return self->sink;
}

GstKvsMedia
gst_kvs_input_get_media (GstKvsInput *self)
{
  return self->media;
}

/* A file or a plain videotestsrc runs as fast as it is let: such a source is
 * played by the clock. A live one has been clocked already. */
static void
set_sync (GstKvsInput *self, GstPad *pad)
{
  g_autoptr (GstQuery) query = gst_query_new_latency ();
  gboolean is_live = FALSE;

  if (gst_pad_peer_query (pad, query))
    gst_query_parse_latency (query, &is_live, NULL, NULL);
  GST_INFO_OBJECT (self->sink, "the source is %slive", is_live ? "" : "not ");
  g_object_set (self->sink, "sync", !is_live, NULL);
}

/* profile-level-id as in avcC (ISO/IEC 14496-15): its bytes 1 to 3. */
static int
read_profile_level_id (const GstStructure *s)
{
  static const struct {
    const char *name;
    int profile;
  } profiles[] = {
    { "constrained-baseline", 0x42e0 },
    { "baseline", 0x4200 },
    { "main", 0x4d00 },
    { "high", 0x6400 },
    { "constrained-high", 0x640c },
  };
  const GValue *value = gst_structure_get_value (s, "codec_data");
  const char *profile = gst_structure_get_string (s, "profile");
  guint8 bytes[4];

  if (value && GST_VALUE_HOLDS_BUFFER (value)
      && gst_buffer_extract (gst_value_get_buffer (value), 0, bytes, 4) == 4)
    return bytes[1] << 16 | bytes[2] << 8 | bytes[3];
  for (guint i = 0; profile && i < G_N_ELEMENTS (profiles); i++) {
    if (g_str_equal (profiles[i].name, profile))
      return profiles[i].profile << 8 | 0x1f;
  }
  return -1;
}

static void
set_caps (GstKvsInput *self, GstCaps *caps)
{
  const GstStructure *s = gst_caps_get_structure (caps, 0);
  gboolean is_first;

  g_mutex_lock (&self->lock);
  is_first = !self->is_ready;
  /* Streams hang on the kind of the first caps; a new size is no new kind. */
  if (is_first)
    self->codec = gst_kvs_codec_from_caps (caps);
  self->profile_level_id = read_profile_level_id (s);
  self->is_ready = TRUE;
  g_mutex_unlock (&self->lock);

  GST_INFO_OBJECT (self->sink, "input is %" GST_PTR_FORMAT, caps);
  if (is_first)
    self->ready (self->user_data);
}

static GstPadProbeReturn
on_event (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  GstKvsInput *self = user_data;
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  GstCaps *caps;

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CAPS:
      gst_event_parse_caps (event, &caps);
      set_caps (self, caps);
      break;
    case GST_EVENT_SEGMENT:
      set_sync (self, pad);
      break;
    default:
      break;
  }
  return GST_PAD_PROBE_OK;
}

static GstFlowReturn
on_new_sample (GstAppSink *sink, gpointer user_data)
{
  GstKvsInput *self = user_data;
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);
  g_autoptr (GstBuffer) buffer = NULL;

  if (!sample)
    return GST_FLOW_OK;
  g_mutex_lock (&self->lock);
  if (self->streams->len > 0)
    buffer = gst_kvs_timing_stamp (sample);
  for (guint i = 0; i < self->streams->len; i++) {
    Stream *stream = g_ptr_array_index (self->streams, i);

    if (stream->encoder)
      gst_kvs_encoder_push (stream->encoder, buffer,
          gst_sample_get_caps (sample));
    else
      gst_kvs_fanout_push (stream->fanout, buffer,
          gst_sample_get_caps (sample));
  }
  g_mutex_unlock (&self->lock);
  return GST_FLOW_OK;
}

gboolean
gst_kvs_input_is_ready (GstKvsInput *self)
{
  gboolean is_ready;

  g_mutex_lock (&self->lock);
  is_ready = self->is_ready;
  g_mutex_unlock (&self->lock);
  return is_ready;
}

const GstKvsCodec *
gst_kvs_input_get_codec (GstKvsInput *self)
{
  const GstKvsCodec *codec;

  g_mutex_lock (&self->lock);
  codec = self->codec;
  g_mutex_unlock (&self->lock);
  return codec;
}

int
gst_kvs_input_get_profile_level_id (GstKvsInput *self)
{
  int profile_level_id;

  g_mutex_lock (&self->lock);
  profile_level_id = self->profile_level_id;
  g_mutex_unlock (&self->lock);
  return profile_level_id;
}

/* Only the worker changes the list, so it may read it without the lock. */
static Stream *
find_stream (GstKvsInput *self, const GstKvsCodec *codec)
{
  for (guint i = 0; i < self->streams->len; i++) {
    Stream *stream = g_ptr_array_index (self->streams, i);

    if (gst_kvs_fanout_get_codec (stream->fanout) == codec)
      return stream;
  }
  return NULL;
}

static Stream *
stream_new (GstKvsInput *self, const GstKvsCodec *codec, guint bitrate,
    const GstKvsEncoderContext *context, GError **error)
{
  gboolean is_raw = gst_kvs_input_get_codec (self) == NULL;
  Stream *stream = g_new0 (Stream, 1);

  if (!is_raw && !codec->parser) {
    stream->fanout = gst_kvs_fanout_new (context->worker, codec);
    gst_kvs_fanout_set_key_frame_func (stream->fanout, on_key_frame, self);
    return stream;
  }
  stream->encoder =
      gst_kvs_encoder_new (codec, is_raw, bitrate, context, error);
  if (!stream->encoder) {
    g_free (stream);
    return NULL;
  }
  stream->fanout = g_object_ref (gst_kvs_encoder_get_fanout (stream->encoder));
  /* A parser can make no key frame, the encoder before the input can. */
  if (!is_raw)
    gst_kvs_fanout_set_key_frame_func (stream->fanout, on_key_frame, self);
  return stream;
}

GstKvsFanout *
gst_kvs_input_acquire (GstKvsInput *self, const GstKvsCodec *codec,
    guint bitrate, const GstKvsEncoderContext *context, GError **error)
{
  Stream *stream = find_stream (self, codec);

  if (!stream) {
    stream = stream_new (self, codec, bitrate, context, error);
    if (!stream)
      return NULL;
    g_mutex_lock (&self->lock);
    g_ptr_array_add (self->streams, stream);
    g_mutex_unlock (&self->lock);
  }
  stream->users++;
  return stream->fanout;
}

void
gst_kvs_input_release (GstKvsInput *self, GstKvsFanout *fanout)
{
  Stream *stream = find_stream (self, gst_kvs_fanout_get_codec (fanout));

  if (!stream || --stream->users > 0)
    return;
  GST_INFO_OBJECT (self->sink, "nobody wants %s any more",
      gst_kvs_fanout_get_codec (fanout)->name);
  g_mutex_lock (&self->lock);
  {
    guint index = 0;
    g_ptr_array_find (self->streams, stream, &index);
    g_ptr_array_steal_index_fast (self->streams, index);
  }
  g_mutex_unlock (&self->lock);
  stream_free (stream);
}

static void
send_force_key_unit (GstElement *sink, gpointer user_data)
{
  gst_element_send_event (sink,
      gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE,
          0));
}

/* The encoder is in the user's pipeline, and what is up there may block. */
static void
on_key_frame (gpointer user_data)
{
  GstKvsInput *self = user_data;

  gst_element_call_async (self->sink, send_force_key_unit, NULL, NULL);
}

void
gst_kvs_input_reset (GstKvsInput *self)
{
  g_mutex_lock (&self->lock);
  self->is_ready = FALSE;
  self->codec = NULL;
  g_mutex_unlock (&self->lock);
}

void
gst_kvs_input_set_timing (GstKvsInput *self, const GstKvsTiming *timing)
{
  for (guint i = 0; i < self->streams->len; i++) {
    Stream *stream = g_ptr_array_index (self->streams, i);

    if (stream->encoder)
      gst_kvs_encoder_set_timing (stream->encoder, timing);
  }
}

void
gst_kvs_input_set_bitrate (GstKvsInput *self, guint bitrate)
{
  for (guint i = 0; i < self->streams->len; i++) {
    Stream *stream = g_ptr_array_index (self->streams, i);

    if (stream->encoder)
      gst_kvs_encoder_set_bitrate (stream->encoder, bitrate);
  }
}

void
gst_kvs_input_request_key_frame (GstKvsInput *self)
{
  for (guint i = 0; i < self->streams->len; i++) {
    Stream *stream = g_ptr_array_index (self->streams, i);

    gst_kvs_fanout_request_key_frame (stream->fanout);
  }
}
