#include "profile.h"

#include "error.h"
#include "inifile.h"
#include "secret.h"

#define DEFAULT_PROFILE "default"

void
kvs_profile_free (KvsProfile *profile)
{
  if (profile == NULL)
    return;

  kvs_secret_free (profile->access_key);
  kvs_secret_free (profile->secret_key);
  kvs_secret_free (profile->session_token);
  g_free (profile->name);
  g_free (profile->region);
  g_free (profile->process);
  g_free (profile->unsupported);
  g_free (profile);
}

/* In the config file every profile but the default one has a prefix. */
static char *
config_section (KvsIniFile *config, const char *name)
{
  g_autofree char *prefixed = g_strdup_printf ("profile %s", name);

  if (kvs_ini_file_has_section (config, prefixed))
    return g_steal_pointer (&prefixed);
  if (g_str_equal (name, DEFAULT_PROFILE))
    return g_strdup (DEFAULT_PROFILE);
  return g_steal_pointer (&prefixed);
}

/* A pair is taken from one file whole: half of each is nobody's pair. */
static gboolean
take_keys (KvsProfile *profile, KvsIniFile *file, const char *section)
{
  const char *access_key =
      kvs_ini_file_get (file, section, "aws_access_key_id");

  if (access_key == NULL)
    return FALSE;

  profile->access_key = g_strdup (access_key);
  profile->secret_key =
      g_strdup (kvs_ini_file_get (file, section, "aws_secret_access_key"));
  profile->session_token =
      g_strdup (kvs_ini_file_get (file, section, "aws_session_token"));
  return TRUE;
}

/* A setting that either file may have; the credentials file comes first. */
static const char *
find_setting (KvsIniFile *keys, const char *name, KvsIniFile *config,
    const char *section, const char *setting)
{
  const char *value = kvs_ini_file_get (keys, name, setting);

  return value != NULL ? value : kvs_ini_file_get (config, section, setting);
}

static char *
unsupported_key (KvsIniFile *file, const char *section)
{
  static const char *const keys[] = {
    "role_arn",
    "sso_session",
    "sso_start_url",
    "web_identity_token_file",
    "login_session",
  };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    if (kvs_ini_file_get (file, section, keys[i]) != NULL)
      return g_strdup (keys[i]);
  }
  return NULL;
}

KvsProfile *
kvs_profile_parse (const char *name, const char *credentials,
    gsize credentials_length, const char *config, gsize config_length)
{
  g_autoptr (KvsIniFile) keys_file =
      kvs_ini_file_parse (credentials, credentials_length);
  g_autoptr (KvsIniFile) config_file =
      kvs_ini_file_parse (config, config_length);
  g_autofree char *section = config_section (config_file, name);
  KvsProfile *profile;

  if (!kvs_ini_file_has_section (keys_file, name)
      && !kvs_ini_file_has_section (config_file, section))
    return NULL;

  profile = g_new0 (KvsProfile, 1);
  profile->name = g_strdup (name);
  if (!take_keys (profile, keys_file, name))
    take_keys (profile, config_file, section);
  profile->region =
      g_strdup (kvs_ini_file_get (config_file, section, "region"));
  if (profile->region == NULL)
    profile->region = g_strdup (kvs_ini_file_get (keys_file, name, "region"));
  profile->process = g_strdup (find_setting (keys_file, name, config_file,
      section, "credential_process"));
  profile->unsupported = unsupported_key (config_file, section);
  if (profile->unsupported == NULL)
    profile->unsupported = unsupported_key (keys_file, name);
  profile->assumes_role =
      find_setting (keys_file, name, config_file, section, "role_arn") != NULL;

  return profile;
}

static const char *
wanted_name (const KvsConfig *config, char **environ)
{
  const char *variable = g_environ_getenv (environ, "AWS_PROFILE");

  if (config->profile != NULL && *config->profile != '\0')
    return config->profile;
  if (variable != NULL && *variable != '\0')
    return variable;
  return NULL;
}

static char *
file_path (char **environ, const char *variable, const char *home,
    const char *name)
{
  const char *path = g_environ_getenv (environ, variable);

  if (path != NULL && *path != '\0')
    return g_strdup (path);
  return g_build_filename (home, ".aws", name, NULL);
}

static KvsProfile *
load (const char *name, const char *keys_path, const char *config_path)
{
  g_autofree char *config = NULL;
  char *keys = NULL;
  gsize keys_length = 0, config_length = 0;
  KvsProfile *profile;

  /* A file that cannot be read is as good as none, as in every AWS tool. */
  g_file_get_contents (keys_path, &keys, &keys_length, NULL);
  g_file_get_contents (config_path, &config, &config_length, NULL);

  profile = kvs_profile_parse (name, keys, keys_length, config, config_length);
  kvs_secret_free (keys);
  return profile;
}

char *
kvs_profile_keys_path (char **environ, const char *home)
{
  return file_path (environ, "AWS_SHARED_CREDENTIALS_FILE", home,
      "credentials");
}

KvsProfile *
kvs_profile_load (const KvsConfig *config, char **environ, const char *home,
    GError **error)
{
  g_autofree char *keys_path = kvs_profile_keys_path (environ, home);
  g_autofree char *config_path =
      file_path (environ, "AWS_CONFIG_FILE", home, "config");
  const char *wanted = wanted_name (config, environ);
  KvsProfile *profile;

  profile =
      load (wanted != NULL ? wanted : DEFAULT_PROFILE, keys_path, config_path);
  if (profile == NULL && wanted != NULL)
    g_set_error (error, KVS_ERROR, KVS_ERROR_CREDENTIALS,
        "There is no AWS profile \"%s\" in %s or %s: name another one, or run "
        "\"aws configure --profile %s\"",
        wanted, keys_path, config_path, wanted);

  return profile;
}
