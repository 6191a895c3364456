/* The STUN and TURN servers of one peer: which are used, when, and how ICE gets at them. */
#pragma once

#include "iceserver.h"
#include "worker.h"

G_BEGIN_DECLS

typedef struct _GstKvsRelays GstKvsRelays;

/* Here is a TURN server, by UDP or plain TCP; strings are the caller's, and a secret. */
typedef void (*GstKvsRelayFunc) (gpointer user_data, const char *host,
    guint port, gboolean is_tcp, const char *username, const char *password);

/**
 * gst_kvs_relays_new:
 * @ice_servers: (nullable): of KvsIceServer
 *
 * Hands over the relays by UDP and TCP at once. One over TLS costs a connection, and an
 * allocation out of the 50 that a channel has: most peers connect without.
 * Those are handed over, through a forwarder, when a second has brought no relayed candidate by UDP, or
 * when four have brought no connection; at once when there is no relay by UDP to
 * wait for. All of this is on the worker.
 */
GstKvsRelays *gst_kvs_relays_new (KvsWorker *worker, GPtrArray *ice_servers,
    GstKvsRelayFunc add, gpointer user_data);

/**
 * gst_kvs_relays_find_stun:
 * @stun_server: the user's "stun:host:port", or NULL for the service's
 * @host: (transfer full)
 *
 * FALSE where there is none.
 */
gboolean gst_kvs_relays_find_stun (const char *stun_server,
    GPtrArray *ice_servers, char **host, guint *port);

/* One of our own candidates. */
void gst_kvs_relays_note (GstKvsRelays *self, const char *candidate);

/* Connected, or closed: what is not in use by now never will be. */
void gst_kvs_relays_settle (GstKvsRelays *self);

/* How a relay that is reached over TCP is reached indeed: "tls", or "tcp", which
 * is at least that. Static. */
const char *gst_kvs_relays_tcp_protocol (GstKvsRelays *self);

/* Why a relay could not be used, or NULL. */
const char *gst_kvs_relays_get_trouble (GstKvsRelays *self);

/* Cuts the connections to the relays. */
void gst_kvs_relays_free (GstKvsRelays *self);

G_END_DECLS
