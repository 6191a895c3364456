#include "goodbye.h"

/* A millisecond where there is time; on a machine that is busy dtlsenc's thread
 * may have to wait for its turn, and nobody waits for us. */
#define PATIENCE_US (2 * G_TIME_SPAN_SECOND)

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

/* The record layer's first byte (RFC 6347 section 4.1, RFC 5246 section 6.2.1):
 * close_notify is an alert, and its type is not encrypted. */
static gboolean
is_alert (GstBuffer *buffer)
{
  guint8 type = 0;

  return gst_buffer_extract (buffer, 0, &type, 1) == 1 && type == 21;
}

static void
set_sent (Goodbye *self)
{
  g_mutex_lock (&self->lock);
  self->is_sent = TRUE;
  g_cond_signal (&self->sent);
  g_mutex_unlock (&self->lock);
}

/* Sent on from here, as a probe is called before the packet is on its way, and
 * the way is torn down as soon as we say that it is through. */
static GstPadProbeReturn
on_packet (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  g_autoptr (GstPad) peer = gst_pad_get_peer (pad);

  if (!peer || !is_alert (buffer))
    return GST_PAD_PROBE_OK;
  GST_PAD_PROBE_INFO_DATA (info) = NULL;
  GST_PAD_PROBE_INFO_FLOW_RETURN (info) = gst_pad_chain (peer, buffer);
  set_sent (user_data);
  return GST_PAD_PROBE_HANDLED;
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

/* GstDtlsConnectionState's "closed", on either side; its header is not public.
 * Such a connection says nothing more, and would be waited for in vain. */
static gboolean
is_closed (GstElement *dtlsenc)
{
  int state;

  g_object_get (dtlsenc, "connection-state", &state, NULL);
  return state == 1;
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
  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_BUFFER, on_packet, goodbye,
      goodbye_unref);
  gst_pad_send_event (sink, gst_event_new_eos ());
  wait_sent (goodbye);
  goodbye_unref (goodbye);
}

static void
close_item (const GValue *item, gpointer unused)
{
  GstElement *dtlsenc = g_value_get_object (item);

  if (!is_closed (dtlsenc))
    close_connection (dtlsenc);
}

void
gst_kvs_goodbye_say (GstElement *webrtc)
{
  g_autoptr (GstIterator) encoders =
      gst_bin_iterate_all_by_element_factory_name (GST_BIN (webrtc), "dtlsenc");

  gst_iterator_foreach (encoders, close_item, NULL);
}
