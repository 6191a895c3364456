/* Access keys, and where they are looked for. */
#pragma once

#include <gio/gio.h>

#include "config.h"
#include "profile.h"

G_BEGIN_DECLS

/**
 * KvsCredentials:
 * One set of keys. `session_token` is NULL for long-lived ones. All secret
 * but `access_key`, which is only private.
 */
typedef struct {
  char *access_key;
  char *secret_key;
  char *session_token;
} KvsCredentials;

KvsCredentials *kvs_credentials_new (const char *access_key,
    const char *secret_key, const char *session_token);
KvsCredentials *kvs_credentials_copy (const KvsCredentials *credentials);
void kvs_credentials_free (KvsCredentials *credentials);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvsCredentials, kvs_credentials_free)

/**
 * KvsCredentialsQuery:
 * Everything the search may look at, so that it reads nothing by itself. A
 * source that must ask the network (container endpoint, instance metadata,
 * IoT) becomes one more step of kvs_credentials_find_async.
 */
typedef struct {
  const KvsConfig *config;
  char **environ;            /* as g_get_environ () gives it */
  const KvsProfile *profile; /* may be NULL */
} KvsCredentialsQuery;

/**
 * kvs_credentials_find_async:
 * Properties, then environment, then the profile; a profile that was chosen
 * by property comes before the environment, as `aws --profile` does. `query`
 * is only read during this call. Runs on the thread-default context.
 *
 * Errors: KVS_ERROR_CREDENTIALS, KVS_ERROR_SETTINGS.
 */
void kvs_credentials_find_async (const KvsCredentialsQuery *query,
    GCancellable *cancellable, GAsyncReadyCallback callback,
    gpointer user_data);

/* Returns: (transfer full): the keys, or NULL and an error. */
KvsCredentials *kvs_credentials_find_finish (GAsyncResult *result,
    GError **error);

G_END_DECLS
