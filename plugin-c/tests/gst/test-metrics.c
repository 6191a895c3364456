/* What the test page asks and is told. */
#include "metrics.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define NOW 5000000
#define NOW_MS 1700000005000
#define NOW_TEXT "1700000005000"

static const GstKvsMetrics metrics = {
  .signaling = {
      .signaling = { 1000000, 1500000 },
      .access = { 1000000, 1010000 },
      .describe = { 1010000, 1100000 },
      .endpoints = { 1100000, 1200000 },
      .ice_servers = { 1200000, 1300999 },
      .connect = { 1200000, 1500000 },
  },
  .peer = {
      .negotiation = { 3000000, 3040000 },
      .connection = { 3000000, 3200000 },
      .gathering = { 3030000, 0 },
  },
  .now = NOW,
  .now_ms = NOW_MS,
};

static char *
question (const char *first_viewer, const char *first_master,
    const char *second_viewer, const char *second_master,
    const char *last_viewer)
{
  return g_strdup_printf (
      "{\"content\":\"Opened data channel by viewer\","
      "\"firstMessageFromViewerTs\":\"%s\",\"firstMessageFromMasterTs\":\"%s\","
      "\"secondMessageFromViewerTs\":\"%s\",\"secondMessageFromMasterTs\":\"%"
      "s\","
      "\"lastMessageFromViewerTs\":\"%s\"}",
      first_viewer, first_master, second_viewer, second_master, last_viewer);
}

static JsonObject *
parse (const char *text)
{
  g_autoptr (JsonNode) node = json_from_string (text, NULL);

  g_assert_nonnull (node);
  return json_node_dup_object (node);
}

/* The exchange, turn by turn: what the page has filled in, and the answer. */
static const struct {
  const char *asked[5];
  const char *answered[5]; /* NULL first where nothing is answered */
} turns[] = {
  { { "11", "", "", "", "" }, { "11", NOW_TEXT, "", "", "" } },
  { { "11", "12", "13", "", "" }, { "11", "12", "13", NOW_TEXT, "" } },
  /* A master that says its two in a row, as Amazon's does, is asked so. */
  { { "11", "12", "", "", "" }, { "11", "12", "", NOW_TEXT, "" } },
  { { "11", "12", "13", "14", "" }, { NULL } },
  { { "", "", "", "", "" }, { NULL } },
  { { "11", "12a", "", "", "" }, { NULL } },
  { { "-11", "", "", "", "" }, { NULL } },
  { { "<b>1</b>", "", "", "", "" }, { NULL } },
  { { "123456789012345678901", "", "", "", "" }, { NULL } },
};

static const char *const stamps[] = { "firstMessageFromViewerTs",
  "firstMessageFromMasterTs", "secondMessageFromViewerTs",
  "secondMessageFromMasterTs", "lastMessageFromViewerTs" };

static void
test_turns (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (turns); i++) {
    const char *const *asked = turns[i].asked;
    g_autofree char *text =
        question (asked[0], asked[1], asked[2], asked[3], asked[4]);
    g_auto (GStrv) answers = gst_kvs_metrics_answer (text, &metrics);
    g_autoptr (JsonObject) answer = NULL;

    g_test_message ("%s", text);
    if (!turns[i].answered[0]) {
      g_assert_null (answers);
      continue;
    }
    g_assert_cmpuint (g_strv_length (answers), ==, 1);
    answer = parse (answers[0]);
    for (guint n = 0; n < G_N_ELEMENTS (stamps); n++)
      g_assert_cmpstr (json_object_get_string_member (answer, stamps[n]), ==,
          turns[i].answered[n]);
  }
}

static const struct {
  guint report;
  const char *name;
  gint64 value;
} reported[] = {
  { 0, "signalingStartTime", NOW_MS - 4000 },
  { 0, "signalingEndTime", NOW_MS - 3500 },
  { 0, "offerReceiptTime", NOW_MS - 2000 },
  { 0, "sendAnswerTime", NOW_MS - 1960 },
  { 0, "describeChannelStartTime", NOW_MS - 3990 },
  { 0, "describeChannelEndTime", NOW_MS - 3900 },
  { 0, "getSignalingChannelEndpointStartTime", NOW_MS - 3900 },
  { 0, "getSignalingChannelEndpointEndTime", NOW_MS - 3800 },
  { 0, "getIceServerConfigStartTime", NOW_MS - 3800 },
  { 0, "getIceServerConfigEndTime", NOW_MS - 3699 },
  { 0, "getTokenStartTime", NOW_MS - 4000 },
  { 0, "getTokenEndTime", NOW_MS - 3990 },
  { 0, "createChannelStartTime", 0 },
  { 0, "createChannelEndTime", 0 },
  { 0, "connectStartTime", NOW_MS - 3800 },
  { 0, "connectEndTime", NOW_MS - 3500 },
  { 1, "peerConnectionStartTime", NOW_MS - 2000 },
  { 1, "peerConnectionEndTime", NOW_MS - 1800 },
  { 2, "candidateGatheringStartTime", NOW_MS - 1970 },
  { 2, "candidateGatheringEndTime", 0 },
};

static void
test_reports (void)
{
  g_autofree char *text = question ("11", "12", "13", "14", "15");
  g_auto (GStrv) answers = gst_kvs_metrics_answer (text, &metrics);

  g_assert_cmpuint (g_strv_length (answers), ==, 3);
  for (guint i = 0; i < G_N_ELEMENTS (reported); i++) {
    g_autoptr (JsonObject) report = parse (answers[reported[i].report]);

    g_test_message ("%s", reported[i].name);
    g_assert_true (json_object_has_member (report, reported[i].name));
    g_assert_cmpint (json_object_get_int_member (report, reported[i].name), ==,
        reported[i].value);
  }
  /* The page tells them apart by their first fields. */
  g_assert_null (strstr (answers[0], "peerConnectionStartTime"));
  g_assert_null (strstr (answers[1], "signalingStartTime"));
  g_assert_null (strstr (answers[2], "signalingStartTime"));
}

/* Whoever else writes gets no answer. */
static const char *const others[] = {
  "",
  "hello",
  "Opened data channel by viewer",
  "This message is from the KVS Viewer",
  "{}",
  "{\"firstMessageFromViewerTs\":}",
  "{\"firstMessageFromViewerTs\":1700000000000}",
  "{\"firstMessageFromViewerTs\":[\"1\"]}",
  "{\"firstMessageFromViewerTs\":\"1\",\"firstMessageFromMasterTs\":null}",
  "[\"firstMessageFromViewerTs\"]",
  "firstMessageFromViewerTs",
  "{\"signalingStartTime\":1}",
};

static void
test_others (void)
{
  g_autofree char *long_one = g_strnfill (2000, ' ');
  g_autofree char *padded =
      g_strconcat ("{\"firstMessageFromViewerTs\":\"1\"", long_one, "}", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (others); i++) {
    g_test_message ("%s", others[i]);
    g_assert_null (gst_kvs_metrics_answer (others[i], &metrics));
  }
  g_assert_false (gst_kvs_metrics_is_question ("hello"));
  g_assert_false (gst_kvs_metrics_is_question (padded));
  g_assert_null (gst_kvs_metrics_answer (padded, &metrics));
}

static void
test_missing_stamps_are_empty (void)
{
  g_auto (GStrv) answers =
      gst_kvs_metrics_answer ("{\"firstMessageFromViewerTs\":\"7\"}", &metrics);

  g_assert_cmpuint (g_strv_length (answers), ==, 1);
  g_assert_nonnull (
      strstr (answers[0], "\"firstMessageFromMasterTs\":\"" NOW_TEXT "\""));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/metrics/turns", test_turns);
  g_test_add_func ("/metrics/reports", test_reports);
  g_test_add_func ("/metrics/others", test_others);
  g_test_add_func ("/metrics/missing", test_missing_stamps_are_empty);
  return g_test_run ();
}
