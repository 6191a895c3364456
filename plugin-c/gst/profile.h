/* What a stream asks of its decoder: read from caps or from the stream, and compared with what an offer promises. */
#pragma once

#include "codec.h"

G_BEGIN_DECLS

/* A profile is a number whose meaning is the codec's; -1 is one not known:
 * H264   profile-level-id's 24 bits (RFC 6184 section 8.1)
 * H265   profile-id << 16 | tier-flag << 8 | level-id (RFC 7798 section 7.1)
 * VP9    profile-id (RFC 9628 section 7)
 * AV1    profile << 16 | tier << 8 | level-idx (AV1 RTP section 7.2) */

/* Of encoded input, by its caps. */
int gst_kvs_profile_from_caps (const GstKvsCodec *codec,
    const GstStructure *caps);

/* Of a=fmtp, with the codec's default for what it does not say; -1 where that
 * is no legal value. */
int gst_kvs_profile_from_fmtp (const GstKvsCodec *codec, const char *fmtp);

/**
 * gst_kvs_profile_distance:
 * @fmtp: as offered, or NULL
 * @stream: the stream's profile, -1 when we encode it ourselves
 *
 * How well a payload type suits: 0 is best, negative will not do. H264 needs
 * packetization-mode 1 (RFC 6184 section 6.2: our payloader fragments), H265
 * a single stream (tx-mode SRST). A decoder of H264 in practice decodes more
 * than it declares, so a profile that does not cover the stream's comes last
 * but will do; for the others it will not. A level that is too low counts
 * less than anything else: levels may differ both ways (RFC 6184 section
 * 8.2.2, with level-asymmetry-allowed).
 */
int gst_kvs_profile_distance (const GstKvsCodec *codec, const char *fmtp,
    int stream);

/* a=fmtp of the answer to this one, without the payload type (transfer full); NULL where none is due. */
char *gst_kvs_profile_answer (const GstKvsCodec *codec, const char *fmtp);

G_END_DECLS
