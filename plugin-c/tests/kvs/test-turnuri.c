/* What the service may say of relays, and how /proc spells sockets: tables. */
#include "turnuri.h"

#include "ownsocket.h"

typedef struct {
  const char *text;
  const char *host; /* NULL: refused */
  guint port;
  gboolean is_tls, is_tcp;
} Uri;

static const Uri uris[] = {
  { "turn:a.example:443?transport=udp", "a.example", 443, FALSE, FALSE },
  { "turn:a.example:443?transport=tcp", "a.example", 443, FALSE, TRUE },
  { "turns:a.example:443?transport=udp", "a.example", 443, TRUE, FALSE },
  { "turns:a.example:443?transport=tcp", "a.example", 443, TRUE, TRUE },
  { "turns:a.example?transport=TCP", "a.example", 5349, TRUE, TRUE },
  { "turns:a.example", "a.example", 5349, TRUE, TRUE },
  { "turn:a.example", "a.example", 3478, FALSE, FALSE },
  { "turn:192.0.2.1:1", "192.0.2.1", 1, FALSE, FALSE },
  { "turn:[2001:db8::1]:443?transport=udp", "2001:db8::1", 443, FALSE, FALSE },
  { "turns:[2001:db8::1]", "2001:db8::1", 5349, TRUE, TRUE },
  { "" },
  { "turn" },
  { "turn:" },
  { "turns::443" },
  { "stun:a.example:443" },
  { "http://a.example" },
  { "turn:a.example:0" },
  { "turn:a.example:65536" },
  { "turn:a.example:4x" },
  { "turn:a.example:" },
  { "turn:a.example:443?transport=sctp" },
  { "turn:a.example:443?transport=udp&x" },
  { "turn:user@a.example:443" },
  { "turn://a.example:443" },
  { "turn:a example:443" },
  { "turn:2001:db8::1:443" },
  { "turn:[2001:db8::1" },
  { "turn:[2001:db8::1]443" },
  { "turn:[fe80::1%eth0]:443" },
  { "turn:[a.example]:443" },
};

static void
test_uri (gconstpointer data)
{
  const Uri *one = data;
  g_autoptr (KvsTurnUri) uri = kvs_turn_uri_parse (one->text);

  if (one->host == NULL) {
    g_assert_null (uri);
    return;
  }
  g_assert_nonnull (uri);
  g_assert_cmpstr (uri->host, ==, one->host);
  g_assert_cmpuint (uri->port, ==, one->port);
  g_assert_cmpint (uri->is_tls, ==, one->is_tls);
  g_assert_cmpint (uri->is_tcp, ==, one->is_tcp);
}

#define HEAD                                                            \
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when " \
  "retrnsmt   uid  timeout inode\n"
#define REST " 01 00000000:00000000 00:00000000 00000000  1000        0 "

static const char table[] =
    HEAD "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 "
         "00000000     0        0 11111 1 0000000000000000 100 0 0 10 0\n"
         "   1: 0100007F:1F90 0100007F:D431" REST "22222 1\n"
         "  12: 0100007F:D431 0100007F:1F90" REST "33333 1\n"
         "  13: garbage\n"
         "  14: 0200007F:D431 0100007F:1F90" REST "44444 1";

static const char table6[] =
    HEAD "   0: 00000000000000000000000001000000:1F90 "
         "00000000000000000000000001000000:D431" REST "55555 1\n"
         "   1: 00000000000000000000000001000000:D431 "
         "00000000000000000000000001000000:1F90" REST "66666 1\n";

static guint64
inode (const char *text, const char *local, guint local_port,
    const char *remote, guint remote_port)
{
  g_autoptr (GSocketAddress) one =
      g_inet_socket_address_new_from_string (local, local_port);
  g_autoptr (GSocketAddress) other =
      g_inet_socket_address_new_from_string (remote, remote_port);

  return kvs_own_socket_inode (text, G_INET_SOCKET_ADDRESS (one),
      G_INET_SOCKET_ADDRESS (other));
}

static void
test_inode (void)
{
#if G_BYTE_ORDER != G_LITTLE_ENDIAN
  g_test_skip ("the table is of a little-endian machine");
  return;
#endif
  g_assert_cmpuint (inode (table, "127.0.0.1", 54321, "127.0.0.1", 8080), ==,
      33333);
  g_assert_cmpuint (inode (table, "127.0.0.1", 8080, "127.0.0.1", 54321), ==,
      22222);
  g_assert_cmpuint (inode (table, "127.0.0.2", 54321, "127.0.0.1", 8080), ==,
      44444);
  g_assert_cmpuint (inode (table, "127.0.0.1", 54322, "127.0.0.1", 8080), ==,
      0);
  g_assert_cmpuint (inode (table6, "::1", 54321, "::1", 8080), ==, 66666);
  g_assert_cmpuint (inode ("", "127.0.0.1", 1, "127.0.0.1", 2), ==, 0);
  g_assert_cmpuint (inode (HEAD, "127.0.0.1", 1, "127.0.0.1", 2), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (uris); i++) {
    g_autofree char *path = g_strdup_printf ("/turnuri/%u", i);

    g_test_add_data_func (path, &uris[i], test_uri);
  }
  g_test_add_func ("/ownsocket/inode", test_inode);
  return g_test_run ();
}
