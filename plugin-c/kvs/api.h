/* The REST calls as text: bodies out, answers in. */
#pragma once

#include <gio/gio.h>

#include "config.h"

G_BEGIN_DECLS

#define KVS_API_DESCRIBE_PATH "/describeSignalingChannel"
#define KVS_API_CREATE_PATH "/createSignalingChannel"
#define KVS_API_ENDPOINT_PATH "/getSignalingChannelEndpoint"
#define KVS_API_ICE_PATH "/v1/get-ice-server-config"

/* Bodies; `channel` is a name or an ARN. */
char *kvs_api_describe_body (const char *channel);
char *kvs_api_create_body (const char *name);
char *kvs_api_endpoint_body (const char *arn, KvsRole role);
char *kvs_api_ice_body (const char *arn, const char *client_id);

typedef enum {
  KVS_CHANNEL_ACTIVE, /* or UPDATING: it works meanwhile */
  KVS_CHANNEL_CREATING,
  KVS_CHANNEL_DELETING,
} KvsChannelStatus;

/* All below: errors are KVS_ERROR_PROTOCOL and name the call. */

/* Answer of DescribeSignalingChannel. */
gboolean kvs_api_parse_describe (const char *data, gsize length, char **arn,
    KvsChannelStatus *status, GError **error);

/**
 * kvs_api_parse_endpoints:
 * @allow_plain: whether http and ws will do (a local service)
 *
 * Answer of GetSignalingChannelEndpoint, without trailing slashes.
 */
gboolean kvs_api_parse_endpoints (const char *data, gsize length,
    gboolean allow_plain, char **https, char **wss, GError **error);

/**
 * kvs_api_parse_ice:
 * @ttl: seconds the shortest-lived credentials are good for
 *
 * Answer of GetIceServerConfig: a GPtrArray of KvsIceServer (transfer full).
 * Entries without URIs, and URIs that are not turn: or turns:, are left out.
 */
GPtrArray *kvs_api_parse_ice (const char *data, gsize length, guint *ttl,
    GError **error);

G_END_DECLS
