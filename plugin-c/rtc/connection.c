#include "connection.h"

#include <gst/gst.h>
#include <string.h>

#include "dtls.h"
#include "srtp.h"

GST_DEBUG_CATEGORY_EXTERN (rtc_debug);
#define GST_CAT_DEFAULT rtc_debug

/* Frames on their way to the net thread: about a second of a camera and sound.
 * Where it is that far behind, more would only come later still. */
#define WAITING_MAX 120

struct _RtcConnection {
  GObject parent;

  int waiting; /* atomic: frames posted and not taken */

  RtcNet *net;
  RtcCertificate *certificate;
  const RtcConnectionEvents *events;
  gpointer user_data; /* NULL when closed */
  GDestroyNotify notify;

  RtcIce *ice;
  RtcDtls *dtls; /* NULL before the remote's description */
  RtcSrtp *srtp; /* NULL before it is connected */
  RtcOutbound *outbound;
  GSource *due; /* ready when the outbound has something to do */
  gboolean is_way_open;
  gboolean is_connected;
  gboolean has_ended;
};

G_DEFINE_FINAL_TYPE (RtcConnection, rtc_connection, G_TYPE_OBJECT)

static void
rtc_connection_finalize (GObject *object)
{
  RtcConnection *self = RTC_CONNECTION (object);

  g_clear_pointer (&self->certificate, rtc_certificate_unref);
  g_clear_object (&self->net);
  G_OBJECT_CLASS (rtc_connection_parent_class)->finalize (object);
}

static void
rtc_connection_class_init (RtcConnectionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = rtc_connection_finalize;
}

static void
rtc_connection_init (RtcConnection *self)
{
}

static void
end (RtcConnection *self, RtcEnd why)
{
  if (self->has_ended || !self->user_data)
    return;
  self->has_ended = TRUE;
  self->events->ended (self->user_data, why);
}

static gboolean
is_over (RtcConnection *self)
{
  return self->has_ended || !self->user_data;
}

static void
on_candidate (gpointer user_data, const char *candidate)
{
  RtcConnection *self = user_data;

  self->events->candidate (self->user_data, candidate);
}

static void
on_gathered (gpointer user_data)
{
  RtcConnection *self = user_data;

  self->events->gathered (self->user_data);
}

static void
on_ready (gpointer user_data)
{
  RtcConnection *self = user_data;

  if (!self->is_way_open && !is_over (self))
    self->events->ready (self->user_data);
  self->is_way_open = TRUE;
  if (self->dtls && !is_over (self))
    rtc_dtls_start (self->dtls);
}

static void
on_failed (gpointer user_data)
{
  RtcConnection *self = user_data;

  end (self, self->is_connected ? RTC_END_PATH_LOST : RTC_END_NO_PATH);
}

static void
take_rtp (RtcConnection *self, guint8 *data, gsize size)
{
  size = rtc_srtp_unprotect_rtp (self->srtp, data, size);
  if (size > 0)
    self->events->rtp (self->user_data, data, size);
}

static void run_outbound (RtcConnection *self);

static void
take_rtcp (RtcConnection *self, guint8 *data, gsize size)
{
  size = rtc_srtp_unprotect_rtcp (self->srtp, data, size);
  if (size == 0)
    return;
  rtc_outbound_take_rtcp (self->outbound, data, size, g_get_monotonic_time ());
  run_outbound (self);
  if (!is_over (self))
    self->events->rtcp (self->user_data, data, size);
}

/* RFC 7983 section 7 tells them apart by the first byte, RFC 5761 section 4 by the second. */
static void
on_packet (gpointer user_data, guint8 *data, gsize size)
{
  RtcConnection *self = user_data;

  if (is_over (self) || size < 8)
    return;
  if (data[0] >= 20 && data[0] <= 63) {
    if (self->dtls)
      rtc_dtls_take (self->dtls, data, size);
  } else if (data[0] >= 128 && data[0] <= 191 && self->srtp) {
    if (data[1] >= 192 && data[1] <= 223)
      take_rtcp (self, data, size);
    else
      take_rtp (self, data, size);
  }
}

static const RtcIceEvents ice_events = {
  .candidate = on_candidate,
  .gathered = on_gathered,
  .ready = on_ready,
  .failed = on_failed,
  .packet = on_packet,
};

static void
on_dtls_send (gpointer user_data, const guint8 *data, gsize size)
{
  RtcConnection *self = user_data;

  rtc_ice_send (self->ice, data, size);
}

static gboolean
take_keys (RtcConnection *self)
{
  RtcSrtpKeys keys;

  if (!rtc_dtls_get_keys (self->dtls, &keys))
    return FALSE;
  self->srtp = rtc_srtp_new (&keys);
  OPENSSL_cleanse (&keys, sizeof (keys));
  return self->srtp != NULL;
}

static void
on_dtls_connected (gpointer user_data)
{
  RtcConnection *self = user_data;
  RtcPath path = { "unknown", "unknown", "udp" };

  if (!take_keys (self)) {
    GST_WARNING ("no SRTP was agreed on");
    end (self, RTC_END_HANDSHAKE);
    return;
  }
  rtc_ice_get_path (self->ice, &path);
  self->is_connected = TRUE;
  self->events->connected (self->user_data, &path);
  run_outbound (self);
}

static void
on_dtls_data (gpointer user_data, const guint8 *data, gsize size)
{
  RtcConnection *self = user_data;

  if (!is_over (self))
    self->events->data (self->user_data, data, size);
}

static void
on_dtls_ended (gpointer user_data, RtcDtlsEnd why)
{
  RtcConnection *self = user_data;

  end (self,
      why == RTC_DTLS_CLOSED         ? RTC_END_CLOSED
          : why == RTC_DTLS_STRANGER ? RTC_END_STRANGER
                                     : RTC_END_HANDSHAKE);
}

static const RtcDtlsEvents dtls_events = {
  .send = on_dtls_send,
  .connected = on_dtls_connected,
  .data = on_dtls_data,
  .ended = on_dtls_ended,
};

static void
on_out_rtp (gpointer user_data, guint8 *packet, gsize size, gsize capacity)
{
  RtcConnection *self = user_data;

  size = self->srtp ? rtc_srtp_protect_rtp (self->srtp, packet, size) : 0;
  if (size > 0)
    rtc_ice_send (self->ice, packet, size);
}

static void
on_out_rtcp (gpointer user_data, guint8 *packet, gsize size, gsize capacity)
{
  RtcConnection *self = user_data;

  size = self->srtp ? rtc_srtp_protect_rtcp (self->srtp, packet, size) : 0;
  if (size > 0)
    rtc_ice_send (self->ice, packet, size);
}

static void
on_key_frame (gpointer user_data, guint track)
{
  RtcConnection *self = user_data;

  if (!is_over (self))
    self->events->key_frame (self->user_data, track);
}

static const RtcOutboundEvents outbound_events = {
  .rtp = on_out_rtp,
  .rtcp = on_out_rtcp,
  .key_frame = on_key_frame,
};

static void
run_outbound (RtcConnection *self)
{
  if (self->is_connected && !is_over (self))
    g_source_set_ready_time (self->due,
        rtc_outbound_run (self->outbound, g_get_monotonic_time ()));
}

typedef struct {
  GSource source;
  RtcConnection *connection; /* which destroys the source before it goes */
} DueSource;

static gboolean
on_due (GSource *source, GSourceFunc unused, gpointer user_data)
{
  run_outbound (((DueSource *) source)->connection);
  return G_SOURCE_CONTINUE;
}

static GSource *
due_new (RtcConnection *self)
{
  static GSourceFuncs funcs = { .dispatch = on_due };
  GSource *source = g_source_new (&funcs, sizeof (DueSource));

  ((DueSource *) source)->connection = self;
  g_source_attach (source,
      kvs_worker_get_context (rtc_net_get_worker (self->net)));
  return source;
}

RtcConnection *
rtc_connection_new (RtcNet *net, const RtcIceConfig *config, const char *cname,
    const RtcConnectionEvents *events, gpointer user_data,
    GDestroyNotify notify)
{
  RtcCertificate *certificate = rtc_net_ref_certificate (net);
  RtcConnection *self;

  if (!certificate) {
    notify (user_data);
    return NULL;
  }
  self = g_object_new (RTC_TYPE_CONNECTION, NULL);
  self->net = g_object_ref (net);
  self->certificate = certificate;
  self->events = events;
  self->user_data = user_data;
  self->notify = notify;
  self->ice = rtc_ice_new (kvs_worker_get_context (rtc_net_get_worker (net)),
      config, &ice_events, self);
  self->outbound = rtc_outbound_new (&outbound_events, self, cname);
  self->due = due_new (self);
  return self;
}

RtcIce *
rtc_connection_get_ice (RtcConnection *self)
{
  return self->ice;
}

const char *
rtc_connection_get_fingerprint (RtcConnection *self)
{
  return rtc_certificate_get_fingerprint (self->certificate);
}

RtcOutbound *
rtc_connection_get_outbound (RtcConnection *self)
{
  return self->outbound;
}

gboolean
rtc_connection_has_path (RtcConnection *self)
{
  return self->is_way_open;
}

void
rtc_connection_set_remote (RtcConnection *self, const char *ufrag,
    const char *password, gboolean is_dtls_client, GPtrArray *fingerprints)
{
  g_return_if_fail (self->dtls == NULL);

  self->dtls =
      rtc_dtls_new (kvs_worker_get_context (rtc_net_get_worker (self->net)),
          self->certificate, is_dtls_client, fingerprints, &dtls_events, self);
  rtc_ice_set_remote (self->ice, ufrag, password);
  if (self->dtls && self->is_way_open)
    rtc_dtls_start (self->dtls);
}

static void
take_frame (gpointer taker, guint track, RtcFrame *frame, guint8 orientation)
{
  RtcConnection *self = taker;

  g_atomic_int_add (&self->waiting, -1);
  if (!self->is_connected || is_over (self))
    return;
  rtc_outbound_set_orientation (self->outbound, track, orientation);
  rtc_outbound_push (self->outbound, track, frame, g_get_monotonic_time ());
  run_outbound (self);
}

gboolean
rtc_connection_post (RtcConnection *self, guint track, RtcFrame *frame,
    guint8 orientation)
{
  if (g_atomic_int_get (&self->waiting) >= WAITING_MAX)
    return FALSE;
  g_atomic_int_inc (&self->waiting);
  rtc_net_post (self->net, self, take_frame, track, frame, orientation);
  return TRUE;
}

typedef struct {
  RtcConnection *connection;
  gsize size;
  guint8 data[];
} Report;

static void
report_free (gpointer data)
{
  Report *report = data;

  g_object_unref (report->connection);
  g_free (report);
}

static gboolean
send_report (gpointer data)
{
  Report *report = data;

  if (report->connection->is_connected && !is_over (report->connection))
    on_out_rtcp (report->connection, report->data, report->size,
        report->size + RTC_SRTP_TRAILER_MAX);
  return G_SOURCE_REMOVE;
}

void
rtc_connection_post_rtcp (RtcConnection *self, const guint8 *data, gsize size)
{
  Report *report = g_malloc (sizeof (Report) + size + RTC_SRTP_TRAILER_MAX);

  report->connection = g_object_ref (self);
  report->size = size;
  memcpy (report->data, data, size);
  kvs_worker_call (rtc_net_get_worker (self->net), send_report, report,
      report_free);
}

gboolean
rtc_connection_send_data (RtcConnection *self, const guint8 *data, gsize size)
{
  return self->is_connected && !is_over (self)
      && rtc_dtls_send (self->dtls, data, size);
}

typedef struct {
  RtcConnection *connection;
  GDestroyNotify done;
  gpointer data;
} Closing;

static void
on_closed (gpointer data)
{
  Closing *closing = data;

  closing->done (closing->data);
  kvs_worker_release (rtc_net_get_worker (closing->connection->net));
  g_object_unref (closing->connection);
  g_free (closing);
}

void
rtc_connection_close (RtcConnection *self, GDestroyNotify done, gpointer data)
{
  Closing *closing = g_new0 (Closing, 1);

  closing->connection = g_object_ref (self);
  closing->done = done;
  closing->data = data;
  if (self->dtls)
    rtc_dtls_close (self->dtls);
  g_source_destroy (self->due);
  g_source_unref (self->due);
  g_clear_pointer (&self->dtls, rtc_dtls_free);
  g_clear_pointer (&self->srtp, rtc_srtp_free);
  g_clear_pointer (&self->outbound, rtc_outbound_free);
  kvs_worker_hold (rtc_net_get_worker (self->net));
  rtc_ice_close (g_steal_pointer (&self->ice), on_closed, closing);
  self->notify (g_steal_pointer (&self->user_data));
}
