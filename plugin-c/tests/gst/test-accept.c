/* A master's answer: what is refused, what is chosen, what is known of it. */
#include <gst/gst.h>
#include <string.h>

#include "accept.h"
#include "offers.h"
#include "orientation.h"
#include "proposals.h"
#include "sdpbundle.h"
#include "sdpwrite.h"

/* Sound and picture, the picture both ways, in Chromium's manner. */
static const char answer_text[] =
    "v=0\r\n"
    "o=- 1 2 IN IP4 127.0.0.1\r\n"
    "s=-\r\n"
    "t=0 0\r\n"
    "a=group:BUNDLE 0 1 2\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\n" TEST_TRANSPORT "a=setup:active\r\n"
    "a=mid:0\r\n"
    "a=sendonly\r\n"
    "a=rtcp-mux\r\n"
    "a=rtpmap:111 opus/48000/2\r\n"
    "a=rtpmap:0 PCMU/8000\r\n"
    "a=ssrc:11 cname:them\r\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 102 103 96\r\n" TEST_TRANSPORT
    "a=setup:active\r\n"
    "a=mid:1\r\n"
    "a=extmap:1 urn:3gpp:video-orientation\r\n"
    "a=sendrecv\r\n"
    "a=rtcp-mux\r\n"
    "a=rtpmap:102 H264/90000\r\n"
    "a=fmtp:102 packetization-mode=1;profile-level-id=42e01f\r\n"
    "a=rtcp-fb:102 nack pli\r\n"
    "a=rtpmap:103 rtx/90000\r\n"
    "a=fmtp:103 apt=102\r\n"
    "a=rtpmap:96 VP8/90000\r\n"
    "a=ssrc:22 cname:them\r\n"
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n" TEST_TRANSPORT
    "a=setup:active\r\n"
    "a=mid:2\r\n"
    "a=sctp-port:5001\r\n";

typedef struct {
  const char *from, *to;
} Edit;

static char *
edited (const Edit *edit)
{
  return edit->from ? test_offer_edit_all (answer_text, edit->from, edit->to)
                    : g_strdup (edit->to ? edit->to : answer_text);
}

static GstKvsSdpProposal *
proposal_new (void)
{
  return test_proposal_new (TRUE);
}

static void
test_what_answers_nothing_we_asked_is_refused (void)
{
  static const struct {
    Edit edit;
    const char *says;
  } rows[] = {
    { { NULL, "" }, "not SDP" },
    { { NULL, "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n" },
        "0 m-lines" },
    { { "m=audio", "m=video" }, "another kind" },
    { { "m=video", "m=audio" }, "another kind" },
    { { "a=setup:active", "a=setup:actpass" }, "a=setup" },
    { { "a=setup:active", "a=setup:holdconn" }, "a=setup" },
    { { "a=setup:active\r\n", "" }, "a=setup" },
    { { "BUNDLE 0 1 2", "BUNDLE 0 1" }, "BUNDLE" },
    { { "a=group:BUNDLE 0 1 2\r\n", "" }, "BUNDLE" },
    { { "m=application 9",
          "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n" TEST_TRANSPORT
          "a=setup:active\r\na=mid:7\r\nm=application 9" },
        "4 answered" },
    { { "a=fingerprint:sha-256", "a=fingerprint:md5" }, "fingerprint" },
    { { "a=ice-pwd:", "a=old:" }, "ice-pwd" },
  };
  g_autoptr (GstKvsSdpProposal) proposal = proposal_new ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = edited (&rows[i].edit);
    g_autoptr (GError) error = NULL;

    g_test_message ("%s", rows[i].says);
    g_assert_null (gst_kvs_sdp_answer_parse (text, proposal, &error));
    g_assert_true (error->domain == GST_KVS_SDP_ERROR);
    g_assert_nonnull (strstr (error->message, rows[i].says));
  }
}

/* Of a line: the payload type, -1 for none, and who sends. */
typedef struct {
  int pt;
  gboolean send, receive;
} Expected;

static const struct {
  Edit edit;
  Expected audio, video;
} chosen[] = {
  { { NULL }, { 111, FALSE, TRUE }, { 102, TRUE, TRUE } },
  /* The master's order, and nothing that was not offered under that number. */
  { { "SAVPF 102 103 96", "SAVPF 96 102 103" }, { 111, FALSE, TRUE },
      { 96, TRUE, TRUE } },
  { { "102", "99" }, { 111, FALSE, TRUE }, { 96, TRUE, TRUE } },
  { { "H264/90000", "H265/90000" }, { 111, FALSE, TRUE }, { 96, TRUE, TRUE } },
  { { "opus/48000/2", "speex/16000" }, { 0, FALSE, TRUE },
      { 102, TRUE, TRUE } },
  /* One that was offered is not enough to send what we did not offer to. */
  { { "a=sendonly", "a=sendrecv" }, { 111, FALSE, TRUE }, { 102, TRUE, TRUE } },
  { { "a=sendrecv", "a=recvonly" }, { 111, FALSE, TRUE },
      { 102, TRUE, FALSE } },
  { { "a=sendrecv", "a=inactive" }, { 111, FALSE, TRUE },
      { -1, FALSE, FALSE } },
  { { "m=video 9", "m=video 0" }, { 111, FALSE, TRUE }, { -1, FALSE, FALSE } },
  { { "m=audio 9", "m=audio 0" }, { -1, FALSE, FALSE }, { 102, TRUE, TRUE } },
};

static void
assert_choice (const GstKvsSdpChoice *choice, const Expected *expected)
{
  g_assert_cmpint (choice->codec ? choice->codec->pt : -1, ==, expected->pt);
  g_assert_cmpint (choice->send, ==, expected->send);
  g_assert_cmpint (choice->receive, ==, expected->receive);
}

/* The answer after an edit, and what is chosen of it. */
static GstKvsSdpOffer *
choose (const GstKvsSdpProposal *proposal, const Edit *edit,
    GstKvsSdpChoice *choices)
{
  g_autofree char *text = edited (edit);
  g_autoptr (GError) error = NULL;
  GstKvsSdpOffer *answer = gst_kvs_sdp_answer_parse (text, proposal, &error);

  g_assert_no_error (error);
  g_assert_true (gst_kvs_sdp_answer_choose (answer, proposal, choices));
  return answer;
}

static void
test_the_first_that_was_offered_is_chosen (void)
{
  g_autoptr (GstKvsSdpProposal) proposal = proposal_new ();

  for (guint i = 0; i < G_N_ELEMENTS (chosen); i++) {
    GstKvsSdpChoice choices[3] = { { 0 } };
    g_autoptr (GstKvsSdpOffer) answer =
        choose (proposal, &chosen[i].edit, choices);

    g_test_message ("row %u", i);
    assert_choice (&choices[0], &chosen[i].audio);
    assert_choice (&choices[1], &chosen[i].video);
  }
}

/* Every line rejected, or only a picture that nobody can read. */
static void
test_an_answer_without_a_use_is_told_from_one_with (void)
{
  g_autoptr (GstKvsSdpProposal) proposal = proposal_new ();
  g_autofree char *rejected =
      test_offer_edit_all (answer_text, " 9 UDP", " 0 UDP");
  g_autofree char *silent =
      test_offer_edit (answer_text, "m=audio 9", "m=audio 0");
  g_autofree char *mute =
      test_offer_edit (silent, "m=application 9", "m=application 0");
  g_autofree char *unknown = test_offer_edit (mute, "H264/90000", "H265/90000");
  g_autofree char *strange =
      test_offer_edit (unknown, "VP8/90000", "VP9/90000");
  const char *const useless[] = { rejected, strange };

  for (guint i = 0; i < G_N_ELEMENTS (useless); i++) {
    GstKvsSdpChoice choices[3] = { { 0 } };
    g_autoptr (GstKvsSdpOffer) answer =
        gst_kvs_sdp_answer_parse (useless[i], proposal, NULL);

    g_assert_true (
        !answer || !gst_kvs_sdp_answer_choose (answer, proposal, choices));
  }
}

/* What the answer's video codec is known to have. */
typedef struct {
  int rtx_pt;
  gboolean nack, nack_pli, ccm_fir, transport_cc, remb;
} Feedback;

/* RFC 3264 section 6.1: what was not offered cannot be answered. */
static void
test_what_was_not_offered_is_forgotten (void)
{
  static const struct {
    Edit edit;
    Feedback video;
  } rows[] = {
    { { NULL, NULL }, { 103, FALSE, TRUE, FALSE, FALSE, FALSE } },
    { { "102 nack pli", "102 nack" },
        { 103, TRUE, FALSE, FALSE, FALSE, FALSE } },
    { { "102 nack pli", "102 ccm fir" },
        { 103, FALSE, FALSE, TRUE, FALSE, FALSE } },
    /* The one without the header extension, the other not offered. */
    { { "102 nack pli", "102 transport-cc" },
        { 103, FALSE, FALSE, FALSE, FALSE, FALSE } },
    { { "102 nack pli", "102 goog-remb" },
        { 103, FALSE, FALSE, FALSE, FALSE, FALSE } },
    { { "103", "99" }, { -1, FALSE, TRUE, FALSE, FALSE, FALSE } },
    { { "apt=102", "apt=96" }, { -1, FALSE, TRUE, FALSE, FALSE, FALSE } },
  };
  g_autoptr (GstKvsSdpProposal) proposal = proposal_new ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    GstKvsSdpChoice choices[3] = { { 0 } };
    g_autoptr (GstKvsSdpOffer) answer =
        choose (proposal, &rows[i].edit, choices);
    const GstKvsSdpCodec *c = choices[1].codec;

    g_test_message ("row %u", i);
    g_assert_cmpint (c->rtx_pt, ==, rows[i].video.rtx_pt);
    g_assert_cmpint (c->nack, ==, rows[i].video.nack);
    g_assert_cmpint (c->nack_pli, ==, rows[i].video.nack_pli);
    g_assert_cmpint (c->ccm_fir, ==, rows[i].video.ccm_fir);
    g_assert_cmpint (c->transport_cc, ==, rows[i].video.transport_cc);
    g_assert_cmpint (c->remb, ==, rows[i].video.remb);
  }
}

static void
test_feedback_on_sound_is_not_all_we_offer (void)
{
  static const Edit loud = { "a=rtpmap:0 PCMU",
    "a=extmap:2 http://www.ietf.org/id/"
    "draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
    "a=rtcp-fb:111 nack\r\na=rtcp-fb:111 transport-cc\r\na=rtpmap:0 PCMU" };
  g_autoptr (GstKvsSdpProposal) proposal = proposal_new ();
  GstKvsSdpChoice choices[3] = { { 0 } };
  g_autoptr (GstKvsSdpOffer) answer = choose (proposal, &loud, choices);
  const GstKvsSdpMedia *audio = g_ptr_array_index (answer->medias, 0);

  g_assert_false (choices[0].codec->nack);
  g_assert_true (choices[0].codec->transport_cc);
  g_assert_cmpuint (audio->transport_cc_id, ==, GST_KVS_TRANSPORT_CC_ID);
}

/* Where they are, and what their data channels go by. */
static void
test_transport_is_that_of_what_is_left (void)
{
  static const struct {
    Edit edit;
    guint transport, sctp_port;
  } rows[] = {
    { { NULL, NULL }, 0, 5001 },
    { { "m=audio 9", "m=audio 0" }, 1, 5001 },
    { { "BUNDLE 0 1 2", "BUNDLE 2 1 0" }, 2, 5001 },
    { { "m=application 9", "m=application 0" }, 0, 5001 },
    { { "a=sctp-port:5001\r\n", "" }, 0, 5000 },
    /* A master of the old manner. */
    { { "UDP/DTLS/SCTP webrtc-datachannel",
          "DTLS/SCTP 5002\r\na=sctpmap:5002 webrtc-datachannel 16" },
        0, 5002 },
  };
  g_autoptr (GstKvsSdpProposal) proposal = proposal_new ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    GstKvsSdpChoice choices[3] = { { 0 } };
    g_autoptr (GstKvsSdpOffer) answer =
        choose (proposal, &rows[i].edit, choices);
    const GstKvsSdpMedia *data = g_ptr_array_index (answer->medias, 2);

    g_test_message ("row %u", i);
    g_assert_cmpuint (gst_kvs_sdp_offer_find_transport (answer), ==,
        rows[i].transport);
    g_assert_cmpuint (data->sctp_port, ==, rows[i].sctp_port);
  }
}

/* RFC 8843 section 7.1.3: an answer's bundle says it once. */
static void
test_a_bundle_has_one_transport (void)
{
  g_autoptr (GstKvsSdpProposal) proposal = proposal_new ();
  g_auto (GStrv) parts =
      g_strsplit (answer_text, TEST_TRANSPORT "a=setup:active\r\n", 3);
  g_autofree char *text = g_strconcat (parts[0],
      TEST_TRANSPORT "a=setup:active\r\n", parts[1], parts[2], NULL);
  const Edit once = { NULL, text };
  GstKvsSdpChoice choices[3] = { { 0 } };
  g_autoptr (GstKvsSdpOffer) answer = choose (proposal, &once, choices);

  g_assert_cmpstr (gst_kvs_sdp_offer_attribute (answer,
                       gst_sdp_message_get_media (answer->message, 1), "setup"),
      ==, "active");
}

/* RFC 8285 section 6: an answer keeps the offer's number, or has none. */
static void
test_another_number_of_the_orientation_is_forgotten (void)
{
  static const struct {
    Edit edit;
    guint id;
  } rows[] = {
    { { NULL, NULL }, 1 },
    { { "a=extmap:1 ", "a=extmap:3 " }, 0 },
    { { "urn:3gpp:video-orientation", "urn:3gpp:else" }, 0 },
  };
  g_autoptr (GstKvsSdpProposal) proposal = proposal_new ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    GstKvsSdpChoice choices[3] = { { 0 } };
    g_autoptr (GstKvsSdpOffer) answer =
        choose (proposal, &rows[i].edit, choices);
    const GstKvsSdpMedia *video = g_ptr_array_index (answer->medias, 1);

    g_assert_cmpuint (video->orientation_id, ==, rows[i].id);
  }
}

/* RFC 3264 section 6 forbids it; what is missing counts as rejected. */
static void
test_an_answer_may_end_early (void)
{
  g_autoptr (GstKvsSdpProposal) proposal = proposal_new ();
  g_auto (GStrv) parts = g_strsplit (answer_text, "m=video", 2);
  const Edit sound_alone = { NULL, parts[0] };
  GstKvsSdpChoice choices[3] = { { 0 } };
  g_autoptr (GstKvsSdpOffer) answer = choose (proposal, &sound_alone, choices);

  g_assert_cmpuint (answer->medias->len, ==, 1);
  assert_choice (&choices[0], &(const Expected){ 111, FALSE, TRUE });
  assert_choice (&choices[1], &(const Expected){ -1, FALSE, FALSE });
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/accept/what-answers-nothing-we-asked-is-refused",
      test_what_answers_nothing_we_asked_is_refused);
  g_test_add_func ("/accept/the-first-that-was-offered-is-chosen",
      test_the_first_that_was_offered_is_chosen);
  g_test_add_func ("/accept/an-answer-without-a-use-is-told-from-one-with",
      test_an_answer_without_a_use_is_told_from_one_with);
  g_test_add_func ("/accept/what-was-not-offered-is-forgotten",
      test_what_was_not_offered_is_forgotten);
  g_test_add_func ("/accept/feedback-on-sound-is-not-all-we-offer",
      test_feedback_on_sound_is_not_all_we_offer);
  g_test_add_func ("/accept/transport-is-that-of-what-is-left",
      test_transport_is_that_of_what_is_left);
  g_test_add_func ("/accept/a-bundle-has-one-transport",
      test_a_bundle_has_one_transport);
  g_test_add_func ("/accept/another-number-of-the-orientation-is-forgotten",
      test_another_number_of_the_orientation_is_forgotten);
  g_test_add_func ("/accept/an-answer-may-end-early",
      test_an_answer_may_end_early);
  return g_test_run ();
}
