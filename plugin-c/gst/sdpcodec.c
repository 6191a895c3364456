#include "sdpcodec.h"

#include <string.h>

#include "match.h"
#include "sdptext.h"

void
gst_kvs_sdp_codec_free (GstKvsSdpCodec *self)
{
  g_free (self->fmtp);
  g_free (self);
}

/* RFC 3551's static payload types need no a=rtpmap. */
static const char *
rtpmap_of (const GstSDPMedia *media, int pt)
{
  const char *rtpmap = gst_kvs_sdp_payload_attribute (media, "rtpmap", pt, 0);

  if (rtpmap)
    return rtpmap;
  return pt == 0 ? "PCMU/8000" : pt == 8 ? "PCMA/8000" : NULL;
}

static const GstKvsCodec *
codec_of_rtpmap (GstKvsMedia media, const char *rtpmap)
{
  g_auto (GStrv) parts = g_strsplit (rtpmap, "/", 3);
  const GstKvsCodec *codec;

  if (!parts[0] || !parts[1])
    return NULL;
  codec = gst_kvs_codec_find (media, parts[0]);
  if (!codec || g_ascii_strtoll (parts[1], NULL, 10) != codec->clock_rate)
    return NULL;
  /* RFC 8866 section 6.6: one channel where nothing is said. */
  if (g_strcmp0 (parts[2] ? parts[2] : "1",
          codec->rtp_channels ? codec->rtp_channels : "1")
      != 0)
    return NULL;
  return codec;
}

/* The value of `name` in "a=b;c=d", NULL when absent. Transfer full. */
char *
gst_kvs_sdp_fmtp_parameter (const char *fmtp, const char *name)
{
  g_auto (GStrv) parameters = fmtp ? g_strsplit (fmtp, ";", 64) : NULL;
  gsize length = strlen (name);

  for (char **p = parameters; p && *p; p++) {
    const char *parameter = g_strstrip (*p);

    if (g_ascii_strncasecmp (parameter, name, length) == 0
        && parameter[length] == '=')
      return g_strdup (parameter + length + 1);
  }
  return NULL;
}

static int
find_rtx (const GstSDPMedia *media, int pt)
{
  guint n = gst_sdp_media_formats_len (media);

  for (guint i = 0; i < n; i++) {
    const char *rtpmap;
    g_autofree char *apt = NULL;
    int rtx, of;

    if (!gst_kvs_sdp_is_format (gst_sdp_media_get_format (media, i), &rtx))
      continue;
    rtpmap = gst_kvs_sdp_payload_attribute (media, "rtpmap", rtx, 0);
    if (!rtpmap || g_ascii_strncasecmp (rtpmap, "rtx/", 4) != 0)
      continue;
    apt = gst_kvs_sdp_fmtp_parameter (gst_kvs_sdp_payload_attribute (media,
                                          "fmtp", rtx, 0),
        "apt");
    if (apt && gst_kvs_sdp_is_format (apt, &of) && of == pt)
      return rtx;
  }
  return -1;
}

static void
read_feedback (GstKvsSdpCodec *self, const GstSDPMedia *media)
{
  const char *value;

  for (guint i = 0; i < 16
       && (value =
               gst_kvs_sdp_payload_attribute (media, "rtcp-fb", self->pt, i));
       i++) {
    self->nack |= g_str_equal (value, "nack");
    self->nack_pli |= g_str_equal (value, "nack pli");
    self->ccm_fir |= g_str_equal (value, "ccm fir");
    self->transport_cc |= g_str_equal (value, "transport-cc");
    self->remb |= g_str_equal (value, "goog-remb");
  }
}

static int
read_profile_level_id (const char *fmtp)
{
  g_autofree char *text = gst_kvs_sdp_fmtp_parameter (fmtp, "profile-level-id");
  guint64 value;

  if (!text || strlen (text) != 6
      || !g_ascii_string_to_unsigned (text, 16, 0, 0xffffff, &value, NULL))
    return -1;
  return (int) value;
}

void
gst_kvs_sdp_codecs_read (GstKvsSdpMedia *self, const GstSDPMedia *media)
{
  guint n = gst_sdp_media_formats_len (media);
  gboolean seen[128] = { FALSE };

  for (guint i = 0; i < n; i++) {
    GstKvsSdpCodec *c;
    const GstKvsCodec *codec;
    const char *rtpmap;
    int pt;

    if (!gst_kvs_sdp_is_format (gst_sdp_media_get_format (media, i), &pt)
        || seen[pt])
      continue;
    seen[pt] = TRUE;
    rtpmap = rtpmap_of (media, pt);
    codec = rtpmap ? codec_of_rtpmap (self->media, rtpmap) : NULL;
    if (!codec)
      continue;

    c = g_new0 (GstKvsSdpCodec, 1);
    c->pt = pt;
    c->codec = codec;
    c->fmtp = g_strdup (gst_kvs_sdp_payload_attribute (media, "fmtp", pt, 0));
    c->rtx_pt = find_rtx (media, pt);
    c->profile_level_id = read_profile_level_id (c->fmtp);
    read_feedback (c, media);
    /* Nothing counts the packets without the header extension. */
    c->transport_cc &= self->transport_cc_id > 0;
    g_ptr_array_add (self->codecs, c);
  }
}

/* "VP8" of a format's a=rtpmap, fit to be shown; NULL otherwise. Transfer full. */
static char *
name_of_format (const GstSDPMedia *media, const char *format)
{
  int pt;
  const char *rtpmap =
      gst_kvs_sdp_is_format (format, &pt) ? rtpmap_of (media, pt) : NULL;
  g_autofree char *name =
      rtpmap ? g_strndup (rtpmap, MIN (strcspn (rtpmap, "/"), 16)) : NULL;

  return name && gst_kvs_sdp_is_token (name, 16) ? g_steal_pointer (&name)
                                                 : NULL;
}

/* H264 in single NAL units alone (RFC 6184 section 6.2) is none that we have:
 * an encoder's slices would have to fit in a packet each. */
static const char *
note_on (const GstKvsSdpMedia *self, const char *name)
{
  const GstKvsCodec *h264 = gst_kvs_codec_find (self->media, "H264");

  return h264 && g_ascii_strcasecmp (name, h264->name) == 0
          && !gst_kvs_sdp_media_match (self, h264, -1)
      ? " without packetization-mode=1"
      : "";
}

char *
gst_kvs_sdp_offer_describe_codecs (const GstKvsSdpOffer *offer)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < offer->medias->len; i++) {
    const GstSDPMedia *media = gst_sdp_message_get_media (offer->message, i);
    const GstKvsSdpMedia *self = g_ptr_array_index (offer->medias, i);
    guint n = self->is_rtp ? gst_sdp_media_formats_len (media) : 0;

    for (guint j = 0; j < n && text->len < 180; j++) {
      g_autofree char *name =
          name_of_format (media, gst_sdp_media_get_format (media, j));

      if (name && !strstr (text->str, name))
        g_string_append_printf (text, "%s%s%s", text->len ? ", " : "", name,
            note_on (self, name));
    }
  }
  return g_string_free (text, FALSE);
}

static void
add_payload_attribute (GstSDPMedia *media, const char *key, int pt,
    const char *value)
{
  g_autofree char *text = g_strdup_printf ("%d %s", pt, value);

  gst_sdp_media_add_attribute (media, key, text);
}

static void
add_rtpmap (GstSDPMedia *media, int pt, const char *name,
    const GstKvsCodec *codec)
{
  g_autofree char *format = g_strdup_printf ("%d", pt);
  g_autofree char *rtpmap = g_strdup_printf ("%s/%d%s%s", name,
      codec->clock_rate, codec->rtp_channels ? "/" : "",
      codec->rtp_channels ? codec->rtp_channels : "");

  gst_sdp_media_add_format (media, format);
  add_payload_attribute (media, "rtpmap", pt, rtpmap);
}

void
gst_kvs_sdp_codec_write (GstSDPMedia *media, const GstKvsSdpCodec *c,
    const char *fmtp)
{
  add_rtpmap (media, c->pt, c->codec->name, c->codec);
  if (c->nack)
    add_payload_attribute (media, "rtcp-fb", c->pt, "nack");
  if (c->nack_pli)
    add_payload_attribute (media, "rtcp-fb", c->pt, "nack pli");
  if (c->ccm_fir)
    add_payload_attribute (media, "rtcp-fb", c->pt, "ccm fir");
  if (c->transport_cc)
    add_payload_attribute (media, "rtcp-fb", c->pt, "transport-cc");
  else if (c->remb)
    add_payload_attribute (media, "rtcp-fb", c->pt, "goog-remb");
  if (fmtp)
    add_payload_attribute (media, "fmtp", c->pt, fmtp);
  if (c->rtx_pt >= 0) {
    g_autofree char *apt = g_strdup_printf ("apt=%d", c->pt);

    add_rtpmap (media, c->rtx_pt, "rtx", c->codec);
    add_payload_attribute (media, "fmtp", c->rtx_pt, apt);
  }
}
