#include "extension.h"

#include <string.h>

/* RFC 8285 section 4.2: 15 is reserved. */
#define MAX_ID 14

/* The number of "13/sendrecv URI attributes" where that is this one, or 0. */
static guint
read_extmap (const char *extmap, const char *uri)
{
  char *rest;
  guint64 id = g_ascii_strtoull (extmap, &rest, 10);

  if (id < 1 || id > MAX_ID)
    return 0;
  if (g_str_has_prefix (rest, "/sendrecv"))
    rest += strlen ("/sendrecv");
  if (*rest != ' ' || !g_str_has_prefix (rest + 1, uri))
    return 0;
  rest += 1 + strlen (uri);
  return *rest == '\0' || *rest == ' ' ? (guint) id : 0;
}

guint
gst_kvs_extension_read_id (const GstSDPMedia *media, const char *uri)
{
  guint n = gst_sdp_media_attributes_len (media);

  for (guint i = 0; i < n; i++) {
    const GstSDPAttribute *a = gst_sdp_media_get_attribute (media, i);
    guint id = g_strcmp0 (a->key, "extmap") == 0 && a->value
        ? read_extmap (a->value, uri)
        : 0;

    if (id > 0)
      return id;
  }
  return 0;
}

void
gst_kvs_extension_write_id (GstSDPMedia *media, guint id, const char *uri)
{
  g_autofree char *value = g_strdup_printf ("%u %s", id, uri);

  if (id > 0)
    gst_sdp_media_add_attribute (media, "extmap", value);
}
