#include "ownsocket.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FILES "/proc/self/fd"

/* Each 32-bit word of the address as it lies in memory, then the port. */
static char *
spell (GInetSocketAddress *address)
{
  GInetAddress *ip = g_inet_socket_address_get_address (address);
  const guint8 *bytes = g_inet_address_to_bytes (ip);
  gsize size = g_inet_address_get_native_size (ip);
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < size; i += 4) {
    guint32 word;

    memcpy (&word, bytes + i, sizeof word);
    g_string_append_printf (text, "%08X", word);
  }
  g_string_append_printf (text, ":%04X",
      g_inet_socket_address_get_port (address));
  return g_string_free (text, FALSE);
}

/* "sl local remote st queues timer retransmits uid timeout inode ..." */
static guint64
inode_of_line (const char *line, const char *local, const char *remote)
{
  char line_local[64], line_remote[64];
  unsigned long long inode;

  if (sscanf (line, " %*[^:]: %63s %63s %*s %*s %*s %*s %*s %*s %llu",
          line_local, line_remote, &inode)
          == 3
      && g_str_equal (line_local, local) && g_str_equal (line_remote, remote))
    return inode;
  return 0;
}

guint64
kvs_own_socket_inode (const char *table, GInetSocketAddress *local,
    GInetSocketAddress *remote)
{
  g_autofree char *local_text = spell (local);
  g_autofree char *remote_text = spell (remote);

  while (*table != '\0') {
    gsize length = strcspn (table, "\n");
    /* Alone: sscanf looks for the end of what it is given. */
    g_autofree char *line = g_strndup (table, length);
    guint64 inode = inode_of_line (line, local_text, remote_text);

    if (inode != 0)
      return inode;
    table += length;
    table += *table == '\n';
  }
  return 0;
}

/* -1 when there is none. */
static int
descriptor_of (guint64 inode, GDir *files)
{
  g_autofree char *wanted =
      g_strdup_printf ("socket:[%" G_GUINT64_FORMAT "]", inode);
  const char *name;

  while ((name = g_dir_read_name (files)) != NULL) {
    g_autofree char *path = g_build_filename (FILES, name, NULL);
    g_autofree char *target = g_file_read_link (path, NULL);

    if (g_strcmp0 (target, wanted) == 0)
      return atoi (name);
  }
  return -1;
}

/* It may have been closed since, and its number be another's. */
static gboolean
leads_to (int fd, GInetSocketAddress *near)
{
  struct sockaddr_storage raw = { 0 };
  socklen_t size = sizeof raw;
  g_autoptr (GSocketAddress) address = NULL;
  GInetSocketAddress *remote;

  if (getpeername (fd, (struct sockaddr *) &raw, &size) != 0)
    return FALSE;
  address = g_socket_address_new_from_native (&raw, size);
  if (!G_IS_INET_SOCKET_ADDRESS (address))
    return FALSE;
  remote = G_INET_SOCKET_ADDRESS (address);
  return g_inet_socket_address_get_port (remote)
      == g_inet_socket_address_get_port (near)
      && g_inet_address_equal (g_inet_socket_address_get_address (remote),
          g_inet_socket_address_get_address (near));
}

/* -1 when that is not what it is. */
static int
duplicate (int fd, GInetSocketAddress *near)
{
  int copy = fcntl (fd, F_DUPFD_CLOEXEC, 0);

  if (copy >= 0 && leads_to (copy, near))
    return copy;
  if (copy >= 0)
    close (copy);
  return -1;
}

KvsOwnSocket
kvs_own_socket_check (GInetSocketAddress *near, GInetSocketAddress *far,
    int *copy)
{
  gboolean is_v6 = g_socket_address_get_family (G_SOCKET_ADDRESS (far))
      == G_SOCKET_FAMILY_IPV6;
  const char *path = is_v6 ? "/proc/self/net/tcp6" : "/proc/self/net/tcp";
  g_autoptr (GDir) files = g_dir_open (FILES, 0, NULL);
  g_autofree char *table = NULL;
  guint64 inode;
  int fd;

  *copy = -1;
  if (files == NULL || !g_file_get_contents (path, &table, NULL, NULL))
    return KVS_OWN_SOCKET_UNKNOWN;

  inode = kvs_own_socket_inode (table, far, near);
  fd = inode != 0 ? descriptor_of (inode, files) : -1;
  *copy = fd >= 0 ? duplicate (fd, near) : -1;
  return *copy >= 0 ? KVS_OWN_SOCKET_YES : KVS_OWN_SOCKET_NO;
}
