#include "container.h"

#include <string.h>

#include "credentialsanswer.h"
#include "error.h"
#include "fetch.h"
#include "secret.h"

#define RELATIVE "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
#define FULL "AWS_CONTAINER_CREDENTIALS_FULL_URI"
#define TOKEN "AWS_CONTAINER_AUTHORIZATION_TOKEN"
#define TOKEN_FILE "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"

#define ECS_HOST "169.254.170.2"
#define EKS_HOST "169.254.170.23"
#define EKS_HOST_6 "fd00:ec2::23"

#define TOKEN_MAX (64 * 1024)
#define ATTEMPTS 3
#define LIMIT_MS 2000

static void fetched (GObject *source, GAsyncResult *result, gpointer user_data);

void
kvs_container_free (KvsContainer *container)
{
  if (container == NULL)
    return;

  g_free (container->url);
  kvs_secret_free (container->authorization);
  g_free (container);
}

static const char *
variable (char **environ, const char *name)
{
  const char *value = g_environ_getenv (environ, name);

  return value != NULL && *value != '\0' ? value : NULL;
}

static gboolean
is_on_this_machine (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  return g_ascii_strcasecmp (host, "localhost") == 0
      || (address != NULL && g_inet_address_get_is_loopback (address));
}

/* Compared as addresses: there are many ways to write one. */
static gboolean
is_of_aws (const char *host)
{
  static const char *const known[] = { ECS_HOST, EKS_HOST, EKS_HOST_6 };
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  for (guint i = 0; address != NULL && i < G_N_ELEMENTS (known); i++) {
    g_autoptr (GInetAddress) one = g_inet_address_new_from_string (known[i]);

    if (g_inet_address_equal (address, one))
      return TRUE;
  }
  return FALSE;
}

static gboolean
may_ask (const char *text)
{
  g_autoptr (GUri) uri =
      g_uri_parse (text, G_URI_FLAGS_ENCODED | G_URI_FLAGS_HAS_PASSWORD, NULL);
  const char *host = uri != NULL ? g_uri_get_host (uri) : NULL;

  if (host == NULL || *host == '\0' || g_uri_get_userinfo (uri) != NULL)
    return FALSE;
  if (g_strcmp0 (g_uri_get_scheme (uri), "https") == 0)
    return TRUE;
  return g_strcmp0 (g_uri_get_scheme (uri), "http") == 0
      && (is_on_this_machine (host) || is_of_aws (host));
}

/* NULL without an error where nothing is named. */
static char *
find_url (char **environ, GError **error)
{
  const char *relative = variable (environ, RELATIVE);
  const char *full = variable (environ, FULL);

  if (relative != NULL && *relative != '/') {
    g_set_error_literal (error, KVS_ERROR, KVS_ERROR_CREDENTIALS,
        RELATIVE " is no path that begins with \"/\": correct it, or unset it");
    return NULL;
  }
  if (relative != NULL)
    return g_strconcat ("http://" ECS_HOST, relative, NULL);
  if (full == NULL || may_ask (full))
    return g_strdup (full);

  g_set_error_literal (error, KVS_ERROR, KVS_ERROR_CREDENTIALS,
      FULL " is no URL that keys may come from: use https, or http to a "
           "loopback address, " ECS_HOST ", " EKS_HOST " or [" EKS_HOST_6 "]");
  return NULL;
}

static gboolean
is_header_value (const char *text)
{
  for (const char *c = text; *c != '\0'; c++) {
    if (!g_ascii_isprint (*c))
      return FALSE;
  }
  return TRUE;
}

/* Takes the token. */
static gboolean
use_token (KvsContainer *container, char *token, const char *from,
    GError **error)
{
  container->authorization = token;
  if (token == NULL || is_header_value (token))
    return TRUE;

  g_set_error (error, KVS_ERROR, KVS_ERROR_CREDENTIALS,
      "The container's authorization token in %s cannot be sent: it is to be "
      "one line of text",
      from);
  return FALSE;
}

static gboolean
find_token (KvsContainer *container, char **environ, GError **error)
{
  const char *path = variable (environ, TOKEN_FILE);
  g_autoptr (GError) cause = NULL;
  char *token = NULL;
  gsize length = 0;

  if (path == NULL)
    return use_token (container, g_strdup (variable (environ, TOKEN)), TOKEN,
        error);

  if (!g_file_get_contents (path, &token, &length, &cause)) {
    g_set_error (error, KVS_ERROR, KVS_ERROR_CREDENTIALS,
        TOKEN_FILE " cannot be read (%s): correct it, or unset it",
        cause->message);
    return FALSE;
  }

  /* An editor's last line end is no part of it. */
  g_strchomp (token);
  if (length > TOKEN_MAX)
    token[0] = '\n';
  return use_token (container, token, path, error);
}

KvsContainer *
kvs_container_find (char **environ, GError **error)
{
  g_autoptr (KvsContainer) container = g_new0 (KvsContainer, 1);

  container->url = find_url (environ, error);
  if (container->url == NULL || !find_token (container, environ, error))
    return NULL;

  return g_steal_pointer (&container);
}

/* Its path may be a secret, as in a URL that is a ticket. */
static char *
host_of (const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_ENCODED, NULL);

  return g_strdup (uri != NULL ? g_uri_get_host (uri) : "?");
}

void
kvs_container_credentials_async (const KvsContainer *container,
    KvsTransport *transport, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  KvsFetch fetch = { .method = "GET",
    .url = container->url,
    .headers = { "Accept", "application/json",
        container->authorization != NULL ? "Authorization" : NULL,
        container->authorization },
    .attempts = ATTEMPTS,
    .limit_ms = LIMIT_MS };

  g_task_set_source_tag (task, kvs_container_credentials_async);
  g_task_set_task_data (task, host_of (container->url), g_free);
  /* What is on this machine or beside it is behind no proxy. */
  if (g_str_has_prefix (container->url, "http:"))
    g_object_set (kvs_transport_get_session (transport), "proxy-resolver", NULL,
        NULL);
  kvs_fetch_async (transport, &fetch, cancellable, fetched, task);
}

static KvsCredentials *
read_keys (const KvsAnswer *answer, const char *host, GError **error)
{
  if (!kvs_answer_is_success (answer)) {
    g_set_error (error, KVS_ERROR, KVS_ERROR_CREDENTIALS,
        "it answered with status %u: check that this container has a role, "
        "and " TOKEN,
        answer->status);
    return NULL;
  }

  return kvs_credentials_from_body (KVS_CREDENTIALS_OF_CONTAINER, answer->body,
      g_strdup_printf ("the container endpoint %s", host), error);
}

static void
fetched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (KvsAnswer) answer = kvs_fetch_finish (result, &error);
  KvsCredentials *keys = NULL;

  if (answer != NULL)
    keys = read_keys (answer, g_task_get_task_data (task), &error);
  kvs_credentials_return (task, keys, "the container endpoint",
      g_task_get_task_data (task), error);
}

KvsCredentials *
kvs_container_credentials_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
