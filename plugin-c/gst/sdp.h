/* Pure questions to a peer's SDP, and the offer webrtcbin is shown instead of it.
 *
 * Nothing a viewer wrote reaches webrtcbin: its offer is read into values, the
 * values are checked, and a new, narrow offer is written from them, with one
 * codec for each m-line and only the attributes we know. */
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
  int profile_level_id;
} GstKvsSdpCodec;

/**
 * GstKvsSdpMedia:
 * One m-line. Only audio and video have `kind`s we serve; `is_rtp` is FALSE
 * for the data channel and for anything unknown.
 */
typedef struct {
  guint mline;
  char *mid;
  gboolean is_rtp;
  gboolean is_data;     /* a data channel's m-line */
  gboolean is_rejected; /* port 0 in the offer */
  GstKvsMedia media;
  gboolean wants_to_receive;
  gboolean wants_to_send;
  GArray *ssrcs; /* guint32, declared by a=ssrc: what it may send as */
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

/**
 * gst_kvs_sdp_media_match:
 * @profile_level_id: the H264 stream's own, or -1 when we encode it ourselves
 *
 * The offered payload type that suits the codec best, or NULL. For H264 only
 * packetization-mode 1 will do (RFC 6184 section 6.2: our payloader
 * fragments); a payload type whose profile covers the stream's comes first,
 * then any other, since decoders in practice decode more than they declare.
 */
const GstKvsSdpCodec *gst_kvs_sdp_media_match (const GstKvsSdpMedia *media,
    const GstKvsCodec *codec, int profile_level_id);

/* "VP9, AV1 (video), G722 (audio)": what the offer's m-lines hold, for a refusal. At most 200 characters. */
char *gst_kvs_sdp_offer_describe_codecs (const GstKvsSdpOffer *offer);

/**
 * GstKvsSdpChoice:
 * What we do with one m-line: `codec` is NULL exactly when neither is done.
 */
typedef struct {
  const GstKvsSdpCodec *codec;
  gboolean send;
  gboolean receive;
} GstKvsSdpChoice;

/**
 * gst_kvs_sdp_offer_sends_rtcp:
 * Whether the peer is sure to report on what it receives. All stacks do that
 * offer a choice of payload types, browsers above all; Amazon's C SDK, which
 * offers one codec a kind, does not.
 */
gboolean gst_kvs_sdp_offer_sends_rtcp (const GstKvsSdpOffer *offer);

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
 * gst_kvs_sdp_codec_preferences:
 * What a webrtcbin transceiver needs to answer with this payload type and to
 * send as `ssrc`. Transfer full.
 */
GstCaps *gst_kvs_sdp_codec_preferences (const GstKvsSdpCodec *codec,
    guint32 ssrc);

/**
 * gst_kvs_sdp_candidate_clean:
 * Checks a remote ICE candidate (RFC 8839 section 5.1) and writes it anew
 * from its checked fields. NULL when it is not one, or of a kind we do not
 * use: TCP (webrtcbin's is off), another component than RTP, or a host name
 * (mDNS: resolving could stall; the browser's own checks reach us anyway).
 * `*why` is then a static string for the log.
 */
char *gst_kvs_sdp_candidate_clean (const char *text, const char **why);

/* The m-line a candidate is for: by mid, else by index, else the first; -1 when there is no such m-line. */
int gst_kvs_sdp_offer_find_mline (const GstKvsSdpOffer *offer, const char *mid,
    int mline_index);

/**
 * gst_kvs_sdp_answer_finish:
 * Writes webrtcbin's answer as the text to send: H264's profile as the peer
 * may expect it, and trickle announced. Transfer full.
 */
char *gst_kvs_sdp_answer_finish (const GstSDPMessage *answer,
    const GstKvsSdpOffer *offer, const GstKvsSdpChoice *choices);

/**
 * gst_kvs_sdp_fingerprint_of_pem:
 * Fingerprint of a PEM certificate by the algorithm of `like`
 * ("sha-256 ..."), in the same spelling; NULL when it cannot be made.
 */
char *gst_kvs_sdp_fingerprint_of_pem (const char *pem, const char *like);

G_END_DECLS
