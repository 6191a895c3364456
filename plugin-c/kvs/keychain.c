#include "keychain.h"

#include "container.h"
#include "error.h"
#include "instancemetadata.h"
#include "iotcertificate.h"
#include "process.h"
#include "profile.h"
#include "transport.h"

#define LAUNCHER "kvswebrtc-launch"

/* One search, from source to source. */
typedef struct {
  KvsConfig *config;
  char **environ;
  char *home;
  guint next;     /* source to ask */
  GString *tried; /* what was not set, in order */
} Search;

/* Either the source is not set, and TRUE: go on; or it answers the task, now
 * or later. */
typedef gboolean (*Source) (GTask *task, Search *search);

static gboolean try_properties (GTask *task, Search *search);
static gboolean try_iot_certificate (GTask *task, Search *search);
static gboolean try_environment (GTask *task, Search *search);
static gboolean try_profile (GTask *task, Search *search);
static gboolean try_container (GTask *task, Search *search);
static gboolean try_instance_metadata (GTask *task, Search *search);

static const Source sources[] = {
  try_properties,
  try_iot_certificate,
  try_environment,
  try_profile,
  try_container,
  try_instance_metadata,
};

static void
search_free (Search *search)
{
  kvs_config_free (search->config);
  g_strfreev (search->environ);
  g_free (search->home);
  g_string_free (search->tried, TRUE);
  g_free (search);
}

/* --- How a search ends --- */

/* Takes the error. */
static void
fail (GTask *task, GError *error)
{
  g_task_return_error (task, error);
  g_object_unref (task);
}

/* Takes the keys, or else the error. */
static void
end (GTask *task, KvsCredentials *keys, GError *error)
{
  if (keys == NULL) {
    fail (task, error);
    return;
  }

  g_task_return_pointer (task, keys, (GDestroyNotify) kvs_credentials_free);
  g_object_unref (task);
}

static void
not_found (GTask *task, Search *search)
{
  fail (task,
      g_error_new (KVS_ERROR, KVS_ERROR_CREDENTIALS,
          "No AWS credentials: tried %s; run \"aws configure\", or set "
          "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
          search->tried->str));
}

static void
go_on (GTask *task)
{
  Search *search = g_task_get_task_data (task);

  while (search->next < G_N_ELEMENTS (sources)) {
    if (!sources[search->next++](task, search))
      return;
  }
  not_found (task, search);
}

static void note (Search *search, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
note (Search *search, const char *format, ...)
{
  va_list arguments;

  if (search->tried->len > 0)
    g_string_append (search->tried, ", ");
  va_start (arguments, format);
  g_string_append_vprintf (search->tried, format, arguments);
  va_end (arguments);
}

void
kvs_keychain_find_async (const KvsConfig *config, char **environ,
    const char *home, GCancellable *cancellable, GAsyncReadyCallback callback,
    gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Search *search = g_new0 (Search, 1);

  g_task_set_source_tag (task, kvs_keychain_find_async);
  search->config = kvs_config_copy (config);
  search->environ = g_strdupv (environ);
  search->home = g_strdup (home);
  search->tried = g_string_new (NULL);
  g_task_set_task_data (task, search, (GDestroyNotify) search_free);

  go_on (task);
}

KvsCredentials *
kvs_keychain_find_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- The sources --- */

static gboolean
is_set (const char *value)
{
  return value != NULL && *value != '\0';
}

static const char *
variable (Search *search, const char *name)
{
  return g_environ_getenv (search->environ, name);
}

/* Both halves or none: half a pair is a mistake worth telling, and falling
 * through to another source would sign as somebody else. TRUE for none. */
static gboolean
try_pair (GTask *task, const char *access_key, const char *secret_key,
    const char *session_token, const char *names, const char *source)
{
  KvsCredentials *keys;

  if (!is_set (access_key) && !is_set (secret_key))
    return TRUE;

  if (!is_set (access_key) || !is_set (secret_key)) {
    fail (task,
        g_error_new (KVS_ERROR, KVS_ERROR_CREDENTIALS,
            "Only half of the AWS credentials is there: set both %s", names));
    return FALSE;
  }

  keys = kvs_credentials_new (access_key, secret_key, session_token);
  kvs_credentials_take_source (keys, g_strdup (source));
  end (task, keys, NULL);
  return FALSE;
}

static gboolean
try_properties (GTask *task, Search *search)
{
  KvsConfig *config = search->config;

  note (search, "properties");
  return try_pair (task, config->access_key, config->secret_key,
      config->session_token, "access-key and secret-key", "the properties");
}

/* What this element cannot do, the launcher can. */
static void
fail_unsupported (GTask *task, const char *who, const char *way)
{
  fail (task,
      g_error_new (KVS_ERROR, KVS_ERROR_CREDENTIALS,
          "%s gets its credentials by %s, which kinesiswebrtcbin does not do "
          "itself: run it with " LAUNCHER ", or put the keys into "
          "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN",
          who, way));
}

static gboolean
try_environment (GTask *task, Search *search)
{
  if (is_set (search->config->profile)) {
    note (search, "not the environment, as profile is set");
    return TRUE;
  }

  note (search, "the environment (AWS_ACCESS_KEY_ID is not set)");
  if (!try_pair (task, variable (search, "AWS_ACCESS_KEY_ID"),
          variable (search, "AWS_SECRET_ACCESS_KEY"),
          variable (search, "AWS_SESSION_TOKEN"),
          "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", "the environment"))
    return FALSE;

  if (!is_set (variable (search, "AWS_WEB_IDENTITY_TOKEN_FILE"))
      || !is_set (variable (search, "AWS_ROLE_ARN")))
    return TRUE;
  fail_unsupported (task, "This process", "AWS_WEB_IDENTITY_TOKEN_FILE");
  return FALSE;
}

/* One that trusts the user's own authorities, and `ca`; NULL when the task
 * has failed. */
static KvsTransport *
transport_for (GTask *task, Search *search, const char *ca)
{
  const char *files[] = { ca, search->config->ca_file,
    variable (search, "AWS_CA_BUNDLE") };
  const char *ca_files[G_N_ELEMENTS (files) + 1] = { NULL };
  guint count = 0;
  GError *error = NULL;
  KvsTransport *transport;

  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    if (is_set (files[i]))
      ca_files[count++] = files[i];
  }

  transport = kvs_transport_new (ca_files, search->environ, &error);
  if (transport == NULL)
    fail (task, error);
  return transport;
}

static void
iot_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;
  KvsCredentials *keys =
      kvs_iot_certificate_credentials_finish (result, &error);

  end (user_data, keys, error);
}

static gboolean
try_iot_certificate (GTask *task, Search *search)
{
  g_autoptr (KvsIotCertificate) certificate = NULL;
  g_autoptr (KvsTransport) transport = NULL;
  GError *error = NULL;

  if (!is_set (search->config->iot_certificate))
    return TRUE;

  certificate = kvs_iot_certificate_parse (search->config, &error);
  if (certificate == NULL) {
    fail (task, error);
    return FALSE;
  }

  transport = transport_for (task, search, certificate->ca);
  if (transport != NULL)
    kvs_iot_certificate_credentials_async (certificate, transport,
        g_task_get_cancellable (task), iot_done, task);
  return FALSE;
}

static void
process_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;
  KvsCredentials *keys = kvs_process_credentials_finish (result, &error);

  end (user_data, keys, error);
}

/* Keys win over a program; a role wins over both, which only lead to it. */
static gboolean
use_profile (GTask *task, KvsProfile *profile)
{
  g_autofree char *who = g_strdup_printf ("Profile %s", profile->name);
  g_autofree char *source = g_strdup_printf ("profile %s", profile->name);
  g_autofree char *names = g_strdup_printf (
      "aws_access_key_id and aws_secret_access_key in profile %s",
      profile->name);

  if (profile->assumes_role) {
    fail_unsupported (task, who, "role_arn");
    return FALSE;
  }
  if (!try_pair (task, profile->access_key, profile->secret_key,
          profile->session_token, names, source))
    return FALSE;
  if (profile->process != NULL) {
    kvs_process_credentials_async (profile->process, profile->name,
        KVS_PROCESS_LIMIT_MS, g_task_get_cancellable (task), process_done,
        task);
    return FALSE;
  }
  if (profile->unsupported == NULL)
    return TRUE;

  fail_unsupported (task, who, profile->unsupported);
  return FALSE;
}

static gboolean
try_profile (GTask *task, Search *search)
{
  GError *error = NULL;
  g_autofree char *path = kvs_profile_keys_path (search->environ, search->home);
  g_autoptr (KvsProfile) profile =
      kvs_profile_load (search->config, search->environ, search->home, &error);

  if (error != NULL) {
    fail (task, error);
    return FALSE;
  }
  if (profile == NULL) {
    note (search, "profile default in %s (there is none)", path);
    return TRUE;
  }

  note (search, "profile %s in %s (it has no keys)", profile->name, path);
  return use_profile (task, profile);
}

static void
container_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;
  KvsCredentials *keys = kvs_container_credentials_finish (result, &error);

  end (user_data, keys, error);
}

static gboolean
try_container (GTask *task, Search *search)
{
  GError *error = NULL;
  g_autoptr (KvsContainer) container =
      kvs_container_find (search->environ, &error);
  g_autoptr (KvsTransport) transport = NULL;

  if (error != NULL) {
    fail (task, error);
    return FALSE;
  }
  if (container == NULL) {
    note (search, "the container endpoint (none is set)");
    return TRUE;
  }

  transport = transport_for (task, search, NULL);
  if (transport != NULL)
    kvs_container_credentials_async (container, transport,
        g_task_get_cancellable (task), container_done, task);
  return FALSE;
}

static void
instance_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Search *search = g_task_get_task_data (task);
  GError *error = NULL;
  KvsCredentials *keys =
      kvs_instance_metadata_credentials_finish (result, &error);

  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)) {
    end (task, keys, error);
    return;
  }

  note (search, "instance metadata (%s)", error->message);
  g_error_free (error);
  go_on (task);
}

static gboolean
try_instance_metadata (GTask *task, Search *search)
{
  GError *error = NULL;
  g_autofree char *base = kvs_instance_metadata_base (search->environ, &error);
  g_autoptr (KvsTransport) transport = NULL;

  if (error != NULL) {
    fail (task, error);
    return FALSE;
  }
  if (base == NULL) {
    note (search, "instance metadata (AWS_EC2_METADATA_DISABLED is true)");
    return TRUE;
  }

  transport = transport_for (task, search, NULL);
  if (transport != NULL)
    kvs_instance_metadata_credentials_async (base, transport,
        g_task_get_cancellable (task), instance_done, task);
  return FALSE;
}
