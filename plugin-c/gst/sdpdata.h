/* A data channel's m-line (RFC 8841), also as peers wrote it before that was one. */
#pragma once

#include <gst/sdp/sdp.h>

G_BEGIN_DECLS

/* What a text on a data channel may have, and what is read of one. */
#define GST_KVS_MAX_MESSAGE_SIZE 65536

/* The SCTP port we have in all descriptions of ours. */
#define GST_KVS_SCTP_PORT 5000

/* The SCTP port of the peer, or 0 where this is no data channel's m-line. */
guint16 gst_kvs_sdp_data_read_port (const GstSDPMedia *media);

/* What a text to the peer may have, in bytes; 0 for any (RFC 8841 section 6.1). */
guint32 gst_kvs_sdp_data_read_max_size (const GstSDPMedia *media);

/* Ours, in the manner of that protocol: "UDP/DTLS/SCTP", or as the peer has it. */
void gst_kvs_sdp_data_write (GstSDPMedia *to, const char *protocol);

G_END_DECLS
