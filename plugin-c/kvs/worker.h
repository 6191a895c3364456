/* A thread with a GMainContext of its own, where the element's bookkeeping runs. */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define KVS_TYPE_WORKER (kvs_worker_get_type ())
G_DECLARE_FINAL_TYPE (KvsWorker, kvs_worker, KVS, WORKER, GObject)

/* Starts the thread at once; `name` is what `top -H` shows (15 characters). */
KvsWorker *kvs_worker_new (const char *name);

/* The worker's context; it is the thread-default context of its thread. */
GMainContext *kvs_worker_get_context (KvsWorker *self);

gboolean kvs_worker_is_current (KvsWorker *self);

/**
 * kvs_worker_call:
 * Runs `func` on the worker, once, in order of calling, always later (never
 * inside this call, even from the worker itself). After kvs_worker_stop the
 * function is not run, but `notify` still is. Any thread.
 */
void kvs_worker_call (KvsWorker *self, GSourceFunc func, gpointer data,
    GDestroyNotify notify);

/**
 * kvs_worker_call_wait:
 * Runs `func` on the worker and returns when it has returned; at once when
 * called from the worker itself. Returns FALSE, without running it, when the
 * worker has been stopped.
 */
gboolean kvs_worker_call_wait (KvsWorker *self, GFunc func, gpointer data);

/* A timer on the worker (transfer full); end it with kvs_worker_clear_timer. */
GSource *kvs_worker_call_delayed (KvsWorker *self, guint milliseconds,
    GSourceFunc func, gpointer data, GDestroyNotify notify);

/* Ends a timer, or another source, and forgets it; NULL inside is fine. Worker only. */
void kvs_worker_clear_timer (GSource **timer);

/* How long kvs_worker_stop waits for releases. Any thread. */
void kvs_worker_set_patience (KvsWorker *self, guint milliseconds);

/**
 * kvs_worker_hold:
 * For what should still be brought to its end, such as a goodbye or the close
 * of a connection: kvs_worker_stop goes on running the context until as many
 * releases, for half a second at most, or as long as was set. Both on the worker.
 */
void kvs_worker_hold (KvsWorker *self);
void kvs_worker_release (KvsWorker *self);

/**
 * kvs_worker_stop:
 * Runs what is already queued, ends the thread and joins it. Never from the
 * worker itself. Idempotent. Dropping the last reference stops too.
 */
void kvs_worker_stop (KvsWorker *self);

G_END_DECLS
