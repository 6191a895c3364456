/* What real peers offer, what is read from it, and what webrtcbin is shown. */
#include <gst/gst.h>
#include <string.h>

#include "fingerprint.h"
#include "match.h"
#include "offers.h"
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

static void
assert_formats (const GstSDPMedia *media, const GstKvsSdpCodec *c)
{
  guint n = gst_sdp_media_formats_len (media);

  g_assert_cmpuint (n, ==, c && c->rtx_pt >= 0 ? 2 : 1);
  if (!c)
    return;
  g_assert_cmpint (atoi (gst_sdp_media_get_format (media, 0)), ==, c->pt);
  if (n == 2)
    g_assert_cmpint (atoi (gst_sdp_media_get_format (media, 1)), ==, c->rtx_pt);
}

static gboolean
has (const GstSDPMedia *media, const char *attribute)
{
  return gst_sdp_media_get_attribute_val (media, attribute) != NULL;
}

static void
assert_direction (const GstSDPMedia *media, const char *direction)
{
  static const char *const all[] = { "sendrecv", "sendonly", "recvonly",
    "inactive" };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    g_assert_true (has (media, all[i]) == g_str_equal (all[i], direction));
}

static void
assert_transport (const GstSDPMedia *media)
{
  static const char *const all[] = { "ice-ufrag", "ice-pwd", "setup",
    "fingerprint", "mid" };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    g_assert_true (has (media, all[i]));
  g_assert_cmpuint (gst_sdp_media_get_port (media), ==, 9);
}

static void
assert_data_channel (const GstSDPMedia *media)
{
  g_assert_cmpstr (gst_sdp_media_get_media (media), ==, "application");
  g_assert_cmpstr (gst_sdp_media_get_proto (media), ==, "UDP/DTLS/SCTP");
  g_assert_cmpstr (gst_sdp_media_get_format (media, 0), ==,
      "webrtc-datachannel");
  g_assert_cmpstr (gst_sdp_media_get_attribute_val (media, "sctp-port"), ==,
      "5000");
}

/* Nothing of what webrtcbin would answer by itself, or trip over. */
static void
assert_narrow (const char *text, gboolean receives)
{
  static const char *const banned[] = { "extmap", "transport-cc", "goog-remb",
    "candidate", "ulpfec", "red/", "msid", "ssrc-group", "bundle-only",
    "rtcp:9", "max-message-size" };

  for (guint i = 0; i < G_N_ELEMENTS (banned); i++)
    g_assert_null (strstr (text, banned[i]));
  if (!receives)
    g_assert_null (strstr (text, "a=ssrc"));
}

/* What each m-line is used for; the peer's side of it is the answer's reverse. */
static const struct {
  gboolean send, receive;
  const char *offered;
} uses[] = {
  { TRUE, FALSE, "recvonly" },
  { FALSE, TRUE, "sendonly" },
  { TRUE, TRUE, "sendrecv" },
  { FALSE, FALSE, "inactive" },
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

static void
assert_same_mlines (const GstKvsSdpOffer *a, const GstKvsSdpOffer *b)
{
  g_assert_cmpuint (a->medias->len, ==, b->medias->len);
  for (guint i = 0; i < a->medias->len; i++) {
    g_assert_cmpint (kind_of (media_of (a, i)), ==, kind_of (media_of (b, i)));
    g_assert_cmpstr (media_of (a, i)->mid, ==, media_of (b, i)->mid);
  }
}

static void
check_narrow (const Peer *peer, guint use)
{
  g_autoptr (GstKvsSdpOffer) offer = load (peer->file);
  g_autofree GstKvsSdpChoice *choices = test_offer_choices_new (offer);
  g_autofree char *group = g_strconcat ("BUNDLE ", peer->mids, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GstKvsSdpOffer) again = NULL;
  GstSDPMessage *narrow;

  choose_first_codec (offer, choices, uses[use].send, uses[use].receive);
  narrow = gst_kvs_sdp_offer_narrow (offer, choices);
  for (guint i = 0; i < offer->medias->len; i++) {
    const GstSDPMedia *media = gst_sdp_message_get_media (narrow, i);

    assert_transport (media);
    if (media_of (offer, i)->is_data) {
      assert_data_channel (media);
    } else {
      assert_formats (media, choices[i].codec);
      assert_direction (media, uses[use].offered);
      g_assert_true (has (media, "rtcp-mux"));
    }
  }
  g_assert_cmpstr (gst_sdp_message_get_attribute_val (narrow, "group"), ==,
      group);
  text = gst_sdp_message_as_text (narrow);
  assert_narrow (text, uses[use].receive);
  again = parse (text);
  assert_same_mlines (offer, again);
  g_assert_cmpstr (g_ptr_array_index (again->fingerprints, 0), ==, FINGERPRINT);
  gst_sdp_message_free (narrow);
}

static void
test_is_narrowed (gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (uses); i++)
    check_narrow (data, i);
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

/* A narrowed codec is all there is: reading it again gives what was chosen. */
static void
test_narrow_keeps_the_choice (void)
{
  g_autoptr (GstKvsSdpOffer) offer = load ("chrome.sdp");
  g_autofree GstKvsSdpChoice *choices = test_offer_choices_new (offer);
  g_autoptr (GstKvsSdpOffer) again = NULL;
  g_autofree char *text = NULL;
  GstSDPMessage *narrow;
  const GstKvsSdpCodec *c;

  choices[1].codec = match (offer, 1, "H264", HIGH);
  choices[1].send = TRUE;
  narrow = gst_kvs_sdp_offer_narrow (offer, choices);
  text = gst_sdp_message_as_text (narrow);
  gst_sdp_message_free (narrow);
  again = parse (text);

  g_assert_cmpstr (direction_of (media_of (again, 0)), ==, "inactive");
  g_assert_cmpstr (direction_of (media_of (again, 1)), ==, "recvonly");
  g_assert_cmpuint (media_of (again, 1)->codecs->len, ==, 1);
  c = match (again, 1, "H264", WE_ENCODE);
  g_assert_cmpint (c->pt, ==, 112);
  g_assert_cmpint (c->rtx_pt, ==, 113);
  g_assert_true (c->nack && c->nack_pli && c->ccm_fir);
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
test_ssrcs_are_read_and_passed_on (void)
{
  g_autoptr (GstKvsSdpOffer) offer = load ("safari.sdp");
  g_autofree GstKvsSdpChoice *choices = test_offer_choices_new (offer);
  const GstKvsSdpMedia *video = media_of (offer, 1);
  g_autofree char *text = NULL;
  GstSDPMessage *narrow;

  g_assert_cmpuint (media_of (offer, 0)->ssrcs->len, ==, 1);
  g_assert_cmpuint (video->ssrcs->len, ==, 2);
  g_assert_cmpuint (g_array_index (video->ssrcs, guint32, 0), ==, 4021833307u);
  g_assert_cmpuint (g_array_index (video->ssrcs, guint32, 1), ==, 1746180952u);

  choose_first_codec (offer, choices, FALSE, TRUE);
  narrow = gst_kvs_sdp_offer_narrow (offer, choices);
  text = gst_sdp_message_as_text (narrow);
  gst_sdp_message_free (narrow);
  g_assert_nonnull (strstr (text, "a=ssrc:4021833307 cname:"));
  g_assert_nonnull (strstr (text, "a=ssrc:1746180952 cname:"));
  g_assert_null (strstr (text, "fX2s0bQ1p9aLk3Zt"));
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
  g_autofree GstKvsSdpChoice *choices = test_offer_choices_new (offer);
  const GstKvsSdpMedia *audio = media_of (offer, 0);
  const GstSDPMedia *written;
  GstSDPMessage *narrow;

  g_assert_true (audio->is_rejected);
  g_assert_cmpuint (audio->codecs->len, ==, 0);
  g_assert_cmpuint (offer->candidates->len, ==, 0);
  narrow = gst_kvs_sdp_offer_narrow (offer, choices);
  written = gst_sdp_message_get_media (narrow, 0);
  g_assert_cmpuint (gst_sdp_media_get_port (written), ==, 0);
  g_assert_false (has (written, "ice-ufrag"));
  assert_direction (written, "inactive");
  g_assert_cmpstr (gst_sdp_message_get_attribute_val (narrow, "group"), ==,
      "BUNDLE 1 2");
  gst_sdp_message_free (narrow);
}

static void
test_unbundled_mlines_stay_so (void)
{
  static const struct {
    const char *offered, *group;
  } rows[] = {
    { "a=group:BUNDLE 0 2", "BUNDLE 0 2" },
    { "a=group:BUNDLE 2 1 9", "BUNDLE 1 2" },
    { "a=group:BUNDLE", NULL },
    { "a=group:LS 0 1 2", NULL },
    { "a=group:BUNDLED 0 1 2", NULL },
    { "a=group:LS 0 1\r\na=group:BUNDLE 0 1", "BUNDLE 0 1" },
    { "a=x", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GstKvsSdpOffer) offer =
        load_edited ("chrome.sdp", "a=group:BUNDLE 0 1 2", rows[i].offered);
    g_autofree GstKvsSdpChoice *choices = test_offer_choices_new (offer);
    GstSDPMessage *narrow = gst_kvs_sdp_offer_narrow (offer, choices);

    g_assert_cmpstr (gst_sdp_message_get_attribute_val (narrow, "group"), ==,
        rows[i].group);
    gst_sdp_message_free (narrow);
  }
}

/* RFC 8843 has m-lines in a bundle say nothing of their transport. */
static void
test_bundle_only_mlines_need_no_transport (void)
{
  static const char transport[] =
      "a=ice-ufrag:M2fIAyTzkqWwUfN0p7s9Lr4cB8hJdXvE\r\n"
      "a=ice-pwd:5nYtG1oRbQeKx3uSVmPaH6jZCi0lTwDf\r\n"
      "a=bundle-only";
  g_autofree char *text = test_offer_load ("webrtcbin.sdp");
  g_autofree char *bare =
      test_offer_edit_all (text, transport, "a=bundle-only");
  g_autoptr (GstKvsSdpOffer) offer = parse (bare);
  g_autofree GstKvsSdpChoice *choices = test_offer_choices_new (offer);
  GstSDPMessage *narrow = gst_kvs_sdp_offer_narrow (offer, choices);

  for (guint i = 0; i < offer->medias->len; i++)
    assert_transport (gst_sdp_message_get_media (narrow, i));
  gst_sdp_message_free (narrow);
}

static void
test_ice_lite_is_passed_on (void)
{
  static const gboolean rows[] = { FALSE, TRUE };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GstKvsSdpOffer) offer = load_edited ("chrome.sdp",
        "a=extmap-allow-mixed", rows[i] ? "a=ice-lite" : "a=x");
    g_autofree GstKvsSdpChoice *choices = test_offer_choices_new (offer);
    GstSDPMessage *narrow = gst_kvs_sdp_offer_narrow (offer, choices);

    g_assert_true (
        (gst_sdp_message_get_attribute_val (narrow, "ice-lite") != NULL)
        == rows[i]);
    gst_sdp_message_free (narrow);
  }
}

static void
test_offerer_starts_dtls_unless_it_will_not (void)
{
  static const struct {
    const char *offered, *narrow;
  } rows[] = {
    { "actpass", "active" },
    { "active", "active" },
    { "passive", "passive" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = test_offer_load ("chrome.sdp");
    g_autofree char *setup = g_strconcat ("a=setup:", rows[i].offered, NULL);
    g_autofree char *edited =
        test_offer_edit_all (text, "a=setup:actpass", setup);
    g_autoptr (GstKvsSdpOffer) offer = parse (edited);
    g_autofree GstKvsSdpChoice *choices = test_offer_choices_new (offer);
    GstSDPMessage *narrow = gst_kvs_sdp_offer_narrow (offer, choices);

    for (guint j = 0; j < offer->medias->len; j++)
      g_assert_cmpstr (gst_sdp_media_get_attribute_val (
                           gst_sdp_message_get_media (narrow, j), "setup"),
          ==, rows[i].narrow);
    gst_sdp_message_free (narrow);
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
    const char *offered, *written;
  } rows[] = {
    { "5000", "5000" },
    { "1", "1" },
    { "65535", "65535" },
    { "65536", "5000" },
    { "99999", "5000" },
    { "0", "5000" },
    { "-1", "5000" },
    { "", "5000" },
    { "x", "5000" },
    { "5001 x", "5000" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *line = g_strconcat ("a=sctp-port:", rows[i].offered, NULL);
    g_autoptr (GstKvsSdpOffer) offer =
        load_edited ("chrome.sdp", "a=sctp-port:5000", line);
    g_autofree GstKvsSdpChoice *choices = test_offer_choices_new (offer);
    GstSDPMessage *narrow = gst_kvs_sdp_offer_narrow (offer, choices);

    g_assert_cmpstr (gst_sdp_media_get_attribute_val (
                         gst_sdp_message_get_media (narrow, 2), "sctp-port"),
        ==, rows[i].written);
    gst_sdp_message_free (narrow);
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

static void
test_codec_preferences (void)
{
  g_autoptr (GstKvsSdpOffer) offer = load ("chrome.sdp");
  g_autoptr (GstCaps) vp8 =
      gst_kvs_sdp_codec_preferences (match (offer, 1, "VP8", WE_ENCODE),
          4000000000u);
  g_autoptr (GstCaps) opus =
      gst_kvs_sdp_codec_preferences (match (offer, 0, "OPUS", WE_ENCODE), 7);
  g_autoptr (GstCaps) vp8_wanted = gst_caps_from_string (
      "application/x-rtp,media=video,encoding-name=VP8,clock-rate=90000,"
      "payload=96,ssrc=(uint)4000000000,rtcp-fb-nack-pli=true,"
      "rtcp-fb-ccm-fir=true");
  g_autoptr (GstCaps) opus_wanted = gst_caps_from_string (
      "application/x-rtp,media=audio,encoding-name=OPUS,clock-rate=48000,"
      "encoding-params=(string)2,payload=111,ssrc=(uint)7");

  g_assert_true (gst_caps_is_strictly_equal (vp8, vp8_wanted));
  g_assert_true (gst_caps_is_strictly_equal (opus, opus_wanted));
}

static guint
count (const char *text, const char *part)
{
  guint n = 0;

  for (const char *p = strstr (text, part); p; p = strstr (p + 1, part))
    n++;
  return n;
}

/* The narrowed offer will do as an answer here: its m-lines are the same. */
static char *
answer_with (const GstKvsSdpOffer *offer, const GstKvsSdpCodec *codec)
{
  g_autofree GstKvsSdpChoice *choices = test_offer_choices_new (offer);
  GstSDPMessage *answer;
  char *text;

  choices[1].codec = codec;
  choices[1].send = TRUE;
  answer = gst_kvs_sdp_offer_narrow (offer, choices);
  text = gst_kvs_sdp_answer_finish (answer, offer, choices);
  gst_sdp_message_free (answer);
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
  g_assert_nonnull (strstr (high, "a=ice-options:trickle"));
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
test_only_a_usable_fingerprint_is_passed_on (void)
{
  g_autoptr (GstKvsSdpOffer) offer = load_edited ("chrome.sdp",
      "a=fingerprint:sha-256 3B:66:1E", "a=fingerprint:sha-256 nonsense");
  g_autofree GstKvsSdpChoice *choices = test_offer_choices_new (offer);
  GstSDPMessage *narrow = gst_kvs_sdp_offer_narrow (offer, choices);

  g_assert_cmpstr (gst_sdp_media_get_attribute_val (
                       gst_sdp_message_get_media (narrow, 0), "fingerprint"),
      ==, FINGERPRINT);
  gst_sdp_message_free (narrow);
}

/* Made with openssl, which also told its fingerprints. */
static const char certificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBdTCCARugAwIBAgIUJkqWvrWwuF8v9fK0R6/Ygg+VHrwwCgYIKoZIzj0EAwIw\n"
    "DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjIyMTExNTdaGA8yMTI2MTAyOTIxMTE1\n"
    "N1owDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABE7s\n"
    "0i80XobXogDtpe5bGRB1GvGDVdv7ei8t0R7tfA3frkMhcYIRYfmlj3sGBAl08Mk0\n"
    "P4iqM1BuSAQWA8DYGiCjUzBRMB0GA1UdDgQWBBQvbTs9lzjO7R1fv6KFnwe0iba1\n"
    "tjAfBgNVHSMEGDAWgBQvbTs9lzjO7R1fv6KFnwe0iba1tjAPBgNVHRMBAf8EBTAD\n"
    "AQH/MAoGCCqGSM49BAMCA0gAMEUCIFDqQekN9J5AIWvYCdSv2I0ZaMFyIzv2C1Gk\n"
    "GeSvuQtGAiEAw1ID5UM+HhTRMVaBgnJ0r8vbIHlZLIiHTeBDXdVEmSk=\n"
    "-----END CERTIFICATE-----\n";

static void
test_fingerprint_of_a_certificate (void)
{
  static const char *const fingerprints[] = {
    "sha-256 7F:EE:0C:15:00:A3:B7:F0:32:14:AF:CD:17:35:06:1C:2F:19:9F:7E:E2"
    ":B5:9E:C4:C9:BA:88:BF:12:EA:76:8F",
    "sha-384 98:BB:2E:5D:8B:96:DE:9D:11:C3:45:47:17:29:8B:01:C8:BD:0F:01:DD"
    ":53:50:37:60:98:20:15:3F:FA:AD:CE:CA:15:76:2C:C9:DF:33:9E:56:06:C4:3E"
    ":CA:5B:63:8C",
    "sha-512 70:2C:6C:11:F9:0D:DB:83:FB:66:76:87:6F:B5:98:4E:A6:D5:2B:F2:D1"
    ":B0:CB:86:FC:49:02:20:08:0D:3B:21:76:7E:27:4A:CA:4E:31:15:5D:E8:B0:2F"
    ":BE:41:1B:A5:C3:B2:F3:07:59:D3:2D:B8:01:08:6D:CE:74:9D:35:52",
  };
  static const char *const bad[] = { "", "nonsense",
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" };

  for (guint i = 0; i < G_N_ELEMENTS (fingerprints); i++) {
    g_autofree char *made =
        gst_kvs_sdp_fingerprint_of_pem (certificate, fingerprints[i]);

    g_assert_cmpstr (made, ==, fingerprints[i]);
  }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (gst_kvs_sdp_fingerprint_of_pem (bad[i], FINGERPRINT));
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
    { "is-narrowed", test_is_narrowed },
    { "is-one-of-any-line-end", test_is_one_of_any_line_end },
  };
  g_autofree char *name = g_strndup (peer->file, strcspn (peer->file, "."));

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++) {
    g_autofree char *path = g_strdup_printf ("/sdp/%s/%s", name, tests[i].name);

    g_test_add_data_func (path, peer, tests[i].func);
  }
}

/* What lets the watchdog wait for it from the start. */
static void
test_only_amazons_c_sdk_may_be_silent (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (peers); i++) {
    g_autofree char *text = test_offer_load (peers[i].file);
    g_autoptr (GstKvsSdpOffer) offer = gst_kvs_sdp_offer_parse (text, NULL);

    g_assert_cmpint (gst_kvs_sdp_offer_sends_rtcp (offer), ==,
        !g_str_equal (peers[i].file, "amazon-c-sdk.sdp"));
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    add_peer_tests (&peers[i]);
  g_test_add_func ("/sdp/only-amazons-c-sdk-may-be-silent",
      test_only_amazons_c_sdk_may_be_silent);
  g_test_add_func ("/sdp/narrow-keeps-the-choice",
      test_narrow_keeps_the_choice);
  g_test_add_func ("/sdp/feedback-is-as-offered", test_feedback_is_as_offered);
  g_test_add_func ("/sdp/wildcard-feedback-is-for-all",
      test_wildcard_feedback_is_for_all);
  g_test_add_func ("/sdp/ssrcs-are-read-and-passed-on",
      test_ssrcs_are_read_and_passed_on);
  g_test_add_func ("/sdp/h264-needs-packetization-mode-1",
      test_h264_needs_packetization_mode_1);
  g_test_add_func ("/sdp/rtpmap-must-be-the-codecs-own",
      test_rtpmap_must_be_the_codecs_own);
  g_test_add_func ("/sdp/h264-profile-of-its-own-is-found",
      test_h264_profile_of_its_own_is_found);
  g_test_add_func ("/sdp/pcm-has-one-channel", test_pcm_has_one_channel);
  g_test_add_func ("/sdp/rtx-format-is-a-number", test_rtx_format_is_a_number);
  g_test_add_func ("/sdp/ssrcs-are-few-and-legal",
      test_ssrcs_are_few_and_legal);
  g_test_add_func ("/sdp/static-payload-types-need-no-rtpmap",
      test_static_payload_types_need_no_rtpmap);
  g_test_add_func ("/sdp/nonsense-formats-are-passed-over",
      test_nonsense_formats_are_passed_over);
  g_test_add_func ("/sdp/apt-loops-lead-nowhere", test_apt_loops_lead_nowhere);
  g_test_add_func ("/sdp/rejected-mline-stays-rejected",
      test_rejected_mline_stays_rejected);
  g_test_add_func ("/sdp/unbundled-mlines-stay-so",
      test_unbundled_mlines_stay_so);
  g_test_add_func ("/sdp/bundle-only-mlines-need-no-transport",
      test_bundle_only_mlines_need_no_transport);
  g_test_add_func ("/sdp/ice-lite-is-passed-on", test_ice_lite_is_passed_on);
  g_test_add_func ("/sdp/offerer-starts-dtls-unless-it-will-not",
      test_offerer_starts_dtls_unless_it_will_not);
  g_test_add_func ("/sdp/direction-of-the-session",
      test_direction_of_the_session);
  g_test_add_func ("/sdp/sctp-port-is-a-port", test_sctp_port_is_a_port);
  g_test_add_func ("/sdp/codecs-are-described", test_codecs_are_described);
  g_test_add_func ("/sdp/mline-of-a-candidate", test_mline_of_a_candidate);
  g_test_add_func ("/sdp/codec-preferences", test_codec_preferences);
  g_test_add_func ("/sdp/answer-says-the-h264-profile",
      test_answer_says_the_h264_profile);
  g_test_add_func ("/sdp/all-usable-fingerprints-are-read",
      test_all_usable_fingerprints_are_read);
  g_test_add_func ("/sdp/only-a-usable-fingerprint-is-passed-on",
      test_only_a_usable_fingerprint_is_passed_on);
  g_test_add_func ("/sdp/fingerprint-of-a-certificate",
      test_fingerprint_of_a_certificate);
  return g_test_run ();
}
