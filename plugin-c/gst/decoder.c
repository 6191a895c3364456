#include "decoder.h"

/* Two seconds of encoded video: a decoder further behind loses the oldest. */
#define MAX_WAITING 60

struct _GstKvsDecoder {
  const GstKvsCodec *codec;
  GstKvsChain *chain;
  GstKvsDecoderEvents events;
  gboolean has_begun; /* the input's streaming thread's */
};

gboolean
gst_kvs_decoder_has (const GstKvsCodec *codec)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (codec->encoded_caps);
  GList *all =
      gst_element_factory_list_get_elements (GST_ELEMENT_FACTORY_TYPE_DECODER,
          GST_RANK_MARGINAL);
  GList *fitting =
      gst_element_factory_list_filter (all, caps, GST_PAD_SINK, FALSE);
  gboolean has = fitting != NULL;

  gst_plugin_feature_list_free (fitting);
  gst_plugin_feature_list_free (all);
  return has;
}

static void
take_sample (gpointer user_data, GstSample *sample)
{
  GstKvsDecoder *self = user_data;
  g_autoptr (GstBuffer) buffer = gst_kvs_timing_stamp (sample);

  self->events.frame (self->events.user_data, buffer,
      gst_sample_get_caps (sample));
}

static void
take_failure (gpointer user_data, const char *message)
{
  GstKvsDecoder *self = user_data;

  self->events.failed (self->events.user_data, message);
}

GstKvsDecoder *
gst_kvs_decoder_new (const GstKvsCodec *codec,
    const GstKvsChainContext *context, const GstKvsDecoderEvents *events,
    GError **error)
{
  GstKvsDecoder *self = g_new0 (GstKvsDecoder, 1);
  g_autofree char *what = g_strdup_printf ("The decoder for %s", codec->name);
  char *description = g_strdup_printf ("decodebin ! capsfilter caps=%s/x-raw",
      gst_kvs_media_name (codec->media));
  GstKvsChainEvents chain_events = { what, NULL, take_sample, take_failure,
    self };
  GPtrArray *choices = g_ptr_array_new_with_free_func (
      (GDestroyNotify) gst_kvs_chain_choice_free);

  g_ptr_array_add (choices,
      gst_kvs_chain_choice_new ("decodebin", description, TRUE));
  self->codec = codec;
  self->events = *events;
  self->chain =
      gst_kvs_chain_new (choices, MAX_WAITING, context, &chain_events, error);
  if (!self->chain) {
    g_prefix_error (error, "%s: ", what);
    g_free (self);
    return NULL;
  }
  return self;
}

void
gst_kvs_decoder_free (GstKvsDecoder *self)
{
  gst_kvs_chain_stop (self->chain);
  g_object_unref (self->chain);
  g_free (self);
}

const GstKvsCodec *
gst_kvs_decoder_get_codec (GstKvsDecoder *self)
{
  return self->codec;
}

gboolean
gst_kvs_decoder_push (GstKvsDecoder *self, GstBuffer *buffer, GstCaps *caps)
{
  self->has_begun |= self->codec->media == GST_KVS_MEDIA_AUDIO
      || !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  if (self->has_begun)
    gst_kvs_chain_push (self->chain, buffer, caps);
  return self->has_begun;
}

void
gst_kvs_decoder_set_timing (GstKvsDecoder *self, const GstKvsTiming *timing)
{
  gst_kvs_chain_set_timing (self->chain, timing);
}
