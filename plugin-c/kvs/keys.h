/* The keys a session signs with: found, and kept good. */
#pragma once

#include <gio/gio.h>

#include "clock.h"
#include "config.h"
#include "credentials.h"

G_BEGIN_DECLS

#define KVS_TYPE_KEYS (kvs_keys_get_type ())
G_DECLARE_FINAL_TYPE (KvsKeys, kvs_keys, KVS, KEYS, GObject)

/**
 * kvs_keys_new:
 * @config: copied
 * @environ: copied; as g_get_environ () gives it
 * @cancellable: (nullable): ends every search, now and later
 *
 * Lives on one thread, in its thread-default context.
 */
KvsKeys *kvs_keys_new (const KvsConfig *config, char **environ,
    const char *home, GCancellable *cancellable);

/* The keys at hand, NULL before the first are found. Owned, and only good
 * until the next turn of the main context. */
const KvsCredentials *kvs_keys_get (KvsKeys *self);

/**
 * kvs_keys_refresh_async:
 * Looks for keys as kvs_keychain_find_async does, files read anew. Whoever
 * asks while a search is under way gets its result. Where it fails the old
 * keys stay.
 *
 * Errors: those of kvs_keychain_find_async.
 */
void kvs_keys_refresh_async (KvsKeys *self, GAsyncReadyCallback callback,
    gpointer user_data);

gboolean kvs_keys_refresh_finish (KvsKeys *self, GAsyncResult *result,
    GError **error);

/* Keys as the properties now say; at once, and before all other sources. */
void kvs_keys_set (KvsKeys *self, const char *access_key,
    const char *secret_key, const char *session_token);

/* From now on `due` is called when it is time to refresh; NULL ends that. */
void kvs_keys_watch (KvsKeys *self, void (*due) (gpointer user_data),
    gpointer user_data);

/* What is known of the service's time. */
void kvs_keys_set_clock (KvsKeys *self, const KvsClock *clock);

/* Whether there are keys, and their time is over. */
gboolean kvs_keys_have_expired (KvsKeys *self);

G_END_DECLS
