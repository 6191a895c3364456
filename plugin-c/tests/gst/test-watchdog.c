/* When a peer that sends nothing any more is taken for gone. */
#include <gst/gst.h>

#include "watchdog.h"

/* The linker puts it in the place of GLib's, in the watchdog alone: timers run
 * as ever. */
gint64 __wrap_g_get_monotonic_time (void);
static int now_ms; /* atomic */
static int looks;  /* atomic: how often the watchdog asked */

gint64
__wrap_g_get_monotonic_time (void)
{
  g_atomic_int_inc (&looks);
  return (gint64) g_atomic_int_get (&now_ms) * 1000;
}

/* A webrtcbin, as far as the watchdog looks: an rtpbin in a bin. */
typedef struct {
  KvsWorker *worker;
  GstElement *webrtc;
  GstPad *rtp, *rtcp; /* that its packets come to */
  GstKvsWatchdog *watchdog;
  gboolean is_armed;
  int barks; /* atomic */
} Kennel;

static GstFlowReturn
swallow (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static GstPad *
add_pad (GstElement *rtpbin, const char *name)
{
  GstPad *pad = gst_pad_new (name, GST_PAD_SINK);
  GstSegment segment;

  gst_pad_set_chain_function (pad, swallow);
  gst_element_add_pad (rtpbin, pad);
  gst_pad_set_active (pad, TRUE);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_send_event (pad, gst_event_new_stream_start ("test"));
  gst_pad_send_event (pad, gst_event_new_segment (&segment));
  return pad;
}

static void
on_silent (gpointer user_data)
{
  g_atomic_int_inc (&((Kennel *) user_data)->barks);
}

static void
make (gpointer user_data, gpointer unused)
{
  Kennel *self = user_data;

  self->watchdog = gst_kvs_watchdog_new (self->worker, self->webrtc,
      self->is_armed, on_silent, self);
}

static void
release (gpointer user_data, gpointer unused)
{
  gst_kvs_watchdog_free (((Kennel *) user_data)->watchdog);
}

static void
setup (Kennel *self, gboolean is_armed)
{
  GstElement *rtpbin = gst_bin_new ("rtpbin");

  g_atomic_int_set (&now_ms, 1000);
  *self = (Kennel){ .worker = kvs_worker_new ("kennel"), .is_armed = is_armed };
  self->webrtc = gst_object_ref_sink (gst_bin_new (NULL));
  gst_bin_add (GST_BIN (self->webrtc), rtpbin);
  self->rtp = add_pad (rtpbin, "recv_rtp_sink_0");
  self->rtcp = add_pad (rtpbin, "recv_rtcp_sink_0");
  kvs_worker_call_wait (self->worker, make, self);
}

static void
teardown (Kennel *self)
{
  kvs_worker_call_wait (self->worker, release, self);
  kvs_worker_stop (self->worker);
  g_object_unref (self->worker);
  gst_object_unref (self->webrtc);
}

/* Lets `ms` pass, and the watchdog see it: when it looks for the second time,
 * it is through with the first. */
static void
pass (Kennel *self, int ms)
{
  int enough;

  g_atomic_int_add (&now_ms, ms);
  enough = g_atomic_int_get (&looks) + 2;
  while (g_atomic_int_get (&looks) < enough
      && g_atomic_int_get (&self->barks) == 0)
    g_usleep (1000);
}

static void
assert_barks (Kennel *self, int barks)
{
  g_assert_cmpint (g_atomic_int_get (&self->barks), ==, barks);
}

static void
test_silence_is_noticed_within_15_s (void)
{
  Kennel self;

  setup (&self, TRUE);
  pass (&self, 13900);
  assert_barks (&self, 0);
  pass (&self, 100);
  assert_barks (&self, 1);
  teardown (&self);
}

static void
test_every_packet_is_a_sign_of_life (void)
{
  Kennel self;

  setup (&self, TRUE);
  pass (&self, 13000);
  gst_pad_chain (self.rtcp, gst_buffer_new ());
  pass (&self, 13000);
  gst_pad_chain (self.rtp, gst_buffer_new ());
  pass (&self, 13000);
  assert_barks (&self, 0);
  pass (&self, 1000);
  assert_barks (&self, 1);
  teardown (&self);
}

/* Amazon's C SDK may never report, whatever it sends. */
static void
test_only_who_has_reported_is_missed (void)
{
  Kennel self;

  setup (&self, FALSE);
  pass (&self, 60000);
  gst_pad_chain (self.rtp, gst_buffer_new ());
  pass (&self, 60000);
  assert_barks (&self, 0);
  gst_pad_chain (self.rtcp, gst_buffer_new ());
  pass (&self, 14000);
  assert_barks (&self, 1);
  teardown (&self);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/watchdog/within-15-s",
      test_silence_is_noticed_within_15_s);
  g_test_add_func ("/watchdog/every-packet",
      test_every_packet_is_a_sign_of_life);
  g_test_add_func ("/watchdog/only-who-reports",
      test_only_who_has_reported_is_missed);
  return g_test_run ();
}
