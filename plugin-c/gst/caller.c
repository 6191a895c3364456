#include "caller.h"

#include "backoff.h"

/* An answer takes a second or two; the rest of a range is jitter, so that the
 * viewers of a channel do not all come back at one moment. */
#define UNANSWERED_MS 10000
#define UNANSWERED_JITTER_MS 5000
/* A master that is there has answered by then. */
#define PATIENCE_MS 3000
/* Least time between two calls. */
#define PAUSE_MS 500
/* A connection of this length ends a series of failures. */
#define STEADY_US (10 * G_USEC_PER_SEC)

struct _GstKvsCaller {
  KvsWorker *worker;
  const GstKvsCallerEvents *events;
  gpointer user_data;

  gboolean is_started;
  gboolean is_stopped; /* for good */
  gboolean has_told;   /* that it waits; until an answer */
  GSource *call_timer; /* to the next call */
  GSource *told_timer; /* to the word that it waits */
  gint64 connected_us; /* 0 while not connected */
  KvsBackoff backoff;
};

GstKvsCaller *
gst_kvs_caller_new (KvsWorker *worker, const GstKvsCallerEvents *events,
    gpointer user_data)
{
  GstKvsCaller *self = g_new0 (GstKvsCaller, 1);

  self->worker = worker;
  self->events = events;
  self->user_data = user_data;
  return self;
}

void
gst_kvs_caller_stop (GstKvsCaller *self)
{
  self->is_stopped = TRUE;
  kvs_worker_clear_timer (&self->call_timer);
  kvs_worker_clear_timer (&self->told_timer);
}

void
gst_kvs_caller_free (GstKvsCaller *self)
{
  gst_kvs_caller_stop (self);
  g_free (self);
}

static gboolean
on_call (gpointer data)
{
  GstKvsCaller *self = data;

  kvs_worker_clear_timer (&self->call_timer);
  self->events->call (self->user_data);
  return G_SOURCE_REMOVE;
}

static void
call_later (GstKvsCaller *self, guint delay_ms)
{
  kvs_worker_clear_timer (&self->call_timer);
  if (!self->is_stopped)
    self->call_timer =
        kvs_worker_call_delayed (self->worker, delay_ms, on_call, self, NULL);
}

static gboolean
on_patience_ended (gpointer data)
{
  GstKvsCaller *self = data;

  kvs_worker_clear_timer (&self->told_timer);
  self->has_told = TRUE;
  self->events->waiting (self->user_data);
  return G_SOURCE_REMOVE;
}

void
gst_kvs_caller_start (GstKvsCaller *self)
{
  if (self->is_started || self->is_stopped)
    return;
  self->is_started = TRUE;
  self->events->call (self->user_data);
}

void
gst_kvs_caller_offered (GstKvsCaller *self)
{
  call_later (self,
      UNANSWERED_MS + (guint) g_random_int_range (0, UNANSWERED_JITTER_MS));
  if (!self->is_stopped && !self->has_told && !self->told_timer)
    self->told_timer = kvs_worker_call_delayed (self->worker, PATIENCE_MS,
        on_patience_ended, self, NULL);
}

void
gst_kvs_caller_answered (GstKvsCaller *self)
{
  kvs_worker_clear_timer (&self->call_timer);
  kvs_worker_clear_timer (&self->told_timer);
  self->has_told = FALSE;
}

void
gst_kvs_caller_connected (GstKvsCaller *self)
{
  self->connected_us = g_get_monotonic_time ();
}

void
gst_kvs_caller_ended (GstKvsCaller *self)
{
  gint64 lasted = g_get_monotonic_time () - self->connected_us;

  if (self->connected_us > 0 && lasted > STEADY_US)
    kvs_backoff_reset (&self->backoff);
  self->connected_us = 0;
  call_later (self,
      PAUSE_MS + kvs_backoff_next (&self->backoff, g_random_double ()));
}
