/* A master's answer: checked against what was offered. */
#pragma once

#include "choice.h"
#include "proposal.h"

G_BEGIN_DECLS

/**
 * gst_kvs_sdp_answer_parse:
 * @text: SDP from the network, any bytes
 *
 * An answer to the proposal, read into the same values as an offer is
 * (transfer full), or NULL with a GST_KVS_SDP_ERROR. An m-line that is missing
 * at the end counts as rejected.
 */
GstKvsSdpOffer *gst_kvs_sdp_answer_parse (const char *text,
    const GstKvsSdpProposal *proposal, GError **error);

/**
 * gst_kvs_sdp_answer_choose:
 * @choices: zeroed, one for each line of the proposal; filled in
 *
 * For each line the first payload type of the answer that was offered, and the
 * directions both sides want; nothing where that is none, or the answer has no such
 * payload type. FALSE when no line is answered with what was offered.
 */
gboolean gst_kvs_sdp_answer_choose (const GstKvsSdpOffer *answer,
    const GstKvsSdpProposal *proposal, GstKvsSdpChoice *choices);

G_END_DECLS
