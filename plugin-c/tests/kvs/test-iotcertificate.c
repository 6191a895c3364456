/* Keys for a device's certificate: against a server that asks for one. */
#include <gst/gst.h>
#include <string.h>

#include "fakekeys.h"
#include "keyfixture.h"
#include "recorder.h"

#define ROLE_PATH "/role-aliases/cams/credentials"

static FakeKeys *
iot (KeyFixture *f)
{
  g_autofree char *service =
      g_test_build_filename (G_TEST_DIST, "tls-service.pem", NULL);
  g_autofree char *device =
      g_test_build_filename (G_TEST_DIST, "tls-device.pem", NULL);
  g_autofree char *key =
      g_test_build_filename (G_TEST_DIST, "tls-device-key.pem", NULL);
  g_autofree char *ca = g_test_build_filename (G_TEST_DIST, "tls-ca.pem", NULL);
  FakeKeys *server = fake_keys_new_tls (service, device);

  f->config.iot_certificate = g_strdup_printf (
      "iot-certificate,endpoint=%s,cert-path=%s,key-path=%s,ca-path=%s,"
      "role-aliases=cams",
      server->url, device, key, ca);
  fake_keys_set (server, ROLE_PATH, 200,
      "{\"credentials\":{\"accessKeyId\":\"IOT\",\"secretAccessKey\":"
      "\"" SECRET "\",\"sessionToken\":\"" TOKEN "\",\"expiration\":"
      "\"2099-01-01T00:00:00Z\"}}");
  return server;
}

static void
iot_free (KeyFixture *f, FakeKeys *server)
{
  g_clear_pointer (&f->config.iot_certificate, g_free);
  fake_keys_free (server);
}

static void
test_iot (KeyFixture *f, gconstpointer unused)
{
  FakeKeys *server = iot (f);

  /* It comes before the environment. */
  key_fixture_set (f, "AWS_ACCESS_KEY_ID", "ENV");
  key_fixture_set (f, "AWS_SECRET_ACCESS_KEY", SECRET);
  key_fixture_assert_found (f, "IOT", "IoT role alias cams");
  g_assert_cmpstr (fake_keys_header (server, "x-amzn-iot-thingname"), ==,
      "cam1");

  f->config.iot_thing_name = (char *) "thing7";
  key_fixture_assert_found (f, "IOT", "IoT role alias cams");
  g_assert_cmpstr (fake_keys_header (server, "x-amzn-iot-thingname"), ==,
      "thing7");

  f->config.access_key = (char *) "PROP";
  f->config.secret_key = (char *) SECRET;
  key_fixture_assert_found (f, "PROP", "properties");
  iot_free (f, server);
}

static void
test_refused_by_iot (KeyFixture *f, gconstpointer unused)
{
  FakeKeys *server = iot (f);

  fake_keys_set (server, ROLE_PATH, 403, "{\"message\":\"Access Denied\"}");
  key_fixture_assert_fails (f, KVS_ERROR_CREDENTIALS, "IoT endpoint 127.0.0.1",
      "403 Access Denied");
  fake_keys_set (server, ROLE_PATH, 200, "{\"credentials\":7}");
  key_fixture_assert_fails (f, KVS_ERROR_CREDENTIALS, "IoT endpoint",
      "cannot be used");
  iot_free (f, server);
}

static void
replace_in_certificate (KeyFixture *f, const char *old, const char *new)
{
  g_auto (GStrv) parts = g_strsplit (f->config.iot_certificate, old, 2);

  g_free (f->config.iot_certificate);
  f->config.iot_certificate = g_strjoinv (new, parts);
}

static void
test_bad_files_of_iot (KeyFixture *f, gconstpointer unused)
{
  FakeKeys *server = iot (f);

  /* Somebody else's certificate: the handshake fails. */
  replace_in_certificate (f, "tls-device.pem", "tls-service.pem");
  replace_in_certificate (f, "tls-device-key.pem", "tls-service.pem");
  key_fixture_assert_fails (f, KVS_ERROR_CREDENTIALS, "IoT endpoint",
      "127.0.0.1");
  g_assert_cmpuint (server->requests->len, ==, 0);

  replace_in_certificate (f, "tls-service.pem", "none.pem");
  key_fixture_assert_fails (f, KVS_ERROR_SETTINGS, "cert-path", "none.pem");
  replace_in_certificate (f, "tls-ca.pem", "none2.pem");
  key_fixture_assert_fails (f, KVS_ERROR_SETTINGS, "CA file", "none2.pem");
  iot_free (f, server);
}

static void
test_iot_that_is_not_trusted (KeyFixture *f, gconstpointer unused)
{
  FakeKeys *server = iot (f);
  char *ca = strstr (f->config.iot_certificate, ",ca-path=");

  memmove (ca, strstr (ca, ",role-aliases="),
      strlen (strstr (ca, ",role-aliases=")) + 1);
  key_fixture_assert_fails (f, KVS_ERROR_CREDENTIALS, "IoT endpoint",
      "not trusted");
  iot_free (f, server);
}

#define ADD(name, func)                                                     \
  g_test_add ("/iotcertificate/" name, KeyFixture, NULL, key_fixture_setup, \
      func, key_fixture_teardown)

int
main (int argc, char *argv[])
{
  recorder_clear_environment ();
  gst_init (NULL, NULL);
  g_test_init (&argc, &argv, NULL);

  ADD ("iot", test_iot);
  ADD ("refused-by-iot", test_refused_by_iot);
  ADD ("bad-files-of-iot", test_bad_files_of_iot);
  ADD ("iot-that-is-not-trusted", test_iot_that_is_not_trusted);

  return recorder_run_tests ();
}
