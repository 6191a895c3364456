/* What a viewer offers the master: its m-lines and payload types, and the offer as text. */
#pragma once

#include "sdpwrite.h"

G_BEGIN_DECLS

/**
 * GstKvsSdpLine:
 * One m-line of our offer, known by its index.
 */
typedef struct {
  gboolean is_data;
  GstKvsMedia media; /* unless is_data */
  gboolean send;     /* sendrecv, else recvonly */
  GPtrArray *codecs; /* of GstKvsSdpCodec, the preferred first */
} GstKvsSdpLine;

typedef struct {
  GPtrArray *lines; /* of GstKvsSdpLine */
} GstKvsSdpProposal;

GstKvsSdpProposal *gst_kvs_sdp_proposal_new (void);
void gst_kvs_sdp_proposal_free (GstKvsSdpProposal *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstKvsSdpProposal, gst_kvs_sdp_proposal_free)

/**
 * gst_kvs_sdp_proposal_add_media:
 * @codecs: of GstKvsCodec, the preferred first; not empty
 *
 * One more m-line, with the payload types of the table of codecs, each video
 * codec with a retransmission of its own. One of a kind.
 */
void gst_kvs_sdp_proposal_add_media (GstKvsSdpProposal *self, GstKvsMedia media,
    gboolean send, GPtrArray *codecs);

/* The m-line of data channels. */
void gst_kvs_sdp_proposal_add_data (GstKvsSdpProposal *self);

/**
 * gst_kvs_sdp_proposal_write:
 * @streams: one for each line
 * @cname: of all that is sent
 *
 * The offer to send (transfer full), m-lines named "0", "1", "2" as Amazon's C
 * SDK takes for granted.
 */
char *gst_kvs_sdp_proposal_write (const GstKvsSdpProposal *self,
    const GstKvsSdpStream *streams, const GstKvsSdpTransport *transport,
    const char *cname);

G_END_DECLS
