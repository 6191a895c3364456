/* One viewer's place at the streams of a picture, which it changes at a key frame. */
#pragma once

#include "continuity.h"
#include "fanout.h"

G_BEGIN_DECLS

typedef struct {
  GstKvsFrameFunc frame;            /* of the place it has, one at a time */
  GstKvsFirstFrameFunc first_frame; /* once, for all places; may be NULL */
  /* It has a place elsewhere now, or has it no longer in prospect: the
   * fan-out is not touched any more. On the worker. */
  void (*left) (gpointer user_data, GstKvsFanout *fanout);
} GstKvsHopEvents;

#define GST_TYPE_KVS_HOP (gst_kvs_hop_get_type ())
G_DECLARE_FINAL_TYPE (GstKvsHop, gst_kvs_hop, GST_KVS, HOP, GObject)

/**
 * gst_kvs_hop_new:
 * @events: static
 * @is_joining: nothing was sent before, so that it may begin with what is
 *     fresh (gst_kvs_fanout_join_frames)
 * @times: of all that the viewer is sent of the picture, also by a hop before;
 *     like @user_data
 * @user_data: must live until gst_kvs_hop_stop returns
 *
 * Takes a place at a fan-out, which is held. All of this is the worker's.
 */
GstKvsHop *gst_kvs_hop_new (KvsWorker *worker, GstKvsFanout *fanout,
    gboolean is_joining, GstKvsContinuity *times, const GstKvsHopEvents *events,
    gpointer user_data);

/**
 * gst_kvs_hop_move:
 *
 * Goes on with the frames of another fan-out of the same codec from its next
 * key frame on, which is asked for; until then with those there are. `left`
 * follows. To go to where it is gives up where it was going.
 */
void gst_kvs_hop_move (GstKvsHop *self, GstKvsFanout *fanout);

/* Where it is, or is going (transfer none). */
GstKvsFanout *gst_kvs_hop_get_aim (GstKvsHop *self);

/* A key frame of the one whose frames go on; any thread, but not from inside
 * `frame`. */
void gst_kvs_hop_request_key_frame (GstKvsHop *self);

/* Gives up all places: nothing is called once this returns, also not `left`. */
void gst_kvs_hop_stop (GstKvsHop *self);

G_END_DECLS
