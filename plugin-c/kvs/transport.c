#include "transport.h"

#include <gst/gst.h>

#include "error.h"

GST_DEBUG_CATEGORY_STATIC (kvs_transport_debug);
#define GST_CAT_DEFAULT kvs_transport_debug

/* Connecting, and each wait for the next byte: Amazon's C SDK gives 5 s too. */
#define IO_TIMEOUT_SECONDS 5

struct _KvsTransport {
  GObject parent;

  SoupSession *session;
  KvsProxy *proxy;
  GPtrArray *extra_trust; /* of GTlsDatabase, beside the system's */
};

G_DEFINE_FINAL_TYPE (KvsTransport, kvs_transport, G_TYPE_OBJECT)

static void
kvs_transport_finalize (GObject *object)
{
  KvsTransport *self = (KvsTransport *) object;

  g_clear_object (&self->session);
  kvs_proxy_free (self->proxy);
  g_ptr_array_unref (self->extra_trust);

  G_OBJECT_CLASS (kvs_transport_parent_class)->finalize (object);
}

static void
kvs_transport_class_init (KvsTransportClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = kvs_transport_finalize;
  GST_DEBUG_CATEGORY_INIT (kvs_transport_debug, "kvstransport", 0,
      "KVS signaling: HTTP session and trust");
}

static void
kvs_transport_init (KvsTransport *self)
{
  self->extra_trust = g_ptr_array_new_with_free_func (g_object_unref);
}

/* GLib's default resolver asks desktops and libproxy, or does nothing, as the
 * machine is equipped: ours reads the environment everywhere. */
static SoupSession *
session_new (const KvsProxy *proxy)
{
  SoupSession *session = soup_session_new_with_options ("timeout",
      IO_TIMEOUT_SECONDS, "user-agent", "kinesiswebrtcbin/" PACKAGE_VERSION,
      "proxy-resolver", proxy->resolver, NULL);

  /* We sign for ourselves, and the service knows no extensions. */
  soup_session_remove_feature_by_type (session, SOUP_TYPE_AUTH_MANAGER);
  soup_session_remove_feature_by_type (session,
      SOUP_TYPE_WEBSOCKET_EXTENSION_MANAGER);

  return session;
}

static gboolean
add_trust (KvsTransport *self, const char *path, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autolist (GTlsCertificate) certificates =
      g_tls_certificate_list_new_from_file (absolute, &cause);
  GTlsDatabase *database = NULL;

  /* The database alone takes a file without a single certificate. */
  if (cause == NULL && certificates != NULL)
    database = g_tls_file_database_new (absolute, &cause);
  if (database == NULL) {
    g_set_error (error, KVS_ERROR, KVS_ERROR_SETTINGS,
        "CA file %s cannot be used (%s): name a file of certificates in PEM "
        "form in ca-file or AWS_CA_BUNDLE",
        path, cause != NULL ? cause->message : "there is no certificate in it");
    return FALSE;
  }

  g_ptr_array_add (self->extra_trust, database);
  return TRUE;
}

KvsTransport *
kvs_transport_new (const char *const *ca_files, char **environ, GError **error)
{
  g_autoptr (KvsTransport) self = g_object_new (KVS_TYPE_TRANSPORT, NULL);

  for (; ca_files != NULL && *ca_files != NULL; ca_files++) {
    if (!add_trust (self, *ca_files, error))
      return NULL;
  }

  self->proxy = kvs_proxy_from_environ (environ, error);
  if (self->proxy == NULL)
    return NULL;
  if (self->proxy->name != NULL)
    GST_INFO_OBJECT (self, "through the proxy %s", self->proxy->name);

  self->session = session_new (self->proxy);
  return g_steal_pointer (&self);
}

SoupSession *
kvs_transport_get_session (KvsTransport *self)
{
  return self->session;
}

const KvsProxy *
kvs_transport_get_proxy (KvsTransport *self)
{
  return self->proxy;
}

gboolean
kvs_transport_trusts (KvsTransport *self, const char *host,
    GTlsCertificate *certificate)
{
  g_autoptr (GSocketConnectable) identity = g_network_address_new (host, 0);

  for (guint i = 0; i < self->extra_trust->len; i++) {
    g_autoptr (GError) error = NULL;
    GTlsCertificateFlags left =
        g_tls_database_verify_chain (self->extra_trust->pdata[i], certificate,
            G_TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER, identity, NULL,
            G_TLS_DATABASE_VERIFY_NONE, NULL, &error);

    if (error == NULL && left == 0)
      return TRUE;
  }
  return FALSE;
}

/* Asked only about certificates the system's store does not vouch for. */
static gboolean
on_accept_certificate (SoupMessage *message, GTlsCertificate *certificate,
    GTlsCertificateFlags flags, KvsTransport *self)
{
  const char *host = g_uri_get_host (soup_message_get_uri (message));

  if (kvs_transport_trusts (self, host, certificate))
    return TRUE;

  GST_DEBUG_OBJECT (self, "certificate not trusted, flags 0x%x", flags);
  return FALSE;
}

#define PROXY_DATA "kvs-proxy"

/* For words about an error: what fails may be the way there. */
static void
note_proxy (KvsTransport *self, SoupMessage *message)
{
  GUri *uri = soup_message_get_uri (message);
  const char *scheme = g_uri_get_scheme (uri);
  int port = g_uri_get_port (uri) > 0 ? g_uri_get_port (uri) : 443;

  if ((g_str_equal (scheme, "https") || g_str_equal (scheme, "wss"))
      && kvs_proxy_is_for (self->proxy, g_uri_get_host (uri), port))
    g_object_set_data_full (G_OBJECT (message), PROXY_DATA,
        g_strdup (self->proxy->name), g_free);
}

SoupMessage *
kvs_transport_message (KvsTransport *self, const char *method, const char *url,
    GError **error)
{
  SoupMessage *message = soup_message_new (method, url);

  if (message == NULL) {
    g_set_error_literal (error, KVS_ERROR, KVS_ERROR_PROTOCOL,
        "The service's endpoint is not a URL");
    return NULL;
  }

  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  g_signal_connect_object (message, "accept-certificate",
      G_CALLBACK (on_accept_certificate), self, 0);
  note_proxy (self, message);

  return message;
}

static char *
host_and_port (SoupMessage *message)
{
  GUri *uri = soup_message_get_uri (message);
  int port = g_uri_get_port (uri);

  if (port <= 0)
    return g_strdup (g_uri_get_host (uri));
  return g_strdup_printf ("%s:%d", g_uri_get_host (uri), port);
}

static const char *
distrust_reason (GTlsCertificateFlags flags, const GError *cause)
{
  if (flags & G_TLS_CERTIFICATE_UNKNOWN_CA)
    return "it is signed by nobody this machine trusts";
  if (flags & G_TLS_CERTIFICATE_BAD_IDENTITY)
    return "it is made out to another host";
  if (flags & G_TLS_CERTIFICATE_EXPIRED)
    return "it has expired";
  if (flags & G_TLS_CERTIFICATE_NOT_ACTIVATED)
    return "it is not valid yet, which may be this machine's clock";
  return cause->message;
}

static GError *
tls_error (const char *host, GTlsCertificateFlags flags, const GError *cause)
{
  if (!g_error_matches (cause, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE))
    return g_error_new (KVS_ERROR, KVS_ERROR_TLS,
        "No TLS connection to %s (%s): check that the endpoint speaks https",
        host, cause->message);

  return g_error_new (KVS_ERROR, KVS_ERROR_TLS,
      "The TLS certificate of %s is not trusted: %s; if the service has a CA "
      "of its own, name its certificate in ca-file or AWS_CA_BUNDLE",
      host, distrust_reason (flags, cause));
}

static GError *
network_error (const char *host, const GError *cause)
{
  if (cause->domain == G_RESOLVER_ERROR)
    return g_error_new (KVS_ERROR, KVS_ERROR_NETWORK,
        "Host %s cannot be found (%s): check the network, DNS and the endpoint",
        host, cause->message);
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    return g_error_new (KVS_ERROR, KVS_ERROR_NETWORK,
        "%s refuses connections: check that the service is running and the "
        "endpoint is right",
        host);
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return g_error_new (KVS_ERROR, KVS_ERROR_NETWORK,
        "%s does not answer (timed out): check the network and the firewall",
        host);

  return g_error_new (KVS_ERROR, KVS_ERROR_NETWORK,
      "Cannot talk to %s (%s): check the network and the endpoint", host,
      cause->message);
}

static gboolean
is_refusal_of_proxy (const GError *cause)
{
  return g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PROXY_FAILED)
      || g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PROXY_NOT_ALLOWED);
}

static gboolean
is_about_login (const GError *cause)
{
  return g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PROXY_AUTH_FAILED)
      || g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PROXY_NEED_AUTH);
}

/* Which of the two machines does not answer, GLib does not say. */
static GError *
proxy_error (const char *host, const char *proxy, const GError *cause)
{
  if (is_about_login (cause))
    return g_error_new (KVS_ERROR, KVS_ERROR_NETWORK,
        "The proxy %s wants another user name and password: correct "
        "https_proxy",
        proxy);
  if (is_refusal_of_proxy (cause))
    return g_error_new (KVS_ERROR, KVS_ERROR_NETWORK,
        "The proxy %s does not let us through to %s (%s): ask who runs it, or "
        "name the host in no_proxy",
        proxy, host, cause->message);

  return g_error_new (KVS_ERROR, KVS_ERROR_NETWORK,
      "No way through the proxy %s to %s (%s): check https_proxy, or name the "
      "host in no_proxy",
      proxy, host, cause->message);
}

GError *
kvs_transport_explain (const char *host, const char *proxy,
    GTlsCertificateFlags flags, const GError *cause)
{
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return g_error_copy (cause);
  if (cause->domain == G_TLS_ERROR)
    return tls_error (host, flags, cause);
  return proxy != NULL ? proxy_error (host, proxy, cause)
                       : network_error (host, cause);
}

GError *
kvs_transport_error (SoupMessage *message, const GError *cause)
{
  g_autofree char *host = host_and_port (message);

  return kvs_transport_explain (host,
      g_object_get_data (G_OBJECT (message), PROXY_DATA),
      soup_message_get_tls_peer_certificate_errors (message), cause);
}

static gint64
date_of (SoupMessageHeaders *headers)
{
  const char *text = soup_message_headers_get_one (headers, "Date");
  g_autoptr (GDateTime) date =
      text != NULL ? soup_date_time_new_from_http_string (text) : NULL;

  return date != NULL ? g_date_time_to_unix (date) : 0;
}

KvsAnswer *
kvs_transport_answer (SoupMessage *message, GBytes *body)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);

  return kvs_answer_new (soup_message_get_status (message),
      soup_message_headers_get_one (headers, "x-amzn-ErrorType"),
      date_of (headers), body);
}
