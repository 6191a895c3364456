#include "instancemetadata.h"

#include <string.h>

#include "credentialsanswer.h"
#include "error.h"
#include "fetch.h"
#include "secret.h"

#define DISABLED "AWS_EC2_METADATA_DISABLED"
#define ENDPOINT "AWS_EC2_METADATA_SERVICE_ENDPOINT"
#define MODE "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"
#define BASE_4 "http://169.254.169.254"
#define BASE_6 "http://[fd00:ec2::254]"

#define TOKEN_PATH "/latest/api/token"
#define ROLE_PATH "/latest/meta-data/iam/security-credentials/"
/* The session is for the three questions only. */
#define TOKEN_SECONDS "60"

#define FIRST_LIMIT_MS 1000
#define LIMIT_MS 2000
#define ATTEMPTS 3

#define TOKEN_MAX 1024
#define ROLE_MAX 256

typedef struct {
  char *base;
  KvsTransport *transport;
  char *token; /* of the session; a secret */
  char *role;
} Visit;

static void token_done (GObject *source, GAsyncResult *result,
    gpointer user_data);
static void role_done (GObject *source, GAsyncResult *result,
    gpointer user_data);
static void keys_done (GObject *source, GAsyncResult *result,
    gpointer user_data);

static void
visit_free (Visit *visit)
{
  g_free (visit->base);
  g_clear_object (&visit->transport);
  kvs_secret_free (visit->token);
  g_free (visit->role);
  g_free (visit);
}

static gboolean
is_base (const char *text)
{
  g_autoptr (GUri) uri =
      g_uri_parse (text, G_URI_FLAGS_ENCODED | G_URI_FLAGS_HAS_PASSWORD, NULL);

  return uri != NULL && g_strcmp0 (g_uri_get_scheme (uri), "http") == 0
      && g_uri_get_host (uri) != NULL && *g_uri_get_host (uri) != '\0'
      && g_uri_get_userinfo (uri) == NULL && g_uri_get_query (uri) == NULL
      && g_uri_get_fragment (uri) == NULL;
}

static char *
without_last_slashes (const char *text)
{
  gsize length = strlen (text);

  while (length > 0 && text[length - 1] == '/')
    length--;
  return g_strndup (text, length);
}

char *
kvs_instance_metadata_base (char **environ, GError **error)
{
  const char *disabled = g_environ_getenv (environ, DISABLED);
  const char *endpoint = g_environ_getenv (environ, ENDPOINT);
  const char *mode = g_environ_getenv (environ, MODE);

  if (disabled != NULL && g_ascii_strcasecmp (disabled, "true") == 0)
    return NULL;
  if (endpoint == NULL || *endpoint == '\0')
    return g_strdup (mode != NULL && g_ascii_strcasecmp (mode, "IPv6") == 0
            ? BASE_6
            : BASE_4);
  if (is_base (endpoint))
    return without_last_slashes (endpoint);

  g_set_error_literal (error, KVS_ERROR, KVS_ERROR_CREDENTIALS,
      ENDPOINT " is not of the form http://host: correct it, or unset it");
  return NULL;
}

static void
ask (GTask *task, const KvsFetch *fetch, GAsyncReadyCallback callback)
{
  Visit *visit = g_task_get_task_data (task);

  kvs_fetch_async (visit->transport, fetch, g_task_get_cancellable (task),
      callback, task);
}

static void
ask_path (GTask *task, const char *path, const char *rest,
    GAsyncReadyCallback callback)
{
  Visit *visit = g_task_get_task_data (task);
  g_autofree char *url = g_strconcat (visit->base, path, rest, NULL);
  KvsFetch fetch = { .method = "GET",
    .url = url,
    .headers = { "X-aws-ec2-metadata-token", visit->token },
    .attempts = ATTEMPTS,
    .limit_ms = LIMIT_MS };

  ask (task, &fetch, callback);
}

void
kvs_instance_metadata_credentials_async (const char *base,
    KvsTransport *transport, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  g_autofree char *url = g_strconcat (base, TOKEN_PATH, NULL);
  Visit *visit = g_new0 (Visit, 1);
  KvsFetch fetch = { .method = "PUT",
    .url = url,
    .headers = { "X-aws-ec2-metadata-token-ttl-seconds", TOKEN_SECONDS,
        "Content-Length", "0" },
    .attempts = 1,
    .limit_ms = FIRST_LIMIT_MS };

  g_task_set_source_tag (task, kvs_instance_metadata_credentials_async);
  visit->base = g_strdup (base);
  visit->transport = g_object_ref (transport);
  /* It is on no network a proxy could reach. */
  g_object_set (kvs_transport_get_session (transport), "proxy-resolver", NULL,
      NULL);
  g_task_set_task_data (task, visit, (GDestroyNotify) visit_free);

  ask (task, &fetch, token_done);
}

/* Takes the task. */
static void
not_found (GTask *task, char *why)
{
  g_task_return_error (task,
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, why));
  g_object_unref (task);
  g_free (why);
}

/* Takes the task. */
static void
unusable (GTask *task, const char *what)
{
  Visit *visit = g_task_get_task_data (task);

  g_task_return_new_error (task, KVS_ERROR, KVS_ERROR_CREDENTIALS,
      "No AWS credentials from the instance metadata at %s: %s", visit->base,
      what);
  g_object_unref (task);
}

/* The first line, if it is all of one kind of characters. */
static char *
word_of (const KvsAnswer *answer, gsize max, const char *others)
{
  gsize length;
  const char *data = g_bytes_get_data (answer->body, &length);
  gsize end = 0;

  while (end < length && end <= max
      && (g_ascii_isalnum (data[end])
          || memchr (others, data[end], strlen (others)) != NULL))
    end++;
  if (end == 0 || end > max
      || (end < length && data[end] != '\n' && data[end] != '\r'))
    return NULL;
  return g_strndup (data, end);
}

static void
token_answered (GTask *task, const KvsAnswer *answer)
{
  Visit *visit = g_task_get_task_data (task);

  if (!kvs_answer_is_success (answer)) {
    not_found (task,
        g_strdup_printf ("status %u from %s, which may be switched off",
            answer->status, visit->base));
    return;
  }

  visit->token = word_of (answer, TOKEN_MAX, "+/=-_.");
  if (visit->token == NULL)
    unusable (task, "its session token is none");
  else
    ask_path (task, ROLE_PATH, NULL, role_done);
}

/* Takes both. */
static void
cancelled (GTask *task, GError *error)
{
  g_task_return_error (task, error);
  g_object_unref (task);
}

static gboolean
is_cancelled (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
token_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Visit *visit = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (KvsAnswer) answer = kvs_fetch_finish (result, &error);

  if (answer != NULL)
    token_answered (task, answer);
  else if (is_cancelled (error))
    cancelled (task, g_steal_pointer (&error));
  else
    not_found (task, g_strdup_printf ("no answer from %s", visit->base));
}

static void
role_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Visit *visit = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (KvsAnswer) answer = kvs_fetch_finish (result, &error);
  g_autofree char *status = NULL;

  if (answer == NULL && is_cancelled (error)) {
    cancelled (task, g_steal_pointer (&error));
  } else if (answer == NULL) {
    unusable (task, error->message);
  } else if (answer->status == 404) {
    not_found (task, g_strdup ("this instance has no role"));
  } else if (!kvs_answer_is_success (answer)) {
    status = g_strdup_printf ("status %u for the role's name", answer->status);
    unusable (task, status);
  } else if ((visit->role = word_of (answer, ROLE_MAX, "+=,.@-_")) == NULL) {
    unusable (task, "the role's name is none");
  } else {
    ask_path (task, ROLE_PATH, visit->role, keys_done);
  }
}

static void
keys_answered (GTask *task, const KvsAnswer *answer)
{
  Visit *visit = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autofree char *what = NULL;
  gsize length;
  const char *data = g_bytes_get_data (answer->body, &length);
  KvsCredentials *keys = NULL;

  if (kvs_answer_is_success (answer))
    keys = kvs_credentials_parse (KVS_CREDENTIALS_OF_INSTANCE, data, length,
        &error);
  if (keys != NULL) {
    kvs_credentials_take_source (keys,
        g_strdup_printf ("role %s of this instance", visit->role));
    g_task_return_pointer (task, keys, (GDestroyNotify) kvs_credentials_free);
    g_object_unref (task);
    return;
  }

  what = error != NULL
      ? g_strdup_printf ("the answer for role %s cannot be used: %s",
          visit->role, error->message)
      : g_strdup_printf ("status %u for role %s", answer->status, visit->role);
  unusable (task, what);
}

static void
keys_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (KvsAnswer) answer = kvs_fetch_finish (result, &error);

  if (answer != NULL)
    keys_answered (task, answer);
  else if (is_cancelled (error))
    cancelled (task, g_steal_pointer (&error));
  else
    unusable (task, error->message);
}

KvsCredentials *
kvs_instance_metadata_credentials_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
