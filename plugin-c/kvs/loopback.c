#include "loopback.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#define BACKLOG 8

/* In bytes; Linux doubles it for its own needs. */
#define RECEIVE_BUFFER (32 * 1024)

static gboolean
is_usable (const struct ifaddrs *entry, sa_family_t family)
{
  if (entry->ifa_addr == NULL || entry->ifa_addr->sa_family != family
      || (entry->ifa_flags & IFF_LOOPBACK) != 0)
    return FALSE;
  return family != AF_INET6
      || !IN6_IS_ADDR_LINKLOCAL (
          &((const struct sockaddr_in6 *) (gconstpointer) entry->ifa_addr)
               ->sin6_addr);
}

static gboolean
has_address (sa_family_t family)
{
  struct ifaddrs *list = NULL;
  gboolean found = FALSE;

  if (getifaddrs (&list) != 0)
    return FALSE;
  for (struct ifaddrs *entry = list; entry != NULL; entry = entry->ifa_next)
    found = found || is_usable (entry, family);
  freeifaddrs (list);
  return found;
}

static GSocketFamily
choose_family (void)
{
  return !has_address (AF_INET) && has_address (AF_INET6)
      ? G_SOCKET_FAMILY_IPV6
      : G_SOCKET_FAMILY_IPV4;
}

GSocket *
kvs_loopback_listen (GError **error)
{
  GSocketFamily family = choose_family ();
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (family);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocket) socket =
      g_socket_new (family, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);

  if (socket == NULL)
    return NULL;
  g_socket_set_blocking (socket, FALSE);
  g_socket_set_listen_backlog (socket, BACKLOG);
  /* Accepted connections inherit it. Without it it works, too. */
  g_socket_set_option (socket, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER, NULL);
  if (!g_socket_bind (socket, address, FALSE, error)
      || !g_socket_listen (socket, error))
    return NULL;
  return g_steal_pointer (&socket);
}
