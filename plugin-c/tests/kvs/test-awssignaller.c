#include "awssignaller.h"

#include <gst/gst.h>
#include <string.h>

#include "error.h"
#include "fakeservice.h"
#include "recorder.h"
#include "wait.h"

#define OFFER "{\"type\":\"offer\",\"sdp\":\"v=0\"}"

typedef struct {
  FakeService *service;
  Recorder *recorder;
} Pair;

/* A service and a signaller that is connected to it. */
static Pair
connected (const KvsConfig *changes)
{
  Pair pair = { fake_service_new (), NULL };
  KvsConfig config = recorder_config (pair.service->url);

  if (changes != NULL) {
    config = *changes;
    config.endpoint = pair.service->url;
  }
  pair.recorder = recorder_new (&config);
  recorder_start (pair.recorder);
  WAIT_UNTIL (recorder_has (pair.recorder, "connected")
      && fake_service_socket (pair.service) != NULL);
  return pair;
}

static void
finish (Pair pair)
{
  recorder_free (pair.recorder);
  fake_service_free (pair.service);
}

static void
test_connects (void)
{
  Pair pair = connected (NULL);
  FakeRequest *connect = fake_service_last (pair.service, FAKE_CONNECT);
  FakeRequest *describe = fake_service_last (pair.service, FAKE_DESCRIBE);

  g_assert_cmpuint (fake_service_count (pair.service, FAKE_CREATE), ==, 0);
  g_assert_cmpstr (describe->body, ==, "{\"ChannelName\":\"cam1\"}");
  g_assert_true (g_str_has_prefix (describe->authorization,
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"));
  g_assert_nonnull (strstr (connect->query,
      "X-Amz-ChannelARN=arn%3Aaws%3Akinesisvideo%3Aeu-west-1%3A"
      "123456789012%3Achannel%2Fcam1%2F1700000000000&"));
  g_assert_nonnull (strstr (connect->query, "X-Amz-Expires=299"));
  g_assert_null (strstr (connect->query, "X-Amz-ClientId"));
  g_assert_cmpuint (recorder_count (pair.recorder, "connecting"), ==, 1);
  finish (pair);
}

static void
test_creates_a_missing_channel (void)
{
  FakeService *service = fake_service_new ();
  KvsConfig config = recorder_config (service->url);
  Pair pair = { service, recorder_new (&config) };

  service->channel_exists = FALSE;
  service->creating = 1;
  recorder_start (pair.recorder);
  WAIT_UNTIL (recorder_has (pair.recorder, "connected"));
  g_assert_cmpuint (fake_service_count (service, FAKE_CREATE), ==, 1);
  g_assert_cmpuint (fake_service_count (service, FAKE_DESCRIBE), ==, 3);
  finish (pair);
}

static void
test_carries_messages (void)
{
  Pair pair = connected (NULL);
  g_autofree char *action = NULL, *payload = NULL, *recipient = NULL;

  pair.recorder->answers = TRUE;
  fake_service_send_message (pair.service, "SDP_OFFER", "viewer1", OFFER);
  fake_service_send_message (pair.service, "ICE_CANDIDATE", "viewer1",
      "{\"candidate\":\"candidate:1\",\"sdpMid\":\"0\",\"sdpMLineIndex\":1}");
  WAIT_UNTIL (recorder_has (pair.recorder, "candidate viewer1 candidate:1 0 1")
      && pair.service->frames->len == 1);
  g_assert_true (recorder_has (pair.recorder, "offer viewer1 v=0"));

  action = fake_frame_action (pair.service->frames->pdata[0]);
  payload = fake_frame_payload (pair.service->frames->pdata[0]);
  recipient = fake_frame_recipient (pair.service->frames->pdata[0]);
  g_assert_cmpstr (action, ==, "SDP_ANSWER");
  g_assert_cmpstr (recipient, ==, "viewer1");
  g_assert_cmpstr (payload, ==,
      "{\"type\":\"answer\",\"sdp\":\"answer to viewer1\"}");
  finish (pair);
}

/* Nothing in the environment of whoever runs the tests may matter. */
static void
clear_environment (void)
{
  static const char *const variables[] = {
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_PROFILE",
    "AWS_CA_BUNDLE",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_KINESIS_VIDEO",
    "http_proxy",
    "https_proxy",
    "all_proxy",
  };

  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    g_unsetenv (variables[i]);
  g_setenv ("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent", TRUE);
  g_setenv ("AWS_CONFIG_FILE", "/nonexistent", TRUE);
}

int
main (int argc, char *argv[])
{
  clear_environment ();
  gst_init (NULL, NULL);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/signaller/connects", test_connects);
  g_test_add_func ("/signaller/creates-a-missing-channel",
      test_creates_a_missing_channel);
  g_test_add_func ("/signaller/carries-messages", test_carries_messages);

  return g_test_run ();
}
