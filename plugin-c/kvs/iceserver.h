/* STUN and TURN servers as data. */
#pragma once

#include "transport.h"

G_BEGIN_DECLS

/**
 * KvsIceServer:
 * One entry of a GetIceServerConfig answer, or the region's STUN server.
 * `uris` is a NULL-terminated array of URIs as the service spells them
 * ("stun:host:443", "turn:host:443?transport=udp", "turns:..."). `username`
 * and `password` are NULL for STUN. The password is a secret. `transport` is
 * how to reach those over TLS, as trusted as the service itself; may be NULL.
 */
typedef struct {
  char **uris;
  char *username;
  char *password;
  KvsTransport *transport;
} KvsIceServer;

KvsIceServer *kvs_ice_server_new (const char *const *uris, const char *username,
    const char *password);
void kvs_ice_server_free (KvsIceServer *server);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvsIceServer, kvs_ice_server_free)

G_END_DECLS
