/* What a peer may make webrtcbin remember: a fake webrtcbin, real packets. */
#include "gate.h"

#include <gst/rtp/rtp.h>

#define DECLARED 0x1234u

typedef struct {
  GstElement *bin;
  GstElement *srtpdec;
  GstElement *rtpbin;
  GstKvsGate *gate;
  guint keys; /* asked for by srtpdec: one each SSRC it got to see */
} Fixture;

/* Normally receiver's, of which nothing else is here. */
static GstCaps *
on_request_key (GstElement *srtpdec, guint ssrc, gpointer user_data)
{
  Fixture *f = user_data;

  f->keys++;
  return NULL;
}

static void
setup (Fixture *f, gconstpointer unused)
{
  g_autoptr (GArray) ssrcs = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint32 declared = DECLARED;

  g_array_append_val (ssrcs, declared);
  f->bin = gst_object_ref_sink (gst_pipeline_new (NULL));
  f->rtpbin = gst_element_factory_make ("rtpbin", "rtpbin");
  gst_bin_add (GST_BIN (f->bin), f->rtpbin);
  f->gate = gst_kvs_gate_new (f->bin);
  gst_kvs_gate_declare (f->gate, ssrcs);
  gst_kvs_gate_allow (f->gate, 96);
  f->srtpdec = gst_element_factory_make ("srtpdec", NULL);
  g_signal_connect (f->srtpdec, "request-key", G_CALLBACK (on_request_key), f);
  gst_bin_add (GST_BIN (f->bin), f->srtpdec);
  gst_element_set_state (f->bin, GST_STATE_PLAYING);
}

static void
teardown (Fixture *f, gconstpointer unused)
{
  gst_kvs_gate_free (f->gate);
  gst_element_set_state (f->bin, GST_STATE_NULL);
  gst_object_unref (f->bin);
}

static GstPad *
begin (GstPad *pad, const char *caps)
{
  g_autoptr (GstCaps) parsed = gst_caps_from_string (caps);
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_send_event (pad, gst_event_new_stream_start ("test"));
  gst_pad_send_event (pad, gst_event_new_caps (parsed));
  gst_pad_send_event (pad, gst_event_new_segment (&segment));
  return pad;
}

static GstPad *
begin_srtp (Fixture *f)
{
  return begin (gst_element_get_static_pad (f->srtpdec, "rtp_sink"),
      "application/x-srtp");
}

static GstBuffer *
rtp_new (guint32 ssrc, guint8 n_csrcs)
{
  GstBuffer *buffer = gst_rtp_buffer_new_allocate (100, 0, n_csrcs);
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;

  gst_rtp_buffer_map (buffer, GST_MAP_WRITE, &rtp);
  gst_rtp_buffer_set_ssrc (&rtp, ssrc);
  gst_rtp_buffer_set_payload_type (&rtp, 96);
  gst_rtp_buffer_unmap (&rtp);
  return buffer;
}

/* A receiver report, and a description of another source if there is one. */
static GstBuffer *
rtcp_new (guint32 sender, guint32 described, GstRTCPSDESType type)
{
  GstBuffer *buffer = gst_rtcp_buffer_new (200);
  GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
  GstRTCPPacket packet;

  gst_rtcp_buffer_map (buffer, GST_MAP_READWRITE, &rtcp);
  gst_rtcp_buffer_add_packet (&rtcp, GST_RTCP_TYPE_RR, &packet);
  gst_rtcp_packet_rr_set_ssrc (&packet, sender);
  if (described) {
    gst_rtcp_buffer_add_packet (&rtcp, GST_RTCP_TYPE_SDES, &packet);
    gst_rtcp_packet_sdes_add_item (&packet, described);
    gst_rtcp_packet_sdes_add_entry (&packet, type, 4,
        (const guint8 *) (type == GST_RTCP_SDES_PRIV ? "\2abc" : "abcd"));
  }
  gst_rtcp_buffer_unmap (&rtcp);
  return buffer;
}

static void
test_rtp_passes_when_open_and_declared (Fixture *f, gconstpointer unused)
{
  g_autoptr (GstPad) pad = begin_srtp (f);

  gst_pad_chain (pad, rtp_new (DECLARED, 0));
  g_assert_cmpuint (f->keys, ==, 0);
  gst_kvs_gate_open (f->gate);
  for (guint32 ssrc = 1; ssrc <= 1000; ssrc++)
    gst_pad_chain (pad, rtp_new (ssrc, 0));
  gst_pad_chain (pad, rtp_new (DECLARED, 15));
  g_assert_cmpuint (f->keys, ==, 0);
  gst_pad_chain (pad, rtp_new (DECLARED, 0));
  g_assert_cmpuint (f->keys, ==, 1);
}

static void
test_rtp_of_another_payload_type_is_dropped (Fixture *f, gconstpointer unused)
{
  g_autoptr (GstPad) pad = begin_srtp (f);
  GstBuffer *buffer = rtp_new (DECLARED, 0);
  const guint8 pt = 97;

  gst_kvs_gate_open (f->gate);
  gst_buffer_fill (buffer, 1, &pt, 1);
  gst_pad_chain (pad, buffer);
  g_assert_cmpuint (f->keys, ==, 0);
  gst_pad_chain (pad, rtp_new (DECLARED, 0));
  g_assert_cmpuint (f->keys, ==, 1);
}

/* Neither RTP nor RTCP, though their SSRCs are where either has them. */
static void
test_what_is_neither_is_dropped (Fixture *f, gconstpointer unused)
{
  static const guint8 bytes[][16] = {
    { 0x8f, 96, 0, 0, 1, 1, 1, 1, 0, 0, 0x12, 0x34 },
    { 0x80, GST_RTCP_TYPE_SDES, 0, 0, 1, 1, 1, 2, 0, 0, 0x12, 0x34 },
    { 0x80, GST_RTCP_TYPE_XR, 0, 0, 1, 1, 1, 3, 0, 0, 0x12, 0x34 },
    { 0x80, 66, 0, 0, 1, 1, 1, 4, 0, 0, 0x12, 0x34 },
  };
  g_autoptr (GstPad) pad = begin_srtp (f);

  gst_kvs_gate_open (f->gate);
  for (guint i = 0; i < G_N_ELEMENTS (bytes); i++) {
    gst_pad_chain (pad, gst_buffer_new_memdup (bytes[i], 16));
    gst_pad_chain (pad, gst_buffer_new_memdup (bytes[i], 7));
  }
  g_assert_cmpuint (f->keys, ==, 0);
}

static void
test_few_senders_of_rtcp_pass (Fixture *f, gconstpointer unused)
{
  g_autoptr (GstPad) pad = begin_srtp (f);

  for (guint32 ssrc = 1; ssrc <= 1000; ssrc++)
    gst_pad_chain (pad, rtcp_new (ssrc, 0, 0));
  g_assert_cmpuint (f->keys, ==, 16);
  gst_pad_chain (pad, rtcp_new (1, 0, 0));
  gst_pad_chain (pad, rtcp_new (DECLARED, 0, 0));
  g_assert_cmpuint (f->keys, ==, 18);
}

static guint
count_sources (Fixture *f)
{
  g_autoptr (GObject) session = NULL;
  guint n;

  g_signal_emit_by_name (f->rtpbin, "get-internal-session", 0, &session);
  g_object_get (session, "num-sources", &n, NULL);
  return n;
}

static void
test_few_sources_are_described (Fixture *f, gconstpointer unused)
{
  g_autoptr (GstPad) rtp =
      gst_element_request_pad_simple (f->rtpbin, "recv_rtp_sink_0");
  g_autoptr (GstPad) pad =
      begin (gst_element_request_pad_simple (f->rtpbin, "recv_rtcp_sink_0"),
          "application/x-rtcp");
  guint before = count_sources (f);

  for (guint32 ssrc = 1000; ssrc < 1100; ssrc++)
    gst_pad_chain (pad, rtcp_new (DECLARED, ssrc, GST_RTCP_SDES_PRIV));
  g_assert_cmpuint (count_sources (f), ==, before);
  for (guint32 ssrc = 1; ssrc <= 1000; ssrc++)
    gst_pad_chain (pad, rtcp_new (DECLARED, ssrc, GST_RTCP_SDES_CNAME));
  g_assert_cmpuint (count_sources (f), >, before);
  g_assert_cmpuint (count_sources (f), <=, before + 17);
  gst_element_release_request_pad (f->rtpbin, pad);
  gst_element_release_request_pad (f->rtpbin, rtp);
}

GST_DEBUG_CATEGORY_EXTERN (kvspeer_debug);

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  GST_DEBUG_CATEGORY_INIT (kvspeer_debug, "kvspeer", 0, "Test");
#define TEST(name) \
  g_test_add ("/gate/" #name, Fixture, NULL, setup, test_##name, teardown)
  TEST (rtp_passes_when_open_and_declared);
  TEST (rtp_of_another_payload_type_is_dropped);
  TEST (what_is_neither_is_dropped);
  TEST (few_senders_of_rtcp_pass);
  TEST (few_sources_are_described);
#undef TEST
  return g_test_run ();
}
