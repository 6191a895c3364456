/* Channel names and channel ARNs. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Whether `channel` is meant as an ARN (legal or not) and not as a name. */
gboolean kvs_arn_is_arn (const char *channel);

/**
 * kvs_arn_parse:
 * Takes `arn:<partition>:kinesisvideo:<region>:<account>:channel/<name>/<time>`
 * apart. Errors: KVS_ERROR_SETTINGS. The out strings are the caller's; either
 * may be NULL.
 */
gboolean kvs_arn_parse (const char *arn, char **region, char **name,
    GError **error);

/* A channel name: 1 to 256 of [a-zA-Z0-9_.-]. Errors: KVS_ERROR_SETTINGS. */
gboolean kvs_channel_name_check (const char *name, GError **error);

G_END_DECLS
