/* A viewer's patience: when to offer to the master, and when again. */
#pragma once

#include "worker.h"

G_BEGIN_DECLS

typedef struct _GstKvsCaller GstKvsCaller;

typedef struct {
  /* Make a new offer, in place of any that is still open. */
  void (*call) (gpointer user_data);
  /* Nobody has answered for a while; once until somebody does. */
  void (*waiting) (gpointer user_data);
} GstKvsCallerEvents;

/* Worker only, like all of it; events come from timers, or from start. */
GstKvsCaller *gst_kvs_caller_new (KvsWorker *worker,
    const GstKvsCallerEvents *events, gpointer user_data);
void gst_kvs_caller_free (GstKvsCaller *self);

/* There is signaling: the first call, if it has not been made. */
void gst_kvs_caller_start (GstKvsCaller *self);

/* An offer is on its way: if nobody answers it another one follows, since the
 * service keeps one only for a while, and some services keep none. */
void gst_kvs_caller_offered (GstKvsCaller *self);

/* The open offer was answered. */
void gst_kvs_caller_answered (GstKvsCaller *self);

void gst_kvs_caller_connected (GstKvsCaller *self);

/* The call is over, however it went: the next one follows soon, later each
 * time that nothing came of it. */
void gst_kvs_caller_ended (GstKvsCaller *self);

/* No more calls, whatever becomes of the open one or of signaling. */
void gst_kvs_caller_stop (GstKvsCaller *self);

G_END_DECLS
