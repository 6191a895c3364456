#include "encoder.h"

#include <gst/app/gstappsink.h>
#include <gst/video/video.h>

GST_DEBUG_CATEGORY_STATIC (kvsencoder_debug);
#define GST_CAT_DEFAULT kvsencoder_debug

/* Raw frames that may wait for the encoder: more would only add delay. */
#define MAX_RAW_VIDEO 3
/* Audio comes in small pieces; this bounds a stalled encoder's memory. */
#define MAX_OTHER 200

struct _GstKvsEncoder {
  GObject parent;

  KvsWorker *worker;
  GstKvsReaper *reaper;
  GstKvsFanout *fanout;
  const GstKvsEncoderChoice *choice; /* NULL for a parser */

  GstElement *pipeline;
  GstAppSrc *src;
  GstElement *sink;
  guint key_count;

  /* Streaming thread of the input. */
  GstCaps *caps;

  /* Worker only; NULL once stopped or failed. */
  GstKvsEncoderFailedFunc failed;
  gpointer user_data;
};

G_DEFINE_FINAL_TYPE (GstKvsEncoder, gst_kvs_encoder, G_TYPE_OBJECT)

static gboolean build (GstKvsEncoder *self, const char *chain, GError **error);
static void on_key_frame (gpointer user_data);
static GstFlowReturn on_new_sample (GstAppSink *sink, gpointer user_data);
static GstBusSyncReply on_bus_message (GstBus *bus, GstMessage *message,
    gpointer user_data);

static void
gst_kvs_encoder_finalize (GObject *object)
{
  GstKvsEncoder *self = GST_KVS_ENCODER (object);

  gst_clear_caps (&self->caps);
  gst_clear_object (&self->src);
  gst_clear_object (&self->sink);
  gst_clear_object (&self->pipeline);
  g_clear_object (&self->fanout);
  g_clear_object (&self->reaper);
  g_clear_object (&self->worker);
  G_OBJECT_CLASS (gst_kvs_encoder_parent_class)->finalize (object);
}

static void
gst_kvs_encoder_class_init (GstKvsEncoderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_kvs_encoder_finalize;
  GST_DEBUG_CATEGORY_INIT (kvsencoder_debug, "kvsencoder", 0,
      "One input to one codec");
}

static void
gst_kvs_encoder_init (GstKvsEncoder *self)
{
}

GstKvsEncoder *
gst_kvs_encoder_new (const GstKvsCodec *codec, gboolean is_raw, guint bitrate,
    const GstKvsEncoderContext *context, GError **error)
{
  g_autoptr (GstKvsEncoder) self = NULL;
  const GstKvsEncoderChoice *choice =
      is_raw ? gst_kvs_codec_encoder (codec) : NULL;

  if (is_raw && !choice) {
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
        "no encoder for %s is installed (%s)", codec->name,
        codec->encoders[0].factory);
    return NULL;
  }
  self = g_object_new (GST_TYPE_KVS_ENCODER, NULL);
  self->worker = g_object_ref (context->worker);
  self->reaper = g_object_ref (context->reaper);
  self->failed = context->failed;
  self->user_data = context->user_data;
  self->choice = choice;
  self->fanout = gst_kvs_fanout_new (context->worker, codec);
  if (!build (self, choice ? choice->description : codec->parser, error))
    return NULL;

  if (is_raw && codec->media == GST_KVS_MEDIA_VIDEO)
    gst_app_src_set_max_buffers (self->src, MAX_RAW_VIDEO);
  if (is_raw)
    gst_kvs_encoder_set_bitrate (self, bitrate);
  gst_kvs_fanout_set_key_frame_func (self->fanout, on_key_frame, self);
  gst_kvs_timing_apply (&context->timing, self->pipeline);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  GST_INFO_OBJECT (self->pipeline, "makes %s by %s", codec->name,
      choice ? choice->factory : "its parser");
  return g_steal_pointer (&self);
}

static gboolean
build (GstKvsEncoder *self, const char *chain, GError **error)
{
  static GstAppSinkCallbacks callbacks = { .new_sample = on_new_sample };
  g_autofree char *description = g_strdup_printf (
      "appsrc name=in is-live=true "
      "format=time block=false leaky-type=downstream max-bytes=0 "
      "max-buffers=" G_STRINGIFY (
          MAX_OTHER) " ! %s ! "
                     "appsink name=out sync=false async=false",
      chain);
  g_autoptr (GstBus) bus = NULL;

  self->pipeline = gst_parse_launch_full (description, NULL,
      GST_PARSE_FLAG_FATAL_ERRORS, error);
  if (!self->pipeline)
    return FALSE;
  gst_object_ref_sink (self->pipeline);
  self->src =
      GST_APP_SRC (gst_bin_get_by_name (GST_BIN (self->pipeline), "in"));
  self->sink = gst_bin_get_by_name (GST_BIN (self->pipeline), "out");
  gst_app_sink_set_callbacks (GST_APP_SINK (self->sink), &callbacks, self,
      NULL);
  bus = gst_element_get_bus (self->pipeline);
  gst_bus_set_sync_handler (bus, on_bus_message, self, NULL);
  return TRUE;
}

static GstFlowReturn
on_new_sample (GstAppSink *sink, gpointer user_data)
{
  GstKvsEncoder *self = user_data;
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);

  if (sample) {
    /* x264enc, for one, moves its time stamps and its segment by 1000 hours. */
    g_autoptr (GstBuffer) buffer = gst_kvs_timing_stamp (sample);

    gst_kvs_fanout_push (self->fanout, buffer, gst_sample_get_caps (sample));
  }
  return GST_FLOW_OK;
}

typedef struct {
  GstKvsEncoder *encoder;
  char *message;
} Failure;

static void
failure_free (gpointer data)
{
  Failure *failure = data;

  g_object_unref (failure->encoder);
  g_free (failure->message);
  g_free (failure);
}

static gboolean
report_failure (gpointer data)
{
  Failure *failure = data;
  GstKvsEncoder *self = failure->encoder;
  GstKvsEncoderFailedFunc failed = g_steal_pointer (&self->failed);

  if (failed)
    failed (self->user_data, failure->message);
  return G_SOURCE_REMOVE;
}

static GstBusSyncReply
on_bus_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  GstKvsEncoder *self = user_data;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    g_autoptr (GError) error = NULL;
    g_autofree char *debug = NULL;
    Failure *failure = g_new0 (Failure, 1);

    gst_message_parse_error (message, &error, &debug);
    GST_WARNING_OBJECT (self->pipeline, "%s (%s)", error->message, debug);
    failure->encoder = g_object_ref (self);
    failure->message = g_strdup_printf ("%s for %s failed: %s",
        self->choice ? "The encoder" : "The parser",
        gst_kvs_fanout_get_codec (self->fanout)->name, error->message);
    kvs_worker_call (self->worker, report_failure, failure, failure_free);
  }
  gst_message_unref (message);
  return GST_BUS_DROP;
}

static void
on_key_frame (gpointer user_data)
{
  GstKvsEncoder *self = user_data;

  GST_DEBUG_OBJECT (self->pipeline, "asking for a key frame");
  gst_element_send_event (self->sink,
      gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE,
          self->key_count++));
}

static void
take_down (gpointer data)
{
  GstKvsEncoder *self = data;

  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  g_object_unref (self);
}

void
gst_kvs_encoder_stop (GstKvsEncoder *self)
{
  self->failed = NULL;
  gst_kvs_fanout_set_key_frame_func (self->fanout, NULL, NULL);
  gst_kvs_reaper_push (self->reaper, take_down, g_object_ref (self));
}

GstKvsFanout *
gst_kvs_encoder_get_fanout (GstKvsEncoder *self)
{
  return self->fanout;
}

void
gst_kvs_encoder_push (GstKvsEncoder *self, GstBuffer *buffer, GstCaps *caps)
{
  if (self->caps != caps) {
    gst_caps_replace (&self->caps, caps);
    gst_app_src_set_caps (self->src, caps);
  }
  gst_app_src_push_buffer (self->src, gst_buffer_ref (buffer));
}

void
gst_kvs_encoder_set_bitrate (GstKvsEncoder *self, guint bitrate)
{
  g_autoptr (GstElement) encoder = NULL;

  if (!self->choice || !self->choice->bitrate_property)
    return;
  encoder = gst_bin_get_by_name (GST_BIN (self->pipeline), "enc");
  /* By text: vp8enc's is an int, x264enc's a uint. */
  {
    g_autofree char *value =
        g_strdup_printf ("%u", bitrate / self->choice->bitrate_unit);
    gst_util_set_object_arg (G_OBJECT (encoder), self->choice->bitrate_property,
        value);
  }
}

void
gst_kvs_encoder_set_timing (GstKvsEncoder *self, const GstKvsTiming *timing)
{
  gst_kvs_timing_apply (timing, self->pipeline);
}
