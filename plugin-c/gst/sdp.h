/* A peer's SDP, read into values and checked.
 *
 * Nothing else is known of what a peer wrote: a connection is made by these
 * values, and the answer is written from them (sdpanswer.h), with one codec for
 * each m-line and only the attributes we know. */
#pragma once

#include <gst/sdp/sdp.h>

#include "codec.h"

G_BEGIN_DECLS

#define GST_KVS_SDP_ERROR (gst_kvs_sdp_error_quark ())
GQuark gst_kvs_sdp_error_quark (void);

typedef enum {
  GST_KVS_SDP_ERROR_SYNTAX, /* not SDP, or an attribute that is not what its RFC says */
  GST_KVS_SDP_ERROR_LIMIT,       /* larger than any honest offer */
  GST_KVS_SDP_ERROR_UNSUPPORTED, /* fine SDP that we cannot answer */
} GstKvsSdpError;

/**
 * GstKvsSdpCodec:
 * One payload type of an offer. `profile_level_id` is 24 bits of H264's, or -1.
 */
typedef struct {
  int pt;
  const GstKvsCodec *codec;
  char *fmtp; /* as offered, or NULL */
  int rtx_pt; /* -1 without retransmission */
  gboolean nack;
  gboolean nack_pli;
  gboolean ccm_fir;
  gboolean transport_cc;
  gboolean remb;
  int profile_level_id;
} GstKvsSdpCodec;

/**
 * GstKvsSdpMedia:
 * One m-line. Only audio and video have `kind`s we serve; `is_rtp` is FALSE
 * for the data channel and for anything unknown, a second data channel's m-line
 * among it.
 */
typedef struct {
  guint mline;
  char *mid;
  gboolean is_rtp;
  gboolean is_data;         /* a data channel's m-line */
  guint16 sctp_port;        /* the peer's, 0 unless is_data */
  guint32 max_message_size; /* bytes that it takes, likewise; 0 is any */
  gboolean is_rejected;     /* port 0 in the offer */
  GstKvsMedia media;
  gboolean wants_to_receive;
  gboolean wants_to_send;
  guint
      orientation_id; /* the header extension's number, 0 without (orientation.h) */
  guint transport_cc_id; /* likewise (extension.h) */
  GArray *ssrcs;         /* guint32, declared by a=ssrc: what it may send as */
  GPtrArray *
      codecs; /* of GstKvsSdpCodec, only those in our table, in the peer's order */
} GstKvsSdpMedia;

/**
 * GstKvsSdpOffer:
 * `fingerprints` are "sha-256 AA:BB:..." (algorithm lower, digits upper
 * case), the set any of which the peer's DTLS certificate may match
 * (RFC 8122 section 5). `candidates` are those written into the SDP.
 */
typedef struct {
  GPtrArray *medias;       /* of GstKvsSdpMedia */
  GPtrArray *candidates;   /* of char * */
  GPtrArray *fingerprints; /* of char * */
  GstSDPMessage *message;  /* what it was read from */
} GstKvsSdpOffer;

/**
 * gst_kvs_sdp_offer_parse:
 * @text: SDP from the network, any bytes
 *
 * Returns the offer (transfer full) or NULL with a GST_KVS_SDP_ERROR whose
 * message names the m-line and the attribute, never their values.
 */
GstKvsSdpOffer *gst_kvs_sdp_offer_parse (const char *text, GError **error);
void gst_kvs_sdp_offer_free (GstKvsSdpOffer *offer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstKvsSdpOffer, gst_kvs_sdp_offer_free)

/* The m-line a candidate is for: by mid, else by index, else the first; -1 when there is no such m-line. */
int gst_kvs_sdp_offer_find_mline (const GstKvsSdpOffer *offer, const char *mid,
    int mline_index);

G_END_DECLS
