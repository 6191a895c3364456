/* What GLib orders, told to ThreadSanitizer: GLib of the distribution is not
 * instrumented, and its locks are futexes of its own, so that all they protect
 * looks like a race. Linked into the programs of a build with
 * b_sanitize=thread, where these stand in front of GLib's. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <glib-object.h>

void __tsan_acquire (void *addr);
void __tsan_release (void *addr);

/* GLib's function of this name, found once. */
#define REAL(name)                                                        \
  static __typeof__ (&name) real;                                         \
  if (!__atomic_load_n (&real, __ATOMIC_RELAXED))                         \
  __atomic_store_n (&real, (__typeof__ (&name)) dlsym (RTLD_NEXT, #name), \
      __ATOMIC_RELAXED)

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

/* The last one to let go frees what others have written. */
void
g_object_unref (gpointer object)
{
  REAL (g_object_unref);
  __tsan_release (object);
  __tsan_acquire (object);
  real (object);
}

void
g_source_unref (GSource *source)
{
  REAL (g_source_unref);
  __tsan_release (source);
  __tsan_acquire (source);
  real (source);
}

/* What a source is given in one thread is used in that of its context. */
guint
g_source_attach (GSource *source, GMainContext *context)
{
  REAL (g_source_attach);
  __tsan_release (source);
  return real (source, context);
}
