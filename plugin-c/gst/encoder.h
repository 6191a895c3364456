/* Makes one codec's stream of an input: an encoder for raw media, a parser for encoded. */
#pragma once

#include "fanout.h"
#include "reaper.h"
#include "timing.h"

G_BEGIN_DECLS

#define GST_TYPE_KVS_ENCODER (gst_kvs_encoder_get_type ())
G_DECLARE_FINAL_TYPE (GstKvsEncoder, gst_kvs_encoder, GST_KVS, ENCODER, GObject)

/* On the worker, once: the pipeline broke. `message` is a sentence for people. */
typedef void (
    *GstKvsEncoderFailedFunc) (gpointer user_data, const char *message);

typedef struct {
  KvsWorker *worker;
  GstKvsReaper *reaper;
  GstKvsTiming timing;
  GstKvsEncoderFailedFunc failed;
  gpointer user_data;
} GstKvsEncoderContext;

/**
 * gst_kvs_encoder_new:
 * @is_raw: whether the input is raw, else already of this codec
 * @bitrate: bit/s, used for raw input
 * @context: copied; `failed` is not called after gst_kvs_encoder_stop
 *
 * A running pipeline of its own, so that nothing in it can hurt the user's.
 * NULL with a GError (GST_CORE_ERROR_MISSING_PLUGIN) that names what is not
 * installed. Worker only.
 */
GstKvsEncoder *gst_kvs_encoder_new (const GstKvsCodec *codec, gboolean is_raw,
    guint bitrate, const GstKvsEncoderContext *context, GError **error);

/* Ends it, in the background. Worker only; drop the reference then. */
void gst_kvs_encoder_stop (GstKvsEncoder *self);

/* What it makes (transfer none). */
GstKvsFanout *gst_kvs_encoder_get_fanout (GstKvsEncoder *self);

/**
 * gst_kvs_encoder_push:
 * @buffer: with running times of the element as time stamps
 *
 * Never blocks: when the encoder is slower than the input, the oldest frames
 * are dropped before they are encoded. The input's streaming thread.
 */
void gst_kvs_encoder_push (GstKvsEncoder *self, GstBuffer *buffer,
    GstCaps *caps);

/* bit/s given anew while it runs; worker. */
void gst_kvs_encoder_set_bitrate (GstKvsEncoder *self, guint bitrate);

void gst_kvs_encoder_set_timing (GstKvsEncoder *self,
    const GstKvsTiming *timing);

G_END_DECLS
