/* The JSON in which processes and services hand out keys. */
#pragma once

#include <gio/gio.h>

#include "credentials.h"

G_BEGIN_DECLS

#define KVS_CREDENTIALS_ANSWER_MAX (64 * 1024)

/**
 * KvsCredentialsShape:
 * Where they differ: AWS SDKs and Tools Reference Guide, "Process credential
 * provider", "Container credential provider", "IMDS credential provider"; AWS
 * IoT Core Developer Guide, "Authorizing direct calls to AWS services".
 */
typedef enum {
  KVS_CREDENTIALS_OF_PROCESS,   /* Version 1, SessionToken */
  KVS_CREDENTIALS_OF_CONTAINER, /* Token */
  KVS_CREDENTIALS_OF_INSTANCE,  /* Token, and a Code that may be a failure */
  KVS_CREDENTIALS_OF_IOT,       /* inside "credentials", small initials */
} KvsCredentialsShape;

/**
 * kvs_credentials_parse:
 * Takes nothing that is no key: each value is visible ASCII, as it will stand
 * in headers, and not endless. An expiration may be missing, not wrong.
 *
 * Errors: KVS_ERROR_CREDENTIALS; it says what is wrong in a part of a
 * sentence, and quotes nothing.
 */
KvsCredentials *kvs_credentials_parse (KvsCredentialsShape shape,
    const char *data, gsize length, GError **error);

/**
 * kvs_credentials_from_body:
 * @source: (transfer full): what the keys are said to come from
 *
 * The keys of a service's answer. Errors: KVS_ERROR_CREDENTIALS, a part of a
 * sentence.
 */
KvsCredentials *kvs_credentials_from_body (KvsCredentialsShape shape,
    GBytes *body, char *source, GError **error);

/**
 * kvs_credentials_return:
 * @keys: (transfer full) (nullable): what was asked for, or
 * @cause: (nullable): why there are none; said of @kind @name
 *
 * A failure to get keys, whatever its cause, is about them, unless the caller
 * cancelled.
 */
void kvs_credentials_return (GTask *task, KvsCredentials *keys,
    const char *kind, const char *name, const GError *cause);

G_END_DECLS
