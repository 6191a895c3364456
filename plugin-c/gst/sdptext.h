/* Words and numbers of SDP lines. */
#pragma once

#include <gst/sdp/sdp.h>

G_BEGIN_DECLS

/* Whether it is 1 to `max` visible ASCII characters. */
gboolean gst_kvs_sdp_is_token (const char *text, gsize max);

gboolean gst_kvs_sdp_is_number (const char *text, guint64 min, guint64 max);

/* Whether it is an RTP payload type. */
gboolean gst_kvs_sdp_is_format (const char *text, int *pt);

/* The value after "<pt> " of the nth attribute `key` for this payload type, or NULL. */
const char *gst_kvs_sdp_payload_attribute (const GstSDPMedia *media,
    const char *key, int pt, guint nth);

G_END_DECLS
