/* How a picture is to be turned to stand upright: as GStreamer's tag, and as
 * the byte that goes with RTP (3GPP TS 26.114 section 7.4.5, RFC 7742 section 4). */
#pragma once

#include <gst/gst.h>
#include <gst/sdp/sdp.h>

G_BEGIN_DECLS

/**
 * GST_KVS_ORIENTATION_ID:
 * The header extension's number in offers of our own.
 */
#define GST_KVS_ORIENTATION_ID 1

/* Quarter turns clockwise (0 to 3), and whether the picture is mirrored: the
 * bits of the RTP byte that say how it is to be shown. */
typedef guint8 GstKvsOrientation;

/* Of 0, 90, 180 or 270 degrees clockwise. */
GstKvsOrientation gst_kvs_orientation_from_degrees (int degrees);

/* The value of GST_TAG_IMAGE_ORIENTATION that says it. */
const char *gst_kvs_orientation_name (GstKvsOrientation orientation);

/* FALSE when the tags say nothing of it. */
gboolean gst_kvs_orientation_from_tags (const GstTagList *tags,
    GstKvsOrientation *orientation);

/* The number that the m-line gives to the header extension, for both
 * directions and of the one-byte form (1 to 14, RFC 8285); 0 where it has none. */
guint gst_kvs_orientation_read_id (const GstSDPMedia *media);

/* Says in the m-line that the extension may be used as that number; nothing for 0. */
void gst_kvs_orientation_write_id (GstSDPMedia *media, guint id);

/* What an RTP packet from the network says; FALSE when that is nothing. */
gboolean gst_kvs_orientation_read (GstBuffer *packet, guint id,
    GstKvsOrientation *orientation);

G_END_DECLS
