#include "stream.h"

GstKvsStream *
gst_kvs_stream_new (gpointer owner, KvsWorker *worker, const GstKvsCodec *codec,
    guint rung)
{
  GstKvsStream *self = g_new0 (GstKvsStream, 1);

  self->owner = owner;
  self->fanout = gst_kvs_fanout_new (worker, codec);
  self->rung = rung;
  self->kind = GST_KVS_STREAM_BROKEN;
  return self;
}

void
gst_kvs_stream_free (GstKvsStream *self)
{
  gst_kvs_fanout_set_key_frame_func (self->fanout, NULL, NULL);
  g_clear_pointer (&self->encoder, gst_kvs_encoder_free);
  g_object_unref (self->fanout);
  g_free (self);
}

const GstKvsCodec *
gst_kvs_stream_get_codec (GstKvsStream *self)
{
  return gst_kvs_fanout_get_codec (self->fanout);
}

GstKvsStreamKind
gst_kvs_stream_kind_for (GstKvsStream *self, const GstKvsCodec *input)
{
  const GstKvsCodec *codec = gst_kvs_stream_get_codec (self);

  if (!input)
    return GST_KVS_STREAM_ENCODED;
  if (input != codec || self->rung > 0)
    return GST_KVS_STREAM_TRANSCODED;
  return codec->parser ? GST_KVS_STREAM_PARSED : GST_KVS_STREAM_STRAIGHT;
}

gboolean
gst_kvs_stream_is_broken (GstKvsStream *self)
{
  return self->kind == GST_KVS_STREAM_BROKEN
      || (self->encoder && gst_kvs_encoder_has_failed (self->encoder));
}

static GstKvsOpusFormat
choose_format (const GstKvsStream *self)
{
  GstKvsOpusFormat format = gst_kvs_opus_tally_decide (&self->tally);

  format.loss_percent = MAX (format.loss_percent, self->loss.percent);
  return format;
}

static void
apply_format (GstKvsStream *self)
{
  GstKvsOpusFormat format = choose_format (self);

  if (self->encoder)
    gst_kvs_encoder_set_opus (self->encoder, &format);
}

void
gst_kvs_stream_add_user (GstKvsStream *self, const char *fmtp)
{
  self->users++;
  gst_kvs_opus_tally_add (&self->tally, fmtp);
  apply_format (self);
}

void
gst_kvs_stream_remove_user (GstKvsStream *self, const char *fmtp)
{
  self->users--;
  gst_kvs_opus_tally_remove (&self->tally, fmtp);
  if (self->users > 0)
    apply_format (self);
}

void
gst_kvs_stream_set_loss (GstKvsStream *self, double worst, gint64 now_us)
{
  if (gst_kvs_opus_loss_take (&self->loss, worst, now_us))
    apply_format (self);
}

GstKvsEncoder *
gst_kvs_stream_make_encoder (GstKvsStream *self, GstKvsStreamKind kind,
    const GstKvsEncoderContext *context, GError **error)
{
  GstKvsOpusFormat format = choose_format (self);
  GstKvsEncoder *encoder;

  if (kind == GST_KVS_STREAM_STRAIGHT || kind == GST_KVS_STREAM_BROKEN)
    return NULL;
  encoder = gst_kvs_encoder_new (self->fanout, kind != GST_KVS_STREAM_PARSED,
      self->rung, self->bitrate, context, error);
  if (encoder)
    gst_kvs_encoder_set_opus (encoder, &format);
  return encoder;
}

void
gst_kvs_stream_push (GstKvsStream *self, GstBuffer *buffer, GstCaps *caps)
{
  if (self->encoder)
    gst_kvs_encoder_push (self->encoder, buffer, caps);
  else
    gst_kvs_fanout_push (self->fanout, buffer, caps);
}
