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

  g_atomic_int_set (&pair.recorder->answers, TRUE);
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

/* As the service does when nobody is there to get it. */
static void
refuse_first_frame (FakeService *service)
{
  g_autofree char *id = fake_frame_correlation_id (service->frames->pdata[0]);
  g_autofree char *status = g_strdup_printf (
      "{\"messageType\":\"STATUS_RESPONSE\","
      "\"statusResponse\":{\"correlationId\":\"%s\",\"statusCode\":\"404\","
      "\"errorType\":\"ResourceNotFoundException\"}}",
      id);

  fake_service_send (service, status);
}

static Pair
connected_viewer (void)
{
  KvsConfig config = recorder_config (NULL);

  config.role = KVS_ROLE_VIEWER;
  config.client_id = (char *) "viewer-7";
  return connected (&config);
}

static void
test_viewer_signs_in_by_its_id (void)
{
  Pair pair = connected_viewer ();

  g_assert_nonnull (
      strstr (fake_service_last (pair.service, FAKE_CONNECT)->query,
          "&X-Amz-ClientId=viewer-7&"));
  g_assert_nonnull (
      strstr (fake_service_last (pair.service, FAKE_ENDPOINT)->body,
          "\"VIEWER\""));
  finish (pair);
}

/* Whoever the service says it is from, or nobody: there is one master. */
static void
test_viewer_hears_the_master_alone (void)
{
  Pair pair = connected_viewer ();

  fake_service_send_message (pair.service, "SDP_OFFER", "v", OFFER);
  fake_service_send_message (pair.service, "ICE_CANDIDATE", NULL,
      "{\"candidate\":\"candidate:1\",\"sdpMid\":\"0\",\"sdpMLineIndex\":0}");
  fake_service_send_message (pair.service, "ICE_CANDIDATE", "someone",
      "{\"candidate\":\"candidate:2\",\"sdpMid\":\"0\",\"sdpMLineIndex\":0}");
  fake_service_send_message (pair.service, "SDP_ANSWER", NULL,
      "{\"sdp\":\"v=0\"}");
  WAIT_UNTIL (recorder_has (pair.recorder, "answer master v=0"));
  g_assert_true (
      recorder_has (pair.recorder, "candidate master candidate:1 0 0"));
  g_assert_true (
      recorder_has (pair.recorder, "candidate master candidate:2 0 0"));
  g_assert_false (recorder_has (pair.recorder, "offer v v=0"));
  finish (pair);
}

/* The service knows where it goes. */
static void
test_viewer_names_no_recipient (void)
{
  static const char *const actions[] = { "SDP_OFFER", "ICE_CANDIDATE" };
  Pair pair = connected_viewer ();
  g_autofree char *offer = NULL;

  recorder_send_offer (pair.recorder, "master", "v=0");
  recorder_send_candidate (pair.recorder, "master", "candidate:1");
  WAIT_UNTIL (pair.service->frames->len == 2);
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++) {
    const FakeFrame *frame = pair.service->frames->pdata[i];
    g_autofree char *action = fake_frame_action (frame);
    g_autofree char *recipient = fake_frame_recipient (frame);

    g_assert_cmpstr (action, ==, actions[i]);
    g_assert_cmpstr (recipient, ==, NULL);
  }
  offer = fake_frame_payload (pair.service->frames->pdata[0]);
  g_assert_cmpstr (offer, ==, "{\"type\":\"offer\",\"sdp\":\"v=0\"}");
  finish (pair);
}

static void
test_viewer_is_told_that_there_is_no_master (void)
{
  Pair pair = connected_viewer ();

  recorder_send_offer (pair.recorder, "master", "v=0");
  WAIT_UNTIL (pair.service->frames->len == 1);
  refuse_first_frame (pair.service);
  WAIT_UNTIL (recorder_has (pair.recorder,
      "undelivered master 404 ResourceNotFoundException"));
  finish (pair);
}

static void
test_viewer_asks_for_servers_as_itself (void)
{
  Pair pair = connected_viewer ();

  recorder_get_ice (pair.recorder);
  WAIT_UNTIL (fake_service_count (pair.service, FAKE_ICE) > 0);
  g_assert_nonnull (strstr (fake_service_last (pair.service, FAKE_ICE)->body,
      "\"viewer-7\""));
  finish (pair);
}

static void
test_survives_garbage (void)
{
  Pair pair = connected (NULL);
  g_autofree char *giant = g_strnfill (200 * 1024, 'x');
  static const char *const frames[] = {
    "",
    "not json",
    "{}",
    "[]",
    "{\"messageType\":\"NEW_KIND\"}",
    "{\"messageType\":\"SDP_OFFER\",\"senderClientId\":\"v\","
    "\"messagePayload\":\"%%%\"}",
    "{\"messageType\":\"SDP_OFFER\",\"messagePayload\":"
    "\"eyJzZHAiOiJ2PTAifQ==\"}",
    "{\"messageType\":\"ICE_CANDIDATE\",\"messagePayload\":"
    "\"eyJjYW5kaWRhdGUiOiIifQ==\"}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (frames); i++)
    fake_service_send (pair.service, frames[i]);
  fake_service_send (pair.service, giant);
  soup_websocket_connection_send_binary (fake_service_socket (pair.service),
      "{}", 2);
  fake_service_send_message (pair.service, "SDP_OFFER", "v", OFFER);
  WAIT_UNTIL (recorder_has (pair.recorder, "offer v v=0"));

  /* connecting, connected, the one offer: nothing else came through. */
  g_assert_cmpuint (recorder_length (pair.recorder), ==, 3);
  g_assert_cmpuint (fake_service_count (pair.service, FAKE_CONNECT), ==, 1);
  finish (pair);
}

static void
test_tells_what_was_not_delivered (void)
{
  Pair pair = connected (NULL);

  recorder_send_answer (pair.recorder, "v1", "v=0");
  WAIT_UNTIL (pair.service->frames->len == 1);
  refuse_first_frame (pair.service);
  WAIT_UNTIL (recorder_has (pair.recorder,
      "undelivered v1 404 ResourceNotFoundException"));
  finish (pair);
}

static gint64
frame_time (Pair pair, guint index)
{
  const FakeFrame *frame = pair.service->frames->pdata[index];

  return frame->time;
}

static void
test_paces_candidates (void)
{
  Pair pair = connected (NULL);
  g_autofree char *action = NULL;

  recorder_send_answer (pair.recorder, "v1", "v=0");
  for (guint i = 0; i < 50; i++)
    recorder_send_candidate (pair.recorder, "v1", "candidate:1");
  WAIT_UNTIL (pair.service->frames->len >= 19);
  recorder_send_answer (pair.recorder, "v2", "v=0");
  WAIT_UNTIL (pair.service->frames->len == 52);

  /* The quota allows the twentieth a second after the first at the earliest;
   * times of arrival may shrink a little under way. */
  for (guint i = 1; i + 20 < 52; i++)
    g_assert_cmpint (frame_time (pair, i + 20) - frame_time (pair, i), >,
        G_USEC_PER_SEC * 8 / 10);

  /* The second peer's answer did not wait for the first one's candidates. */
  action = fake_frame_action (pair.service->frames->pdata[19]);
  g_assert_cmpstr (action, ==, "SDP_ANSWER");
  finish (pair);
}

static void
test_forgets_a_peer (void)
{
  Pair pair = connected (NULL);
  g_autofree char *recipient = NULL;

  fake_service_send_message (pair.service, "SDP_OFFER", "v1", OFFER);
  WAIT_UNTIL (recorder_has (pair.recorder, "offer v1 v=0"));
  recorder_send_candidate (pair.recorder, "v1", "candidate:1");
  recorder_forget_peer (pair.recorder, "v1");
  recorder_send_candidate (pair.recorder, "v1", "candidate:2");
  recorder_send_answer (pair.recorder, "v2", "v=0");
  WAIT_UNTIL (pair.service->frames->len == 1);
  recipient = fake_frame_recipient (pair.service->frames->pdata[0]);
  g_assert_cmpstr (recipient, ==, "v2");
  finish (pair);
}

#define TURN "turn:127.0.0.1:443?transport=udp "

static void
test_shares_one_fetch_of_ice_servers (void)
{
  Pair pair = connected (NULL);

  for (guint i = 0; i < 3; i++)
    recorder_get_ice (pair.recorder);
  WAIT_UNTIL (recorder_count (pair.recorder, "ice " TURN "user:1") == 3);
  g_assert_cmpuint (fake_service_count (pair.service, FAKE_ICE), ==, 1);

  fake_service_send (pair.service,
      "{\"messageType\":\"RECONNECT_ICE_SERVER\"}");
  fake_service_send_message (pair.service, "SDP_OFFER", "v1", OFFER);
  WAIT_UNTIL (recorder_has (pair.recorder, "offer v1 v=0"));
  recorder_get_ice (pair.recorder);
  WAIT_UNTIL (recorder_has (pair.recorder, "ice " TURN "user:2"));
  finish (pair);
}

/* Asks until the service is asked too, for the second time. */
static gboolean
asked_again (Pair pair)
{
  recorder_get_ice (pair.recorder);
  return fake_service_count (pair.service, FAKE_ICE) == 2;
}

static Pair
connected_with_ice_servers (int ttl)
{
  Pair pair = { fake_service_new (), NULL };
  KvsConfig config = recorder_config (pair.service->url);

  pair.service->ice_ttl = ttl;
  pair.recorder = recorder_new (&config);
  recorder_start (pair.recorder);
  WAIT_UNTIL (recorder_has (pair.recorder, "connected"));
  recorder_get_ice (pair.recorder);
  WAIT_UNTIL (recorder_has (pair.recorder, "ice " TURN "user:1"));
  return pair;
}

static void
test_fetches_ice_servers_again_in_time (void)
{
  Pair pair = connected_with_ice_servers (2);

  WAIT_UNTIL (asked_again (pair));
  WAIT_UNTIL (recorder_has (pair.recorder, "ice " TURN "user:2"));
  g_assert_false (recorder_has (pair.recorder, "ice"));
  finish (pair);
}

static void
test_keeps_ice_servers_that_still_live (void)
{
  Pair pair = connected_with_ice_servers (9);

  fake_service_refuse (pair.service, FAKE_ICE, 403, "AccessDeniedException",
      "no");
  WAIT_UNTIL (asked_again (pair));
  recorder_end (pair.recorder);
  g_assert_false (recorder_has (pair.recorder, "ice"));
  g_assert_cmpuint (recorder_count (pair.recorder, "ice " TURN "user:1"), >, 1);
  finish (pair);
}

static void
test_does_without_ice_servers (void)
{
  Pair pair = connected_with_ice_servers (300);

  fake_service_refuse (pair.service, FAKE_ICE, 403, "AccessDeniedException",
      "no");
  fake_service_send (pair.service,
      "{\"messageType\":\"RECONNECT_ICE_SERVER\"}");
  fake_service_send_message (pair.service, "SDP_OFFER", "v1", OFFER);
  WAIT_UNTIL (recorder_has (pair.recorder, "offer v1 v=0"));
  recorder_get_ice (pair.recorder);
  WAIT_UNTIL (recorder_has (pair.recorder, "ice"));
  finish (pair);
}

static void
test_says_goodbye (void)
{
  Pair pair = connected (NULL);
  SoupWebsocketConnection *socket = fake_service_socket (pair.service);

  recorder_end (pair.recorder);
  WAIT_UNTIL (soup_websocket_connection_get_state (socket)
      == SOUP_WEBSOCKET_STATE_CLOSED);
  g_assert_cmpuint (soup_websocket_connection_get_close_code (socket), ==,
      SOUP_WEBSOCKET_CLOSE_NORMAL);
  g_assert_false (recorder_has (pair.recorder, "closed"));
  finish (pair);
}

int
main (int argc, char *argv[])
{
  recorder_clear_environment ();
  gst_init (NULL, NULL);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/signaller/connects", test_connects);
  g_test_add_func ("/signaller/creates-a-missing-channel",
      test_creates_a_missing_channel);
  g_test_add_func ("/signaller/carries-messages", test_carries_messages);
  g_test_add_func ("/signaller/viewer-signs-in-by-its-id",
      test_viewer_signs_in_by_its_id);
  g_test_add_func ("/signaller/viewer-hears-the-master-alone",
      test_viewer_hears_the_master_alone);
  g_test_add_func ("/signaller/viewer-names-no-recipient",
      test_viewer_names_no_recipient);
  g_test_add_func ("/signaller/viewer-is-told-that-there-is-no-master",
      test_viewer_is_told_that_there_is_no_master);
  g_test_add_func ("/signaller/viewer-asks-for-servers-as-itself",
      test_viewer_asks_for_servers_as_itself);
  g_test_add_func ("/signaller/survives-garbage", test_survives_garbage);
  g_test_add_func ("/signaller/tells-what-was-not-delivered",
      test_tells_what_was_not_delivered);
  g_test_add_func ("/signaller/paces-candidates", test_paces_candidates);
  g_test_add_func ("/signaller/forgets-a-peer", test_forgets_a_peer);
  g_test_add_func ("/signaller/shares-one-fetch-of-ice-servers",
      test_shares_one_fetch_of_ice_servers);
  g_test_add_func ("/signaller/fetches-ice-servers-again-in-time",
      test_fetches_ice_servers_again_in_time);
  g_test_add_func ("/signaller/does-without-ice-servers",
      test_does_without_ice_servers);
  g_test_add_func ("/signaller/keeps-ice-servers-that-still-live",
      test_keeps_ice_servers_that_still_live);
  g_test_add_func ("/signaller/says-goodbye", test_says_goodbye);

  return recorder_run_tests ();
}
