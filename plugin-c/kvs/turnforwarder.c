#include "turnforwarder.h"

#include <gst/gst.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "dial.h"
#include "flow.h"
#include "loopback.h"
#include "ownsocket.h"

GST_DEBUG_CATEGORY_STATIC (kvs_turn_forwarder_debug);
#define GST_CAT_DEFAULT kvs_turn_forwarder_debug

/* For the peer's agent to connect. */
#define WAIT_MS (15 * 1000)

/* Connections of others to look at before we give up on the port: each look
 * reads /proc. */
#define STRANGERS_MAX 16

/* What the kernel keeps for who does not take it, in bytes; Linux doubles it
 * for its own needs. Left to itself it keeps up to 4 MB on loopback: half a
 * minute of picture at 1 Mbit/s. An agent whose socket is full drops packets,
 * which is what a slow way does. */
#define SEND_BUFFER (64 * 1024)

struct _KvsTurnForwarder {
  GObject parent;

  KvsWorker *worker;
  KvsTransport *transport;
  char *host;
  guint16 port;
  char *address; /* where it listens, or listened */

  GSocket *listener; /* NULL once the one connection is there */
  GSource *accepting;
  GSource *deadline;
  guint strangers;

  GSocketConnection *inner; /* the peer's agent; NULL before and after */
  GCancellable *dialling;   /* cancelled by close */
  GSocketConnection *outer; /* the relay */
  KvsFlow *up, *down;
  gboolean is_closed;
  char *trouble;
};

G_DEFINE_FINAL_TYPE (KvsTurnForwarder, kvs_turn_forwarder, G_TYPE_OBJECT)

static gboolean on_incoming (GSocket *listener, GIOCondition condition,
    gpointer user_data);
static void take (KvsTurnForwarder *self, GSocket *socket);
static void dialled (GObject *source, GAsyncResult *result, gpointer user_data);
static void start_flows (KvsTurnForwarder *self);
static void on_ended (gpointer user_data, const GError *error);

static void
kvs_turn_forwarder_dispose (GObject *object)
{
  kvs_turn_forwarder_close ((KvsTurnForwarder *) object);

  G_OBJECT_CLASS (kvs_turn_forwarder_parent_class)->dispose (object);
}

static void
kvs_turn_forwarder_finalize (GObject *object)
{
  KvsTurnForwarder *self = (KvsTurnForwarder *) object;

  g_object_unref (self->dialling);
  g_clear_object (&self->transport);
  g_clear_object (&self->worker);
  g_free (self->host);
  g_free (self->address);
  g_free (self->trouble);

  G_OBJECT_CLASS (kvs_turn_forwarder_parent_class)->finalize (object);
}

static void
kvs_turn_forwarder_class_init (KvsTurnForwarderClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = kvs_turn_forwarder_dispose;
  object_class->finalize = kvs_turn_forwarder_finalize;
  GST_DEBUG_CATEGORY_INIT (kvs_turn_forwarder_debug, "kvsturnforwarder", 0,
      "TURN over TLS");
}

static void
kvs_turn_forwarder_init (KvsTurnForwarder *self)
{
  self->dialling = g_cancellable_new ();
}

static char *
spell_address (GSocket *listener, GError **error)
{
  g_autoptr (GSocketAddress) address =
      g_socket_get_local_address (listener, error);

  return address != NULL
      ? g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (address))
      : NULL;
}

static gboolean
on_deadline (gpointer user_data)
{
  KvsTurnForwarder *self = user_data;

  GST_DEBUG_OBJECT (self, "nobody came to %s", self->address);
  kvs_turn_forwarder_close (self);
  return G_SOURCE_REMOVE;
}

static gboolean
listen_on_loopback (KvsTurnForwarder *self, GError **error)
{
  self->listener = kvs_loopback_listen (error);
  if (self->listener == NULL)
    return FALSE;
  self->address = spell_address (self->listener, error);
  if (self->address == NULL)
    return FALSE;

  self->accepting = g_socket_create_source (self->listener, G_IO_IN, NULL);
  g_source_set_callback (self->accepting, G_SOURCE_FUNC (on_incoming), self,
      NULL);
  g_source_attach (self->accepting, kvs_worker_get_context (self->worker));
  self->deadline =
      kvs_worker_call_delayed (self->worker, WAIT_MS, on_deadline, self, NULL);
  return TRUE;
}

KvsTurnForwarder *
kvs_turn_forwarder_new (KvsWorker *worker, KvsTransport *transport,
    const char *host, guint16 port, GError **error)
{
  g_autoptr (KvsTurnForwarder) self =
      g_object_new (KVS_TYPE_TURN_FORWARDER, NULL);

  self->worker = g_object_ref (worker);
  self->transport = g_object_ref (transport);
  self->host = g_strdup (host);
  self->port = port;
  if (!listen_on_loopback (self, error))
    return NULL;

  GST_DEBUG_OBJECT (self, "%s leads to %s:%u", self->address, host, port);
  return g_steal_pointer (&self);
}

static void
set_send_buffer (int fd)
{
  int size = SEND_BUFFER;

  /* With another size it works, too. */
  setsockopt (fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
}

/* Where the system does not tell who is there, the first is taken to be ours:
 * without the relay's password the connection is worth little to others. */
static gboolean
is_ours (KvsTurnForwarder *self, GSocket *socket)
{
  g_autoptr (GSocketAddress) near = g_socket_get_local_address (socket, NULL);
  g_autoptr (GSocketAddress) far = g_socket_get_remote_address (socket, NULL);
  KvsOwnSocket answer;
  int copy;

  if (near == NULL || far == NULL)
    return FALSE;
  answer = kvs_own_socket_check (G_INET_SOCKET_ADDRESS (near),
      G_INET_SOCKET_ADDRESS (far), &copy);
  if (answer == KVS_OWN_SOCKET_UNKNOWN)
    GST_WARNING_OBJECT (self, "/proc does not tell whose connection this is");
  if (answer == KVS_OWN_SOCKET_YES) {
    set_send_buffer (copy);
    close (copy);
  }
  return answer != KVS_OWN_SOCKET_NO;
}

static gboolean
on_incoming (GSocket *listener, GIOCondition condition, gpointer user_data)
{
  KvsTurnForwarder *self = user_data;
  g_autoptr (GSocket) socket = g_socket_accept (listener, NULL, NULL);

  if (socket == NULL)
    return G_SOURCE_CONTINUE;
  if (is_ours (self, socket)) {
    take (self, socket);
    return G_SOURCE_REMOVE;
  }

  if (self->strangers++ == 0)
    GST_WARNING_OBJECT (self, "refusing a connection of another program");
  if (self->strangers < STRANGERS_MAX)
    return G_SOURCE_CONTINUE;
  self->trouble = g_strdup ("other programs crowded out the loopback port");
  kvs_turn_forwarder_close (self);
  return G_SOURCE_REMOVE;
}

static void
stop_listening (KvsTurnForwarder *self)
{
  kvs_worker_clear_timer (&self->accepting);
  kvs_worker_clear_timer (&self->deadline);
  if (self->listener != NULL)
    g_socket_close (self->listener, NULL);
  g_clear_object (&self->listener);
}

static void
set_no_delay (GSocketConnection *connection)
{
  g_socket_set_option (g_socket_connection_get_socket (connection), IPPROTO_TCP,
      TCP_NODELAY, 1, NULL);
}

/* An agent connects once from each of its addresses; they would all lead to
 * the same relay, so the others are turned away. */
static void
take (KvsTurnForwarder *self, GSocket *socket)
{
  stop_listening (self);
  g_socket_set_blocking (socket, FALSE);
  self->inner = g_socket_connection_factory_create_connection (socket);
  set_no_delay (self->inner);
  kvs_worker_hold (self->worker);
  kvs_dial_async (self->transport, self->host, self->port, self->dialling,
      dialled, g_object_ref (self));
}

static void
dialled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (KvsTurnForwarder) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) outer = kvs_dial_finish (result, &error);

  kvs_worker_release (self->worker);
  if (self->is_closed)
    return;
  if (outer == NULL) {
    GST_WARNING_OBJECT (self, "no TURN over TLS: %s", error->message);
    self->trouble = g_strdup (error->message);
    kvs_turn_forwarder_close (self);
    return;
  }

  GST_DEBUG_OBJECT (self, "connected to %s:%u", self->host, self->port);
  self->outer = g_steal_pointer (&outer);
  start_flows (self);
}

static KvsFlow *
flow_between (KvsTurnForwarder *self, GSocketConnection *from,
    GSocketConnection *to)
{
  GInputStream *in = g_io_stream_get_input_stream (G_IO_STREAM (from));
  GOutputStream *out = g_io_stream_get_output_stream (G_IO_STREAM (to));

  return kvs_flow_new (G_POLLABLE_INPUT_STREAM (in),
      G_POLLABLE_OUTPUT_STREAM (out), on_ended, self);
}

static void
start_flows (KvsTurnForwarder *self)
{
  GSocket *socket = g_socket_connection_get_socket (self->outer);

  set_no_delay (self->outer);
  set_send_buffer (g_socket_get_fd (socket));
  self->up = flow_between (self, self->inner, self->outer);
  self->down = flow_between (self, self->outer, self->inner);
}

/* The agent sees its own connection end, and drops what it had of the relay. */
static void
on_ended (gpointer user_data, const GError *error)
{
  KvsTurnForwarder *self = user_data;

  GST_DEBUG_OBJECT (self,
      "%s:%u: over after %" G_GUINT64_FORMAT " bytes up and %" G_GUINT64_FORMAT
      " down (%s)",
      self->host, self->port, kvs_flow_get_count (self->up),
      kvs_flow_get_count (self->down),
      error != NULL ? error->message : "end of stream");
  kvs_turn_forwarder_close (self);
}

const char *
kvs_turn_forwarder_get_address (KvsTurnForwarder *self)
{
  return self->address;
}

const char *
kvs_turn_forwarder_get_trouble (KvsTurnForwarder *self)
{
  return self->trouble;
}

/* The socket and not the stream: TLS would wait to say goodbye. */
static void
cut (GSocketConnection **connection)
{
  if (*connection != NULL)
    g_socket_close (g_socket_connection_get_socket (*connection), NULL);
  g_clear_object (connection);
}

void
kvs_turn_forwarder_close (KvsTurnForwarder *self)
{
  if (self->is_closed)
    return;

  self->is_closed = TRUE;
  g_cancellable_cancel (self->dialling);
  if (self->worker != NULL)
    stop_listening (self);
  g_clear_pointer (&self->up, kvs_flow_free);
  g_clear_pointer (&self->down, kvs_flow_free);
  cut (&self->inner);
  cut (&self->outer);
}
