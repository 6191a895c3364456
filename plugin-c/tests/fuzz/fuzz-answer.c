/* Masters' answers to the offer of a viewer with every codec. */
#include <gst/gst.h>

#include "accept.h"
#include "fuzz.h"
#include "sdpbundle.h"

static GstKvsSdpProposal *proposal;

static void
add_kind (GstKvsMedia media)
{
  g_autoptr (GPtrArray) codecs = g_ptr_array_new ();

  for (const GstKvsCodec *const *c = gst_kvs_codec_list (media); *c; c++)
    g_ptr_array_add (codecs, (gpointer) *c);
  gst_kvs_sdp_proposal_add_media (proposal, media, TRUE, codecs);
}

static void
propose (void)
{
  proposal = gst_kvs_sdp_proposal_new ();
  add_kind (GST_KVS_MEDIA_AUDIO);
  add_kind (GST_KVS_MEDIA_VIDEO);
  gst_kvs_sdp_proposal_add_data (proposal);
}

/* Only what was offered comes of it. */
static void
accept_answer (const GstKvsSdpOffer *answer)
{
  g_autofree GstKvsSdpChoice *choices =
      g_new0 (GstKvsSdpChoice, proposal->lines->len);

  g_assert_cmpuint (gst_kvs_sdp_offer_find_transport (answer), <,
      answer->medias->len);
  if (!gst_kvs_sdp_answer_choose (answer, proposal, choices))
    return;
  for (guint i = 0; i < proposal->lines->len; i++) {
    const GstKvsSdpLine *line = g_ptr_array_index (proposal->lines, i);
    const GstKvsSdpCodec *codec = choices[i].codec;

    if (!codec) {
      g_assert_false (choices[i].send || choices[i].receive);
      continue;
    }
    g_assert_false (line->is_data);
    g_assert_cmpint (codec->codec->media, ==, line->media);
    g_assert_true (codec->rtx_pt < 0 || codec->rtx_pt == codec->pt + 1);
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_string (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstKvsSdpOffer) answer = NULL;

  if (!proposal)
    propose ();
  answer = gst_kvs_sdp_answer_parse (text, proposal, &error);
  g_assert_true ((answer == NULL) == (error != NULL));
  if (answer)
    accept_answer (answer);
  return 0;
}
