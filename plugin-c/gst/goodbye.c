#include "goodbye.h"

#define PATIENCE_US (100 * G_TIME_SPAN_MILLISECOND)

/* Shared with the probe, which may outlive the wait. */
typedef struct {
  gatomicrefcount references;
  GMutex lock;
  GCond sent;
  gboolean is_sent;
} Goodbye;

static void
goodbye_unref (gpointer data)
{
  Goodbye *self = data;

  if (!g_atomic_ref_count_dec (&self->references))
    return;
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->sent);
  g_free (self);
}

static Goodbye *
goodbye_new (void)
{
  Goodbye *self = g_new0 (Goodbye, 1);

  g_atomic_ref_count_init (&self->references);
  g_mutex_init (&self->lock);
  g_cond_init (&self->sent);
  return self;
}

static GstPadProbeReturn
on_sent (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Goodbye *self = user_data;

  g_mutex_lock (&self->lock);
  self->is_sent = TRUE;
  g_cond_signal (&self->sent);
  g_mutex_unlock (&self->lock);
  return GST_PAD_PROBE_OK;
}

static void
wait_sent (Goodbye *self)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_US;

  g_mutex_lock (&self->lock);
  while (!self->is_sent && g_cond_wait_until (&self->sent, &self->lock, end))
    ;
  g_mutex_unlock (&self->lock);
}

/* dtlsenc takes the end of its data stream for the end of the connection. Its
 * sink is a request pad, there already when the peer has a data channel. */
static void
close_connection (GstElement *dtlsenc)
{
  g_autoptr (GstPad) src = gst_element_get_static_pad (dtlsenc, "src");
  g_autoptr (GstPad) sink = gst_element_get_static_pad (dtlsenc, "sink");
  Goodbye *goodbye;

  if (!sink)
    sink = gst_element_request_pad_simple (dtlsenc, "sink");
  if (!src || !sink)
    return;
  goodbye = goodbye_new ();
  g_atomic_ref_count_inc (&goodbye->references);
  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_BUFFER, on_sent, goodbye,
      goodbye_unref);
  gst_pad_send_event (sink, gst_event_new_eos ());
  wait_sent (goodbye);
  goodbye_unref (goodbye);
}

static void
close_item (const GValue *item, gpointer unused)
{
  close_connection (g_value_get_object (item));
}

void
gst_kvs_goodbye_say (GstElement *webrtc)
{
  g_autoptr (GstIterator) encoders =
      gst_bin_iterate_all_by_element_factory_name (GST_BIN (webrtc), "dtlsenc");

  gst_iterator_foreach (encoders, close_item, NULL);
}
