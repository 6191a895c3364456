#include "worker.h"

#include "wait.h"

typedef struct {
  KvsWorker *worker;
  GString *log; /* worker only, until it has stopped */
  int notified; /* atomic */
} Fixture;

static gboolean
log_x (gpointer data)
{
  Fixture *f = data;

  g_assert_true (kvs_worker_is_current (f->worker));
  g_assert_true (g_main_context_get_thread_default ()
      == kvs_worker_get_context (f->worker));
  g_string_append_c (f->log, 'x');
  return G_SOURCE_REMOVE;
}

static void
on_notify (gpointer data)
{
  Fixture *f = data;

  g_atomic_int_inc (&f->notified);
}

static void
log_y (gpointer data, gpointer unused)
{
  Fixture *f = data;

  g_string_append_c (f->log, 'y');
}

/* From the worker: a call comes later, a waiting call at once. */
static gboolean
log_nested (gpointer data)
{
  Fixture *f = data;

  kvs_worker_call (f->worker, log_x, f, on_notify);
  kvs_worker_call_wait (f->worker, log_y, f);
  g_string_append_c (f->log, 'n');
  return G_SOURCE_REMOVE;
}

static Fixture
setup (void)
{
  return (Fixture){ kvs_worker_new ("test"), g_string_new (NULL), 0 };
}

static void
teardown (Fixture *f)
{
  kvs_worker_stop (f->worker);
  g_assert_finalize_object (f->worker);
  g_string_free (f->log, TRUE);
}

static void
call_twice (gpointer data, gpointer unused)
{
  Fixture *f = data;

  kvs_worker_call (f->worker, log_nested, f, on_notify);
  kvs_worker_call (f->worker, log_nested, f, on_notify);
}

static void
test_runs_in_order (void)
{
  Fixture f = setup ();

  kvs_worker_call_wait (f.worker, call_twice, &f);
  WAIT_UNTIL (g_atomic_int_get (&f.notified) == 4);
  kvs_worker_stop (f.worker);
  g_assert_cmpstr (f.log->str, ==, "ynynxx");
  g_assert_cmpint (f.notified, ==, 4);
  teardown (&f);
}

static void
test_stop_runs_what_is_queued (void)
{
  Fixture f = setup ();

  for (guint i = 0; i < 3; i++)
    kvs_worker_call (f.worker, log_x, &f, on_notify);
  kvs_worker_stop (f.worker);
  g_assert_cmpstr (f.log->str, ==, "xxx");
  g_assert_cmpint (f.notified, ==, 3);
  teardown (&f);
}

static void
test_waits (void)
{
  Fixture f = setup ();

  g_assert_false (kvs_worker_is_current (f.worker));
  g_assert_true (kvs_worker_call_wait (f.worker, log_y, &f));
  g_assert_cmpstr (f.log->str, ==, "y");
  teardown (&f);
}

static void
test_refuses_after_stop (void)
{
  Fixture f = setup ();
  GSource *timer;

  kvs_worker_stop (f.worker);
  kvs_worker_stop (f.worker);
  kvs_worker_call (f.worker, log_x, &f, on_notify);
  g_assert_false (kvs_worker_call_wait (f.worker, log_y, &f));
  timer = kvs_worker_call_delayed (f.worker, 0, log_x, &f, on_notify);
  g_assert_true (g_source_is_destroyed (timer));
  g_source_unref (timer);
  g_assert_cmpstr (f.log->str, ==, "");
  g_assert_cmpint (f.notified, ==, 2);
  teardown (&f);
}

static gboolean
set_done (gpointer data)
{
  g_atomic_int_set ((int *) data, TRUE);
  return G_SOURCE_REMOVE;
}

/* Not by a main loop: one that is told to quit before it runs, runs for ever. */
static void
wait_done (int *done)
{
  while (!g_atomic_int_get (done))
    g_usleep (1000);
}

static void
test_timers (void)
{
  Fixture f = setup ();
  int done = FALSE;
  GSource *never =
      kvs_worker_call_delayed (f.worker, 60000, log_x, &f, on_notify);
  GSource *soon = kvs_worker_call_delayed (f.worker, 1, set_done, &done, NULL);

  wait_done (&done);
  g_source_destroy (never);
  g_source_unref (never);
  g_source_unref (soon);
  g_assert_cmpint (f.notified, ==, 1);
  teardown (&f);
}

static gboolean
nothing (gpointer data)
{
  return G_SOURCE_REMOVE;
}

static void
on_gone (gpointer data, GObject *object)
{
  set_done (data);
}

static void
test_last_reference_on_the_worker (void)
{
  int done = FALSE;
  KvsWorker *worker = kvs_worker_new ("test");

  g_object_weak_ref (G_OBJECT (worker), on_gone, &done);
  kvs_worker_call (worker, nothing, g_object_ref (worker), g_object_unref);
  g_object_unref (worker);
  wait_done (&done);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/worker/runs-in-order", test_runs_in_order);
  g_test_add_func ("/worker/stop-runs-what-is-queued",
      test_stop_runs_what_is_queued);
  g_test_add_func ("/worker/waits", test_waits);
  g_test_add_func ("/worker/refuses-after-stop", test_refuses_after_stop);
  g_test_add_func ("/worker/timers", test_timers);
  g_test_add_func ("/worker/last-reference-on-the-worker",
      test_last_reference_on_the_worker);
  return g_test_run ();
}
