/* Where keys are found, and what is said where they are not: against real files, programs and servers. */
#include <glib/gstdio.h>
#include <gst/gst.h>
#include <string.h>

#include "fakekeys.h"
#include "keychain.h"
#include "keyfixture.h"
#include "process.h"
#include "recorder.h"
#include "wait.h"

#define IMDS_TOKEN "/latest/api/token"
#define IMDS_ROLES "/latest/meta-data/iam/security-credentials/"

/* A profile "default" with this program. */
static void
use_program (KeyFixture *f, const char *script, const char *arguments)
{
  g_autofree char *path = key_fixture_write (f, "program", script);
  g_autofree char *text =
      g_strdup_printf ("[default]\ncredential_process = \"%s\" %s\n", path,
          arguments);
  g_autofree char *config = key_fixture_write (f, ".aws/config", text);

  g_assert_cmpint (g_chmod (path, 0700), ==, 0);
}

static void
on_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/* --- Nothing anywhere --- */

static void
test_says_what_was_tried (KeyFixture *f, gconstpointer unused)
{
  static const char *const in_order[] = { "properties", "AWS_ACCESS_KEY_ID",
    "profile default in ", "/.aws/credentials", "container endpoint",
    "instance metadata", "aws configure", NULL };
  g_autoptr (GError) error = NULL;
  const char *rest;

  g_assert_null (key_fixture_find (f, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, KVS_ERROR, KVS_ERROR_CREDENTIALS);
  rest = error->message;
  for (guint i = 0; in_order[i] != NULL; i++) {
    rest = strstr (rest, in_order[i]);
    g_assert_nonnull (rest);
  }
}

static void
test_profile_without_keys (KeyFixture *f, gconstpointer unused)
{
  g_autofree char *path =
      key_fixture_write (f, ".aws/config", "[default]\nregion=eu-west-1\n");

  key_fixture_assert_fails (f, KVS_ERROR_CREDENTIALS, "profile default in ",
      "has no keys");
}

/* --- Who is left to the launcher --- */

static void
test_left_to_the_launcher (KeyFixture *f, gconstpointer unused)
{
  static const char *const settings[] = { "role_arn", "sso_session",
    "sso_start_url", "web_identity_token_file", "login_session" };

  for (guint i = 0; i < G_N_ELEMENTS (settings); i++) {
    g_autofree char *text =
        g_strdup_printf ("[default]\n%s = x\n", settings[i]);
    g_autofree char *path = key_fixture_write (f, ".aws/config", text);

    key_fixture_assert_fails (f, KVS_ERROR_CREDENTIALS, settings[i],
        "kvswebrtc-launch");
  }
}

static void
test_role_is_not_passed_over (KeyFixture *f, gconstpointer unused)
{
  g_autofree char *path = key_fixture_write (f, ".aws/config",
      "[default]\nrole_arn=arn:aws:iam::1:role/x\nsource_profile=default\n"
      "aws_access_key_id=AKID\naws_secret_access_key=" SECRET "\n");

  key_fixture_assert_fails (f, KVS_ERROR_CREDENTIALS, "role_arn",
      "kvswebrtc-launch");
}

static void
test_web_identity_of_the_environment (KeyFixture *f, gconstpointer unused)
{
  key_fixture_set (f, "AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/token");
  key_fixture_set (f, "AWS_ROLE_ARN", "arn:aws:iam::1:role/x");
  key_fixture_assert_fails (f, KVS_ERROR_CREDENTIALS,
      "AWS_WEB_IDENTITY_TOKEN_FILE", "kvswebrtc-launch");
}

/* --- Programs --- */

#define JSON \
  "{\"Version\":1,\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"" SECRET "\"}"
#define PRINT(key)                                         \
  "#!/bin/sh\necho '{\"Version\":1,\"AccessKeyId\":\"" key \
  "\",\"SecretAccessKey\":\"" SECRET "\"}'\n"

static void
test_program (KeyFixture *f, gconstpointer unused)
{
  use_program (f, PRINT ("PROGRAM"), "");
  key_fixture_assert_found (f, "PROGRAM",
      "credential_process of profile default");
}

/* No shell: nothing is expanded, and quotes keep words together. */
static void
test_words_of_a_program (KeyFixture *f, gconstpointer unused)
{
  use_program (f,
      "#!/bin/sh\n"
      "test $# = 4 && test \"$1\" = 'two words' && test \"$2\" = '$HOME' &&\n"
      "test \"$3\" = '*' && test \"$4\" = 'it;s' &&\n"
      "echo '{\"Version\":1,\"AccessKeyId\":\"WORDS\",\"SecretAccessKey\":"
      "\"" SECRET "\"}'\n",
      "\"two words\" $HOME * 'it;s'");
  key_fixture_assert_found (f, "WORDS", "credential_process");
}

static void
test_bad_programs (KeyFixture *f, gconstpointer unused)
{
  static const struct {
    const char *script, *arguments, *says;
  } cases[] = {
    { "#!/bin/sh\necho " SECRET " >&2; echo " SECRET "; exit 3\n", "",
        "status 3" },
    { "#!/bin/sh\nkill -9 $$\n", "", "signal 9" },
    { "#!/bin/sh\necho " SECRET "\n", "", "cannot be used" },
    { "#!/bin/sh\n", "", "empty" },
    { "#!/nonexistent\n", "", "does not start" },
    { "#!/bin/sh\n", "'", "quotes" },
    { "#!/bin/sh\nwhile true; do echo 0123456789012345678901234567890; done\n",
        "", "more than 65536 bytes" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    use_program (f, cases[i].script, cases[i].arguments);
    key_fixture_assert_fails (f, KVS_ERROR_CREDENTIALS,
        "credential_process of profile default", cases[i].says);
  }
}

static KvsCredentials *
run (const char *command, guint limit_ms, GCancellable *cancellable,
    GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  kvs_process_credentials_async (command, "p", limit_ms, cancellable, on_found,
      &result);
  WAIT_UNTIL (result != NULL);
  return kvs_process_credentials_finish (result, error);
}

static void
test_endless_program (KeyFixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (run ("sleep 1000", 100, NULL, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, KVS_ERROR, KVS_ERROR_CREDENTIALS);
  g_assert_nonnull (strstr (error->message, "killed"));
}

static void
test_cancelled_program (KeyFixture *f, gconstpointer unused)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (run ("sleep 1000", KVS_PROCESS_LIMIT_MS, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* --- Containers --- */

static FakeKeys *
container (KeyFixture *f)
{
  FakeKeys *server = fake_keys_new ();
  g_autofree char *url = g_strconcat (server->url, "/keys", NULL);

  key_fixture_set (f, "AWS_CONTAINER_CREDENTIALS_FULL_URI", url);
  return server;
}

static void
test_container (KeyFixture *f, gconstpointer unused)
{
  FakeKeys *server = container (f);
  g_autofree char *json = fake_keys_json ("CONTAINER", 3600);
  g_autoptr (GError) error = NULL;
  g_autoptr (KvsCredentials) keys = NULL;

  fake_keys_set (server, "/keys", 200, json);
  key_fixture_set (f, "AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic abc=");
  keys = key_fixture_find (f, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (keys->access_key, ==, "CONTAINER");
  g_assert_cmpstr (keys->session_token, ==, TOKEN);
  g_assert_cmpint (keys->expiration, >, g_get_real_time () / G_USEC_PER_SEC);
  g_assert_cmpstr (fake_keys_header (server, "authorization"), ==,
      "Basic abc=");
  fake_keys_free (server);
}

/* The file is read each time: EKS writes a new token into it. */
static void
test_token_file (KeyFixture *f, gconstpointer unused)
{
  FakeKeys *server = container (f);
  g_autofree char *json = fake_keys_json ("CONTAINER", 3600);
  g_autofree char *path = key_fixture_write (f, "token", "first\n");

  fake_keys_set (server, "/keys", 200, json);
  key_fixture_set (f, "AWS_CONTAINER_AUTHORIZATION_TOKEN", "not this one");
  key_fixture_set (f, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path);
  key_fixture_assert_found (f, "CONTAINER", "container endpoint 127.0.0.1");
  g_assert_cmpstr (fake_keys_header (server, "authorization"), ==, "first");

  g_assert_true (g_file_set_contents (path, "second", -1, NULL));
  key_fixture_assert_found (f, "CONTAINER", "container endpoint");
  g_assert_cmpstr (fake_keys_header (server, "authorization"), ==, "second");

  g_assert_true (g_file_set_contents (path, "two\nlines", -1, NULL));
  key_fixture_assert_fails (f, KVS_ERROR_CREDENTIALS, "authorization token",
      path);
  g_remove (path);
  key_fixture_assert_fails (f, KVS_ERROR_CREDENTIALS, "TOKEN_FILE",
      "cannot be read");
  fake_keys_free (server);
}

static void
test_bad_containers (KeyFixture *f, gconstpointer unused)
{
  static const struct {
    guint status;
    const char *body, *says;
  } cases[] = {
    { 401, "{\"message\":\"" SECRET "\"}", "status 401" },
    { 302, NULL, "status 302" },
    { 500, "{\"code\":\"x\"}", "status 500" },
    { 200, NULL, "empty" },
    { 200, SECRET, "JSON" },
    { 200, "{\"AccessKeyId\":[]}", "AccessKeyId" },
  };
  FakeKeys *server = container (f);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    fake_keys_set (server, "/keys", cases[i].status, cases[i].body);
    key_fixture_assert_fails (f, KVS_ERROR_CREDENTIALS,
        "container endpoint 127.0.0.1", cases[i].says);
  }
  /* Three times where that may help, once where not. */
  g_assert_cmpuint (server->requests->len, ==, G_N_ELEMENTS (cases) + 2);
  fake_keys_free (server);
}

static void
test_endless_container (KeyFixture *f, gconstpointer unused)
{
  FakeKeys *server = container (f);
  g_autofree char *monster = g_strnfill (5 * 1024 * 1024, ' ');

  fake_keys_set (server, "/keys", 200, monster);
  key_fixture_assert_fails (f, KVS_ERROR_CREDENTIALS, "container endpoint",
      "longer than");
  fake_keys_free (server);
}

static void
test_silent_container (KeyFixture *f, gconstpointer unused)
{
  FakeKeys *server = container (f);

  server->is_silent = TRUE;
  key_fixture_assert_fails (f, KVS_ERROR_CREDENTIALS, "container endpoint",
      "timed out");
  g_assert_cmpuint (server->requests->len, ==, 3);
  fake_keys_free (server);
}

static void
test_container_that_comes_up (KeyFixture *f, gconstpointer unused)
{
  FakeKeys *server = container (f);
  g_autofree char *json = fake_keys_json ("CONTAINER", 3600);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (KvsCredentials) keys = NULL;

  fake_keys_set (server, "/keys", 503, NULL);
  kvs_keychain_find_async (&f->config, f->env, f->directory, NULL, on_found,
      &result);
  WAIT_UNTIL (server->requests->len == 1);
  fake_keys_set (server, "/keys", 200, json);
  WAIT_UNTIL (result != NULL);
  keys = kvs_keychain_find_finish (result, NULL);
  g_assert_cmpstr (keys->access_key, ==, "CONTAINER");
  fake_keys_free (server);
}

/* --- Instances --- */

static FakeKeys *
instance (KeyFixture *f)
{
  FakeKeys *server = fake_keys_new ();
  g_autofree char *json = fake_keys_json ("INSTANCE", 3600);

  f->env = g_environ_unsetenv (f->env, "AWS_EC2_METADATA_DISABLED");
  key_fixture_set (f, "AWS_EC2_METADATA_SERVICE_ENDPOINT", server->url);
  fake_keys_set (server, IMDS_TOKEN, 200, "AQAAA-session==");
  fake_keys_set (server, IMDS_ROLES, 200, "cam-role\n");
  fake_keys_set (server, IMDS_ROLES "cam-role", 200, json);
  return server;
}

static void
test_instance (KeyFixture *f, gconstpointer unused)
{
  FakeKeys *server = instance (f);

  key_fixture_assert_found (f, "INSTANCE", "role cam-role of this instance");
  g_assert_cmpuint (fake_keys_count (server, "PUT " IMDS_TOKEN), ==, 1);
  g_assert_cmpstr (fake_keys_header (server, "x-aws-ec2-metadata-token"), ==,
      "AQAAA-session==");
  fake_keys_free (server);
}

static void
test_instance_is_the_last (KeyFixture *f, gconstpointer unused)
{
  FakeKeys *server = instance (f);

  use_program (f, PRINT ("PROGRAM"), "");
  key_fixture_assert_found (f, "PROGRAM", "credential_process");
  g_assert_cmpuint (server->requests->len, ==, 0);
  fake_keys_free (server);
}

/* Most machines are none: that is no error of its own. */
static void
test_no_instance (KeyFixture *f, gconstpointer unused)
{
  FakeKeys *server = instance (f);

  fake_keys_set (server, IMDS_ROLES, 404, NULL);
  key_fixture_assert_fails (f, KVS_ERROR_CREDENTIALS, "instance metadata",
      "this instance has no role");
  fake_keys_set (server, IMDS_TOKEN, 403, NULL);
  key_fixture_assert_fails (f, KVS_ERROR_CREDENTIALS, "instance metadata",
      "status 403");
  server->is_silent = TRUE;
  g_ptr_array_set_size (server->requests, 0);
  key_fixture_assert_fails (f, KVS_ERROR_CREDENTIALS, "instance metadata",
      "no answer");
  g_assert_cmpuint (server->requests->len, ==, 1);
  fake_keys_free (server);

  key_fixture_set (f, "AWS_EC2_METADATA_SERVICE_ENDPOINT",
      "http://127.0.0.1:9");
  key_fixture_assert_fails (f, KVS_ERROR_CREDENTIALS, "instance metadata",
      "no answer");
}

static void
test_bad_instances (KeyFixture *f, gconstpointer unused)
{
  static const struct {
    const char *path, *body, *says;
    guint status;
  } cases[] = {
    { IMDS_ROLES "cam-role", "{}", "AccessKeyId", 200 },
    { IMDS_ROLES "cam-role", "{\"Code\":\"Failed\"}", "Code is Failed", 200 },
    { IMDS_ROLES "cam-role", NULL, "status 404", 404 },
    { IMDS_ROLES "cam-role", NULL, "status 500", 500 },
    { IMDS_ROLES, "../../x", "role's name", 200 },
    { IMDS_ROLES, "", "role's name", 200 },
    { IMDS_ROLES, NULL, "status 401", 401 },
    { IMDS_TOKEN, "a b", "token", 200 },
    { IMDS_TOKEN, "<html>", "token", 200 },
  };
  FakeKeys *server = instance (f);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    fake_keys_set (server, cases[i].path, cases[i].status, cases[i].body);
    key_fixture_assert_fails (f, KVS_ERROR_CREDENTIALS,
        "instance metadata at http://127", cases[i].says);
  }
  fake_keys_free (server);
}

#define ADD(name, func)                                                     \
  g_test_add ("/keychain/" name, KeyFixture, NULL, key_fixture_setup, func, \
      key_fixture_teardown)
int
main (int argc, char *argv[])
{
  recorder_clear_environment ();
  gst_init (NULL, NULL);
  g_test_init (&argc, &argv, NULL);
  ADD ("says-what-was-tried", test_says_what_was_tried);
  ADD ("profile-without-keys", test_profile_without_keys);
  ADD ("left-to-the-launcher", test_left_to_the_launcher);
  ADD ("role-is-not-passed-over", test_role_is_not_passed_over);
  ADD ("web-identity-of-the-environment", test_web_identity_of_the_environment);
  ADD ("program", test_program);
  ADD ("words-of-a-program", test_words_of_a_program);
  ADD ("bad-programs", test_bad_programs);
  ADD ("endless-program", test_endless_program);
  ADD ("cancelled-program", test_cancelled_program);
  ADD ("container", test_container);
  ADD ("token-file", test_token_file);
  ADD ("bad-containers", test_bad_containers);
  ADD ("endless-container", test_endless_container);
  ADD ("silent-container", test_silent_container);
  ADD ("container-that-comes-up", test_container_that_comes_up);
  ADD ("instance", test_instance);
  ADD ("instance-is-the-last", test_instance_is_the_last);
  ADD ("no-instance", test_no_instance);
  ADD ("bad-instances", test_bad_instances);
  return recorder_run_tests ();
}
