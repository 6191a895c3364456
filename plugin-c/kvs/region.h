/* Which AWS region a channel is in. */
#pragma once

#include <gio/gio.h>

#include "config.h"
#include "profile.h"

G_BEGIN_DECLS

/**
 * kvs_region_find:
 * @profile: (nullable)
 *
 * The property; else the region in the channel's ARN, which cannot be wrong;
 * else AWS_REGION, AWS_DEFAULT_REGION, the profile.
 *
 * Errors: KVS_ERROR_REGION when there is none or it is not spelt as one,
 * KVS_ERROR_SETTINGS when property and ARN disagree or the ARN is not one.
 */
char *kvs_region_find (const KvsConfig *config, char **environ,
    const KvsProfile *profile, GError **error);

G_END_DECLS
