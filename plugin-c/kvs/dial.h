/* A TLS connection of our own, as trusted and as routed as the service's. */
#pragma once

#include <gio/gio.h>

#include "transport.h"

G_BEGIN_DECLS

/**
 * kvs_dial_async:
 *
 * Connects by TLS, through the proxy where one is set. The certificate must be
 * the host's own, vouched for by the system's store or a CA file. On the
 * transport's thread.
 *
 * Errors: KVS_ERROR_NETWORK, KVS_ERROR_TLS, with words as for the service;
 * cancelled.
 */
void kvs_dial_async (KvsTransport *transport, const char *host, guint16 port,
    GCancellable *cancellable, GAsyncReadyCallback callback,
    gpointer user_data);

/* Returns: (transfer full): its streams are TLS's and pollable; its socket has
 * no time-out any more. */
GSocketConnection *kvs_dial_finish (GAsyncResult *result, GError **error);

G_END_DECLS
