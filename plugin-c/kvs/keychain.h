/* Where access keys are looked for, and in which order. */
#pragma once

#include <gio/gio.h>

#include "config.h"
#include "credentials.h"

G_BEGIN_DECLS

/**
 * kvs_keychain_find_async:
 * @config: read during this call only
 * @environ: likewise; as g_get_environ () gives it
 * @home: likewise
 *
 * Properties; the IoT certificate; the environment; the profile of the shared
 * files, with its credential_process; the container endpoint; the instance's
 * metadata. The first one that is set is taken: where it fails, that is an
 * error, as the next would sign as somebody else. A profile that was chosen
 * by property comes before the environment, as `aws --profile` does.
 *
 * What nobody set is passed over, and told in the error where nothing is
 * found. Runs on the thread-default context.
 *
 * AWS SDKs and Tools Reference Guide, "Standardized credential providers".
 *
 * Errors: KVS_ERROR_CREDENTIALS, KVS_ERROR_SETTINGS, cancelled.
 */
void kvs_keychain_find_async (const KvsConfig *config, char **environ,
    const char *home, GCancellable *cancellable, GAsyncReadyCallback callback,
    gpointer user_data);

/* Returns: (transfer full): the keys, or NULL and an error. */
KvsCredentials *kvs_keychain_find_finish (GAsyncResult *result, GError **error);

G_END_DECLS
