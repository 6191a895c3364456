/* Encoded input as raw media, for those peers who cannot take it as it is (transcode=true). */
#pragma once

#include "chain.h"
#include "codec.h"

G_BEGIN_DECLS

typedef struct _GstKvsDecoder GstKvsDecoder;

typedef struct {
  /* Raw media with running times as time stamps; its streaming thread. */
  void (*frame) (gpointer user_data, GstBuffer *buffer, GstCaps *caps);
  /* On the worker, once: it broke for good. */
  void (*failed) (gpointer user_data, const char *message);
  gpointer user_data;
} GstKvsDecoderEvents;

/* Whether a decoder for this codec is installed. */
gboolean gst_kvs_decoder_has (const GstKvsCodec *codec);

/* The decoder of the highest rank that works, as decodebin finds it. NULL with
 * a GError when none starts. Worker only. */
GstKvsDecoder *gst_kvs_decoder_new (const GstKvsCodec *codec,
    const GstKvsChainContext *context, const GstKvsDecoderEvents *events,
    GError **error);

/* Ends it, in the background; no event comes once this returns. Worker only,
 * and without any lock that `frame` takes. */
void gst_kvs_decoder_free (GstKvsDecoder *self);

const GstKvsCodec *gst_kvs_decoder_get_codec (GstKvsDecoder *self);

/* Video begins with the first key frame; whether the frame was taken. Never
 * blocks; the input's streaming thread. */
gboolean gst_kvs_decoder_push (GstKvsDecoder *self, GstBuffer *buffer,
    GstCaps *caps);

void gst_kvs_decoder_set_timing (GstKvsDecoder *self,
    const GstKvsTiming *timing);

G_END_DECLS
