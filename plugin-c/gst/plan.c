#include "plan.h"

#include "accept.h"
#include "decoder.h"
#include "encoders.h"
#include "match.h"
#include "sdpcodec.h"

/* Raw media, or what a decoder makes of it, as the first codec of the order
 * that the m-line offers and something encodes. */
static const GstKvsSdpCodec *
choose_encoding (const GstKvsSdpMedia *media, const GstKvsCodec **order)
{
  for (; *order; order++) {
    const GstKvsSdpCodec *match = gst_kvs_sdp_media_match (media, *order, -1);

    if (match && gst_kvs_codec_can_send (*order)
        && gst_kvs_encoders_has (*order))
      return match;
  }
  return NULL;
}

static gboolean
can_transcode (const GstKvsCodec *codec, const GstKvsPlanContext *context)
{
  return context->transcode && gst_kvs_decoder_has (codec);
}

static const GstKvsCodec **
order_of (GstKvsMedia media, const GstKvsPlanContext *context)
{
  return media == GST_KVS_MEDIA_VIDEO ? context->video_codecs
                                      : context->audio_codecs;
}

/* Encoded input goes as it is where that can be. */
static const GstKvsSdpCodec *
choose_codec (const GstKvsSdpMedia *media, GstKvsInput *input,
    const GstKvsPlanContext *context)
{
  const GstKvsCodec *encoded = gst_kvs_input_get_codec (input);
  const GstKvsCodec **order = order_of (media->media, context);
  const GstKvsSdpCodec *match = NULL;

  if (!encoded)
    return choose_encoding (media, order);
  if (gst_kvs_codec_can_send (encoded))
    match = gst_kvs_sdp_media_match (media, encoded,
        gst_kvs_input_get_profile (input));
  if (!match && can_transcode (encoded, context))
    match = choose_encoding (media, order);
  return match;
}

/* The nth input of the kind whose caps are known. */
static GstKvsInput *
find_input (GPtrArray *inputs, GstKvsMedia media, guint nth)
{
  for (guint i = 0; i < inputs->len; i++) {
    GstKvsInput *input = g_ptr_array_index (inputs, i);

    if (gst_kvs_input_get_media (input) == media
        && gst_kvs_input_is_ready (input) && nth-- == 0)
      return input;
  }
  return NULL;
}

static gboolean
plan_leg (const GstKvsSdpMedia *media, GstKvsInput *input,
    const GstKvsPlanContext *context, GstKvsPeerLeg *leg)
{
  g_autoptr (GError) error = NULL;

  leg->mline = media->mline;
  leg->input = input;
  leg->codec = choose_codec (media, input, context);
  if (!leg->codec)
    return FALSE;
  leg->fanout = gst_kvs_input_acquire (input, leg->codec->codec,
      leg->codec->fmtp, context->video_bitrate, &context->encoder, &error);
  if (!leg->fanout)
    GST_WARNING ("%s for a viewer: %s", leg->codec->codec->name,
        error->message);
  return leg->fanout != NULL;
}

static void
append_name (GString *text, const GstKvsCodec *codec)
{
  if (gst_kvs_codec_can_send (codec))
    g_string_append_printf (text, "%s%s", text->len ? ", " : "", codec->name);
}

/* "VP8, H264, OPUS": what the inputs could be sent as. */
static char *
describe_inputs (GPtrArray *inputs, const GstKvsPlanContext *context)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < inputs->len; i++) {
    GstKvsInput *input = g_ptr_array_index (inputs, i);
    const GstKvsCodec *encoded = gst_kvs_input_get_codec (input);
    const GstKvsCodec **order =
        order_of (gst_kvs_input_get_media (input), context);

    if (encoded)
      append_name (text, encoded);
    for (; (!encoded || can_transcode (encoded, context)) && *order; order++) {
      if (*order != encoded && gst_kvs_encoders_has (*order))
        append_name (text, *order);
    }
  }
  return g_string_free (text, FALSE);
}

/* Encoded input that nothing is done about yet, though something could. */
static gboolean
could_transcode (GPtrArray *inputs, const GstKvsPlanContext *context)
{
  for (guint i = 0; i < inputs->len; i++) {
    if (gst_kvs_input_get_codec (g_ptr_array_index (inputs, i)))
      return !context->transcode;
  }
  return FALSE;
}

/* Whether it asks for anything, or has anything to give. */
static gboolean
wants_anything (const GstKvsSdpOffer *offer)
{
  for (guint i = 0; i < offer->medias->len; i++) {
    const GstKvsSdpMedia *media = g_ptr_array_index (offer->medias, i);

    if (media->is_rtp && !media->is_rejected
        && (media->wants_to_receive || media->wants_to_send))
      return TRUE;
  }
  return FALSE;
}

gboolean
gst_kvs_plan_wants_data_alone (const GstKvsSdpOffer *offer)
{
  gboolean has_data = FALSE;

  for (guint i = 0; i < offer->medias->len; i++) {
    const GstKvsSdpMedia *media = g_ptr_array_index (offer->medias, i);

    has_data |= media->is_data && !media->is_rejected;
  }
  return has_data && !wants_anything (offer);
}

static char *
describe_refusal (const GstKvsSdpOffer *offer, GPtrArray *inputs,
    const GstKvsPlanContext *context)
{
  g_autofree char *offered = gst_kvs_sdp_offer_describe_codecs (offer);
  g_autofree char *ours = describe_inputs (inputs, context);

  if (!wants_anything (offer))
    return g_strdup ("its offer asks for nothing and has nothing to send");
  if (inputs->len == 0)
    return g_strdup ("nothing is linked to the element, so there is nothing "
                     "to send");
  return g_strdup_printf ("no codec in common: it takes %s, this element "
                          "sends %s%s",
      *offered ? offered : "nothing", *ours ? ours : "nothing",
      could_transcode (inputs, context)
          ? " (transcode=true would encode it anew)"
          : "");
}

/* The first of the order that is offered. */
static const GstKvsSdpCodec *
choose_preferred (const GstKvsSdpMedia *media, const GstKvsCodec **order)
{
  const GstKvsSdpCodec *match = NULL;

  for (; !match && *order; order++) {
    if (gst_kvs_codec_can_receive (*order))
      match = gst_kvs_sdp_media_match (media, *order, -1);
  }
  return match;
}

/* The first the peer would send. */
static const GstKvsSdpCodec *
choose_offered (const GstKvsSdpMedia *media)
{
  const GstKvsSdpCodec *match = NULL;

  for (guint i = 0; !match && i < media->codecs->len; i++) {
    const GstKvsSdpCodec *c = g_ptr_array_index (media->codecs, i);

    if (gst_kvs_codec_can_receive (c->codec))
      match = gst_kvs_sdp_media_match (media, c->codec, -1);
  }
  return match;
}

/* The codec it is sent in serves both ways; else as the user would have it,
 * and a peer that sends nothing of that is heard all the same. */
static void
plan_receiving (const GstKvsSdpMedia *media, const GstKvsCodec **order,
    GstKvsSdpChoice *choice)
{
  if (!choice->codec)
    choice->codec = choose_preferred (media, order);
  if (!choice->codec)
    choice->codec = choose_offered (media);
  choice->receive = choice->codec != NULL;
}

GArray *
gst_kvs_plan_legs (const GstKvsSdpOffer *offer, GPtrArray *inputs,
    const GstKvsPlanContext *context, GstKvsSdpChoice *choices, char **refusal)
{
  g_autoptr (GArray) legs = g_array_new (FALSE, TRUE, sizeof (GstKvsPeerLeg));
  guint used[2] = { 0, 0 };
  gboolean wants_media = FALSE, receives = FALSE;

  for (guint i = 0; i < offer->medias->len; i++) {
    const GstKvsSdpMedia *media = g_ptr_array_index (offer->medias, i);
    GstKvsPeerLeg leg = { 0 };
    GstKvsInput *input;

    if (!media->is_rtp || media->is_rejected)
      continue;
    input = media->wants_to_receive
        ? find_input (inputs, media->media, used[media->media])
        : NULL;
    wants_media |= input != NULL;
    if (input && plan_leg (media, input, context, &leg)) {
      used[media->media]++;
      choices[i].codec = leg.codec;
      choices[i].send = TRUE;
      choices[i].number = gst_kvs_input_get_number (input);
      g_array_append_val (legs, leg);
    }
    if (media->wants_to_send)
      plan_receiving (media, order_of (media->media, context), &choices[i]);
    receives |= choices[i].receive;
  }
  /* A viewer that could see nothing of what there is to see is told so,
   * whatever it would send itself. */
  if (legs->len > 0 || (receives && !wants_media)
      || gst_kvs_plan_wants_data_alone (offer))
    return g_steal_pointer (&legs);
  *refusal = describe_refusal (offer, inputs, context);
  return NULL;
}

static void
add_codec (GPtrArray *codecs, const GstKvsCodec *codec, gboolean encodes)
{
  if (gst_kvs_codec_can_receive (codec)
      && (!encodes
          || (gst_kvs_codec_can_send (codec) && gst_kvs_encoders_has (codec)))
      && !g_ptr_array_find (codecs, codec, NULL))
    g_ptr_array_add (codecs, (gpointer) codec);
}

static GPtrArray *
list_codecs (const GstKvsPlanContext *context, GstKvsMedia media,
    GstKvsInput *input)
{
  GPtrArray *codecs = g_ptr_array_new ();
  const GstKvsCodec *encoded = input ? gst_kvs_input_get_codec (input) : NULL;

  if (encoded && gst_kvs_codec_can_send (encoded))
    g_ptr_array_add (codecs, (gpointer) encoded);
  if (encoded && !can_transcode (encoded, context))
    return codecs;
  for (const GstKvsCodec **c = order_of (media, context); *c; c++)
    add_codec (codecs, *c, input != NULL);
  return codecs;
}

GstKvsSdpProposal *
gst_kvs_plan_proposal (GPtrArray *inputs, const GstKvsPlanContext *context)
{
  /* As Amazon's C SDK has them. */
  static const GstKvsMedia kinds[] = { GST_KVS_MEDIA_AUDIO,
    GST_KVS_MEDIA_VIDEO };
  GstKvsSdpProposal *proposal = gst_kvs_sdp_proposal_new ();

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    GstKvsInput *input = find_input (inputs, kinds[i], 0);
    g_autoptr (GPtrArray) codecs = list_codecs (context, kinds[i], input);

    /* Nothing that we could encode: then at least what comes. */
    if (codecs->len == 0) {
      g_clear_pointer (&codecs, g_ptr_array_unref);
      codecs = list_codecs (context, kinds[i], input = NULL);
    }
    if (codecs->len > 0)
      gst_kvs_sdp_proposal_add_media (proposal, kinds[i], input != NULL,
          codecs);
  }
  gst_kvs_sdp_proposal_add_data (proposal);
  return proposal;
}

/* FALSE when this line is not sent on after all. */
static gboolean
plan_answered_leg (guint mline, GstKvsInput *input,
    const GstKvsPlanContext *context, const GstKvsSdpChoice *choice,
    GstKvsPeerLeg *leg)
{
  g_autoptr (GError) error = NULL;
  const GstKvsCodec *encoded = gst_kvs_input_get_codec (input);

  if (encoded && encoded != choice->codec->codec
      && !can_transcode (encoded, context))
    return FALSE;
  leg->mline = mline;
  leg->input = input;
  leg->codec = choice->codec;
  leg->fanout = gst_kvs_input_acquire (input, leg->codec->codec,
      leg->codec->fmtp, context->video_bitrate, &context->encoder, &error);
  if (!leg->fanout)
    GST_WARNING ("%s for the master: %s", leg->codec->codec->name,
        error->message);
  return leg->fanout != NULL;
}

GArray *
gst_kvs_plan_answered (const GstKvsSdpOffer *answer,
    const GstKvsSdpProposal *proposal, GPtrArray *inputs,
    const GstKvsPlanContext *context, GstKvsSdpChoice *choices)
{
  GArray *legs;

  if (!gst_kvs_sdp_answer_choose (answer, proposal, choices))
    return NULL;
  legs = g_array_new (FALSE, TRUE, sizeof (GstKvsPeerLeg));
  for (guint i = 0; i < proposal->lines->len; i++) {
    const GstKvsSdpLine *line = g_ptr_array_index (proposal->lines, i);
    GstKvsInput *input =
        choices[i].send ? find_input (inputs, line->media, 0) : NULL;
    GstKvsPeerLeg leg = { 0 };

    choices[i].send =
        input && plan_answered_leg (i, input, context, &choices[i], &leg);
    if (choices[i].send)
      g_array_append_val (legs, leg);
    else if (!choices[i].receive)
      choices[i].codec = NULL;
  }
  return legs;
}

gboolean
gst_kvs_plan_check_encoders (GstKvsMedia media, const GstKvsCodec **order,
    GError **error)
{
  g_autoptr (GString) missing = g_string_new (NULL);

  for (; *order; order++) {
    gboolean can_send = gst_kvs_codec_can_send (*order);

    if (can_send && gst_kvs_encoders_has (*order))
      return TRUE;
    g_string_append_printf (missing, "%s%s needs %s of %s",
        missing->len ? "; " : "", (*order)->name,
        can_send ? (*order)->encoder_names : "a payloader",
        can_send ? (*order)->encoder_package : (*order)->package);
  }
  g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
      "No %s encoder is installed (%s). On Debian: apt install "
      "gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly "
      "gstreamer1.0-plugins-base",
      gst_kvs_media_name (media), missing->str);
  return FALSE;
}
