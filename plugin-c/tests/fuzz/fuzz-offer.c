/* Viewers' offers: read, planned for, and answered. */
#include <gst/gst.h>

#include "answers.h"
#include "fuzz.h"
#include "offers.h"
#include "plan.h"

/* A master with nothing linked, which may receive. */
static void
plan (const char *text)
{
  g_autoptr (GstKvsSdpOffer) offer = gst_kvs_sdp_offer_parse (text, NULL);
  g_autoptr (GPtrArray) inputs = g_ptr_array_new ();
  g_autofree GstKvsSdpChoice *choices = NULL;
  g_autofree char *refusal = NULL;
  g_autofree char *answer = NULL;
  const GstKvsPlanContext context = {
    .video_codecs =
        (const GstKvsCodec **) gst_kvs_codec_list (GST_KVS_MEDIA_VIDEO),
    .audio_codecs =
        (const GstKvsCodec **) gst_kvs_codec_list (GST_KVS_MEDIA_AUDIO)
  };
  GArray *legs;

  if (!offer)
    return;
  choices = test_offer_choices_new (offer);
  legs = gst_kvs_plan_legs (offer, inputs, &context, choices, &refusal);
  g_assert_true ((legs == NULL) == (refusal != NULL));
  if (!legs)
    return;
  answer = test_answer_write (offer, choices);
  test_answer_assert (offer, choices, answer);
  g_array_unref (legs);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_string (data, size);

  if (test_offer_survives (text))
    plan (text);
  return 0;
}
