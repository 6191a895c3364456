#include "access.h"

#include <glib/gstdio.h>
#include <string.h>

#include "arn.h"
#include "endpoint.h"
#include "error.h"
#include "inifile.h"
#include "profile.h"
#include "region.h"

#define ARN "arn:aws:kinesisvideo:eu-central-1:1:channel/cam1/17"

static void
test_ini_dialect (void)
{
  const char *text = "\xef\xbb\xbf# a comment\r\n"
                     "stray = nobody's\n"
                     "[default]\r\n"
                     "aws_access_key_id = AKID\r\n"
                     "AWS_Secret_Access_Key=se/cr+et#=  ; and a comment\n"
                     "s3 =\n"
                     "  region = nested\n"
                     "  aws_access_key_id = nested\n"
                     "region = eu-west-1 # here\n"
                     "; another\n"
                     "no equals sign\n"
                     "= no key\n"
                     "[profile  \"my cam\"] ; text after\n"
                     "  region=us-east-1\n"
                     "[broken\n"
                     "region = nobody's\n"
                     "[default]\n"
                     "more = yes";
  g_autoptr (KvsIniFile) file = kvs_ini_file_parse (text, strlen (text));

  g_assert_cmpstr (kvs_ini_file_get (file, "default", "aws_access_key_id"), ==,
      "AKID");
  g_assert_cmpstr (kvs_ini_file_get (file, "default", "aws_secret_access_key"),
      ==, "se/cr+et#=");
  g_assert_cmpstr (kvs_ini_file_get (file, "default", "region"), ==,
      "eu-west-1");
  g_assert_cmpstr (kvs_ini_file_get (file, "default", "more"), ==, "yes");
  g_assert_null (kvs_ini_file_get (file, "default", "s3"));
  g_assert_cmpstr (kvs_ini_file_get (file, "profile my cam", "region"), ==,
      "us-east-1");
  g_assert_null (kvs_ini_file_get (file, "nobody", "region"));
}

static void
test_ini_survives (void)
{
  static const char *const texts[] = {
    "",
    "\n",
    "[",
    "]",
    "[]",
    "[]\n=",
    "=",
    "a=b",
    "[a]\nb",
    "[a]\n b = c",
    "[a]\n#",
    "[a]\nb=#",
    "\xff\xfe[a]\nb=c",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (KvsIniFile) file =
        kvs_ini_file_parse (texts[i], strlen (texts[i]));

    g_assert_null (kvs_ini_file_get (file, "x", "y"));
  }
}

static KvsProfile *
profile (const char *name, const char *credentials, const char *config)
{
  return kvs_profile_parse (name, credentials, strlen (credentials), config,
      strlen (config));
}

static void
test_profiles (void)
{
  const char *keys = "[default]\naws_access_key_id=A\naws_secret_access_key=B\n"
                     "[cam]\naws_access_key_id=C\naws_secret_access_key=D\n"
                     "aws_session_token=E\n";
  const char *config =
      "[default]\nregion=eu-west-1\n[profile cam]\n"
      "region=us-east-1\naws_access_key_id=X\naws_secret_access_key=Y\n"
      "[profile role]\nrole_arn=arn:aws:iam::1:role/x\n[plain]\nregion=x\n";
  g_autoptr (KvsProfile) first = profile ("default", keys, config);
  g_autoptr (KvsProfile) cam = profile ("cam", keys, config);
  g_autoptr (KvsProfile) role = profile ("role", keys, config);
  g_autoptr (KvsProfile) only_config = profile ("cam", "", config);

  g_assert_cmpstr (first->access_key, ==, "A");
  g_assert_cmpstr (first->region, ==, "eu-west-1");
  g_assert_cmpstr (cam->secret_key, ==, "D");
  g_assert_cmpstr (cam->session_token, ==, "E");
  g_assert_cmpstr (cam->region, ==, "us-east-1");
  g_assert_cmpstr (role->unsupported, ==, "role_arn");
  g_assert_null (role->access_key);
  g_assert_cmpstr (only_config->access_key, ==, "X");
  g_assert_null (profile ("plain", keys, config));
  g_assert_null (profile ("nobody", "", ""));
}

static void
test_arns (void)
{
  static const char *const bad[] = {
    "arn:",
    "arn:aws:kinesisvideo:eu-west-1:1:channel",
    "arn:aws:kinesisvideo:eu-west-1:1:channel/cam1",
    "arn:aws:kinesisvideo:eu-west-1:1:stream/cam1/1",
    "arn:aws:kinesisvideo::1:channel/cam1/1",
    "arn:aws:s3:eu-west-1:1:channel/cam1/1",
    "arn:aws:kinesisvideo:eu-west-1:1:channel/ca m/1",
    "arn:aws:kinesisvideo:eu-west-1:1:channel//1",
    "arn:aws:kinesisvideo:eu-west-1:1:channel/cam1/",
    "arn:aws:kinesisvideo:eu-west-1:1:channel/cam1/1/2",
    "cam1",
  };
  g_autofree char *region = NULL, *name = NULL;

  g_assert_true (kvs_arn_parse (ARN, &region, &name, NULL));
  g_assert_cmpstr (region, ==, "eu-central-1");
  g_assert_cmpstr (name, ==, "cam1");
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_false (kvs_arn_parse (bad[i], NULL, NULL, &error));
    g_assert_error (error, KVS_ERROR, KVS_ERROR_SETTINGS);
  }
}

static void
test_channel_names (void)
{
  g_autofree char *longest = g_strnfill (256, 'x');
  g_autofree char *too_long = g_strnfill (257, 'x');

  g_assert_true (kvs_channel_name_check ("Cam_1.front-door", NULL));
  g_assert_true (kvs_channel_name_check (longest, NULL));
  g_assert_false (kvs_channel_name_check (too_long, NULL));
  g_assert_false (kvs_channel_name_check ("", NULL));
  g_assert_false (kvs_channel_name_check ("a b", NULL));
  g_assert_false (kvs_channel_name_check ("é", NULL));
  g_assert_false (kvs_channel_name_check ("a/b", NULL));
}

typedef struct {
  const char *property, *channel, *aws_region, *default_region, *profile;
  const char *expected; /* NULL for an error of `code` */
  KvsError code;
} RegionCase;

static void
check_region (const RegionCase *one)
{
  KvsConfig config = { .channel = (char *) one->channel,
    .region = (char *) one->property };
  KvsProfile shared = { .region = (char *) one->profile };
  g_auto (GStrv) env = g_strdupv ((char *[]){ NULL });
  g_autoptr (GError) error = NULL;
  g_autofree char *region = NULL;

  if (one->aws_region != NULL)
    env = g_environ_setenv (env, "AWS_REGION", one->aws_region, TRUE);
  if (one->default_region != NULL)
    env =
        g_environ_setenv (env, "AWS_DEFAULT_REGION", one->default_region, TRUE);

  region = kvs_region_find (&config, env, &shared, &error);
  g_assert_cmpstr (region, ==, one->expected);
  if (one->expected == NULL)
    g_assert_error (error, KVS_ERROR, (int) one->code);
}

static void
test_regions (void)
{
  static const RegionCase cases[] = {
    { "eu-west-1", "cam1", "eu-west-2", "eu-west-3", "eu-north-1",
        "eu-west-1" },
    { NULL, "cam1", "eu-west-2", "eu-west-3", "eu-north-1", "eu-west-2" },
    { NULL, "cam1", "", "eu-west-3", "eu-north-1", "eu-west-3" },
    { NULL, "cam1", NULL, NULL, "eu-north-1", "eu-north-1" },
    { "", ARN, "eu-west-2", NULL, NULL, "eu-central-1" },
    { "eu-central-1", ARN, NULL, NULL, NULL, "eu-central-1" },
    { "eu-west-1", ARN, NULL, NULL, NULL, NULL, KVS_ERROR_SETTINGS },
    { NULL, "arn:nonsense", "eu-west-1", NULL, NULL, NULL, KVS_ERROR_SETTINGS },
    { NULL, "cam1", NULL, NULL, NULL, NULL, KVS_ERROR_REGION },
    { "Ireland", "cam1", NULL, NULL, NULL, NULL, KVS_ERROR_REGION },
    { "eu-west-1.evil.example/", "cam1", NULL, NULL, NULL, NULL,
        KVS_ERROR_REGION },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check_region (&cases[i]);
}

static void
test_hosts (void)
{
  static const struct {
    const char *region;
    gboolean dual_stack, fips;
    const char *control, *stun;
  } cases[] = {
    { "eu-west-1", FALSE, FALSE, "https://kinesisvideo.eu-west-1.amazonaws.com",
        "stun:stun.kinesisvideo.eu-west-1.amazonaws.com:443" },
    { "eu-west-1", TRUE, FALSE, "https://kinesisvideo.eu-west-1.api.aws",
        "stun:stun.kinesisvideo.eu-west-1.api.aws:443" },
    { "us-gov-west-1", FALSE, TRUE,
        "https://kinesisvideo-fips.us-gov-west-1.amazonaws.com",
        "stuns:stun.kinesisvideo-fips.us-gov-west-1.amazonaws.com:443" },
    { "cn-north-1", FALSE, FALSE,
        "https://kinesisvideo.cn-north-1.amazonaws.com.cn",
        "stun:stun.kinesisvideo.cn-north-1.amazonaws.com.cn:443" },
    { "cn-north-1", TRUE, FALSE,
        "https://kinesisvideo.cn-north-1.api.amazonwebservices.com.cn",
        "stun:stun.kinesisvideo.cn-north-1.api.amazonwebservices.com.cn:443" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *control = kvs_endpoint_default (cases[i].region,
        cases[i].dual_stack, cases[i].fips);
    g_autofree char *stun =
        kvs_endpoint_stun (cases[i].region, cases[i].dual_stack, cases[i].fips);

    g_assert_cmpstr (control, ==, cases[i].control);
    g_assert_cmpstr (stun, ==, cases[i].stun);
  }
}

static void
test_overrides (void)
{
  static const char *const bad[] = {
    "nonsense",
    "ftp://host",
    "https://",
    "https://host?x=1",
    "https://u:p@h",
    "http://[",
    "//host",
    "https://host#x",
    "wss://host",
    "127.0.0.1:80",
  };
  KvsConfig config = { .endpoint = (char *) "http://127.0.0.1:80//" };
  KvsConfig empty = { 0 };
  char *env[] = { (char *) "AWS_ENDPOINT_URL=http://general",
    (char *) "AWS_ENDPOINT_URL_KINESIS_VIDEO=http://special", NULL };
  g_autofree char *property = kvs_endpoint_override (&config, env, NULL);
  g_autofree char *special = kvs_endpoint_override (&empty, env, NULL);
  g_autofree char *none = kvs_endpoint_override (&empty, env + 2, NULL);

  g_assert_cmpstr (property, ==, "http://127.0.0.1:80");
  g_assert_cmpstr (special, ==, "http://special");
  g_assert_null (none);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    config.endpoint = (char *) bad[i];
    g_assert_null (kvs_endpoint_override (&config, env, &error));
    g_assert_error (error, KVS_ERROR, KVS_ERROR_SETTINGS);
  }
}

static void
on_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static KvsAccess *
find (const KvsConfig *config, char **env, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  /* Where the tests run may be an instance. */
  g_auto (GStrv) alone = g_environ_setenv (g_strdupv (env),
      "AWS_EC2_METADATA_DISABLED", "true", TRUE);

  kvs_access_find_async (config, alone, "/nonexistent", NULL, on_found,
      &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return kvs_access_find_finish (result, error);
}

/* A file with these contents; the caller removes it. */
static char *
temporary (const char *text)
{
  char *path = NULL;
  int fd = g_file_open_tmp ("kvs-XXXXXX", &path, NULL);

  g_assert_cmpint (fd, >=, 0);
  g_close (fd, NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static void
test_order_of_credentials (void)
{
  g_autofree char *path =
      temporary ("[default]\naws_access_key_id=FILE\n"
                 "aws_secret_access_key=F\n[cam]\naws_access_key_id=CAM\n"
                 "aws_secret_access_key=C\n");
  KvsConfig config = { .channel = (char *) "cam1",
    .region = (char *) "eu-west-1",
    .client_id = (char *) "me" };
  g_auto (GStrv) env =
      g_environ_setenv (NULL, "AWS_SHARED_CREDENTIALS_FILE", path, TRUE);
  g_autoptr (KvsAccess) file = find (&config, env, NULL);
  g_autoptr (KvsAccess) environment = NULL, chosen = NULL, property = NULL;

  env = g_environ_setenv (env, "AWS_ACCESS_KEY_ID", "ENV", TRUE);
  env = g_environ_setenv (env, "AWS_SECRET_ACCESS_KEY", "E", TRUE);
  env = g_environ_setenv (env, "AWS_SESSION_TOKEN", "T", TRUE);
  env = g_environ_setenv (env, "AWS_PROFILE", "gone", TRUE);
  environment = find (&config, env, NULL);
  config.profile = (char *) "cam";
  chosen = find (&config, env, NULL);
  config.access_key = (char *) "PROP";
  config.secret_key = (char *) "P";
  property = find (&config, env, NULL);

  g_assert_cmpstr (kvs_keys_get (file->keys)->access_key, ==, "FILE");
  g_assert_cmpstr (kvs_keys_get (environment->keys)->access_key, ==, "ENV");
  g_assert_cmpstr (kvs_keys_get (environment->keys)->session_token, ==, "T");
  g_assert_cmpstr (kvs_keys_get (chosen->keys)->access_key, ==, "CAM");
  g_assert_cmpstr (kvs_keys_get (property->keys)->access_key, ==, "PROP");
  g_assert_null (kvs_keys_get (property->keys)->session_token);
  g_assert_nonnull (property->stun_uri);
  g_unlink (path);
}

typedef struct {
  KvsConfig config;
  const char *env[4];
  KvsError code;
  const char *says;
} FailureCase;

#define GOOD                                                  \
  .channel = (char *) "cam1", .region = (char *) "eu-west-1", \
  .client_id = (char *) "me"
#define KEYS .access_key = (char *) "A", .secret_key = (char *) "S"

static void
test_failures (void)
{
  static const FailureCase cases[] = {
    { { GOOD }, { NULL }, KVS_ERROR_CREDENTIALS, "aws configure" },
    { { GOOD, .access_key = (char *) "A" }, { NULL }, KVS_ERROR_CREDENTIALS,
        "Only half" },
    { { GOOD }, { "AWS_ACCESS_KEY_ID=A" }, KVS_ERROR_CREDENTIALS,
        "AWS_SECRET_ACCESS_KEY" },
    { { GOOD, .profile = (char *) "gone" },
        { "AWS_ACCESS_KEY_ID=A", "AWS_SECRET_ACCESS_KEY=B" },
        KVS_ERROR_CREDENTIALS, "\"gone\"" },
    { { GOOD }, { "AWS_PROFILE=away" }, KVS_ERROR_CREDENTIALS, "\"away\"" },
    { { KEYS, .client_id = (char *) "me" }, { NULL }, KVS_ERROR_SETTINGS,
        "No channel" },
    { { KEYS, .client_id = (char *) "me", .channel = (char *) "a b" }, { NULL },
        KVS_ERROR_SETTINGS, "not a legal channel name" },
    { { KEYS, .client_id = (char *) "me", .channel = (char *) "cam1" },
        { NULL }, KVS_ERROR_REGION, "AWS_REGION" },
    { { KEYS, .channel = (char *) "cam1", .client_id = (char *) "AWS_x" },
        { NULL }, KVS_ERROR_SETTINGS, "client-id" },
    { { KEYS, GOOD, .endpoint = (char *) "x" }, { NULL }, KVS_ERROR_SETTINGS,
        "endpoint" },
    { { KEYS, GOOD, .ca_file = (char *) "/nonexistent" }, { NULL },
        KVS_ERROR_SETTINGS, "/nonexistent" },
    { { KEYS, GOOD }, { "AWS_CA_BUNDLE=/dev/null" }, KVS_ERROR_SETTINGS,
        "/dev/null" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (KvsAccess) access =
        find (&cases[i].config, (char **) cases[i].env, &error);

    g_assert_null (access);
    g_test_message ("%s", error->message);
    g_assert_error (error, KVS_ERROR, (int) cases[i].code);
    g_assert_nonnull (strstr (error->message, cases[i].says));
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/inifile/dialect", test_ini_dialect);
  g_test_add_func ("/inifile/survives", test_ini_survives);
  g_test_add_func ("/profile/profiles", test_profiles);
  g_test_add_func ("/arn/arns", test_arns);
  g_test_add_func ("/arn/channel-names", test_channel_names);
  g_test_add_func ("/region/order", test_regions);
  g_test_add_func ("/endpoint/hosts", test_hosts);
  g_test_add_func ("/endpoint/overrides", test_overrides);
  g_test_add_func ("/access/order-of-credentials", test_order_of_credentials);
  g_test_add_func ("/access/failures", test_failures);
  return g_test_run ();
}
