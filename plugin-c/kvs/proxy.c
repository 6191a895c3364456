#include "proxy.h"

#include <string.h>

#include "error.h"

/* GLib's own HTTP proxy (CONNECT) under a name that libsoup does not know.
 * libsoup would else do CONNECT itself, hand out a proxy's refusal as if the
 * service had answered so, and leave the password out. */
#define PROTOCOL "kvs-http-connect"

#define DEFAULT_PORT 80

static const char *
get (char **environ, const char *name, const char *other, const char **used)
{
  const char *value = g_environ_getenv (environ, name);

  *used = name;
  if (value != NULL && *value != '\0')
    return value;
  *used = other;
  value = g_environ_getenv (environ, other);
  return value != NULL && *value != '\0' ? value : NULL;
}

/* A type has one name among GLib's proxies: this one is derived to have another. */
static gpointer
register_protocol (gpointer unused)
{
  g_autoptr (GProxy) proxy = g_proxy_get_default_for_protocol ("http");
  GTypeQuery parent;
  GType type;

  if (proxy == NULL)
    return NULL;
  g_type_query (G_OBJECT_TYPE (proxy), &parent);
  type = g_type_register_static_simple (parent.type, "KvsHttpConnect",
      parent.class_size, NULL, parent.instance_size, NULL, 0);
  g_io_extension_point_implement (G_PROXY_EXTENSION_POINT_NAME, type, PROTOCOL,
      0);
  return NULL;
}

static void
ensure_protocol (void)
{
  static GOnce once = G_ONCE_INIT;

  g_once (&once, register_protocol, NULL);
}

static GUri *
parse (const char *text)
{
  g_autofree char *with_scheme = NULL;
  g_autoptr (GUri) uri = NULL;
  const char *path;

  if (strstr (text, "://") == NULL)
    text = with_scheme = g_strconcat ("http://", text, NULL);
  uri =
      g_uri_parse (text, G_URI_FLAGS_ENCODED | G_URI_FLAGS_HAS_PASSWORD, NULL);
  if (uri == NULL || !g_str_equal (g_uri_get_scheme (uri), "http")
      || g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0'
      || g_uri_get_port (uri) == 0 || g_uri_get_query (uri) != NULL
      || g_uri_get_fragment (uri) != NULL)
    return NULL;

  path = g_uri_get_path (uri);
  return *path == '\0' || g_str_equal (path, "/") ? g_steal_pointer (&uri)
                                                  : NULL;
}

static char *
name_of (GUri *uri)
{
  const char *host = g_uri_get_host (uri);
  int port = g_uri_get_port (uri) > 0 ? g_uri_get_port (uri) : DEFAULT_PORT;

  return g_strdup_printf (strchr (host, ':') != NULL ? "[%s]:%d" : "%s:%d",
      host, port);
}

static char *
address_of (GUri *uri, const char *name)
{
  const char *userinfo = g_uri_get_userinfo (uri);

  return g_strdup_printf (PROTOCOL "://%s%s%s",
      userinfo != NULL ? userinfo : "", userinfo != NULL ? "@" : "", name);
}

/* "[::1]" → "::1" */
static char *
without_brackets (const char *host)
{
  gsize length = strlen (host);

  if (length > 2 && host[0] == '[' && host[length - 1] == ']')
    return g_strndup (host + 1, length - 2);
  return g_strdup (host);
}

/* NULL when nothing may go through the proxy. */
static char **
exceptions (char **environ)
{
  static const char *const loopback[] = { "localhost", "127.0.0.0/8", "::1" };
  const char *used;
  const char *text = get (environ, "no_proxy", "NO_PROXY", &used);
  g_auto (GStrv) words = g_strsplit_set (text != NULL ? text : "", ", \t", -1);
  g_autoptr (GStrvBuilder) hosts = g_strv_builder_new ();

  for (guint i = 0; i < G_N_ELEMENTS (loopback); i++)
    g_strv_builder_add (hosts, loopback[i]);
  for (char **word = words; *word != NULL; word++) {
    g_autofree char *host = without_brackets (*word);

    if (g_str_equal (host, "*"))
      return NULL;
    if (*host != '\0')
      g_strv_builder_add (hosts, host);
  }
  return g_strv_builder_end (hosts);
}

static KvsProxy *
direct (void)
{
  KvsProxy *self = g_new0 (KvsProxy, 1);

  self->resolver = g_simple_proxy_resolver_new ("direct://", NULL);
  return self;
}

KvsProxy *
kvs_proxy_from_environ (char **environ, GError **error)
{
  const char *variable;
  const char *text = get (environ, "https_proxy", "HTTPS_PROXY", &variable);
  g_autoptr (GUri) uri = text != NULL ? parse (text) : NULL;
  g_auto (GStrv) ignored = exceptions (environ);
  g_autofree char *address = NULL;
  KvsProxy *self;

  if (text != NULL && uri == NULL) {
    g_set_error (error, KVS_ERROR, KVS_ERROR_SETTINGS,
        "%s in the environment does not name a proxy that can be used: it "
        "looks like http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, with "
        "what is special in the password percent-encoded",
        variable);
    return NULL;
  }

  self = direct ();
  if (uri == NULL || ignored == NULL)
    return self;

  ensure_protocol ();
  self->name = name_of (uri);
  address = address_of (uri, self->name);
  g_simple_proxy_resolver_set_ignore_hosts (G_SIMPLE_PROXY_RESOLVER (
                                                self->resolver),
      ignored);
  g_simple_proxy_resolver_set_uri_proxy (G_SIMPLE_PROXY_RESOLVER (
                                             self->resolver),
      "https", address);
  return self;
}

gboolean
kvs_proxy_is_for (const KvsProxy *self, const char *host, guint16 port)
{
  g_autofree char *uri =
      g_strdup_printf (strchr (host, ':') != NULL ? "https://[%s]:%u"
                                                  : "https://%s:%u",
          host, port);
  g_auto (GStrv) ways =
      g_proxy_resolver_lookup (self->resolver, uri, NULL, NULL);

  return ways != NULL && *ways != NULL && !g_str_equal (*ways, "direct://");
}

void
kvs_proxy_free (KvsProxy *self)
{
  if (self == NULL)
    return;

  g_clear_object (&self->resolver);
  g_free (self->name);
  g_free (self);
}
