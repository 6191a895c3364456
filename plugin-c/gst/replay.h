/* A picture's last key frame and what followed, while that is fresh: who joins now needs no key frame of its own. */
#pragma once

#include "frame.h"

G_BEGIN_DECLS

/* The least time between two key frames that are asked for (fanout.h): who
 * joins later than that is given a new one at once. */
#define GST_KVS_REPLAY_AGE_US (340 * G_TIME_SPAN_MILLISECOND)

/* Payload bytes that are kept at most; of a stream with more nobody is given a
 * replay, which would be a flood. */
#define GST_KVS_REPLAY_BYTES_MAX (256 * 1024)

/**
 * GstKvsReplay:
 * gst_kvs_replay_init() first. It holds references of frames and copies none.
 * Times are of any clock that only goes forward.
 */
typedef struct {
  GPtrArray
      *frames; /* of RtcFrame; the first is a key frame, or there is none */
  gsize bytes;
  gint64 key_us; /* when the first came */
} GstKvsReplay;

void gst_kvs_replay_init (GstKvsReplay *self);
void gst_kvs_replay_free_frames (GstKvsReplay *self);

/* The next frame of the stream; none may be left out. */
void gst_kvs_replay_take (GstKvsReplay *self, RtcFrame *frame, gint64 now_us);

/* The stream goes on with something else: what there was is no beginning. */
void gst_kvs_replay_clear (GstKvsReplay *self);

/* How many frames there are to begin with; 0: a new key frame is needed. */
guint gst_kvs_replay_count (const GstKvsReplay *self, gint64 now_us);

/**
 * gst_kvs_replay_get:
 * @clock_rate: of the frames' time stamps
 *
 * One of them, oldest first (transfer full). All but the newest are moved up to
 * it, a millisecond from each other: at their own distance a receiver would show
 * the stream as late as the oldest is, for as long as it watches.
 */
RtcFrame *gst_kvs_replay_get (const GstKvsReplay *self, guint index,
    guint clock_rate);

G_END_DECLS
