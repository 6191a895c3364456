#include "endpoint.h"

#include <string.h>

#include "error.h"

static const char *
override_text (const KvsConfig *config, char **environ)
{
  static const char *const variables[] = {
    "AWS_ENDPOINT_URL_KINESIS_VIDEO",
    "AWS_ENDPOINT_URL",
  };

  if (config->endpoint != NULL && *config->endpoint != '\0')
    return config->endpoint;

  for (guint i = 0; i < G_N_ELEMENTS (variables); i++) {
    const char *value = g_environ_getenv (environ, variables[i]);

    if (value != NULL && *value != '\0')
      return value;
  }
  return NULL;
}

static gboolean
is_base_url (const char *text)
{
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_ENCODED, NULL);
  const char *scheme;

  if (uri == NULL || g_uri_get_host (uri) == NULL
      || *g_uri_get_host (uri) == '\0' || g_uri_get_query (uri) != NULL
      || g_uri_get_fragment (uri) != NULL || g_uri_get_userinfo (uri) != NULL)
    return FALSE;

  scheme = g_uri_get_scheme (uri);
  return g_str_equal (scheme, "http") || g_str_equal (scheme, "https");
}

char *
kvs_endpoint_override (const KvsConfig *config, char **environ, GError **error)
{
  const char *text = override_text (config, environ);
  gsize length;

  if (text == NULL)
    return NULL;

  if (!is_base_url (text)) {
    g_set_error (error, KVS_ERROR, KVS_ERROR_SETTINGS,
        "\"%.128s\" is not a service endpoint: it looks like "
        "https://HOST or http://HOST:PORT",
        text);
    return NULL;
  }

  for (length = strlen (text); text[length - 1] == '/'; length--)
    ;
  return g_strndup (text, length);
}

/* AWS partitions differ in their DNS suffix; GovCloud shares the standard one. */
static const char *
dns_suffix (const char *region, gboolean dual_stack)
{
  gboolean china = g_str_has_prefix (region, "cn-");

  if (dual_stack)
    return china ? "api.amazonwebservices.com.cn" : "api.aws";
  return china ? "amazonaws.com.cn" : "amazonaws.com";
}

char *
kvs_endpoint_default (const char *region, gboolean dual_stack, gboolean fips)
{
  return g_strdup_printf ("https://kinesisvideo%s.%s.%s", fips ? "-fips" : "",
      region, dns_suffix (region, dual_stack));
}

char *
kvs_endpoint_stun (const char *region, gboolean dual_stack, gboolean fips)
{
  return g_strdup_printf ("%s:stun.kinesisvideo%s.%s.%s:443",
      fips ? "stuns" : "stun", fips ? "-fips" : "", region,
      dns_suffix (region, dual_stack));
}
