/* The system's table of TCP sockets. */
#include "fuzz.h"
#include "ownsocket.h"

static GSocketAddress *near4, *far4, *near6, *far6;

static void
spell_addresses (void)
{
  near4 = g_inet_socket_address_new_from_string ("127.0.0.1", 8080);
  far4 = g_inet_socket_address_new_from_string ("127.0.0.1", 4660);
  near6 = g_inet_socket_address_new_from_string ("::1", 8080);
  far6 = g_inet_socket_address_new_from_string ("::1", 4660);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *table = fuzz_string (data, size);

  if (near4 == NULL)
    spell_addresses ();
  kvs_own_socket_inode (table, G_INET_SOCKET_ADDRESS (far4),
      G_INET_SOCKET_ADDRESS (near4));
  kvs_own_socket_inode (table, G_INET_SOCKET_ADDRESS (far6),
      G_INET_SOCKET_ADDRESS (near6));
  return 0;
}
