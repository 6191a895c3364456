#include "metrics.h"

#include <string.h>

#include "json.h"

/* The page's own is under 250 bytes. */
#define MAX_QUESTION 1024
/* Milliseconds since 1970 have 13 digits until 2286. */
#define MAX_DIGITS 20

/* The time stamps, in the order in which the two ends fill them in. */
enum {
  FIRST_VIEWER,
  FIRST_MASTER,
  SECOND_VIEWER,
  SECOND_MASTER,
  LAST_VIEWER,
  N_STAMPS
};

static const char *const stamp_names[N_STAMPS] = {
  "firstMessageFromViewerTs",
  "firstMessageFromMasterTs",
  "secondMessageFromViewerTs",
  "secondMessageFromMasterTs",
  "lastMessageFromViewerTs",
};

gboolean
gst_kvs_metrics_is_question (const char *text)
{
  gsize length = strnlen (text, MAX_QUESTION + 1);

  return length <= MAX_QUESTION && *text == '{'
      && strstr (text, stamp_names[FIRST_VIEWER]) != NULL;
}

/* Digits alone: what is echoed is a number or nothing. */
static gboolean
is_stamp (const char *text)
{
  gsize length = strspn (text, "0123456789");

  return length <= MAX_DIGITS && text[length] == '\0';
}

/* Points into `object`. A stamp that is missing is an empty one. */
static gboolean
read_stamps (JsonObject *object, const char *stamps[N_STAMPS])
{
  for (guint i = 0; i < N_STAMPS; i++) {
    stamps[i] = kvs_json_string (object, stamp_names[i]);
    if (!stamps[i] && kvs_json_has (object, stamp_names[i]))
      return FALSE;
    if (!stamps[i])
      stamps[i] = "";
    if (!is_stamp (stamps[i]))
      return FALSE;
  }
  return *stamps[FIRST_VIEWER] != '\0';
}

static char *
print_stamps (const char *const stamps[N_STAMPS])
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "content");
  json_builder_add_string_value (builder, "times of the master");
  for (guint i = 0; i < N_STAMPS; i++) {
    json_builder_set_member_name (builder, stamp_names[i]);
    json_builder_add_string_value (builder, stamps[i]);
  }
  json_builder_end_object (builder);
  return kvs_json_print (builder);
}

static gint64
to_wall_ms (const GstKvsMetrics *metrics, gint64 time)
{
  return time == 0
      ? 0
      : metrics->now_ms - (metrics->now - time) / G_TIME_SPAN_MILLISECOND;
}

typedef struct {
  const char *begin_name;
  const char *end_name;
  KvsSpan span;
} Row;

static char *
print_rows (const GstKvsMetrics *metrics, const Row *rows, guint n_rows)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  for (guint i = 0; i < n_rows; i++) {
    json_builder_set_member_name (builder, rows[i].begin_name);
    json_builder_add_int_value (builder,
        to_wall_ms (metrics, rows[i].span.begin));
    json_builder_set_member_name (builder, rows[i].end_name);
    json_builder_add_int_value (builder,
        to_wall_ms (metrics, rows[i].span.end));
  }
  json_builder_end_object (builder);
  return kvs_json_print (builder);
}

static char *
print_signaling (const GstKvsMetrics *metrics)
{
  const KvsTimes *times = &metrics->signaling;
  const Row rows[] = {
    { "signalingStartTime", "signalingEndTime", times->signaling },
    { "offerReceiptTime", "sendAnswerTime", metrics->peer.negotiation },
    { "describeChannelStartTime", "describeChannelEndTime", times->describe },
    { "getSignalingChannelEndpointStartTime",
        "getSignalingChannelEndpointEndTime", times->endpoints },
    { "getIceServerConfigStartTime", "getIceServerConfigEndTime",
        times->ice_servers },
    { "getTokenStartTime", "getTokenEndTime", times->access },
    { "createChannelStartTime", "createChannelEndTime", times->create },
    { "connectStartTime", "connectEndTime", times->connect },
  };

  return print_rows (metrics, rows, G_N_ELEMENTS (rows));
}

static char *
print_connection (const GstKvsMetrics *metrics)
{
  const Row row = { "peerConnectionStartTime", "peerConnectionEndTime",
    metrics->peer.connection };

  return print_rows (metrics, &row, 1);
}

static char *
print_gathering (const GstKvsMetrics *metrics)
{
  const Row row = { "candidateGatheringStartTime", "candidateGatheringEndTime",
    metrics->peer.gathering };

  return print_rows (metrics, &row, 1);
}

static char **
answers_new (char *first, char *second, char *third)
{
  char **answers = g_new0 (char *, 4);

  answers[0] = first;
  answers[1] = second;
  answers[2] = third;
  return answers;
}

char **
gst_kvs_metrics_answer (const char *text, const GstKvsMetrics *metrics)
{
  g_autoptr (JsonNode) node =
      kvs_json_parse (text, strlen (text), MAX_QUESTION, NULL);
  g_autofree char *now = g_strdup_printf ("%" G_GINT64_FORMAT, metrics->now_ms);
  const char *stamps[N_STAMPS];

  if (!node || !read_stamps (json_node_get_object (node), stamps))
    return NULL;
  if (*stamps[LAST_VIEWER] != '\0')
    return answers_new (print_signaling (metrics), print_connection (metrics),
        print_gathering (metrics));
  if (*stamps[FIRST_MASTER] == '\0')
    stamps[FIRST_MASTER] = now;
  else if (*stamps[SECOND_MASTER] == '\0')
    stamps[SECOND_MASTER] = now;
  else
    return NULL;
  return answers_new (print_stamps (stamps), NULL, NULL);
}
