/* Offers nobody honest makes: refused with a word, or read for what is good in them. */
#include <gst/gst.h>
#include <string.h>

#include "answers.h"
#include "offers.h"

#define REST_OF_FINGERPRINT                                                \
  ":5C:7A:09:F2:D4:8E:41:B7:C0:93:2D:6F:18:A5:EE:70:4B:D9:52:86:3C:01:FA:" \
  "97:E8:2B:54:CD:0A"
#define FINGERPRINT "sha-256 3B:66:1E" REST_OF_FINGERPRINT
#define TEN "0123456789"
#define FORTY TEN TEN TEN TEN

/* chrome.sdp with `old` made `new`, everywhere where `all` is set. */
typedef struct {
  const char *name;
  const char *old, *new;
  gboolean all;
  GstKvsSdpError code;
} Edit;

#define SYNTAX GST_KVS_SDP_ERROR_SYNTAX
#define UNSUPPORTED GST_KVS_SDP_ERROR_UNSUPPORTED
#define LIMIT GST_KVS_SDP_ERROR_LIMIT

static const Edit bad_edits[] = {
  { "version 1", "v=0", "v=1", FALSE, SYNTAX },
  { "no version", "v=0\r\n", "", FALSE, SYNTAX },
  { "space first", "v=0", " v=0", FALSE, SYNTAX },
  { "byte order mark first", "v=0", "\357\273\277v=0", FALSE, SYNTAX },
  { "capital version", "v=0", "V=0", FALSE, SYNTAX },
  { "no mid", "a=mid:1\r\n", "", FALSE, SYNTAX },
  { "empty mid", "a=mid:1", "a=mid:", FALSE, SYNTAX },
  { "mid without colon", "a=mid:1", "a=mid", FALSE, SYNTAX },
  { "mid of two words", "a=mid:1", "a=mid:1 2", FALSE, SYNTAX },
  { "mid with a tab", "a=mid:1", "a=mid:1\t2", FALSE, SYNTAX },
  { "long mid", "a=mid:1", "a=mid:" FORTY, FALSE, SYNTAX },
  { "mid in Greek", "a=mid:1", "a=mid:\316\261", FALSE, SYNTAX },
  { "the same mid twice", "a=mid:1", "a=mid:0", FALSE, SYNTAX },
  { "no ufrag", "a=ice-ufrag:Qx7B\r\n", "", FALSE, SYNTAX },
  { "empty ufrag", "a=ice-ufrag:Qx7B", "a=ice-ufrag:", FALSE, SYNTAX },
  { "short ufrag", "a=ice-ufrag:Qx7B", "a=ice-ufrag:Qx7", FALSE, SYNTAX },
  { "ufrag of two words", "a=ice-ufrag:Qx7B", "a=ice-ufrag:Qx 7B", FALSE,
      SYNTAX },
  { "ufrag in Greek", "a=ice-ufrag:Qx7B",
      "a=ice-ufrag:\316\261\316\262\316\263", FALSE, SYNTAX },
  { "long ufrag", "a=ice-ufrag:Qx7B",
      "a=ice-ufrag:" FORTY FORTY FORTY FORTY FORTY FORTY FORTY, FALSE, SYNTAX },
  { "no pwd", "a=ice-pwd:kT2xQm9vLr8eYp4sWn6dHc1a\r\n", "", FALSE, SYNTAX },
  { "short pwd", "a=ice-pwd:kT2xQm9vLr8eYp4sWn6dHc1a",
      "a=ice-pwd:kT2xQm9vLr8eYp4sWn6dH", FALSE, SYNTAX },
  { "pwd with a bell", "a=ice-pwd:kT2xQm9v", "a=ice-pwd:kT2xQm9v\a", FALSE,
      SYNTAX },
  { "no setup", "a=setup:actpass\r\n", "", FALSE, SYNTAX },
  { "empty setup", "a=setup:actpass", "a=setup:", FALSE, SYNTAX },
  { "unknown setup", "a=setup:actpass", "a=setup:maybe", FALSE, UNSUPPORTED },
  { "held setup", "a=setup:actpass", "a=setup:holdconn", FALSE, UNSUPPORTED },
  { "capital setup", "a=setup:actpass", "a=setup:ACTPASS", FALSE, UNSUPPORTED },
  { "long setup", "a=setup:actpass", "a=setup:actpassactpass", FALSE, SYNTAX },
  { "no fingerprint", "a=fingerprint:", "a=x:", TRUE, SYNTAX },
  { "empty fingerprint", "a=fingerprint:" FINGERPRINT, "a=fingerprint:", TRUE,
      SYNTAX },
  { "sha-1", "a=fingerprint:sha-256", "a=fingerprint:sha-1", TRUE, SYNTAX },
  { "md5", "a=fingerprint:sha-256", "a=fingerprint:md5", TRUE, SYNTAX },
  { "no algorithm", "a=fingerprint:sha-256 ", "a=fingerprint:", TRUE, SYNTAX },
  { "no digits", FINGERPRINT, "sha-256", TRUE, SYNTAX },
  { "not hexadecimal", "sha-256 3B", "sha-256 3G", TRUE, SYNTAX },
  { "fingerprint with dashes", "3B:66:1E", "3B-66-1E", TRUE, SYNTAX },
  { "short digest", FINGERPRINT, "sha-256 3B:66", TRUE, SYNTAX },
  { "long digest", ":CD:0A", ":CD:0A:00", TRUE, SYNTAX },
  { "digest of another algorithm", "sha-256 ", "sha-512 ", TRUE, SYNTAX },
  { "digest without colons", "3B:66:1E", "3B66:1E:", TRUE, SYNTAX },
  { "digest and more", ":CD:0A", ":CD:0A x", TRUE, SYNTAX },
  { "bundled with one that says nothing", "BUNDLE 0 1 2\r\n",
      "BUNDLE x 0 1 2\r\nm=audio 0 X 0\r\na=bundle-only\r\na=mid:x\r\n", FALSE,
      SYNTAX },
  { "m-line of one word", "m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126",
      "m=audio", FALSE, SYNTAX },
  { "no formats", "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
      "m=application 9 UDP/DTLS/SCTP", FALSE, SYNTAX },
  { "no protocol", "m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126",
      "m=audio 9", FALSE, SYNTAX },
  { "protocol in Greek", "m=audio 9 UDP", "m=audio 9 \316\261", FALSE, SYNTAX },
  { "protocol with a bell", "m=audio 9 UDP", "m=audio 9 U\aDP", FALSE, SYNTAX },
  { "long protocol", "m=audio 9 UDP", "m=audio 9 " FORTY, FALSE, SYNTAX },
  { "format in Greek", "SAVPF 111 63", "SAVPF 111 \316\261", FALSE, SYNTAX },
  { "format with a bell", "SAVPF 111 63", "SAVPF 111 63\a", FALSE, SYNTAX },
  { "long format", "SAVPF 111 63", "SAVPF 111 " FORTY, FALSE, SYNTAX },
  { "empty m-line", "m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126",
      "m=", FALSE, SYNTAX },
  { "kind with a bell", "m=audio 9", "m=aud\aio 9", FALSE, SYNTAX },
  { "kind in Greek", "m=audio 9", "m=\316\261 9", FALSE, SYNTAX },
  { "long kind", "m=audio 9", "m=" FORTY " 9", FALSE, SYNTAX },
  { "130 formats", "m=audio 9 UDP/TLS/RTP/SAVPF 111",
      "m=audio 9 UDP/TLS/RTP/SAVPF 1 2 3 4 5 6 7 8 9 10 1 2 3 4 5 6 7 8 9 10 "
      "1 2 3 4 5 6 7 8 9 10 1 2 3 4 5 6 7 8 9 10 1 2 3 4 5 6 7 8 9 10 1 2 3 4 "
      "5 6 7 8 9 10 1 2 3 4 5 6 7 8 9 10 1 2 3 4 5 6 7 8 9 10 1 2 3 4 5 6 7 8 "
      "9 10 1 2 3 4 5 6 7 8 9 10 1 2 3 4 5 6 7 8 9 10 1 2 3 4 5 6 7 8 9 10 1 "
      "2 3 4 5 6 7 8 9 10 111",
      FALSE, LIMIT },
};

static char *
edited (const Edit *edit)
{
  g_autofree char *text = test_offer_load ("chrome.sdp");

  return edit->all ? test_offer_edit_all (text, edit->old, edit->new)
                   : test_offer_edit (text, edit->old, edit->new);
}

static void
assert_refused (const char *name, const char *text, GstKvsSdpError code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstKvsSdpOffer) offer = gst_kvs_sdp_offer_parse (text, &error);

  g_test_message ("%s: %s", name, error ? error->message : "accepted");
  g_assert_null (offer);
  g_assert_error (error, GST_KVS_SDP_ERROR, (int) code);
  /* It goes into logs and messages: what a stranger wrote does not. */
  g_assert_true (g_str_is_ascii (error->message));
  g_assert_cmpuint (strlen (error->message), <, 120);
}

static void
test_edited_offers_are_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_edits); i++) {
    g_autofree char *text = edited (&bad_edits[i]);

    assert_refused (bad_edits[i].name, text, bad_edits[i].code);
  }
}

static void
test_other_texts_are_refused (void)
{
  static const struct {
    const char *name, *text;
  } rows[] = {
    { "nothing", "" },
    { "one letter", "v" },
    { "half a line", "v=" },
    { "one line", "v=0" },
    { "one whole line", "v=0\r\n" },
    { "no m-lines",
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 "
        "0\r\na=fingerprint:" FINGERPRINT "\r\n" },
    { "bytes", "\001\377\376\200\r\n\t\177\300\257" },
    { "bytes after a version", "v=0\r\n\001\377\376=\200\r\n=\r\n==\n\n\r" },
    { "bytes for lines", "v=0\r\nm=\377\376\r\na=\200\r\na=\r\nm=\r\nc=\r\n" },
    { "an m-line of spaces", "v=0\r\nm=     \r\n" },
    { "JSON", "{\"type\":\"offer\",\"sdp\":\"v=0\"}" },
    { "HTML", "<html></html>" },
    { "line ends only", "\r\n\r\n\r\n" },
    { "every letter",
        "v=0\na=\nb=\nc=\nd=\ne=\nf=\ng=\ni=\nk=\no=\np=\nr=\ns=\nt=\nu=\nz=" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    assert_refused (rows[i].name, rows[i].text, SYNTAX);
}

/* chrome.sdp with `n` times `lines` ("%u" in them counts) in front of `at`. */
static char *
crowded (const char *at, const char *lines, guint n)
{
  g_autofree char *text = test_offer_load ("chrome.sdp");
  g_autoptr (GString) crowd = g_string_new (NULL);

  for (guint i = 0; i < n; i++) {
    g_autofree char *number = g_strdup_printf ("%u", i);
    g_autoptr (GString) line = g_string_new (lines);

    g_string_replace (line, "%u", number, 0);
    g_string_append (crowd, line->str);
  }
  g_string_append (crowd, at);
  return test_offer_edit (text, at, crowd->str);
}

static void
test_crowds_are_refused (void)
{
  static const struct {
    const char *name, *at, *lines;
    guint n;
  } rows[] = {
    { "1000 m-lines", "m=audio", "m=audio 0 X 0\r\na=mid:x%u\r\n", 1000 },
    { "17 m-lines", "m=audio", "m=audio 0 X 0\r\na=mid:x%u\r\n", 14 },
    { "10,000 attributes", "a=recvonly", "a=%u\r\n", 7000 },
    { "too many attributes", "a=recvonly", "a=%u\r\n", 513 },
    { "too many session attributes", "m=audio", "a=%u\r\n", 513 },
    { "70 kB of one m-line", "a=recvonly", "a=x:" FORTY "\r\n", 1600 },
    { "70 kB of session name", "t=0 0", "i=" FORTY "\r\n", 1600 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = crowded (rows[i].at, rows[i].lines, rows[i].n);

    assert_refused (rows[i].name, text, LIMIT);
  }
}

static void
test_one_long_line_is_refused (void)
{
  g_autofree char *long_line = g_strnfill (70 * 1024, 'x');
  g_autofree char *text = g_strconcat ("v=0\r\ns=", long_line, NULL);

  assert_refused ("70 kB line", text, LIMIT);
}

/* Odd, but the good in it is enough. */
static const Edit odd_edits[] = {
  { "two kinds of line ends", "\r\na=mid:1\r\n", "\na=mid:1\n" },
  { "empty lines", "\r\na=mid:1\r\n", "\r\n\r\na=mid:1\r\n\r\n" },
  { "huge numbers", "o=- 4611731400430051336 2",
      "o=- 99999999999999999999999999999999 -99999999999999999999999" },
  { "negative port", "m=video 9", "m=video -9" },
  { "huge port", "m=video 9", "m=video 99999999999999999999" },
  { "port and count", "m=video 9", "m=video 9/99999999999999" },
  { "no port", "m=video 9", "m=video x" },
  { "other protocol", "m=video 9 UDP/TLS/RTP/SAVPF", "m=video 9 RTP/AVP" },
  { "bundled with nobody", "m=audio 9",
      "m=audio 0 X 0\r\na=bundle-only\r\na=mid:x\r\nm=audio 9" },
  { "another use of SCTP", "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
      "m=application 9 UDP/DTLS/SCTP bfcp" },
  { "no kind", "m=audio 9", "m= 9" },
  { "unknown kind", "m=audio", "m=hologram" },
  { "unicode name", "s=-", "s=\346\227\245\346\234\254 \360\237\230\200" },
  { "not unicode", "s=-", "s=\377\376\200" },
  { "unicode attribute", "a=recvonly", "a=\316\261:\316\262\r\na=recvonly" },
  { "attribute without name", "a=recvonly", "a=:\r\na=\r\na=recvonly" },
  { "capital algorithm", "a=fingerprint:sha-256", "a=fingerprint:SHA-256",
      TRUE },
  { "small digits", "3B:66:1E", "3b:66:1e", TRUE },
  { "empty group", "a=group:BUNDLE 0 1 2", "a=group:" },
  { "group of strangers", "a=group:BUNDLE 0 1 2", "a=group:BUNDLE x y z" },
  { "long group", "a=group:BUNDLE 0 1 2",
      "a=group:BUNDLE 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20" },
  { "negative clock rate", "a=rtpmap:96 VP8/90000", "a=rtpmap:96 VP8/-90000" },
  { "rtpmap of nothing", "a=rtpmap:96 VP8/90000", "a=rtpmap:" },
  { "rtpmap of all", "a=rtpmap:96 VP8/90000", "a=rtpmap:* VP8/90000" },
  { "fmtp of all", "a=fmtp:97 apt=96", "a=fmtp:* apt=96" },
  { "everything retransmits", "a=rtpmap:96 VP8/90000",
      "a=rtpmap:* rtx/90000\r\na=fmtp:* apt=96" },
  { "two answers to one question", "a=rtpmap:96 VP8/90000",
      "a=rtpmap:96 VP8/90000\r\na=rtpmap:96 H264/90000" },
  { "all directions at once", "a=recvonly",
      "a=recvonly\r\na=sendonly\r\na=inactive\r\na=sendrecv" },
  { "SSRC nonsense", "a=recvonly",
      "a=ssrc:\r\na=ssrc:x\r\na=ssrc:-1 c\r\na=ssrc:0\r\na=ssrc:9\r\n"
      "a=ssrc:99999999999999999999 cname:x\r\na=ssrc\r\na=recvonly" },
  { "candidates of nothing", "a=recvonly",
      "a=candidate:\r\na=candidate\r\na=candidate:x\r\na=recvonly" },
  { "key and bandwidth nonsense", "a=recvonly",
      "k=\r\nb=\r\nb=:\r\nb=AS:99999999999\r\nk=clear:\r\na=recvonly" },
  { "connection nonsense", "c=IN IP4 0.0.0.0",
      "c=\r\nc=IN\r\nc=IN IP4 224.0.0.1/999/999\r\nc=X Y Z" },
  { "half a payload attribute", "a=fmtp:97 apt=96", "a=fmtp:97" },
};

static void
test_odd_offers_are_read (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (odd_edits); i++) {
    g_autofree char *text = edited (&odd_edits[i]);

    g_test_message ("%s", odd_edits[i].name);
    g_assert_true (test_offer_survives (text));
  }
}

/* The text ends at a NUL, whatever came behind it. */
static void
test_nul_ends_the_offer (void)
{
  g_autofree char *text = test_offer_load ("chrome.sdp");

  strstr (text, "m=video")[0] = '\0';
  g_assert_true (test_offer_survives (text));
}

static const char *const files[] = { "chrome.sdp", "firefox.sdp", "safari.sdp",
  "amazon-c-sdk.sdp", "webrtcbin.sdp" };

static void
test_survives_the_end_of_any_line (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *text = test_offer_load (files[i]);

    for (char *end = strrchr (text, '\r'); end; end = strrchr (text, '\r')) {
      end[1] = '\0';
      test_offer_survives (text);
      end[0] = end[-1] = '\0';
      test_offer_survives (text);
    }
  }
}

static void
test_survives_the_loss_of_any_line (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *text = test_offer_load (files[i]);
    g_auto (GStrv) lines = g_strsplit (text, "\r\n", -1);

    for (guint j = 0; lines[j]; j++) {
      char *line = lines[j];
      g_autofree char *without = NULL;

      lines[j] = (char *) "";
      without = g_strjoinv ("\r\n", lines);
      test_offer_survives (without);
      lines[j] = line;
    }
  }
}

/* The same changes in every run; a failure prints the seed to begin with. */
static void
test_survives_random_changes (void)
{
  static const char alphabet[] = "\r\n =:/;*-0129a\377\001";

  for (guint seed = 0; seed < 400; seed++) {
    g_autoptr (GRand) dice = g_rand_new_with_seed (seed);
    g_autofree char *text =
        test_offer_load (files[seed % G_N_ELEMENTS (files)]);
    int length = (int) strlen (text);

    g_test_message ("seed %u", seed);
    for (int n = g_rand_int_range (dice, 1, 12); n > 0; n--)
      text[g_rand_int_range (dice, 3, length)] =
          alphabet[g_rand_int_range (dice, 0, sizeof (alphabet) - 1)];
    test_offer_survives (text);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/sdp/refusals/edited-offers",
      test_edited_offers_are_refused);
  g_test_add_func ("/sdp/refusals/other-texts", test_other_texts_are_refused);
  g_test_add_func ("/sdp/refusals/crowds", test_crowds_are_refused);
  g_test_add_func ("/sdp/refusals/one-long-line",
      test_one_long_line_is_refused);
  g_test_add_func ("/sdp/odd-offers-are-read", test_odd_offers_are_read);
  g_test_add_func ("/sdp/nul-ends-the-offer", test_nul_ends_the_offer);
  g_test_add_func ("/sdp/survives/the-end-of-any-line",
      test_survives_the_end_of_any_line);
  g_test_add_func ("/sdp/survives/the-loss-of-any-line",
      test_survives_the_loss_of_any_line);
  g_test_add_func ("/sdp/survives/random-changes",
      test_survives_random_changes);
  return g_test_run ();
}
