#include "candidate.h"

#include <gio/gio.h>
#include <string.h>

#include "sdptext.h"

/* GLib also takes a zone ("fe80::1%" and any text), which is the peer's own
 * name for one of its interfaces and means nothing here. */
static gboolean
is_address (const char *text)
{
  return g_hostname_is_ip_address (text) && !strchr (text, '%');
}

char *
gst_kvs_sdp_candidate_clean (const char *text, const char **why)
{
  g_auto (GStrv) words = NULL;

  *why = "not a candidate";
  if (strlen (text) > 512)
    return NULL;
  if (g_str_has_prefix (text, "a="))
    text += 2;
  if (!g_str_has_prefix (text, "candidate:"))
    return NULL;
  words = g_strsplit (text + strlen ("candidate:"), " ", 32);
  if (g_strv_length (words) < 8 || !gst_kvs_sdp_is_token (words[0], 32)
      || !gst_kvs_sdp_is_number (words[3], 0, G_MAXUINT32)
      || !gst_kvs_sdp_is_number (words[5], 1, 65535)
      || !g_str_equal (words[6], "typ")
      || !g_strv_contains ((const char *const[]){ "host", "srflx", "prflx",
                               "relay", NULL },
          words[7]))
    return NULL;

  *why = "of another component than RTP";
  if (!g_str_equal (words[1], "1"))
    return NULL;
  *why = "not UDP";
  if (g_ascii_strcasecmp (words[2], "udp") != 0)
    return NULL;
  *why = "a host name, not an address";
  if (!is_address (words[4]))
    return NULL;
  *why = NULL;
  return g_strdup_printf ("candidate:%s 1 UDP %s %s %s typ %s", words[0],
      words[3], words[4], words[5], words[7]);
}
