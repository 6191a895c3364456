/* The first connect: what is tried again, and what ends in which error. */
#include <gst/gst.h>
#include <string.h>

#include "error.h"
#include "fakeservice.h"
#include "recorder.h"
#include "wait.h"

typedef struct {
  const char *name;
  const char *path;
  guint status;
  const char *type, *message;
  guint times;
  int code; /* -1: connects all the same */
  const char *says;
} Refused;

static const Refused refused[] = {
  { "no-permission", FAKE_DESCRIBE, 403, "AccessDeniedException",
      "User: x is not authorized", 1, KVS_ERROR_PERMISSION,
      "kinesisvideo:DescribeSignalingChannel on channel cam1 in eu-west-1" },
  { "no-permission-to-connect", FAKE_CONNECT, 403, "AccessDeniedException", "",
      1, KVS_ERROR_PERMISSION, "kinesisvideo:ConnectAsMaster" },
  { "wrong-secret", FAKE_DESCRIBE, 403, "InvalidSignatureException",
      "The request signature we calculated does not match", 1,
      KVS_ERROR_CREDENTIALS, "secret key" },
  { "unknown-key", FAKE_ENDPOINT, 403, "UnrecognizedClientException",
      "The security token included in the request is invalid.", 1,
      KVS_ERROR_CREDENTIALS, "access key" },
  { "refused-name", FAKE_DESCRIBE, 400, "InvalidArgumentException", "bad", 1,
      KVS_ERROR_CHANNEL, "bad" },
  { "busy-for-a-moment", FAKE_DESCRIBE, 503, "ServiceUnavailable", "", 2, -1 },
  { "busy-on-connect", FAKE_CONNECT, 503, "ServiceUnavailable", "", 2, -1 },
  { "throttled-for-a-moment", FAKE_ENDPOINT, 400,
      "ClientLimitExceededException", "", 2, -1 },
  { "busy-for-good", FAKE_DESCRIBE, 503, "ServiceUnavailable", "", 9,
      KVS_ERROR_SERVICE, "503" },
  { "throttled-for-good", FAKE_DESCRIBE, 429, "TooManyRequestsException", "", 9,
      KVS_ERROR_THROTTLED, "429" },
  { "no-ICE-configuration", FAKE_ICE, 403, "AccessDeniedException", "", 1, -1 },
};

static void
test_refused (gconstpointer data)
{
  const Refused *one = data;
  FakeService *service = fake_service_new ();
  KvsConfig config = recorder_config (service->url);
  Recorder *recorder = recorder_new (&config);

  for (guint i = 0; i < one->times; i++)
    fake_service_refuse (service, one->path, one->status, one->type,
        one->message);
  recorder_start (recorder);
  if (one->code < 0) {
    WAIT_UNTIL (recorder_has (recorder, "connected"));
  } else {
    WAIT_UNTIL (recorder_has (recorder, "closed"));
    g_assert_cmpint (recorder_failure_code (recorder), ==, one->code);
    g_assert_true (recorder_failure_says (recorder, one->says));
  }
  g_assert_false (recorder_failure_says (recorder, "wJalrXUtnFEMI"));
  recorder_free (recorder);
  fake_service_free (service);
}

/* Starts, and waits for the failure. */
static Recorder *
failed (const KvsConfig *config)
{
  Recorder *recorder = recorder_new (config);

  recorder_start (recorder);
  WAIT_UNTIL (recorder_has (recorder, "closed"));
  return recorder;
}

static void
test_missing_channel (void)
{
  FakeService *service = fake_service_new ();
  KvsConfig config = recorder_config (service->url);
  Recorder *recorder;

  service->channel_exists = FALSE;
  config.create_channel = FALSE;
  recorder = failed (&config);
  g_assert_cmpint (recorder_failure_code (recorder), ==, KVS_ERROR_CHANNEL);
  g_assert_true (recorder_failure_says (recorder, "create-channel"));
  g_assert_cmpuint (fake_service_count (service, FAKE_CREATE), ==, 0);
  recorder_free (recorder);

  config.create_channel = TRUE;
  config.role = KVS_ROLE_VIEWER;
  recorder = failed (&config);
  g_assert_cmpint (recorder_failure_code (recorder), ==, KVS_ERROR_CHANNEL);
  g_assert_cmpuint (fake_service_count (service, FAKE_CREATE), ==, 0);
  recorder_free (recorder);
  fake_service_free (service);
}

static void
test_channel_being_deleted (void)
{
  FakeService *service = fake_service_new ();
  KvsConfig config = recorder_config (service->url);
  Recorder *recorder;

  service->deleting = TRUE;
  recorder = failed (&config);
  g_assert_cmpint (recorder_failure_code (recorder), ==, KVS_ERROR_CHANNEL);
  g_assert_true (recorder_failure_says (recorder, "being deleted"));
  recorder_free (recorder);
  fake_service_free (service);
}

static void
test_clock_is_corrected (void)
{
  FakeService *service = fake_service_new ();
  KvsConfig config = recorder_config (service->url);
  Recorder *recorder = recorder_new (&config);
  g_autofree char *first = NULL;
  FakeRequest *last;

  service->clock_offset = -3 * 24 * 3600;
  fake_service_refuse (service, FAKE_DESCRIBE, 403, "InvalidSignatureException",
      "Signature not yet current: x");
  recorder_start (recorder);
  WAIT_UNTIL (recorder_has (recorder, "connected"));

  /* Three days apart, on REST and on the WebSocket. */
  first =
      g_strndup (((FakeRequest *) service->requests->pdata[0])->amz_date, 8);
  last = fake_service_last (service, FAKE_DESCRIBE);
  g_assert_false (g_str_has_prefix (last->amz_date, first));
  g_assert_null (
      strstr (fake_service_last (service, FAKE_CONNECT)->query, first));
  recorder_free (recorder);
  fake_service_free (service);
}

static void
test_clock_beyond_correction (void)
{
  FakeService *service = fake_service_new ();
  KvsConfig config = recorder_config (service->url);
  Recorder *recorder;

  for (guint i = 0; i < 3; i++)
    fake_service_refuse (service, FAKE_DESCRIBE, 403,
        "InvalidSignatureException", "Signature expired: x");
  recorder = failed (&config);
  g_assert_cmpint (recorder_failure_code (recorder), ==, KVS_ERROR_CLOCK);
  g_assert_cmpuint (fake_service_count (service, FAKE_DESCRIBE), ==, 2);
  recorder_free (recorder);
  fake_service_free (service);
}

static void
test_token_is_sent (void)
{
  FakeService *service = fake_service_new ();
  KvsConfig config = recorder_config (service->url);
  Recorder *recorder;

  config.session_token = (char *) "a/token+=";
  recorder = recorder_new (&config);
  recorder_start (recorder);
  WAIT_UNTIL (recorder_has (recorder, "connected")
      && fake_service_last (service, FAKE_ICE) != NULL);
  g_assert_cmpstr (fake_service_last (service, FAKE_ICE)->token, ==,
      "a/token+=");
  g_assert_nonnull (strstr (fake_service_last (service, FAKE_CONNECT)->query,
      "X-Amz-Security-Token=a%2Ftoken%2B%3D"));
  recorder_free (recorder);
  fake_service_free (service);
}

static void
test_nobody_there (void)
{
  FakeService *service = fake_service_new ();
  g_autofree char *url = g_strdup (service->url);
  KvsConfig config = recorder_config (url);
  Recorder *recorder;

  fake_service_free (service);
  recorder = failed (&config);
  g_assert_cmpint (recorder_failure_code (recorder), ==, KVS_ERROR_NETWORK);
  g_assert_true (recorder_failure_says (recorder, "127.0.0.1"));
  recorder_free (recorder);
}

static void
test_settings (void)
{
  KvsConfig config = recorder_config ("http://127.0.0.1:1");
  Recorder *recorder;

  config.region = (char *) "eu-west-2";
  config.channel = (char *) FAKE_ARN;
  recorder = failed (&config);
  g_assert_cmpint (recorder_failure_code (recorder), ==, KVS_ERROR_SETTINGS);
  g_assert_cmpuint (recorder_count (recorder, "failed"), ==, 1);
  recorder_free (recorder);
}

static void
test_distrusts (void)
{
  FakeService *service = fake_service_new_tls (
      g_test_get_filename (G_TEST_DIST, "tls-service.pem", NULL));
  KvsConfig config = recorder_config (service->url);
  Recorder *recorder = failed (&config);

  g_assert_cmpint (recorder_failure_code (recorder), ==, KVS_ERROR_TLS);
  g_assert_true (recorder_failure_says (recorder, "ca-file"));
  recorder_free (recorder);
  fake_service_free (service);
}

static void
test_trusts (void)
{
  FakeService *service = fake_service_new_tls (
      g_test_get_filename (G_TEST_DIST, "tls-service.pem", NULL));
  KvsConfig config = recorder_config (service->url);
  Recorder *recorder;

  config.ca_file =
      (char *) g_test_get_filename (G_TEST_DIST, "tls-ca.pem", NULL);
  recorder = recorder_new (&config);
  recorder_start (recorder);
  WAIT_UNTIL (recorder_has (recorder, "connected"));
  recorder_free (recorder);
  fake_service_free (service);
}

static void
test_plain_endpoints_of_a_safe_service (void)
{
  FakeService *service = fake_service_new_tls (
      g_test_get_filename (G_TEST_DIST, "tls-service.pem", NULL));
  KvsConfig config = recorder_config (service->url);
  Recorder *recorder;

  config.ca_file =
      (char *) g_test_get_filename (G_TEST_DIST, "tls-ca.pem", NULL);
  service->plain_endpoints = TRUE;
  recorder = failed (&config);
  g_assert_cmpint (recorder_failure_code (recorder), ==, KVS_ERROR_PROTOCOL);
  recorder_free (recorder);
  fake_service_free (service);
}

static void
test_stopped_at_once (void)
{
  FakeService *service = fake_service_new ();
  KvsConfig config = recorder_config (service->url);
  Recorder *recorder = recorder_new (&config);

  recorder_start (recorder);
  recorder_stop (recorder);
  recorder_end (recorder);
  g_assert_cmpuint (recorder_length (recorder), <=, 1);
  recorder_free (recorder);
  fake_service_free (service);
}

int
main (int argc, char *argv[])
{
  recorder_clear_environment ();
  gst_init (NULL, NULL);
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_autofree char *path =
        g_strconcat ("/connecting/refused/", refused[i].name, NULL);

    g_test_add_data_func (path, &refused[i], test_refused);
  }
  g_test_add_func ("/connecting/missing-channel", test_missing_channel);
  g_test_add_func ("/connecting/channel-being-deleted",
      test_channel_being_deleted);
  g_test_add_func ("/connecting/clock-is-corrected", test_clock_is_corrected);
  g_test_add_func ("/connecting/clock-beyond-correction",
      test_clock_beyond_correction);
  g_test_add_func ("/connecting/token-is-sent", test_token_is_sent);
  g_test_add_func ("/connecting/nobody-there", test_nobody_there);
  g_test_add_func ("/connecting/settings", test_settings);
  g_test_add_func ("/connecting/tls/distrusts", test_distrusts);
  g_test_add_func ("/connecting/tls/trusts", test_trusts);
  g_test_add_func ("/connecting/tls/plain-endpoints",
      test_plain_endpoints_of_a_safe_service);
  g_test_add_func ("/connecting/stopped-at-once", test_stopped_at_once);

  return recorder_run_tests ();
}
