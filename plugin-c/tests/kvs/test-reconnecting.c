/* After the first connect: lost sockets, moving house, being displaced. */
#include <gst/gst.h>
#include <string.h>

#include "error.h"
#include "fakeservice.h"
#include "recorder.h"
#include "wait.h"

#define OFFER "{\"type\":\"offer\",\"sdp\":\"v=0\"}"

static Recorder *
connected (FakeService *service)
{
  KvsConfig config = recorder_config (service->url);
  Recorder *recorder = recorder_new (&config);
  guint sockets = service->sockets->len;

  recorder_start (recorder);
  WAIT_UNTIL (
      recorder_has (recorder, "connected") && service->sockets->len > sockets);
  return recorder;
}

static void
test_lost_connection (void)
{
  FakeService *service = fake_service_new ();
  Recorder *recorder = connected (service);

  fake_service_cut (service);
  WAIT_UNTIL (recorder_count (recorder, "connected") == 2
      && service->sockets->len == 2);
  g_assert_cmpuint (recorder_count (recorder, "reconnecting"), ==, 1);
  g_assert_false (recorder_has (recorder, "failed"));
  g_assert_cmpint (recorder_gap_ms (recorder), >=, 0);

  /* The endpoints are still good. */
  g_assert_cmpuint (fake_service_count (service, FAKE_DESCRIBE), ==, 1);
  fake_service_send_message (service, "SDP_OFFER", "v1", OFFER);
  WAIT_UNTIL (recorder_has (recorder, "offer v1 v=0"));
  recorder_free (recorder);
  fake_service_free (service);
}

/* Its old host does not answer any more, so nobody there can say so. */
static void
test_endpoint_that_moved (void)
{
  FakeService *service = fake_service_new (), *older = fake_service_new ();
  KvsConfig config = recorder_config (service->url);
  Recorder *recorder = recorder_new (&config);

  service->endpoint_url = older->url;
  recorder_start (recorder);
  WAIT_UNTIL (recorder_has (recorder, "connected") && older->sockets->len == 1);

  service->endpoint_url = NULL;
  fake_service_cut (older);
  fake_service_free (older);
  WAIT_UNTIL (recorder_count (recorder, "connected") == 2
      && service->sockets->len == 1);
  g_assert_false (recorder_has (recorder, "failed"));

  fake_service_send_message (service, "SDP_OFFER", "v1", OFFER);
  WAIT_UNTIL (recorder_has (recorder, "offer v1 v=0"));
  recorder_free (recorder);
  fake_service_free (service);
}

static void
test_messages_wait_for_the_next_connection (void)
{
  FakeService *service = fake_service_new ();
  Recorder *recorder = connected (service);

  for (guint i = 0; i < 3; i++)
    fake_service_refuse (service, FAKE_CONNECT, 503, "ServiceUnavailable", "");
  fake_service_cut (service);
  WAIT_UNTIL (recorder_has (recorder, "reconnecting"));
  recorder_send_answer (recorder, "v1", "v=0");
  recorder_send_candidate (recorder, "v1", "candidate:1");
  WAIT_UNTIL (service->frames->len == 2);
  g_assert_false (recorder_has (recorder, "failed"));
  recorder_free (recorder);
  fake_service_free (service);
}

static void
test_broken_again_and_again (void)
{
  FakeService *service = fake_service_new ();
  Recorder *recorder = connected (service);

  for (guint i = 1; i <= 5; i++) {
    fake_service_cut (service);
    WAIT_UNTIL (recorder_count (recorder, "connected") == i + 1
        && service->sockets->len == i + 1);
  }
  g_assert_false (recorder_has (recorder, "failed"));
  recorder_free (recorder);
  fake_service_free (service);
}

static void
test_moves_on_go_away (void)
{
  FakeService *service = fake_service_new ();
  Recorder *recorder = connected (service);
  SoupWebsocketConnection *older = fake_service_socket (service);

  g_assert_cmpint (recorder_gap_ms (recorder), <, 0);
  fake_service_send (service, "{\"messageType\":\"GO_AWAY\"}");
  WAIT_UNTIL (recorder_count (recorder, "connected") == 2);
  g_assert_cmpint (recorder_gap_ms (recorder), ==, 0);
  g_assert_true (recorder_detail_says (recorder, "moved"));
  WAIT_UNTIL (service->sockets->len == 2
      && soup_websocket_connection_get_state (older)
          == SOUP_WEBSOCKET_STATE_CLOSED);

  /* Nobody noticed, and the new one works. */
  fake_service_send_message (service, "SDP_OFFER", "v1", OFFER);
  WAIT_UNTIL (recorder_has (recorder, "offer v1 v=0"));
  g_assert_false (recorder_has (recorder, "reconnecting"));
  recorder_free (recorder);
  fake_service_free (service);
}

/* The service may have handed it to the old connection just before. */
static void
test_late_offer_after_go_away (void)
{
  FakeService *service = fake_service_new ();
  Recorder *recorder = connected (service);
  SoupWebsocketConnection *older = fake_service_socket (service);

  recorder->answers = TRUE;
  fake_service_send (service, "{\"messageType\":\"GO_AWAY\"}");
  WAIT_UNTIL (recorder_count (recorder, "connected") == 2);
  fake_service_send_message_on (older, "GO_AWAY", NULL, "");
  fake_service_send_message_on (older, "SDP_OFFER", "v1", OFFER);
  WAIT_UNTIL (recorder_has (recorder, "offer v1 v=0"));
  WAIT_UNTIL (service->frames->len > 0);
  /* Asked again to go, the old one changes nothing. */
  g_assert_cmpuint (service->sockets->len, ==, 2);
  recorder_free (recorder);
  fake_service_free (service);
}

/* The service closes the old one as displaced by our own new one. */
static void
test_moves_where_a_new_connection_displaces (void)
{
  FakeService *service = fake_service_new ();
  Recorder *recorder = connected (service);

  service->displaces = TRUE;
  for (guint i = 2; i <= 4; i++) {
    fake_service_send (service, "{\"messageType\":\"GO_AWAY\"}");
    WAIT_UNTIL (service->sockets->len == i);
  }
  fake_service_send_message (service, "SDP_OFFER", "v1", OFFER);
  WAIT_UNTIL (recorder_has (recorder, "offer v1 v=0"));
  g_assert_false (recorder_has (recorder, "failed"));
  recorder_free (recorder);
  fake_service_free (service);
}

static void
test_the_newer_master_stays (void)
{
  FakeService *service = fake_service_new ();
  Recorder *older = connected (service), *newer;

  service->displaces = TRUE;
  newer = connected (service);
  WAIT_UNTIL (recorder_has (older, "closed"));
  g_assert_cmpint (recorder_failure_code (older), ==, KVS_ERROR_DISPLACED);
  g_assert_true (recorder_failure_says (older, "another master"));

  fake_service_send_message (service, "SDP_OFFER", "v1", OFFER);
  WAIT_UNTIL (recorder_has (newer, "offer v1 v=0"));
  g_assert_false (recorder_has (newer, "failed"));
  recorder_free (older);
  recorder_free (newer);
  fake_service_free (service);
}

static void
set_credentials (Recorder *recorder)
{
  /* Any thread may. */
  kvs_signaller_set_credentials (recorder->signaller, "AKIDNEW", "newsecret",
      "newtoken");
}

static void
test_refused_keys_are_replaced (void)
{
  FakeService *service = fake_service_new ();
  Recorder *recorder = connected (service);

  for (guint i = 0; i < 6; i++) {
    fake_service_refuse (service, FAKE_CONNECT, 403, "ExpiredTokenException",
        "");
    fake_service_refuse (service, FAKE_DESCRIBE, 403, "ExpiredTokenException",
        "expired");
  }
  fake_service_cut (service);
  WAIT_UNTIL (fake_service_count (service, FAKE_DESCRIBE) > 2);
  g_assert_false (recorder_has (recorder, "failed"));

  g_hash_table_remove_all (service->scripts);
  set_credentials (recorder);
  WAIT_UNTIL (recorder_count (recorder, "connected") == 2);
  g_assert_nonnull (
      strstr (fake_service_last (service, FAKE_CONNECT)->query, "AKIDNEW"));
  recorder_free (recorder);
  fake_service_free (service);
}

static void
test_stopped_while_reconnecting (void)
{
  FakeService *service = fake_service_new ();
  Recorder *recorder = connected (service);
  guint length;

  for (guint i = 0; i < 50; i++)
    fake_service_refuse (service, FAKE_CONNECT, 503, "ServiceUnavailable", "");
  fake_service_cut (service);
  WAIT_UNTIL (fake_service_count (service, FAKE_CONNECT) > 3);
  recorder_stop (recorder);
  length = recorder_length (recorder);
  recorder_end (recorder);
  g_assert_cmpuint (recorder_length (recorder), ==, length);
  recorder_free (recorder);
  fake_service_free (service);
}

static void
test_frame_no_one_can_take (void)
{
  FakeService *service = fake_service_new ();
  Recorder *recorder = connected (service);
  g_autofree char *monster = g_strnfill (3 * 1024 * 1024, 'x');

  fake_service_send (service, monster);
  WAIT_UNTIL (recorder_count (recorder, "connected") == 2);
  g_assert_false (recorder_has (recorder, "failed"));
  recorder_free (recorder);
  fake_service_free (service);
}

int
main (int argc, char *argv[])
{
  recorder_clear_environment ();
  gst_init (NULL, NULL);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/reconnecting/lost-connection", test_lost_connection);
  g_test_add_func ("/reconnecting/endpoint-that-moved",
      test_endpoint_that_moved);
  g_test_add_func ("/reconnecting/messages-wait",
      test_messages_wait_for_the_next_connection);
  g_test_add_func ("/reconnecting/broken-again-and-again",
      test_broken_again_and_again);
  g_test_add_func ("/reconnecting/moves-on-go-away", test_moves_on_go_away);
  g_test_add_func ("/reconnecting/late-offer-after-go-away",
      test_late_offer_after_go_away);
  g_test_add_func ("/reconnecting/moves-where-a-new-one-displaces",
      test_moves_where_a_new_connection_displaces);
  g_test_add_func ("/reconnecting/the-newer-master-stays",
      test_the_newer_master_stays);
  g_test_add_func ("/reconnecting/refused-keys-are-replaced",
      test_refused_keys_are_replaced);
  g_test_add_func ("/reconnecting/stopped-while-reconnecting",
      test_stopped_while_reconnecting);
  g_test_add_func ("/reconnecting/frame-no-one-can-take",
      test_frame_no_one_can_take);

  return recorder_run_tests ();
}
