#include "sdptext.h"

#include <string.h>

gboolean
gst_kvs_sdp_is_token (const char *text, gsize max)
{
  gsize length = strlen (text);

  if (length == 0 || length > max)
    return FALSE;
  for (const char *c = text; *c; c++) {
    if (!g_ascii_isgraph (*c))
      return FALSE;
  }
  return TRUE;
}

gboolean
gst_kvs_sdp_is_number (const char *text, guint64 min, guint64 max)
{
  return g_ascii_string_to_unsigned (text, 10, min, max, NULL, NULL);
}

/* The value after "<pt> " of the attribute `key` for this payload type, or NULL. */
const char *
gst_kvs_sdp_payload_attribute (const GstSDPMedia *media, const char *key,
    int pt, guint nth)
{
  guint n = gst_sdp_media_attributes_len (media);

  for (guint i = 0; i < n; i++) {
    const GstSDPAttribute *a = gst_sdp_media_get_attribute (media, i);
    char *end;
    gint64 number;

    if (g_strcmp0 (a->key, key) != 0 || !a->value)
      continue;
    if (a->value[0] == '*') {
      end = (char *) a->value + 1;
      number = pt;
    } else {
      number = g_ascii_strtoll (a->value, &end, 10);
    }
    if (end == a->value || *end != ' ' || number != pt)
      continue;
    if (nth-- == 0)
      return end + 1;
  }
  return NULL;
}

gboolean
gst_kvs_sdp_is_format (const char *text, int *pt)
{
  guint64 value = 0;
  gboolean is_pt = g_ascii_string_to_unsigned (text, 10, 0, 127, &value, NULL);

  *pt = (int) value;
  return is_pt;
}
