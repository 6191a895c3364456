#include "match.h"

#include "profile.h"

const GstKvsSdpCodec *
gst_kvs_sdp_media_match (const GstKvsSdpMedia *media, const GstKvsCodec *codec,
    int profile)
{
  const GstKvsSdpCodec *best = NULL;
  int best_distance = G_MAXINT;

  for (guint i = 0; i < media->codecs->len; i++) {
    const GstKvsSdpCodec *c = g_ptr_array_index (media->codecs, i);
    int distance;

    if (c->codec != codec)
      continue;
    distance = gst_kvs_profile_distance (codec, c->fmtp, profile);
    if (distance >= 0 && distance < best_distance) {
      best = c;
      best_distance = distance;
    }
  }
  return best;
}

const GstKvsSdpCodec *
gst_kvs_sdp_media_first (const GstKvsSdpMedia *media)
{
  for (guint i = 0; i < media->codecs->len; i++) {
    const GstKvsSdpCodec *c = g_ptr_array_index (media->codecs, i);
    int profile = gst_kvs_profile_from_fmtp (c->codec, c->fmtp);

    if (gst_kvs_profile_distance (c->codec, c->fmtp, profile) >= 0)
      return c;
  }
  return NULL;
}

gboolean
gst_kvs_sdp_media_is_usable (const GstKvsSdpMedia *media)
{
  return !media->is_rejected
      && (media->is_data || gst_kvs_sdp_media_first (media));
}
