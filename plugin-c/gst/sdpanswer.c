#include "sdpanswer.h"

#include "extension.h"
#include "match.h"
#include "orientation.h"
#include "profile.h"
#include "sdpbundle.h"
#include "sdpcodec.h"

guint
gst_kvs_sdp_transport_cc_id (const GstKvsSdpMedia *media,
    const GstKvsSdpChoice *choice)
{
  return choice->codec && choice->codec->transport_cc ? media->transport_cc_id
                                                      : 0;
}

static const char *
direction_of (const GstKvsSdpChoice *choice)
{
  if (choice->send)
    return choice->receive ? "sendrecv" : "sendonly";
  return choice->receive ? "recvonly" : "inactive";
}

static void
write_msid (GstSDPMedia *to, const GstKvsSdpMedia *offered, guint number)
{
  g_autofree char *value = g_strdup_printf ("stream-%u %s_sink_%u", number,
      gst_kvs_media_name (offered->media), number);

  gst_sdp_media_add_attribute (to, "msid", value);
}

static void
write_rtp (GstSDPMedia *to, const GstKvsSdpMedia *offered,
    const GstSDPMedia *from, const GstKvsSdpChoice *choice)
{
  /* An m-line nobody sends on still needs a payload type to be well formed. */
  const GstKvsSdpCodec *codec =
      choice->codec ? choice->codec : gst_kvs_sdp_media_first (offered);
  g_autofree char *fmtp = gst_kvs_profile_answer (codec->codec, codec->fmtp);

  gst_sdp_media_set_proto (to, gst_sdp_media_get_proto (from));
  gst_sdp_media_add_attribute (to, "rtcp-mux", "");
  if (gst_sdp_media_get_attribute_val (from, "rtcp-rsize"))
    gst_sdp_media_add_attribute (to, "rtcp-rsize", "");
  gst_sdp_media_add_attribute (to, direction_of (choice), "");
  gst_kvs_sdp_codec_write (to, codec, fmtp);
  if (codec->transport_cc)
    gst_kvs_extension_write_id (to, offered->transport_cc_id,
        GST_KVS_EXTENSION_TRANSPORT_CC);
  if (choice->codec)
    gst_kvs_orientation_write_id (to, offered->orientation_id);
  if (choice->send)
    write_msid (to, offered, choice->number);
}

/* RFC 8829 section 5.3.1: with port 0, and the formats as they were offered. */
static GstSDPMedia *
write_rejected (const GstKvsSdpMedia *offered, const GstSDPMedia *from)
{
  GstSDPMedia *to =
      gst_kvs_sdp_media_new (gst_sdp_media_get_media (from), offered->mid);
  guint n = gst_sdp_media_formats_len (from);

  gst_sdp_media_set_port_info (to, 0, 0);
  gst_sdp_media_set_proto (to, gst_sdp_media_get_proto (from));
  for (guint i = 0; i < n; i++)
    gst_sdp_media_add_format (to, gst_sdp_media_get_format (from, i));
  gst_sdp_media_add_attribute (to, "inactive", "");
  return to;
}

static GstSDPMedia *
write_media (const GstKvsSdpOffer *offer, const GstKvsSdpMedia *offered,
    const GstKvsSdpChoice *choice, const GstKvsSdpStream *stream,
    const GstKvsSdpTransport *transport, const char *cname)
{
  const GstSDPMedia *from =
      gst_sdp_message_get_media (offer->message, offered->mline);
  GstSDPMedia *to;

  if (!gst_kvs_sdp_media_is_usable (offered))
    return write_rejected (offered, from);
  to = gst_kvs_sdp_media_new (gst_sdp_media_get_media (from), offered->mid);
  gst_kvs_sdp_write_transport (to, transport);
  if (offered->is_data)
    gst_kvs_sdp_data_write (to, gst_sdp_media_get_proto (from));
  else
    write_rtp (to, offered, from, choice);
  gst_kvs_sdp_write_stream (to, stream, cname);
  return to;
}

/* The mid if it may be in the answer's group, which it joins; else nothing. */
static void
join_bundle (GString *group, const GstKvsSdpOffer *offer, const char *mid,
    guint *joined)
{
  int mline = gst_kvs_sdp_offer_find_mline (offer, mid, -1);

  if (mline < 0 || *joined & 1u << mline
      || !gst_kvs_sdp_media_is_usable (
          g_ptr_array_index (offer->medias, (guint) mline)))
    return;
  *joined |= 1u << mline;
  g_string_append_printf (group, " %s", mid);
}

/* Those of the peer's own group that are not rejected, in the order it has: the
 * first is the one whose transport is used (RFC 8843 section 7.3.1). */
static void
write_bundle (GstSDPMessage *message, const GstKvsSdpOffer *offer)
{
  g_autoptr (GString) group = g_string_new ("BUNDLE");
  g_auto (GStrv) bundle = gst_kvs_sdp_bundle_read (offer->message);
  guint joined = 0;

  for (char **mid = bundle ? bundle + 1 : NULL; mid && *mid; mid++)
    join_bundle (group, offer, *mid, &joined);
  if (joined != 0)
    gst_sdp_message_add_attribute (message, "group", group->str);
}

char *
gst_kvs_sdp_answer_write (const GstKvsSdpOffer *offer,
    const GstKvsSdpChoice *choices, const GstKvsSdpStream *streams,
    const GstKvsSdpTransport *transport, const char *cname)
{
  g_autoptr (GstSDPMessage) message = gst_kvs_sdp_message_new ();

  write_bundle (message, offer);
  gst_sdp_message_add_attribute (message, "ice-options", "trickle");
  for (guint i = 0; i < offer->medias->len; i++) {
    GstSDPMedia *media =
        write_media (offer, g_ptr_array_index (offer->medias, i), &choices[i],
            &streams[i], transport, cname);

    gst_sdp_message_add_media (message, media);
    gst_sdp_media_free (media);
  }
  return gst_sdp_message_as_text (message);
}
