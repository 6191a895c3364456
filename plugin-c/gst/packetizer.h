/* One coded stream, cut into RTP payloads once for all peers. */
#pragma once

#include "frame.h"

#include "codec.h"
#include "timing.h"

G_BEGIN_DECLS

typedef struct _GstKvsPacketizer GstKvsPacketizer;

/* A frame, from inside gst_kvs_packetizer_push; only lent. */
typedef void (*GstKvsPacketizerFunc) (gpointer user_data, RtcFrame *frame);

/**
 * gst_kvs_packetizer_new:
 *
 * The codec's payloader, by itself: no pipeline, thread or queue, so that
 * what goes in comes out before push returns. NULL where it is not installed.
 */
GstKvsPacketizer *gst_kvs_packetizer_new (const GstKvsCodec *codec,
    GstKvsPacketizerFunc frame, gpointer user_data);
void gst_kvs_packetizer_free (GstKvsPacketizer *self);

/**
 * gst_kvs_packetizer_push:
 * @buffer: one coded picture, or sound of any length
 * @caps: of it; other ones than before are followed
 * @timing: which its running time is of
 *
 * Gives what came of it to the function, frame by frame: a picture is one,
 * sound is one for each packet. FALSE when the payloader refuses it: what
 * follows may need it. One thread at a time.
 */
gboolean gst_kvs_packetizer_push (GstKvsPacketizer *self, GstBuffer *buffer,
    GstCaps *caps, const GstKvsTiming *timing);

G_END_DECLS
