#include "dial.h"

#include <string.h>

/* To connect, and for each step of the handshakes with proxy and host. */
#define TIMEOUT_SECONDS 10

typedef struct {
  KvsTransport *transport;
  char *host;
  guint16 port;
  GTlsCertificateFlags distrust;
} Dialling;

static void dial_done (GObject *source, GAsyncResult *result,
    gpointer user_data);

static void
dialling_free (Dialling *self)
{
  g_object_unref (self->transport);
  g_free (self->host);
  g_free (self);
}

/* The handshake's own thread, while ours waits for nothing but its end; what
 * is read here does not change after kvs_transport_new. */
static gboolean
on_accept_certificate (GTlsConnection *tls, GTlsCertificate *certificate,
    GTlsCertificateFlags flags, GTask *task)
{
  Dialling *self = g_task_get_task_data (task);

  if (kvs_transport_trusts (self->transport, self->host, certificate))
    return TRUE;
  self->distrust = flags;
  return FALSE;
}

static void
on_event (GSocketClient *client, GSocketClientEvent event,
    GSocketConnectable *connectable, GIOStream *connection, GTask *task)
{
  if (event == G_SOCKET_CLIENT_TLS_HANDSHAKING)
    g_signal_connect_object (connection, "accept-certificate",
        G_CALLBACK (on_accept_certificate), task, 0);
}

void
kvs_dial_async (KvsTransport *transport, const char *host, guint16 port,
    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Dialling *self = g_new0 (Dialling, 1);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  /* The scheme is what the proxy resolver goes by. */
  g_autoptr (GSocketConnectable) address = g_object_new (G_TYPE_NETWORK_ADDRESS,
      "hostname", host, "port", port, "scheme", "https", NULL);

  g_task_set_source_tag (task, kvs_dial_async);
  g_task_set_task_data (task, self, (GDestroyNotify) dialling_free);
  self->transport = g_object_ref (transport);
  self->host = g_strdup (host);
  self->port = port;

  g_socket_client_set_tls (client, TRUE);
  g_socket_client_set_timeout (client, TIMEOUT_SECONDS);
  g_socket_client_set_proxy_resolver (client,
      kvs_transport_get_proxy (transport)->resolver);
  g_signal_connect_object (client, "event", G_CALLBACK (on_event), task, 0);
  g_socket_client_connect_async (client, address, cancellable, dial_done, task);
}

static GError *
explain (Dialling *self, const GError *cause)
{
  const KvsProxy *proxy = kvs_transport_get_proxy (self->transport);
  g_autofree char *name =
      g_strdup_printf (strchr (self->host, ':') != NULL ? "[%s]:%u" : "%s:%u",
          self->host, self->port);

  return kvs_transport_explain (name,
      kvs_proxy_is_for (proxy, self->host, self->port) ? proxy->name : NULL,
      self->distrust, cause);
}

static void
dial_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  GSocketConnection *connection =
      g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);

  if (connection == NULL) {
    g_task_return_error (task, explain (g_task_get_task_data (task), error));
    return;
  }
  g_socket_set_timeout (g_socket_connection_get_socket (connection), 0);
  g_task_return_pointer (task, connection, g_object_unref);
}

GSocketConnection *
kvs_dial_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, kvs_dial_async),
      NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
