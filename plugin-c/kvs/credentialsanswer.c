#include "credentialsanswer.h"

#include <string.h>

#include "error.h"
#include "json.h"

/* IAM's own limit of an access key; the others are far above any known. */
#define ACCESS_KEY_MAX 128
#define SECRET_KEY_MAX 512
#define SESSION_TOKEN_MAX (32 * 1024)

typedef struct {
  const char *access_key, *secret_key, *session_token, *expiration;
} Names;

static const Names names_of[] = {
  [KVS_CREDENTIALS_OF_PROCESS] = { "AccessKeyId", "SecretAccessKey",
      "SessionToken", "Expiration" },
  [KVS_CREDENTIALS_OF_CONTAINER] = { "AccessKeyId", "SecretAccessKey", "Token",
      "Expiration" },
  [KVS_CREDENTIALS_OF_INSTANCE] = { "AccessKeyId", "SecretAccessKey", "Token",
      "Expiration" },
  [KVS_CREDENTIALS_OF_IOT] = { "accessKeyId", "secretAccessKey", "sessionToken",
      "expiration" },
};

static gboolean fail (GError **error, const char *format, ...)
    G_GNUC_PRINTF (2, 3);

static gboolean
fail (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_clear_error (error);
  if (error != NULL)
    *error = g_error_new_valist (KVS_ERROR, KVS_ERROR_CREDENTIALS, format,
        arguments);
  va_end (arguments);
  return FALSE;
}

static gboolean
is_visible (const char *text, gsize max)
{
  gsize length = strlen (text);

  for (gsize i = 0; i < length; i++) {
    if (!g_ascii_isgraph (text[i]))
      return FALSE;
  }
  return length > 0 && length <= max;
}

static gboolean
is_absent (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node == NULL || JSON_NODE_HOLDS_NULL (node)
      || g_strcmp0 (kvs_json_string (object, name), "") == 0;
}

static gboolean
read_value (JsonObject *object, const char *name, gsize max, char **value,
    GError **error)
{
  const char *text = kvs_json_string (object, name);

  if (is_absent (object, name))
    return fail (error, "it has no %s", name);
  if (text == NULL)
    return fail (error, "its %s is not a string", name);
  if (!is_visible (text, max))
    return fail (error, "its %s is not one", name);

  *value = g_strdup (text);
  return TRUE;
}

static gboolean
read_expiration (JsonObject *object, const char *name, gint64 *expiration,
    GError **error)
{
  const char *text = kvs_json_string (object, name);
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) time = NULL;

  if (is_absent (object, name))
    return TRUE;
  if (text != NULL)
    time = g_date_time_new_from_iso8601 (text, utc);
  if (time == NULL)
    return fail (error, "its %s is not a time as in 2030-12-31T23:59:59Z",
        name);

  /* 0 would be no end at all. */
  *expiration = MAX (g_date_time_to_unix (time), 1);
  return TRUE;
}

static KvsCredentials *
read_keys (JsonObject *object, const Names *names, GError **error)
{
  g_autoptr (KvsCredentials) keys = kvs_credentials_new (NULL, NULL, NULL);

  if (!read_value (object, names->access_key, ACCESS_KEY_MAX, &keys->access_key,
          error)
      || !read_value (object, names->secret_key, SECRET_KEY_MAX,
          &keys->secret_key, error)
      || !read_expiration (object, names->expiration, &keys->expiration, error))
    return NULL;
  if (!is_absent (object, names->session_token)
      && !read_value (object, names->session_token, SESSION_TOKEN_MAX,
          &keys->session_token, error))
    return NULL;

  return g_steal_pointer (&keys);
}

/* An instance without a good role answers 200, and says so inside. */
static gboolean
check_code (JsonObject *object, GError **error)
{
  const char *code = kvs_json_string (object, "Code");

  if (is_absent (object, "Code") || g_strcmp0 (code, "Success") == 0)
    return TRUE;
  if (code == NULL || !is_visible (code, 64))
    return fail (error, "its Code is not Success");
  return fail (error, "its Code is %s", code);
}

static JsonObject *
object_of (KvsCredentialsShape shape, JsonObject *root, GError **error)
{
  JsonObject *inner;

  switch (shape) {
    case KVS_CREDENTIALS_OF_PROCESS:
      if (kvs_json_int (root, "Version", 0) == 1)
        return root;
      fail (error, "its Version is not 1");
      return NULL;
    case KVS_CREDENTIALS_OF_INSTANCE:
      return check_code (root, error) ? root : NULL;
    case KVS_CREDENTIALS_OF_IOT:
      inner = kvs_json_object (root, "credentials");
      if (inner == NULL)
        fail (error, "it has no object credentials");
      return inner;
    default:
      return root;
  }
}

KvsCredentials *
kvs_credentials_parse (KvsCredentialsShape shape, const char *data,
    gsize length, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (JsonNode) node =
      kvs_json_parse (data, length, KVS_CREDENTIALS_ANSWER_MAX, &cause);
  JsonObject *object;

  if (node == NULL) {
    fail (error, "it is %s", cause->message);
    return NULL;
  }

  object = object_of (shape, json_node_get_object (node), error);
  return object != NULL ? read_keys (object, &names_of[shape], error) : NULL;
}

KvsCredentials *
kvs_credentials_from_body (KvsCredentialsShape shape, GBytes *body,
    char *source, GError **error)
{
  g_autofree char *owned = source;
  g_autoptr (GError) cause = NULL;
  gsize length;
  const char *data = g_bytes_get_data (body, &length);
  KvsCredentials *keys = kvs_credentials_parse (shape, data, length, &cause);

  if (keys == NULL)
    g_set_error (error, KVS_ERROR, KVS_ERROR_CREDENTIALS,
        "its answer cannot be used: %s", cause->message);
  else
    kvs_credentials_take_source (keys, g_steal_pointer (&owned));
  return keys;
}

void
kvs_credentials_return (GTask *task, KvsCredentials *keys, const char *kind,
    const char *name, const GError *cause)
{
  if (keys != NULL)
    g_task_return_pointer (task, keys, (GDestroyNotify) kvs_credentials_free);
  else if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_task_return_error (task, g_error_copy (cause));
  else
    g_task_return_new_error (task, KVS_ERROR, KVS_ERROR_CREDENTIALS,
        "No AWS credentials from %s %s: %s", kind, name, cause->message);
}
