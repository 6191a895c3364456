/* Signed requests to the service's REST side, with retries. */
#pragma once

#include <gio/gio.h>

#include "answer.h"
#include "clock.h"
#include "keys.h"
#include "transport.h"

G_BEGIN_DECLS

#define KVS_TYPE_CLIENT (kvs_client_get_type ())
G_DECLARE_FINAL_TYPE (KvsClient, kvs_client, KVS, CLIENT, GObject)

/**
 * kvs_client_new:
 * @channel: name or ARN, for error messages
 *
 * @keys: found before the first call
 *
 * Lives on one thread, the transport's. Keeps the clock that REST and
 * WebSocket signatures share.
 */
KvsClient *kvs_client_new (KvsTransport *transport, const char *region,
    const char *channel, KvsKeys *keys);

/**
 * kvs_client_call_async:
 * @action: the call's IAM name, without prefix
 * @base: scheme, host, port; no trailing slash
 * @is_regional: whether the host name was made from the region, so that an
 *   unknown host is an unknown region
 *
 * POSTs `body`. Throttling, the service's own errors and time-outs are tried
 * again for some seconds, a broken connection once; a signature refused for
 * its time corrects the clock, once; where the keys are refused they are
 * looked for again, once, and new ones tried.
 *
 * The result is an answer of any status, 2xx or final error. Errors:
 * KVS_ERROR_NETWORK, KVS_ERROR_TLS, KVS_ERROR_REGION, cancelled.
 */
void kvs_client_call_async (KvsClient *self, const char *action,
    const char *base, gboolean is_regional, const char *path, const char *body,
    GCancellable *cancellable, GAsyncReadyCallback callback,
    gpointer user_data);

KvsAnswer *kvs_client_call_finish (KvsClient *self, GAsyncResult *result,
    GError **error);

/* An unsuccessful answer to `action` as an error. */
GError *kvs_client_error (KvsClient *self, const KvsAnswer *answer,
    const char *action);

/**
 * kvs_client_presign:
 * @client_id: (nullable): viewers only
 *
 * The URL that opens the WebSocket: see KvsSigv4Request. A secret, good for
 * five minutes.
 */
char *kvs_client_presign (KvsClient *self, const char *wss_base,
    const char *channel_arn, const char *client_id);

/* Learns the service's time from an answer that refused ours; FALSE when the
 * answer is not about that. */
gboolean kvs_client_correct_clock (KvsClient *self, const KvsAnswer *answer);

G_END_DECLS
