#include "fakeservice.h"

#include <json-glib/json-glib.h>
#include <string.h>

typedef struct {
  guint status;
  char *type;
  char *message;
} Refusal;

static void
refusal_free (Refusal *refusal)
{
  g_free (refusal->type);
  g_free (refusal->message);
  g_free (refusal);
}

static void
request_free (FakeRequest *request)
{
  g_free (request->path);
  g_free (request->query);
  g_free (request->body);
  g_free (request->authorization);
  g_free (request->amz_date);
  g_free (request->token);
  g_free (request);
}

static void
frame_free (FakeFrame *frame)
{
  g_free (frame->text);
  g_free (frame);
}

static void
refusals_free (GQueue *refusals)
{
  g_queue_free_full (refusals, (GDestroyNotify) refusal_free);
}

static void
remember (FakeService *self, SoupServerMessage *message, const char *path)
{
  SoupMessageHeaders *headers =
      soup_server_message_get_request_headers (message);
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  FakeRequest *request = g_new0 (FakeRequest, 1);

  request->path = g_strdup (path);
  request->query =
      g_strdup (g_uri_get_query (soup_server_message_get_uri (message)));
  request->body =
      g_strndup (body->data != NULL ? body->data : "", body->length);
  request->authorization =
      g_strdup (soup_message_headers_get_one (headers, "Authorization"));
  request->amz_date =
      g_strdup (soup_message_headers_get_one (headers, "X-Amz-Date"));
  request->token =
      g_strdup (soup_message_headers_get_one (headers, "X-Amz-Security-Token"));
  g_ptr_array_add (self->requests, request);
}

static void
set_date (FakeService *self, SoupServerMessage *message)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) then =
      g_date_time_add_seconds (now, self->clock_offset);
  g_autofree char *text = soup_date_time_to_string (then, SOUP_DATE_HTTP);

  if (self->clock_offset != 0)
    soup_message_headers_replace (soup_server_message_get_response_headers (
                                      message),
        "Date", text);
}

static void
answer (FakeService *self, SoupServerMessage *message, guint status,
    const char *text)
{
  set_date (self, message);
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, "application/json",
      SOUP_MEMORY_COPY, text, strlen (text));
}

static void
refuse (FakeService *self, SoupServerMessage *message, guint status,
    const char *type, const char *words)
{
  g_autofree char *body = g_strdup_printf ("{\"message\":\"%s\"}", words);

  soup_message_headers_replace (soup_server_message_get_response_headers (
                                    message),
      "x-amzn-ErrorType", type);
  answer (self, message, status, body);
}

static gboolean
refuse_if_scripted (FakeService *self, SoupServerMessage *message,
    const char *path)
{
  GQueue *refusals = g_hash_table_lookup (self->scripts, path);
  Refusal *refusal = refusals != NULL ? g_queue_pop_head (refusals) : NULL;

  if (refusal == NULL)
    return FALSE;

  refuse (self, message, refusal->status, refusal->type, refusal->message);
  refusal_free (refusal);
  return TRUE;
}

static void
describe (FakeService *self, SoupServerMessage *message)
{
  const char *status = "ACTIVE";
  g_autofree char *body = NULL;

  if (!self->channel_exists) {
    refuse (self, message, 404, "ResourceNotFoundException",
        "The requested channel is not found or not active.");
    return;
  }

  if (self->deleting)
    status = "DELETING";
  if (self->creating > 0) {
    self->creating--;
    status = "CREATING";
  }
  body = g_strdup_printf ("{\"ChannelInfo\":{\"ChannelARN\":\"%s\","
                          "\"ChannelName\":\"cam1\",\"ChannelStatus\":\"%s\"}}",
      FAKE_ARN, status);
  answer (self, message, 200, body);
}

static void
endpoints (FakeService *self, SoupServerMessage *message)
{
  const char *url = self->endpoint_url != NULL ? self->endpoint_url : self->url;
  const char *rest = strchr (url, ':');
  gboolean tls = g_str_has_prefix (url, "https") && !self->plain_endpoints;
  g_autofree char *body =
      g_strdup_printf ("{\"ResourceEndpointList\":["
                       "{\"Protocol\":\"WSS\",\"ResourceEndpoint\":\"%s%s\"},"
                       "{\"Protocol\":\"HTTPS\",\"ResourceEndpoint\":\"%s\"}]}",
          tls ? "wss" : "ws", rest, url);

  answer (self, message, 200, body);
}

static void
ice (FakeService *self, SoupServerMessage *message)
{
  g_autofree char *body = g_strdup_printf (
      "{\"IceServerList\":[{"
      "\"Username\":\"user:%u\",\"Password\":\"secret\",\"Ttl\":%d,"
      "\"Uris\":[\"turn:127.0.0.1:443?transport=udp\","
      "\"turns:127.0.0.1:443?transport=tcp\"]}]}",
      fake_service_count (self, FAKE_ICE), self->ice_ttl);

  answer (self, message, 200, body);
}

static gboolean
is_upgrade (SoupServerMessage *message)
{
  return soup_message_headers_get_one (soup_server_message_get_request_headers (
                                           message),
             "Upgrade")
      != NULL;
}

static void
on_request (SoupServer *server, SoupServerMessage *message, const char *path,
    GHashTable *query, gpointer user_data)
{
  FakeService *self = user_data;

  if (is_upgrade (message))
    return;

  remember (self, message, path);
  if (refuse_if_scripted (self, message, path))
    return;

  if (g_str_equal (path, FAKE_DESCRIBE)) {
    describe (self, message);
  } else if (g_str_equal (path, FAKE_CREATE)) {
    self->channel_exists = TRUE;
    answer (self, message, 200, "{\"ChannelARN\":\"" FAKE_ARN "\"}");
  } else if (g_str_equal (path, FAKE_ENDPOINT)) {
    endpoints (self, message);
  } else if (g_str_equal (path, FAKE_ICE)) {
    ice (self, message);
  } else {
    answer (self, message, 404, "{}");
  }
}

/* Runs before the WebSocket handshake, which a status prevents. */
static void
on_early_request (SoupServer *server, SoupServerMessage *message,
    const char *path, GHashTable *query, gpointer user_data)
{
  FakeService *self = user_data;

  if (!is_upgrade (message))
    return;

  remember (self, message, FAKE_CONNECT);
  refuse_if_scripted (self, message, FAKE_CONNECT);
}

static void
on_frame (SoupWebsocketConnection *socket, int type, GBytes *bytes,
    FakeService *self)
{
  FakeFrame *frame = g_new0 (FakeFrame, 1);
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  frame->text = g_strndup (data, length);
  frame->time = g_get_monotonic_time ();
  g_ptr_array_add (self->frames, frame);
}

static void
on_socket (SoupServer *server, SoupServerMessage *message, const char *path,
    SoupWebsocketConnection *socket, gpointer user_data)
{
  FakeService *self = user_data;
  SoupWebsocketConnection *older = fake_service_socket (self);

  if (self->displaces && older != NULL
      && soup_websocket_connection_get_state (older)
          == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close (older, 1008, "A newer one took over");

  g_signal_connect (socket, "message", G_CALLBACK (on_frame), self);
  g_ptr_array_add (self->sockets, g_object_ref (socket));
}

static FakeService *
service_new (GTlsCertificate *certificate)
{
  FakeService *self = g_new0 (FakeService, 1);
  g_autoptr (GError) error = NULL;
  GSList *uris;

  self->requests =
      g_ptr_array_new_with_free_func ((GDestroyNotify) request_free);
  self->frames = g_ptr_array_new_with_free_func ((GDestroyNotify) frame_free);
  self->sockets = g_ptr_array_new_with_free_func (g_object_unref);
  self->scripts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      (GDestroyNotify) refusals_free);
  self->channel_exists = TRUE;
  self->ice_ttl = 300;

  self->server =
      soup_server_new ("tls-certificate", certificate, "raw-paths", TRUE, NULL);
  soup_server_add_early_handler (self->server, NULL, on_early_request, self,
      NULL);
  soup_server_add_handler (self->server, NULL, on_request, self, NULL);
  soup_server_add_websocket_handler (self->server, "/", NULL, NULL, on_socket,
      self, NULL);
  soup_server_listen_local (self->server, 0,
      SOUP_SERVER_LISTEN_IPV4_ONLY
          | (certificate != NULL ? SOUP_SERVER_LISTEN_HTTPS : 0),
      &error);
  g_assert_no_error (error);

  uris = soup_server_get_uris (self->server);
  self->url = g_strdup_printf ("%s://127.0.0.1:%d",
      certificate != NULL ? "https" : "http", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);

  return self;
}

FakeService *
fake_service_new (void)
{
  return service_new (NULL);
}

FakeService *
fake_service_new_tls (const char *certificate_file)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GTlsCertificate) certificate =
      g_tls_certificate_new_from_file (certificate_file, &error);

  g_assert_no_error (error);
  return service_new (certificate);
}

void
fake_service_free (FakeService *self)
{
  for (guint i = 0; i < self->sockets->len; i++)
    g_signal_handlers_disconnect_by_data (self->sockets->pdata[i], self);

  soup_server_disconnect (self->server);
  g_object_unref (self->server);
  g_ptr_array_unref (self->requests);
  g_ptr_array_unref (self->frames);
  g_ptr_array_unref (self->sockets);
  g_hash_table_unref (self->scripts);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_free (self->url);
  g_free (self);
}

void
fake_service_refuse (FakeService *self, const char *path, guint status,
    const char *type, const char *message)
{
  GQueue *refusals = g_hash_table_lookup (self->scripts, path);
  Refusal *refusal = g_new0 (Refusal, 1);

  if (refusals == NULL) {
    refusals = g_queue_new ();
    g_hash_table_insert (self->scripts, g_strdup (path), refusals);
  }

  refusal->status = status;
  refusal->type = g_strdup (type);
  refusal->message = g_strdup (message);
  g_queue_push_tail (refusals, refusal);
}

guint
fake_service_count (FakeService *self, const char *path)
{
  guint count = 0;

  for (guint i = 0; i < self->requests->len; i++) {
    FakeRequest *request = self->requests->pdata[i];

    count += g_str_equal (request->path, path);
  }
  return count;
}

FakeRequest *
fake_service_last (FakeService *self, const char *path)
{
  for (guint i = self->requests->len; i > 0; i--) {
    FakeRequest *request = self->requests->pdata[i - 1];

    if (g_str_equal (request->path, path))
      return request;
  }
  return NULL;
}

SoupWebsocketConnection *
fake_service_socket (FakeService *self)
{
  return self->sockets->len > 0 ? self->sockets->pdata[self->sockets->len - 1]
                                : NULL;
}

void
fake_service_send (FakeService *self, const char *text)
{
  soup_websocket_connection_send_text (fake_service_socket (self), text);
}

void
fake_service_send_message_on (SoupWebsocketConnection *socket, const char *type,
    const char *sender, const char *payload)
{
  g_autofree char *encoded =
      g_base64_encode ((const guchar *) payload, strlen (payload));
  g_autofree char *from = sender != NULL
      ? g_strdup_printf ("\"senderClientId\":\"%s\",", sender)
      : g_strdup ("");
  g_autofree char *text = g_strdup_printf ("{%s\"messageType\":\"%s\","
                                           "\"messagePayload\":\"%s\"}",
      from, type, encoded);

  soup_websocket_connection_send_text (socket, text);
}

void
fake_service_send_message (FakeService *self, const char *type,
    const char *sender, const char *payload)
{
  fake_service_send_message_on (fake_service_socket (self), type, sender,
      payload);
}

static char *
frame_member (const FakeFrame *frame, const char *name)
{
  g_autoptr (JsonNode) node = json_from_string (frame->text, NULL);

  g_assert_nonnull (node);
  return g_strdup (
      json_object_get_string_member_with_default (json_node_get_object (node),
          name, NULL));
}

char *
fake_frame_action (const FakeFrame *frame)
{
  return frame_member (frame, "action");
}

char *
fake_frame_recipient (const FakeFrame *frame)
{
  return frame_member (frame, "recipientClientId");
}

char *
fake_frame_correlation_id (const FakeFrame *frame)
{
  return frame_member (frame, "correlationId");
}

char *
fake_frame_payload (const FakeFrame *frame)
{
  g_autofree char *encoded = frame_member (frame, "messagePayload");
  gsize length;
  g_autofree guchar *decoded = g_base64_decode (encoded, &length);

  return g_strndup ((const char *) decoded, length);
}

void
fake_service_cut (FakeService *self)
{
  GIOStream *stream =
      soup_websocket_connection_get_io_stream (fake_service_socket (self));

  g_io_stream_close (stream, NULL, NULL);
}
