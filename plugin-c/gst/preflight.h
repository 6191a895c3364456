/* What can be checked before anything starts. */
#pragma once

#include <gst/gst.h>

#include "config.h"

G_BEGIN_DECLS

/* The channel's name and what else must be legal; KVS_ERROR_SETTINGS otherwise. */
gboolean gst_kvs_preflight_check_config (const KvsConfig *config,
    GError **error);

/* The elements every peer needs; GST_CORE_ERROR_MISSING_PLUGIN with the package to install. */
gboolean gst_kvs_preflight_check_plugins (GError **error);

/**
 * gst_kvs_preflight_warm_up:
 * Loads plugins and makes the process's DTLS certificate in the background,
 * once: the first webrtcbin would spend most of a second on them, at the cost
 * of the first viewer. Returns at once.
 */
void gst_kvs_preflight_warm_up (void);

/**
 * gst_kvs_preflight_cool_down:
 * Waits for the warm-up to end, at READY to NULL: a process that exits while
 * a key is being made has OpenSSL taken down under it.
 */
void gst_kvs_preflight_cool_down (void);

G_END_DECLS
