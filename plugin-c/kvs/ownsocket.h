/* Whether this very process holds the far end of a loopback connection. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum {
  KVS_OWN_SOCKET_YES,
  KVS_OWN_SOCKET_NO,
  KVS_OWN_SOCKET_UNKNOWN, /* the system would not say */
} KvsOwnSocket;

/**
 * kvs_own_socket_check:
 * @near: our end, as accepted
 * @far: the end that connected
 * @copy: (out): a duplicate of the far end's descriptor, to set its options by
 *   and to close, when the answer is yes; else -1
 *
 * A loopback port can be found and connected to by every program of the
 * machine; Linux tells the owner of TCP sockets in /proc alone (SO_PEERCRED is
 * for Unix sockets). Any thread; reads /proc, which takes about a millisecond.
 */
KvsOwnSocket kvs_own_socket_check (GInetSocketAddress *near,
    GInetSocketAddress *far, int *copy);

/* The inode of the socket with these two ends, in the text of /proc/net/tcp or
 * tcp6 (see proc(5)); 0 when there is none. Pure. */
guint64 kvs_own_socket_inode (const char *table, GInetSocketAddress *local,
    GInetSocketAddress *remote);

G_END_DECLS
