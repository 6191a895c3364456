#include "input.h"

#include <gst/app/gstappsink.h>
#include <gst/video/video.h>

#include "decoder.h"
#include "parametersets.h"
#include "profile.h"
#include "stream.h"

GST_DEBUG_CATEGORY_STATIC (kvsinput_debug);
#define GST_CAT_DEFAULT kvsinput_debug

struct _GstKvsInput {
  GObject parent;

  GstKvsMedia media;
  guint number;
  GstElement *sink;
  GstKvsInputChangedFunc changed;
  gpointer user_data;
  int rotation; /* atomic: degrees, or -1 */
  int tagged;   /* atomic: GstKvsOrientation */

  /* Held by the streaming thread while it hands a frame on, and by the
   * decoder's. Only the worker changes the list, so it reads it without. */
  GMutex lock;
  GPtrArray *streams; /* of GstKvsStream */
  GstKvsDecoder *decoder;
  gboolean has_new_decoder; /* which no frame has been pushed to */
  gboolean is_ready;
  const GstKvsCodec *codec;
  GstCaps *caps; /* what frames are said to be */
  int profile;
  gboolean is_byte_stream;  /* H264 and H265 between start codes */
  GstKvsParameterSets sets; /* of a byte stream */

  /* The streaming thread's. */
  GstClockTime last_pts;
  gboolean has_warned;

  /* Worker only. */
  char *decoder_trouble;
};

G_DEFINE_FINAL_TYPE (GstKvsInput, gst_kvs_input, G_TYPE_OBJECT)

static GstFlowReturn on_new_sample (GstAppSink *sink, gpointer user_data);
static GstPadProbeReturn on_event (GstPad *pad, GstPadProbeInfo *info,
    gpointer user_data);

static void
gst_kvs_input_finalize (GObject *object)
{
  GstKvsInput *self = GST_KVS_INPUT (object);

  g_ptr_array_unref (self->streams);
  g_clear_pointer (&self->decoder, gst_kvs_decoder_free);
  gst_kvs_parameter_sets_clear (&self->sets);
  gst_clear_caps (&self->caps);
  g_free (self->decoder_trouble);
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
  self->streams =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_kvs_stream_free);
  self->profile = -1;
  self->rotation = -1;
  self->last_pts = GST_CLOCK_TIME_NONE;
}

GstKvsInput *
gst_kvs_input_new (GstKvsMedia media, guint number,
    GstKvsInputChangedFunc changed, gpointer user_data)
{
  static GstAppSinkCallbacks callbacks = { .new_sample = on_new_sample };
  GstKvsInput *self = g_object_new (GST_TYPE_KVS_INPUT, NULL);
  g_autoptr (GstCaps) caps = gst_kvs_codec_sink_caps (media);
  g_autoptr (GstPad) pad = NULL;

  self->media = media;
  self->number = number;
  self->changed = changed;
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

guint
gst_kvs_input_get_number (GstKvsInput *self)
{
  return self->number;
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

static void
set_caps (GstKvsInput *self, GstCaps *caps)
{
  const GstKvsCodec *codec = gst_kvs_codec_from_caps (caps);
  const GstStructure *s = gst_caps_get_structure (caps, 0);
  gboolean is_other;

  g_mutex_lock (&self->lock);
  /* A new size is no other kind: encoders and payloaders follow it. */
  is_other = !self->is_ready || self->codec != codec;
  self->codec = codec;
  gst_clear_caps (&self->caps);
  self->caps = gst_kvs_opus_place_channels (caps);
  self->profile = codec ? gst_kvs_profile_from_caps (codec, s) : -1;
  self->is_byte_stream =
      g_strcmp0 (gst_structure_get_string (s, "stream-format"), "byte-stream")
      == 0;
  self->is_ready = TRUE;
  gst_kvs_parameter_sets_clear (&self->sets);
  g_mutex_unlock (&self->lock);

  GST_INFO_OBJECT (self->sink, "input is %" GST_PTR_FORMAT, caps);
  if (is_other)
    self->changed (self->user_data);
}

static void
set_tags (GstKvsInput *self, GstEvent *event)
{
  GstKvsOrientation orientation;
  GstTagList *tags;

  gst_event_parse_tag (event, &tags);
  if (gst_kvs_orientation_from_tags (tags, &orientation))
    g_atomic_int_set (&self->tagged, orientation);
}

static GstPadProbeReturn
on_event (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  GstKvsInput *self = user_data;
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  GstCaps *caps;

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_STREAM_START:
      g_atomic_int_set (&self->tagged, 0);
      break;
    case GST_EVENT_TAG:
      set_tags (self, event);
      break;
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

/* What the caps of a byte stream do not say, its key frames begin with; some
 * encoders say it once and never again. */
static void
read_parameter_sets (GstKvsInput *self, GstBuffer *buffer)
{
  if (!self->codec || !self->is_byte_stream
      || GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT))
    return;
  gst_kvs_parameter_sets_read (&self->sets, self->codec, buffer);
  if (self->profile < 0)
    self->profile =
        gst_kvs_parameter_sets_get_profile (&self->sets, self->codec);
}

/* WebRTC has one time stamp a frame and no reordering: frames come in the
 * order they are shown, or the picture jumps to and fro. */
static void
check_order (GstKvsInput *self, const GstKvsCodec *codec, GstBuffer *buffer)
{
  GstClockTime last = self->last_pts;

  self->last_pts = GST_BUFFER_PTS (buffer);
  if (!codec || codec->media == GST_KVS_MEDIA_AUDIO || self->has_warned
      || !GST_CLOCK_TIME_IS_VALID (last) || !GST_BUFFER_PTS_IS_VALID (buffer)
      || self->last_pts >= last
      || GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT))
    return;
  self->has_warned = TRUE;
  GST_ELEMENT_WARNING (self->sink, STREAM, FORMAT,
      ("The %s that comes in has B-frames, which WebRTC cannot send in order: "
       "viewers will see it jerk. Let the encoder make none (x264enc "
       "tune=zerolatency or bframes=0; a camera's baseline profile)",
          codec->name),
      (NULL));
}

/* A parser that comes late has not seen what was said once. */
static void
push_to_stream (GstKvsInput *self, GstKvsStream *stream, GstBuffer *buffer,
    GstCaps *caps)
{
  g_autoptr (GstBuffer) first =
      stream->is_new && stream->kind == GST_KVS_STREAM_PARSED
      ? gst_kvs_parameter_sets_prepend (&self->sets, buffer)
      : NULL;

  stream->is_new = FALSE;
  gst_kvs_stream_push (stream, first ? first : buffer, caps);
}

static void
push_to_decoder (GstKvsInput *self, GstBuffer *buffer, GstCaps *caps)
{
  g_autoptr (GstBuffer) first = self->has_new_decoder
      ? gst_kvs_parameter_sets_prepend (&self->sets, buffer)
      : NULL;

  if (gst_kvs_decoder_push (self->decoder, first ? first : buffer, caps))
    self->has_new_decoder = FALSE;
}

/* Each stream that is made of what comes in now; the lock is held. */
static void
push_to_streams (GstKvsInput *self, gboolean is_decoded, GstBuffer *buffer,
    GstCaps *caps)
{
  for (guint i = 0; i < self->streams->len; i++) {
    GstKvsStream *stream = g_ptr_array_index (self->streams, i);

    if (stream->kind != GST_KVS_STREAM_BROKEN
        && stream->made_from == self->codec
        && (stream->kind == GST_KVS_STREAM_TRANSCODED) == is_decoded)
      push_to_stream (self, stream, buffer, caps);
  }
}

static GstFlowReturn
on_new_sample (GstAppSink *sink, gpointer user_data)
{
  GstKvsInput *self = user_data;
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);
  g_autoptr (GstBuffer) buffer = NULL;
  const GstKvsCodec *codec;

  if (!sample)
    return GST_FLOW_OK;
  g_mutex_lock (&self->lock);
  codec = self->codec;
  read_parameter_sets (self, gst_sample_get_buffer (sample));
  if (self->streams->len > 0) {
    GstCaps *caps = self->caps;

    buffer = gst_kvs_timing_stamp (sample);
    push_to_streams (self, FALSE, buffer, caps);
    if (self->decoder && gst_kvs_decoder_get_codec (self->decoder) == codec)
      push_to_decoder (self, buffer, caps);
  }
  g_mutex_unlock (&self->lock);
  check_order (self, codec, gst_sample_get_buffer (sample));
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
gst_kvs_input_get_profile (GstKvsInput *self)
{
  int profile;

  g_mutex_lock (&self->lock);
  profile = self->profile;
  g_mutex_unlock (&self->lock);
  return profile;
}

static GstKvsStream *
find_stream (GstKvsInput *self, const GstKvsCodec *codec, guint rung)
{
  for (guint i = 0; i < self->streams->len; i++) {
    GstKvsStream *stream = g_ptr_array_index (self->streams, i);

    if (gst_kvs_stream_get_codec (stream) == codec && stream->rung == rung)
      return stream;
  }
  return NULL;
}

static GstKvsStream *
find_stream_of (GstKvsInput *self, GstKvsFanout *fanout)
{
  for (guint i = 0; i < self->streams->len; i++) {
    GstKvsStream *stream = g_ptr_array_index (self->streams, i);

    if (stream->fanout == fanout)
      return stream;
  }
  return NULL;
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
ask_upstream (GstKvsInput *self)
{
  gst_element_call_async (self->sink, send_force_key_unit, NULL, NULL);
}

/* A parser can make no key frame, the encoder before the input can. */
static void
on_key_frame (gpointer user_data)
{
  GstKvsStream *stream = user_data;

  if (stream->kind == GST_KVS_STREAM_ENCODED
      || stream->kind == GST_KVS_STREAM_TRANSCODED)
    gst_kvs_encoder_request_key_frame (stream->encoder);
  else if (stream->kind != GST_KVS_STREAM_BROKEN)
    ask_upstream (stream->owner);
}

/* The decoder's streaming thread. */
static void
on_decoded_frame (gpointer user_data, GstBuffer *buffer, GstCaps *caps)
{
  GstKvsInput *self = user_data;

  g_mutex_lock (&self->lock);
  push_to_streams (self, TRUE, buffer, caps);
  g_mutex_unlock (&self->lock);
}

static void
on_decoder_failed (gpointer user_data, const char *message)
{
  GstKvsInput *self = user_data;

  g_free (self->decoder_trouble);
  self->decoder_trouble = g_strdup (message);
  self->changed (self->user_data);
}

static void
set_decoder (GstKvsInput *self, GstKvsDecoder *decoder)
{
  GstKvsDecoder *old;

  g_mutex_lock (&self->lock);
  old = self->decoder;
  self->decoder = decoder;
  self->has_new_decoder = decoder != NULL;
  g_mutex_unlock (&self->lock);
  g_clear_pointer (&self->decoder_trouble, g_free);
  if (old)
    gst_kvs_decoder_free (old);
}

static gboolean
ensure_decoder (GstKvsInput *self, const GstKvsCodec *codec,
    const GstKvsEncoderContext *context, GError **error)
{
  const GstKvsDecoderEvents events = { on_decoded_frame, on_decoder_failed,
    self };
  GstKvsDecoder *decoder;

  if (self->decoder && gst_kvs_decoder_get_codec (self->decoder) == codec)
    return TRUE;
  decoder = gst_kvs_decoder_new (codec, &context->chain, &events, error);
  if (!decoder)
    return FALSE;
  set_decoder (self, decoder);
  ask_upstream (self);
  return TRUE;
}

/* The decoder goes with the last stream that is made by it. */
static void
drop_decoder (GstKvsInput *self)
{
  for (guint i = 0; i < self->streams->len; i++) {
    GstKvsStream *stream = g_ptr_array_index (self->streams, i);

    if (stream->kind == GST_KVS_STREAM_TRANSCODED)
      return;
  }
  set_decoder (self, NULL);
}

/* Makes the stream of what comes in now, or leaves it broken. */
static gboolean
wire (GstKvsInput *self, GstKvsStream *stream,
    const GstKvsEncoderContext *context, GError **error)
{
  const GstKvsCodec *codec = gst_kvs_input_get_codec (self);
  GstKvsStreamKind kind = gst_kvs_stream_kind_for (stream, codec);
  GstKvsEncoder *old, *encoder = NULL;
  g_autoptr (GError) trouble = NULL;

  if (kind != GST_KVS_STREAM_TRANSCODED
      || ensure_decoder (self, codec, context, &trouble))
    encoder = gst_kvs_stream_make_encoder (stream, kind, context, &trouble);
  g_mutex_lock (&self->lock);
  old = stream->encoder;
  stream->encoder = encoder;
  stream->made_from = codec;
  stream->is_new = TRUE;
  stream->kind = trouble ? GST_KVS_STREAM_BROKEN : kind;
  g_mutex_unlock (&self->lock);
  if (old)
    gst_kvs_encoder_free (old);
  if (trouble)
    g_propagate_error (error, g_steal_pointer (&trouble));
  return stream->kind != GST_KVS_STREAM_BROKEN;
}

static void
add_stream (GstKvsInput *self, GstKvsStream *stream)
{
  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->streams, stream);
  g_mutex_unlock (&self->lock);
}

static void
remove_stream (GstKvsInput *self, GstKvsStream *stream)
{
  guint index = 0;

  g_mutex_lock (&self->lock);
  if (g_ptr_array_find (self->streams, stream, &index))
    g_ptr_array_steal_index_fast (self->streams, index);
  g_mutex_unlock (&self->lock);
  gst_kvs_stream_free (stream);
  drop_decoder (self);
}

GstKvsFanout *
gst_kvs_input_acquire (GstKvsInput *self, const GstKvsCodec *codec,
    const char *fmtp, guint bitrate, const GstKvsEncoderContext *context,
    GError **error)
{
  return gst_kvs_input_acquire_rung (self, codec, 0, fmtp, bitrate, context,
      error);
}

GstKvsFanout *
gst_kvs_input_acquire_rung (GstKvsInput *self, const GstKvsCodec *codec,
    guint rung, const char *fmtp, guint bitrate,
    const GstKvsEncoderContext *context, GError **error)
{
  GstKvsStream *stream = find_stream (self, codec, rung);

  if (stream) {
    gst_kvs_stream_add_user (stream, fmtp);
    return stream->fanout;
  }
  stream = gst_kvs_stream_new (self, context->chain.worker, codec, rung);
  stream->bitrate = bitrate;
  gst_kvs_fanout_set_timing (stream->fanout, &context->chain.timing);
  gst_kvs_stream_add_user (stream, fmtp);
  gst_kvs_fanout_set_key_frame_func (stream->fanout, on_key_frame, stream);
  add_stream (self, stream);
  if (!wire (self, stream, context, error)) {
    remove_stream (self, stream);
    return NULL;
  }
  return stream->fanout;
}

void
gst_kvs_input_release (GstKvsInput *self, GstKvsFanout *fanout,
    const char *fmtp)
{
  GstKvsStream *stream = find_stream_of (self, fanout);

  if (!stream)
    return;
  gst_kvs_stream_remove_user (stream, fmtp);
  if (stream->users > 0)
    return;
  GST_INFO_OBJECT (self->sink, "nobody wants %s any more",
      gst_kvs_fanout_get_codec (fanout)->name);
  remove_stream (self, stream);
}

/* Whether the stream can be made of what comes in now; it is, where it was not. */
static gboolean
follow_stream (GstKvsInput *self, GstKvsStream *stream, gboolean transcode,
    guint bitrate, const GstKvsEncoderContext *context, char **why)
{
  const GstKvsCodec *before = stream->made_from;
  const GstKvsCodec *now = gst_kvs_input_get_codec (self);
  const GstKvsCodec *codec = gst_kvs_stream_get_codec (stream);
  g_autoptr (GError) error = NULL;

  if (stream->kind == GST_KVS_STREAM_TRANSCODED && self->decoder_trouble) {
    *why = g_strdup (self->decoder_trouble);
    return FALSE;
  }
  if (before == now && stream->kind != GST_KVS_STREAM_BROKEN)
    return TRUE;
  if (stream->rung == 0)
    stream->bitrate = bitrate;
  if ((!now || now == codec || transcode)
      && wire (self, stream, context, &error)) {
    gst_kvs_fanout_start_anew (stream->fanout);
    return TRUE;
  }
  *why = g_strdup_printf ("the source changed from %s to %s%s%s",
      before ? before->name : "raw media", now ? now->name : "raw media",
      error ? ": " : "", error ? error->message : "");
  return FALSE;
}

GPtrArray *
gst_kvs_input_follow (GstKvsInput *self, gboolean transcode, guint bitrate,
    const GstKvsEncoderContext *context, char **why)
{
  GPtrArray *lost = NULL;

  for (guint i = 0; i < self->streams->len; i++) {
    GstKvsStream *stream = g_ptr_array_index (self->streams, i);
    g_autofree char *reason = NULL;

    if (follow_stream (self, stream, transcode, bitrate, context, &reason))
      continue;
    if (!lost)
      lost = g_ptr_array_new_with_free_func (g_object_unref);
    g_ptr_array_add (lost, g_object_ref (stream->fanout));
    g_free (*why);
    *why = g_steal_pointer (&reason);
  }
  drop_decoder (self);
  return lost;
}

GstKvsOrientation
gst_kvs_input_get_orientation (GstKvsInput *self)
{
  int rotation = g_atomic_int_get (&self->rotation);

  return rotation < 0 ? (GstKvsOrientation) g_atomic_int_get (&self->tagged)
                      : gst_kvs_orientation_from_degrees (rotation);
}

void
gst_kvs_input_set_rotation (GstKvsInput *self, int degrees)
{
  g_atomic_int_set (&self->rotation, degrees);
}

void
gst_kvs_input_reset (GstKvsInput *self)
{
  g_mutex_lock (&self->lock);
  self->is_ready = FALSE;
  self->codec = NULL;
  self->profile = -1;
  g_mutex_unlock (&self->lock);
  g_atomic_int_set (&self->tagged, 0);
  self->last_pts = GST_CLOCK_TIME_NONE;
}

void
gst_kvs_input_set_timing (GstKvsInput *self, const GstKvsTiming *timing)
{
  if (self->decoder)
    gst_kvs_decoder_set_timing (self->decoder, timing);
  for (guint i = 0; i < self->streams->len; i++) {
    GstKvsStream *stream = g_ptr_array_index (self->streams, i);

    gst_kvs_fanout_set_timing (stream->fanout, timing);
    if (stream->encoder)
      gst_kvs_encoder_set_timing (stream->encoder, timing);
  }
}

static void
set_stream_bitrate (GstKvsStream *stream, guint bitrate)
{
  stream->bitrate = bitrate;
  if (stream->encoder)
    gst_kvs_encoder_set_bitrate (stream->encoder, bitrate);
}

void
gst_kvs_input_set_bitrate (GstKvsInput *self, guint bitrate)
{
  for (guint i = 0; i < self->streams->len; i++) {
    GstKvsStream *stream = g_ptr_array_index (self->streams, i);

    if (stream->rung == 0)
      set_stream_bitrate (stream, bitrate);
  }
}

void
gst_kvs_input_set_stream_bitrate (GstKvsInput *self, GstKvsFanout *fanout,
    guint bitrate)
{
  GstKvsStream *stream = find_stream_of (self, fanout);

  if (stream && stream->bitrate != bitrate)
    set_stream_bitrate (stream, bitrate);
}

void
gst_kvs_input_set_stream_loss (GstKvsInput *self, GstKvsFanout *fanout,
    double worst, gint64 now_us)
{
  GstKvsStream *stream = find_stream_of (self, fanout);

  if (stream)
    gst_kvs_stream_set_loss (stream, worst, now_us);
}

gboolean
gst_kvs_input_is_broken (GstKvsInput *self, GstKvsFanout *fanout)
{
  GstKvsStream *stream = find_stream_of (self, fanout);

  return !stream || gst_kvs_stream_is_broken (stream);
}

void
gst_kvs_input_request_key_frame (GstKvsInput *self)
{
  for (guint i = 0; i < self->streams->len; i++) {
    GstKvsStream *stream = g_ptr_array_index (self->streams, i);

    gst_kvs_fanout_request_key_frame (stream->fanout);
  }
}
