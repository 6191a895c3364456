#include "credentials.h"

#include "secret.h"

KvsCredentials *
kvs_credentials_new (const char *access_key, const char *secret_key,
    const char *session_token)
{
  KvsCredentials *credentials = g_new0 (KvsCredentials, 1);

  credentials->access_key = g_strdup (access_key);
  credentials->secret_key = g_strdup (secret_key);
  if (session_token != NULL && *session_token != '\0')
    credentials->session_token = g_strdup (session_token);

  return credentials;
}

KvsCredentials *
kvs_credentials_copy (const KvsCredentials *credentials)
{
  KvsCredentials *copy = kvs_credentials_new (credentials->access_key,
      credentials->secret_key, credentials->session_token);

  copy->expiration = credentials->expiration;
  copy->source = g_strdup (credentials->source);
  return copy;
}

void
kvs_credentials_free (KvsCredentials *credentials)
{
  if (credentials == NULL)
    return;

  kvs_secret_free (credentials->access_key);
  kvs_secret_free (credentials->secret_key);
  kvs_secret_free (credentials->session_token);
  g_free (credentials->source);
  g_free (credentials);
}

gboolean
kvs_credentials_equal (const KvsCredentials *a, const KvsCredentials *b)
{
  if (a == NULL || b == NULL)
    return a == b;

  return g_strcmp0 (a->access_key, b->access_key) == 0
      && g_strcmp0 (a->secret_key, b->secret_key) == 0
      && g_strcmp0 (a->session_token, b->session_token) == 0;
}

void
kvs_credentials_take_source (KvsCredentials *credentials, char *source)
{
  g_free (credentials->source);
  credentials->source = source;
}
