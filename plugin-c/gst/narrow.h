/* The offer webrtcbin is shown instead of the peer's, and the answer the peer is sent. */
#pragma once

#include "sdp.h"

G_BEGIN_DECLS

/**
 * GstKvsSdpChoice:
 * What we do with one m-line: `codec` is NULL exactly when neither is done.
 */
typedef struct {
  const GstKvsSdpCodec *codec;
  gboolean send;
  gboolean receive;
  guint number; /* of the sink pad whose media is sent */
} GstKvsSdpChoice;

/**
 * gst_kvs_sdp_offer_narrow:
 * @choices: one for each m-line
 *
 * The offer to hand to webrtcbin: m-lines with a choice hold that payload
 * type alone (and its RTX) and ask for just the directions chosen; all others
 * say inactive, data channels stay. Transfer full.
 */
GstSDPMessage *gst_kvs_sdp_offer_narrow (const GstKvsSdpOffer *offer,
    const GstKvsSdpChoice *choices);

/**
 * gst_kvs_sdp_answer_finish:
 * Writes webrtcbin's answer as the text to send: H264's profile as the peer
 * may expect it, the orientation's header extension where it was offered, and what is sent told apart (RFC 8830):
 * pads of one number are one MediaStream, "stream-0". Transfer full.
 */
char *gst_kvs_sdp_answer_finish (const GstSDPMessage *answer,
    const GstKvsSdpOffer *offer, const GstKvsSdpChoice *choices);

G_END_DECLS
