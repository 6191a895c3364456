#include "stream.h"

GstKvsStream *
gst_kvs_stream_new (gpointer owner, KvsWorker *worker, const GstKvsCodec *codec)
{
  GstKvsStream *self = g_new0 (GstKvsStream, 1);

  self->owner = owner;
  self->fanout = gst_kvs_fanout_new (worker, codec);
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
gst_kvs_stream_kind_for (const GstKvsCodec *codec, const GstKvsCodec *input)
{
  if (!input)
    return GST_KVS_STREAM_ENCODED;
  if (input != codec)
    return GST_KVS_STREAM_TRANSCODED;
  return codec->parser ? GST_KVS_STREAM_PARSED : GST_KVS_STREAM_STRAIGHT;
}

static void
apply_tally (GstKvsStream *self)
{
  GstKvsOpusFormat format = gst_kvs_opus_tally_decide (&self->tally);

  if (self->encoder)
    gst_kvs_encoder_set_opus (self->encoder, &format);
}

void
gst_kvs_stream_add_user (GstKvsStream *self, const char *fmtp)
{
  self->users++;
  gst_kvs_opus_tally_add (&self->tally, fmtp);
  apply_tally (self);
}

void
gst_kvs_stream_remove_user (GstKvsStream *self, const char *fmtp)
{
  self->users--;
  gst_kvs_opus_tally_remove (&self->tally, fmtp);
  if (self->users > 0)
    apply_tally (self);
}

GstKvsEncoder *
gst_kvs_stream_make_encoder (GstKvsStream *self, GstKvsStreamKind kind,
    guint bitrate, const GstKvsEncoderContext *context, GError **error)
{
  GstKvsOpusFormat format = gst_kvs_opus_tally_decide (&self->tally);
  GstKvsEncoder *encoder;

  if (kind == GST_KVS_STREAM_STRAIGHT || kind == GST_KVS_STREAM_BROKEN)
    return NULL;
  encoder = gst_kvs_encoder_new (self->fanout, kind != GST_KVS_STREAM_PARSED,
      bitrate, context, error);
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
