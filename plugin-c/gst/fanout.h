/* One encoded stream, handed to any number of peers without copying it. */
#pragma once

#include <gst/gst.h>

#include "codec.h"
#include "frame.h"
#include "timing.h"
#include "worker.h"

G_BEGIN_DECLS

#define GST_TYPE_KVS_FANOUT (gst_kvs_fanout_get_type ())
G_DECLARE_FINAL_TYPE (GstKvsFanout, gst_kvs_fanout, GST_KVS, FANOUT, GObject)

/* Asked for on the worker, at most every 340 ms, whoever needs the key frame. */
typedef void (*GstKvsKeyFrameFunc) (gpointer user_data);

/* Called from the thread of its first frame, once. */
typedef void (*GstKvsFirstFrameFunc) (gpointer user_data);

/**
 * GstKvsFrameFunc:
 * @frame: lent; reference it to keep it
 *
 * From the streaming thread, or that which joins, under the fan-out's lock: it
 * must neither block nor call the fan-out. FALSE when the consumer cannot take it: video then
 * goes on with the next key frame, which is asked for.
 */
typedef gboolean (*GstKvsFrameFunc) (gpointer user_data, RtcFrame *frame);

typedef struct _GstKvsConsumer GstKvsConsumer;

GstKvsFanout *gst_kvs_fanout_new (KvsWorker *worker, const GstKvsCodec *codec);

/* `func` may be NULL; it is not called any more once this returns with NULL. Worker only. */
void gst_kvs_fanout_set_key_frame_func (GstKvsFanout *self,
    GstKvsKeyFrameFunc func, gpointer user_data);

const GstKvsCodec *gst_kvs_fanout_get_codec (GstKvsFanout *self);

/**
 * gst_kvs_fanout_attach_frames:
 *
 * From now on @frame gets every frame, cut into payloads once for all who are
 * attached; video begins with a key frame, which is asked for. Any
 * thread. Free with gst_kvs_fanout_detach.
 */
GstKvsConsumer *gst_kvs_fanout_attach_frames (GstKvsFanout *self,
    GstKvsFrameFunc frame, GstKvsFirstFrameFunc first_frame, gpointer user_data,
    GDestroyNotify notify);

/**
 * gst_kvs_fanout_join_frames:
 *
 * The same for one that has been sent nothing yet: where the last key frame is
 * fresh (replay.h), it and what followed are handed over before this returns,
 * and nobody is asked for another.
 */
GstKvsConsumer *gst_kvs_fanout_join_frames (GstKvsFanout *self,
    GstKvsFrameFunc frame, GstKvsFirstFrameFunc first_frame, gpointer user_data,
    GDestroyNotify notify);

/* Somebody will join in a moment: there is to be a fresh key frame. Any thread. */
void gst_kvs_fanout_expect (GstKvsFanout *self);

/* After this returns the consumer's functions are not called any more. Any thread. */
void gst_kvs_fanout_detach (GstKvsFanout *self, GstKvsConsumer *consumer);

/* By what clock the frames are stamped; copied. Any thread; before the first
 * consumer of frames is attached. */
void gst_kvs_fanout_set_timing (GstKvsFanout *self, const GstKvsTiming *timing);

/* What comes from now on does not continue what came before: nobody gets a
 * delta frame until the next key frame, which is asked for. Any thread. */
void gst_kvs_fanout_start_anew (GstKvsFanout *self);

/* Hands one frame to all; the streaming thread of whoever makes them. */
void gst_kvs_fanout_push (GstKvsFanout *self, GstBuffer *buffer, GstCaps *caps);

/**
 * gst_kvs_fanout_request_key_frame:
 * Never lost: a request inside the 340 ms after another is answered once
 * they are over, for all who asked in between. Any thread.
 */
void gst_kvs_fanout_request_key_frame (GstKvsFanout *self);

/* Caps of the last frame, or NULL (transfer full). Any thread. */
GstCaps *gst_kvs_fanout_ref_caps (GstKvsFanout *self);

G_END_DECLS
