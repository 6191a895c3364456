/* One TURN relay over TLS, as a plain TCP port on loopback for one peer. */
#pragma once

#include <gio/gio.h>

#include "transport.h"
#include "worker.h"

G_BEGIN_DECLS

#define KVS_TYPE_TURN_FORWARDER (kvs_turn_forwarder_get_type ())
G_DECLARE_FINAL_TYPE (KvsTurnForwarder, kvs_turn_forwarder, KVS, TURN_FORWARDER,
    GObject)

/**
 * kvs_turn_forwarder_new:
 * @host: of the relay; its certificate must be for this name
 *
 * libnice speaks no TLS to a TURN server: this does it for it. Listens at
 * once; connects to the relay when its peer does. It serves one connection,
 * made by this very process, and never another: the port is closed as soon as
 * that is there, or has not come within 15 s. Lives on the worker.
 *
 * Errors: G_IO_ERROR when there is no loopback port to be had.
 */
KvsTurnForwarder *kvs_turn_forwarder_new (KvsWorker *worker,
    KvsTransport *transport, const char *host, guint16 port, GError **error);

/* "127.0.0.1:port" or "[::1]:port". */
const char *kvs_turn_forwarder_get_address (KvsTurnForwarder *self);

/* Why the relay cannot be used, as a sentence; NULL while nothing is wrong. */
const char *kvs_turn_forwarder_get_trouble (KvsTurnForwarder *self);

/* Cuts both connections; TURN's allocation ends with its connection (RFC 8656
 * section 6.2). Idempotent. Worker only. */
void kvs_turn_forwarder_close (KvsTurnForwarder *self);

G_END_DECLS
