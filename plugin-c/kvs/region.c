#include "region.h"

#include <string.h>

#include "arn.h"
#include "error.h"

#define REGION_MAX_LENGTH 63 /* it becomes a DNS label */

static gboolean
is_set (const char *value)
{
  return value != NULL && *value != '\0';
}

/* From the property or the ARN; NULL without an error when neither says. */
static char *
explicit_region (const KvsConfig *config, GError **error)
{
  g_autofree char *of_arn = NULL;

  if (!is_set (config->channel) || !kvs_arn_is_arn (config->channel))
    return is_set (config->region) ? g_strdup (config->region) : NULL;

  if (!kvs_arn_parse (config->channel, &of_arn, NULL, error))
    return NULL;

  if (is_set (config->region) && !g_str_equal (config->region, of_arn)) {
    g_set_error (error, KVS_ERROR, KVS_ERROR_SETTINGS,
        "region is %s, but the channel's ARN is of %s: leave one of them out",
        config->region, of_arn);
    return NULL;
  }

  return g_steal_pointer (&of_arn);
}

static const char *
implicit_region (char **environ, const KvsProfile *profile)
{
  static const char *const variables[] = { "AWS_REGION", "AWS_DEFAULT_REGION" };

  for (guint i = 0; i < G_N_ELEMENTS (variables); i++) {
    const char *value = g_environ_getenv (environ, variables[i]);

    if (is_set (value))
      return value;
  }

  return profile != NULL ? profile->region : NULL;
}

/* A region becomes part of a host name and of a signature. */
static gboolean
check (const char *region, GError **error)
{
  gsize length = strspn (region, G_CSET_a_2_z G_CSET_DIGITS "-");

  if (region[length] == '\0' && length <= REGION_MAX_LENGTH && *region != '-'
      && strchr (region, '-') != NULL)
    return TRUE;

  g_set_error (error, KVS_ERROR, KVS_ERROR_REGION,
      "\"%.64s\" is not an AWS region: it looks like eu-west-1", region);
  return FALSE;
}

char *
kvs_region_find (const KvsConfig *config, char **environ,
    const KvsProfile *profile, GError **error)
{
  GError *failure = NULL;
  g_autofree char *region = explicit_region (config, &failure);

  if (failure != NULL) {
    g_propagate_error (error, failure);
    return NULL;
  }

  if (region == NULL)
    region = g_strdup (implicit_region (environ, profile));
  if (region == NULL) {
    g_set_error (error, KVS_ERROR, KVS_ERROR_REGION,
        "No AWS region for channel %s: set the region property or AWS_REGION",
        config->channel);
    return NULL;
  }

  return check (region, error) ? g_steal_pointer (&region) : NULL;
}
