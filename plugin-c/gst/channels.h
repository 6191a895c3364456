/* The data channels with one peer, as the element sees them: texts on the
 * worker, the association they go through on the net thread. */
#pragma once

#include <gst/gst.h>

#include "worker.h"

G_BEGIN_DECLS

typedef struct _GstKvsChannels GstKvsChannels;

/* All on the worker, after gst_kvs_channels_open. Labels are a remote's: UTF-8,
 * 256 characters at most. */
typedef struct {
  /* Texts can be sent on the channel; once for each. */
  void (*opened) (gpointer user_data, const char *label);
  /* Text came in, at most 50 times a second. What is returned is sent back on
   * the same channel (transfer full); NULL for nothing. */
  char **(*text) (gpointer user_data, const char *label, const char *text);
} GstKvsChannelsEvents;

/* A packet for DTLS; on the net thread, from within
 * gst_kvs_channels_take and gst_kvs_channels_disconnect, or from its loop. */
typedef void (
    *GstKvsChannelsSend) (gpointer user_data, const guint8 *data, gsize size);

/**
 * gst_kvs_channels_new:
 * @net: whose thread the packets come and go on
 * @events: static
 * @user_data: a GObject, held until gst_kvs_channels_free
 *
 * The owner is on the worker and ends by gst_kvs_channels_free. The net side
 * takes a reference of its own, from before connect until after disconnect:
 * the two ends may come in any order.
 */
GstKvsChannels *gst_kvs_channels_new (KvsWorker *worker, KvsWorker *net,
    const GstKvsChannelsEvents *events, gpointer user_data);

/* Any thread. */
GstKvsChannels *gst_kvs_channels_ref (GstKvsChannels *self);
void gst_kvs_channels_unref (GstKvsChannels *self);

/* --- The worker's. --- */

/* Opens one, as soon as there is an association. @label: UTF-8. */
void gst_kvs_channels_create (GstKvsChannels *self, const char *label);

/* The peer is known by now: reports what came early, and from now on at once. */
void gst_kvs_channels_open (GstKvsChannels *self);

/* How many are open. */
guint gst_kvs_channels_count (GstKvsChannels *self);

/* Sends on every open channel; how many that were. What is longer than the peer
 * takes, or comes while it does not read, is dropped and logged once. */
guint gst_kvs_channels_send (GstKvsChannels *self, const char *text);

/* Nothing is reported any more. Drops the owner's reference. */
void gst_kvs_channels_free (GstKvsChannels *self);

/* --- The net thread's. --- */

/**
 * gst_kvs_channels_connect:
 * @is_client: of DTLS
 * @local_port: ours in a=sctp-port
 * @remote_port: the peer's
 * @max_message_size: the peer's in bytes, 0 for no limit, and 65536 where its
 *   description has none (RFC 8841 section 6.1)
 * @send: called until disconnect has returned
 *
 * Once, when DTLS is up.
 */
void gst_kvs_channels_connect (GstKvsChannels *self, gboolean is_client,
    guint16 local_port, guint16 remote_port, guint64 max_message_size,
    GstKvsChannelsSend send, gpointer send_data);

/* A packet that DTLS brought, whatever is in it. Before connect it is lost, as
 * on the way: the peer sends it again. */
void gst_kvs_channels_take (GstKvsChannels *self, const guint8 *data,
    gsize size);

/* While DTLS can still send: the peer is told. Also where nothing was
 * connected. */
void gst_kvs_channels_disconnect (GstKvsChannels *self);

G_END_DECLS
