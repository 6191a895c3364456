#include "api.h"

#include <string.h>

#include "arn.h"
#include "error.h"
#include "iceserver.h"
#include "json.h"

#define ANSWER_MAX (256 * 1024)
#define MESSAGE_TTL_SECONDS 60 /* the service's own default */
#define ICE_SERVERS_MAX 16
#define ICE_URIS_MAX 16

/* "TURN credentials live 5 min": quota page. */
#define ICE_TTL_DEFAULT 300
#define ICE_TTL_MIN 1
#define ICE_TTL_MAX 86400

static JsonBuilder *
begin (void)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  return builder;
}

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static char *
end (JsonBuilder *builder)
{
  json_builder_end_object (builder);
  return kvs_json_print (builder);
}

char *
kvs_api_describe_body (const char *channel)
{
  JsonBuilder *builder = begin ();

  add_string (builder, kvs_arn_is_arn (channel) ? "ChannelARN" : "ChannelName",
      channel);
  return end (builder);
}

char *
kvs_api_create_body (const char *name)
{
  JsonBuilder *builder = begin ();

  add_string (builder, "ChannelName", name);
  add_string (builder, "ChannelType", "SINGLE_MASTER");
  json_builder_set_member_name (builder, "SingleMasterConfiguration");
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "MessageTtlSeconds");
  json_builder_add_int_value (builder, MESSAGE_TTL_SECONDS);
  json_builder_end_object (builder);
  return end (builder);
}

char *
kvs_api_endpoint_body (const char *arn, KvsRole role)
{
  JsonBuilder *builder = begin ();

  add_string (builder, "ChannelARN", arn);
  json_builder_set_member_name (builder,
      "SingleMasterChannelEndpointConfiguration");
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "Protocols");
  json_builder_begin_array (builder);
  json_builder_add_string_value (builder, "WSS");
  json_builder_add_string_value (builder, "HTTPS");
  json_builder_end_array (builder);
  add_string (builder, "Role", role == KVS_ROLE_MASTER ? "MASTER" : "VIEWER");
  json_builder_end_object (builder);
  return end (builder);
}

char *
kvs_api_ice_body (const char *arn, const char *client_id)
{
  JsonBuilder *builder = begin ();

  add_string (builder, "ChannelARN", arn);
  add_string (builder, "ClientId", client_id);
  add_string (builder, "Service", "TURN");
  return end (builder);
}

static gboolean
fail (GError **error, const char *call, const char *why)
{
  g_set_error (error, KVS_ERROR, KVS_ERROR_PROTOCOL,
      "The answer of %s makes no sense: %s", call, why);
  return FALSE;
}

static JsonNode *
parse (const char *data, gsize length, const char *call, GError **error)
{
  JsonNode *node = kvs_json_parse (data, length, ANSWER_MAX, error);

  if (node == NULL)
    g_prefix_error (error, "The answer of %s makes no sense: ", call);
  return node;
}

static char *
read_arn (JsonObject *object, const char *call, GError **error)
{
  const char *arn = kvs_json_string (object, "ChannelARN");

  if (arn == NULL || !kvs_arn_parse (arn, NULL, NULL, NULL)) {
    fail (error, call, "there is no channel ARN in it");
    return NULL;
  }
  return g_strdup (arn);
}

static KvsChannelStatus
read_status (JsonObject *info)
{
  const char *status = kvs_json_string (info, "ChannelStatus");

  if (g_strcmp0 (status, "CREATING") == 0)
    return KVS_CHANNEL_CREATING;
  if (g_strcmp0 (status, "DELETING") == 0)
    return KVS_CHANNEL_DELETING;
  return KVS_CHANNEL_ACTIVE;
}

gboolean
kvs_api_parse_describe (const char *data, gsize length, char **arn,
    KvsChannelStatus *status, GError **error)
{
  const char *call = "DescribeSignalingChannel";
  g_autoptr (JsonNode) node = parse (data, length, call, error);
  JsonObject *info;

  if (node == NULL)
    return FALSE;

  info = kvs_json_object (json_node_get_object (node), "ChannelInfo");
  if (info == NULL)
    return fail (error, call, "there is no ChannelInfo in it");

  *status = read_status (info);
  *arn = read_arn (info, call, error);
  return *arn != NULL;
}

static gboolean
is_endpoint (const char *text, const char *safe, const char *plain,
    gboolean allow_plain)
{
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_ENCODED, NULL);
  const char *scheme, *host;

  if (uri == NULL || g_uri_get_query (uri) != NULL)
    return FALSE;

  scheme = g_uri_get_scheme (uri);
  host = g_uri_get_host (uri);
  return host != NULL && *host != '\0'
      && (g_str_equal (scheme, safe)
          || (allow_plain && g_str_equal (scheme, plain)));
}

static char *
without_slash (const char *url)
{
  gsize length = strlen (url);

  while (length > 0 && url[length - 1] == '/')
    length--;
  return g_strndup (url, length);
}

static void
take_endpoint (JsonObject *entry, gboolean allow_plain, char **https,
    char **wss)
{
  const char *protocol = kvs_json_string (entry, "Protocol");
  const char *url = kvs_json_string (entry, "ResourceEndpoint");

  if (protocol == NULL || url == NULL)
    return;

  if (*https == NULL && g_str_equal (protocol, "HTTPS")
      && is_endpoint (url, "https", "http", allow_plain))
    *https = without_slash (url);
  else if (*wss == NULL && g_str_equal (protocol, "WSS")
      && is_endpoint (url, "wss", "ws", allow_plain))
    *wss = without_slash (url);
}

gboolean
kvs_api_parse_endpoints (const char *data, gsize length, gboolean allow_plain,
    char **https, char **wss, GError **error)
{
  const char *call = "GetSignalingChannelEndpoint";
  g_autoptr (JsonNode) node = parse (data, length, call, error);
  g_autofree char *https_url = NULL, *wss_url = NULL;
  JsonArray *list;

  if (node == NULL)
    return FALSE;

  list = kvs_json_array (json_node_get_object (node), "ResourceEndpointList");
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++) {
    JsonObject *entry = kvs_json_element_object (list, i);

    if (entry != NULL)
      take_endpoint (entry, allow_plain, &https_url, &wss_url);
  }

  if (https_url == NULL || wss_url == NULL)
    return fail (error, call, "there is no usable HTTPS or WSS endpoint in it");

  *https = g_steal_pointer (&https_url);
  *wss = g_steal_pointer (&wss_url);
  return TRUE;
}

static gboolean
is_turn_uri (const char *uri)
{
  return g_str_has_prefix (uri, "turn:") || g_str_has_prefix (uri, "turns:");
}

static char **
read_uris (JsonObject *entry)
{
  JsonArray *list = kvs_json_array (entry, "Uris");
  g_autoptr (GStrvBuilder) uris = g_strv_builder_new ();
  guint count = list != NULL ? json_array_get_length (list) : 0;

  for (guint i = 0; i < MIN (count, ICE_URIS_MAX); i++) {
    const char *uri = kvs_json_element_string (list, i);

    if (uri != NULL && is_turn_uri (uri))
      g_strv_builder_add (uris, uri);
  }

  return g_strv_builder_end (uris);
}

static void
take_ice_server (JsonObject *entry, GPtrArray *servers, guint *ttl)
{
  g_auto (GStrv) uris = read_uris (entry);
  gint64 seconds = kvs_json_int (entry, "Ttl", ICE_TTL_DEFAULT);

  if (*uris == NULL)
    return;

  *ttl = MIN (*ttl, (guint) CLAMP (seconds, ICE_TTL_MIN, ICE_TTL_MAX));
  g_ptr_array_add (servers,
      kvs_ice_server_new ((const char *const *) uris,
          kvs_json_string (entry, "Username"),
          kvs_json_string (entry, "Password")));
}

GPtrArray *
kvs_api_parse_ice (const char *data, gsize length, guint *ttl, GError **error)
{
  const char *call = "GetIceServerConfig";
  g_autoptr (JsonNode) node = parse (data, length, call, error);
  g_autoptr (GPtrArray) servers = NULL;
  JsonArray *list;

  if (node == NULL)
    return NULL;

  list = kvs_json_array (json_node_get_object (node), "IceServerList");
  if (list == NULL) {
    fail (error, call, "there is no IceServerList in it");
    return NULL;
  }

  *ttl = ICE_TTL_MAX;
  servers =
      g_ptr_array_new_with_free_func ((GDestroyNotify) kvs_ice_server_free);
  for (guint i = 0; i < MIN (json_array_get_length (list), ICE_SERVERS_MAX);
       i++) {
    JsonObject *entry = kvs_json_element_object (list, i);

    if (entry != NULL)
      take_ice_server (entry, servers, ttl);
  }
  if (servers->len == 0)
    *ttl = ICE_TTL_DEFAULT;

  return g_steal_pointer (&servers);
}
