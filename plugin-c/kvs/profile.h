/* One profile of AWS's shared files. */
#pragma once

#include <gio/gio.h>

#include "config.h"

G_BEGIN_DECLS

/**
 * KvsProfile:
 * What the two shared files say about one profile. Strings are NULL where
 * they say nothing.
 */
typedef struct {
  char *name;
  char *access_key;
  char *secret_key;
  char *session_token;
  char *region;
  char *process;     /* credential_process */
  char *unsupported; /* the key naming a way we cannot go, e.g. "role_arn" */
  gboolean assumes_role; /* the keys beside it are only a means to that */
} KvsProfile;

void kvs_profile_free (KvsProfile *profile);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvsProfile, kvs_profile_free)

/**
 * kvs_profile_parse:
 * @credentials: contents of the credentials file, or NULL
 * @config: contents of the config file, or NULL
 *
 * Keys of the credentials file win over those of the config file.
 *
 * Returns: (transfer full) (nullable): NULL when neither file has the profile.
 */
KvsProfile *kvs_profile_parse (const char *name, const char *credentials,
    gsize credentials_length, const char *config, gsize config_length);

/* Where the keys of profiles are (transfer full). */
char *kvs_profile_keys_path (char **environ, const char *home);

/**
 * kvs_profile_load:
 * Reads the files named by AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE,
 * else those under `home`/.aws; missing files are empty ones. The profile is
 * the property's, else AWS_PROFILE's, else "default". NULL without an error
 * when nobody asked for a profile and there is none. They are read at once:
 * they are small, and of this machine.
 *
 * Errors: KVS_ERROR_CREDENTIALS when a profile that was asked for is missing.
 */
KvsProfile *kvs_profile_load (const KvsConfig *config, char **environ,
    const char *home, GError **error);

G_END_DECLS
