#include "encoder.h"

#include "encoders.h"
#include "shrink.h"

/* Raw frames that may wait for the encoder: more would only add delay. */
#define MAX_RAW_VIDEO 3
/* Audio comes in small pieces; this bounds a stalled encoder's memory. */
#define MAX_OTHER 200

struct _GstKvsEncoder {
  GstKvsFanout *fanout;
  gboolean is_raw;
  guint rung;
  guint bitrate;
  GstKvsOpusFormat opus;
  GstKvsChain *chain; /* NULL while it is made */
  gboolean has_failed;
  GstKvsEncoderFailedFunc failed;
  gpointer user_data;
};

static void
set_up (gpointer user_data, GstElement *pipeline)
{
  GstKvsEncoder *self = user_data;
  g_autoptr (GstElement) element =
      gst_bin_get_by_name (GST_BIN (pipeline), "enc");

  if (!element)
    return;
  gst_kvs_encoders_configure (element);
  if (gst_kvs_fanout_get_codec (self->fanout)->media == GST_KVS_MEDIA_VIDEO)
    gst_kvs_encoders_set_bitrate (element, self->bitrate);
  gst_kvs_opus_apply (pipeline, &self->opus);
  gst_kvs_shrink_set_up (pipeline, self->rung);
}

static void
take_sample (gpointer user_data, GstSample *sample)
{
  GstKvsEncoder *self = user_data;
  /* x264enc, for one, moves its time stamps and its segment by 1000 hours. */
  g_autoptr (GstBuffer) buffer = gst_kvs_timing_stamp (sample);

  gst_kvs_fanout_push (self->fanout, buffer, gst_sample_get_caps (sample));
}

static void
take_failure (gpointer user_data, const char *message)
{
  GstKvsEncoder *self = user_data;

  self->has_failed = TRUE;
  if (self->rung == 0)
    self->failed (self->user_data, message);
  else
    GST_WARNING ("%s (of a smaller picture)", message);
}

static GPtrArray *
choices_new (const GstKvsCodec *codec, gboolean is_raw, guint rung)
{
  GPtrArray *choices = g_ptr_array_new_with_free_func (
      (GDestroyNotify) gst_kvs_chain_choice_free);
  g_autoptr (GPtrArray) names = is_raw ? gst_kvs_encoders_list (codec) : NULL;

  if (!is_raw)
    g_ptr_array_add (choices,
        gst_kvs_chain_choice_new ("a parser", g_strdup (codec->parser), TRUE));
  for (guint i = 0; is_raw && i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    g_autofree char *chain = gst_kvs_encoders_chain (codec, name);

    g_ptr_array_add (choices,
        gst_kvs_chain_choice_new (name,
            g_strconcat (gst_kvs_shrink_chain (rung), chain, NULL),
            gst_kvs_encoders_can_renegotiate (name)));
  }
  return choices;
}

GstKvsEncoder *
gst_kvs_encoder_new (GstKvsFanout *fanout, gboolean is_raw, guint rung,
    guint bitrate, const GstKvsEncoderContext *context, GError **error)
{
  const GstKvsCodec *codec = gst_kvs_fanout_get_codec (fanout);
  GstKvsEncoder *self = g_new0 (GstKvsEncoder, 1);
  g_autofree char *what = g_strdup_printf ("The %s for %s",
      is_raw ? "encoder" : "parser", codec->name);
  GstKvsChainEvents events = { what, set_up, take_sample, take_failure, self };

  self->fanout = g_object_ref (fanout);
  self->is_raw = is_raw;
  self->rung = rung;
  self->bitrate = bitrate;
  self->failed = context->failed;
  self->user_data = context->user_data;
  self->chain = gst_kvs_chain_new (choices_new (codec, is_raw, rung),
      is_raw && codec->media == GST_KVS_MEDIA_VIDEO ? MAX_RAW_VIDEO : MAX_OTHER,
      &context->chain, &events, error);
  if (!self->chain) {
    g_prefix_error (error, "%s: ", what);
    gst_kvs_encoder_free (self);
    return NULL;
  }
  return self;
}

void
gst_kvs_encoder_free (GstKvsEncoder *self)
{
  if (self->chain)
    gst_kvs_chain_stop (self->chain);
  g_clear_object (&self->chain);
  g_object_unref (self->fanout);
  g_free (self);
}

void
gst_kvs_encoder_push (GstKvsEncoder *self, GstBuffer *buffer, GstCaps *caps)
{
  gst_kvs_chain_push (self->chain, buffer, caps);
}

gboolean
gst_kvs_encoder_has_failed (GstKvsEncoder *self)
{
  return self->has_failed;
}

void
gst_kvs_encoder_request_key_frame (GstKvsEncoder *self)
{
  gst_kvs_chain_request_key_frame (self->chain);
}

GstElement *
gst_kvs_encoder_ref_element (GstKvsEncoder *self)
{
  GstElement *pipeline = gst_kvs_chain_get_pipeline (self->chain);

  return pipeline ? gst_bin_get_by_name (GST_BIN (pipeline), "enc") : NULL;
}

void
gst_kvs_encoder_set_bitrate (GstKvsEncoder *self, guint bitrate)
{
  g_autoptr (GstElement) element = gst_kvs_encoder_ref_element (self);

  self->bitrate = bitrate;
  if (element)
    gst_kvs_encoders_set_bitrate (element, bitrate);
}

void
gst_kvs_encoder_set_opus (GstKvsEncoder *self, const GstKvsOpusFormat *format)
{
  GstElement *pipeline = gst_kvs_chain_get_pipeline (self->chain);

  self->opus = *format;
  if (pipeline)
    gst_kvs_opus_apply (pipeline, format);
}

void
gst_kvs_encoder_set_timing (GstKvsEncoder *self, const GstKvsTiming *timing)
{
  gst_kvs_chain_set_timing (self->chain, timing);
}
