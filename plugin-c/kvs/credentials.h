/* One set of access keys. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * KvsCredentials:
 * All secret but `access_key`, which is only private.
 */
typedef struct {
  char *access_key;
  char *secret_key;
  char *session_token; /* NULL for long-lived ones */
  gint64 expiration;   /* seconds since 1970; 0 when they have no end */
  char *source;        /* for people, "the environment"; may be NULL */
} KvsCredentials;

KvsCredentials *kvs_credentials_new (const char *access_key,
    const char *secret_key, const char *session_token);
KvsCredentials *kvs_credentials_copy (const KvsCredentials *credentials);
void kvs_credentials_free (KvsCredentials *credentials);

/* Whether both sign alike; NULL is equal to NULL alone. */
gboolean kvs_credentials_equal (const KvsCredentials *a,
    const KvsCredentials *b);

/* Says where they are from (transfer full). */
void kvs_credentials_take_source (KvsCredentials *credentials, char *source);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvsCredentials, kvs_credentials_free)

G_END_DECLS
