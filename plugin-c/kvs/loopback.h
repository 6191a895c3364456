/* A listening socket on loopback for another part of this process. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * kvs_loopback_listen:
 *
 * A non-blocking TCP socket that listens on a free port of 127.0.0.1, or of
 * ::1 where no interface but loopback has an IPv4 address and one has an IPv6
 * one: an ICE agent reaches a server only from an address of the same family.
 * Little waits in its buffer when nobody reads.
 */
GSocket *kvs_loopback_listen (GError **error);

G_END_DECLS
