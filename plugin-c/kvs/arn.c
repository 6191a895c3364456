#include "arn.h"

#include <string.h>

#include "error.h"

/* CreateSignalingChannel, request syntax: ChannelName. */
#define NAME_MAX_LENGTH 256

enum {
  ARN,
  PARTITION,
  SERVICE,
  REGION,
  ACCOUNT,
  RESOURCE,
  N_PARTS
};

gboolean
kvs_arn_is_arn (const char *channel)
{
  return g_str_has_prefix (channel, "arn:");
}

static gboolean
is_name (const char *name)
{
  gsize length = strspn (name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_.-");

  return length > 0 && name[length] == '\0' && length <= NAME_MAX_LENGTH;
}

gboolean
kvs_channel_name_check (const char *name, GError **error)
{
  if (is_name (name))
    return TRUE;

  g_set_error (error, KVS_ERROR, KVS_ERROR_SETTINGS,
      "\"%.64s\" is not a legal channel name: use 1 to %d letters, digits, "
      "\"_\", \".\" or \"-\", or a channel ARN",
      name, NAME_MAX_LENGTH);
  return FALSE;
}

static gboolean
are_parts_legal (char **parts, char **resource)
{
  return g_strv_length (parts) == N_PARTS && g_str_equal (parts[ARN], "arn")
      && g_str_equal (parts[SERVICE], "kinesisvideo") && *parts[REGION] != '\0'
      && g_strv_length (resource) == 3 && g_str_equal (resource[0], "channel")
      && is_name (resource[1]) && *resource[2] != '\0';
}

gboolean
kvs_arn_parse (const char *arn, char **region, char **name, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (arn, ":", N_PARTS);
  g_auto (GStrv) resource = NULL;

  if (g_strv_length (parts) == N_PARTS)
    resource = g_strsplit (parts[RESOURCE], "/", -1);

  if (resource == NULL || !are_parts_legal (parts, resource)) {
    g_set_error (error, KVS_ERROR, KVS_ERROR_SETTINGS,
        "\"%.128s\" is not the ARN of a signaling channel: it looks like "
        "arn:aws:kinesisvideo:REGION:ACCOUNT:channel/NAME/NUMBER",
        arn);
    return FALSE;
  }

  if (region != NULL)
    *region = g_strdup (parts[REGION]);
  if (name != NULL)
    *name = g_strdup (resource[1]);
  return TRUE;
}
