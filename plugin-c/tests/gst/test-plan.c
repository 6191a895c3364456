/* What is made of an offer. */
#include <gst/gst.h>

#include "offers.h"
#include "plan.h"

/* safari.sdp sends both ways: H264 before H265 before VP8, and Opus first. */
static const struct {
  const char *video, *audio; /* the order of preference */
  int video_pt, audio_pt;
} rows[] = {
  { "VP8,H264", "OPUS", 103, 111 },
  { "H265,VP8", "PCMA,OPUS", 100, 8 },
  { "H264,VP8", "PCMU,PCMA", 98, 0 },
  /* Of an order that is not offered, anything is better than nothing. */
  { "AV1", "OPUS", 98, 111 },
  { "", "", 98, 111 },
};

static const GstKvsCodec **
order_of (GstKvsMedia media, const char *text)
{
  char *unknown = NULL;
  const GstKvsCodec **order = gst_kvs_codec_parse_order (media, text, &unknown);

  g_assert_null (unknown);
  return order;
}

static void
test_a_peer_is_received_in_the_preferred_codec (void)
{
  g_autofree char *text = test_offer_load ("safari.sdp");
  g_autoptr (GstKvsSdpOffer) offer = gst_kvs_sdp_offer_parse (text, NULL);
  g_autoptr (GPtrArray) no_inputs = g_ptr_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree const GstKvsCodec **video =
        order_of (GST_KVS_MEDIA_VIDEO, rows[i].video);
    g_autofree const GstKvsCodec **audio =
        order_of (GST_KVS_MEDIA_AUDIO, rows[i].audio);
    g_autofree GstKvsSdpChoice *choices = test_offer_choices_new (offer);
    GstKvsPlanContext context = { .video_codecs = video,
      .audio_codecs = audio };
    g_autofree char *refusal = NULL;
    g_autoptr (GArray) legs =
        gst_kvs_plan_legs (offer, no_inputs, &context, choices, &refusal);

    g_test_message ("%s, %s", rows[i].video, rows[i].audio);
    g_assert_null (refusal);
    g_assert_cmpuint (legs->len, ==, 0);
    g_assert_true (choices[0].receive && choices[1].receive);
    g_assert_cmpint (choices[0].codec->pt, ==, rows[i].audio_pt);
    g_assert_cmpint (choices[1].codec->pt, ==, rows[i].video_pt);
  }
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plan/a-peer-is-received-in-the-preferred-codec",
      test_a_peer_is_received_in_the_preferred_codec);
  return g_test_run ();
}
