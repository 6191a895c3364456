#include "worker.h"

/* For goodbyes at the end: see kvs_worker_hold. */
#define PATIENCE_MS 500

typedef struct {
  GSourceFunc func;
  GDestroyNotify notify;
  gpointer data;
} Call;

/* Shared by the object and its thread, so that the thread may outlive the
 * object when the last reference is dropped on the thread itself. */
typedef struct {
  GMainContext *context;
  GMainLoop *loop;
  GSource *wakeup; /* dispatches `calls` */

  GMutex lock;
  GQueue calls;     /* of Call; under lock */
  gboolean stopped; /* no new calls; under lock */

  int patience_ms; /* atomic */
  guint holds;     /* worker only */
} Shared;

struct _KvsWorker {
  GObject parent;

  Shared *shared;
  GThread *thread;    /* NULL once joined; stop is not concurrent */
  GThread *thread_id; /* only compared, never followed */
};

G_DEFINE_FINAL_TYPE (KvsWorker, kvs_worker, G_TYPE_OBJECT)

static void
call_free (Call *call)
{
  if (call->notify != NULL)
    call->notify (call->data);
  g_free (call);
}

static void
shared_clear (Shared *shared)
{
  g_source_destroy (shared->wakeup);
  g_source_unref (shared->wakeup);
  g_main_loop_unref (shared->loop);
  g_main_context_unref (shared->context);
  g_mutex_clear (&shared->lock);
}

static Call *
take_call (Shared *shared)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&shared->lock);

  return g_queue_pop_head (&shared->calls);
}

static void
run_calls (Shared *shared, guint count)
{
  Call *call;

  while (count-- > 0 && (call = take_call (shared)) != NULL) {
    call->func (call->data);
    call_free (call);
  }
}

/* Runs only what was there at the beginning: a call that queues another one
 * must not keep the sockets of this context waiting. */
static gboolean
on_wakeup (GSource *source, GSourceFunc unused, gpointer user_data)
{
  Shared *shared = *(Shared **) (source + 1);
  guint count;

  g_mutex_lock (&shared->lock);
  count = g_queue_get_length (&shared->calls);
  g_mutex_unlock (&shared->lock);

  g_source_set_ready_time (source, -1);
  run_calls (shared, count);

  g_mutex_lock (&shared->lock);
  if (!g_queue_is_empty (&shared->calls))
    g_source_set_ready_time (source, 0);
  else if (shared->stopped)
    g_main_loop_quit (shared->loop);
  g_mutex_unlock (&shared->lock);

  return G_SOURCE_CONTINUE;
}

static GSourceFuncs wakeup_funcs = {
  .dispatch = on_wakeup,
};

static GSource *
wakeup_new (Shared *shared)
{
  GSource *source =
      g_source_new (&wakeup_funcs, sizeof (GSource) + sizeof (Shared *));

  *(Shared **) (source + 1) = shared;
  g_source_set_static_name (source, "kvs-worker-calls");
  g_source_attach (source, shared->context);

  return source;
}

static Shared *
shared_new (void)
{
  Shared *shared = g_atomic_rc_box_new0 (Shared);

  g_mutex_init (&shared->lock);
  g_queue_init (&shared->calls);
  shared->context = g_main_context_new ();
  shared->loop = g_main_loop_new (shared->context, FALSE);
  shared->wakeup = wakeup_new (shared);
  shared->patience_ms = PATIENCE_MS;

  return shared;
}

static void
shared_unref (Shared *shared)
{
  g_atomic_rc_box_release_full (shared, (GDestroyNotify) shared_clear);
}

static gboolean
on_hold_limit (gpointer user_data)
{
  Shared *shared = user_data;

  shared->holds = 0;
  return G_SOURCE_REMOVE;
}

static void
wait_for_releases (Shared *shared)
{
  g_autoptr (GSource) limit =
      g_timeout_source_new ((guint) g_atomic_int_get (&shared->patience_ms));

  g_source_set_callback (limit, on_hold_limit, shared, NULL);
  g_source_attach (limit, shared->context);
  while (shared->holds > 0)
    g_main_context_iteration (shared->context, TRUE);
  g_source_destroy (limit);
}

static gpointer
thread_main (gpointer data)
{
  Shared *shared = data;

  g_main_context_push_thread_default (shared->context);
  g_main_loop_run (shared->loop);
  wait_for_releases (shared);

  /* Cancelled operations still hand back their results, and with them the
   * references they hold. */
  while (g_main_context_iteration (shared->context, FALSE))
    ;
  g_main_context_pop_thread_default (shared->context);

  shared_unref (shared);
  return NULL;
}

static void
kvs_worker_finalize (GObject *object)
{
  KvsWorker *self = (KvsWorker *) object;

  kvs_worker_stop (self);
  shared_unref (self->shared);

  G_OBJECT_CLASS (kvs_worker_parent_class)->finalize (object);
}

static void
kvs_worker_class_init (KvsWorkerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = kvs_worker_finalize;
}

static void
kvs_worker_init (KvsWorker *self)
{
  self->shared = shared_new ();
}

KvsWorker *
kvs_worker_new (const char *name)
{
  KvsWorker *self = g_object_new (KVS_TYPE_WORKER, NULL);

  self->thread =
      g_thread_new (name, thread_main, g_atomic_rc_box_acquire (self->shared));
  self->thread_id = self->thread;

  return self;
}

GMainContext *
kvs_worker_get_context (KvsWorker *self)
{
  g_return_val_if_fail (KVS_IS_WORKER (self), NULL);

  return self->shared->context;
}

gboolean
kvs_worker_is_current (KvsWorker *self)
{
  g_return_val_if_fail (KVS_IS_WORKER (self), FALSE);

  return g_thread_self () == self->thread_id;
}

/* FALSE, with `call` untouched, when the worker has been stopped. */
static gboolean
push_call (Shared *shared, Call *call)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&shared->lock);

  if (shared->stopped)
    return FALSE;

  g_queue_push_tail (&shared->calls, call);
  g_source_set_ready_time (shared->wakeup, 0);
  return TRUE;
}

void
kvs_worker_call (KvsWorker *self, GSourceFunc func, gpointer data,
    GDestroyNotify notify)
{
  Call *call;

  g_return_if_fail (KVS_IS_WORKER (self));
  g_return_if_fail (func != NULL);

  call = g_new (Call, 1);
  *call = (Call){ func, notify, data };

  if (!push_call (self->shared, call))
    call_free (call);
}

typedef struct {
  GFunc func;
  gpointer data;
  GMutex lock;
  GCond cond;
  gboolean done; /* under lock */
} Waiting;

static gboolean
run_waiting (gpointer user_data)
{
  Waiting *waiting = user_data;

  waiting->func (waiting->data, NULL);

  g_mutex_lock (&waiting->lock);
  waiting->done = TRUE;
  g_cond_signal (&waiting->cond);
  g_mutex_unlock (&waiting->lock);

  return G_SOURCE_REMOVE;
}

static gboolean
call_and_wait (Shared *shared, Waiting *waiting)
{
  Call *call = g_new (Call, 1);

  *call = (Call){ run_waiting, NULL, waiting };
  if (!push_call (shared, call)) {
    call_free (call);
    return FALSE;
  }

  g_mutex_lock (&waiting->lock);
  while (!waiting->done)
    g_cond_wait (&waiting->cond, &waiting->lock);
  g_mutex_unlock (&waiting->lock);

  return TRUE;
}

gboolean
kvs_worker_call_wait (KvsWorker *self, GFunc func, gpointer data)
{
  Waiting waiting = { func, data };
  gboolean ran;

  g_return_val_if_fail (KVS_IS_WORKER (self), FALSE);
  g_return_val_if_fail (func != NULL, FALSE);

  if (kvs_worker_is_current (self)) {
    func (data, NULL);
    return TRUE;
  }

  g_mutex_init (&waiting.lock);
  g_cond_init (&waiting.cond);
  ran = call_and_wait (self->shared, &waiting);
  g_cond_clear (&waiting.cond);
  g_mutex_clear (&waiting.lock);

  return ran;
}

static gboolean
is_stopped (Shared *shared)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&shared->lock);

  return shared->stopped;
}

GSource *
kvs_worker_call_delayed (KvsWorker *self, guint milliseconds, GSourceFunc func,
    gpointer data, GDestroyNotify notify)
{
  GSource *source;

  g_return_val_if_fail (KVS_IS_WORKER (self), NULL);
  g_return_val_if_fail (func != NULL, NULL);

  source = g_timeout_source_new (milliseconds);
  g_source_set_callback (source, func, data, notify);

  if (is_stopped (self->shared))
    g_source_destroy (source);
  else
    g_source_attach (source, self->shared->context);

  return source;
}

void
kvs_worker_set_patience (KvsWorker *self, guint milliseconds)
{
  g_return_if_fail (KVS_IS_WORKER (self));

  g_atomic_int_set (&self->shared->patience_ms, (int) milliseconds);
}

void
kvs_worker_hold (KvsWorker *self)
{
  g_return_if_fail (kvs_worker_is_current (self));

  self->shared->holds++;
}

void
kvs_worker_release (KvsWorker *self)
{
  g_return_if_fail (KVS_IS_WORKER (self));

  /* The limit may have come first; and what is still held when the context
   * ends is let go by whoever ends it. */
  if (kvs_worker_is_current (self) && self->shared->holds > 0)
    self->shared->holds--;
}

static void
refuse_calls (Shared *shared)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&shared->lock);

  shared->stopped = TRUE;
  g_source_set_ready_time (shared->wakeup, 0);
}

void
kvs_worker_stop (KvsWorker *self)
{
  GThread *thread;

  g_return_if_fail (KVS_IS_WORKER (self));

  refuse_calls (self->shared);
  thread = g_steal_pointer (&self->thread);
  if (thread == NULL)
    return;

  /* The last reference may be dropped by a call that runs on the worker: the
   * thread then ends by itself. */
  if (g_thread_self () == thread)
    g_thread_unref (thread);
  else
    g_thread_join (thread);
}

void
kvs_worker_clear_timer (GSource **timer)
{
  if (*timer != NULL)
    g_source_destroy (*timer);
  g_clear_pointer (timer, g_source_unref);
}
