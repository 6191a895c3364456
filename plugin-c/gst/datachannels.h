/* The data channels with one peer, whoever opened them. */
#pragma once

#include <gst/gst.h>

#include "worker.h"

G_BEGIN_DECLS

typedef struct _GstKvsDataChannels GstKvsDataChannels;

/* All on the worker, after gst_kvs_data_channels_open. Labels are a remote's:
 * UTF-8, 256 characters at most. */
typedef struct {
  /* Texts can be sent on the channel; once for each. */
  void (*opened) (gpointer user_data, const char *label);
  /* Text came in, at most 50 times a second. What is returned is sent back on
   * the same channel (transfer full); NULL for nothing. */
  char **(*text) (gpointer user_data, const char *label, const char *text);
} GstKvsDataChannelEvents;

/**
 * gst_kvs_data_channels_new:
 * @events: static
 * @user_data: a GObject, held until gst_kvs_data_channels_free
 *
 * Before the remote description is set. All functions: worker only.
 */
GstKvsDataChannels *gst_kvs_data_channels_new (KvsWorker *worker,
    GstElement *webrtc, const GstKvsDataChannelEvents *events,
    gpointer user_data);

/* Opens one, before there is an offer. */
void gst_kvs_data_channels_create (GstKvsDataChannels *self, const char *label);

/* The peer is known by now: reports what came early, and from now on at once. */
void gst_kvs_data_channels_open (GstKvsDataChannels *self);

/* How many are open. */
guint gst_kvs_data_channels_count (GstKvsDataChannels *self);

/* Sends on every open channel; how many that were. */
guint gst_kvs_data_channels_send (GstKvsDataChannels *self, const char *text);

/* Nothing is reported any more. Drops the channels, so that webrtcbin can go. */
void gst_kvs_data_channels_free (GstKvsDataChannels *self);

G_END_DECLS
