/* One sink pad of the element: what comes in, and the streams made of it. */
#pragma once

#include "encoder.h"
#include "orientation.h"

G_BEGIN_DECLS

#define GST_TYPE_KVS_INPUT (gst_kvs_input_get_type ())
G_DECLARE_FINAL_TYPE (GstKvsInput, gst_kvs_input, GST_KVS, INPUT, GObject)

/* The input got its first caps, or is of another kind than before (another
 * codec, raw where it was encoded): its streams follow by
 * gst_kvs_input_follow. Any thread. */
typedef void (*GstKvsInputChangedFunc) (gpointer user_data);

/**
 * gst_kvs_input_new:
 * @number: of the pad, in its kind
 *
 * A sink element to put into the bin and everything behind it. Any thread.
 */
GstKvsInput *gst_kvs_input_new (GstKvsMedia media, guint number,
    GstKvsInputChangedFunc changed, gpointer user_data);

/* The sink whose "sink" pad the element's pad is a ghost of (transfer none). */
GstElement *gst_kvs_input_get_sink (GstKvsInput *self);

GstKvsMedia gst_kvs_input_get_media (GstKvsInput *self);

guint gst_kvs_input_get_number (GstKvsInput *self);

/* Whether caps have come, so that the next two questions have an answer. Any thread. */
gboolean gst_kvs_input_is_ready (GstKvsInput *self);

/* The codec of encoded input, NULL for raw. Any thread. */
const GstKvsCodec *gst_kvs_input_get_codec (GstKvsInput *self);

/* The profile of encoded input (profile.h), or -1. Any thread. */
int gst_kvs_input_get_profile (GstKvsInput *self);

/**
 * gst_kvs_input_acquire:
 * @codec: where the input is encoded in another one, it is transcoded
 * @fmtp: what the peer asks for, or NULL
 * @bitrate: bit/s for an encoder made by this call
 *
 * The input as a stream of that codec (transfer none), made once and shared;
 * every success is paid back with one gst_kvs_input_release, and with the
 * last one the encoder goes. NULL with a GError when it can't be made (see
 * gst_kvs_encoder_new). Worker only.
 */
GstKvsFanout *gst_kvs_input_acquire (GstKvsInput *self,
    const GstKvsCodec *codec, const char *fmtp, guint bitrate,
    const GstKvsEncoderContext *context, GError **error);

/**
 * gst_kvs_input_acquire_rung:
 * @rung: how often the picture's size is halved
 *
 * The same of a smaller picture. Encoded input is decoded for it. When its
 * encoder breaks nobody is told (gst_kvs_input_is_broken); the whole picture
 * goes on.
 */
GstKvsFanout *gst_kvs_input_acquire_rung (GstKvsInput *self,
    const GstKvsCodec *codec, guint rung, const char *fmtp, guint bitrate,
    const GstKvsEncoderContext *context, GError **error);

void gst_kvs_input_release (GstKvsInput *self, GstKvsFanout *fanout,
    const char *fmtp);

/**
 * gst_kvs_input_follow:
 * @transcode: whether a stream may go on by decoding what comes in now
 * @why: what happened, for people (transfer full); set where streams are returned
 *
 * Makes every stream of what comes in now, each going on where it was with a
 * key frame. Returns those that could not (of GstKvsFanout; NULL for none):
 * their peers have nothing more to expect. Worker only.
 */
GPtrArray *gst_kvs_input_follow (GstKvsInput *self, gboolean transcode,
    guint bitrate, const GstKvsEncoderContext *context, char **why);

/* How its picture is to be turned: as was set, else as the tags that come with
 * it say, from which a new stream starts anew. Any thread. */
GstKvsOrientation gst_kvs_input_get_orientation (GstKvsInput *self);

/* @degrees: 0, 90, 180 or 270 clockwise, or -1 to leave it to the tags. Any thread. */
void gst_kvs_input_set_rotation (GstKvsInput *self, int degrees);

/* Forgets its caps: another kind of source may be linked before the next
 * start. With no peer there, after the streaming thread has ended. */
void gst_kvs_input_reset (GstKvsInput *self);

/* The element's clock or base time changed; worker. */
void gst_kvs_input_set_timing (GstKvsInput *self, const GstKvsTiming *timing);

/* bit/s for the encoders there are of the whole picture; worker. */
void gst_kvs_input_set_bitrate (GstKvsInput *self, guint bitrate);

/* bit/s for the encoder of one acquired stream; worker. */
void gst_kvs_input_set_stream_bitrate (GstKvsInput *self, GstKvsFanout *fanout,
    guint bitrate);

/* What the peer loses who loses most of one acquired stream, 0 to 1, about once
 * a second (opus.h); worker. */
void gst_kvs_input_set_stream_loss (GstKvsInput *self, GstKvsFanout *fanout,
    double worst, gint64 now_us);

/* Whether nothing comes any more of that acquired stream; worker. */
gboolean gst_kvs_input_is_broken (GstKvsInput *self, GstKvsFanout *fanout);

/* A key frame in every stream of this input; worker. */
void gst_kvs_input_request_key_frame (GstKvsInput *self);

G_END_DECLS
