/* Makes one codec's stream of an input: an encoder for raw media, a parser for encoded. */
#pragma once

#include "chain.h"
#include "fanout.h"
#include "opus.h"

G_BEGIN_DECLS

typedef struct _GstKvsEncoder GstKvsEncoder;

/* On the worker, once: it broke for good. `message` is a sentence for people.
 * Not of a smaller picture, which can be done without. */
typedef void (
    *GstKvsEncoderFailedFunc) (gpointer user_data, const char *message);

typedef struct {
  GstKvsChainContext chain;
  GstKvsEncoderFailedFunc failed;
  gpointer user_data;
} GstKvsEncoderContext;

/**
 * gst_kvs_encoder_new:
 * @fanout: where the frames go, of the codec to make; held
 * @is_raw: whether the input is raw, else already of that codec
 * @rung: of raw video: how often its size is halved
 * @bitrate: bit/s, used for raw video
 *
 * NULL with a GError that names what is not installed or does not start.
 * Worker only.
 */
GstKvsEncoder *gst_kvs_encoder_new (GstKvsFanout *fanout, gboolean is_raw,
    guint rung, guint bitrate, const GstKvsEncoderContext *context,
    GError **error);

/* Ends it, in the background; nothing is pushed and `failed` is not called
 * once this returns. Worker only. */
void gst_kvs_encoder_free (GstKvsEncoder *self);

/**
 * gst_kvs_encoder_push:
 * @buffer: with running times of the element as time stamps
 *
 * Never blocks: when the encoder is slower than the input, the oldest frames
 * are dropped before they are encoded. The input's streaming thread.
 */
void gst_kvs_encoder_push (GstKvsEncoder *self, GstBuffer *buffer,
    GstCaps *caps);

/* Whether it broke for good. Worker. */
gboolean gst_kvs_encoder_has_failed (GstKvsEncoder *self);

/* A key frame soon; worker. */
void gst_kvs_encoder_request_key_frame (GstKvsEncoder *self);

/* bit/s given anew while it runs; worker. */
void gst_kvs_encoder_set_bitrate (GstKvsEncoder *self, guint bitrate);

/* What Opus is like from now on; nothing happens to other codecs. Worker. */
void gst_kvs_encoder_set_opus (GstKvsEncoder *self,
    const GstKvsOpusFormat *format);

void gst_kvs_encoder_set_timing (GstKvsEncoder *self,
    const GstKvsTiming *timing);

/* The element that encodes now (transfer full), NULL for a parser; worker. */
GstElement *gst_kvs_encoder_ref_element (GstKvsEncoder *self);

G_END_DECLS
