#include "plan.h"

#include "match.h"
#include "sdpcodec.h"

/* The first codec of the order that the m-line offers and the input gives. */
static const GstKvsSdpCodec *
choose_codec (const GstKvsSdpMedia *media, GstKvsInput *input,
    const GstKvsCodec **order)
{
  const GstKvsCodec *encoded = gst_kvs_input_get_codec (input);

  if (encoded)
    return gst_kvs_sdp_media_match (media, encoded,
        gst_kvs_input_get_profile_level_id (input));
  for (; *order; order++) {
    const GstKvsSdpCodec *match = gst_kvs_sdp_media_match (media, *order, -1);

    if (match && gst_kvs_codec_encoder (*order))
      return match;
  }
  return NULL;
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
  leg->codec = choose_codec (media, input,
      media->media == GST_KVS_MEDIA_VIDEO ? context->video_codecs
                                          : context->audio_codecs);
  if (!leg->codec)
    return FALSE;
  leg->fanout = gst_kvs_input_acquire (input, leg->codec->codec,
      context->video_bitrate, &context->encoder, &error);
  if (!leg->fanout)
    GST_WARNING ("%s for a viewer: %s", leg->codec->codec->name,
        error->message);
  return leg->fanout != NULL;
}

/* "VP8, H264, OPUS": what the inputs could be sent as. */
static char *
describe_inputs (GPtrArray *inputs, const GstKvsPlanContext *context)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < inputs->len; i++) {
    GstKvsInput *input = g_ptr_array_index (inputs, i);
    const GstKvsCodec *encoded = gst_kvs_input_get_codec (input);
    const GstKvsCodec *only[] = { encoded, NULL };
    const GstKvsCodec **order = encoded ? only
        : gst_kvs_input_get_media (input) == GST_KVS_MEDIA_VIDEO
        ? context->video_codecs
        : context->audio_codecs;

    for (; *order; order++) {
      if (encoded || gst_kvs_codec_encoder (*order))
        g_string_append_printf (text, "%s%s", text->len ? ", " : "",
            (*order)->name);
    }
  }
  return g_string_free (text, FALSE);
}

static char *
describe_refusal (const GstKvsSdpOffer *offer, GPtrArray *inputs,
    const GstKvsPlanContext *context)
{
  g_autofree char *offered = gst_kvs_sdp_offer_describe_codecs (offer);
  g_autofree char *ours = describe_inputs (inputs, context);

  if (inputs->len == 0)
    return g_strdup ("nothing is linked to the element, so there is nothing "
                     "to send");
  return g_strdup_printf ("no codec in common: it takes %s, this element "
                          "sends %s",
      *offered ? offered : "nothing", *ours ? ours : "nothing");
}

/* The codec it is sent in serves both ways; else the first we know. */
static void
plan_receiving (const GstKvsSdpMedia *media, GstKvsSdpChoice *choice)
{
  for (guint i = 0; !choice->codec && i < media->codecs->len; i++) {
    const GstKvsSdpCodec *c = g_ptr_array_index (media->codecs, i);

    choice->codec = gst_kvs_sdp_media_match (media, c->codec, -1);
  }
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
      g_array_append_val (legs, leg);
    }
    if (media->wants_to_send)
      plan_receiving (media, &choices[i]);
    receives |= choices[i].receive;
  }
  /* A viewer that could see nothing of what there is to see is told so,
   * whatever it would send itself. */
  if (legs->len > 0 || (receives && !wants_media))
    return g_steal_pointer (&legs);
  *refusal = describe_refusal (offer, inputs, context);
  return NULL;
}

gboolean
gst_kvs_plan_check_encoders (GstKvsMedia media, const GstKvsCodec **order,
    GError **error)
{
  g_autoptr (GString) missing = g_string_new (NULL);

  for (; *order; order++) {
    if (gst_kvs_codec_encoder (*order))
      return TRUE;
    for (const GstKvsEncoderChoice *e = (*order)->encoders; e->factory; e++)
      g_string_append_printf (missing, "%s%s", missing->len ? ", " : "",
          e->factory);
  }
  g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
      "No %s encoder is installed (looked for %s). On Debian: apt install "
      "gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly "
      "gstreamer1.0-plugins-base",
      gst_kvs_media_name (media), missing->str);
  return FALSE;
}
