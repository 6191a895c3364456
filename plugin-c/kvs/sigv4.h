/* AWS Signature Version 4, as text in and text out. */
#pragma once

#include <glib.h>

#include "credentials.h"

G_BEGIN_DECLS

/* A header or a query parameter, unescaped. Arrays end with a NULL name. */
typedef struct {
  const char *name;
  const char *value;
} KvsParam;

/**
 * KvsSigv4Request:
 * `path` goes into the signature as it is, so it must be percent-encoded and
 * normalised already. `params` and `headers` may be NULL; `host` is not among
 * `headers`.
 */
typedef struct {
  const char *method;
  const char
      *host; /* the Host header: with the port if it is not the default one */
  const char *path;
  const KvsParam *params;
  const KvsParam *headers;
  const char *body;
  gsize body_length;
} KvsSigv4Request;

typedef struct {
  const char *region;
  const char *service;
  gint64 time; /* seconds since 1970 */
} KvsSigv4Scope;

/* X-Amz-Date: "20150830T123600Z". */
char *kvs_sigv4_date (gint64 time);

/**
 * kvs_sigv4_authorization:
 * The value of the Authorization header. Signs Host, X-Amz-Date, the token
 * (X-Amz-Security-Token) if there is one, and `headers`; the caller sends
 * exactly those.
 *
 * AWS General Reference, "Create a signed AWS API request".
 */
char *kvs_sigv4_authorization (const KvsSigv4Request *request,
    const KvsSigv4Scope *scope, const KvsCredentials *credentials);

/**
 * kvs_sigv4_presign:
 * The same as a query string, for a URL that carries its own signature for
 * `expires` seconds. Only Host is signed. The string is percent-encoded,
 * sorted, the signature last: a client that encodes it anew breaks it. It is
 * a secret while it lives.
 */
char *kvs_sigv4_presign (const KvsSigv4Request *request,
    const KvsSigv4Scope *scope, const KvsCredentials *credentials,
    guint expires);

G_END_DECLS
