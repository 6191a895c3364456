/* Pieces of the descriptions that webrtcbin is shown. */
#pragma once

#include "narrow.h"

G_BEGIN_DECLS

/* A description without m-lines (transfer full). */
GstSDPMessage *gst_kvs_sdp_message_new (void);

/* ICE's names, DTLS's roles and a fingerprint, of the m-line `from` of `offer`. */
void gst_kvs_sdp_copy_transport (GstSDPMedia *to, const GstKvsSdpOffer *offer,
    const GstSDPMedia *from);

/* An m-line's directions and its payload type, where one is chosen; `from` is the peer's, or NULL. */
void gst_kvs_sdp_write_rtp (GstSDPMedia *to, const GstKvsSdpChoice *choice,
    const GstSDPMedia *from);

/* What the peer may send as. */
void gst_kvs_sdp_write_ssrcs (GstSDPMedia *to, const GstKvsSdpMedia *self);

/* A data channel's m-line; `from` is the peer's, or NULL. */
void gst_kvs_sdp_write_data (GstSDPMedia *to, const GstSDPMedia *from);

G_END_DECLS
