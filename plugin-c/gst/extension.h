/* RTP header extensions as an m-line numbers them (RFC 8285). */
#pragma once

#include <gst/sdp/sdp.h>

G_BEGIN_DECLS

/* Counts packets over all of a peer's streams, so that it can say when each
 * came (draft-holmer-rmcat-transport-wide-cc-extensions-01). */
#define GST_KVS_EXTENSION_TRANSPORT_CC \
  "http://www.ietf.org/id/"            \
  "draft-holmer-rmcat-transport-wide-cc-extensions-01"

/* The number that the m-line gives to the extension, for both directions and
 * of the one-byte form (1 to 14); 0 where it has none. */
guint gst_kvs_extension_read_id (const GstSDPMedia *media, const char *uri);

/* Says in the m-line that it may be used as that number; nothing for 0. */
void gst_kvs_extension_write_id (GstSDPMedia *media, guint id, const char *uri);

G_END_DECLS
