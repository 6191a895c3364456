/* The answer to a viewer's offer, as text. */
#pragma once

#include "sdpwrite.h"

G_BEGIN_DECLS

/**
 * gst_kvs_sdp_answer_write:
 * @choices: one for each m-line of @offer
 * @streams: likewise
 * @cname: of all that is sent
 *
 * The answer to send (transfer full): each m-line with a choice holds that
 * payload type alone (and its RTX), those without one say inactive, or are
 * rejected where there is nothing we know. H264's profile is as the peer may expect
 * it, and what is sent is told apart (RFC 8830): pads of one number are one
 * MediaStream, "stream-0".
 */
char *gst_kvs_sdp_answer_write (const GstKvsSdpOffer *offer,
    const GstKvsSdpChoice *choices, const GstKvsSdpStream *streams,
    const GstKvsSdpTransport *transport, const char *cname);

/* Whether an m-line's packets are counted over the whole transport: it offers
 * the extension, and the feedback for the codec that is chosen. The number, or 0. */
guint gst_kvs_sdp_transport_cc_id (const GstKvsSdpMedia *media,
    const GstKvsSdpChoice *choice);

G_END_DECLS
