/* Keys that end while a session lasts. */
#include <glib/gstdio.h>
#include <gst/gst.h>
#include <string.h>

#include "error.h"
#include "fakekeys.h"
#include "fakeservice.h"
#include "recorder.h"
#include "wait.h"

#define OFFER "{\"type\":\"offer\",\"sdp\":\"v=0\"}"
#define IMDS_TOKEN "/latest/api/token"
#define IMDS_ROLES "/latest/meta-data/iam/security-credentials/"

typedef struct {
  FakeService *service;
  FakeKeys *source; /* a container endpoint */
  Recorder *recorder;
} Fixture;

static void
give (Fixture *f, const char *access_key, int seconds)
{
  g_autofree char *json = fake_keys_json (access_key, seconds);

  fake_keys_set (f->source, "/keys", 200, json);
}

static void
setup (Fixture *f, gconstpointer unused)
{
  g_autofree char *url = NULL;

  f->service = fake_service_new ();
  f->source = fake_keys_new ();
  url = g_strconcat (f->source->url, "/keys", NULL);
  g_setenv ("AWS_CONTAINER_CREDENTIALS_FULL_URI", url, TRUE);
}

static void
teardown (Fixture *f, gconstpointer unused)
{
  recorder_free (f->recorder);
  fake_service_free (f->service);
  fake_keys_free (f->source);
  g_unsetenv ("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  g_unsetenv ("AWS_SHARED_CREDENTIALS_FILE");
}

static void
start (Fixture *f)
{
  KvsConfig config = recorder_config (f->service->url);

  config.access_key = NULL;
  config.secret_key = NULL;
  f->recorder = recorder_new (&config);
  recorder_start (f->recorder);
}

static void
connect_with (Fixture *f, const char *access_key, int seconds)
{
  give (f, access_key, seconds);
  start (f);
  WAIT_UNTIL (
      recorder_has (f->recorder, "connected") && f->service->sockets->len == 1);
}

static gboolean
was_signed_by (FakeService *service, const char *path, const char *access_key)
{
  FakeRequest *request = fake_service_last (service, path);

  return request != NULL
      && ((request->authorization != NULL
              && strstr (request->authorization, access_key) != NULL)
          || (request->query != NULL
              && strstr (request->query, access_key) != NULL));
}

/* In time, with the connection and what goes over it left alone. */
static void
test_renewed_while_connected (Fixture *f, gconstpointer unused)
{
  SoupWebsocketConnection *socket;

  connect_with (f, "FIRST", 6);
  socket = fake_service_socket (f->service);
  give (f, "SECOND", 3600);
  WAIT_UNTIL (fake_keys_count (f->source, "GET /keys") == 2);

  fake_service_send_message (f->service, "SDP_OFFER", "v1", OFFER);
  WAIT_UNTIL (recorder_has (f->recorder, "offer v1 v=0"));
  g_assert_true (fake_service_socket (f->service) == socket);
  g_assert_cmpuint (recorder_count (f->recorder, "connected"), ==, 1);
  g_assert_false (recorder_has (f->recorder, "reconnecting"));

  /* The next signature is theirs. */
  fake_service_cut (f->service);
  WAIT_UNTIL (f->service->sockets->len == 2);
  g_assert_true (was_signed_by (f->service, FAKE_CONNECT, "SECOND"));
}

static void
test_renewed_again_and_again (Fixture *f, gconstpointer unused)
{
  connect_with (f, "KEY", 6);
  for (guint i = 2; i <= 5; i++) {
    g_autofree char *name = g_strdup_printf ("KEY%u", i);

    give (f, name, 6);
    WAIT_UNTIL (fake_keys_count (f->source, "GET /keys") >= i);
  }
  g_assert_cmpuint (recorder_count (f->recorder, "connected"), ==, 1);
}

/* Between two of our looks at the clock, or revoked: the service knows. */
static void
test_refused_keys_are_fetched_at_once (Fixture *f, gconstpointer unused)
{
  connect_with (f, "FIRST", 3600);
  WAIT_UNTIL (fake_service_count (f->service, FAKE_ICE) == 1);
  give (f, "SECOND", 3600);
  fake_service_refuse (f->service, FAKE_DESCRIBE, 403, "ExpiredTokenException",
      "The security token included in the request is expired");
  fake_service_refuse (f->service, FAKE_CONNECT, 403, "AccessDeniedException",
      "The security token included in the request is expired");
  fake_service_cut (f->service);

  WAIT_UNTIL (recorder_count (f->recorder, "connected") == 2);
  g_assert_true (was_signed_by (f->service, FAKE_CONNECT, "SECOND"));
  g_assert_false (recorder_has (f->recorder, "failed"));
}

static gboolean
has_asked (Fixture *f, guint count)
{
  recorder_get_ice (f->recorder);
  return fake_service_count (f->service, FAKE_ICE) >= count;
}

/* A peer that joins with the wrong keys at hand still gets its servers. */
static void
test_servers_for_a_peer (Fixture *f, gconstpointer unused)
{
  f->service->ice_ttl = 1;
  connect_with (f, "FIRST", 3600);
  WAIT_UNTIL (fake_service_count (f->service, FAKE_ICE) == 1);
  give (f, "SECOND", 3600);
  fake_service_refuse (f->service, FAKE_ICE, 403, "ExpiredTokenException",
      "expired");
  WAIT_UNTIL (has_asked (f, 3));
  g_assert_true (was_signed_by (f->service, FAKE_ICE, "SECOND"));
}

/* The first connect, too, survives keys that were replaced a moment ago. */
static void
test_replaced_before_the_first_call (Fixture *f, gconstpointer unused)
{
  fake_service_refuse (f->service, FAKE_DESCRIBE, 403,
      "UnrecognizedClientException", "The security token is invalid.");
  give (f, "OLD", 3600);
  start (f);
  WAIT_UNTIL (fake_keys_count (f->source, "GET /keys") == 1);
  give (f, "NEW", 3600);
  WAIT_UNTIL (recorder_has (f->recorder, "connected"));
  g_assert_true (was_signed_by (f->service, FAKE_CONNECT, "NEW"));
}

/* All of REST went well, and then they ended. */
static void
test_replaced_before_the_first_connection (Fixture *f, gconstpointer unused)
{
  fake_service_refuse (f->service, FAKE_CONNECT, 403, "ExpiredTokenException",
      "expired");
  give (f, "OLD", 3600);
  start (f);
  WAIT_UNTIL (fake_keys_count (f->source, "GET /keys") == 1);
  give (f, "NEW", 3600);
  WAIT_UNTIL (recorder_has (f->recorder, "connected"));
  g_assert_true (was_signed_by (f->service, FAKE_CONNECT, "NEW"));
  g_assert_false (recorder_has (f->recorder, "failed"));
}

/* With none but those, there is nothing to try again with. */
static void
test_refused_by_the_first_connection (Fixture *f, gconstpointer unused)
{
  for (guint i = 0; i < 3; i++)
    fake_service_refuse (f->service, FAKE_CONNECT, 403, "ExpiredTokenException",
        "expired");
  give (f, "OLD", 3600);
  start (f);
  WAIT_UNTIL (recorder_has (f->recorder, "failed"));
  g_assert_cmpuint (fake_service_count (f->service, FAKE_CONNECT), ==, 1);
  g_assert_cmpuint (fake_keys_count (f->source, "GET /keys"), ==, 2);
}

static void
test_wrong_keys_fail_with_their_source (Fixture *f, gconstpointer unused)
{
  for (guint i = 0; i < 3; i++)
    fake_service_refuse (f->service, FAKE_DESCRIBE, 403,
        "UnrecognizedClientException", "The security token is invalid.");
  give (f, "WRONG", 3600);
  start (f);
  WAIT_UNTIL (recorder_has (f->recorder, "failed"));
  g_assert_cmpint (recorder_failure_code (f->recorder), ==,
      KVS_ERROR_CREDENTIALS);
  g_assert_true (recorder_failure_says (f->recorder,
      "from the container endpoint 127.0.0.1"));
  /* Once more, for new ones; there were none. */
  g_assert_cmpuint (fake_service_count (f->service, FAKE_DESCRIBE), ==, 1);
  g_assert_cmpuint (fake_keys_count (f->source, "GET /keys"), ==, 2);
}

/* Somebody else wrote the file, as tools that rotate keys do. */
static void
test_file_that_changed (Fixture *f, gconstpointer unused)
{
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp ("kvs-XXXXXX", &path, NULL);

  g_close (fd, NULL);
  g_file_set_contents (path,
      "[default]\naws_access_key_id=OLD\naws_secret_access_key=s\n", -1, NULL);
  g_setenv ("AWS_SHARED_CREDENTIALS_FILE", path, TRUE);
  start (f);
  WAIT_UNTIL (
      recorder_has (f->recorder, "connected") && f->service->sockets->len == 1);

  g_file_set_contents (path,
      "[default]\naws_access_key_id=NEW\naws_secret_access_key=s\n", -1, NULL);
  fake_service_refuse (f->service, FAKE_CONNECT, 403, "ExpiredTokenException",
      "expired");
  fake_service_cut (f->service);
  WAIT_UNTIL (recorder_count (f->recorder, "connected") == 2);
  g_assert_true (was_signed_by (f->service, FAKE_CONNECT, "NEW"));
  g_remove (path);
}

/* What is connected stays so; why it cannot connect again is said; and it
 * goes on when the source does. */
static void
test_source_that_fails_for_a_while (Fixture *f, gconstpointer unused)
{
  connect_with (f, "FIRST", 5);
  fake_keys_set (f->source, "/keys", 401, NULL);
  WAIT_UNTIL (recorder_detail_says (f->recorder, "status 401"));
  g_assert_cmpuint (soup_websocket_connection_get_state (
                        fake_service_socket (f->service)),
      ==, SOUP_WEBSOCKET_STATE_OPEN);
  g_assert_false (recorder_has (f->recorder, "reconnecting"));

  for (guint i = 0; i < 100; i++) {
    fake_service_refuse (f->service, FAKE_CONNECT, 403, "ExpiredTokenException",
        "expired");
    fake_service_refuse (f->service, FAKE_DESCRIBE, 403,
        "ExpiredTokenException", "expired");
  }
  fake_service_cut (f->service);
  WAIT_UNTIL (recorder_has (f->recorder, "reconnecting"));
  WAIT_UNTIL (recorder_detail_says (f->recorder, "status 401"));
  g_assert_false (recorder_has (f->recorder, "failed"));

  give (f, "SECOND", 3600);
  g_hash_table_remove_all (f->service->scripts);
  WAIT_UNTIL (f->service->sockets->len == 2);
  g_assert_true (was_signed_by (f->service, FAKE_CONNECT, "SECOND"));
  g_assert_false (recorder_has (f->recorder, "failed"));
}

/* Hundreds of failures are told as often as there are kinds of them. */
static void
test_says_why_once (Fixture *f, gconstpointer unused)
{
  guint said;

  connect_with (f, "FIRST", 3600);
  fake_keys_set (f->source, "/keys", 401, NULL);
  for (guint i = 0; i < 100; i++)
    fake_service_refuse (f->service, FAKE_CONNECT, 403, "ExpiredTokenException",
        "expired");
  fake_service_cut (f->service);
  WAIT_UNTIL (recorder_detail_says (f->recorder, "status 401"));
  said = recorder_count (f->recorder, "reconnecting");
  g_ptr_array_set_size (f->source->requests, 0);
  WAIT_UNTIL (f->source->requests->len == 2);
  g_assert_cmpuint (recorder_count (f->recorder, "reconnecting"), ==, said);
}

/* Properties set while playing come before the source in use, and their keys
 * are not overtaken by a search that is under way. */
static void
test_pushed_keys (Fixture *f, gconstpointer unused)
{
  connect_with (f, "FIRST", 5);
  f->source->is_silent = TRUE;
  WAIT_UNTIL (fake_keys_count (f->source, "GET /keys") == 2);
  kvs_signaller_set_credentials (f->recorder->signaller, "PUSHED", "secret",
      "token");
  fake_service_refuse (f->service, FAKE_CONNECT, 503, "ServiceUnavailable", "");
  fake_service_cut (f->service);
  WAIT_UNTIL (f->service->sockets->len == 2);
  g_assert_true (was_signed_by (f->service, FAKE_CONNECT, "PUSHED"));
}

static void
test_pushed_before_the_first_are_found (Fixture *f, gconstpointer unused)
{
  f->source->is_silent = TRUE;
  start (f);
  WAIT_UNTIL (fake_keys_count (f->source, "GET /keys") == 1);
  kvs_signaller_set_credentials (f->recorder->signaller, "PUSHED", "secret",
      NULL);
  WAIT_UNTIL (recorder_has (f->recorder, "connected"));
  g_assert_true (was_signed_by (f->service, FAKE_CONNECT, "PUSHED"));
}

static void
test_stopped_while_looking (Fixture *f, gconstpointer unused)
{
  f->source->is_silent = TRUE;
  start (f);
  WAIT_UNTIL (fake_keys_count (f->source, "GET /keys") == 1);
  recorder_stop (f->recorder);
  recorder_end (f->recorder);
  g_assert_false (recorder_has (f->recorder, "failed"));
}

/* A clock that is wrong by years must not make good keys look expired. */
static void
test_wrong_clock (Fixture *f, gconstpointer unused)
{
  f->service->clock_offset = -3 * 365 * 24 * 3600;
  fake_service_refuse (f->service, FAKE_DESCRIBE, 403,
      "InvalidSignatureException", "Signature not yet current: 1 is after 0");
  connect_with (f, "FIRST", -3 * 365 * 24 * 3600 + 8);
  give (f, "SECOND", -3 * 365 * 24 * 3600 + 3600);
  WAIT_UNTIL (fake_keys_count (f->source, "GET /keys") == 2);
  g_assert_cmpuint (recorder_count (f->recorder, "connected"), ==, 1);
}

#define ADD(name, func) \
  g_test_add ("/renewing/" name, Fixture, NULL, setup, func, teardown)

int
main (int argc, char *argv[])
{
  recorder_clear_environment ();
  gst_init (NULL, NULL);
  g_test_init (&argc, &argv, NULL);

  ADD ("while-connected", test_renewed_while_connected);
  ADD ("again-and-again", test_renewed_again_and_again);
  ADD ("refused-keys-are-fetched-at-once",
      test_refused_keys_are_fetched_at_once);
  ADD ("servers-for-a-peer", test_servers_for_a_peer);
  ADD ("replaced-before-the-first-call", test_replaced_before_the_first_call);
  ADD ("replaced-before-the-first-connection",
      test_replaced_before_the_first_connection);
  ADD ("refused-by-the-first-connection", test_refused_by_the_first_connection);
  ADD ("wrong-keys-fail-with-their-source",
      test_wrong_keys_fail_with_their_source);
  ADD ("file-that-changed", test_file_that_changed);
  ADD ("source-that-fails-for-a-while", test_source_that_fails_for_a_while);
  ADD ("says-why-once", test_says_why_once);
  ADD ("pushed-keys", test_pushed_keys);
  ADD ("pushed-before-the-first-are-found",
      test_pushed_before_the_first_are_found);
  ADD ("stopped-while-looking", test_stopped_while_looking);
  ADD ("wrong-clock", test_wrong_clock);

  return recorder_run_tests ();
}
