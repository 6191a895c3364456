#include "flow.h"

/* A read and a write, both successful, are a round: after so many others of
 * the thread have their turn. */
#define ROUNDS_MAX 8

struct _KvsFlow {
  GPollableInputStream *from;
  GPollableOutputStream *to;
  KvsFlowEnded ended;
  gpointer user_data;

  GSource *wait; /* for the one stream that it is up to; NULL when ended */
  guint64 count;
  gsize start, end; /* of what is read and not written */
  char data[16 * 1024];
};

static void wait_for (KvsFlow *self, GSource *source);

static gboolean
is_empty (KvsFlow *self)
{
  return self->start == self->end;
}

static void
wait_to_read (KvsFlow *self)
{
  wait_for (self, g_pollable_input_stream_create_source (self->from, NULL));
}

static void
wait_to_write (KvsFlow *self)
{
  wait_for (self, g_pollable_output_stream_create_source (self->to, NULL));
}

static void
clear_wait (KvsFlow *self)
{
  if (self->wait == NULL)
    return;
  g_source_destroy (self->wait);
  g_clear_pointer (&self->wait, g_source_unref);
}

/* The flow may be gone afterwards. */
static void
end (KvsFlow *self, const GError *error)
{
  clear_wait (self);
  self->ended (self->user_data, error);
}

/* FALSE when there is nothing to write now: it waits, or it has ended. */
static gboolean
fill (KvsFlow *self)
{
  g_autoptr (GError) error = NULL;
  gssize size = g_pollable_input_stream_read_nonblocking (self->from,
      self->data, sizeof self->data, NULL, &error);

  if (size > 0) {
    self->start = 0;
    self->end = size;
    return TRUE;
  }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    wait_to_read (self);
  else
    end (self, error);
  return FALSE;
}

/* FALSE when not all could be written: it waits, or it has ended. */
static gboolean
drain (KvsFlow *self)
{
  while (!is_empty (self)) {
    g_autoptr (GError) error = NULL;
    gssize size = g_pollable_output_stream_write_nonblocking (self->to,
        self->data + self->start, self->end - self->start, NULL, &error);

    if (size < 0) {
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        wait_to_write (self);
      else
        end (self, error);
      return FALSE;
    }
    self->start += size;
    self->count += size;
  }
  return TRUE;
}

static gboolean
on_ready (GObject *stream, gpointer user_data)
{
  KvsFlow *self = user_data;

  clear_wait (self);
  for (int i = 0; i < ROUNDS_MAX; i++) {
    if (is_empty (self) && !fill (self))
      return G_SOURCE_REMOVE;
    if (!drain (self))
      return G_SOURCE_REMOVE;
  }
  wait_to_read (self);
  return G_SOURCE_REMOVE;
}

/* Takes the source. */
static void
wait_for (KvsFlow *self, GSource *source)
{
  self->wait = source;
  g_source_set_callback (source, G_SOURCE_FUNC (on_ready), self, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
}

KvsFlow *
kvs_flow_new (GPollableInputStream *from, GPollableOutputStream *to,
    KvsFlowEnded ended, gpointer user_data)
{
  KvsFlow *self = g_new (KvsFlow, 1);

  self->from = g_object_ref (from);
  self->to = g_object_ref (to);
  self->ended = ended;
  self->user_data = user_data;
  self->count = 0;
  self->start = self->end = 0;
  wait_to_read (self);
  return self;
}

guint64
kvs_flow_get_count (KvsFlow *self)
{
  return self->count;
}

void
kvs_flow_free (KvsFlow *self)
{
  if (self == NULL)
    return;
  clear_wait (self);
  g_object_unref (self->from);
  g_object_unref (self->to);
  g_free (self);
}
