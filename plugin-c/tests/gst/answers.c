#include "answers.h"

#include <stdlib.h>
#include <string.h>

#include "extension.h"
#include "match.h"
#include "offers.h"
#include "sdpbundle.h"
#include "sdpcodec.h"

static GstKvsSdpStream *
streams_new (const GstKvsSdpOffer *offer, const GstKvsSdpChoice *choices)
{
  GstKvsSdpStream *streams = g_new0 (GstKvsSdpStream, offer->medias->len);

  for (guint i = 0; i < offer->medias->len; i++) {
    if (!choices[i].send)
      continue;
    streams[i].ssrc = TEST_SSRC (i);
    streams[i].rtx_ssrc = choices[i].codec->rtx_pt >= 0 ? TEST_SSRC (i) + 1 : 0;
  }
  return streams;
}

static const char *
setup_of (const GstKvsSdpOffer *offer)
{
  const GstSDPMedia *transport = gst_sdp_message_get_media (offer->message,
      gst_kvs_sdp_offer_find_transport (offer));

  return gst_kvs_sdp_answer_setup (
      gst_kvs_sdp_offer_attribute (offer, transport, "setup"));
}

char *
test_answer_write (const GstKvsSdpOffer *offer, const GstKvsSdpChoice *choices)
{
  g_autofree GstKvsSdpStream *streams = streams_new (offer, choices);
  const GstKvsSdpTransport transport = { .ufrag = TEST_UFRAG,
    .password = TEST_PASSWORD,
    .fingerprint = TEST_FINGERPRINT,
    .setup = setup_of (offer) };

  return gst_kvs_sdp_answer_write (offer, choices, streams, &transport,
      TEST_CNAME);
}

guint
test_answer_count (const GstSDPMedia *media, const char *key)
{
  guint n = 0;

  while (gst_sdp_media_get_attribute_val_n (media, key, n))
    n++;
  return n;
}

/* Whether the m-line says this, once. */
static gboolean
says (const GstSDPMedia *media, const char *key, const char *value)
{
  guint n = 0;

  for (guint i = 0; i < test_answer_count (media, key); i++)
    n += g_str_equal (gst_sdp_media_get_attribute_val_n (media, key, i), value);
  g_assert_cmpuint (n, <=, 1);
  return n == 1;
}

static gboolean
says_of_codec (const GstSDPMedia *media, const char *key, int pt,
    const char *what)
{
  g_autofree char *value = g_strdup_printf ("%d %s", pt, what);

  return says (media, key, value);
}

/* RFC 8866 section 5, whoever reads it: lines of one letter, in their order. */
static void
assert_lines (const char *text)
{
  static const char order[] = "vosta";
  g_auto (GStrv) lines = g_strsplit (text, "\r\n", -1);
  guint at = 0, n = g_strv_length (lines);
  gboolean is_in_media = FALSE;

  g_assert_cmpuint (n, >, 5);
  g_assert_cmpstr (lines[n - 1], ==, "");
  for (guint i = 0; i + 1 < n; i++) {
    const char *line = lines[i];

    g_assert_true (g_ascii_islower (line[0]) && line[1] == '=');
    for (const char *c = line; *c; c++)
      g_assert_true (g_ascii_isprint (*c));
    is_in_media |= line[0] == 'm';
    if (is_in_media) {
      g_assert_nonnull (strchr ("mca", line[0]));
      continue;
    }
    while (order[at] && order[at] != line[0])
      at++;
    g_assert_cmpint (order[at], ==, line[0]);
  }
}

/* RFC 8829 section 5.3.1: with port 0, and as it was offered. */
static void
assert_rejected (const GstSDPMedia *media, const GstSDPMedia *from)
{
  static const char *const banned[] = { "ice-ufrag", "ice-pwd", "fingerprint",
    "setup", "rtpmap", "ssrc", "msid", "extmap", "sctp-port", "rtcp-fb" };
  guint n = gst_sdp_media_formats_len (from);

  g_assert_cmpuint (gst_sdp_media_get_port (media), ==, 0);
  g_assert_cmpuint (gst_sdp_media_formats_len (media), ==, n);
  for (guint i = 0; i < n; i++)
    g_assert_cmpstr (gst_sdp_media_get_format (media, i), ==,
        gst_sdp_media_get_format (from, i));
  for (guint i = 0; i < G_N_ELEMENTS (banned); i++)
    g_assert_cmpuint (test_answer_count (media, banned[i]), ==, 0);
}

static void
assert_transport (const GstSDPMedia *media, const char *setup)
{
  g_assert_cmpuint (gst_sdp_media_get_port (media), ==, 9);
  g_assert_true (says (media, "ice-ufrag", TEST_UFRAG));
  g_assert_true (says (media, "ice-pwd", TEST_PASSWORD));
  g_assert_true (says (media, "fingerprint", TEST_FINGERPRINT));
  g_assert_true (says (media, "setup", setup));
  g_assert_cmpuint (test_answer_count (media, "setup"), ==, 1);
  g_assert_cmpuint (test_answer_count (media, "fingerprint"), ==, 1);
  g_assert_cmpuint (test_answer_count (media, "candidate"), ==, 0);
}

static void
assert_data (const GstSDPMedia *media)
{
  gboolean is_old = g_str_equal (gst_sdp_media_get_proto (media), "DTLS/SCTP");

  g_assert_cmpuint (gst_sdp_media_formats_len (media), ==, 1);
  g_assert_cmpstr (gst_sdp_media_get_format (media, 0), ==,
      is_old ? "5000" : "webrtc-datachannel");
  g_assert_cmpint (says (media, "sctp-port", "5000"), ==, !is_old);
  g_assert_cmpint (says (media, "sctpmap", "5000 webrtc-datachannel 1024"), ==,
      is_old);
  g_assert_true (says (media, "max-message-size", "65536"));
}

static void
assert_direction (const GstSDPMedia *media, const GstKvsSdpChoice *choice)
{
  static const struct {
    const char *word;
    gboolean send, receive;
  } all[] = {
    { "sendrecv", TRUE, TRUE },
    { "sendonly", TRUE, FALSE },
    { "recvonly", FALSE, TRUE },
    { "inactive", FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    g_assert_cmpint (test_answer_count (media, all[i].word), ==,
        all[i].send == choice->send && all[i].receive == choice->receive);
}

/* That payload type and its retransmission, each explained, and no other. */
static void
assert_formats (const GstSDPMedia *media, const GstKvsSdpCodec *c)
{
  g_autofree char *rtpmap = g_strdup_printf ("%s/%d%s%s", c->codec->name,
      c->codec->clock_rate, c->codec->rtp_channels ? "/" : "",
      c->codec->rtp_channels ? c->codec->rtp_channels : "");
  g_autofree char *apt = g_strdup_printf ("apt=%d", c->pt);
  guint n = c->rtx_pt >= 0 ? 2 : 1;

  g_assert_cmpuint (gst_sdp_media_formats_len (media), ==, n);
  g_assert_cmpint (atoi (gst_sdp_media_get_format (media, 0)), ==, c->pt);
  g_assert_cmpuint (test_answer_count (media, "rtpmap"), ==, n);
  g_assert_true (says_of_codec (media, "rtpmap", c->pt, rtpmap));
  if (n == 2) {
    g_assert_cmpint (atoi (gst_sdp_media_get_format (media, 1)), ==, c->rtx_pt);
    g_assert_true (says_of_codec (media, "fmtp", c->rtx_pt, apt));
  }
  g_assert_cmpuint (test_answer_count (media, "fmtp"), <=, n);
}

/* As offered, of what we know, and of the two that estimate one at most. */
static void
assert_feedback (const GstSDPMedia *media, const GstKvsSdpCodec *c)
{
  const struct {
    const char *what;
    gboolean is_due;
  } all[] = {
    { "nack", c->nack },
    { "nack pli", c->nack_pli },
    { "ccm fir", c->ccm_fir },
    { "transport-cc", c->transport_cc },
    { "goog-remb", c->remb && !c->transport_cc },
  };
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (all); i++) {
    g_assert_cmpint (says_of_codec (media, "rtcp-fb", c->pt, all[i].what), ==,
        all[i].is_due);
    n += all[i].is_due != FALSE;
  }
  g_assert_cmpuint (test_answer_count (media, "rtcp-fb"), ==, n);
}

/* By the number that was offered (RFC 8285 section 6), and each number once. */
static void
assert_extensions (const GstSDPMedia *media, const GstSDPMedia *from,
    const GstKvsSdpCodec *c)
{
  guint n = test_answer_count (media, "extmap");
  gboolean counts = FALSE, seen[15] = { FALSE };

  for (guint i = 0; i < n; i++) {
    const char *extmap = gst_sdp_media_get_attribute_val_n (media, "extmap", i);
    const char *uri = strchr (extmap, ' ') + 1;
    guint id = (guint) atoi (extmap);

    g_assert_cmpuint (id, ==, gst_kvs_extension_read_id (from, uri));
    g_assert_true (id > 0 && id < G_N_ELEMENTS (seen) && !seen[id]);
    seen[id] = TRUE;
    counts |= g_str_equal (uri, GST_KVS_EXTENSION_TRANSPORT_CC);
    g_assert_true (g_str_equal (uri, GST_KVS_EXTENSION_TRANSPORT_CC)
        || g_str_equal (uri, "urn:3gpp:video-orientation"));
  }
  g_assert_cmpint (counts, ==, c->transport_cc);
}

/* RFC 5576 and RFC 8830, for what is sent alone. */
static void
assert_stream (const GstSDPMedia *media, const GstKvsSdpMedia *offered,
    const GstKvsSdpChoice *choice)
{
  guint32 ssrc = TEST_SSRC (offered->mline);
  gboolean has_rtx = choice->send && choice->codec->rtx_pt >= 0;
  g_autofree char *group = g_strdup_printf ("FID %u %u", ssrc, ssrc + 1);
  g_autofree char *first = g_strdup_printf ("%u cname:" TEST_CNAME, ssrc);
  g_autofree char *again = g_strdup_printf ("%u cname:" TEST_CNAME, ssrc + 1);

  g_assert_cmpuint (test_answer_count (media, "ssrc"), ==,
      (choice->send ? 1u : 0u) + (has_rtx ? 1u : 0u));
  g_assert_cmpint (says (media, "ssrc", first), ==, choice->send);
  g_assert_cmpint (says (media, "ssrc", again), ==, has_rtx);
  g_assert_cmpint (says (media, "ssrc-group", group), ==, has_rtx);
  g_assert_cmpuint (test_answer_count (media, "msid"), ==, choice->send);
}

static void
assert_rtp (const GstSDPMedia *media, const GstSDPMedia *from,
    const GstKvsSdpMedia *offered, const GstKvsSdpChoice *choice)
{
  const GstKvsSdpCodec *c =
      choice->codec ? choice->codec : gst_kvs_sdp_media_first (offered);

  g_assert_nonnull (c);
  g_assert_cmpuint (test_answer_count (media, "rtcp-mux"), ==, 1);
  g_assert_cmpuint (test_answer_count (media, "rtcp-rsize"), ==,
      test_answer_count (from, "rtcp-rsize") > 0);
  assert_direction (media, choice);
  assert_formats (media, c);
  assert_feedback (media, c);
  assert_extensions (media, from, c);
  assert_stream (media, offered, choice);
}

static void
assert_mline (const GstKvsSdpOffer *offer, const GstKvsSdpMedia *offered,
    const GstKvsSdpChoice *choice, const GstSDPMedia *media)
{
  const GstSDPMedia *from =
      gst_sdp_message_get_media (offer->message, offered->mline);

  g_assert_cmpstr (gst_sdp_media_get_media (media), ==,
      gst_sdp_media_get_media (from));
  g_assert_cmpstr (gst_sdp_media_get_proto (media), ==,
      gst_sdp_media_get_proto (from));
  g_assert_true (says (media, "mid", offered->mid));
  g_assert_cmpuint (test_answer_count (media, "mid"), ==, 1);
  g_assert_cmpuint (test_answer_count (media, "bundle-only"), ==, 0);
  if (!gst_kvs_sdp_media_is_usable (offered)) {
    g_assert_null (choice->codec);
    assert_rejected (media, from);
    return;
  }
  assert_transport (media, setup_of (offer));
  if (offered->is_data)
    assert_data (media);
  else
    assert_rtp (media, from, offered, choice);
}

static gboolean
is_in (char **words, const char *word)
{
  return words && g_strv_contains ((const char *const *) words, word);
}

/* Of the offered group exactly what is not rejected, and the first is the one
 * whose transport is used. */
static void
assert_bundle (const GstKvsSdpOffer *offer, const GstSDPMessage *answer)
{
  g_auto (GStrv) offered = gst_kvs_sdp_bundle_read (offer->message);
  g_auto (GStrv) group = gst_kvs_sdp_bundle_read (answer);
  const GstKvsSdpMedia *transport = g_ptr_array_index (offer->medias,
      gst_kvs_sdp_offer_find_transport (offer));
  guint n = 0;

  for (guint i = 0; i < offer->medias->len; i++) {
    const GstKvsSdpMedia *media = g_ptr_array_index (offer->medias, i);
    gboolean is_due =
        gst_sdp_media_get_port (gst_sdp_message_get_media (answer, i)) > 0
        && is_in (offered ? offered + 1 : NULL, media->mid);

    g_assert_cmpint (is_in (group ? group + 1 : NULL, media->mid), ==, is_due);
    n += is_due != FALSE;
  }
  g_assert_cmpuint (group ? g_strv_length (group) - 1 : 0, ==, n);
  if (n > 0)
    g_assert_cmpstr (group[1], ==, transport->mid);
}

/* What reads offers reads it, unless there is nothing left to connect to. */
static void
assert_is_read (const GstKvsSdpOffer *offer, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstKvsSdpOffer) again = NULL;

  if (!strstr (text, "a=fingerprint:"))
    return;
  again = gst_kvs_sdp_offer_parse (text, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (again->medias->len, ==, offer->medias->len);
  for (guint i = 0; i < offer->medias->len; i++) {
    const GstKvsSdpMedia *a = g_ptr_array_index (offer->medias, i);
    const GstKvsSdpMedia *b = g_ptr_array_index (again->medias, i);

    g_assert_cmpint (b->is_rejected, ==, !gst_kvs_sdp_media_is_usable (a));
    if (b->is_rejected)
      continue;
    g_assert_cmpint (a->is_data, ==, b->is_data);
    g_assert_cmpuint (b->codecs->len, ==, a->is_data ? 0 : 1);
  }
}

void
test_answer_assert (const GstKvsSdpOffer *offer, const GstKvsSdpChoice *choices,
    const char *text)
{
  g_autoptr (GstSDPMessage) answer = NULL;

  assert_lines (text);
  g_assert_cmpint (gst_sdp_message_new_from_text (text, &answer), ==,
      GST_SDP_OK);
  g_assert_cmpuint (gst_sdp_message_medias_len (answer), ==,
      offer->medias->len);
  for (guint i = 0; i < offer->medias->len; i++)
    assert_mline (offer, g_ptr_array_index (offer->medias, i), &choices[i],
        gst_sdp_message_get_media (answer, i));
  assert_bundle (offer, answer);
  assert_is_read (offer, text);
  g_assert_cmpstr (gst_sdp_message_get_attribute_val (answer, "ice-options"),
      ==, "trickle");
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

gboolean
test_offer_survives (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstKvsSdpOffer) offer = gst_kvs_sdp_offer_parse (text, &error);
  g_autofree GstKvsSdpChoice *choices = NULL;
  g_autofree char *codecs = NULL;
  g_autofree char *answer = NULL;

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
  answer = test_answer_write (offer, choices);
  test_answer_assert (offer, choices, answer);
  return TRUE;
}
