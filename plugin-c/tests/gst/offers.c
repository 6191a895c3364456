#include "offers.h"

#include <string.h>

#include "match.h"
#include "sdpcodec.h"

char *
test_offer_load (const char *name)
{
  g_autofree char *path =
      g_test_build_filename (G_TEST_DIST, "offers", name, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return test_offer_edit_all (text, "\n", "\r\n");
}

char *
test_offer_edit (const char *text, const char *old, const char *new)
{
  g_autoptr (GString) edited = g_string_new (text);

  g_assert_cmpuint (g_string_replace (edited, old, new, 1), ==, 1);
  return g_string_free (g_steal_pointer (&edited), FALSE);
}

char *
test_offer_edit_all (const char *text, const char *old, const char *new)
{
  g_autoptr (GString) edited = g_string_new (text);

  g_assert_cmpuint (g_string_replace (edited, old, new, 0), >, 0);
  return g_string_free (g_steal_pointer (&edited), FALSE);
}

GstKvsSdpChoice *
test_offer_choices_new (const GstKvsSdpOffer *offer)
{
  return g_new0 (GstKvsSdpChoice, offer->medias->len);
}

/* Every question about every codec; a choice of the first that matches. */
static void
choose_first (const GstKvsSdpMedia *media, GstKvsSdpChoice *choice)
{
  static const int profiles[] = { -1, 0x42e01f, 0x4d401f, 0x640028, 0xf40032 };
  const GstKvsCodec *const *c = gst_kvs_codec_list (media->media);

  for (; media->codecs && *c; c++) {
    for (guint i = 0; i < G_N_ELEMENTS (profiles); i++) {
      const GstKvsSdpCodec *match =
          gst_kvs_sdp_media_match (media, *c, profiles[i]);

      if (match && !choice->codec)
        choice->codec = match;
    }
  }
  choice->send = choice->codec && media->wants_to_receive;
  choice->receive = choice->codec && media->wants_to_send;
  if (!choice->send && !choice->receive)
    choice->codec = NULL;
}

/* Nothing is left to connect to, nor a place for a fingerprint. */
static gboolean
rejects_everything (const GstKvsSdpOffer *offer)
{
  for (guint i = 0; i < offer->medias->len; i++) {
    const GstKvsSdpMedia *media = g_ptr_array_index (offer->medias, i);

    if (!media->is_rejected)
      return FALSE;
  }
  return TRUE;
}

static void
assert_is_offer (const GstKvsSdpOffer *offer, const GstSDPMessage *narrow)
{
  g_autofree char *text = gst_sdp_message_as_text (narrow);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstKvsSdpOffer) again = gst_kvs_sdp_offer_parse (text, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (again->medias->len, ==, offer->medias->len);
}

gboolean
test_offer_survives (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstKvsSdpOffer) offer = gst_kvs_sdp_offer_parse (text, &error);
  g_autofree GstKvsSdpChoice *choices = NULL;
  g_autofree char *codecs = NULL;
  g_autofree char *answer = NULL;
  GstSDPMessage *narrow;

  if (!offer) {
    g_assert_true (error && error->domain == GST_KVS_SDP_ERROR);
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
    return FALSE;
  }
  g_assert_no_error (error);
  choices = test_offer_choices_new (offer);
  for (guint i = 0; i < offer->medias->len; i++)
    choose_first (g_ptr_array_index (offer->medias, i), &choices[i]);
  codecs = gst_kvs_sdp_offer_describe_codecs (offer);
  g_assert_cmpuint (strlen (codecs), <=, 200);

  narrow = gst_kvs_sdp_offer_narrow (offer, choices);
  if (!rejects_everything (offer))
    assert_is_offer (offer, narrow);
  answer = gst_kvs_sdp_answer_finish (narrow, offer, choices);
  gst_sdp_message_free (narrow);
  return TRUE;
}
