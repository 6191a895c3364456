#include "iceserver.h"

#include "secret.h"

KvsIceServer *
kvs_ice_server_new (const char *const *uris, const char *username,
    const char *password)
{
  KvsIceServer *server = g_new0 (KvsIceServer, 1);

  server->uris = g_strdupv ((char **) uris);
  server->username = g_strdup (username);
  server->password = g_strdup (password);

  return server;
}

void
kvs_ice_server_free (KvsIceServer *server)
{
  if (server == NULL)
    return;

  g_strfreev (server->uris);
  g_free (server->username);
  kvs_secret_free (server->password);
  g_clear_object (&server->transport);
  g_free (server);
}
