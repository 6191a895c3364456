/* One source pad of the element: a peer's media, on its way into the user's pipeline. */
#pragma once

#include "codec.h"
#include "orientation.h"

G_BEGIN_DECLS

#define GST_TYPE_KVS_OUTPUT (gst_kvs_output_get_type ())
G_DECLARE_FINAL_TYPE (GstKvsOutput, gst_kvs_output, GST_KVS, OUTPUT, GObject)

/* Downstream wants a key frame; from one of its threads. */
typedef void (*GstKvsOutputKeyFunc) (gpointer user_data);

/* @key_frame with @user_data is called until @notify has been. Any thread. */
GstKvsOutput *gst_kvs_output_new (const GstKvsCodec *codec,
    GstKvsOutputKeyFunc key_frame, gpointer user_data, GDestroyNotify notify);

const GstKvsCodec *gst_kvs_output_get_codec (GstKvsOutput *self);

/* Pushed so far. Any thread. */
guint64 gst_kvs_output_get_frames (GstKvsOutput *self);

/**
 * gst_kvs_output_push:
 * @sample: with the peer pipeline's segment
 * @orientation: how its picture is to be turned
 *
 * Never blocks and never fails: what comes before gst_kvs_output_start waits
 * for it from the last key frame on, within bounds. What goes to a pad that is
 * not linked is dropped, and so is the oldest of what a downstream that stands
 * still has not taken. A downstream that does not take this codec is warned of
 * on the bus, once. Downstream is told of an orientation when it is another
 * than before, by a tag. The peer's streaming thread.
 */
void gst_kvs_output_push (GstKvsOutput *self, GstSample *sample,
    GstKvsOrientation orientation);

/**
 * gst_kvs_output_add:
 * Puts the output into the bin, as a new pad of that name; the application's
 * pad-added handlers run inside this call. Worker.
 */
void gst_kvs_output_add (GstKvsOutput *self, GstBin *bin, const char *name,
    const char *peer_id);

/**
 * gst_kvs_output_inherit:
 * @from: an output whose own stream has ended
 *
 * In place of gst_kvs_output_add: this stream goes to the pad of another, on
 * whose source nothing has changed but the caps. Worker.
 */
void gst_kvs_output_inherit (GstKvsOutput *self, GstKvsOutput *from);

/* After either of them: frames flow. Worker. */
void gst_kvs_output_start (GstKvsOutput *self);

/* After add: downstream is given the end of the stream, and where this is in
 * place of start, of an empty one. Worker. */
void gst_kvs_output_finish (GstKvsOutput *self);

/* This stream has ended; its pad stays. Worker. */
void gst_kvs_output_end (GstKvsOutput *self);

/* The name given, or NULL before. */
const char *gst_kvs_output_get_pad_name (GstKvsOutput *self);

/* The pad, between add and remove (transfer none). */
GstPad *gst_kvs_output_get_pad (GstKvsOutput *self);

/**
 * gst_kvs_output_remove:
 * Takes the pad and everything behind it away. Waits for downstream to let go
 * of the buffer it holds, so: on a thread of the reaper's that may be slow.
 */
void gst_kvs_output_remove (GstKvsOutput *self);

G_END_DECLS
