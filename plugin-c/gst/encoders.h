/* Which encoders there are for a codec, and how each is set up for a live stream. */
#pragma once

#include "codec.h"

G_BEGIN_DECLS

/**
 * gst_kvs_encoders_list:
 * Names of the element factories that encode this codec from raw media in
 * plain memory, the best first (transfer full, of char *; may be empty): by
 * rank, as anywhere in GStreamer, hardware before software of the same rank.
 * GST_PLUGIN_FEATURE_RANK changes it. Audio is only encoded by elements we
 * know.
 */
GPtrArray *gst_kvs_encoders_list (const GstKvsCodec *codec);

/* Whether there is one. */
gboolean gst_kvs_encoders_has (const GstKvsCodec *codec);

/* A chain in gst-launch syntax from raw media to the codec's stream_caps, by
 * this encoder, which is named "enc" (transfer full). */
char *gst_kvs_encoders_chain (const GstKvsCodec *codec, const char *factory);

/* Sets an encoder up: no delay, no B-frames, long between key frames. */
void gst_kvs_encoders_configure (GstElement *encoder);

/* bit/s; nothing where the encoder has no such setting. Also while it runs. */
void gst_kvs_encoders_set_bitrate (GstElement *encoder, guint bitrate);

/* Whether it takes raw media of another size or format while it runs. */
gboolean gst_kvs_encoders_can_renegotiate (const char *factory);

G_END_DECLS
