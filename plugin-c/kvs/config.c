#include "config.h"

#include "secret.h"

static char *
copy_string (const char *text)
{
  return text != NULL && *text != '\0' ? g_strdup (text) : NULL;
}

KvsConfig *
kvs_config_copy (const KvsConfig *config)
{
  KvsConfig *copy;

  g_return_val_if_fail (config != NULL, NULL);

  copy = g_new0 (KvsConfig, 1);
  copy->channel = copy_string (config->channel);
  copy->region = copy_string (config->region);
  copy->role = config->role;
  copy->client_id = copy_string (config->client_id);
  copy->create_channel = config->create_channel;
  copy->access_key = copy_string (config->access_key);
  copy->secret_key = copy_string (config->secret_key);
  copy->session_token = copy_string (config->session_token);
  copy->profile = copy_string (config->profile);
  copy->iot_certificate = copy_string (config->iot_certificate);
  copy->iot_thing_name = copy_string (config->iot_thing_name);
  copy->endpoint = copy_string (config->endpoint);
  copy->ca_file = copy_string (config->ca_file);
  copy->dual_stack = config->dual_stack;
  copy->fips = config->fips;

  return copy;
}

void
kvs_config_free (KvsConfig *config)
{
  if (config == NULL)
    return;

  kvs_secret_free (config->access_key);
  kvs_secret_free (config->secret_key);
  kvs_secret_free (config->session_token);
  g_free (config->channel);
  g_free (config->region);
  g_free (config->client_id);
  g_free (config->profile);
  g_free (config->iot_certificate);
  g_free (config->iot_thing_name);
  g_free (config->endpoint);
  g_free (config->ca_file);
  g_free (config);
}

void
kvs_config_set_credentials (KvsConfig *config, const char *access_key,
    const char *secret_key, const char *session_token)
{
  kvs_secret_set (&config->access_key, access_key);
  kvs_secret_set (&config->secret_key, secret_key);
  kvs_secret_set (&config->session_token, session_token);
}
