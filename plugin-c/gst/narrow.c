#include "narrow.h"

#include <stdlib.h>

#include "orientation.h"
#include "profile.h"
#include "sdpcodec.h"
#include "sdptext.h"
#include "sdpwrite.h"

/* An m-line nobody sends on still needs a payload type to be well formed. */
static void
write_unused (GstSDPMedia *to, const GstKvsSdpMedia *self,
    const GstSDPMedia *from)
{
  static const GstKvsCodec anything = { .clock_rate = 90000 };
  const GstKvsSdpCodec *c;

  if (self->codecs->len > 0) {
    c = g_ptr_array_index (self->codecs, 0);
    gst_kvs_sdp_codec_add_rtpmap (to, c->pt, c->codec->name, c->codec);
  } else {
    int pt = 0;

    if (gst_sdp_media_formats_len (from) == 0
        || !gst_kvs_sdp_is_format (gst_sdp_media_get_format (from, 0), &pt))
      pt = 96;
    gst_kvs_sdp_codec_add_rtpmap (to, pt, "UNSUPPORTED", &anything);
  }
}

static void
write_rtp (GstSDPMedia *to, const GstKvsSdpMedia *self, const GstSDPMedia *from,
    const GstKvsSdpChoice *choice)
{
  gst_kvs_sdp_write_rtp (to, choice, from);
  if (!choice->codec)
    write_unused (to, self, from);
  if (choice->receive)
    gst_kvs_sdp_write_ssrcs (to, self);
}

static GstSDPMedia *
write_media (const GstKvsSdpOffer *offer, const GstKvsSdpMedia *self,
    const GstKvsSdpChoice *choice)
{
  const GstSDPMedia *from =
      gst_sdp_message_get_media (offer->message, self->mline);
  GstSDPMedia *to;

  gst_sdp_media_new (&to);
  gst_sdp_media_set_media (to, gst_sdp_media_get_media (from));
  gst_sdp_media_set_port_info (to, self->is_rejected ? 0 : 9, 0);
  gst_sdp_media_add_connection (to, "IN", "IP4", "0.0.0.0", 0, 0);
  gst_sdp_media_add_attribute (to, "mid", self->mid);
  if (!self->is_rejected)
    gst_kvs_sdp_copy_transport (to, offer, from);
  if (self->is_data)
    gst_kvs_sdp_write_data (to, from);
  else
    write_rtp (to, self, from, choice);
  return to;
}

GstSDPMessage *
gst_kvs_sdp_offer_narrow (const GstKvsSdpOffer *offer,
    const GstKvsSdpChoice *choices)
{
  g_autoptr (GString) group = g_string_new ("BUNDLE");
  g_auto (GStrv) bundle = gst_kvs_sdp_offer_read_bundle (offer->message);
  GstSDPMessage *message = gst_kvs_sdp_message_new ();

  for (guint i = 0; i < offer->medias->len; i++) {
    const GstKvsSdpMedia *self = g_ptr_array_index (offer->medias, i);

    /* Only those of the peer's own group, in its order of m-lines. */
    if (!self->is_rejected && gst_kvs_sdp_is_bundled (bundle, self->mid))
      g_string_append_printf (group, " %s", self->mid);
  }
  if (!g_str_equal (group->str, "BUNDLE"))
    gst_sdp_message_add_attribute (message, "group", group->str);
  /* We trickle, so we say so; webrtcbin's answer repeats it. */
  gst_sdp_message_add_attribute (message, "ice-options", "trickle");
  /* A server that only answers checks: webrtcbin must lead then. */
  if (gst_sdp_message_get_attribute_val (offer->message, "ice-lite"))
    gst_sdp_message_add_attribute (message, "ice-lite", "");

  for (guint i = 0; i < offer->medias->len; i++) {
    GstSDPMedia *media =
        write_media (offer, g_ptr_array_index (offer->medias, i), &choices[i]);

    gst_sdp_message_add_media (message, media);
    gst_sdp_media_free (media);
  }
  return message;
}

static void
set_fmtp (GstSDPMedia *media, const GstKvsSdpCodec *chosen)
{
  guint n = gst_sdp_media_attributes_len (media);
  g_autofree char *ours = gst_kvs_profile_answer (chosen->codec, chosen->fmtp);
  g_autofree char *value =
      ours ? g_strdup_printf ("%d %s", chosen->pt, ours) : NULL;

  for (guint i = n; i > 0; i--) {
    const GstSDPAttribute *a = gst_sdp_media_get_attribute (media, i - 1);

    if (g_strcmp0 (a->key, "fmtp") == 0 && atoi (a->value) == chosen->pt)
      gst_sdp_media_remove_attribute (media, i - 1);
  }
  if (value)
    gst_sdp_media_add_attribute (media, "fmtp", value);
}

static void
add_msid (GstSDPMedia *media, const GstKvsSdpMedia *offered, guint number)
{
  g_autofree char *value = g_strdup_printf ("stream-%u %s_sink_%u", number,
      gst_kvs_media_name (offered->media), number);

  gst_sdp_media_add_attribute (media, "msid", value);
}

char *
gst_kvs_sdp_answer_finish (const GstSDPMessage *answer,
    const GstKvsSdpOffer *offer, const GstKvsSdpChoice *choices)
{
  g_autoptr (GstSDPMessage) copy = NULL;
  guint n;

  gst_sdp_message_copy (answer, &copy);
  n = MIN (gst_sdp_message_medias_len (copy), offer->medias->len);
  for (guint i = 0; i < n; i++) {
    const GstKvsSdpCodec *codec = choices[i].codec;
    const GstKvsSdpMedia *offered = g_ptr_array_index (offer->medias, i);
    GstSDPMedia *media = (GstSDPMedia *) gst_sdp_message_get_media (copy, i);

    if (codec) {
      set_fmtp (media, codec);
      gst_kvs_orientation_write_id (media, offered->orientation_id);
    }
    if (choices[i].send)
      add_msid (media, offered, choices[i].number);
  }
  return gst_sdp_message_as_text (copy);
}
