/* The WebSocket alone, on a worker; the service runs in the test's own context. */
#include "socket.h"

#include <gst/gst.h>
#include <string.h>

#include "error.h"
#include "fakeservice.h"
#include "recorder.h"
#include "wait.h"
#include "worker.h"

typedef struct {
  KvsWorker *worker;
  FakeService *service;
  KvsTransport *transport; /* all below: worker, read by the test under lock */
  KvsSocket *socket;

  GMutex lock;
  gboolean opened;
  gboolean closed;
  gboolean gone;
  guint close_code;
  guint refusal;
  GError *error;
  char *url;
  guint ping_seconds;
  gint64 heard;
} Fixture;

static void
on_text (gpointer user_data, const char *data, gsize length)
{
}

static void
on_closed (gpointer user_data, guint close_code, const char *reason)
{
  Fixture *f = user_data;

  g_mutex_lock (&f->lock);
  g_assert_false (f->closed);
  f->closed = TRUE;
  f->close_code = close_code;
  g_mutex_unlock (&f->lock);
}

static const KvsSocketEvents events = { on_text, on_closed };

static void
open_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *f = user_data;
  g_autoptr (KvsAnswer) refusal = NULL;

  f->socket = kvs_socket_open_finish (result, &refusal, &f->error);
  if (f->socket != NULL)
    kvs_socket_listen (f->socket, &events, f);

  g_mutex_lock (&f->lock);
  f->refusal = refusal != NULL ? refusal->status : 0;
  f->opened = TRUE;
  g_mutex_unlock (&f->lock);
}

static void
open (gpointer data, gpointer unused)
{
  Fixture *f = data;

  f->transport = kvs_transport_new (NULL, NULL, NULL);
  kvs_socket_open_async (f->transport, f->url, f->ping_seconds, NULL, open_done,
      f);
}

static gboolean
is_set (Fixture *f, const gboolean *flag)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&f->lock);

  return *flag;
}

static Fixture *
setup_pinging (const char *path, guint ping_seconds)
{
  Fixture *f = g_new0 (Fixture, 1);

  f->ping_seconds = ping_seconds;
  g_mutex_init (&f->lock);
  f->service = fake_service_new ();
  f->url = g_strdup_printf ("ws%s%s", strchr (f->service->url, ':'), path);
  f->worker = kvs_worker_new ("test");
  kvs_worker_call_wait (f->worker, open, f);
  WAIT_UNTIL (is_set (f, &f->opened));
  return f;
}

static Fixture *
setup (const char *path)
{
  return setup_pinging (path, 1);
}

static void
on_gone (gpointer data)
{
  Fixture *f = data;

  g_mutex_lock (&f->lock);
  f->gone = TRUE;
  g_mutex_unlock (&f->lock);
}

static void
let_go (gpointer data, gpointer unused)
{
  Fixture *f = data;

  if (f->socket != NULL)
    kvs_socket_close (f->socket, on_gone, f);
  else
    on_gone (f);
  g_clear_object (&f->socket);
  g_clear_object (&f->transport);
}

static void
teardown (Fixture *f)
{
  kvs_worker_call_wait (f->worker, let_go, f);
  WAIT_UNTIL (is_set (f, &f->gone));
  kvs_worker_stop (f->worker);
  g_assert_finalize_object (f->worker);
  fake_service_free (f->service);
  g_clear_error (&f->error);
  g_mutex_clear (&f->lock);
  g_free (f->url);
  g_free (f);
}

/* All that the signer writes: what need not be escaped is not, the rest is in
 * capitals. GUri leaves just that alone. */
static void
test_keeps_escapes (void)
{
  const char *query =
      "X-Amz-ChannelARN=arn%3Aaws%3Ax%2Fy%2F&a=%25%2B%3D%20%26%C3%A9~-._0aZ";
  g_autofree char *path = g_strconcat ("/?", query, NULL);
  Fixture *f = setup (path);

  g_assert_nonnull (f->socket);
  g_assert_cmpstr (fake_service_last (f->service, FAKE_CONNECT)->query, ==,
      query);
  teardown (f);
}

/* While the test waits without running its context, the service is as silent
 * as a dead one: its end of the connection is open, and no ping is answered. */
static void
test_notices_silence (void)
{
  Fixture *f = setup ("/");
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (!is_set (f, &f->closed) && g_get_monotonic_time () < end)
    g_usleep (10000);
  g_assert_true (is_set (f, &f->closed));
  g_assert_cmpuint (f->close_code, ==, 0);
  teardown (f);
}

static gboolean
has_passed (gint64 time)
{
  return g_get_monotonic_time () > time;
}

static void
test_pings_keep_it_alive (void)
{
  Fixture *f = setup ("/");
  gint64 end = g_get_monotonic_time () + 4 * G_USEC_PER_SEC;

  WAIT_UNTIL (has_passed (end));
  g_assert_false (is_set (f, &f->closed));
  teardown (f);
}

static void
doubt (gpointer data, gpointer unused)
{
  Fixture *f = data;

  kvs_socket_doubt (f->socket);
}

static void
hear (gpointer data, gpointer unused)
{
  Fixture *f = data;

  f->heard = kvs_socket_last_heard (f->socket);
}

/* By its pings alone it would be noticed after minutes. */
static void
test_doubt_notices_silence (void)
{
  Fixture *f = setup_pinging ("/", 600);
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  kvs_worker_call_wait (f->worker, doubt, f);
  while (!is_set (f, &f->closed) && g_get_monotonic_time () < end)
    g_usleep (10000);
  g_assert_true (is_set (f, &f->closed));
  g_assert_cmpuint (f->close_code, ==, 0);
  teardown (f);
}

static gboolean
has_heard_since (Fixture *f, gint64 time)
{
  kvs_worker_call_wait (f->worker, hear, f);
  return f->heard > time;
}

static void
test_doubt_is_answered (void)
{
  Fixture *f = setup_pinging ("/", 600);
  gint64 begun = g_get_monotonic_time ();

  kvs_worker_call_wait (f->worker, doubt, f);
  WAIT_UNTIL (has_heard_since (f, begun));
  /* Nor is it held against it later, when a second one is. */
  WAIT_UNTIL (has_passed (begun + 6 * G_USEC_PER_SEC));
  g_assert_false (is_set (f, &f->closed));
  begun = g_get_monotonic_time ();
  kvs_worker_call_wait (f->worker, doubt, f);
  WAIT_UNTIL (has_heard_since (f, begun));
  g_assert_false (is_set (f, &f->closed));
  teardown (f);
}

static void
test_tells_the_close_code (void)
{
  Fixture *f = setup ("/");

  WAIT_UNTIL (fake_service_socket (f->service) != NULL);
  soup_websocket_connection_close (fake_service_socket (f->service), 4001,
      "because");
  WAIT_UNTIL (is_set (f, &f->closed));
  g_assert_cmpuint (f->close_code, ==, 4001);
  teardown (f);
}

static void
test_is_refused (void)
{
  Fixture *f = g_new0 (Fixture, 1);

  g_mutex_init (&f->lock);
  f->service = fake_service_new ();
  f->url = g_strdup_printf ("ws%s/", strchr (f->service->url, ':'));
  f->worker = kvs_worker_new ("test");
  fake_service_refuse (f->service, FAKE_CONNECT, 403, "AccessDeniedException",
      "no");
  kvs_worker_call_wait (f->worker, open, f);
  WAIT_UNTIL (is_set (f, &f->opened));
  g_assert_null (f->socket);
  g_assert_no_error (f->error);
  g_assert_cmpuint (f->refusal, ==, 403);
  teardown (f);
}

int
main (int argc, char *argv[])
{
  gst_init (NULL, NULL);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/socket/keeps-escapes", test_keeps_escapes);
  g_test_add_func ("/socket/notices-silence", test_notices_silence);
  g_test_add_func ("/socket/pings-keep-it-alive", test_pings_keep_it_alive);
  g_test_add_func ("/socket/doubt-notices-silence", test_doubt_notices_silence);
  g_test_add_func ("/socket/doubt-is-answered", test_doubt_is_answered);
  g_test_add_func ("/socket/tells-the-close-code", test_tells_the_close_code);
  g_test_add_func ("/socket/is-refused", test_is_refused);
  return recorder_run_tests ();
}
