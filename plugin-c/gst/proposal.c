#include "proposal.h"

#include "extension.h"
#include "orientation.h"
#include "sdpcodec.h"

/* Where H264's other profiles go; the table of codecs has the types below. */
#define FIRST_PT 112

/* Beside constrained baseline: what a camera may send as it is. Level 3.1, as
 * everybody says; nobody is held to it (level asymmetry). */
static const char *const more_h264[] = {
  "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f",
  "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=64001f",
};

static void
line_free (gpointer data)
{
  GstKvsSdpLine *line = data;

  g_ptr_array_unref (line->codecs);
  g_free (line);
}

GstKvsSdpProposal *
gst_kvs_sdp_proposal_new (void)
{
  GstKvsSdpProposal *self = g_new0 (GstKvsSdpProposal, 1);

  self->lines = g_ptr_array_new_with_free_func (line_free);
  return self;
}

void
gst_kvs_sdp_proposal_free (GstKvsSdpProposal *self)
{
  g_ptr_array_unref (self->lines);
  g_free (self);
}

static GstKvsSdpLine *
line_new (GstKvsSdpProposal *self)
{
  GstKvsSdpLine *line = g_new0 (GstKvsSdpLine, 1);

  line->codecs =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_kvs_sdp_codec_free);
  g_ptr_array_add (self->lines, line);
  return line;
}

static void
add_codec (GstKvsSdpLine *line, const GstKvsCodec *codec, int pt,
    const char *fmtp)
{
  GstKvsSdpCodec *c = g_new0 (GstKvsSdpCodec, 1);
  gboolean is_video = codec->media == GST_KVS_MEDIA_VIDEO;

  c->codec = codec;
  c->pt = pt;
  c->fmtp = g_strdup (fmtp);
  c->rtx_pt = is_video ? pt + 1 : -1;
  c->nack = c->nack_pli = c->ccm_fir = is_video;
  c->transport_cc = TRUE;
  g_ptr_array_add (line->codecs, c);
}

void
gst_kvs_sdp_proposal_add_media (GstKvsSdpProposal *self, GstKvsMedia media,
    gboolean send, GPtrArray *codecs)
{
  GstKvsSdpLine *line;

  g_return_if_fail (codecs->len > 0);

  line = line_new (self);
  line->media = media;
  line->send = send;
  for (guint i = 0; i < codecs->len; i++) {
    const GstKvsCodec *codec = g_ptr_array_index (codecs, i);
    gboolean is_h264 = g_str_equal (codec->name, "H264");

    add_codec (line, codec, codec->payload_type, codec->fmtp);
    for (guint j = 0; is_h264 && j < G_N_ELEMENTS (more_h264); j++)
      add_codec (line, codec, FIRST_PT + 2 * (int) j, more_h264[j]);
  }
}

void
gst_kvs_sdp_proposal_add_data (GstKvsSdpProposal *self)
{
  line_new (self)->is_data = TRUE;
}

static const char *
kind_of (const GstKvsSdpLine *line)
{
  return line->is_data ? "application" : gst_kvs_media_name (line->media);
}

/* A browser plays the two of one MediaStream in step (RFC 8830). */
static void
write_msid (GstSDPMedia *to, const GstKvsSdpLine *line)
{
  g_autofree char *value = g_strconcat ("stream-0 ", kind_of (line), NULL);

  gst_sdp_media_add_attribute (to, "msid", value);
}

static void
write_rtp (GstSDPMedia *to, const GstKvsSdpLine *line)
{
  gst_sdp_media_set_proto (to, "UDP/TLS/RTP/SAVPF");
  gst_sdp_media_add_attribute (to, "rtcp-mux", "");
  gst_sdp_media_add_attribute (to, "rtcp-rsize", "");
  gst_sdp_media_add_attribute (to, line->send ? "sendrecv" : "recvonly", "");
  for (guint i = 0; i < line->codecs->len; i++) {
    const GstKvsSdpCodec *codec = g_ptr_array_index (line->codecs, i);

    gst_kvs_sdp_codec_write (to, codec, codec->fmtp);
  }
  gst_kvs_extension_write_id (to, GST_KVS_TRANSPORT_CC_ID,
      GST_KVS_EXTENSION_TRANSPORT_CC);
  if (line->media == GST_KVS_MEDIA_VIDEO)
    gst_kvs_orientation_write_id (to, GST_KVS_ORIENTATION_ID);
  if (line->send)
    write_msid (to, line);
}

static GstSDPMedia *
write_line (const GstKvsSdpLine *line, guint index,
    const GstKvsSdpStream *stream, const GstKvsSdpTransport *transport,
    const char *cname)
{
  g_autofree char *mid = g_strdup_printf ("%u", index);
  /* Not bundle-only with port 0, which a simple master takes for a rejection. */
  GstSDPMedia *media = gst_kvs_sdp_media_new (kind_of (line), mid);

  gst_kvs_sdp_write_transport (media, transport);
  if (line->is_data)
    gst_kvs_sdp_data_write (media, "UDP/DTLS/SCTP");
  else
    write_rtp (media, line);
  gst_kvs_sdp_write_stream (media, stream, cname);
  return media;
}

char *
gst_kvs_sdp_proposal_write (const GstKvsSdpProposal *self,
    const GstKvsSdpStream *streams, const GstKvsSdpTransport *transport,
    const char *cname)
{
  g_autoptr (GString) group = g_string_new ("BUNDLE");
  g_autoptr (GstSDPMessage) message = gst_kvs_sdp_message_new ();

  for (guint i = 0; i < self->lines->len; i++)
    g_string_append_printf (group, " %u", i);
  gst_sdp_message_add_attribute (message, "group", group->str);
  /* Without it Amazon's C SDK waits for the last candidate. */
  gst_sdp_message_add_attribute (message, "ice-options", "trickle");
  for (guint i = 0; i < self->lines->len; i++) {
    GstSDPMedia *media = write_line (g_ptr_array_index (self->lines, i), i,
        &streams[i], transport, cname);

    gst_sdp_message_add_media (message, media);
    gst_sdp_media_free (media);
  }
  return gst_sdp_message_as_text (message);
}
