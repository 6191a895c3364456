#include "accept.h"

#include "orientation.h"
#include "sdpbundle.h"
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
forget_other_extensions (GstKvsSdpOffer *answer)
{
  for (guint i = 0; i < answer->medias->len; i++) {
    GstKvsSdpMedia *media = g_ptr_array_index (answer->medias, i);

    if (media->orientation_id != GST_KVS_ORIENTATION_ID)
      media->orientation_id = 0;
    if (media->transport_cc_id != GST_KVS_TRANSPORT_CC_ID)
      media->transport_cc_id = 0;
  }
}

static const GstKvsSdpCodec *
find_offered (const GstKvsSdpLine *line, const GstKvsSdpCodec *answered)
{
  for (guint i = 0; i < line->codecs->len; i++) {
    const GstKvsSdpCodec *c = g_ptr_array_index (line->codecs, i);

    if (c->pt == answered->pt && c->codec == answered->codec)
      return c;
  }
  return NULL;
}

/* An answer may take away and add nothing (RFC 3264 section 6.1). */
static void
forget_other_feedback (const GstKvsSdpLine *line, GPtrArray *answered)
{
  for (guint i = 0; i < answered->len; i++) {
    GstKvsSdpCodec *c = g_ptr_array_index (answered, i);
    const GstKvsSdpCodec *offered = find_offered (line, c);

    if (!offered)
      continue;
    if (c->rtx_pt != offered->rtx_pt)
      c->rtx_pt = -1;
    c->nack &= offered->nack;
    c->nack_pli &= offered->nack_pli;
    c->ccm_fir &= offered->ccm_fir;
    c->transport_cc &= offered->transport_cc;
    c->remb &= offered->remb;
  }
}

/* All that is used must be on the one transport that was offered. */
static gboolean
check_bundle (const GstKvsSdpOffer *answer, GError **error)
{
  if (gst_kvs_sdp_offer_shares_transport (answer))
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
    const GstKvsSdpLine *line = g_ptr_array_index (proposal->lines, i);
    const GstKvsSdpMedia *media = media_of (answer, i);

    if (!media)
      continue;
    if (!check_line (answer, line, media, error))
      return NULL;
    forget_other_feedback (line, media->codecs);
  }
  forget_other_extensions (answer);
  return check_bundle (answer, error) ? g_steal_pointer (&answer) : NULL;
}

static const GstKvsSdpCodec *
first_offered (const GstKvsSdpLine *line, const GstKvsSdpMedia *media)
{
  for (guint i = 0; i < media->codecs->len; i++) {
    const GstKvsSdpCodec *c = g_ptr_array_index (media->codecs, i);

    if (find_offered (line, c))
      return c;
  }
  return NULL;
}

/* Whether the line was answered with something that was offered. */
static gboolean
choose (const GstKvsSdpLine *line, const GstKvsSdpMedia *media,
    GstKvsSdpChoice *choice)
{
  const GstKvsSdpCodec *codec = first_offered (line, media);

  if (!codec) {
    GST_WARNING ("m-line %u is answered with no payload type that was "
                 "offered, and left out",
        media->mline);
    return FALSE;
  }
  choice->receive = media->wants_to_send;
  choice->send = line->send && media->wants_to_receive;
  choice->codec = choice->receive || choice->send ? codec : NULL;
  return TRUE;
}

gboolean
gst_kvs_sdp_answer_choose (const GstKvsSdpOffer *answer,
    const GstKvsSdpProposal *proposal, GstKvsSdpChoice *choices)
{
  gboolean is_useful = FALSE;

  for (guint i = 0; i < proposal->lines->len; i++) {
    const GstKvsSdpLine *line = g_ptr_array_index (proposal->lines, i);
    const GstKvsSdpMedia *media = media_of (answer, i);

    if (media)
      is_useful |= line->is_data || choose (line, media, &choices[i]);
  }
  return is_useful;
}
