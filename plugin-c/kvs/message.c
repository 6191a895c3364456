#include "message.h"

#include <string.h>

#include "error.h"
#include "json.h"

/* Amazon's C SDK begins keys with a capital, its JavaScript SDK does not. This
 * file alone knows. */
#define KEY_SENDER "senderClientId/SenderClientId"
#define KEY_TYPE "messageType/MessageType"
#define KEY_PAYLOAD "messagePayload/MessagePayload"
#define KEY_STATUS "statusResponse/StatusResponse"
#define KEY_CORRELATION_ID "correlationId/CorrelationId"
#define KEY_ERROR_TYPE "errorType/ErrorType"
#define KEY_STATUS_CODE "statusCode/StatusCode"
#define KEY_DESCRIPTION "description/Description"

#define PEER_ID_MAX 256    /* characters: quota page */
#define CANDIDATE_MAX 4096 /* bytes; real ones stay under 300 */
#define MID_MAX 256
#define MLINE_INDEX_MAX 1023

static const char *const type_names[] = {
  [KVS_MESSAGE_SDP_OFFER] = "SDP_OFFER",
  [KVS_MESSAGE_SDP_ANSWER] = "SDP_ANSWER",
  [KVS_MESSAGE_ICE_CANDIDATE] = "ICE_CANDIDATE",
  [KVS_MESSAGE_GO_AWAY] = "GO_AWAY",
  [KVS_MESSAGE_RECONNECT_ICE_SERVER] = "RECONNECT_ICE_SERVER",
  [KVS_MESSAGE_STATUS_RESPONSE] = "STATUS_RESPONSE",
};

void
kvs_message_free (KvsMessage *message)
{
  if (message == NULL)
    return;

  g_free (message->type);
  g_free (message->peer_id);
  g_free (message->sdp);
  g_free (message->candidate);
  g_free (message->mid);
  g_free (message->correlation_id);
  g_free (message->error_type);
  g_free (message->description);
  g_free (message);
}

static gboolean
fail (GError **error, const char *why)
{
  g_set_error_literal (error, KVS_ERROR, KVS_ERROR_PROTOCOL, why);
  return FALSE;
}

static KvsMessageKind
kind_from_type (const char *type)
{
  for (guint i = KVS_MESSAGE_SDP_OFFER; i < G_N_ELEMENTS (type_names); i++) {
    if (g_str_equal (type, type_names[i]))
      return i;
  }
  return KVS_MESSAGE_UNKNOWN;
}

/* Peer ids are shown on terminals: control characters have no business there. */
static gboolean
is_peer_id (const char *text)
{
  if (*text == '\0' || g_utf8_strlen (text, -1) > PEER_ID_MAX)
    return FALSE;

  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c)) {
    if (g_unichar_iscntrl (g_utf8_get_char (c)))
      return FALSE;
  }
  return TRUE;
}

static gboolean
read_sender (KvsMessage *message, JsonObject *object, GError **error)
{
  const char *sender = kvs_json_string (object, KEY_SENDER);

  if (sender == NULL || *sender == '\0')
    return TRUE;
  if (!is_peer_id (sender))
    return fail (error, "the sender's id is too long or not printable");

  message->peer_id = g_strdup (sender);
  return TRUE;
}

/* g_base64_decode passes over what it does not know; we want to be told. */
static gboolean
is_base64 (const char *text)
{
  gsize length = strspn (text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "+/");
  gsize padding = strspn (text + length, "=");

  return text[length + padding] == '\0' && padding <= 2
      && (length + padding) % 4 == 0;
}

/* The object inside the payload. */
static JsonNode *
open_payload (JsonObject *object, GError **error)
{
  const char *text = kvs_json_string (object, KEY_PAYLOAD);
  g_autofree guchar *decoded = NULL;
  gsize length = 0;

  if (text == NULL || *text == '\0') {
    fail (error, "there is no payload");
    return NULL;
  }
  if (!is_base64 (text)) {
    fail (error, "the payload is not base64");
    return NULL;
  }

  decoded = g_base64_decode (text, &length);
  return kvs_json_parse ((const char *) decoded, length, KVS_MESSAGE_MAX_LENGTH,
      error);
}

static gboolean
read_sdp (KvsMessage *message, JsonObject *payload, GError **error)
{
  const char *wanted =
      message->kind == KVS_MESSAGE_SDP_OFFER ? "offer" : "answer";
  const char *type = kvs_json_string (payload, "type");
  const char *sdp = kvs_json_string (payload, "sdp");

  if (type != NULL && g_ascii_strcasecmp (type, wanted) != 0)
    return fail (error, "the description is of another type than its message");
  if (sdp == NULL || *sdp == '\0')
    return fail (error, "there is no SDP in the payload");

  message->sdp = g_strdup (sdp);
  return TRUE;
}

static gboolean
read_candidate (KvsMessage *message, JsonObject *payload, GError **error)
{
  const char *candidate = kvs_json_string (payload, "candidate");
  const char *mid = kvs_json_string (payload, "sdpMid");
  gint64 index = kvs_json_int (payload, "sdpMLineIndex", -1);

  if (candidate == NULL)
    return fail (error, "there is no candidate in the payload");
  if (strlen (candidate) > CANDIDATE_MAX
      || (mid != NULL && strlen (mid) > MID_MAX))
    return fail (error, "the candidate is too long");
  if (index < -1 || index > MLINE_INDEX_MAX)
    return fail (error, "the candidate's m-line index is out of range");

  message->candidate = g_strdup (candidate);
  message->mid = g_strdup (mid);
  message->mline_index = (int) index;
  return TRUE;
}

/* The code comes as a string or as a number. */
static int
status_code (JsonObject *status)
{
  const char *text = kvs_json_string (status, KEY_STATUS_CODE);
  gint64 code = kvs_json_int (status, KEY_STATUS_CODE, 0);

  if (text != NULL)
    code = g_ascii_strtoll (text, NULL, 10);
  return code >= 100 && code <= 999 ? (int) code : 0;
}

static gboolean
read_status (KvsMessage *message, JsonObject *object, GError **error)
{
  JsonObject *status = kvs_json_object (object, KEY_STATUS);

  if (status == NULL)
    return fail (error, "there is no status in a status response");

  message->status_code = status_code (status);
  message->correlation_id =
      g_strdup (kvs_json_string (status, KEY_CORRELATION_ID));
  message->error_type = g_strdup (kvs_json_string (status, KEY_ERROR_TYPE));
  message->description = g_strdup (kvs_json_string (status, KEY_DESCRIPTION));
  return TRUE;
}

static gboolean
read_payload (KvsMessage *message, JsonObject *object, GError **error)
{
  g_autoptr (JsonNode) node = open_payload (object, error);
  JsonObject *payload;

  if (node == NULL)
    return FALSE;

  payload = json_node_get_object (node);
  if (message->kind == KVS_MESSAGE_ICE_CANDIDATE)
    return read_candidate (message, payload, error);
  return read_sdp (message, payload, error);
}

static gboolean
read_content (KvsMessage *message, JsonObject *object, GError **error)
{
  switch (message->kind) {
    case KVS_MESSAGE_SDP_OFFER:
    case KVS_MESSAGE_SDP_ANSWER:
    case KVS_MESSAGE_ICE_CANDIDATE:
      return read_payload (message, object, error);
    case KVS_MESSAGE_STATUS_RESPONSE:
      return read_status (message, object, error);
    case KVS_MESSAGE_GO_AWAY:
    case KVS_MESSAGE_RECONNECT_ICE_SERVER:
    case KVS_MESSAGE_UNKNOWN:
      return TRUE;
  }
  return TRUE;
}

/* A refused status response may come without a type of its own. */
static const char *
message_type (JsonObject *object)
{
  const char *type = kvs_json_string (object, KEY_TYPE);

  if (type == NULL && kvs_json_object (object, KEY_STATUS) != NULL)
    return type_names[KVS_MESSAGE_STATUS_RESPONSE];
  return type;
}

KvsMessage *
kvs_message_parse (const char *data, gsize length, GError **error)
{
  g_autoptr (JsonNode) node =
      kvs_json_parse (data, length, KVS_MESSAGE_MAX_LENGTH, error);
  g_autoptr (KvsMessage) message = NULL;
  JsonObject *object;
  const char *type;

  if (node == NULL)
    return NULL;

  object = json_node_get_object (node);
  type = message_type (object);
  if (type == NULL) {
    fail (error, "there is no message type");
    return NULL;
  }

  message = g_new0 (KvsMessage, 1);
  message->kind = kind_from_type (type);
  message->type = g_strdup (type);
  message->mline_index = -1;
  if (!read_sender (message, object, error)
      || !read_content (message, object, error))
    return NULL;

  return g_steal_pointer (&message);
}

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  if (value != NULL)
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

static char *
format (KvsMessageKind kind, const char *peer_id, char *payload,
    const char *correlation_id)
{
  g_autofree char *text = payload;
  g_autofree char *encoded =
      g_base64_encode ((const guchar *) text, strlen (text));
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_string (builder, "action", type_names[kind]);
  if (peer_id != NULL)
    add_string (builder, "recipientClientId", peer_id);
  add_string (builder, "messagePayload", encoded);
  if (correlation_id != NULL)
    add_string (builder, "correlationId", correlation_id);
  json_builder_end_object (builder);

  return kvs_json_print (builder);
}

char *
kvs_message_format_sdp (KvsMessageKind kind, const char *peer_id,
    const char *sdp, const char *correlation_id)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_string (builder, "type",
      kind == KVS_MESSAGE_SDP_OFFER ? "offer" : "answer");
  add_string (builder, "sdp", sdp);
  json_builder_end_object (builder);

  return format (kind, peer_id, kvs_json_print (builder), correlation_id);
}

char *
kvs_message_format_candidate (const char *peer_id, const char *candidate,
    const char *mid, int mline_index)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_string (builder, "candidate", candidate);
  add_string (builder, "sdpMid", mid);
  json_builder_set_member_name (builder, "sdpMLineIndex");
  if (mline_index >= 0)
    json_builder_add_int_value (builder, mline_index);
  else
    json_builder_add_null_value (builder);
  json_builder_end_object (builder);

  return format (KVS_MESSAGE_ICE_CANDIDATE, peer_id, kvs_json_print (builder),
      NULL);
}
