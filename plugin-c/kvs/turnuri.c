#include "turnuri.h"

#include <gio/gio.h>
#include <string.h>

#define HOST_MAX 253

static gboolean
is_host (const char *text)
{
  gsize length = strlen (text);

  if (strchr (text, ':') != NULL)
    return g_hostname_is_ip_address (text) && strchr (text, '%') == NULL;
  return length > 0 && length <= HOST_MAX
      && strspn (text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS ".-") == length;
}

static gboolean
read_transport (const char *query, KvsTurnUri *uri)
{
  uri->is_tcp = uri->is_tls;
  if (query == NULL)
    return TRUE;
  uri->is_tcp = g_ascii_strcasecmp (query, "transport=tcp") == 0;
  return uri->is_tcp || g_ascii_strcasecmp (query, "transport=udp") == 0;
}

/* Where the host ends: after its brackets, or at the last colon. */
static gboolean
read_host_and_port (const char *text, KvsTurnUri *uri)
{
  gboolean in_brackets = *text == '[';
  const char *end = strchr (text, in_brackets ? ']' : ':');
  const char *port = end != NULL ? end + (in_brackets ? 1 : 0) : NULL;
  guint64 number = uri->is_tls ? 5349 : 3478;

  if (in_brackets && end == NULL)
    return FALSE;
  uri->host = end != NULL
      ? g_strndup (text + in_brackets, end - text - in_brackets)
      : g_strdup (text);
  if (port != NULL && *port != '\0'
      && (*port != ':'
          || !g_ascii_string_to_unsigned (port + 1, 10, 1, G_MAXUINT16, &number,
              NULL)))
    return FALSE;
  uri->port = number;
  return is_host (uri->host)
      && in_brackets == (strchr (uri->host, ':') != NULL);
}

KvsTurnUri *
kvs_turn_uri_parse (const char *text)
{
  g_autoptr (KvsTurnUri) uri = g_new0 (KvsTurnUri, 1);
  g_auto (GStrv) parts = NULL;

  if (g_str_has_prefix (text, "turns:"))
    uri->is_tls = TRUE;
  else if (!g_str_has_prefix (text, "turn:"))
    return NULL;
  parts = g_strsplit (strchr (text, ':') + 1, "?", 2);
  if (parts[0] == NULL || !read_transport (parts[1], uri)
      || !read_host_and_port (parts[0], uri))
    return NULL;
  return g_steal_pointer (&uri);
}

void
kvs_turn_uri_free (KvsTurnUri *self)
{
  if (self == NULL)
    return;
  g_free (self->host);
  g_free (self);
}
