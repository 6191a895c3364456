#include "reaper.h"

/* A teardown takes 4 to 9 ms, now and then 100: two keep up with any churn. */
#define MAX_THREADS 2

struct _GstKvsReaper {
  GObject parent;
  GThreadPool *pool;
  GThreadPool *slow_pool; /* without a limit, and mostly without a thread */
  GMutex lock;
  GCond idle;
  guint busy; /* under lock: held + queued + running */
};

typedef struct {
  GDestroyNotify func;
  gpointer data;
} Job;

G_DEFINE_FINAL_TYPE (GstKvsReaper, gst_kvs_reaper, G_TYPE_OBJECT)

static void
run_job (gpointer data, gpointer user_data)
{
  Job *job = data;

  job->func (job->data);
  g_free (job);
  gst_kvs_reaper_release (user_data);
}

static void
gst_kvs_reaper_finalize (GObject *object)
{
  GstKvsReaper *self = GST_KVS_REAPER (object);

  g_thread_pool_free (self->pool, FALSE, TRUE);
  g_thread_pool_free (self->slow_pool, FALSE, TRUE);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->idle);
  G_OBJECT_CLASS (gst_kvs_reaper_parent_class)->finalize (object);
}

static void
gst_kvs_reaper_class_init (GstKvsReaperClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_kvs_reaper_finalize;
}

static void
gst_kvs_reaper_init (GstKvsReaper *self)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->idle);
  self->pool = g_thread_pool_new (run_job, self, MAX_THREADS, FALSE, NULL);
  self->slow_pool = g_thread_pool_new (run_job, self, -1, FALSE, NULL);
}

GstKvsReaper *
gst_kvs_reaper_new (void)
{
  return g_object_new (GST_TYPE_KVS_REAPER, NULL);
}

static void
push (GstKvsReaper *self, GThreadPool *pool, GDestroyNotify func, gpointer data)
{
  Job *job = g_new0 (Job, 1);

  job->func = func;
  job->data = data;
  gst_kvs_reaper_hold (self);
  g_thread_pool_push (pool, job, NULL);
}

void
gst_kvs_reaper_push (GstKvsReaper *self, GDestroyNotify func, gpointer data)
{
  push (self, self->pool, func, data);
}

void
gst_kvs_reaper_push_slow (GstKvsReaper *self, GDestroyNotify func,
    gpointer data)
{
  push (self, self->slow_pool, func, data);
}

void
gst_kvs_reaper_hold (GstKvsReaper *self)
{
  g_mutex_lock (&self->lock);
  self->busy++;
  g_mutex_unlock (&self->lock);
}

void
gst_kvs_reaper_release (GstKvsReaper *self)
{
  g_mutex_lock (&self->lock);
  if (--self->busy == 0)
    g_cond_broadcast (&self->idle);
  g_mutex_unlock (&self->lock);
}

guint
gst_kvs_reaper_get_busy (GstKvsReaper *self)
{
  guint busy;

  g_mutex_lock (&self->lock);
  busy = self->busy;
  g_mutex_unlock (&self->lock);
  return busy;
}

void
gst_kvs_reaper_wait (GstKvsReaper *self)
{
  g_mutex_lock (&self->lock);
  while (self->busy > 0)
    g_cond_wait (&self->idle, &self->lock);
  g_mutex_unlock (&self->lock);
}
