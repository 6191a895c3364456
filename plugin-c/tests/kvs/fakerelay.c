#include "fakerelay.h"

#include <string.h>
#include <sys/socket.h>

typedef struct _Acceptor Acceptor;

struct _FakeRelay {
  Acceptor *acceptor;
  GTlsCertificate *certificate;
  guint16 port;
  int manner; /* the four: atomic */
  int taken;
  int over;
  int stopped;
};

typedef void (*ServeFunc) (gpointer user_data, GSocketConnection *connection);

/* Blocking, so that a test may block as well. */
struct _Acceptor {
  GSocketListener *listener;
  GCancellable *cancellable;
  GThread *thread;
  ServeFunc serve;
  gpointer user_data;
};

typedef struct {
  Acceptor *acceptor;
  GSocketConnection *connection;
} Accepted;

static gpointer
serve_accepted (gpointer data)
{
  Accepted *accepted = data;

  accepted->acceptor->serve (accepted->acceptor->user_data,
      accepted->connection);
  g_object_unref (accepted->connection);
  g_free (accepted);
  return NULL;
}

static gpointer
accept_all (gpointer data)
{
  Acceptor *self = data;
  g_autoptr (GPtrArray) threads = g_ptr_array_new ();
  GSocketConnection *connection;

  while ((connection = g_socket_listener_accept (self->listener, NULL,
              self->cancellable, NULL))) {
    Accepted *accepted = g_new (Accepted, 1);

    accepted->acceptor = self;
    accepted->connection = connection;
    g_ptr_array_add (threads,
        g_thread_new ("served", serve_accepted, accepted));
  }
  for (guint i = 0; i < threads->len; i++)
    g_thread_join (threads->pdata[i]);
  return NULL;
}

static Acceptor *
acceptor_new (ServeFunc serve, gpointer user_data, guint16 *port)
{
  Acceptor *self = g_new0 (Acceptor, 1);
  g_autoptr (GInetAddress) any = g_inet_address_new_any (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (any, 0);
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_IPV4,
      G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GSocketAddress) bound = NULL;

  /* What waits here is not what the other side keeps waiting. */
  g_socket_set_option (socket, SOL_SOCKET, SO_RCVBUF, 16 * 1024, NULL);
  g_assert_true (g_socket_bind (socket, address, TRUE, NULL));
  g_assert_true (g_socket_listen (socket, NULL));
  bound = g_socket_get_local_address (socket, NULL);
  self->listener = g_socket_listener_new ();
  self->cancellable = g_cancellable_new ();
  self->serve = serve;
  self->user_data = user_data;
  g_assert_true (
      g_socket_listener_add_socket (self->listener, socket, NULL, NULL));
  *port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  self->thread = g_thread_new ("acceptor", accept_all, self);
  return self;
}

/* Waits for every connection's end. */
static void
acceptor_free (Acceptor *self)
{
  g_cancellable_cancel (self->cancellable);
  g_thread_join (self->thread);
  g_socket_listener_close (self->listener);
  g_object_unref (self->listener);
  g_object_unref (self->cancellable);
  g_free (self);
}

static void
reset (GSocketConnection *connection)
{
  struct linger now = { 1, 0 };
  GSocket *socket = g_socket_connection_get_socket (connection);

  setsockopt (g_socket_get_fd (socket), SOL_SOCKET, SO_LINGER, &now,
      sizeof now);
  g_socket_close (socket, NULL);
}

static gboolean
behave (FakeRelay *self, GIOStream *stream, GSocketConnection *connection)
{
  char data[16 * 1024] = "flood";
  GInputStream *in = g_io_stream_get_input_stream (stream);
  GOutputStream *out = g_io_stream_get_output_stream (stream);
  gssize size = sizeof data;
  /* glib-networking leaks an error that is not asked for. */
  g_autoptr (GError) error = NULL, write_error = NULL;

  while (g_atomic_int_get (&self->manner) == FAKE_RELAY_DEAF
      && !g_atomic_int_get (&self->stopped))
    g_usleep (2000);
  if (g_atomic_int_get (&self->manner) != FAKE_RELAY_FLOOD)
    size = g_input_stream_read (in, data, sizeof data, NULL, &error);
  if (size <= 0)
    return FALSE;
  if (!g_output_stream_write_all (out, data, size, NULL, NULL, &write_error))
    return FALSE;
  if (g_atomic_int_get (&self->manner) != FAKE_RELAY_RESET)
    return TRUE;
  reset (connection);
  return FALSE;
}

static void
serve (FakeRelay *self, GSocketConnection *connection)
{
  g_autoptr (GIOStream) tls = NULL;

  if (g_atomic_int_get (&self->manner) == FAKE_RELAY_PLAIN) {
    while (behave (self, G_IO_STREAM (connection), connection))
      ;
    return;
  }
  tls = g_tls_server_connection_new (G_IO_STREAM (connection),
      self->certificate, NULL);
  if (!g_tls_connection_handshake (G_TLS_CONNECTION (tls), NULL, NULL))
    return;
  while (behave (self, tls, connection))
    ;
}

static void
serve_relay (gpointer user_data, GSocketConnection *connection)
{
  FakeRelay *self = user_data;

  g_atomic_int_inc (&self->taken);
  while (g_atomic_int_get (&self->manner) == FAKE_RELAY_SILENT
      && !g_atomic_int_get (&self->stopped))
    g_usleep (2000);
  if (!g_atomic_int_get (&self->stopped))
    serve (self, connection);
  g_socket_close (g_socket_connection_get_socket (connection), NULL);
  g_atomic_int_inc (&self->over);
}

FakeRelay *
fake_relay_new (const char *certificate_file, FakeRelayManner manner)
{
  FakeRelay *self = g_new0 (FakeRelay, 1);
  g_autoptr (GError) error = NULL;

  self->certificate =
      g_tls_certificate_new_from_file (certificate_file, &error);
  g_assert_no_error (error);
  self->manner = manner;
  self->acceptor = acceptor_new (serve_relay, self, &self->port);
  return self;
}

guint16
fake_relay_get_port (FakeRelay *self)
{
  return self->port;
}

void
fake_relay_set_manner (FakeRelay *self, FakeRelayManner manner)
{
  g_atomic_int_set (&self->manner, manner);
}

guint
fake_relay_taken (FakeRelay *self)
{
  return g_atomic_int_get (&self->taken);
}

guint
fake_relay_over (FakeRelay *self)
{
  return g_atomic_int_get (&self->over);
}

void
fake_relay_free (FakeRelay *self)
{
  g_atomic_int_set (&self->stopped, TRUE);
  acceptor_free (self->acceptor);
  g_object_unref (self->certificate);
  g_free (self);
}

struct _FakeProxy {
  Acceptor *acceptor;
  guint16 port;
  guint16 target;
  char *refusal;
  GMutex lock;
  GPtrArray *requests;
};

static void
copy (GInputStream *from, GOutputStream *to)
{
  char data[4096];
  gssize size;

  while ((size = g_input_stream_read (from, data, sizeof data, NULL, NULL)) > 0
      && g_output_stream_write_all (to, data, size, NULL, NULL, NULL))
    ;
}

typedef struct {
  GSocketConnection *from;
  GSocketConnection *to;
} Way;

static gpointer
copy_way (gpointer data)
{
  Way *way = data;

  copy (g_io_stream_get_input_stream (G_IO_STREAM (way->from)),
      g_io_stream_get_output_stream (G_IO_STREAM (way->to)));
  g_socket_shutdown (g_socket_connection_get_socket (way->from), TRUE, TRUE,
      NULL);
  g_socket_shutdown (g_socket_connection_get_socket (way->to), TRUE, TRUE,
      NULL);
  return NULL;
}

static void
tunnel (GSocketConnection *client, guint16 target)
{
  g_autoptr (GSocketClient) connector = g_socket_client_new ();
  g_autoptr (GSocketConnection) server = NULL;
  Way up = { client, NULL }, down = { NULL, client };
  GThread *thread;

  g_socket_client_set_enable_proxy (connector, FALSE);
  server = g_socket_client_connect_to_host (connector, "127.0.0.1", target,
      NULL, NULL);
  if (server == NULL)
    return;
  up.to = down.from = server;
  thread = g_thread_new ("proxy", copy_way, &up);
  copy_way (&down);
  g_thread_join (thread);
}

/* NULL when the client left. */
static char *
read_head (GInputStream *in)
{
  g_autoptr (GString) head = g_string_new (NULL);
  char c;

  while (!g_str_has_suffix (head->str, "\r\n\r\n")) {
    if (g_input_stream_read (in, &c, 1, NULL, NULL) <= 0)
      return NULL;
    g_string_append_c (head, c);
  }
  return g_strdup (head->str);
}

static void
serve_proxy (gpointer user_data, GSocketConnection *connection)
{
  FakeProxy *self = user_data;
  GIOStream *stream = G_IO_STREAM (connection);
  char *head = read_head (g_io_stream_get_input_stream (stream));
  g_autofree char *answer = g_strdup_printf (self->refusal != NULL
          ? "HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n"
          : "HTTP/1.1 %s\r\n\r\n",
      self->refusal != NULL ? self->refusal : "200 Go on");

  if (head == NULL)
    return;
  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->requests, head);
  g_mutex_unlock (&self->lock);
  g_output_stream_write_all (g_io_stream_get_output_stream (stream), answer,
      strlen (answer), NULL, NULL, NULL);
  if (self->refusal == NULL)
    tunnel (connection, self->target);
}

FakeProxy *
fake_proxy_new (guint16 target, const char *refusal)
{
  FakeProxy *self = g_new0 (FakeProxy, 1);

  g_mutex_init (&self->lock);
  self->requests = g_ptr_array_new_with_free_func (g_free);
  self->target = target;
  self->refusal = g_strdup (refusal);
  self->acceptor = acceptor_new (serve_proxy, self, &self->port);
  return self;
}

guint16
fake_proxy_get_port (FakeProxy *self)
{
  return self->port;
}

GPtrArray *
fake_proxy_requests (FakeProxy *self)
{
  GPtrArray *copies = g_ptr_array_new_with_free_func (g_free);

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->requests->len; i++)
    g_ptr_array_add (copies, g_strdup (self->requests->pdata[i]));
  g_mutex_unlock (&self->lock);
  return copies;
}

void
fake_proxy_free (FakeProxy *self)
{
  acceptor_free (self->acceptor);
  g_ptr_array_unref (self->requests);
  g_mutex_clear (&self->lock);
  g_free (self->refusal);
  g_free (self);
}
