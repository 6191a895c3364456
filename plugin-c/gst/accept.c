#include "accept.h"

#include "orientation.h"
#include "sdpcodec.h"
#include "sdpwrite.h"

static const GstKvsSdpMedia *
media_of (const GstKvsSdpOffer *answer, guint mline)
{
  const GstKvsSdpMedia *media = mline < answer->medias->len
      ? g_ptr_array_index (answer->medias, mline)
      : NULL;

  return media && !media->is_rejected ? media : NULL;
}

static gboolean
check_line (const GstKvsSdpOffer *answer, const GstKvsSdpLine *line,
    const GstKvsSdpMedia *media, GError **error)
{
  const char *setup;

  if (line->is_data ? !media->is_data
                    : !media->is_rtp || media->media != line->media) {
    g_set_error (error, GST_KVS_SDP_ERROR, GST_KVS_SDP_ERROR_SYNTAX,
        "m-line %u is of another kind than the offered one", media->mline);
    return FALSE;
  }
  setup = gst_kvs_sdp_offer_attribute (answer,
      gst_sdp_message_get_media (answer->message, media->mline), "setup");
  /* RFC 8842 section 5.3: the answerer decides. */
  if (g_strcmp0 (setup, "active") != 0 && g_strcmp0 (setup, "passive") != 0) {
    g_set_error (error, GST_KVS_SDP_ERROR, GST_KVS_SDP_ERROR_SYNTAX,
        "m-line %u has an a=setup that is none of an answer", media->mline);
    return FALSE;
  }
  return TRUE;
}

/* RFC 8285 section 6: an answer keeps the offer's number. */
static void
forget_other_extension (GstKvsSdpOffer *answer)
{
  for (guint i = 0; i < answer->medias->len; i++) {
    GstKvsSdpMedia *media = g_ptr_array_index (answer->medias, i);

    if (media->orientation_id != GST_KVS_ORIENTATION_ID)
      media->orientation_id = 0;
  }
}

/* All that is used must be on the one transport that was offered. */
static gboolean
check_bundle (const GstKvsSdpOffer *answer, GError **error)
{
  g_auto (GStrv) bundle = gst_kvs_sdp_offer_read_bundle (answer->message);
  guint used = 0, bundled = 0;

  for (guint i = 0; i < answer->medias->len; i++) {
    const GstKvsSdpMedia *media = media_of (answer, i);

    if (!media)
      continue;
    used++;
    bundled += gst_kvs_sdp_is_bundled (bundle, media->mid);
  }
  if (used < 2 || bundled == used)
    return TRUE;
  g_set_error_literal (error, GST_KVS_SDP_ERROR, GST_KVS_SDP_ERROR_UNSUPPORTED,
      "its media does not share one transport (BUNDLE)");
  return FALSE;
}

GstKvsSdpOffer *
gst_kvs_sdp_answer_parse (const char *text, const GstKvsSdpProposal *proposal,
    GError **error)
{
  g_autoptr (GstKvsSdpOffer) answer = gst_kvs_sdp_offer_parse (text, error);

  if (!answer)
    return NULL;
  if (answer->medias->len > proposal->lines->len) {
    g_set_error (error, GST_KVS_SDP_ERROR, GST_KVS_SDP_ERROR_SYNTAX,
        "%u m-lines were offered and %u answered", proposal->lines->len,
        answer->medias->len);
    return NULL;
  }
  for (guint i = 0; i < answer->medias->len; i++) {
    const GstKvsSdpMedia *media = media_of (answer, i);

    if (media
        && !check_line (answer, g_ptr_array_index (proposal->lines, i), media,
            error))
      return NULL;
  }
  forget_other_extension (answer);
  return check_bundle (answer, error) ? g_steal_pointer (&answer) : NULL;
}

static gboolean
was_offered (const GstKvsSdpLine *line, const GstKvsSdpCodec *answered)
{
  for (guint i = 0; i < line->codecs->len; i++) {
    const GstKvsSdpCodec *c = g_ptr_array_index (line->codecs, i);

    if (c->pt == answered->pt && c->codec == answered->codec)
      return TRUE;
  }
  return FALSE;
}

static const GstKvsSdpCodec *
first_offered (const GstKvsSdpLine *line, const GstKvsSdpMedia *media)
{
  for (guint i = 0; i < media->codecs->len; i++) {
    const GstKvsSdpCodec *c = g_ptr_array_index (media->codecs, i);

    if (was_offered (line, c))
      return c;
  }
  return NULL;
}

gboolean
gst_kvs_sdp_answer_choose (const GstKvsSdpOffer *answer,
    const GstKvsSdpProposal *proposal, GstKvsSdpChoice *choices)
{
  gboolean is_useful = FALSE;

  for (guint i = 0; i < proposal->lines->len; i++) {
    const GstKvsSdpLine *line = g_ptr_array_index (proposal->lines, i);
    const GstKvsSdpMedia *media = media_of (answer, i);

    if (!media)
      continue;
    is_useful |= line->is_data;
    choices[i].codec = line->is_data ? NULL : first_offered (line, media);
    if (!choices[i].codec && !line->is_data)
      GST_WARNING ("m-line %u is answered with no payload type that was "
                   "offered, and left out",
          i);
    if (!choices[i].codec)
      continue;
    choices[i].receive = media->wants_to_send;
    choices[i].send = line->send && media->wants_to_receive;
    is_useful = TRUE;
  }
  return is_useful;
}

/* The transport all of the answer's media share. */
static const GstSDPMedia *
find_transport (const GstKvsSdpOffer *answer)
{
  for (guint i = 0; i < answer->medias->len; i++) {
    if (media_of (answer, i))
      return gst_sdp_message_get_media (answer->message, i);
  }
  return NULL;
}

static void
write_rtp (GstSDPMedia *to, const GstKvsSdpLine *line,
    const GstKvsSdpMedia *media, const GstSDPMedia *from,
    const GstKvsSdpChoice *choice)
{
  const GstKvsSdpCodec *first = g_ptr_array_index (line->codecs, 0);

  gst_kvs_sdp_write_rtp (to, choice, from);
  /* One is needed to be well formed, also where nobody sends. */
  if (!choice->codec)
    gst_kvs_sdp_codec_add_rtpmap (to, first->pt, first->codec->name,
        first->codec);
  if (choice->receive)
    gst_kvs_sdp_write_ssrcs (to, media);
}

static void
write_line (GstSDPMessage *to, const GstKvsSdpOffer *answer,
    const GstKvsSdpLine *line, guint index, const GstKvsSdpChoice *choice)
{
  const GstKvsSdpMedia *media = media_of (answer, index);
  const GstSDPMedia *from =
      media ? gst_sdp_message_get_media (answer->message, index) : NULL;
  GstSDPMedia *m;

  gst_sdp_media_new (&m);
  gst_sdp_media_set_media (m,
      line->is_data ? "application" : gst_kvs_media_name (line->media));
  /* webrtcbin loses its way when the first of a bundle is rejected, so a
   * rejected m-line is an inactive one here. */
  gst_sdp_media_set_port_info (m, line->is_data && !media ? 0 : 9, 0);
  gst_sdp_media_add_connection (m, "IN", "IP4", "0.0.0.0", 0, 0);
  gst_sdp_media_add_attribute (m, "mid", line->mid);
  gst_kvs_sdp_copy_transport (m, answer, find_transport (answer));
  if (line->is_data)
    gst_kvs_sdp_write_data (m, from);
  else
    write_rtp (m, line, media, from, choice);
  gst_sdp_message_add_media (to, m);
  gst_sdp_media_free (m);
}

GstSDPMessage *
gst_kvs_sdp_answer_narrow (const GstKvsSdpOffer *answer,
    const GstKvsSdpProposal *proposal, const GstKvsSdpChoice *choices)
{
  g_autoptr (GString) group = g_string_new ("BUNDLE");
  GstSDPMessage *message = gst_kvs_sdp_message_new ();

  for (guint i = 0; i < proposal->lines->len; i++) {
    const GstKvsSdpLine *line = g_ptr_array_index (proposal->lines, i);

    if (!line->is_data || media_of (answer, i))
      g_string_append_printf (group, " %s", line->mid);
  }
  gst_sdp_message_add_attribute (message, "group", group->str);
  gst_sdp_message_add_attribute (message, "ice-options", "trickle");
  if (gst_sdp_message_get_attribute_val (answer->message, "ice-lite"))
    gst_sdp_message_add_attribute (message, "ice-lite", "");
  for (guint i = 0; i < proposal->lines->len; i++)
    write_line (message, answer, g_ptr_array_index (proposal->lines, i), i,
        &choices[i]);
  return message;
}
