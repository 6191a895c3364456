/* The HTTP proxy that the environment names, for what goes over TLS. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * KvsProxy:
 * Where to go through, and where not. `resolver` is for GSocketClient and
 * libsoup; it holds the proxy's password. `name` is "host:port", for people;
 * NULL when there is no proxy and every way is direct.
 */
typedef struct {
  GProxyResolver *resolver;
  char *name;
} KvsProxy;

/**
 * kvs_proxy_from_environ:
 * @environ: as g_get_environ () gives it; NULL for an empty one
 *
 * Reads https_proxy, else HTTPS_PROXY ("http://[user:password@]host[:port]",
 * the scheme may be missing, the port is then 80), and no_proxy, else NO_PROXY:
 * hosts, domains, addresses and ranges, separated by commas or spaces; "*" for
 * everything. Loopback is never reached through a proxy, nor is what does not
 * speak TLS.
 *
 * Errors: KVS_ERROR_SETTINGS, which names the variable and not its value.
 */
KvsProxy *kvs_proxy_from_environ (char **environ, GError **error);

/* Whether this goes through the proxy. */
gboolean kvs_proxy_is_for (const KvsProxy *self, const char *host,
    guint16 port);

void kvs_proxy_free (KvsProxy *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvsProxy, kvs_proxy_free)

G_END_DECLS
