#include "credentials.h"

#include "error.h"
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
  return kvs_credentials_new (credentials->access_key, credentials->secret_key,
      credentials->session_token);
}

void
kvs_credentials_free (KvsCredentials *credentials)
{
  if (credentials == NULL)
    return;

  kvs_secret_free (credentials->access_key);
  kvs_secret_free (credentials->secret_key);
  kvs_secret_free (credentials->session_token);
  g_free (credentials);
}

static gboolean
is_set (const char *value)
{
  return value != NULL && *value != '\0';
}

/* Both halves or none: half a pair is a mistake worth telling, and falling
 * through to another source would sign as somebody else. */
static KvsCredentials *
from_pair (const char *access_key, const char *secret_key,
    const char *session_token, const char *names, GError **error)
{
  if (!is_set (access_key) && !is_set (secret_key))
    return NULL;

  if (!is_set (access_key) || !is_set (secret_key)) {
    g_set_error (error, KVS_ERROR, KVS_ERROR_CREDENTIALS,
        "Only half of the AWS credentials is there: set both %s", names);
    return NULL;
  }

  return kvs_credentials_new (access_key, secret_key, session_token);
}

static KvsCredentials *
from_properties (const KvsCredentialsQuery *query, GError **error)
{
  const KvsConfig *config = query->config;

  return from_pair (config->access_key, config->secret_key,
      config->session_token, "access-key and secret-key", error);
}

static KvsCredentials *
from_environment (const KvsCredentialsQuery *query, GError **error)
{
  char **env = query->environ;

  if (is_set (query->config->profile))
    return NULL;

  return from_pair (g_environ_getenv (env, "AWS_ACCESS_KEY_ID"),
      g_environ_getenv (env, "AWS_SECRET_ACCESS_KEY"),
      g_environ_getenv (env, "AWS_SESSION_TOKEN"),
      "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", error);
}

static void
set_unsupported (const KvsProfile *profile, GError **error)
{
  g_set_error (error, KVS_ERROR, KVS_ERROR_CREDENTIALS,
      "Profile %s gets its credentials by %s, which kinesiswebrtcbin does not "
      "do itself: run it with kvswebrtc-launch, or put the keys into "
      "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN",
      profile->name, profile->unsupported);
}

static KvsCredentials *
from_profile (const KvsCredentialsQuery *query, GError **error)
{
  const KvsProfile *profile = query->profile;
  g_autofree char *names = NULL;

  if (profile == NULL)
    return NULL;

  if (!is_set (profile->access_key) && is_set (profile->unsupported)) {
    set_unsupported (profile, error);
    return NULL;
  }

  names = g_strdup_printf ("aws_access_key_id and aws_secret_access_key in "
                           "profile %s",
      profile->name);
  return from_pair (profile->access_key, profile->secret_key,
      profile->session_token, names, error);
}

static void
set_not_found (const KvsCredentialsQuery *query, GError **error)
{
  g_autofree char *where = NULL;

  if (query->profile != NULL)
    where = g_strdup_printf ("profile %s has none", query->profile->name);
  else
    where = g_strdup ("there is no profile \"default\"");

  g_set_error (error, KVS_ERROR, KVS_ERROR_CREDENTIALS,
      "No AWS credentials found (no access-key property, no "
      "AWS_ACCESS_KEY_ID in the environment, %s): run \"aws configure\", or "
      "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
      where);
}

typedef KvsCredentials *(
    *Source) (const KvsCredentialsQuery *query, GError **error);

static KvsCredentials *
find (const KvsCredentialsQuery *query, GError **error)
{
  static const Source sources[] = {
    from_properties,
    from_environment,
    from_profile,
  };

  for (guint i = 0; i < G_N_ELEMENTS (sources); i++) {
    GError *failure = NULL;
    KvsCredentials *credentials = sources[i](query, &failure);

    if (credentials != NULL)
      return credentials;
    if (failure != NULL) {
      g_propagate_error (error, failure);
      return NULL;
    }
  }

  set_not_found (query, error);
  return NULL;
}

void
kvs_credentials_find_async (const KvsCredentialsQuery *query,
    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  GError *error = NULL;
  KvsCredentials *credentials;

  g_task_set_source_tag (task, kvs_credentials_find_async);

  credentials = find (query, &error);
  if (credentials == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, credentials,
        (GDestroyNotify) kvs_credentials_free);
}

KvsCredentials *
kvs_credentials_find_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result,
                            kvs_credentials_find_async),
      NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
