/* One small HTTP exchange with whoever hands out keys: bounded in size and time. */
#pragma once

#include "answer.h"
#include "transport.h"

G_BEGIN_DECLS

/**
 * KvsFetch:
 * What to ask. Read during the call only.
 */
typedef struct {
  const char *method;
  const char *url;
  const char *headers[5];       /* name, value, ..., NULL */
  GTlsCertificate *certificate; /* (nullable): shown to the service */
  guint attempts; /* in all; network errors, 429 and 5xx are tried again */
  guint limit_ms; /* for each attempt, from connecting to the last byte */
} KvsFetch;

/**
 * kvs_fetch_async:
 * Runs on the thread-default context. The result is an answer of any status.
 *
 * Errors: KVS_ERROR_NETWORK, KVS_ERROR_TLS; KVS_ERROR_PROTOCOL for an answer
 * beyond KVS_CREDENTIALS_ANSWER_MAX; cancelled.
 */
void kvs_fetch_async (KvsTransport *transport, const KvsFetch *fetch,
    GCancellable *cancellable, GAsyncReadyCallback callback,
    gpointer user_data);

KvsAnswer *kvs_fetch_finish (GAsyncResult *result, GError **error);

G_END_DECLS
