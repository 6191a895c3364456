/* What a viewer offers. */
#include <gst/gst.h>
#include <string.h>

#include "orientation.h"
#include "proposals.h"
#include "sdpcodec.h"
#include "sdpwrite.h"

static char *
write_offer (gboolean send_video)
{
  g_autoptr (GstKvsSdpProposal) proposal = test_proposal_new (send_video);

  return test_proposal_write (proposal);
}

static GstKvsSdpOffer *
read_back (const char *text)
{
  g_autoptr (GError) error = NULL;
  GstKvsSdpOffer *offer = gst_kvs_sdp_offer_parse (text, &error);

  g_assert_no_error (error);
  return offer;
}

static void
assert_codec (const GstKvsSdpMedia *media, guint at, const char *name, int pt,
    int rtx_pt, int profile_level_id)
{
  const GstKvsSdpCodec *c = g_ptr_array_index (media->codecs, at);

  g_assert_cmpstr (c->codec->name, ==, name);
  g_assert_cmpint (c->pt, ==, pt);
  g_assert_cmpint (c->rtx_pt, ==, rtx_pt);
  g_assert_cmpint (c->profile_level_id, ==, profile_level_id);
}

static void
test_every_codec_is_offered_in_order (void)
{
  g_autofree char *text = write_offer (TRUE);
  g_autoptr (GstKvsSdpOffer) offer = read_back (text);
  const GstKvsSdpMedia *audio, *video;

  g_assert_cmpuint (offer->medias->len, ==, 3);
  audio = g_ptr_array_index (offer->medias, 0);
  video = g_ptr_array_index (offer->medias, 1);
  g_assert_cmpuint (audio->codecs->len, ==, 3);
  assert_codec (audio, 0, "OPUS", 111, -1, -1);
  assert_codec (audio, 1, "PCMU", 0, -1, -1);
  assert_codec (audio, 2, "PCMA", 8, -1, -1);
  g_assert_cmpuint (video->codecs->len, ==, 4);
  assert_codec (video, 0, "H264", 102, 103, 0x42e01f);
  assert_codec (video, 1, "H264", 112, 113, 0x4d001f);
  assert_codec (video, 2, "H264", 114, 115, 0x64001f);
  assert_codec (video, 3, "VP8", 96, 97, -1);
}

static void
test_payload_types_have_the_feedback_of_their_kind (void)
{
  g_autofree char *text = write_offer (TRUE);
  g_autoptr (GstKvsSdpOffer) offer = read_back (text);

  for (guint i = 0; i < 2; i++) {
    const GstKvsSdpMedia *media = g_ptr_array_index (offer->medias, i);

    for (guint j = 0; j < media->codecs->len; j++) {
      const GstKvsSdpCodec *c = g_ptr_array_index (media->codecs, j);
      gboolean is_video = media->media == GST_KVS_MEDIA_VIDEO;

      g_assert_cmpint (c->nack, ==, is_video);
      g_assert_cmpint (c->nack_pli, ==, is_video);
      g_assert_cmpint (c->ccm_fir, ==, is_video);
      g_assert_true (c->transport_cc && !c->remb);
    }
  }
}

/* Amazon's C SDK takes "0", "1", "2" for granted, and simple masters take port
 * 0 for a rejection. */
static void
test_simple_masters_find_what_they_expect (void)
{
  g_autofree char *text = write_offer (TRUE);
  g_autoptr (GstKvsSdpOffer) offer = read_back (text);

  for (guint i = 0; i < offer->medias->len; i++) {
    g_autofree char *mid = g_strdup_printf ("%u", i);
    const GstKvsSdpMedia *media = g_ptr_array_index (offer->medias, i);

    g_assert_cmpstr (media->mid, ==, mid);
    g_assert_false (media->is_rejected);
  }
  g_assert_nonnull (strstr (text, "\na=group:BUNDLE 0 1 2\r\n"));
  g_assert_nonnull (strstr (text, "\na=ice-options:trickle\r\n"));
  g_assert_null (strstr (text, "bundle-only"));
  g_assert_nonnull (strstr (text, "\nt=0 0\r\n"));
}

static void
test_what_is_linked_is_offered_to_be_sent (void)
{
  for (guint sends = 0; sends < 2; sends++) {
    g_autofree char *text = write_offer (sends);
    g_autoptr (GstKvsSdpOffer) offer = read_back (text);
    const GstKvsSdpMedia *audio = g_ptr_array_index (offer->medias, 0);
    const GstKvsSdpMedia *video = g_ptr_array_index (offer->medias, 1);

    g_assert_true (audio->wants_to_receive && video->wants_to_receive);
    g_assert_false (audio->wants_to_send);
    g_assert_cmpint (video->wants_to_send, ==, sends);
    /* Who sends nothing has no source to declare. */
    g_assert_cmpuint (audio->ssrcs->len, ==, 0);
    g_assert_cmpuint (video->ssrcs->len, ==, sends ? 2 : 0);
    g_assert_cmpint (strstr (text, "a=ssrc-group:FID 12 13\r\n") != NULL, ==,
        sends);
    g_assert_cmpint (strstr (text, "a=ssrc:12 cname:ours\r\n") != NULL, ==,
        sends);
    g_assert_cmpint (strstr (text, "a=msid:stream-0 video\r\n") != NULL, ==,
        sends);
    g_assert_null (strstr (text, "a=msid:stream-0 audio"));
  }
}

static void
test_picture_has_its_orientation_and_data_its_port (void)
{
  g_autofree char *text = write_offer (FALSE);
  g_autoptr (GstKvsSdpOffer) offer = read_back (text);
  const GstKvsSdpMedia *audio = g_ptr_array_index (offer->medias, 0);
  const GstKvsSdpMedia *video = g_ptr_array_index (offer->medias, 1);
  const GstKvsSdpMedia *data = g_ptr_array_index (offer->medias, 2);

  g_assert_cmpuint (audio->transport_cc_id, ==, GST_KVS_TRANSPORT_CC_ID);
  g_assert_cmpuint (video->transport_cc_id, ==, GST_KVS_TRANSPORT_CC_ID);
  g_assert_cmpuint (audio->orientation_id, ==, 0);
  g_assert_cmpuint (video->orientation_id, ==, GST_KVS_ORIENTATION_ID);
  g_assert_true (data->is_data);
  g_assert_cmpuint (data->sctp_port, ==, 5000);
  g_assert_nonnull (strstr (text, "\na=max-message-size:65536\r\n"));
}

static void
test_each_payload_type_has_one_fmtp (void)
{
  static const int pts[] = { 102, 112, 114, 111 };
  g_autofree char *text = write_offer (TRUE);

  for (guint i = 0; i < G_N_ELEMENTS (pts); i++) {
    g_autofree char *line = g_strdup_printf ("\na=fmtp:%d ", pts[i]);
    const char *first = strstr (text, line);

    g_assert_nonnull (first);
    g_assert_null (strstr (first + 1, line));
  }
}

/* All of the codecs we know, however they are preferred. */
static void
test_no_two_payload_types_are_the_same (void)
{
  static const GstKvsMedia kinds[] = { GST_KVS_MEDIA_AUDIO,
    GST_KVS_MEDIA_VIDEO };
  g_autoptr (GstKvsSdpProposal) proposal = gst_kvs_sdp_proposal_new ();
  g_autofree char *text = NULL;
  g_autoptr (GstKvsSdpOffer) offer = NULL;
  gboolean seen[128] = { FALSE };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    g_autoptr (GPtrArray) codecs = g_ptr_array_new ();

    for (const GstKvsCodec *const *c = gst_kvs_codec_list (kinds[i]); *c; c++)
      g_ptr_array_add (codecs, (gpointer) *c);
    gst_kvs_sdp_proposal_add_media (proposal, kinds[i], TRUE, codecs);
  }
  text = test_proposal_write (proposal);
  offer = read_back (text);
  for (guint i = 0; i < offer->medias->len; i++) {
    const GstSDPMedia *media = gst_sdp_message_get_media (offer->message, i);
    guint n = gst_sdp_media_formats_len (media);

    g_assert_cmpuint (n, >, 2);
    for (guint j = 0; j < n; j++) {
      int pt = atoi (gst_sdp_media_get_format (media, j));

      g_assert_true (pt >= 0 && pt < 128 && !seen[pt]);
      seen[pt] = TRUE;
    }
  }
}

/* Each m-line says where we are: a simple master reads its own alone. */
static void
test_each_mline_has_the_transport (void)
{
  static const struct {
    const char *key, *value;
  } rows[] = {
    { "ice-ufrag", "oUrS" },
    { "ice-pwd", "oursoursoursoursoursours" },
    { "fingerprint", TEST_PROPOSED_FINGERPRINT },
    { "setup", "actpass" },
  };
  g_autofree char *text = write_offer (TRUE);
  g_autoptr (GstKvsSdpOffer) offer = read_back (text);

  for (guint i = 0; i < offer->medias->len; i++) {
    for (guint j = 0; j < G_N_ELEMENTS (rows); j++)
      g_assert_cmpstr (gst_sdp_media_get_attribute_val (
                           gst_sdp_message_get_media (offer->message, i),
                           rows[j].key),
          ==, rows[j].value);
  }
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/proposal/every-codec-is-offered-in-order",
      test_every_codec_is_offered_in_order);
  g_test_add_func ("/proposal/payload-types-have-the-feedback-of-their-kind",
      test_payload_types_have_the_feedback_of_their_kind);
  g_test_add_func ("/proposal/simple-masters-find-what-they-expect",
      test_simple_masters_find_what_they_expect);
  g_test_add_func ("/proposal/what-is-linked-is-offered-to-be-sent",
      test_what_is_linked_is_offered_to_be_sent);
  g_test_add_func ("/proposal/picture-has-its-orientation-and-data-its-port",
      test_picture_has_its_orientation_and_data_its_port);
  g_test_add_func ("/proposal/each-payload-type-has-one-fmtp",
      test_each_payload_type_has_one_fmtp);
  g_test_add_func ("/proposal/no-two-payload-types-are-the-same",
      test_no_two_payload_types_are_the_same);
  g_test_add_func ("/proposal/each-mline-has-the-transport",
      test_each_mline_has_the_transport);
  return g_test_run ();
}
