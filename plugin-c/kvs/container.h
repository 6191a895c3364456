/* Keys from the endpoint a container is given: ECS, EKS Pod Identity, and others. */
#pragma once

#include <gio/gio.h>

#include "credentials.h"
#include "transport.h"

G_BEGIN_DECLS

/* Where to ask, and with what. */
typedef struct {
  char *url;
  char *authorization; /* (nullable): a secret */
} KvsContainer;

void kvs_container_free (KvsContainer *container);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvsContainer, kvs_container_free)

/**
 * kvs_container_find:
 * Reads AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, else
 * AWS_CONTAINER_CREDENTIALS_FULL_URI, and AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE,
 * else AWS_CONTAINER_AUTHORIZATION_TOKEN. Without TLS only this machine and
 * the addresses of ECS and EKS are asked: keys would cross a network.
 *
 * AWS SDKs and Tools Reference Guide, "Container credential provider".
 *
 * Returns: NULL without an error where none is named. Errors:
 * KVS_ERROR_CREDENTIALS.
 */
KvsContainer *kvs_container_find (char **environ, GError **error);

/**
 * kvs_container_credentials_async:
 * @transport: for this alone; its proxy is not used without TLS
 *
 * Errors: KVS_ERROR_CREDENTIALS, cancelled.
 */
void kvs_container_credentials_async (const KvsContainer *container,
    KvsTransport *transport, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data);

KvsCredentials *kvs_container_credentials_finish (GAsyncResult *result,
    GError **error);

G_END_DECLS
