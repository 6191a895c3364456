/* The TURN relays over TLS of one peer: when they are used, and how webrtcbin gets at them. */
#pragma once

#include <gst/gst.h>

#include "iceserver.h"
#include "worker.h"

G_BEGIN_DECLS

typedef struct _GstKvsRelays GstKvsRelays;

/**
 * gst_kvs_relays_new:
 * @ice_servers: (nullable): of KvsIceServer
 *
 * A relay over TLS costs a connection, and an allocation out of the 50 that a
 * channel has: most peers connect without. webrtcbin is given those relays
 * when a second has brought no relayed candidate by UDP, or when four have
 * brought no connection; at once when there is no relay by UDP to wait for.
 * All of this is on the worker.
 */
GstKvsRelays *gst_kvs_relays_new (KvsWorker *worker, GstElement *webrtc,
    GPtrArray *ice_servers);

/* One of webrtcbin's own candidates. */
void gst_kvs_relays_note (GstKvsRelays *self, const char *candidate);

/* Connected, or closed: what is not in use by now never will be, and webrtcbin
 * is let go. */
void gst_kvs_relays_settle (GstKvsRelays *self);

/* How the relay of the candidate with this address is reached: "tls"; "tcp", which
 * is at least that; NULL for UDP, or where it is no relay's. Static. */
const char *gst_kvs_relays_protocol (GstKvsRelays *self, const char *address,
    guint port);

/* Why a relay could not be used, or NULL. */
const char *gst_kvs_relays_get_trouble (GstKvsRelays *self);

/* Cuts the connections to the relays. */
void gst_kvs_relays_free (GstKvsRelays *self);

G_END_DECLS
