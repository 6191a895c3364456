/* What real peers offer, what is read from it, and what they are answered. */
#include <gst/gst.h>
#include <string.h>

#include "answers.h"
#include "match.h"
#include "offers.h"
#include "sdpbundle.h"
#include "sdpcodec.h"

/* What the m-line should match; `pt` is -1 where it has nothing for us. */
typedef struct {
  guint mline;
  const char *codec;
  int profile_level_id;
  int pt;
  int rtx_pt;
} Match;

#define CONSTRAINED_BASELINE 0x42c01f
#define BASELINE 0x42001f
#define MAIN 0x4d401f
#define HIGH 0x640028
#define HIGH_444 0xf40028
#define H265_MAIN (1 << 16 | 120)
#define H265_MAIN_10 (2 << 16 | 120)
#define AV1_HIGH (1 << 16)
#define WE_ENCODE -1

typedef struct {
  const char *file;
  const char *kinds; /* one letter an m-line */
  const char *mids;
  const char *directions; /* of the RTP m-lines, as the peer says them */
  guint candidates;
  Match matches[24];
} Peer;

static const Peer peers[] = {
  { "chrome.sdp", "avd", "0 1 2", "recvonly recvonly", 0,
      {
          { 0, "OPUS", WE_ENCODE, 111, -1 },
          { 0, "PCMU", WE_ENCODE, 0, -1 },
          { 0, "PCMA", WE_ENCODE, 8, -1 },
          { 1, "VP8", WE_ENCODE, 96, 97 },
          { 1, "H264", WE_ENCODE, 106, 107 },
          { 1, "H264", CONSTRAINED_BASELINE, 106, 107 },
          { 1, "H264", BASELINE, 102, 103 },
          { 1, "H264", MAIN, 127, 125 },
          { 1, "H264", HIGH, 112, 113 },
          { 1, "H264", HIGH_444, 112, 113 },
          { 1, "VP9", WE_ENCODE, 98, 99 },
          { 1, "VP9", 0, 98, 99 },
          { 1, "VP9", 1, -1, -1 },
          { 1, "VP9", 2, 100, 101 },
          { 1, "AV1", WE_ENCODE, 45, 46 },
          { 1, "AV1", AV1_HIGH, -1, -1 },
          { 1, "H265", WE_ENCODE, -1, -1 },
          { 1, "OPUS", WE_ENCODE, -1, -1 },
          { 0, "VP8", WE_ENCODE, -1, -1 },
      } },
  { "firefox.sdp", "dav", "0 1 2", "recvonly recvonly", 0,
      {
          { 1, "OPUS", WE_ENCODE, 109, -1 },
          { 1, "PCMU", WE_ENCODE, 0, -1 },
          { 1, "PCMA", WE_ENCODE, 8, -1 },
          { 2, "VP8", WE_ENCODE, 120, 124 },
          { 2, "H264", WE_ENCODE, 126, 127 },
          { 2, "H264", MAIN, 126, 127 },
          { 2, "H264", HIGH, 126, 127 },
          { 2, "VP9", WE_ENCODE, 121, 125 },
      } },
  { "safari.sdp", "avd", "0 1 2", "sendrecv sendrecv", 2,
      {
          { 0, "OPUS", WE_ENCODE, 111, -1 },
          { 0, "PCMA", WE_ENCODE, 8, -1 },
          { 1, "VP8", WE_ENCODE, 103, 104 },
          { 1, "H264", WE_ENCODE, 98, 99 },
          { 1, "H264", MAIN, 96, 97 },
          { 1, "H264", HIGH, 96, 97 },
          { 1, "H264", HIGH_444, 96, 97 },
          { 1, "H265", WE_ENCODE, 100, 101 },
          { 1, "H265", H265_MAIN, 100, 101 },
          { 1, "H265", H265_MAIN_10, -1, -1 },
      } },
  { "amazon-c-sdk.sdp", "avd", "0 1 2", "sendrecv sendrecv", 12,
      {
          { 0, "OPUS", WE_ENCODE, 111, -1 },
          { 0, "PCMU", WE_ENCODE, -1, -1 },
          { 1, "VP8", WE_ENCODE, -1, -1 },
          { 1, "H264", WE_ENCODE, 125, -1 },
          { 1, "H264", HIGH, 125, -1 },
      } },
  { "webrtcbin.sdp", "vad", "video0 audio1 application2", "recvonly recvonly",
      0,
      {
          { 0, "VP8", WE_ENCODE, 96, -1 },
          { 0, "H264", WE_ENCODE, 97, -1 },
          { 1, "OPUS", WE_ENCODE, 98, -1 },
          { 1, "PCMU", WE_ENCODE, -1, -1 },
      } },
};

#define FINGERPRINT                                                  \
  "sha-256 3B:66:1E:5C:7A:09:F2:D4:8E:41:B7:C0:93:2D:6F:18:A5:EE:70" \
  ":4B:D9:52:86:3C:01:FA:97:E8:2B:54:CD:0A"

static GstKvsSdpOffer *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  GstKvsSdpOffer *offer = gst_kvs_sdp_offer_parse (text, &error);

  g_assert_no_error (error);
  return offer;
}

static GstKvsSdpOffer *
load (const char *file)
{
  g_autofree char *text = test_offer_load (file);

  return parse (text);
}

/* chrome.sdp with one thing different. */
static GstKvsSdpOffer *
load_edited (const char *file, const char *old, const char *new)
{
  g_autofree char *text = test_offer_load (file);
  g_autofree char *edited = test_offer_edit (text, old, new);

  return parse (edited);
}

static const GstKvsSdpMedia *
media_of (const GstKvsSdpOffer *offer, guint mline)
{
  g_assert_cmpuint (mline, <, offer->medias->len);
  return g_ptr_array_index (offer->medias, mline);
}

static const GstKvsCodec *
codec_named (const char *name)
{
  const GstKvsCodec *codec = gst_kvs_codec_find (GST_KVS_MEDIA_VIDEO, name);

  return codec ? codec : gst_kvs_codec_find (GST_KVS_MEDIA_AUDIO, name);
}

static const GstKvsSdpCodec *
match (const GstKvsSdpOffer *offer, guint mline, const char *codec,
    int profile_level_id)
{
  return gst_kvs_sdp_media_match (media_of (offer, mline), codec_named (codec),
      profile_level_id);
}

static char
kind_of (const GstKvsSdpMedia *media)
{
  return media->is_data                     ? 'd'
      : !media->is_rtp                      ? '?'
      : media->media == GST_KVS_MEDIA_AUDIO ? 'a'
                                            : 'v';
}

static const char *
direction_of (const GstKvsSdpMedia *media)
{
  if (media->wants_to_receive)
    return media->wants_to_send ? "sendrecv" : "recvonly";
  return media->wants_to_send ? "sendonly" : "inactive";
}

static void
test_is_read (gconstpointer data)
{
  const Peer *peer = data;
  g_autoptr (GstKvsSdpOffer) offer = load (peer->file);
  g_auto (GStrv) mids = g_strsplit (peer->mids, " ", -1);
  g_auto (GStrv) directions = g_strsplit (peer->directions, " ", -1);
  char **direction = directions;

  g_assert_cmpuint (offer->medias->len, ==, strlen (peer->kinds));
  for (guint i = 0; i < offer->medias->len; i++) {
    const GstKvsSdpMedia *media = media_of (offer, i);

    g_assert_cmpuint (media->mline, ==, i);
    g_assert_cmpstr (media->mid, ==, mids[i]);
    g_assert_cmpint (kind_of (media), ==, peer->kinds[i]);
    g_assert_false (media->is_rejected);
    if (media->is_rtp)
      g_assert_cmpstr (direction_of (media), ==, *direction++);
  }
  g_assert_cmpuint (offer->fingerprints->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (offer->fingerprints, 0), ==, FINGERPRINT);
  g_assert_cmpuint (offer->candidates->len, ==, peer->candidates);
}

static void
test_matches (gconstpointer data)
{
  const Peer *peer = data;
  g_autoptr (GstKvsSdpOffer) offer = load (peer->file);

  for (const Match *m = peer->matches; m->codec; m++) {
    const GstKvsSdpCodec *c =
        match (offer, m->mline, m->codec, m->profile_level_id);

    g_test_message ("m-line %u, %s %x", m->mline, m->codec,
        m->profile_level_id);
    g_assert_cmpint (c ? c->pt : -1, ==, m->pt);
    g_assert_cmpint (c ? c->rtx_pt : -1, ==, m->rtx_pt);
  }
}

/* What is done with each m-line that offers to do all. */
static const struct {
  gboolean send, receive;
} uses[] = {
  { TRUE, FALSE },
  { FALSE, TRUE },
  { TRUE, TRUE },
  { FALSE, FALSE },
};

static void
choose_first_codec (const GstKvsSdpOffer *offer, GstKvsSdpChoice *choices,
    gboolean send, gboolean receive)
{
  for (guint i = 0; i < offer->medias->len; i++) {
    const GstKvsSdpMedia *media = media_of (offer, i);

    if (!media->is_rtp || !(send || receive))
      continue;
    choices[i].codec = g_ptr_array_index (media->codecs, 0);
    choices[i].send = send;
    choices[i].receive = receive;
  }
}

static GstSDPMessage *
answer_to (const GstKvsSdpOffer *offer, const GstKvsSdpChoice *choices)
{
  g_autofree char *text = test_answer_write (offer, choices);
  GstSDPMessage *answer;

  test_answer_assert (offer, choices, text);
  g_assert_cmpint (gst_sdp_message_new_from_text (text, &answer), ==,
      GST_SDP_OK);
  return answer;
}

/* To one that is sent and receives nothing. */
static GstSDPMessage *
idle_answer_to (const GstKvsSdpOffer *offer)
{
  g_autofree GstKvsSdpChoice *choices = test_offer_choices_new (offer);

  return answer_to (offer, choices);
}

static void
test_is_answered (gconstpointer data)
{
  const Peer *peer = data;
  g_autoptr (GstKvsSdpOffer) offer = load (peer->file);
  g_autofree char *group = g_strconcat ("BUNDLE ", peer->mids, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (uses); i++) {
    g_autofree GstKvsSdpChoice *choices = test_offer_choices_new (offer);
    g_autoptr (GstSDPMessage) answer = NULL;

    choose_first_codec (offer, choices, uses[i].send, uses[i].receive);
    answer = answer_to (offer, choices);
    g_assert_cmpstr (gst_sdp_message_get_attribute_val (answer, "group"), ==,
        group);
    for (guint j = 0; j < offer->medias->len; j++)
      g_assert_cmpuint (gst_sdp_media_get_port (
                            gst_sdp_message_get_media (answer, j)),
          ==, 9);
  }
}

/* Whatever may be chosen of it. */
static void
test_each_match_is_answered (gconstpointer data)
{
  const Peer *peer = data;
  g_autoptr (GstKvsSdpOffer) offer = load (peer->file);

  for (const Match *m = peer->matches; m->codec; m++) {
    g_autofree GstKvsSdpChoice *choices = test_offer_choices_new (offer);
    g_autoptr (GstSDPMessage) answer = NULL;

    choices[m->mline].codec =
        match (offer, m->mline, m->codec, m->profile_level_id);
    choices[m->mline].send = choices[m->mline].codec != NULL;
    answer = answer_to (offer, choices);
  }
}

static void
test_is_one_of_any_line_end (gconstpointer data)
{
  const Peer *peer = data;
  g_autofree char *crlf = test_offer_load (peer->file);
  g_autofree char *lf = test_offer_edit_all (crlf, "\r\n", "\n");

  g_assert_true (test_offer_survives (crlf));
  g_assert_true (test_offer_survives (lf));
  lf[strlen (lf) - 1] = '\0';
  g_assert_true (test_offer_survives (lf));
}

/* The attributes of an m-line that tell of its payload types, by their order. */
static char *
describe_codec (const GstSDPMedia *media)
{
  static const char *const keys[] = { "rtpmap", "rtcp-fb", "fmtp", "extmap" };
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    for (guint j = 0; j < test_answer_count (media, keys[i]); j++)
      g_string_append_printf (text, "%s:%s\n", keys[i],
          gst_sdp_media_get_attribute_val_n (media, keys[i], j));
  }
  return g_string_free (text, FALSE);
}

#define COUNTED             \
  "http://www.ietf.org/id/" \
  "draft-holmer-rmcat-transport-wide-cc-extensions-01\n"

static const struct {
  const char *file;
  guint mline;
  const char *codec;
  const char *answer;
} described[] = {
  { "chrome.sdp", 0, "OPUS",
      "rtpmap:111 OPUS/48000/2\nrtcp-fb:111 transport-cc\n"
      "fmtp:111 minptime=10;stereo=1;useinbandfec=1\nextmap:3 " COUNTED },
  { "chrome.sdp", 0, "PCMU", "rtpmap:0 PCMU/8000\n" },
  { "chrome.sdp", 1, "VP8",
      "rtpmap:96 VP8/90000\nrtpmap:97 rtx/90000\n"
      "rtcp-fb:96 nack\nrtcp-fb:96 nack pli\nrtcp-fb:96 ccm fir\n"
      "rtcp-fb:96 transport-cc\nfmtp:97 apt=96\nextmap:3 " COUNTED
      "extmap:13 urn:3gpp:video-orientation\n" },
  { "firefox.sdp", 1, "OPUS",
      "rtpmap:109 OPUS/48000/2\nfmtp:109 "
      "minptime=10;stereo=1;useinbandfec=1\n" },
  { "firefox.sdp", 2, "H264",
      "rtpmap:126 H264/90000\nrtpmap:127 rtx/90000\n"
      "rtcp-fb:126 nack\nrtcp-fb:126 nack pli\nrtcp-fb:126 ccm fir\n"
      "rtcp-fb:126 transport-cc\nfmtp:126 level-asymmetry-allowed=1;"
      "packetization-mode=1;profile-level-id=42e01f\nfmtp:127 apt=126\n"
      "extmap:7 " COUNTED },
  { "safari.sdp", 1, "H265",
      "rtpmap:100 H265/90000\nrtpmap:101 rtx/90000\n"
      "rtcp-fb:100 nack\nrtcp-fb:100 nack pli\nrtcp-fb:100 ccm fir\n"
      "rtcp-fb:100 transport-cc\nfmtp:100 level-id=93;profile-id=1;"
      "tier-flag=0;tx-mode=SRST\nfmtp:101 apt=100\nextmap:3 " COUNTED
      "extmap:13 urn:3gpp:video-orientation\n" },
  /* It says transport-cc and has no header extension for it. */
  { "amazon-c-sdk.sdp", 0, "OPUS",
      "rtpmap:111 OPUS/48000/2\nrtcp-fb:111 nack\n"
      "fmtp:111 minptime=10;stereo=1;useinbandfec=1\n" },
  { "amazon-c-sdk.sdp", 1, "H264",
      "rtpmap:125 H264/90000\nrtcp-fb:125 nack\nrtcp-fb:125 nack pli\n"
      "rtcp-fb:125 goog-remb\nfmtp:125 level-asymmetry-allowed=1;"
      "packetization-mode=1;profile-level-id=42e01f\n" },
  { "webrtcbin.sdp", 0, "VP8",
      "rtpmap:96 VP8/90000\nrtcp-fb:96 nack pli\nrtcp-fb:96 transport-cc\n"
      "extmap:1 " COUNTED },
};

static void
test_codec_is_described_as_it_was_offered (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (described); i++) {
    guint mline = described[i].mline;
    g_autoptr (GstKvsSdpOffer) offer = load (described[i].file);
    g_autofree GstKvsSdpChoice *choices = test_offer_choices_new (offer);
    g_autoptr (GstSDPMessage) answer = NULL;
    g_autofree char *text = NULL;

    choices[mline].codec = match (offer, mline, described[i].codec, WE_ENCODE);
    choices[mline].send = TRUE;
    answer = answer_to (offer, choices);
    text = describe_codec (gst_sdp_message_get_media (answer, mline));
    g_assert_cmpstr (text, ==, described[i].answer);
  }
}

/* To Amazon's C SDK, which sends a picture and a voice and hears us. */
static const char whole_answer[] =
    "s=-\r\n"
    "t=0 0\r\n"
    "a=group:BUNDLE 0 1 2\r\n"
    "a=ice-options:trickle\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
    "c=IN IP4 0.0.0.0\r\n"
    "a=mid:0\r\n"
    "a=ice-ufrag:" TEST_UFRAG "\r\n"
    "a=ice-pwd:" TEST_PASSWORD "\r\n"
    "a=fingerprint:" TEST_FINGERPRINT "\r\n"
    "a=setup:passive\r\n"
    "a=rtcp-mux\r\n"
    "a=rtcp-rsize\r\n"
    "a=sendrecv\r\n"
    "a=rtpmap:111 OPUS/48000/2\r\n"
    "a=rtcp-fb:111 nack\r\n"
    "a=fmtp:111 minptime=10;stereo=1;useinbandfec=1\r\n"
    "a=msid:stream-3 audio_sink_3\r\n"
    "a=ssrc:1000 cname:" TEST_CNAME "\r\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 125\r\n"
    "c=IN IP4 0.0.0.0\r\n"
    "a=mid:1\r\n"
    "a=ice-ufrag:" TEST_UFRAG "\r\n"
    "a=ice-pwd:" TEST_PASSWORD "\r\n"
    "a=fingerprint:" TEST_FINGERPRINT "\r\n"
    "a=setup:passive\r\n"
    "a=rtcp-mux\r\n"
    "a=rtcp-rsize\r\n"
    "a=recvonly\r\n"
    "a=rtpmap:125 H264/90000\r\n"
    "a=rtcp-fb:125 nack\r\n"
    "a=rtcp-fb:125 nack pli\r\n"
    "a=rtcp-fb:125 goog-remb\r\n"
    "a=fmtp:125 level-asymmetry-allowed=1;packetization-mode=1;"
    "profile-level-id=42e01f\r\n"
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
    "c=IN IP4 0.0.0.0\r\n"
    "a=mid:2\r\n"
    "a=ice-ufrag:" TEST_UFRAG "\r\n"
    "a=ice-pwd:" TEST_PASSWORD "\r\n"
    "a=fingerprint:" TEST_FINGERPRINT "\r\n"
    "a=setup:passive\r\n"
    "a=sctp-port:5000\r\n"
    "a=max-message-size:65536\r\n";

static void
test_whole_answer (void)
{
  g_autoptr (GstKvsSdpOffer) offer = load ("amazon-c-sdk.sdp");
  g_autofree GstKvsSdpChoice *choices = test_offer_choices_new (offer);
  g_autofree char *text = NULL;

  choose_first_codec (offer, choices, FALSE, TRUE);
  choices[0].send = TRUE;
  choices[0].number = 3;
  text = test_answer_write (offer, choices);
  g_assert_true (g_str_has_prefix (text, "v=0\r\no=- "));
  g_assert_cmpstr (strstr (text, "s=-\r\n"), ==, whole_answer);
}

/* RFC 8829 section 5.2.1: a session's id is its own. */
static void
test_each_answer_is_a_session_of_its_own (void)
{
  g_autoptr (GstKvsSdpOffer) offer = load ("chrome.sdp");
  g_autoptr (GstSDPMessage) a = idle_answer_to (offer);
  g_autoptr (GstSDPMessage) b = idle_answer_to (offer);
  const GstSDPOrigin *origin = gst_sdp_message_get_origin (a);

  g_assert_cmpstr (origin->sess_id, !=,
      gst_sdp_message_get_origin (b)->sess_id);
  g_assert_true (g_ascii_string_to_unsigned (origin->sess_id, 10, 0, G_MAXINT64,
      NULL, NULL));
}

static void
test_feedback_is_as_offered (void)
{
  g_autoptr (GstKvsSdpOffer) chrome = load ("chrome.sdp");
  g_autoptr (GstKvsSdpOffer) sdk = load ("amazon-c-sdk.sdp");
  const GstKvsSdpCodec *vp8 = match (chrome, 1, "VP8", WE_ENCODE);
  const GstKvsSdpCodec *opus = match (chrome, 0, "OPUS", WE_ENCODE);
  const GstKvsSdpCodec *h264 = match (sdk, 1, "H264", WE_ENCODE);

  g_assert_true (vp8->nack && vp8->nack_pli && vp8->ccm_fir);
  g_assert_false (opus->nack || opus->nack_pli || opus->ccm_fir);
  g_assert_cmpstr (opus->fmtp, ==, "minptime=10;useinbandfec=1");
  g_assert_true (h264->nack && h264->nack_pli && !h264->ccm_fir);
  g_assert_cmpint (h264->profile_level_id, ==, 0x42e01f);
}

static void
test_wildcard_feedback_is_for_all (void)
{
  g_autoptr (GstKvsSdpOffer) offer = load_edited ("amazon-c-sdk.sdp",
      "a=rtcp-fb:125 nack pli", "a=rtcp-fb:* ccm fir");
  const GstKvsSdpCodec *c = match (offer, 1, "H264", WE_ENCODE);

  g_assert_true (c->ccm_fir && c->nack && !c->nack_pli);
}

static void
test_ssrcs_are_read (void)
{
  g_autoptr (GstKvsSdpOffer) offer = load ("safari.sdp");
  const GstKvsSdpMedia *video = media_of (offer, 1);

  g_assert_cmpuint (media_of (offer, 0)->ssrcs->len, ==, 1);
  g_assert_cmpuint (video->ssrcs->len, ==, 2);
  g_assert_cmpuint (g_array_index (video->ssrcs, guint32, 0), ==, 4021833307u);
  g_assert_cmpuint (g_array_index (video->ssrcs, guint32, 1), ==, 1746180952u);
}

/* fmtp of the C SDK's one H264 payload type, and whether it will do. */
static void
test_h264_needs_packetization_mode_1 (void)
{
  static const struct {
    const char *fmtp;
    gboolean fits;
    int profile_level_id;
  } rows[] = {
    { "packetization-mode=1;profile-level-id=42e01f", TRUE, 0x42e01f },
    { "packetization-mode=1", TRUE, -1 },
    { " PACKETIZATION-MODE=1 ; Profile-Level-Id=640C1F ", TRUE, 0x640c1f },
    { "packetization-mode=1;profile-level-id=123456", TRUE, 0x123456 },
    { "packetization-mode=1;profile-level-id=42e01", TRUE, -1 },
    { "packetization-mode=1;profile-level-id=42e01g", TRUE, -1 },
    { "packetization-mode=1;profile-level-id=", TRUE, -1 },
    { "packetization-mode=1;profile-level-id=0x42e0", TRUE, -1 },
    { "packetization-mode=1;profile-level-id=+42e01", TRUE, -1 },
    { "packetization-mode=1;profile-level-id=-00001", TRUE, -1 },
    { "packetization-mode=0;profile-level-id=42e01f", FALSE },
    { "packetization-mode=2;profile-level-id=42e01f", FALSE },
    { "packetization-mode=11;profile-level-id=42e01f", FALSE },
    { "packetization-mode=;profile-level-id=42e01f", FALSE },
    { "profile-level-id=42e01f", FALSE },
    { "x-packetization-mode=1", FALSE },
    { ";;;=;", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GstKvsSdpOffer) offer = load_edited ("amazon-c-sdk.sdp",
        "level-asymmetry-allowed=1;packetization-mode=1;"
        "profile-level-id=42e01f",
        rows[i].fmtp);
    const GstKvsSdpCodec *c = match (offer, 1, "H264", WE_ENCODE);

    g_test_message ("%s", rows[i].fmtp);
    g_assert_true ((c != NULL) == rows[i].fits);
    if (c)
      g_assert_cmpint (c->profile_level_id, ==, rows[i].profile_level_id);
  }
}

static void
test_rtpmap_must_be_the_codecs_own (void)
{
  static const struct {
    const char *rtpmap;
    gboolean fits;
  } rows[] = {
    { "opus/48000/2", TRUE },
    { "OPUS/48000/2", TRUE },
    { "opus/48000", FALSE },
    { "opus/48000/1", FALSE },
    { "opus/44100/2", FALSE },
    { "opus/-48000/2", FALSE },
    { "opus/99999999999999999999/2", FALSE },
    { "opus", FALSE },
    { "opus//2", FALSE },
    { "/48000/2", FALSE },
    { "///", FALSE },
    { "opusx/48000/2", FALSE },
    { "", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GstKvsSdpOffer) offer =
        load_edited ("amazon-c-sdk.sdp", "opus/48000/2", rows[i].rtpmap);

    g_test_message ("%s", rows[i].rtpmap);
    g_assert_true (
        (match (offer, 0, "OPUS", WE_ENCODE) != NULL) == rows[i].fits);
  }
}

static void
test_h264_profile_of_its_own_is_found (void)
{
  g_autoptr (GstKvsSdpOffer) offer = load_edited ("chrome.sdp",
      "profile-level-id=4d001f", "profile-level-id=f4001f");

  g_assert_cmpint (match (offer, 1, "H264", HIGH_444)->pt, ==, 127);
  g_assert_cmpint (match (offer, 1, "H264", HIGH)->pt, ==, 112);
  g_assert_cmpint (match (offer, 1, "H264", WE_ENCODE)->pt, ==, 106);
}

static void
test_pcm_has_one_channel (void)
{
  static const struct {
    const char *rtpmap;
    gboolean fits;
  } rows[] = {
    { "PCMU/8000", TRUE },
    { "pcmu/8000/1", TRUE },
    { "PCMU/8000/2", FALSE },
    { "PCMU/16000", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *line = g_strconcat ("a=rtpmap:0 ", rows[i].rtpmap, NULL);
    g_autoptr (GstKvsSdpOffer) offer =
        load_edited ("chrome.sdp", "a=rtpmap:0 PCMU/8000", line);

    g_assert_true (
        (match (offer, 0, "PCMU", WE_ENCODE) != NULL) == rows[i].fits);
  }
}

static void
test_static_payload_types_need_no_rtpmap (void)
{
  g_autoptr (GstKvsSdpOffer) offer = load_edited ("amazon-c-sdk.sdp",
      "m=audio 9 UDP/TLS/RTP/SAVPF 111", "m=audio 9 UDP/TLS/RTP/SAVPF 8 0");
  g_autofree char *codecs = gst_kvs_sdp_offer_describe_codecs (offer);

  g_assert_cmpstr (codecs, ==, "PCMA, PCMU, H264");
  g_assert_cmpint (match (offer, 0, "PCMU", WE_ENCODE)->pt, ==, 0);
  g_assert_cmpint (match (offer, 0, "PCMA", WE_ENCODE)->pt, ==, 8);
  g_assert_null (match (offer, 0, "OPUS", WE_ENCODE));
}

static void
test_nonsense_formats_are_passed_over (void)
{
  g_autoptr (GstKvsSdpOffer) offer =
      load_edited ("amazon-c-sdk.sdp", "m=video 9 UDP/TLS/RTP/SAVPF 125",
          "m=video 9 UDP/TLS/RTP/SAVPF -1 128 255 4294967421 "
          "99999999999999999999999 125x x 0x7d * 12.5 125 125");
  const GstKvsSdpMedia *video = media_of (offer, 1);

  for (guint i = 0; i < video->codecs->len; i++) {
    const GstKvsSdpCodec *c = g_ptr_array_index (video->codecs, i);

    g_assert_cmpint (c->pt, ==, 125);
  }
  g_assert_nonnull (match (offer, 1, "H264", WE_ENCODE));
}

static void
test_apt_loops_lead_nowhere (void)
{
  static const struct {
    const char *apt;
    int rtx_pt;
  } rows[] = {
    { "apt=96", 97 },
    { "rtx-time=3000;apt=96", 97 },
    { "apt=97", -1 },
    { "apt=-96", -1 },
    { "apt=", -1 },
    { "96", -1 },
    { "apt=102", -1 },
    { "apt=4294967392", -1 },
    { "apt=96x", -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *fmtp = g_strconcat ("a=fmtp:97 ", rows[i].apt, NULL);
    g_autoptr (GstKvsSdpOffer) offer =
        load_edited ("chrome.sdp", "a=fmtp:97 apt=96", fmtp);

    g_assert_cmpint (match (offer, 1, "VP8", WE_ENCODE)->rtx_pt, ==,
        rows[i].rtx_pt);
  }
}

static void
test_rtx_format_is_a_number (void)
{
  g_autoptr (GstKvsSdpOffer) offer =
      load_edited ("chrome.sdp", "SAVPF 96 97 ", "SAVPF 96 4294967393 97x ");

  g_assert_cmpint (match (offer, 1, "VP8", WE_ENCODE)->rtx_pt, ==, -1);
}

/* Each once, however the lines are ordered, and four at most. */
static void
test_ssrcs_are_few_and_legal (void)
{
  g_autoptr (GstKvsSdpOffer) offer = load_edited ("chrome.sdp", "a=recvonly",
      "a=sendonly\r\na=ssrc:1 cname:x\r\na=ssrc:2 cname:x\r\n"
      "a=ssrc:1 msid:x\r\na=ssrc:2 msid:x\r\na=ssrc:-3 x\r\n"
      "a=ssrc:4294967297 x\r\na=ssrc:0 x\r\na=ssrc:y\r\n"
      "a=ssrc:4294967295 x\r\na=ssrc:5 x\r\na=ssrc:6 x");
  static const guint32 wanted[] = { 1, 2, 4294967295u, 5 };
  GArray *ssrcs = media_of (offer, 0)->ssrcs;

  g_assert_cmpuint (ssrcs->len, ==, G_N_ELEMENTS (wanted));
  for (guint i = 0; i < ssrcs->len; i++)
    g_assert_cmpuint (g_array_index (ssrcs, guint32, i), ==, wanted[i]);
}

/* Port 0 means no, and what is said beside it does not count. */
static void
test_rejected_mline_stays_rejected (void)
{
  g_autoptr (GstKvsSdpOffer) offer =
      load_edited ("safari.sdp", "m=audio 52731", "m=audio 0");
  const GstKvsSdpMedia *audio = media_of (offer, 0);
  g_autoptr (GstSDPMessage) answer = idle_answer_to (offer);
  const GstSDPMedia *written = gst_sdp_message_get_media (answer, 0);

  g_assert_true (audio->is_rejected);
  g_assert_cmpuint (audio->codecs->len, ==, 0);
  g_assert_cmpuint (offer->candidates->len, ==, 0);
  g_assert_cmpuint (gst_sdp_media_get_port (written), ==, 0);
  g_assert_cmpuint (gst_sdp_media_formats_len (written), ==, 9);
  g_assert_cmpstr (gst_sdp_message_get_attribute_val (answer, "group"), ==,
      "BUNDLE 1 2");
  g_assert_cmpuint (gst_kvs_sdp_offer_find_transport (offer), ==, 1);
}

/* What we make of one m-line of chrome.sdp, edited. */
static const struct {
  const char *name;
  guint mline;
  const char *old, *new;
  gboolean is_rejected;
} odd_mlines[] = {
  { "as it is", 0, "a=x", "a=x", FALSE },
  { "of another kind", 0, "m=audio", "m=hologram", TRUE },
  { "no codec of ours", 0, "SAVPF 111 63 9 0 8 13", "SAVPF 63 9 13", TRUE },
  { "H264 in single NAL units", 1, "SAVPF 96 97 102",
      "SAVPF 104 105\r\na=x:", TRUE },
  { "H264 in single NAL units and others", 1, "SAVPF 96 97 102",
      "SAVPF 104 106\r\na=x:", FALSE },
  { "VP9 of 10 bits", 1, "SAVPF 96 97 102", "SAVPF 100\r\na=x:", FALSE },
  { "VP9 of a profile there is none of", 1, "SAVPF 96 97 102",
      "SAVPF 100\r\na=fmtp:100 profile-id=99\r\na=x:", TRUE },
  { "over plain RTP", 1, "m=video 9 UDP/TLS/RTP/SAVPF", "m=video 9 RTP/AVPF",
      FALSE },
  { "over TCP", 1, "m=video 9 UDP/TLS/RTP/SAVPF", "m=video 9 TCP/TLS/RTP/SAVPF",
      FALSE },
  { "over QUIC", 1, "m=video 9 UDP/TLS/RTP/SAVPF", "m=video 9 QUIC/RTP/AVPF",
      TRUE },
  { "of no port", 1, "m=video 9", "m=video 0", TRUE },
  { "over SCTP and TCP", 2, "UDP/DTLS/SCTP", "TCP/DTLS/SCTP", FALSE },
  { "over SCTP without DTLS", 2, "UDP/DTLS/SCTP", "SCTP", TRUE },
  { "a floor", 2, "UDP/DTLS/SCTP webrtc-datachannel", "TCP/DTLS/BFCP *", TRUE },
  { "of the old manner", 2, "UDP/DTLS/SCTP webrtc-datachannel\r\n",
      "DTLS/SCTP 5000\r\na=sctpmap:5000 webrtc-datachannel 1024\r\n", FALSE },
  { "of the old manner without a map", 2, "UDP/DTLS/SCTP webrtc-datachannel",
      "DTLS/SCTP 5000", TRUE },
  { "of the old manner for something else", 2,
      "UDP/DTLS/SCTP webrtc-datachannel\r\n",
      "DTLS/SCTP 5000\r\na=sctpmap:5000 bfcp 16\r\n", TRUE },
};

static void
test_what_cannot_be_answered_is_rejected (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (odd_mlines); i++) {
    g_autofree char *plain = test_offer_load ("chrome.sdp");
    g_autofree char *text =
        test_offer_edit (plain, "a=extmap-allow-mixed", "a=x");
    g_autofree char *edited =
        test_offer_edit (text, odd_mlines[i].old, odd_mlines[i].new);
    g_autoptr (GstKvsSdpOffer) offer = parse (edited);
    g_autoptr (GstSDPMessage) answer = idle_answer_to (offer);

    g_test_message ("%s", odd_mlines[i].name);
    for (guint j = 0; j < offer->medias->len; j++)
      g_assert_cmpint (gst_sdp_media_get_port (
                           gst_sdp_message_get_media (answer, j))
              == 0,
          ==, odd_mlines[i].is_rejected && j == odd_mlines[i].mline);
  }
}

/* One association a transport has (RFC 8841). */
static void
test_second_data_mline_is_rejected (void)
{
  g_autofree char *text = test_offer_load ("chrome.sdp");
  g_autofree char *data = g_strdup (strstr (text, "m=application"));
  g_autofree char *second = test_offer_edit (data, "a=mid:2", "a=mid:3");
  g_autofree char *both = g_strconcat (text, second, NULL);
  g_autoptr (GstKvsSdpOffer) offer = parse (both);
  g_autoptr (GstSDPMessage) answer = idle_answer_to (offer);

  g_assert_true (media_of (offer, 2)->is_data);
  g_assert_false (media_of (offer, 3)->is_data);
  g_assert_cmpuint (gst_sdp_media_get_port (
                        gst_sdp_message_get_media (answer, 3)),
      ==, 0);
}

/* An m-line of chrome.sdp as all there is, in no bundle. */
static void
test_one_mline_needs_no_bundle (void)
{
  static const char *const starts[] = { "m=audio", "m=video", "m=application" };
  g_autofree char *text = test_offer_load ("chrome.sdp");
  g_autofree char *unbundled =
      test_offer_edit (text, "a=group:BUNDLE 0 1 2\r\n", "");
  g_autofree char *session =
      g_strndup (unbundled, (gsize) (strstr (unbundled, "m=") - unbundled));

  for (guint i = 0; i < G_N_ELEMENTS (starts); i++) {
    const char *start = strstr (unbundled, starts[i]);
    const char *end = strstr (start + 1, "\r\nm=");
    g_autofree char *mline =
        end ? g_strndup (start, (gsize) (end + 2 - start)) : g_strdup (start);
    g_autofree char *alone = g_strconcat (session, mline, NULL);
    g_autoptr (GstKvsSdpOffer) offer = parse (alone);
    g_autofree GstKvsSdpChoice *choices = test_offer_choices_new (offer);
    g_autoptr (GstSDPMessage) answer = NULL;

    choose_first_codec (offer, choices, TRUE, FALSE);
    answer = answer_to (offer, choices);
    g_assert_true (gst_kvs_sdp_offer_shares_transport (offer));
    g_assert_cmpuint (gst_kvs_sdp_offer_find_transport (offer), ==, 0);
    g_assert_null (gst_sdp_message_get_attribute_val (answer, "group"));
  }
}

/* Two cameras are two MediaStreams. */
static void
test_two_pictures_are_told_apart (void)
{
  g_autofree char *text = test_offer_load ("chrome.sdp");
  g_autofree char *more = g_strdup (strstr (text, "m=video"));
  g_autofree char *video =
      g_strndup (more, (gsize) (strstr (more, "m=application") - more));
  g_autofree char *second = test_offer_edit (video, "a=mid:1", "a=mid:3");
  g_autofree char *both = g_strconcat (text, second, NULL);
  g_autofree char *bundled =
      test_offer_edit (both, "BUNDLE 0 1 2", "BUNDLE 0 1 2 3");
  g_autoptr (GstKvsSdpOffer) offer = parse (bundled);
  g_autofree GstKvsSdpChoice *choices = test_offer_choices_new (offer);
  g_autoptr (GstSDPMessage) answer = NULL;

  choose_first_codec (offer, choices, TRUE, FALSE);
  choices[3].number = 1;
  answer = answer_to (offer, choices);
  g_assert_cmpstr (gst_sdp_media_get_attribute_val (
                       gst_sdp_message_get_media (answer, 1), "msid"),
      ==, "stream-0 video_sink_0");
  g_assert_cmpstr (gst_sdp_media_get_attribute_val (
                       gst_sdp_message_get_media (answer, 3), "msid"),
      ==, "stream-1 video_sink_1");
}

static void
test_bundle_is_answered_in_its_order (void)
{
  static const struct {
    const char *offered, *group;
    gboolean is_shared;
    guint transport;
  } rows[] = {
    { "a=group:BUNDLE 0 1 2", "BUNDLE 0 1 2", TRUE, 0 },
    { "a=group:BUNDLE 2 0 1", "BUNDLE 2 0 1", TRUE, 2 },
    { "a=group:BUNDLE 1 1 2 0 2", "BUNDLE 1 2 0", TRUE, 1 },
    { "a=group:BUNDLE x 1 2 0", "BUNDLE 1 2 0", TRUE, 1 },
    { "a=group:BUNDLE 0 2", "BUNDLE 0 2", FALSE, 0 },
    { "a=group:BUNDLE 2 1 9", "BUNDLE 2 1", FALSE, 2 },
    { "a=group:BUNDLE", NULL, FALSE, 0 },
    { "a=group:BUNDLE x y z", NULL, FALSE, 0 },
    { "a=group:LS 0 1 2", NULL, FALSE, 0 },
    { "a=group:BUNDLED 0 1 2", NULL, FALSE, 0 },
    { "a=group:LS 0 1\r\na=group:BUNDLE 0 1", "BUNDLE 0 1", FALSE, 0 },
    { "a=x", NULL, FALSE, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GstKvsSdpOffer) offer =
        load_edited ("chrome.sdp", "a=group:BUNDLE 0 1 2", rows[i].offered);
    g_autoptr (GstSDPMessage) answer = idle_answer_to (offer);

    g_test_message ("%s", rows[i].offered);
    g_assert_cmpstr (gst_sdp_message_get_attribute_val (answer, "group"), ==,
        rows[i].group);
    g_assert_cmpint (gst_kvs_sdp_offer_shares_transport (offer), ==,
        rows[i].is_shared);
    g_assert_cmpuint (gst_kvs_sdp_offer_find_transport (offer), ==,
        rows[i].transport);
  }
}

/* What is left out of the bundle and has no use is in nobody's way. */
static void
test_what_has_no_use_needs_no_transport_of_its_own (void)
{
  static const struct {
    const char *old, *new;
    guint transport;
  } rows[] = {
    { "m=audio", "m=hologram", 1 },
    { "SAVPF 111 63 9 0 8 13", "SAVPF 63 9 13", 1 },
    { "m=audio 9", "m=audio 0", 1 },
    { "m=audio 9", "m=audio 0 RTP/AVP 0\r\na=bundle-only\r\na=old:", 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = test_offer_load ("chrome.sdp");
    g_autofree char *useless = test_offer_edit (text, rows[i].old, rows[i].new);
    g_autofree char *edited =
        test_offer_edit (useless, "BUNDLE 0 1 2", "BUNDLE 1 2");
    g_autoptr (GstKvsSdpOffer) offer = parse (edited);
    g_autoptr (GstSDPMessage) answer = idle_answer_to (offer);

    g_assert_true (gst_kvs_sdp_offer_shares_transport (offer));
    g_assert_cmpuint (gst_kvs_sdp_offer_find_transport (offer), ==,
        rows[i].transport);
    g_assert_cmpstr (gst_sdp_message_get_attribute_val (answer, "group"), ==,
        "BUNDLE 1 2");
  }
}

/* RFC 8843 has m-lines in a bundle say nothing of their transport. */
static void
test_bundled_mlines_need_no_transport (void)
{
  static const char transport[] =
      "a=setup:actpass\r\n"
      "a=ice-ufrag:M2fIAyTzkqWwUfN0p7s9Lr4cB8hJdXvE\r\n"
      "a=ice-pwd:5nYtG1oRbQeKx3uSVmPaH6jZCi0lTwDf\r\n"
      "a=bundle-only";
  static const struct {
    const char *port, *rest;
  } rows[] = { { " 0 UDP", "a=bundle-only" }, { " 9 UDP", "a=x" } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = test_offer_load ("webrtcbin.sdp");
    g_autofree char *bare = test_offer_edit_all (text, transport, rows[i].rest);
    g_autofree char *edited =
        test_offer_edit_all (bare, " 0 UDP", rows[i].port);
    g_autoptr (GstKvsSdpOffer) offer = parse (edited);
    g_autoptr (GstSDPMessage) answer = idle_answer_to (offer);

    g_assert_cmpstr (gst_sdp_message_get_attribute_val (answer, "group"), ==,
        "BUNDLE video0 audio1 application2");
    g_assert_cmpstr (gst_kvs_sdp_offer_attribute (offer,
                         gst_sdp_message_get_media (offer->message, 2),
                         "ice-ufrag"),
        ==, "M2fIAyTzkqWwUfN0p7s9Lr4cB8hJdXvE");
  }
}

/* Extensions in two bytes (RFC 8285 section 6) are nothing that we do, say. */
static void
test_only_what_we_know_is_repeated (void)
{
  static const char *const banned[] = { "extmap-allow-mixed", "msid-semantic",
    "ulpfec", "red/", "telephone-event", "sdes:mid", "abs-send-time",
    "candidate", "a=rtcp:", "bundle-only", "mozilla", "Qx7B" };
  g_autoptr (GstKvsSdpOffer) offer = load ("chrome.sdp");
  g_autofree GstKvsSdpChoice *choices = test_offer_choices_new (offer);
  g_autofree char *text = NULL;

  choose_first_codec (offer, choices, TRUE, TRUE);
  text = test_answer_write (offer, choices);
  for (guint i = 0; i < G_N_ELEMENTS (banned); i++)
    g_assert_null (strstr (text, banned[i]));
}

static void
test_extensions_are_read (void)
{
  static const struct {
    const char *old, *new;
    guint transport_cc_id, orientation_id;
  } rows[] = {
    { "a=extmap:13 urn", "a=extmap:13 urn", 3, 13 },
    { "a=extmap:13 urn", "a=extmap:13/sendrecv urn", 3, 13 },
    { "a=extmap:13 urn", "a=extmap:13/recvonly urn", 3, 0 },
    { "a=extmap:13 urn", "a=extmap:15 urn", 3, 0 },
    { "a=extmap:13 urn", "a=extmap:0 urn", 3, 0 },
    { "a=extmap:13 urn", "a=extmap:256 urn", 3, 0 },
    { "a=extmap:13 urn", "a=extmap:-3 urn", 3, 0 },
    { "a=extmap:13 urn", "a=extmap:x urn", 3, 0 },
    { "urn:3gpp:video-orientation", "urn:3gpp:video-orientation more", 3, 13 },
    { "urn:3gpp:video-orientation", "urn:3gpp:video-orientations", 3, 0 },
    /* Two of one number. */
    { "a=extmap:13 urn", "a=extmap:3 urn", 3, 0 },
    { "a=rtcp-fb:96 transport-cc", "a=x", 3, 13 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GstKvsSdpOffer) offer =
        load_edited ("chrome.sdp", rows[i].old, rows[i].new);
    const GstKvsSdpMedia *video = media_of (offer, 1);
    const GstKvsSdpChoice choice = { .codec =
                                         match (offer, 1, "VP8", WE_ENCODE) };
    const GstKvsSdpChoice none = { NULL };
    g_autoptr (GstSDPMessage) answer = idle_answer_to (offer);

    g_test_message ("%s", rows[i].new);
    g_assert_cmpuint (video->transport_cc_id, ==, rows[i].transport_cc_id);
    g_assert_cmpuint (video->orientation_id, ==, rows[i].orientation_id);
    g_assert_cmpuint (gst_kvs_sdp_transport_cc_id (video, &choice), ==,
        choice.codec->transport_cc ? rows[i].transport_cc_id : 0);
    g_assert_cmpuint (gst_kvs_sdp_transport_cc_id (video, &none), ==, 0);
    g_assert_cmpint (choice.codec->transport_cc, ==,
        !g_str_equal (rows[i].new, "a=x"));
  }
}

static void
test_offerer_starts_dtls_unless_it_will_not (void)
{
  static const struct {
    const char *offered, *answered;
  } rows[] = {
    { "actpass", "passive" },
    { "active", "passive" },
    { "passive", "active" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = test_offer_load ("chrome.sdp");
    g_autofree char *setup = g_strconcat ("a=setup:", rows[i].offered, NULL);
    g_autofree char *edited =
        test_offer_edit_all (text, "a=setup:actpass", setup);
    g_autoptr (GstKvsSdpOffer) offer = parse (edited);
    g_autoptr (GstSDPMessage) answer = idle_answer_to (offer);

    g_assert_cmpstr (gst_kvs_sdp_answer_setup (rows[i].offered), ==,
        rows[i].answered);
    for (guint j = 0; j < offer->medias->len; j++)
      g_assert_cmpstr (gst_sdp_media_get_attribute_val (
                           gst_sdp_message_get_media (answer, j), "setup"),
          ==, rows[i].answered);
  }
}

/* What the session says counts where the m-line says nothing. */
static void
test_direction_of_the_session (void)
{
  static const struct {
    const char *session, *media, *direction;
  } rows[] = {
    { "a=inactive", "a=recvonly", "recvonly" },
    { "a=inactive", "a=sendrecv", "sendrecv" },
    { "a=sendonly", "a=recvonly", "recvonly" },
    { "a=sendrecv", "a=inactive", "inactive" },
    { "a=recvonly", "a=x", "recvonly" },
    { "a=inactive", "a=x", "inactive" },
    { "a=x", "a=x", "sendrecv" },
    { "a=x", "a=sendonly", "sendonly" },
    { "a=x", "a=SENDONLY", "sendrecv" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = test_offer_load ("chrome.sdp");
    g_autofree char *half =
        test_offer_edit (text, "a=extmap-allow-mixed", rows[i].session);
    g_autofree char *whole =
        test_offer_edit (half, "a=recvonly", rows[i].media);
    g_autoptr (GstKvsSdpOffer) offer = parse (whole);

    g_test_message ("%s, %s", rows[i].session, rows[i].media);
    g_assert_cmpstr (direction_of (media_of (offer, 0)), ==, rows[i].direction);
  }
}

static void
test_sctp_port_is_a_port (void)
{
  static const struct {
    const char *offered;
    guint read;
  } rows[] = {
    { "5000", 5000 },
    { "1", 1 },
    { "65535", 65535 },
    { "65536", 5000 },
    { "99999", 5000 },
    { "0", 5000 },
    { "-1", 5000 },
    { "", 5000 },
    { "x", 5000 },
    { "5001 x", 5000 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *line = g_strconcat ("a=sctp-port:", rows[i].offered, NULL);
    g_autoptr (GstKvsSdpOffer) offer =
        load_edited ("chrome.sdp", "a=sctp-port:5000", line);
    g_autoptr (GstSDPMessage) answer = idle_answer_to (offer);

    g_assert_cmpuint (media_of (offer, 2)->sctp_port, ==, rows[i].read);
    /* Ours is our own. */
    g_assert_cmpstr (gst_sdp_media_get_attribute_val (
                         gst_sdp_message_get_media (answer, 2), "sctp-port"),
        ==, "5000");
  }
}

/* RFC 8841 section 6.1: 64 kB where nothing is said, and 0 is no limit. */
static void
test_max_message_size_is_read (void)
{
  static const struct {
    const char *offered;
    guint32 read;
  } rows[] = {
    { "a=max-message-size:262144", 262144 },
    { "a=max-message-size:0", 0 },
    { "a=max-message-size:4294967295", 4294967295u },
    { "a=max-message-size:4294967296", 65536 },
    { "a=max-message-size:-1", 65536 },
    { "a=max-message-size:1x", 65536 },
    { "a=max-message-size", 65536 },
    { "a=x", 65536 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GstKvsSdpOffer) offer = load_edited ("chrome.sdp",
        "a=max-message-size:262144", rows[i].offered);

    g_test_message ("%s", rows[i].offered);
    g_assert_cmpuint (media_of (offer, 2)->max_message_size, ==, rows[i].read);
    g_assert_cmpuint (media_of (offer, 0)->max_message_size, ==, 0);
  }
}

/* Of the drafts before RFC 8841, as browsers wrote it for years. */
static void
test_old_data_mline_names_its_port (void)
{
  static const struct {
    const char *mline;
    guint port;
  } rows[] = {
    { "DTLS/SCTP 5000\r\na=sctpmap:5000 webrtc-datachannel 1024", 5000 },
    { "DTLS/SCTP 5001\r\na=sctpmap:5001 webrtc-datachannel", 5001 },
    { "DTLS/SCTP 5001\r\na=sctpmap:5000 webrtc-datachannel 1024", 0 },
    { "DTLS/SCTP 65536\r\na=sctpmap:65536 webrtc-datachannel 1024", 0 },
    { "DTLS/SCTP x\r\na=sctpmap:x webrtc-datachannel 1024", 0 },
    { "DTLS/SCTP 5000\r\na=sctpmap:5000", 0 },
    { "DTLS/SCTP 5000\r\na=sctpmap", 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GstKvsSdpOffer) offer = load_edited ("chrome.sdp",
        "UDP/DTLS/SCTP webrtc-datachannel", rows[i].mline);
    g_autoptr (GstSDPMessage) answer = idle_answer_to (offer);

    g_assert_cmpuint (media_of (offer, 2)->sctp_port, ==, rows[i].port);
    g_assert_cmpint (media_of (offer, 2)->is_data, ==, rows[i].port > 0);
  }
}

static void
test_codecs_are_described (void)
{
  g_autoptr (GstKvsSdpOffer) chrome = load ("chrome.sdp");
  g_autoptr (GstKvsSdpOffer) sdk = load ("amazon-c-sdk.sdp");
  g_autofree char *many = gst_kvs_sdp_offer_describe_codecs (chrome);
  g_autoptr (GstKvsSdpOffer) simple = load_edited ("amazon-c-sdk.sdp",
      "packetization-mode=1", "packetization-mode=0");
  g_autofree char *few = gst_kvs_sdp_offer_describe_codecs (sdk);
  g_autofree char *single = gst_kvs_sdp_offer_describe_codecs (simple);

  g_assert_true (g_str_has_prefix (many, "opus, red, G722, PCMU, PCMA"));
  g_assert_nonnull (strstr (many, "VP8, rtx, H264, AV1, VP9"));
  g_assert_cmpstr (few, ==, "opus, H264");
  g_assert_cmpstr (single, ==, "opus, H264 without packetization-mode=1");
}

static void
test_mline_of_a_candidate (void)
{
  static const struct {
    const char *mid;
    int index, mline;
  } rows[] = {
    { "video0", 0, 0 },
    { "audio1", -1, 1 },
    { "application2", 0, 2 },
    { "0", 1, 1 },
    { "0", -1, -1 },
    { "0", 3, -1 },
    { NULL, 2, 2 },
    { NULL, 3, -1 },
    { NULL, G_MAXINT, -1 },
    { NULL, -1, 0 },
    { "", -1, -1 },
  };
  g_autoptr (GstKvsSdpOffer) offer = load ("webrtcbin.sdp");

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpint (gst_kvs_sdp_offer_find_mline (offer, rows[i].mid,
                         rows[i].index),
        ==, rows[i].mline);
}

static guint
count (const char *text, const char *part)
{
  guint n = 0;

  for (const char *p = strstr (text, part); p; p = strstr (p + 1, part))
    n++;
  return n;
}

static char *
answer_with (const GstKvsSdpOffer *offer, const GstKvsSdpCodec *codec)
{
  g_autofree GstKvsSdpChoice *choices = test_offer_choices_new (offer);
  char *text;

  choices[1].codec = codec;
  choices[1].send = TRUE;
  text = test_answer_write (offer, choices);
  test_answer_assert (offer, choices, text);
  return text;
}

static void
test_answer_says_the_h264_profile (void)
{
  g_autoptr (GstKvsSdpOffer) offer = load ("chrome.sdp");
  g_autoptr (GstKvsSdpOffer) silent =
      load_edited ("amazon-c-sdk.sdp", ";profile-level-id=42e01f", "");
  g_autofree char *high = answer_with (offer, match (offer, 1, "H264", HIGH));
  g_autofree char *vp8 =
      answer_with (offer, match (offer, 1, "VP8", WE_ENCODE));
  g_autofree char *usual =
      answer_with (silent, match (silent, 1, "H264", WE_ENCODE));

  g_assert_nonnull (strstr (high,
      "a=fmtp:112 level-asymmetry-allowed=1;"
      "packetization-mode=1;profile-level-id=64001f\r\n"));
  g_assert_cmpuint (count (high, "a=fmtp:112 "), ==, 1);
  g_assert_cmpuint (count (high, "a=fmtp:113 apt=112"), ==, 1);
  g_assert_null (strstr (vp8, "profile-level-id"));
  g_assert_nonnull (strstr (usual, "profile-level-id=42e01f"));
}

#define OTHER_FINGERPRINT                                              \
  "sha-384 98:BB:2E:5D:8B:96:DE:9D:11:C3:45:47:17:29:8B:01:C8:BD:0F"   \
  ":01:DD:53:50:37:60:98:20:15:3F:FA:AD:CE:CA:15:76:2C:C9:DF:33:9E:56" \
  ":06:C4:3E:CA:5B:63:8C"

/* RFC 8122 section 5: several, of which any one may be the certificate's. */
static void
test_all_usable_fingerprints_are_read (void)
{
  static const char *const places[] = { "a=group:BUNDLE 0 1 2\r\n",
    "a=mid:0\r\n" };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++) {
    g_autofree char *more = g_strconcat (places[i],
        "a=fingerprint:sha-1 3B:66\r\n"
        "a=fingerprint:" OTHER_FINGERPRINT "\r\n",
        NULL);
    g_autoptr (GstKvsSdpOffer) offer =
        load_edited ("firefox.sdp", places[i], more);
    GPtrArray *fingerprints = offer->fingerprints;

    g_assert_cmpuint (fingerprints->len, ==, 2);
    g_assert_true (g_ptr_array_find_with_equal_func (fingerprints, FINGERPRINT,
        g_str_equal, NULL));
    g_assert_true (g_ptr_array_find_with_equal_func (fingerprints,
        OTHER_FINGERPRINT, g_str_equal, NULL));
  }
}

static void
test_only_a_usable_fingerprint_is_read (void)
{
  g_autoptr (GstKvsSdpOffer) offer = load_edited ("chrome.sdp",
      "a=fingerprint:sha-256 3B:66:1E", "a=fingerprint:sha-256 nonsense");

  g_assert_cmpuint (offer->fingerprints->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (offer->fingerprints, 0), ==, FINGERPRINT);
}

static void
add_peer_tests (const Peer *peer)
{
  static const struct {
    const char *name;
    GTestDataFunc func;
  } tests[] = {
    { "is-read", test_is_read },
    { "matches", test_matches },
    { "is-answered", test_is_answered },
    { "each-match-is-answered", test_each_match_is_answered },
    { "is-one-of-any-line-end", test_is_one_of_any_line_end },
  };
  g_autofree char *name = g_strndup (peer->file, strcspn (peer->file, "."));

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++) {
    g_autofree char *path = g_strdup_printf ("/sdp/%s/%s", name, tests[i].name);

    g_test_add_data_func (path, peer, tests[i].func);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    add_peer_tests (&peers[i]);
  g_test_add_func ("/sdp/codec-is-described-as-it-was-offered",
      test_codec_is_described_as_it_was_offered);
  g_test_add_func ("/sdp/whole-answer", test_whole_answer);
  g_test_add_func ("/sdp/each-answer-is-a-session-of-its-own",
      test_each_answer_is_a_session_of_its_own);
  g_test_add_func ("/sdp/feedback-is-as-offered", test_feedback_is_as_offered);
  g_test_add_func ("/sdp/wildcard-feedback-is-for-all",
      test_wildcard_feedback_is_for_all);
  g_test_add_func ("/sdp/ssrcs-are-read", test_ssrcs_are_read);
  g_test_add_func ("/sdp/h264-needs-packetization-mode-1",
      test_h264_needs_packetization_mode_1);
  g_test_add_func ("/sdp/rtpmap-must-be-the-codecs-own",
      test_rtpmap_must_be_the_codecs_own);
  g_test_add_func ("/sdp/h264-profile-of-its-own-is-found",
      test_h264_profile_of_its_own_is_found);
  g_test_add_func ("/sdp/pcm-has-one-channel", test_pcm_has_one_channel);
  g_test_add_func ("/sdp/static-payload-types-need-no-rtpmap",
      test_static_payload_types_need_no_rtpmap);
  g_test_add_func ("/sdp/nonsense-formats-are-passed-over",
      test_nonsense_formats_are_passed_over);
  g_test_add_func ("/sdp/apt-loops-lead-nowhere", test_apt_loops_lead_nowhere);
  g_test_add_func ("/sdp/rtx-format-is-a-number", test_rtx_format_is_a_number);
  g_test_add_func ("/sdp/ssrcs-are-few-and-legal",
      test_ssrcs_are_few_and_legal);
  g_test_add_func ("/sdp/rejected-mline-stays-rejected",
      test_rejected_mline_stays_rejected);
  g_test_add_func ("/sdp/what-cannot-be-answered-is-rejected",
      test_what_cannot_be_answered_is_rejected);
  g_test_add_func ("/sdp/second-data-mline-is-rejected",
      test_second_data_mline_is_rejected);
  g_test_add_func ("/sdp/one-mline-needs-no-bundle",
      test_one_mline_needs_no_bundle);
  g_test_add_func ("/sdp/two-pictures-are-told-apart",
      test_two_pictures_are_told_apart);
  g_test_add_func ("/sdp/bundle-is-answered-in-its-order",
      test_bundle_is_answered_in_its_order);
  g_test_add_func ("/sdp/what-has-no-use-needs-no-transport-of-its-own",
      test_what_has_no_use_needs_no_transport_of_its_own);
  g_test_add_func ("/sdp/bundled-mlines-need-no-transport",
      test_bundled_mlines_need_no_transport);
  g_test_add_func ("/sdp/only-what-we-know-is-repeated",
      test_only_what_we_know_is_repeated);
  g_test_add_func ("/sdp/extensions-are-read", test_extensions_are_read);
  g_test_add_func ("/sdp/offerer-starts-dtls-unless-it-will-not",
      test_offerer_starts_dtls_unless_it_will_not);
  g_test_add_func ("/sdp/direction-of-the-session",
      test_direction_of_the_session);
  g_test_add_func ("/sdp/sctp-port-is-a-port", test_sctp_port_is_a_port);
  g_test_add_func ("/sdp/max-message-size-is-read",
      test_max_message_size_is_read);
  g_test_add_func ("/sdp/old-data-mline-names-its-port",
      test_old_data_mline_names_its_port);
  g_test_add_func ("/sdp/codecs-are-described", test_codecs_are_described);
  g_test_add_func ("/sdp/mline-of-a-candidate", test_mline_of_a_candidate);
  g_test_add_func ("/sdp/answer-says-the-h264-profile",
      test_answer_says_the_h264_profile);
  g_test_add_func ("/sdp/all-usable-fingerprints-are-read",
      test_all_usable_fingerprints_are_read);
  g_test_add_func ("/sdp/only-a-usable-fingerprint-is-read",
      test_only_a_usable_fingerprint_is_read);
  return g_test_run ();
}
