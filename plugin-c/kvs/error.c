#include "error.h"

/* The dashes are no minus signs. */
/* clang-format off */
G_DEFINE_QUARK (kvs-error-quark, kvs_error)
/* clang-format on */

static const char *const nicks[] = {
  [KVS_ERROR_SETTINGS] = "settings",
  [KVS_ERROR_CREDENTIALS] = "credentials",
  [KVS_ERROR_PERMISSION] = "permission",
  [KVS_ERROR_REGION] = "region",
  [KVS_ERROR_CHANNEL] = "channel",
  [KVS_ERROR_CLOCK] = "clock",
  [KVS_ERROR_NETWORK] = "network",
  [KVS_ERROR_TLS] = "tls",
  [KVS_ERROR_THROTTLED] = "throttled",
  [KVS_ERROR_SERVICE] = "service",
  [KVS_ERROR_PROTOCOL] = "protocol",
  [KVS_ERROR_DISPLACED] = "displaced",
};

const char *
kvs_error_nick (KvsError code)
{
  if ((guint) code >= G_N_ELEMENTS (nicks))
    return "unknown";
  return nicks[code];
}
