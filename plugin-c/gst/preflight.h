/* What can be checked before anything starts. */
#pragma once

#include <gst/gst.h>

#include "config.h"

G_BEGIN_DECLS

/* The channel's name and what else must be legal; KVS_ERROR_SETTINGS otherwise. */
gboolean gst_kvs_preflight_check_config (const KvsConfig *config,
    GError **error);

/* The elements that are needed whatever is sent; GST_CORE_ERROR_MISSING_PLUGIN with the package to install. */
gboolean gst_kvs_preflight_check_plugins (GError **error);

G_END_DECLS
