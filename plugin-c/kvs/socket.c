#include "socket.h"

#include "worker.h"

#include <gst/gst.h>
#include <string.h>

#include "error.h"

GST_DEBUG_CATEGORY_STATIC (kvs_socket_debug);
#define GST_CAT_DEFAULT kvs_socket_debug

/* libsoup closes the connection at a frame beyond this. It lies well above
 * KVS_MESSAGE_MAX_LENGTH, so that a frame merely too long for us is dropped
 * and the session goes on. */
#define FRAME_MAX (1024 * 1024)

/* How long the peer may take to answer our goodbye. */
#define LINGER_MS 2000

/* How long it may be without a sign of life once it is doubted, and how often it
 * is pinged meanwhile. */
#define DOUBT_MS 4000
#define DOUBT_PING_SECONDS 1

struct _KvsSocket {
  GObject parent;

  SoupWebsocketConnection *connection;
  const KvsSocketEvents *events; /* NULL before listen and after close */
  gpointer user_data;

  guint ping_seconds;
  gint64 heard;      /* monotonic; when the peer last sent anything */
  GSource *watchdog; /* libsoup pings, but 3.2 does not miss pongs */
  GSource *doubt;    /* the time it has left, unless it answers */
  gint64 doubted;    /* monotonic; when that began */
  GSource *closing;  /* `closed` is on its way */
};

G_DEFINE_FINAL_TYPE (KvsSocket, kvs_socket, G_TYPE_OBJECT)

static void open_done (GObject *source, GAsyncResult *result,
    gpointer user_data);

static void
let_go (KvsSocket *self)
{
  kvs_worker_clear_timer (&self->watchdog);
  kvs_worker_clear_timer (&self->doubt);
  kvs_worker_clear_timer (&self->closing);
  if (self->connection != NULL)
    g_signal_handlers_disconnect_by_data (self->connection, self);
  g_clear_object (&self->connection);
  self->events = NULL;
}

static void
kvs_socket_dispose (GObject *object)
{
  let_go ((KvsSocket *) object);

  G_OBJECT_CLASS (kvs_socket_parent_class)->dispose (object);
}

static void
kvs_socket_class_init (KvsSocketClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = kvs_socket_dispose;
  GST_DEBUG_CATEGORY_INIT (kvs_socket_debug, "kvssocket", 0,
      "KVS signaling: WebSocket");
}

static void
kvs_socket_init (KvsSocket *self)
{
}

void
kvs_socket_open_async (KvsTransport *transport, const char *url,
    guint ping_seconds, GCancellable *cancellable, GAsyncReadyCallback callback,
    gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  GError *error = NULL;
  g_autoptr (SoupMessage) message =
      kvs_transport_message (transport, "GET", url, &error);

  g_task_set_source_tag (task, kvs_socket_open_async);
  if (message == NULL) {
    g_task_return_error (task, error);
    g_object_unref (task);
    return;
  }

  g_task_set_task_data (task, GUINT_TO_POINTER (ping_seconds), NULL);
  g_object_set_data_full (G_OBJECT (task), "message", g_object_ref (message),
      g_object_unref);
  soup_session_websocket_connect_async (kvs_transport_get_session (transport),
      message, NULL, NULL, G_PRIORITY_DEFAULT, cancellable, open_done, task);
}

static KvsSocket *
socket_new (SoupWebsocketConnection *connection, guint ping_seconds)
{
  KvsSocket *self = g_object_new (KVS_TYPE_SOCKET, NULL);

  self->connection = connection;
  self->ping_seconds = ping_seconds;
  soup_websocket_connection_set_max_incoming_payload_size (connection,
      FRAME_MAX);
  soup_websocket_connection_set_keepalive_interval (connection, ping_seconds);

  return self;
}

static void
open_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  SoupMessage *message = g_object_get_data (G_OBJECT (task), "message");
  guint ping_seconds = GPOINTER_TO_UINT (g_task_get_task_data (task));
  g_autoptr (GError) error = NULL;
  SoupWebsocketConnection *connection =
      soup_session_websocket_connect_finish (SOUP_SESSION (source), result,
          &error);

  if (connection != NULL)
    g_task_return_pointer (task, socket_new (connection, ping_seconds),
        g_object_unref);
  else if (error->domain == SOUP_WEBSOCKET_ERROR)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_error (task, kvs_transport_error (message, error));
}

/* libsoup does not hand out the body of a refused upgrade: the answer is made
 * of status and headers. */
static KvsAnswer *
refusal_of (SoupMessage *message)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  const char *type = soup_message_headers_get_one (headers, "x-amzn-ErrorType");
  const char *date_text = soup_message_headers_get_one (headers, "Date");
  g_autoptr (GDateTime) date = date_text != NULL
      ? soup_date_time_new_from_http_string (date_text)
      : NULL;
  g_autoptr (GBytes) body = g_bytes_new_static ("", 0);

  return kvs_answer_new (soup_message_get_status (message), type,
      date != NULL ? g_date_time_to_unix (date) : 0, body);
}

KvsSocket *
kvs_socket_open_finish (GAsyncResult *result, KvsAnswer **refusal,
    GError **error)
{
  GTask *task = G_TASK (result);
  SoupMessage *message = g_object_get_data (G_OBJECT (task), "message");
  g_autoptr (GError) failure = NULL;
  KvsSocket *self = g_task_propagate_pointer (task, &failure);

  *refusal = NULL;
  if (self != NULL)
    return self;

  if (failure->domain != SOUP_WEBSOCKET_ERROR) {
    g_propagate_error (error, g_steal_pointer (&failure));
  } else if (soup_message_get_status (message) >= 300) {
    *refusal = refusal_of (message);
  } else {
    g_set_error (error, KVS_ERROR, KVS_ERROR_PROTOCOL,
        "%s does not speak WebSocket (%s): check the endpoint",
        g_uri_get_host (soup_message_get_uri (message)), failure->message);
  }

  return NULL;
}

typedef struct {
  KvsSocket *self;
  guint code;
  char *reason;
} Closing;

static void
closing_free (Closing *closing)
{
  g_object_unref (closing->self);
  g_free (closing->reason);
  g_free (closing);
}

static gboolean
tell_closed (gpointer user_data)
{
  Closing *closing = user_data;
  KvsSocket *self = closing->self;
  const KvsSocketEvents *events = self->events;

  let_go (self);
  if (events != NULL)
    events->closed (self->user_data, closing->code, closing->reason);

  return G_SOURCE_REMOVE;
}

/* libsoup may notice the end while we are sending: the event comes later. */
static void
tell_closed_later (KvsSocket *self, guint code, const char *reason)
{
  Closing *closing;

  if (self->closing != NULL)
    return;

  closing = g_new (Closing, 1);
  closing->self = g_object_ref (self);
  closing->code = code;
  closing->reason = g_strdup (reason);
  self->closing = g_idle_source_new ();
  g_source_set_priority (self->closing, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->closing, tell_closed, closing,
      (GDestroyNotify) closing_free);
  g_source_attach (self->closing, g_main_context_get_thread_default ());
}

static void
on_message (SoupWebsocketConnection *connection, SoupWebsocketDataType type,
    GBytes *bytes, KvsSocket *self)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  self->heard = g_get_monotonic_time ();
  if (self->events == NULL || self->closing != NULL)
    return;

  /* The service keeps connections alive with empty frames. */
  if (length == 0)
    return;
  if (type != SOUP_WEBSOCKET_DATA_TEXT) {
    GST_WARNING_OBJECT (self,
        "dropping a binary frame of %" G_GSIZE_FORMAT " bytes", length);
    return;
  }

  self->events->text (self->user_data, data, length);
}

static void
on_pong (SoupWebsocketConnection *connection, GBytes *bytes, KvsSocket *self)
{
  self->heard = g_get_monotonic_time ();
}

static void
on_error (SoupWebsocketConnection *connection, GError *error, KvsSocket *self)
{
  GST_WARNING_OBJECT (self, "%s", error->message);
}

static void
on_closed (SoupWebsocketConnection *connection, KvsSocket *self)
{
  guint code = soup_websocket_connection_get_close_code (connection);
  const char *words = soup_websocket_connection_get_close_data (connection);
  g_autofree char *reason = NULL;

  if (code == SOUP_WEBSOCKET_CLOSE_ABNORMAL)
    code = 0;
  if (code == 0)
    reason = g_strdup ("the connection broke");
  else if (words != NULL && *words != '\0')
    reason = g_strdup_printf ("the service closed it: %u %s", code, words);
  else
    reason = g_strdup_printf ("the service closed it (%u)", code);

  GST_DEBUG_OBJECT (self, "%s", reason);
  tell_closed_later (self, code, reason);
}

static gboolean
on_watchdog (gpointer user_data)
{
  KvsSocket *self = user_data;
  gint64 silence = g_get_monotonic_time () - self->heard;

  if (silence < self->ping_seconds * G_USEC_PER_SEC * 5 / 2)
    return G_SOURCE_CONTINUE;

  GST_WARNING_OBJECT (self, "nothing heard for %" G_GINT64_FORMAT " s",
      silence / G_USEC_PER_SEC);
  tell_closed_later (self, 0, "the service does not answer pings");
  return G_SOURCE_CONTINUE;
}

static void
start_watchdog (KvsSocket *self)
{
  self->heard = g_get_monotonic_time ();
  self->watchdog = g_timeout_source_new (self->ping_seconds * 500);
  g_source_set_callback (self->watchdog, on_watchdog, self, NULL);
  g_source_attach (self->watchdog, g_main_context_get_thread_default ());
}

void
kvs_socket_listen (KvsSocket *self, const KvsSocketEvents *events,
    gpointer user_data)
{
  gboolean listens;

  g_return_if_fail (KVS_IS_SOCKET (self));

  listens = self->events != NULL;
  self->events = events;
  self->user_data = user_data;
  if (listens)
    return;
  g_signal_connect (self->connection, "message", G_CALLBACK (on_message), self);
  g_signal_connect (self->connection, "pong", G_CALLBACK (on_pong), self);
  g_signal_connect (self->connection, "error", G_CALLBACK (on_error), self);
  g_signal_connect (self->connection, "closed", G_CALLBACK (on_closed), self);
  start_watchdog (self);

  /* It may have ended between open and listen. */
  if (soup_websocket_connection_get_state (self->connection)
      == SOUP_WEBSOCKET_STATE_CLOSED)
    on_closed (self->connection, self);
}

gint64
kvs_socket_last_heard (KvsSocket *self)
{
  return self->heard;
}

static gboolean
on_doubt_over (gpointer user_data)
{
  KvsSocket *self = user_data;

  kvs_worker_clear_timer (&self->doubt);
  soup_websocket_connection_set_keepalive_interval (self->connection,
      self->ping_seconds);
  if (self->heard <= self->doubted)
    tell_closed_later (self, 0, "the service does not answer any more");
  return G_SOURCE_REMOVE;
}

void
kvs_socket_doubt (KvsSocket *self)
{
  g_return_if_fail (KVS_IS_SOCKET (self));

  if (self->events == NULL || self->doubt != NULL || self->closing != NULL)
    return;

  self->doubted = g_get_monotonic_time ();
  soup_websocket_connection_set_keepalive_interval (self->connection,
      DOUBT_PING_SECONDS);
  self->doubt = g_timeout_source_new (DOUBT_MS);
  g_source_set_callback (self->doubt, on_doubt_over, self, NULL);
  g_source_attach (self->doubt, g_main_context_get_thread_default ());
}

void
kvs_socket_send (KvsSocket *self, const char *text)
{
  g_return_if_fail (KVS_IS_SOCKET (self));

  if (self->connection == NULL
      || soup_websocket_connection_get_state (self->connection)
          != SOUP_WEBSOCKET_STATE_OPEN)
    return;

  GST_LOG_OBJECT (self, "sending %" G_GSIZE_FORMAT " bytes", strlen (text));
  soup_websocket_connection_send_text (self->connection, text);
}

/* Kept by the timer alone, so it ends with the context at the latest. */
typedef struct {
  SoupWebsocketConnection *connection;
  GDestroyNotify gone;
  gpointer user_data;
} Goodbye;

static void
goodbye_free (Goodbye *goodbye)
{
  g_object_unref (goodbye->connection);
  if (goodbye->gone != NULL)
    goodbye->gone (goodbye->user_data);
  g_free (goodbye);
}

static gboolean
on_linger_over (gpointer user_data)
{
  return G_SOURCE_REMOVE;
}

static void
on_goodbye_answered (SoupWebsocketConnection *connection, GSource *linger)
{
  g_source_destroy (linger);
}

static void
unref_linger (gpointer linger, GClosure *closure)
{
  g_source_unref (linger);
}

/* Takes the goodbye. */
static void
say_goodbye (Goodbye *goodbye)
{
  g_autoptr (GSource) linger = g_timeout_source_new (LINGER_MS);

  g_source_set_callback (linger, on_linger_over, goodbye,
      (GDestroyNotify) goodbye_free);
  g_signal_connect_data (goodbye->connection, "closed",
      G_CALLBACK (on_goodbye_answered), g_source_ref (linger), unref_linger, 0);
  g_source_attach (linger, g_main_context_get_thread_default ());
  if (soup_websocket_connection_get_state (goodbye->connection)
      == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close (goodbye->connection,
        SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
}

static gboolean
is_over (SoupWebsocketConnection *connection)
{
  return connection == NULL
      || soup_websocket_connection_get_state (connection)
      == SOUP_WEBSOCKET_STATE_CLOSED;
}

void
kvs_socket_close (KvsSocket *self, GDestroyNotify gone, gpointer user_data)
{
  Goodbye *goodbye;

  g_return_if_fail (KVS_IS_SOCKET (self));

  if (is_over (self->connection)) {
    let_go (self);
    if (gone != NULL)
      gone (user_data);
    return;
  }

  goodbye = g_new (Goodbye, 1);
  goodbye->connection = g_object_ref (self->connection);
  goodbye->gone = gone;
  goodbye->user_data = user_data;
  let_go (self);
  say_goodbye (goodbye);
}
