#include "profile.h"

#include <stdlib.h>
#include <string.h>

#include "sdpcodec.h"

static gboolean
is_h264 (const GstKvsCodec *codec)
{
  return g_str_equal (codec->name, "H264");
}

static gboolean
is_h265 (const GstKvsCodec *codec)
{
  return g_str_equal (codec->name, "H265");
}

static gboolean
is_av1 (const GstKvsCodec *codec)
{
  return g_str_equal (codec->name, "AV1");
}

static gboolean
is_vp9 (const GstKvsCodec *codec)
{
  return g_str_equal (codec->name, "VP9");
}

typedef struct {
  const char *name;
  int number;
} Name;

static int
find_name (const Name *names, gsize n, const char *name)
{
  for (gsize i = 0; name && i < n; i++) {
    if (g_str_equal (names[i].name, name))
      return names[i].number;
  }
  return -1;
}

/* "3.1" → 31. */
static int
read_level (const char *text)
{
  g_auto (GStrv) parts = text ? g_strsplit (text, ".", 2) : NULL;
  guint64 major = 0, minor = 0;

  if (!parts || !parts[0]
      || !g_ascii_string_to_unsigned (parts[0], 10, 0, 9, &major, NULL))
    return -1;
  if (parts[1]
      && !g_ascii_string_to_unsigned (parts[1], 10, 0, 9, &minor, NULL))
    return -1;
  return (int) (major * 10 + minor);
}

/* The bytes 1 to 3 of avcC (ISO/IEC 14496-15), else the names. */
static int
h264_from_caps (const GstStructure *s)
{
  static const Name profiles[] = {
    { "constrained-baseline", 0x42e0 },
    { "baseline", 0x4200 },
    { "main", 0x4d00 },
    { "high", 0x6400 },
    { "constrained-high", 0x640c },
    { "high-10", 0x6e00 },
    { "high-4:2:2", 0x7a00 },
    { "high-4:4:4", 0xf400 },
  };
  const GValue *value = gst_structure_get_value (s, "codec_data");
  int profile = find_name (profiles, G_N_ELEMENTS (profiles),
      gst_structure_get_string (s, "profile"));
  int level = read_level (gst_structure_get_string (s, "level"));
  guint8 bytes[4];

  if (value && GST_VALUE_HOLDS_BUFFER (value)
      && gst_buffer_extract (gst_value_get_buffer (value), 0, bytes, 4) == 4)
    return bytes[1] << 16 | bytes[2] << 8 | bytes[3];
  return profile < 0 ? -1 : profile << 8 | (level < 0 ? 0x1f : level);
}

static int
h265_from_caps (const GstStructure *s)
{
  static const Name profiles[] = {
    { "main", 1 },
    { "main-10", 2 },
    { "main-still-picture", 3 },
  };
  const char *name = gst_structure_get_string (s, "profile");
  int profile = find_name (profiles, G_N_ELEMENTS (profiles), name);
  int level = read_level (gst_structure_get_string (s, "level"));
  gboolean is_high =
      g_strcmp0 (gst_structure_get_string (s, "tier"), "high") == 0;

  if (!name)
    return -1;
  /* All others are of the range extensions or beyond. */
  return (profile < 0 ? 4 : profile) << 16 | (is_high ? 0x100 : 0)
      | (level < 0 ? 93 : level * 3);
}

static int
av1_from_caps (const GstStructure *s)
{
  static const Name profiles[] = {
    { "main", 0 },
    { "high", 1 },
    { "professional", 2 },
  };
  int profile = find_name (profiles, G_N_ELEMENTS (profiles),
      gst_structure_get_string (s, "profile"));

  return profile < 0 ? -1 : profile << 16 | 5;
}

int
gst_kvs_profile_from_caps (const GstKvsCodec *codec, const GstStructure *caps)
{
  if (is_h264 (codec))
    return h264_from_caps (caps);
  if (is_h265 (codec))
    return h265_from_caps (caps);
  if (is_av1 (codec))
    return av1_from_caps (caps);
  if (is_vp9 (codec)) {
    const char *profile = gst_structure_get_string (caps, "profile");

    return profile ? atoi (profile) : -1;
  }
  return -1;
}

/* A decimal parameter; `fallback` where it is absent, -1 where it is wrong. */
static int
parameter (const char *fmtp, const char *name, int max, int fallback)
{
  g_autofree char *text = gst_kvs_sdp_fmtp_parameter (fmtp, name);
  guint64 value;

  if (!text)
    return fallback;
  if (!g_ascii_string_to_unsigned (text, 10, 0, (guint64) max, &value, NULL))
    return -1;
  return (int) value;
}

/* RFC 6184 section 8.1: baseline of the lowest level where nothing is said. */
static int
h264_from_fmtp (const char *fmtp)
{
  g_autofree char *text = gst_kvs_sdp_fmtp_parameter (fmtp, "profile-level-id");
  guint64 value;

  if (!text)
    return 0x42000a;
  if (strlen (text) != 6
      || !g_ascii_string_to_unsigned (text, 16, 0, 0xffffff, &value, NULL))
    return -1;
  return (int) value;
}

static int
pack (int profile, int tier, int level)
{
  return profile < 0 || tier < 0 || level < 0
      ? -1
      : profile << 16 | tier << 8 | level;
}

int
gst_kvs_profile_from_fmtp (const GstKvsCodec *codec, const char *fmtp)
{
  if (is_h264 (codec))
    return h264_from_fmtp (fmtp);
  if (is_h265 (codec))
    return pack (parameter (fmtp, "profile-id", 31, 1),
        parameter (fmtp, "tier-flag", 1, 0),
        parameter (fmtp, "level-id", 255, 93));
  if (is_av1 (codec))
    return pack (parameter (fmtp, "profile", 2, 0),
        parameter (fmtp, "tier", 1, 0), parameter (fmtp, "level-idx", 31, 5));
  if (is_vp9 (codec))
    return parameter (fmtp, "profile-id", 3, 0);
  return -1;
}

/* H264 profiles as what they can decode, by the first two bytes of
 * profile-level-id: 0 = constrained baseline ... 3 = high, -1 = beyond. */
static int
h264_rank (int profile_level_id)
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

/* Level 1b lies between 1.0 and 1.1, and is told by constraint_set3. */
static int
h264_level (int profile_level_id)
{
  int level = profile_level_id & 0xff;
  gboolean is_1b = level == 9
      || (level == 11 && (profile_level_id & 0x1000)
          && h264_rank (profile_level_id) < 3);

  return is_1b ? 105 : level * 10;
}

static int
h264_distance (const char *fmtp, int stream)
{
  g_autofree char *mode =
      gst_kvs_sdp_fmtp_parameter (fmtp, "packetization-mode");
  int offered = h264_from_fmtp (fmtp);
  int rank = stream < 0 ? 0 : h264_rank (stream);
  int decoder, distance;

  if (g_strcmp0 (mode, "1") != 0)
    return -1;
  if (offered < 0)
    offered = 0x42000a;
  decoder = h264_rank (offered);
  /* A profile above high (4:4:4 say) is for itself; high comes nearest. */
  if (decoder < 0 || rank < 0)
    distance = offered >> 16 == stream >> 16 ? 0 : 100 - decoder;
  else
    distance = decoder >= rank ? decoder - rank : 10 + rank - decoder;
  return 2 * distance
      + (stream >= 0 && h264_level (offered) < h264_level (stream) ? 1 : 0);
}

/* A decoder of main 10 decodes main; the range extensions are for themselves. */
static int
h265_distance (const char *fmtp, int stream)
{
  g_autofree char *mode = gst_kvs_sdp_fmtp_parameter (fmtp, "tx-mode");
  int offered = pack (parameter (fmtp, "profile-id", 31, 1),
      parameter (fmtp, "tier-flag", 1, 0),
      parameter (fmtp, "level-id", 255, 93));
  int decoder = offered >> 16, profile = stream < 0 ? 1 : stream >> 16;

  if (offered < 0 || (mode && g_ascii_strcasecmp (mode, "SRST") != 0))
    return -1;
  if (decoder != profile && (profile > decoder || decoder > 2))
    return -1;
  return 2 * (decoder - profile)
      + (stream >= 0 && (stream & 0x1ff) > (offered & 0x1ff) ? 1 : 0);
}

int
gst_kvs_profile_distance (const GstKvsCodec *codec, const char *fmtp,
    int stream)
{
  int offered;

  if (is_h264 (codec))
    return h264_distance (fmtp, stream);
  if (is_h265 (codec))
    return h265_distance (fmtp, stream);
  if (!is_av1 (codec) && !is_vp9 (codec))
    return 0;
  offered = gst_kvs_profile_from_fmtp (codec, fmtp);
  if (offered < 0)
    return -1;
  stream = MAX (stream, 0);
  if (is_vp9 (codec))
    return offered == stream ? 0 : -1;
  return offered >> 16 >= stream >> 16 ? (offered >> 16) - (stream >> 16) : -1;
}

char *
gst_kvs_profile_answer (const GstKvsCodec *codec, const char *fmtp)
{
  int profile = gst_kvs_profile_from_fmtp (codec, fmtp);

  if (is_h264 (codec)) {
    /* level-asymmetry-allowed lets our level differ from the offered one. */
    g_autofree char *offered =
        gst_kvs_sdp_fmtp_parameter (fmtp, "profile-level-id");
    return g_strdup_printf ("level-asymmetry-allowed=1;packetization-mode=1;"
                            "profile-level-id=%06x",
        offered && profile >= 0 ? (guint) profile : 0x42e01f);
  }
  if (is_h265 (codec))
    return g_strdup_printf ("level-id=%d;profile-id=%d;tier-flag=%d;"
                            "tx-mode=SRST",
        profile & 0xff, profile >> 16, (profile >> 8) & 1);
  if (is_av1 (codec))
    return g_strdup_printf ("level-idx=%d;profile=%d;tier=%d", profile & 0xff,
        profile >> 16, (profile >> 8) & 1);
  if (is_vp9 (codec))
    return g_strdup_printf ("profile-id=%d", profile);
  /* What we can receive does not depend on what was offered. */
  return g_strdup (codec->fmtp);
}
