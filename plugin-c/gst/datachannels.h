/* The data channels with one peer, whoever opened them. */
#pragma once

#include <gst/gst.h>

#include "worker.h"

G_BEGIN_DECLS

typedef struct _GstKvsDataChannels GstKvsDataChannels;

/* Text came in, at most 50 times a second; on the worker. */
typedef void (
    *GstKvsTextFunc) (gpointer user_data, const char *label, const char *text);

/**
 * gst_kvs_data_channels_new:
 * @user_data: a GObject, held until gst_kvs_data_channels_free
 *
 * Before the remote description is set. All functions: worker only.
 */
GstKvsDataChannels *gst_kvs_data_channels_new (KvsWorker *worker,
    GstElement *webrtc, GstKvsTextFunc func, gpointer user_data);

/* Opens one, before there is an offer. */
void gst_kvs_data_channels_create (GstKvsDataChannels *self, const char *label);

/* The peer is known by now: delivers what came early, and from now on at once. */
void gst_kvs_data_channels_open (GstKvsDataChannels *self);

/* How many are open. */
guint gst_kvs_data_channels_count (GstKvsDataChannels *self);

/* Sends on every open channel; how many that were. */
guint gst_kvs_data_channels_send (GstKvsDataChannels *self, const char *text);

/* Nothing is reported any more. Drops the channels, so that webrtcbin can go. */
void gst_kvs_data_channels_free (GstKvsDataChannels *self);

G_END_DECLS
