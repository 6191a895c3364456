/* The forwarder on a worker, between this process and a TLS server on threads of its own. */
#include "turnforwarder.h"

#include <gst/gst.h>
#include <string.h>

#include "error.h"
#include "fakerelay.h"
#include "recorder.h"
#include "wait.h"

typedef struct {
  KvsWorker *worker;
  KvsTransport *transport;
  KvsTurnForwarder *forwarder;
  FakeRelay *relay;
  const char *host;
  guint16 port;
  const char *ca_file;
  char *address;
  char *trouble;
} Fixture;

static char *
file (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, name, NULL);
}

static void
open_on_worker (gpointer data, gpointer unused)
{
  Fixture *f = data;
  g_autofree char *ca = f->ca_file != NULL ? file (f->ca_file) : NULL;
  const char *files[] = { ca, NULL };
  g_autoptr (GError) error = NULL;

  f->transport = kvs_transport_new (files, NULL, &error);
  g_assert_no_error (error);
  f->forwarder = kvs_turn_forwarder_new (f->worker, f->transport, f->host,
      f->port, &error);
  g_assert_no_error (error);
  f->address = g_strdup (kvs_turn_forwarder_get_address (f->forwarder));
}

static Fixture *
setup_for (FakeRelayManner manner, const char *host, const char *ca_file)
{
  Fixture *f = g_new0 (Fixture, 1);
  g_autofree char *certificate = file ("tls-relay.pem");

  f->relay = fake_relay_new (certificate, manner);
  f->port = fake_relay_get_port (f->relay);
  f->host = host;
  f->ca_file = ca_file;
  f->worker = kvs_worker_new ("test");
  kvs_worker_call_wait (f->worker, open_on_worker, f);
  return f;
}

static Fixture *
setup (FakeRelayManner manner)
{
  return setup_for (manner, "localhost", "tls-relay-ca.pem");
}

static void
close_on_worker (gpointer data, gpointer unused)
{
  Fixture *f = data;

  kvs_turn_forwarder_close (f->forwarder);
  kvs_turn_forwarder_close (f->forwarder);
  g_clear_object (&f->forwarder);
  g_clear_object (&f->transport);
}

static void
teardown (Fixture *f)
{
  if (f->forwarder != NULL)
    kvs_worker_call_wait (f->worker, close_on_worker, f);
  kvs_worker_stop (f->worker);
  g_assert_finalize_object (f->worker);
  fake_relay_free (f->relay);
  g_free (f->address);
  g_free (f->trouble);
  g_free (f);
}

static void
read_trouble (gpointer data, gpointer unused)
{
  Fixture *f = data;

  g_free (f->trouble);
  f->trouble = g_strdup (kvs_turn_forwarder_get_trouble (f->forwarder));
}

static const char *
get_trouble (Fixture *f)
{
  kvs_worker_call_wait (f->worker, read_trouble, f);
  return f->trouble;
}

static GSocketConnection *
try_connect (Fixture *f)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();

  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_set_timeout (client, 20);
  return g_socket_client_connect_to_host (client, f->address, 0, NULL, NULL);
}

static GSocketConnection *
connect_to (Fixture *f)
{
  GSocketConnection *connection = try_connect (f);

  g_assert_nonnull (connection);
  return connection;
}

static gboolean
send_text (GSocketConnection *connection, const char *text)
{
  return g_output_stream_write_all (g_io_stream_get_output_stream (
                                        G_IO_STREAM (connection)),
      text, strlen (text), NULL, NULL, NULL);
}

static void
assert_echoes (GSocketConnection *connection, const char *text)
{
  g_autofree char *answer = g_malloc0 (strlen (text) + 1);

  g_assert_true (send_text (connection, text));
  g_assert_true (g_input_stream_read_all (g_io_stream_get_input_stream (
                                              G_IO_STREAM (connection)),
      answer, strlen (text), NULL, NULL, NULL));
  g_assert_cmpstr (answer, ==, text);
}

/* Until its end, which must come. */
static void
assert_ends (GSocketConnection *connection)
{
  GInputStream *in = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  char data[4096];
  g_autoptr (GError) error = NULL;

  while (g_input_stream_read (in, data, sizeof data, NULL, &error) > 0)
    ;
  g_assert_false (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT));
}

static void
test_carries_both_ways (void)
{
  Fixture *f = setup (FAKE_RELAY_ECHO);
  g_autoptr (GSocketConnection) connection = connect_to (f);

  assert_echoes (connection, "Allocate");
  assert_echoes (connection, "and more");
  g_assert_null (get_trouble (f));
  teardown (f);
}

/* More than all buffers hold, so that each of them fills up on the way. */
static void
test_keeps_order_under_load (void)
{
  enum {
    SIZE = 1024 * 1024,
    PIECE = 64 * 1024
  };
  Fixture *f = setup (FAKE_RELAY_ECHO);
  g_autoptr (GSocketConnection) connection = connect_to (f);
  GInputStream *in = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  g_autofree char *out = g_malloc (PIECE), *back = g_malloc (PIECE);

  for (gsize sent = 0; sent < SIZE; sent += PIECE) {
    for (gsize i = 0; i < PIECE; i++)
      out[i] = (char) ((sent + i) * 2654435761u >> 16);
    g_assert_true (g_output_stream_write_all (g_io_stream_get_output_stream (
                                                  G_IO_STREAM (connection)),
        out, PIECE, NULL, NULL, NULL));
    g_assert_true (g_input_stream_read_all (in, back, PIECE, NULL, NULL, NULL));
    g_assert_cmpmem (back, PIECE, out, PIECE);
  }
  teardown (f);
}

static void
test_serves_one_connection (void)
{
  Fixture *f = setup (FAKE_RELAY_ECHO);
  g_autoptr (GSocketConnection) connection = connect_to (f);

  assert_echoes (connection, "first");
  g_assert_null (try_connect (f));
  g_assert_cmpuint (fake_relay_taken (f->relay), ==, 1);
  teardown (f);
}

/* Another program: what it prints is what it was sent before the end. */
static void
connect_stranger (Fixture *f)
{
  const char *script = "exec 3<>/dev/tcp/127.0.0.1/$0 && echo hello >&3; "
                       "timeout 10 cat <&3; test $? != 124";
  const char *argv[] = { "bash", "-c", script, strrchr (f->address, ':') + 1,
    NULL };
  g_autofree char *output = NULL;
  int status = -1;

  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL,
      G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &output,
      NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
  g_assert_cmpstr (output, ==, "");
}

static void
test_turns_other_programs_away (void)
{
  Fixture *f = setup (FAKE_RELAY_ECHO);
  g_autoptr (GSocketConnection) connection = NULL;

  connect_stranger (f);
  connect_stranger (f);
  g_assert_cmpuint (fake_relay_taken (f->relay), ==, 0);
  connection = connect_to (f);
  assert_echoes (connection, "ours");
  teardown (f);
}

static void
test_gives_up_when_crowded_out (void)
{
  Fixture *f = setup (FAKE_RELAY_ECHO);

  while (get_trouble (f) == NULL)
    connect_stranger (f);
  g_assert_null (try_connect (f));
  teardown (f);
}

static void
assert_refuses (Fixture *f, const char *words)
{
  g_autoptr (GSocketConnection) connection = connect_to (f);

  send_text (connection, "Allocate");
  assert_ends (connection);
  g_assert_nonnull (get_trouble (f));
  g_assert_nonnull (strstr (f->trouble, words));
  teardown (f);
}

static void
test_refuses_a_stranger_s_certificate (void)
{
  assert_refuses (setup_for (FAKE_RELAY_ECHO, "localhost", NULL),
      "signed by nobody this machine trusts");
}

static void
test_refuses_another_host_s_certificate (void)
{
  assert_refuses (setup_for (FAKE_RELAY_ECHO, "127.0.0.2", "tls-relay-ca.pem"),
      "127.0.0.2");
}

static void
test_refuses_what_is_not_tls (void)
{
  assert_refuses (setup (FAKE_RELAY_PLAIN), "No TLS connection to localhost");
}

static void
test_says_that_the_relay_is_not_there (void)
{
  Fixture *f = setup (FAKE_RELAY_ECHO);

  kvs_worker_call_wait (f->worker, close_on_worker, f);
  g_clear_pointer (&f->address, g_free);
  f->port = 1;
  kvs_worker_call_wait (f->worker, open_on_worker, f);
  assert_refuses (f, "localhost:1 refuses connections");
}

static void
test_ends_when_the_relay_resets (void)
{
  Fixture *f = setup (FAKE_RELAY_RESET);
  g_autoptr (GSocketConnection) connection = connect_to (f);

  send_text (connection, "x");
  assert_ends (connection);
  teardown (f);
}

static void
test_ends_with_the_peer (void)
{
  Fixture *f = setup (FAKE_RELAY_ECHO);
  GSocketConnection *connection = connect_to (f);

  assert_echoes (connection, "hello");
  g_object_unref (connection);
  WAIT_UNTIL (fake_relay_over (f->relay) == 1);
  teardown (f);
}

static void
nothing (gpointer data, gpointer unused)
{
}

/* What a relay that does not read leaves in buffers, ours and the kernel's:
 * too much of it would be seconds of old picture. */
static void
test_slows_down_for_a_slow_relay (void)
{
  Fixture *f = setup (FAKE_RELAY_DEAF);
  g_autoptr (GSocketConnection) connection = connect_to (f);
  GSocket *socket = g_socket_connection_get_socket (connection);
  char data[1200] = { 0 };
  gsize total = 0;
  gint64 last = g_get_monotonic_time ();

  WAIT_UNTIL (fake_relay_taken (f->relay) == 1);
  g_socket_set_blocking (socket, FALSE);
  /* Full when it has taken nothing for so long. */
  while (g_get_monotonic_time () - last < G_USEC_PER_SEC) {
    gssize size = g_socket_send (socket, data, sizeof data, NULL, NULL);

    if (size <= 0) {
      g_usleep (1000);
      continue;
    }
    total += size;
    last = g_get_monotonic_time ();
  }
  g_test_message ("%" G_GSIZE_FORMAT " bytes on the way", total);
  g_assert_cmpuint (total, <, 512 * 1024);
  kvs_worker_call_wait (f->worker, nothing, NULL);
  kvs_worker_call_wait (f->worker, close_on_worker, f);
  fake_relay_set_manner (f->relay, FAKE_RELAY_ECHO);
  teardown (f);
}

/* The worker has its turn while a relay sends as fast as it can and nobody
 * reads it, or somebody does. */
static void
test_a_flood_stays_outside (void)
{
  Fixture *f = setup (FAKE_RELAY_FLOOD);
  g_autoptr (GSocketConnection) connection = connect_to (f);
  GInputStream *in = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  char data[16 * 1024];

  for (int i = 0; i < 100; i++) {
    g_assert_true (
        g_input_stream_read_all (in, data, sizeof data, NULL, NULL, NULL));
    kvs_worker_call_wait (f->worker, nothing, NULL);
  }
  kvs_worker_call_wait (f->worker, close_on_worker, f);
  assert_ends (connection);
  WAIT_UNTIL (fake_relay_over (f->relay) == 1);
  teardown (f);
}

static void
test_can_be_closed_while_it_connects (void)
{
  Fixture *f = setup (FAKE_RELAY_SILENT);
  g_autoptr (GSocketConnection) connection = connect_to (f);

  WAIT_UNTIL (fake_relay_taken (f->relay) == 1);
  kvs_worker_call_wait (f->worker, close_on_worker, f);
  assert_ends (connection);
  teardown (f);
}

static void
test_can_be_closed_unused (void)
{
  Fixture *f = setup (FAKE_RELAY_ECHO);

  kvs_worker_call_wait (f->worker, close_on_worker, f);
  g_assert_null (try_connect (f));
  teardown (f);
}

int
main (int argc, char *argv[])
{
  gst_init (NULL, NULL);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/turnforwarder/carries-both-ways", test_carries_both_ways);
  g_test_add_func ("/turnforwarder/keeps-order-under-load",
      test_keeps_order_under_load);
  g_test_add_func ("/turnforwarder/serves-one-connection",
      test_serves_one_connection);
  g_test_add_func ("/turnforwarder/turns-other-programs-away",
      test_turns_other_programs_away);
  g_test_add_func ("/turnforwarder/gives-up-when-crowded-out",
      test_gives_up_when_crowded_out);
  g_test_add_func ("/turnforwarder/refuses/a-stranger-s-certificate",
      test_refuses_a_stranger_s_certificate);
  g_test_add_func ("/turnforwarder/refuses/another-host-s-certificate",
      test_refuses_another_host_s_certificate);
  g_test_add_func ("/turnforwarder/refuses/what-is-not-tls",
      test_refuses_what_is_not_tls);
  g_test_add_func ("/turnforwarder/says-that-the-relay-is-not-there",
      test_says_that_the_relay_is_not_there);
  g_test_add_func ("/turnforwarder/ends-when-the-relay-resets",
      test_ends_when_the_relay_resets);
  g_test_add_func ("/turnforwarder/ends-with-the-peer",
      test_ends_with_the_peer);
  g_test_add_func ("/turnforwarder/slows-down-for-a-slow-relay",
      test_slows_down_for_a_slow_relay);
  g_test_add_func ("/turnforwarder/a-flood-stays-outside",
      test_a_flood_stays_outside);
  g_test_add_func ("/turnforwarder/can-be-closed/while-it-connects",
      test_can_be_closed_while_it_connects);
  g_test_add_func ("/turnforwarder/can-be-closed/unused",
      test_can_be_closed_unused);
  return recorder_run_tests ();
}
