#include "sdpwrite.h"

#include "sdpcodec.h"
#include "sdptext.h"

GstSDPMessage *
gst_kvs_sdp_message_new (void)
{
  GstSDPMessage *message;

  gst_sdp_message_new (&message);
  gst_sdp_message_set_version (message, "0");
  gst_sdp_message_set_origin (message, "-", "1", "1", "IN", "IP4", "127.0.0.1");
  gst_sdp_message_set_session_name (message, "-");
  gst_sdp_message_add_time (message, "0", "0", NULL);
  return message;
}

/* Who leaves the choice to us starts DTLS: it does so when it is ready, and it
 * knows by then whom to trust. Amazon's C SDK drops a hello that comes earlier,
 * and ours would be repeated after a second. Others repeat theirs sooner. */
static const char *
role_of (const char *setup)
{
  return g_strcmp0 (setup, "actpass") == 0 ? "active" : setup;
}

void
gst_kvs_sdp_copy_transport (GstSDPMedia *to, const GstKvsSdpOffer *offer,
    const GstSDPMedia *from)
{
  static const char *const names[] = { "ice-ufrag", "ice-pwd" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    gst_sdp_media_add_attribute (to, names[i],
        gst_kvs_sdp_offer_attribute (offer, from, names[i]));
  gst_sdp_media_add_attribute (to, "setup",
      role_of (gst_kvs_sdp_offer_attribute (offer, from, "setup")));
  /* webrtcbin wants to see one and compares none (peer.c does, with all). */
  gst_sdp_media_add_attribute (to, "fingerprint",
      g_ptr_array_index (offer->fingerprints, 0));
}

/* As the peer says it: what we receive, it sends. */
static const char *
direction_of (const GstKvsSdpChoice *choice)
{
  if (choice->send)
    return choice->receive ? "sendrecv" : "recvonly";
  return choice->receive ? "sendonly" : "inactive";
}

void
gst_kvs_sdp_write_rtp (GstSDPMedia *to, const GstKvsSdpChoice *choice,
    const GstSDPMedia *from)
{
  gst_sdp_media_set_proto (to, "UDP/TLS/RTP/SAVPF");
  gst_sdp_media_add_attribute (to, "rtcp-mux", "");
  if (from && gst_sdp_media_get_attribute_val (from, "rtcp-rsize"))
    gst_sdp_media_add_attribute (to, "rtcp-rsize", "");
  gst_sdp_media_add_attribute (to, direction_of (choice), "");
  if (choice->codec)
    gst_kvs_sdp_codec_write (to, choice->codec);
}

void
gst_kvs_sdp_write_ssrcs (GstSDPMedia *to, const GstKvsSdpMedia *self)
{
  for (guint i = 0; i < self->ssrcs->len; i++) {
    g_autofree char *value = g_strdup_printf ("%u cname:peer",
        g_array_index (self->ssrcs, guint32, i));

    gst_sdp_media_add_attribute (to, "ssrc", value);
  }
}

void
gst_kvs_sdp_write_data (GstSDPMedia *to, const GstSDPMedia *from)
{
  const char *port =
      from ? gst_sdp_media_get_attribute_val (from, "sctp-port") : NULL;

  gst_sdp_media_set_proto (to, "UDP/DTLS/SCTP");
  gst_sdp_media_add_format (to, "webrtc-datachannel");
  gst_sdp_media_add_attribute (to, "sctp-port",
      port && gst_kvs_sdp_is_number (port, 1, 65535) ? port : "5000");
}
