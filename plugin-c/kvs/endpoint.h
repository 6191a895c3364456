/* Hosts of the service. */
#pragma once

#include <gio/gio.h>

#include "config.h"

G_BEGIN_DECLS

/**
 * kvs_endpoint_override:
 * The control plane a user named: the property, AWS_ENDPOINT_URL_KINESIS_VIDEO,
 * AWS_ENDPOINT_URL. NULL without an error when none did. No trailing slash.
 *
 * Errors: KVS_ERROR_SETTINGS when it is not an http or https URL.
 */
char *kvs_endpoint_override (const KvsConfig *config, char **environ,
    GError **error);

/* AWS's own control plane: "https://kinesisvideo.eu-west-1.amazonaws.com". */
char *kvs_endpoint_default (const char *region, gboolean dual_stack,
    gboolean fips);

/* AWS's own STUN server, as a URI ("stun:...:443"). */
char *kvs_endpoint_stun (const char *region, gboolean dual_stack,
    gboolean fips);

G_END_DECLS
