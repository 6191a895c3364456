#include "match.h"

#include "sdpcodec.h"

/* H264 profiles as what they can decode, RFC 6184 section 8.1, by the first
 * two bytes of profile-level-id. 0 = constrained baseline ... 3 = high. */
static int
h264_profile_rank (int profile_level_id)
{
  int idc = (profile_level_id >> 16) & 0xff;
  int iop = (profile_level_id >> 8) & 0xff;

  switch (idc) {
    case 66:
      return iop & 0x40 ? 0 : 1;
    case 77:
      return iop & 0x80 ? 0 : 2;
    case 100:
      return 3;
    default:
      return -1;
  }
}

/* Lower is better; -1 will not do. */
static int
h264_distance (const GstKvsSdpCodec *offered, int profile_level_id)
{
  g_autofree char *mode =
      gst_kvs_sdp_fmtp_parameter (offered->fmtp, "packetization-mode");
  int stream = profile_level_id < 0 ? 0 : h264_profile_rank (profile_level_id);
  int decoder;

  if (g_strcmp0 (mode, "1") != 0)
    return -1;
  /* RFC 6184: no profile-level-id means baseline. */
  decoder = offered->profile_level_id < 0
      ? 1
      : h264_profile_rank (offered->profile_level_id);
  /* A profile above high (4:4:4 say) is for itself; high comes nearest. */
  if (decoder < 0 || stream < 0) {
    if (offered->profile_level_id >> 16 == profile_level_id >> 16)
      return 0;
    return 100 - decoder;
  }
  return decoder >= stream ? decoder - stream : 10 + stream - decoder;
}

const GstKvsSdpCodec *
gst_kvs_sdp_media_match (const GstKvsSdpMedia *media, const GstKvsCodec *codec,
    int profile_level_id)
{
  gboolean is_h264 = g_str_equal (codec->name, "H264");
  const GstKvsSdpCodec *best = NULL;
  int best_distance = G_MAXINT;

  for (guint i = 0; i < media->codecs->len; i++) {
    const GstKvsSdpCodec *c = g_ptr_array_index (media->codecs, i);
    int distance;

    if (c->codec != codec)
      continue;
    distance = is_h264 ? h264_distance (c, profile_level_id) : 0;
    if (distance >= 0 && distance < best_distance) {
      best = c;
      best_distance = distance;
    }
  }
  return best;
}
