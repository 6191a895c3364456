/* What it takes to talk to the service: region, host, trust and keys. */
#pragma once

#include <gio/gio.h>

#include "config.h"
#include "keys.h"
#include "transport.h"

G_BEGIN_DECLS

/**
 * KvsAccess:
 * The answer to "who, where, how", found once and before anything is sent.
 */
typedef struct {
  char *region;
  char *base;           /* control plane, no trailing slash */
  gboolean is_regional; /* `base` is AWS's own, made from the region */
  char *
      stun_uri; /* NULL with an endpoint of the user's: its STUN is not AWS's */
  KvsKeys *keys; /* with some in it */
  KvsTransport *transport;
} KvsAccess;

void kvs_access_free (KvsAccess *access);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvsAccess, kvs_access_free)

/**
 * kvs_access_find_async:
 * @config: read during this call only
 * @environ: likewise; as g_get_environ () gives it
 *
 * Checks the settings and finds everything in KvsAccess. Only the credentials
 * may have to wait. `cancellable` ends later searches for keys, too.
 *
 * Errors: KVS_ERROR_SETTINGS, KVS_ERROR_CREDENTIALS, KVS_ERROR_REGION.
 */
void kvs_access_find_async (const KvsConfig *config, char **environ,
    const char *home, GCancellable *cancellable, GAsyncReadyCallback callback,
    gpointer user_data);

KvsAccess *kvs_access_find_finish (GAsyncResult *result, GError **error);

G_END_DECLS
