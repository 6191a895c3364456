#include "message.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "error.h"

/* An envelope; `payload` is put into base64. */
static char *
envelope (const char *type, const char *payload)
{
  g_autofree char *encoded =
      g_base64_encode ((const guchar *) payload, strlen (payload));

  return g_strdup_printf ("{\"senderClientId\":\"v1\",\"messageType\":\"%s\","
                          "\"messagePayload\":\"%s\"}",
      type, encoded);
}

static KvsMessage *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  KvsMessage *message = kvs_message_parse (text, strlen (text), &error);

  g_assert_no_error (error);
  return message;
}

static void
test_reads_descriptions (void)
{
  g_autofree char *offer =
      envelope ("SDP_OFFER", "{\"type\":\"offer\",\"sdp\":\"v=0\\r\\n\"}");
  g_autofree char *answer = envelope ("SDP_ANSWER", "{\"sdp\":\"v=0\"}");
  g_autoptr (KvsMessage) first = parse (offer);
  g_autoptr (KvsMessage) second = parse (answer);

  g_assert_cmpint (first->kind, ==, KVS_MESSAGE_SDP_OFFER);
  g_assert_cmpstr (first->peer_id, ==, "v1");
  g_assert_cmpstr (first->sdp, ==, "v=0\r\n");
  g_assert_cmpint (second->kind, ==, KVS_MESSAGE_SDP_ANSWER);
}

static void
test_reads_candidates (void)
{
  static const struct {
    const char *payload, *candidate, *mid;
    int index;
  } cases[] = {
    { "{\"candidate\":\"candidate:1\",\"sdpMid\":\"0\",\"sdpMLineIndex\":2}",
        "candidate:1", "0", 2 },
    { "{\"candidate\":\"\",\"sdpMid\":null,\"sdpMLineIndex\":null}", "", NULL,
        -1 },
    { "{\"candidate\":\"c\",\"usernameFragment\":\"x\"}", "c", NULL, -1 },
    { "{\"candidate\":\"c raddr ::/0\",\"sdpMLineIndex\":\"0\"}",
        "c raddr ::/0", NULL, -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = envelope ("ICE_CANDIDATE", cases[i].payload);
    g_autoptr (KvsMessage) message = parse (text);

    g_assert_cmpstr (message->candidate, ==, cases[i].candidate);
    g_assert_cmpstr (message->mid, ==, cases[i].mid);
    g_assert_cmpint (message->mline_index, ==, cases[i].index);
  }
}

static void
test_reads_both_spellings (void)
{
  g_autoptr (KvsMessage) message = parse (
      "{\"SenderClientId\":\"v2\","
      "\"MessageType\":\"SDP_OFFER\",\"MessagePayload\":\"eyJzZHAiOiJ2In0=\"}");

  g_assert_cmpstr (message->peer_id, ==, "v2");
  g_assert_cmpstr (message->sdp, ==, "v");
}

static void
test_reads_notices (void)
{
  static const struct {
    const char *text;
    KvsMessageKind kind;
  } cases[] = {
    { "{\"messageType\":\"GO_AWAY\"}", KVS_MESSAGE_GO_AWAY },
    { "{\"messageType\":\"GO_AWAY\",\"messagePayload\":\"\"}",
        KVS_MESSAGE_GO_AWAY },
    { "{\"messageType\":\"RECONNECT_ICE_SERVER\",\"senderClientId\":\"\"}",
        KVS_MESSAGE_RECONNECT_ICE_SERVER },
    { "{\"messageType\":\"SOMETHING_NEW\",\"messagePayload\":7}",
        KVS_MESSAGE_UNKNOWN },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (KvsMessage) message = parse (cases[i].text);

    g_assert_cmpint (message->kind, ==, cases[i].kind);
    g_assert_null (message->peer_id);
  }
}

static void
test_reads_status (void)
{
  g_autoptr (KvsMessage) text =
      parse ("{\"messageType\":\"STATUS_RESPONSE\","
             "\"statusResponse\":{\"correlationId\":\"7\",\"errorType\":\"X\","
             "\"statusCode\":\"404\",\"description\":\"gone\"}}");
  g_autoptr (KvsMessage) number =
      parse ("{\"statusResponse\":{\"statusCode\":429}}");

  g_assert_cmpint (text->status_code, ==, 404);
  g_assert_cmpstr (text->correlation_id, ==, "7");
  g_assert_cmpstr (text->description, ==, "gone");
  g_assert_cmpint (number->kind, ==, KVS_MESSAGE_STATUS_RESPONSE);
  g_assert_cmpint (number->status_code, ==, 429);
}

static void
assert_refused (const char *data, gsize length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KvsMessage) message = kvs_message_parse (data, length, &error);

  if (message != NULL)
    g_test_message ("taken: %.80s", data);
  g_assert_null (message);
  g_assert_error (error, KVS_ERROR, KVS_ERROR_PROTOCOL);
}

#define FRAME(type, payload) \
  "{\"messageType\":\"" type "\",\"messagePayload\":" payload "}"

static void
test_refuses_bad_frames (void)
{
  static const char *const frames[] = {
    "",
    "{",
    "[]",
    "null",
    "\"text\"",
    "{}",
    "not json",
    "{\"messageType\":7}",
    "{\"messageType\":null,\"messagePayload\":\"e30=\"}",
    FRAME ("SDP_OFFER", "7"),
    FRAME ("SDP_OFFER", "{}"),
    FRAME ("SDP_OFFER", "\"\""),
    FRAME ("SDP_OFFER", "\"***\""),
    FRAME ("SDP_OFFER", "\"e30\""),
    FRAME ("SDP_OFFER", "\"e30=e30=\""),
    FRAME ("SDP_OFFER", "\"====\""),
    FRAME ("SDP_OFFER", "\"/////w==\""),
    FRAME ("SDP_OFFER", "\"e30=\""),
    FRAME ("SDP_OFFER", "\"W10=\""),
    FRAME ("ICE_CANDIDATE", "\"e30=\""),
    "{\"messageType\":\"SDP_OFFER\"}",
    "{\"messageType\":\"STATUS_RESPONSE\"}",
    "{\"messageType\":\"STATUS_RESPONSE\",\"statusResponse\":[]}",
    "{\"messageType\":\"GO_AWAY\",\"senderClientId\":\"a\\u0007b\"}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (frames); i++)
    assert_refused (frames[i], strlen (frames[i]));
}

static void
test_refuses_bad_payloads (void)
{
  static const struct {
    const char *type, *payload;
  } cases[] = {
    { "SDP_OFFER", "{\"type\":\"answer\",\"sdp\":\"v=0\"}" },
    { "SDP_OFFER", "{\"type\":\"offer\",\"sdp\":\"\"}" },
    { "SDP_OFFER", "{\"type\":\"offer\",\"sdp\":[]}" },
    { "SDP_OFFER", "{\"sdp\":\"\\ud800\"}" },
    { "SDP_ANSWER", "{\"type\":\"offer\",\"sdp\":\"v=0\"}" },
    { "ICE_CANDIDATE", "{\"candidate\":null}" },
    { "ICE_CANDIDATE", "{\"candidate\":1}" },
    { "ICE_CANDIDATE", "{\"candidate\":\"c\",\"sdpMLineIndex\":-2}" },
    { "ICE_CANDIDATE", "{\"candidate\":\"c\",\"sdpMLineIndex\":99999}" },
    { "ICE_CANDIDATE", "{\"candidate\":\"c\"" },
    { "ICE_CANDIDATE", "\"c\"" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = envelope (cases[i].type, cases[i].payload);

    assert_refused (text, strlen (text));
  }
}

static void
test_refuses_what_is_too_big (void)
{
  g_autofree char *padding = g_strnfill (KVS_MESSAGE_MAX_LENGTH, ' ');
  g_autofree char *huge =
      g_strconcat ("{\"messageType\":\"GO_AWAY\"}", padding, NULL);
  g_autofree char *brackets = g_strnfill (5000, '[');
  g_autofree char *deep = g_strconcat ("{\"messageType\":", brackets, NULL);
  g_autofree char *name = g_strnfill (257, 'x');
  g_autofree char *sender = g_strdup_printf ("{\"messageType\":\"GO_AWAY\","
                                             "\"senderClientId\":\"%s\"}",
      name);
  g_autofree char *long_text = g_strnfill (5000, 'c');
  g_autofree char *payload =
      g_strdup_printf ("{\"candidate\":\"%s\"}", long_text);
  g_autofree char *candidate = envelope ("ICE_CANDIDATE", payload);

  assert_refused (huge, strlen (huge));
  assert_refused (deep, strlen (deep));
  assert_refused (sender, strlen (sender));
  assert_refused (candidate, strlen (candidate));
}

static void
test_refuses_what_is_not_text (void)
{
  assert_refused ("{\"messageType\":\"GO_AWAY\"}\0", 26);
  assert_refused ("{\"messageType\":\"\xff\xfe\"}", 21);
}

/* Every prefix of a good frame, and every single byte of it turned around:
 * nothing to assert but that it survives. */
static void
test_survives_damage (void)
{
  g_autofree char *text =
      envelope ("SDP_OFFER", "{\"type\":\"offer\",\"sdp\":\"v=0\"}");
  gsize length = strlen (text);

  for (gsize i = 0; i < length; i++) {
    g_autofree char *damaged = g_memdup2 (text, length);
    g_autoptr (KvsMessage) cut = kvs_message_parse (text, i, NULL);
    g_autoptr (KvsMessage) changed = NULL;

    damaged[i] ^= 0x15;
    changed = kvs_message_parse (damaged, length, NULL);
  }
}

static void
test_writes_what_it_reads (void)
{
  g_autofree char *sdp =
      kvs_message_format_sdp (KVS_MESSAGE_SDP_ANSWER, "v1", "v=0\r\n\"é", "7");
  g_autofree char *viewer =
      kvs_message_format_candidate (NULL, "candidate:1", NULL, -1);

  g_assert_cmpstr (sdp, ==,
      "{\"action\":\"SDP_ANSWER\",\"recipientClientId\":\"v1\","
      "\"messagePayload\":\"eyJ0eXBlIjoiYW5zd2VyIiwic2RwIjoidj0wXHJcblwiw6kifQ"
      "==\",\"correlationId\":\"7\"}");
  g_assert_cmpstr (viewer, ==,
      "{\"action\":\"ICE_CANDIDATE\","
      "\"messagePayload\":\"eyJjYW5kaWRhdGUiOiJjYW5kaWRhdGU6MSIsInNkcE1pZCI6bnV"
      "sbCwic2RwTUxpbmVJbmRleCI6bnVsbH0=\"}");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/message/reads-descriptions", test_reads_descriptions);
  g_test_add_func ("/message/reads-candidates", test_reads_candidates);
  g_test_add_func ("/message/reads-both-spellings", test_reads_both_spellings);
  g_test_add_func ("/message/reads-notices", test_reads_notices);
  g_test_add_func ("/message/reads-status", test_reads_status);
  g_test_add_func ("/message/refuses-bad-frames", test_refuses_bad_frames);
  g_test_add_func ("/message/refuses-bad-payloads", test_refuses_bad_payloads);
  g_test_add_func ("/message/refuses-what-is-too-big",
      test_refuses_what_is_too_big);
  g_test_add_func ("/message/refuses-what-is-not-text",
      test_refuses_what_is_not_text);
  g_test_add_func ("/message/survives-damage", test_survives_damage);
  g_test_add_func ("/message/writes-what-it-reads", test_writes_what_it_reads);
  return g_test_run ();
}
