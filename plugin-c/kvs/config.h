/* What the signaling side is told, as one value. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  KVS_ROLE_MASTER,
  KVS_ROLE_VIEWER,
} KvsRole;

/**
 * KvsConfig:
 * A plain value, copied from the element's properties once, at READY to
 * PAUSED, and owned whole by the signaller afterwards. Strings may be NULL
 * where the element was told nothing: the signaller then looks where AWS
 * tools look (environment, shared files). An empty string counts as NULL.
 */
typedef struct {
  char *channel; /* channel name or ARN; required */
  char *region;
  KvsRole role;
  char *client_id; /* never NULL: the element makes a UUID */
  gboolean create_channel;
  char *access_key;
  char *secret_key;
  char *session_token;
  char *profile;
  char *iot_certificate; /* see kvs_iot_certificate_parse */
  char *iot_thing_name;
  char *endpoint; /* control plane override, http(s)://host[:port] */
  char *ca_file;  /* PEM bundle; beside AWS_CA_BUNDLE */
  gboolean dual_stack;
  gboolean fips;
} KvsConfig;

KvsConfig *kvs_config_copy (const KvsConfig *config);
void kvs_config_free (KvsConfig *config); /* wipes the secrets first */

/* Replaces the explicit keys, wiping the old ones. */
void kvs_config_set_credentials (KvsConfig *config, const char *access_key,
    const char *secret_key, const char *session_token);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvsConfig, kvs_config_free)

G_END_DECLS
