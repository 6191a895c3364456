/* What GLib orders, told to ThreadSanitizer: GLib of the distribution is not
 * instrumented, and its locks are futexes of its own, so that all they protect
 * looks like a race. Linked into the programs of a build with
 * b_sanitize=thread, where these stand in front of GLib's. */
#define _GNU_SOURCE
#include <glib-object.h>

#include "sync.h"

void
g_mutex_lock (GMutex *m)
{
  REAL (g_mutex_lock);
  real (m);
  __tsan_acquire (m);
}

gboolean
g_mutex_trylock (GMutex *m)
{
  gboolean got;

  REAL (g_mutex_trylock);
  got = real (m);
  if (got)
    __tsan_acquire (m);
  return got;
}

void
g_mutex_unlock (GMutex *m)
{
  REAL (g_mutex_unlock);
  __tsan_release (m);
  real (m);
}

void
g_cond_wait (GCond *cond, GMutex *m)
{
  REAL (g_cond_wait);
  __tsan_release (m);
  real (cond, m);
  __tsan_acquire (m);
}

gboolean
g_cond_wait_until (GCond *cond, GMutex *m, gint64 end)
{
  gboolean woken;

  REAL (g_cond_wait_until);
  __tsan_release (m);
  woken = real (cond, m, end);
  __tsan_acquire (m);
  return woken;
}

void
g_rec_mutex_lock (GRecMutex *m)
{
  REAL (g_rec_mutex_lock);
  real (m);
  __tsan_acquire (m);
}

gboolean
g_rec_mutex_trylock (GRecMutex *m)
{
  gboolean got;

  REAL (g_rec_mutex_trylock);
  got = real (m);
  if (got)
    __tsan_acquire (m);
  return got;
}

void
g_rec_mutex_unlock (GRecMutex *m)
{
  REAL (g_rec_mutex_unlock);
  __tsan_release (m);
  real (m);
}

void
g_async_queue_push (GAsyncQueue *queue, gpointer data)
{
  REAL (g_async_queue_push);
  __tsan_release (data);
  real (queue, data);
}

gpointer
g_async_queue_try_pop (GAsyncQueue *queue)
{
  gpointer data;

  REAL (g_async_queue_try_pop);
  data = real (queue);
  if (data)
    __tsan_acquire (data);
  return data;
}

/* What a pool was given to do, which is not freed: pools are few. */
typedef struct {
  GFunc func;
  gpointer user_data;
} PoolWork;

static void
do_work (gpointer data, gpointer user_data)
{
  PoolWork *work = user_data;

  __tsan_acquire (data);
  work->func (data, work->user_data);
}

GThreadPool *
g_thread_pool_new (GFunc func, gpointer user_data, int max_threads,
    gboolean exclusive, GError **error)
{
  PoolWork *work = g_new (PoolWork, 1);

  REAL (g_thread_pool_new);
  *work = (PoolWork){ func, user_data };
  return real (do_work, work, max_threads, exclusive, error);
}

gboolean
g_thread_pool_push (GThreadPool *pool, gpointer data, GError **error)
{
  REAL (g_thread_pool_push);
  __tsan_release (data);
  return real (pool, data, error);
}

gboolean (g_once_init_enter) (volatile void *location)
{
  gboolean first;

  REAL (g_once_init_enter);
  first = real (location);
  if (!first)
    __tsan_acquire ((void *) location);
  return first;
}

void (g_once_init_leave) (volatile void *location, gsize result)
{
  REAL (g_once_init_leave);
  __tsan_release ((void *) location);
  real (location, result);
}

void
g_object_unref (gpointer object)
{
  REAL (g_object_unref);
  tell_let_go (object);
  real (object);
}

void
g_source_unref (GSource *source)
{
  REAL (g_source_unref);
  tell_let_go (source);
  real (source);
}

void
g_bytes_unref (GBytes *bytes)
{
  REAL (g_bytes_unref);
  if (bytes)
    tell_let_go (bytes);
  real (bytes);
}

void
g_ptr_array_unref (GPtrArray *array)
{
  REAL (g_ptr_array_unref);
  tell_let_go (array);
  real (array);
}

void
g_atomic_rc_box_release_full (gpointer box, GDestroyNotify clear)
{
  REAL (g_atomic_rc_box_release_full);
  tell_let_go (box);
  real (box, clear);
}

gboolean (g_atomic_ref_count_dec) (gatomicrefcount *count)
{
  REAL (g_atomic_ref_count_dec);
  tell_let_go ((void *) count);
  return real (count);
}

/* What a source is given in one thread is used in that of its context. */
guint
g_source_attach (GSource *source, GMainContext *context)
{
  REAL (g_source_attach);
  __tsan_release (source);
  return real (source, context);
}
