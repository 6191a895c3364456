#include "watchdog.h"

/* A dead path is told of within 15 s. Not earlier: who receives sound alone
 * reports every 2.5 to 7.5 s (RFC 3550 section 6.2), and two reports may get
 * lost one after the other. */
#define CHECK_INTERVAL_MS 500
#define SILENCE_MS (14 * 1000)

struct _GstKvsWatchdog {
  KvsWorker *worker;
  GstElement *rtpbin;
  GSource *timer;
  GstKvsWatchdogFunc silent;
  gpointer user_data;
  GPtrArray *pads; /* of Probe */
  int *last_ms;    /* atomic, shared with the probes; 0 before the first RTCP */
};

typedef struct {
  GstPad *pad;
  gulong id;
} Probe;

static gboolean on_timer (gpointer data);

static void
probe_free (gpointer data)
{
  Probe *probe = data;

  gst_pad_remove_probe (probe->pad, probe->id);
  gst_object_unref (probe->pad);
  g_free (probe);
}

/* Milliseconds that fit an atomic int; they wrap after 24 days, and only differences count. */
static int
now_ms (void)
{
  return (int) ((guint32) (g_get_monotonic_time () / 1000) | 1);
}

/* Media is as good a sign of life, but not of somebody who will report when
 * there is no more media. The peer's receiving thread. */
static GstPadProbeReturn
on_rtp (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  if (g_atomic_int_get ((int *) user_data) != 0)
    g_atomic_int_set ((int *) user_data, now_ms ());
  return GST_PAD_PROBE_OK;
}

/* Likewise. */
static GstPadProbeReturn
on_rtcp (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  g_atomic_int_set ((int *) user_data, now_ms ());
  return GST_PAD_PROBE_OK;
}

static gboolean
add_probe (GstElement *rtpbin, GstPad *pad, gpointer user_data)
{
  GstKvsWatchdog *self = user_data;
  gboolean is_rtcp = g_str_has_prefix (GST_PAD_NAME (pad), "recv_rtcp_sink_");
  Probe *probe;

  if (!is_rtcp && !g_str_has_prefix (GST_PAD_NAME (pad), "recv_rtp_sink_"))
    return TRUE;
  probe = g_new0 (Probe, 1);
  probe->pad = gst_object_ref (pad);
  probe->id = gst_pad_add_probe (pad,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST,
      is_rtcp ? on_rtcp : on_rtp, g_atomic_rc_box_acquire (self->last_ms),
      (GDestroyNotify) g_atomic_rc_box_release);
  g_ptr_array_add (self->pads, probe);
  return TRUE;
}

GstKvsWatchdog *
gst_kvs_watchdog_new (KvsWorker *worker, GstElement *webrtc, gboolean is_armed,
    GstKvsWatchdogFunc silent, gpointer user_data)
{
  GstKvsWatchdog *self = g_new0 (GstKvsWatchdog, 1);

  self->worker = worker;
  self->silent = silent;
  self->user_data = user_data;
  self->last_ms = g_atomic_rc_box_new0 (int);
  if (is_armed)
    *self->last_ms = now_ms ();
  self->pads = g_ptr_array_new_with_free_func (probe_free);
  self->rtpbin = gst_bin_get_by_name (GST_BIN (webrtc), "rtpbin");
  gst_element_foreach_sink_pad (self->rtpbin, add_probe, self);
  self->timer =
      kvs_worker_call_delayed (worker, CHECK_INTERVAL_MS, on_timer, self, NULL);
  return self;
}

static gboolean
on_timer (gpointer data)
{
  GstKvsWatchdog *self = data;
  int last = g_atomic_int_get (self->last_ms);
  int elapsed = (int) ((guint32) now_ms () - (guint32) last);

  if (last == 0 || elapsed < SILENCE_MS)
    return G_SOURCE_CONTINUE;
  self->silent (self->user_data);
  return G_SOURCE_REMOVE;
}

void
gst_kvs_watchdog_free (GstKvsWatchdog *self)
{
  g_source_destroy (self->timer);
  g_source_unref (self->timer);
  g_ptr_array_unref (self->pads);
  gst_object_unref (self->rtpbin);
  g_atomic_rc_box_release (self->last_ms);
  g_free (self);
}
