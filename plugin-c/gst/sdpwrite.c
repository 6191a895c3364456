#include "sdpwrite.h"

#include "sdpcodec.h"
#include "sdptext.h"

GstSDPMessage *
gst_kvs_sdp_message_new (void)
{
  g_autofree char *id = g_strdup_printf ("%" G_GUINT64_FORMAT,
      ((guint64) g_random_int () << 31) ^ g_random_int ());
  GstSDPMessage *message;

  gst_sdp_message_new (&message);
  gst_sdp_message_set_version (message, "0");
  gst_sdp_message_set_origin (message, "-", id, "1", "IN", "IP4", "127.0.0.1");
  gst_sdp_message_set_session_name (message, "-");
  gst_sdp_message_add_time (message, "0", "0", NULL);
  return message;
}

GstSDPMedia *
gst_kvs_sdp_media_new (const char *kind, const char *mid)
{
  GstSDPMedia *media;

  gst_sdp_media_new (&media);
  gst_sdp_media_set_media (media, kind);
  gst_sdp_media_set_port_info (media, 9, 0);
  gst_sdp_media_add_connection (media, "IN", "IP4", "0.0.0.0", 0, 0);
  gst_sdp_media_add_attribute (media, "mid", mid);
  return media;
}

/* Who leaves the choice to us starts DTLS: it does so when it is ready, and it
 * knows by then whom to trust. Amazon's C SDK drops a hello that comes earlier,
 * and ours would be repeated after a second. Others repeat theirs sooner. */
const char *
gst_kvs_sdp_answer_setup (const char *offered)
{
  return g_strcmp0 (offered, "passive") == 0 ? "active" : "passive";
}

void
gst_kvs_sdp_write_transport (GstSDPMedia *to,
    const GstKvsSdpTransport *transport)
{
  gst_sdp_media_add_attribute (to, "ice-ufrag", transport->ufrag);
  gst_sdp_media_add_attribute (to, "ice-pwd", transport->password);
  gst_sdp_media_add_attribute (to, "fingerprint", transport->fingerprint);
  gst_sdp_media_add_attribute (to, "setup", transport->setup);
}

static void
write_ssrc (GstSDPMedia *to, guint32 ssrc, const char *cname)
{
  g_autofree char *value = g_strdup_printf ("%u cname:%s", ssrc, cname);

  gst_sdp_media_add_attribute (to, "ssrc", value);
}

void
gst_kvs_sdp_write_stream (GstSDPMedia *to, const GstKvsSdpStream *stream,
    const char *cname)
{
  if (stream->ssrc == 0)
    return;
  if (stream->rtx_ssrc != 0) {
    g_autofree char *group =
        g_strdup_printf ("FID %u %u", stream->ssrc, stream->rtx_ssrc);

    gst_sdp_media_add_attribute (to, "ssrc-group", group);
  }
  write_ssrc (to, stream->ssrc, cname);
  if (stream->rtx_ssrc != 0)
    write_ssrc (to, stream->rtx_ssrc, cname);
}
