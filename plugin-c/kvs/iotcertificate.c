#include "iotcertificate.h"

#include <gst/gst.h>
#include <string.h>

#include "arn.h"
#include "credentialsanswer.h"
#include "error.h"
#include "fetch.h"

#define LIMIT_MS 10000
#define ATTEMPTS 3
#define THING_HEADER "x-amzn-iot-thingname"

static void fetched (GObject *source, GAsyncResult *result, gpointer user_data);

void
kvs_iot_certificate_free (KvsIotCertificate *self)
{
  if (self == NULL)
    return;

  g_free (self->endpoint);
  g_free (self->certificate);
  g_free (self->key);
  g_free (self->ca);
  g_free (self->role_alias);
  g_free (self->thing_name);
  g_free (self);
}

/* A name of digits only is a number to the parser of structures. */
static char *
field (GstStructure *structure, const char *name)
{
  const GValue *value = gst_structure_get_value (structure, name);

  if (value == NULL)
    return NULL;
  if (G_VALUE_HOLDS_STRING (value))
    return g_value_dup_string (value);
  return gst_value_serialize (value);
}

/* Of things and of role aliases, by IoT's rules; both go into the request. */
static gboolean
is_name (const char *text, const char *others)
{
  for (const char *c = text; *c != '\0'; c++) {
    if (!g_ascii_isalnum (*c) && strchr (others, *c) == NULL)
      return FALSE;
  }
  return *text != '\0' && strlen (text) <= 128;
}

/* "https://" is in some guides' examples; the path is ours. */
static char *
bare_endpoint (const char *text)
{
  g_autofree char *url = NULL;
  g_autoptr (GUri) uri = NULL;

  if (g_ascii_strncasecmp (text, "https://", 8) == 0)
    text += 8;
  url = g_strconcat ("https://", text, NULL);
  uri = g_uri_parse (url, G_URI_FLAGS_ENCODED | G_URI_FLAGS_HAS_PASSWORD, NULL);
  if (uri == NULL || g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == 0
      || g_uri_get_userinfo (uri) != NULL || g_uri_get_query (uri) != NULL
      || g_uri_get_fragment (uri) != NULL
      || strspn (g_uri_get_path (uri), "/") != strlen (g_uri_get_path (uri)))
    return NULL;

  return g_strndup (text, strcspn (text, "/"));
}

static gboolean
fail (GError **error, const char *what)
{
  g_set_error (error, KVS_ERROR, KVS_ERROR_SETTINGS,
      "iot-certificate cannot be used: %s; it is written "
      "iot-certificate,endpoint=HOST,cert-path=FILE,key-path=FILE,"
      "ca-path=FILE,role-aliases=NAME",
      what);
  return FALSE;
}

static gboolean
read_fields (KvsIotCertificate *self, GstStructure *structure, GError **error)
{
  g_autofree char *endpoint = field (structure, "endpoint");

  self->certificate = field (structure, "cert-path");
  self->key = field (structure, "key-path");
  self->ca = field (structure, "ca-path");
  self->role_alias = field (structure, "role-aliases");
  self->thing_name = field (structure, "iot-thing-name");
  if (endpoint == NULL)
    return fail (error, "it names no endpoint");
  if (self->certificate == NULL)
    return fail (error, "it names no cert-path");
  if (self->key == NULL)
    return fail (error, "it names no key-path");
  if (self->role_alias == NULL)
    return fail (error, "it names no role-aliases");

  self->endpoint = bare_endpoint (endpoint);
  if (self->endpoint == NULL)
    return fail (error, "its endpoint is no host");
  if (!is_name (self->role_alias, "_=,@-"))
    return fail (error, "its role-aliases is no name of a role alias");
  return TRUE;
}

static void
find_thing_name (KvsIotCertificate *self, const KvsConfig *config)
{
  if (config->iot_thing_name != NULL && *config->iot_thing_name != '\0') {
    g_free (self->thing_name);
    self->thing_name = g_strdup (config->iot_thing_name);
  }
  if (self->thing_name != NULL || config->channel == NULL)
    return;

  if (!kvs_arn_is_arn (config->channel))
    self->thing_name = g_strdup (config->channel);
  else
    kvs_arn_parse (config->channel, NULL, &self->thing_name, NULL);
}

KvsIotCertificate *
kvs_iot_certificate_parse (const KvsConfig *config, GError **error)
{
  g_autoptr (KvsIotCertificate) self = g_new0 (KvsIotCertificate, 1);
  g_autoptr (GstStructure) structure = NULL;

  if (g_utf8_validate (config->iot_certificate, -1, NULL))
    structure = gst_structure_from_string (config->iot_certificate, NULL);
  if (structure == NULL) {
    fail (error, "it is no structure");
    return NULL;
  }
  if (!read_fields (self, structure, error))
    return NULL;

  find_thing_name (self, config);
  if (self->thing_name == NULL || !is_name (self->thing_name, ":_.-")) {
    g_set_error_literal (error, KVS_ERROR, KVS_ERROR_SETTINGS,
        "iot-certificate has no legal thing name: set iot-thing-name to 1 to "
        "128 letters, digits, \":\", \"_\" or \"-\"");
    return NULL;
  }

  return g_steal_pointer (&self);
}

/* What words need of it. */
static KvsIotCertificate *
copy (const KvsIotCertificate *self)
{
  KvsIotCertificate *copy = g_new0 (KvsIotCertificate, 1);

  copy->endpoint = g_strdup (self->endpoint);
  copy->role_alias = g_strdup (self->role_alias);
  copy->thing_name = g_strdup (self->thing_name);
  return copy;
}

static GTlsCertificate *
load_certificate (const KvsIotCertificate *self, GError **error)
{
  g_autoptr (GError) cause = NULL;
  GTlsCertificate *certificate =
      g_tls_certificate_new_from_files (self->certificate, self->key, &cause);

  if (certificate == NULL)
    g_set_error (error, KVS_ERROR, KVS_ERROR_SETTINGS,
        "The device's certificate and key cannot be used (%s): name PEM files "
        "in cert-path (%s) and key-path (%s) of iot-certificate",
        cause->message, self->certificate, self->key);
  return certificate;
}

void
kvs_iot_certificate_credentials_async (const KvsIotCertificate *self,
    KvsTransport *transport, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  g_autofree char *alias = g_uri_escape_string (self->role_alias, NULL, FALSE);
  g_autofree char *url =
      g_strdup_printf ("https://%s/role-aliases/%s/credentials", self->endpoint,
          alias);
  g_autoptr (GTlsCertificate) certificate = NULL;
  KvsFetch fetch = { .method = "GET",
    .url = url,
    .headers = { THING_HEADER, self->thing_name },
    .attempts = ATTEMPTS,
    .limit_ms = LIMIT_MS };
  GError *error = NULL;

  g_task_set_source_tag (task, kvs_iot_certificate_credentials_async);
  g_task_set_task_data (task, copy (self),
      (GDestroyNotify) kvs_iot_certificate_free);

  certificate = load_certificate (self, &error);
  if (certificate == NULL) {
    g_task_return_error (task, error);
    g_object_unref (task);
    return;
  }

  fetch.certificate = certificate;
  kvs_fetch_async (transport, &fetch, cancellable, fetched, task);
}

static KvsCredentials *
read_keys (const KvsIotCertificate *settings, const KvsAnswer *answer,
    GError **error)
{
  if (!kvs_answer_is_success (answer)) {
    g_set_error (error, KVS_ERROR, KVS_ERROR_CREDENTIALS,
        "it answered %u%s%s: check that the certificate is active, attached "
        "to thing %s, and allowed iot:AssumeRoleWithCertificate on role "
        "alias %s",
        answer->status, answer->error_text != NULL ? " " : "",
        answer->error_text != NULL ? answer->error_text : "",
        settings->thing_name, settings->role_alias);
    return NULL;
  }

  return kvs_credentials_from_body (KVS_CREDENTIALS_OF_IOT, answer->body,
      g_strdup_printf ("the IoT role alias %s", settings->role_alias), error);
}

static void
fetched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  KvsIotCertificate *settings = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (KvsAnswer) answer = kvs_fetch_finish (result, &error);
  KvsCredentials *keys = NULL;

  if (answer != NULL)
    keys = read_keys (settings, answer, &error);
  kvs_credentials_return (task, keys, "the IoT endpoint", settings->endpoint,
      error);
}

KvsCredentials *
kvs_iot_certificate_credentials_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
