#include "proposal.h"

#include <stdlib.h>

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
  g_free (line->mid);
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

gboolean
gst_kvs_sdp_proposal_bind (GstKvsSdpProposal *self, const GstSDPMessage *offer)
{
  if (gst_sdp_message_medias_len (offer) != self->lines->len)
    return FALSE;
  for (guint i = 0; i < self->lines->len; i++) {
    GstKvsSdpLine *line = g_ptr_array_index (self->lines, i);
    const GstSDPMedia *media = gst_sdp_message_get_media (offer, i);
    const char *mid = gst_sdp_media_get_attribute_val (media, "mid");

    if (!mid
        || g_strcmp0 (gst_sdp_media_get_media (media), kind_of (line)) != 0)
      return FALSE;
    g_free (line->mid);
    line->mid = g_strdup (mid);
  }
  return TRUE;
}

static void
copy_attributes (GstSDPMedia *to, const GstSDPMedia *from, const char *key)
{
  guint n = gst_sdp_media_attributes_len (from);

  for (guint i = 0; i < n; i++) {
    const GstSDPAttribute *a = gst_sdp_media_get_attribute (from, i);

    if (g_strcmp0 (a->key, key) == 0)
      gst_sdp_media_add_attribute (to, key, a->value);
  }
}

static void
write_codec (GstSDPMedia *to, const GstKvsSdpCodec *c)
{
  guint n;

  gst_kvs_sdp_codec_write (to, c);
  if (!c->fmtp)
    return;
  /* What webrtcbin is shown of a codec's parameters is less than that. */
  n = gst_sdp_media_attributes_len (to);
  for (guint i = n; i > 0; i--) {
    const GstSDPAttribute *a = gst_sdp_media_get_attribute (to, i - 1);

    if (g_strcmp0 (a->key, "fmtp") == 0 && atoi (a->value) == c->pt)
      gst_sdp_media_remove_attribute (to, i - 1);
  }
  {
    g_autofree char *fmtp = g_strdup_printf ("%d %s", c->pt, c->fmtp);

    gst_sdp_media_add_attribute (to, "fmtp", fmtp);
  }
}

static void
write_rtp (GstSDPMedia *to, const GstKvsSdpLine *line, const GstSDPMedia *from)
{
  gst_sdp_media_set_proto (to, "UDP/TLS/RTP/SAVPF");
  gst_sdp_media_add_attribute (to, "rtcp-mux", "");
  gst_sdp_media_add_attribute (to, "rtcp-rsize", "");
  gst_sdp_media_add_attribute (to, line->send ? "sendrecv" : "recvonly", "");
  for (guint i = 0; i < line->codecs->len; i++)
    write_codec (to, g_ptr_array_index (line->codecs, i));
  if (line->media == GST_KVS_MEDIA_VIDEO)
    gst_kvs_orientation_write_id (to, GST_KVS_ORIENTATION_ID);
  if (!line->send)
    return;
  copy_attributes (to, from, "ssrc-group");
  copy_attributes (to, from, "ssrc");
}

static void
write_data (GstSDPMedia *to, const GstSDPMedia *from)
{
  gst_sdp_media_set_proto (to, "UDP/DTLS/SCTP");
  gst_sdp_media_add_format (to, "webrtc-datachannel");
  copy_attributes (to, from, "sctp-port");
  copy_attributes (to, from, "max-message-size");
}

static void
write_line (GstSDPMessage *to, const GstKvsSdpLine *line, guint index,
    const GstSDPMedia *from)
{
  static const char *const transport[] = { "ice-ufrag", "ice-pwd", "setup",
    "fingerprint" };
  g_autofree char *mid = g_strdup_printf ("%u", index);
  GstSDPMedia *media;

  gst_sdp_media_new (&media);
  gst_sdp_media_set_media (media, kind_of (line));
  /* Not bundle-only with port 0, which a simple master takes for a rejection. */
  gst_sdp_media_set_port_info (media, 9, 0);
  gst_sdp_media_add_connection (media, "IN", "IP4", "0.0.0.0", 0, 0);
  gst_sdp_media_add_attribute (media, "mid", mid);
  for (guint i = 0; i < G_N_ELEMENTS (transport); i++)
    copy_attributes (media, from, transport[i]);
  if (line->is_data)
    write_data (media, from);
  else
    write_rtp (media, line, from);
  gst_sdp_message_add_media (to, media);
  gst_sdp_media_free (media);
}

char *
gst_kvs_sdp_proposal_write (const GstKvsSdpProposal *self,
    const GstSDPMessage *offer)
{
  const GstSDPOrigin *origin = gst_sdp_message_get_origin (offer);
  g_autoptr (GString) group = g_string_new ("BUNDLE");
  g_autoptr (GstSDPMessage) message = NULL;

  gst_sdp_message_new (&message);
  gst_sdp_message_set_version (message, "0");
  gst_sdp_message_set_origin (message, "-", origin->sess_id,
      origin->sess_version, "IN", "IP4", "127.0.0.1");
  gst_sdp_message_set_session_name (message, "-");
  gst_sdp_message_add_time (message, "0", "0", NULL);
  for (guint i = 0; i < self->lines->len; i++)
    g_string_append_printf (group, " %u", i);
  gst_sdp_message_add_attribute (message, "group", group->str);
  /* Without it Amazon's C SDK waits for the last candidate. */
  gst_sdp_message_add_attribute (message, "ice-options", "trickle");
  for (guint i = 0; i < self->lines->len; i++)
    write_line (message, g_ptr_array_index (self->lines, i), i,
        gst_sdp_message_get_media (offer, i));
  return gst_sdp_message_as_text (message);
}
