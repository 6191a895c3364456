#include "proposals.h"

static const char own_offer[] =
    "v=0\r\n"
    "o=- 4711 0 IN IP4 0.0.0.0\r\n"
    "s=-\r\n"
    "t=0 0\r\n"
    "a=ice-options:trickle\r\n"
    "a=group:BUNDLE audio0 video1 application2\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" TEST_TRANSPORT "a=setup:actpass\r\n"
    "a=rtcp-mux\r\n"
    "a=recvonly\r\n"
    "a=rtpmap:111 OPUS/48000/2\r\n"
    "a=ssrc:1 cname:me\r\n"
    "a=mid:audio0\r\n"
    "m=video 0 UDP/TLS/RTP/SAVPF 102\r\n" TEST_TRANSPORT "a=setup:actpass\r\n"
    "a=bundle-only\r\n"
    "a=rtcp-mux\r\n"
    "a=sendrecv\r\n"
    "a=rtpmap:102 H264/90000\r\n"
    "a=ssrc-group:FID 22 23\r\n"
    "a=ssrc:22 cname:me\r\n"
    "a=ssrc:23 cname:me\r\n"
    "a=mid:video1\r\n"
    "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n" TEST_TRANSPORT
    "a=setup:actpass\r\n"
    "a=mid:application2\r\n"
    "a=sctp-port:5000\r\n";

static void
add_media (GstKvsSdpProposal *self, GstKvsMedia media, gboolean send,
    const char *const *names)
{
  g_autoptr (GPtrArray) codecs = g_ptr_array_new ();

  for (; *names; names++)
    g_ptr_array_add (codecs, (gpointer) gst_kvs_codec_find (media, *names));
  gst_kvs_sdp_proposal_add_media (self, media, send, codecs);
}

GstKvsSdpProposal *
test_proposal_new (gboolean send_video)
{
  static const char *const audio[] = { "OPUS", "PCMU", "PCMA", NULL };
  static const char *const video[] = { "H264", "VP8", NULL };
  GstKvsSdpProposal *self = gst_kvs_sdp_proposal_new ();

  add_media (self, GST_KVS_MEDIA_AUDIO, FALSE, audio);
  add_media (self, GST_KVS_MEDIA_VIDEO, send_video, video);
  gst_kvs_sdp_proposal_add_data (self);
  return self;
}

GstSDPMessage *
test_own_offer_new (void)
{
  GstSDPMessage *offer;

  g_assert_cmpint (gst_sdp_message_new_from_text (own_offer, &offer), ==,
      GST_SDP_OK);
  return offer;
}
