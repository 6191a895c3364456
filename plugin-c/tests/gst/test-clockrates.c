/* Telling an RTP session what it would ask for at a bad time. */
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>

#include "clockrates.h"

#define SSRC 0x01020304
#define PAYLOAD_TYPE 96
#define RTX_SSRC 0x0a0b0c0d
#define RTX_PAYLOAD_TYPE 97
#define CLOCK_RATE 90000

/* A session as webrtcbin has it: in an rtpbin, behind the funnel of a bundle. */
static GstElement *
make_pipeline (void)
{
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (
      "rtpbin name=rtpbin appsrc name=src format=time "
      "caps=application/x-rtp,media=video,encoding-name=VP8,payload=96,"
      "clock-rate=90000,ssrc=(uint)16909060 ! rtpfunnel ! "
      "rtpbin.send_rtp_sink_0 rtpbin.send_rtp_src_0 ! "
      "appsink name=sink async=false sync=false",
      &error);

  g_assert_no_error (error);
  return pipeline;
}

/* Returns when it has gone through the session. */
static void
send_packet (GstElement *pipeline, guint32 ssrc, guint8 payload_type)
{
  guint8 packet[13] = { 0x80, payload_type };
  g_autoptr (GstElement) src = gst_bin_get_by_name (GST_BIN (pipeline), "src");
  g_autoptr (GstElement) sink =
      gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  g_autoptr (GstSample) sample = NULL;
  GstBuffer *buffer;

  GST_WRITE_UINT32_BE (packet + 8, ssrc);
  buffer = gst_buffer_new_memdup (packet, sizeof (packet));
  GST_BUFFER_PTS (buffer) = 0;
  g_assert_cmpint (gst_app_src_push_buffer (GST_APP_SRC (src), buffer), ==,
      GST_FLOW_OK);
  g_signal_emit_by_name (sink, "pull-sample", &sample);
  g_assert_nonnull (sample);
}

/* Hz, or -1 where the session does not know. */
static int
clock_rate_of (GstElement *pipeline, guint ssrc)
{
  g_autoptr (GstElement) rtpbin =
      gst_bin_get_by_name (GST_BIN (pipeline), "rtpbin");
  g_autoptr (GObject) session = NULL;
  g_autoptr (GObject) source = NULL;
  g_autoptr (GstStructure) stats = NULL;
  int rate = 0;

  g_signal_emit_by_name (rtpbin, "get-internal-session", 0, &session);
  g_signal_emit_by_name (session, "get-source-by-ssrc", ssrc, &source);
  g_assert_nonnull (source);
  g_object_get (source, "stats", &stats, NULL);
  g_assert_true (gst_structure_get_int (stats, "clock-rate", &rate));
  return rate;
}

static void
stop (GstElement *pipeline)
{
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

static void
test_session_is_told (void)
{
  const int rates[GST_KVS_N_PAYLOAD_TYPES] = {
    [PAYLOAD_TYPE] = CLOCK_RATE,
    [RTX_PAYLOAD_TYPE] = CLOCK_RATE,
  };
  GstElement *pipeline = make_pipeline ();

  gst_kvs_clock_rates_tell (pipeline, rates);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  send_packet (pipeline, SSRC, PAYLOAD_TYPE);
  g_assert_cmpint (clock_rate_of (pipeline, SSRC), ==, CLOCK_RATE);
  send_packet (pipeline, RTX_SSRC, RTX_PAYLOAD_TYPE);
  g_assert_cmpint (clock_rate_of (pipeline, RTX_SSRC), ==, CLOCK_RATE);
  g_assert_cmpint (clock_rate_of (pipeline, SSRC), ==, CLOCK_RATE);
  stop (pipeline);
}

/* The stream's own words are said to the session alone, not left on the way. */
static void
test_common_caps_stay (void)
{
  const int rates[GST_KVS_N_PAYLOAD_TYPES] = { [PAYLOAD_TYPE] = CLOCK_RATE };
  GstElement *pipeline = make_pipeline ();
  g_autoptr (GstElement) sink =
      gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (sink, "sink");
  g_autoptr (GstCaps) caps = NULL;

  gst_kvs_clock_rates_tell (pipeline, rates);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  send_packet (pipeline, SSRC, PAYLOAD_TYPE);
  caps = gst_pad_get_current_caps (pad);
  g_assert_false (
      gst_structure_has_field (gst_caps_get_structure (caps, 0), "ssrc"));
  stop (pipeline);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clockrates/session-is-told", test_session_is_told);
  g_test_add_func ("/clockrates/common-caps-stay", test_common_caps_stay);
  return g_test_run ();
}
