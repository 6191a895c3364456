/* A viewer's source pads. They stay while the master comes and goes: a launch
 * line links a pad once, and what is linked there goes on when it is back. */
#pragma once

#include "output.h"
#include "worker.h"

G_BEGIN_DECLS

typedef struct _GstKvsPlayout GstKvsPlayout;

/* The output has its pad. */
typedef void (*GstKvsPlayoutFunc) (gpointer user_data, GstKvsOutput *output);

/* All of it: worker only. */
GstKvsPlayout *gst_kvs_playout_new (KvsWorker *worker, GstBin *bin,
    GstKvsPlayoutFunc added, gpointer user_data);
void gst_kvs_playout_free (GstKvsPlayout *self);

/**
 * gst_kvs_playout_expect:
 * What the master has promised to send. The first pads wait for each other,
 * but not long, and come in one go, video first: whoever links the first pad
 * gets the picture, and a muxer knows of both before it writes its header.
 */
void gst_kvs_playout_expect (GstKvsPlayout *self, gboolean video,
    gboolean audio);

/* A stream of the master begins. */
void gst_kvs_playout_add (GstKvsPlayout *self, GstKvsOutput *output,
    const char *peer_id);

/**
 * gst_kvs_playout_finish:
 * @video: the codec that would most likely have come
 * @audio: likewise
 *
 * The application ends the stream: it comes out of every pad, and where none
 * ever came, of new ones. What waits for them, a muxer say, could not end
 * without.
 */
void gst_kvs_playout_finish (GstKvsPlayout *self, const GstKvsCodec *video,
    const GstKvsCodec *audio);

/* It has ended; FALSE when it never had a pad. */
gboolean gst_kvs_playout_end (GstKvsPlayout *self, GstKvsOutput *output);

/* The outputs whose pads are to go (transfer full), when the element stops. */
GPtrArray *gst_kvs_playout_clear (GstKvsPlayout *self);

G_END_DECLS
