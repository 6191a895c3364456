/* Which of the offered payload types suits a stream. */
#pragma once

#include "sdp.h"

G_BEGIN_DECLS

/**
 * gst_kvs_sdp_media_match:
 * @profile: the stream's own (profile.h), or -1 when we encode it ourselves
 *
 * The offered payload type that suits the codec best, the first of equals, or
 * NULL: see gst_kvs_profile_distance.
 */
const GstKvsSdpCodec *gst_kvs_sdp_media_match (const GstKvsSdpMedia *media,
    const GstKvsCodec *codec, int profile);

/* The first payload type that some stream could be sent or received as, or NULL. */
const GstKvsSdpCodec *gst_kvs_sdp_media_first (const GstKvsSdpMedia *media);

/* Whether it can be answered with anything but a rejection. */
gboolean gst_kvs_sdp_media_is_usable (const GstKvsSdpMedia *media);

G_END_DECLS
