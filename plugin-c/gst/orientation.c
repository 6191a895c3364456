#include "orientation.h"

#include <gst/rtp/rtp.h>

#include "extension.h"

#define URI "urn:3gpp:video-orientation"

/* Of the byte: which camera it is (0x08) is of no use to us. */
#define SHOWN_BITS 0x07

/* By the bits: the flip, and the quarter turns. */
static const char *const names[] = { "rotate-0", "rotate-90", "rotate-180",
  "rotate-270", "flip-rotate-0", "flip-rotate-90", "flip-rotate-180",
  "flip-rotate-270" };

GstKvsOrientation
gst_kvs_orientation_from_degrees (int degrees)
{
  return (GstKvsOrientation) (degrees / 90 & 0x03);
}

const char *
gst_kvs_orientation_name (GstKvsOrientation orientation)
{
  return names[orientation & SHOWN_BITS];
}

gboolean
gst_kvs_orientation_from_tags (const GstTagList *tags,
    GstKvsOrientation *orientation)
{
  g_autofree char *name = NULL;

  if (!gst_tag_list_get_string (tags, GST_TAG_IMAGE_ORIENTATION, &name))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    if (!g_str_equal (names[i], name))
      continue;
    *orientation = (GstKvsOrientation) i;
    return TRUE;
  }
  return FALSE;
}

guint
gst_kvs_orientation_read_id (const GstSDPMedia *media)
{
  return gst_kvs_extension_read_id (media, URI);
}

void
gst_kvs_orientation_write_id (GstSDPMedia *media, guint id)
{
  gst_kvs_extension_write_id (media, id, URI);
}

gboolean
gst_kvs_orientation_read (GstBuffer *packet, guint id,
    GstKvsOrientation *orientation)
{
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  gpointer data;
  guint size;
  gboolean is_there;

  if (!gst_rtp_buffer_map (packet, GST_MAP_READ, &rtp))
    return FALSE;
  is_there = gst_rtp_buffer_get_extension_onebyte_header (&rtp, (guint8) id, 0,
                 &data, &size)
      && size == 1;
  if (is_there)
    *orientation = *(const guint8 *) data & SHOWN_BITS;
  gst_rtp_buffer_unmap (&rtp);
  return is_there;
}
