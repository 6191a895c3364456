#include "access.h"

#include <string.h>

#include "arn.h"
#include "endpoint.h"
#include "error.h"
#include "region.h"

#define CLIENT_ID_MAX 256

static void keys_found (GObject *source, GAsyncResult *result,
    gpointer user_data);

void
kvs_access_free (KvsAccess *access)
{
  if (access == NULL)
    return;

  g_free (access->region);
  g_free (access->base);
  g_free (access->stun_uri);
  g_clear_object (&access->keys);
  g_clear_object (&access->transport);
  g_free (access);
}

static gboolean
check_channel (const KvsConfig *config, GError **error)
{
  if (config->channel == NULL || *config->channel == '\0') {
    g_set_error_literal (error, KVS_ERROR, KVS_ERROR_SETTINGS,
        "No channel: set the channel property to a channel's name or ARN");
    return FALSE;
  }

  if (kvs_arn_is_arn (config->channel))
    return kvs_arn_parse (config->channel, NULL, NULL, error);
  return kvs_channel_name_check (config->channel, error);
}

static gboolean
check_client_id (const KvsConfig *config, GError **error)
{
  const char *id = config->client_id != NULL ? config->client_id : "";
  gsize length = strspn (id, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_.-");

  if (length > 0 && id[length] == '\0' && length <= CLIENT_ID_MAX
      && !g_str_has_prefix (id, "AWS_"))
    return TRUE;

  g_set_error (error, KVS_ERROR, KVS_ERROR_SETTINGS,
      "\"%.64s\" is not a legal client-id: use 1 to %d letters, digits, "
      "\"_\", \".\" or \"-\", not beginning with AWS_",
      id, CLIENT_ID_MAX);
  return FALSE;
}

static KvsTransport *
find_transport (const KvsConfig *config, char **environ, GError **error)
{
  const char *bundle = g_environ_getenv (environ, "AWS_CA_BUNDLE");
  const char *files[3] = { NULL };
  guint count = 0;

  if (config->ca_file != NULL && *config->ca_file != '\0')
    files[count++] = config->ca_file;
  if (bundle != NULL && *bundle != '\0')
    files[count++] = bundle;

  return kvs_transport_new (files, environ, error);
}

static gboolean
find_hosts (KvsAccess *access, const KvsConfig *config, char **environ,
    GError **error)
{
  GError *failure = NULL;

  access->base = kvs_endpoint_override (config, environ, &failure);
  if (failure != NULL) {
    g_propagate_error (error, failure);
    return FALSE;
  }
  if (access->base != NULL)
    return TRUE;

  access->is_regional = TRUE;
  access->base =
      kvs_endpoint_default (access->region, config->dual_stack, config->fips);
  access->stun_uri =
      kvs_endpoint_stun (access->region, config->dual_stack, config->fips);
  return TRUE;
}

/* Everything but the keys. */
static KvsAccess *
find_where (const KvsConfig *config, char **environ, const KvsProfile *profile,
    GError **error)
{
  g_autoptr (KvsAccess) access = g_new0 (KvsAccess, 1);

  if (!check_channel (config, error) || !check_client_id (config, error))
    return NULL;

  access->region = kvs_region_find (config, environ, profile, error);
  if (access->region == NULL || !find_hosts (access, config, environ, error))
    return NULL;

  access->transport = find_transport (config, environ, error);
  if (access->transport == NULL)
    return NULL;

  return g_steal_pointer (&access);
}

typedef struct {
  KvsAccess *access;
} Finding;

static void
finding_free (Finding *finding)
{
  kvs_access_free (finding->access);
  g_free (finding);
}

/* Where a profile was asked for and is not there, that is the reason to tell. */
static KvsAccess *
find_where_by_profile (const KvsConfig *config, char **environ,
    const char *home, GError **error)
{
  g_autoptr (GError) cause = NULL, missing = NULL;
  g_autoptr (KvsProfile) profile =
      kvs_profile_load (config, environ, home, &missing);
  KvsAccess *access = find_where (config, environ, profile, &cause);

  if (access != NULL)
    return access;

  if (g_error_matches (cause, KVS_ERROR, KVS_ERROR_REGION) && missing != NULL)
    g_propagate_error (error, g_steal_pointer (&missing));
  else
    g_propagate_error (error, g_steal_pointer (&cause));
  return NULL;
}

void
kvs_access_find_async (const KvsConfig *config, char **environ,
    const char *home, GCancellable *cancellable, GAsyncReadyCallback callback,
    gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  GError *error = NULL;
  KvsAccess *access = find_where_by_profile (config, environ, home, &error);
  Finding *finding;

  g_task_set_source_tag (task, kvs_access_find_async);
  if (access == NULL) {
    g_task_return_error (task, error);
    g_object_unref (task);
    return;
  }

  finding = g_new0 (Finding, 1);
  finding->access = access;
  g_task_set_task_data (task, finding, (GDestroyNotify) finding_free);
  access->keys = kvs_keys_new (config, environ, home, cancellable);
  kvs_keys_refresh_async (access->keys, keys_found, task);
}

static void
keys_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Finding *finding = g_task_get_task_data (task);
  GError *error = NULL;

  if (!kvs_keys_refresh_finish (KVS_KEYS (source), result, &error))
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_steal_pointer (&finding->access),
        (GDestroyNotify) kvs_access_free);
}

KvsAccess *
kvs_access_find_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
