/* Which of the offered payload types suits a stream. */
#pragma once

#include "sdp.h"

G_BEGIN_DECLS

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

G_END_DECLS
