/* Keys from a program of the user's: credential_process. */
#pragma once

#include <gio/gio.h>

#include "credentials.h"

G_BEGIN_DECLS

#define KVS_PROCESS_LIMIT_MS (60 * 1000)

/**
 * kvs_process_credentials_async:
 * @command: credential_process as it stands in the profile
 * @name: of the profile, for error messages
 * @limit_ms: the time it gets, KVS_PROCESS_LIMIT_MS but for tests
 *
 * Runs the program without a shell: words are split at white space, quotes
 * keep them together, nothing is expanded. Its stdin is empty, its stderr is
 * ours, so that its words reach people and no log of ours. With more output
 * than KVS_CREDENTIALS_ANSWER_MAX it is killed, too.
 *
 * AWS SDKs and Tools Reference Guide, "Process credential provider".
 *
 * Errors: KVS_ERROR_CREDENTIALS, cancelled.
 */
void kvs_process_credentials_async (const char *command, const char *name,
    guint limit_ms, GCancellable *cancellable, GAsyncReadyCallback callback,
    gpointer user_data);

KvsCredentials *kvs_process_credentials_finish (GAsyncResult *result,
    GError **error);

G_END_DECLS
