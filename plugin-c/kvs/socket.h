/* The signaling WebSocket: one connection, from open to closed. */
#pragma once

#include <gio/gio.h>

#include "answer.h"
#include "transport.h"

G_BEGIN_DECLS

#define KVS_TYPE_SOCKET (kvs_socket_get_type ())
G_DECLARE_FINAL_TYPE (KvsSocket, kvs_socket, KVS, SOCKET, GObject)

/* Amazon's C SDK pings as often. */
#define KVS_SOCKET_PING_SECONDS 10

typedef struct {
  /* A text frame that is not empty; not NUL-terminated by promise. */
  void (*text) (gpointer user_data, const char *data, gsize length);
  /* Last event. `close_code` is the peer's (RFC 6455, 7.4), 0 when it just
   * vanished; `reason` is for people. */
  void (*closed) (gpointer user_data, guint close_code, const char *reason);
} KvsSocketEvents;

/**
 * kvs_socket_open_async:
 * @url: used verbatim; a secret
 * @ping_seconds: a peer silent for two and a half of these is taken for dead
 */
void kvs_socket_open_async (KvsTransport *transport, const char *url,
    guint ping_seconds, GCancellable *cancellable, GAsyncReadyCallback callback,
    gpointer user_data);

/**
 * kvs_socket_open_finish:
 * @refusal: (out) (nullable): set when the service answered, but not by
 *   switching protocols; `error` is then not set
 *
 * Errors: KVS_ERROR_NETWORK, KVS_ERROR_TLS, KVS_ERROR_PROTOCOL, cancelled.
 */
KvsSocket *kvs_socket_open_finish (GAsyncResult *result, KvsAnswer **refusal,
    GError **error);

/* Events come on the thread-default context, never from inside a call. Again
 * with others, they go there from then on. */
void kvs_socket_listen (KvsSocket *self, const KvsSocketEvents *events,
    gpointer user_data);

/* When the service last gave a sign of life, by g_get_monotonic_time. */
gint64 kvs_socket_last_heard (KvsSocket *self);

/* Whether it still answers is asked at once, and it is taken for dead if it does
 * not within a few seconds. For when there is reason to think so. */
void kvs_socket_doubt (KvsSocket *self);

void kvs_socket_send (KvsSocket *self, const char *text);

/**
 * kvs_socket_close:
 * @gone: (nullable): called once, when the goodbye was said or given up
 *
 * No event comes any more. The goodbye is said in the background.
 */
void kvs_socket_close (KvsSocket *self, GDestroyNotify gone,
    gpointer user_data);

G_END_DECLS
