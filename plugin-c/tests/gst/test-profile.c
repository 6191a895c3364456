/* What a stream asks of its decoder, and what of the offered suits it. */
#include <gst/gst.h>

#include "parametersets.h"
#include "profile.h"

#define MAIN_93 (1 << 16 | 93)

static const GstKvsCodec *
video (const char *name)
{
  const GstKvsCodec *codec = gst_kvs_codec_find (GST_KVS_MEDIA_VIDEO, name);

  return codec ? codec : gst_kvs_codec_find (GST_KVS_MEDIA_AUDIO, name);
}

static void
test_read_from_caps (void)
{
  static const struct {
    const char *codec, *caps;
    int profile;
  } rows[] = {
    { "H264", "video/x-h264,profile=constrained-baseline,level=(string)3.1",
        0x42e01f },
    { "H264", "video/x-h264,profile=baseline,level=(string)4", 0x420028 },
    { "H264", "video/x-h264,profile=main", 0x4d001f },
    { "H264", "video/x-h264,profile=high,level=(string)5.1", 0x640033 },
    { "H264", "video/x-h264,profile=high-4:4:4,level=(string)3", 0xf4001e },
    { "H264", "video/x-h264,profile=main,level=(string)nonsense", 0x4d001f },
    { "H264", "video/x-h264", -1 },
    { "H264", "video/x-h264,profile=unheard-of", -1 },
    { "H264", "video/x-h264,codec_data=(buffer)0164001effe1", 0x64001e },
    { "H264", "video/x-h264,codec_data=(buffer)01,profile=main", 0x4d001f },
    { "H265", "video/x-h265,profile=main,tier=main,level=(string)3.1",
        1 << 16 | 93 },
    { "H265", "video/x-h265,profile=main-10,tier=high,level=(string)5.1",
        2 << 16 | 1 << 8 | 153 },
    { "H265", "video/x-h265,profile=main-444,level=(string)4", 4 << 16 | 120 },
    { "H265", "video/x-h265", -1 },
    { "VP9", "video/x-vp9,profile=(string)2", 2 },
    { "VP9", "video/x-vp9", -1 },
    { "AV1", "video/x-av1,profile=(string)main", 5 },
    { "AV1", "video/x-av1,profile=(string)high", 1 << 16 | 5 },
    { "AV1", "video/x-av1", -1 },
    { "VP8", "video/x-vp8,profile=(string)1", -1 },
    { "OPUS", "audio/x-opus", -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GstCaps) caps = gst_caps_from_string (rows[i].caps);

    g_test_message ("%s", rows[i].caps);
    g_assert_cmphex ((guint) gst_kvs_profile_from_caps (video (rows[i].codec),
                         gst_caps_get_structure (caps, 0)),
        ==, (guint) rows[i].profile);
  }
}

static void
test_read_from_fmtp (void)
{
  static const struct {
    const char *codec, *fmtp;
    int profile;
  } rows[] = {
    { "H264", "packetization-mode=1;profile-level-id=42E01f", 0x42e01f },
    { "H264", NULL, 0x42000a },
    { "H264", "profile-level-id=42e0", -1 },
    { "H264", "profile-level-id=42e01g", -1 },
    { "H265", NULL, MAIN_93 },
    { "H265", "level-id=180;profile-id=2;tier-flag=1;tx-mode=SRST",
        2 << 16 | 1 << 8 | 180 },
    { "H265", "level-id=256", -1 },
    { "H265", "profile-id=-1", -1 },
    { "H265", "tier-flag=2", -1 },
    { "VP9", NULL, 0 },
    { "VP9", "profile-id=3", 3 },
    { "VP9", "profile-id=4", -1 },
    { "AV1", NULL, 5 },
    { "AV1", "profile=2;level-idx=19;tier=1", 2 << 16 | 1 << 8 | 19 },
    { "AV1", "level-idx=99999999999999999999", -1 },
    { "VP8", "max-fs=12288", -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_test_message ("%s %s", rows[i].codec, rows[i].fmtp);
    g_assert_cmphex ((guint) gst_kvs_profile_from_fmtp (video (rows[i].codec),
                         rows[i].fmtp),
        ==, (guint) rows[i].profile);
  }
}

/* Of two offers, the first suits the stream better; NULL is one that will not do. */
static void
test_distances (void)
{
#define H264(plid) "packetization-mode=1;profile-level-id=" plid
  static const struct {
    const char *codec;
    int stream;
    const char *better, *worse;
  } rows[] = {
    { "H264", -1, H264 ("42e01f"), H264 ("42001f") },
    { "H264", -1, H264 ("42e01f"), H264 ("64001f") },
    { "H264", 0x64001f, H264 ("64001f"), H264 ("4d001f") },
    { "H264", 0x4d001f, H264 ("64001f"), H264 ("42e01f") },
    { "H264", 0x42e01f, H264 ("4d801f"), H264 ("4d001f") },
    /* A level that is too low is worse, but better than a lesser profile. */
    { "H264", 0x640033, H264 ("640033"), H264 ("64001f") },
    { "H264", 0x640033, H264 ("64001f"), H264 ("4d0033") },
    /* 1b is told by a flag, and lies between 1.0 and 1.1. */
    { "H264", 0x42f00b, H264 ("42e00b"), H264 ("42e00a") },
    { "H265", -1, NULL, "tx-mode=MRST" },
    { "H265", -1, "profile-id=1", "profile-id=2" },
    { "H265", 2 << 16 | 93, "profile-id=2", NULL },
    { "H265", 4 << 16 | 93, "profile-id=4", NULL },
    { "H265", 1 << 16 | 153, "level-id=180", "level-id=93" },
    { "VP9", 2, "profile-id=2", NULL },
    { "AV1", 1 << 16, "profile=1", "profile=2" },
  };
  static const struct {
    const char *codec;
    int stream;
    const char *fmtp;
  } refused[] = {
    { "H264", -1, "packetization-mode=0;profile-level-id=42e01f" },
    { "H264", -1, NULL },
    { "H265", -1, "tx-mode=MRST" },
    { "H265", -1, "level-id=1000" },
    { "H265", 2 << 16 | 93, "profile-id=1" },
    { "H265", 1 << 16 | 93, "profile-id=4" },
    { "VP9", 0, "profile-id=2" },
    { "VP9", 1, NULL },
    { "AV1", 1 << 16, "profile=0" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    const GstKvsCodec *codec = video (rows[i].codec);
    int better =
        gst_kvs_profile_distance (codec, rows[i].better, rows[i].stream);
    int worse = rows[i].worse
        ? gst_kvs_profile_distance (codec, rows[i].worse, rows[i].stream)
        : G_MAXINT;

    g_test_message ("%s %x: %s, %s", rows[i].codec, rows[i].stream,
        rows[i].better, rows[i].worse);
    g_assert_cmpint (better, >=, 0);
    if (worse >= 0)
      g_assert_cmpint (better, <, worse);
  }
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_test_message ("%s %s", refused[i].codec, refused[i].fmtp);
    g_assert_cmpint (gst_kvs_profile_distance (video (refused[i].codec),
                         refused[i].fmtp, refused[i].stream),
        <, 0);
  }
}

static void
test_answers (void)
{
  static const struct {
    const char *codec, *fmtp, *answer;
  } rows[] = {
    { "H264", "packetization-mode=1;profile-level-id=640C1f;x=<script>",
        "level-asymmetry-allowed=1;packetization-mode=1;"
        "profile-level-id=640c1f" },
    { "H264", "packetization-mode=1",
        "level-asymmetry-allowed=1;packetization-mode=1;"
        "profile-level-id=42e01f" },
    { "H265", "level-id=93;tx-mode=SRST",
        "level-id=93;profile-id=1;tier-flag=0;tx-mode=SRST" },
    { "VP9", "profile-id=2", "profile-id=2" },
    { "AV1", "level-idx=5;profile=0;tier=0", "level-idx=5;profile=0;tier=0" },
    { "OPUS", "minptime=3;usedtx=1", "minptime=10;stereo=1;useinbandfec=1" },
    { "VP8", "max-fs=12288", NULL },
    { "PCMU", NULL, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *answer =
        gst_kvs_profile_answer (video (rows[i].codec), rows[i].fmtp);

    g_assert_cmpstr (answer, ==, rows[i].answer);
  }
}

/* Frames as encoders begin them. */
static const guint8 h264_frame[] = { 0, 0, 0, 1, 9, 16, 0, 0, 0, 1, 0x67, 0x64,
  0x00, 0x1e, 0xac, 0, 0, 0, 1, 0x68, 0xeb, 0xe3, 0, 0, 1, 0x65, 0x88, 0x84 };
static const guint8 h265_frame[] = { 0, 0, 0, 1, 0x40, 0x01, 0x0c, 0, 0, 1,
  0x42, 0x01, 0x01, 0x21, 0x60, 0x00, 0x00, 0x03, 0x00, 0x90, 0x00, 0x00, 0x03,
  0x00, 0x00, 0x03, 0x00, 0x5d, 0xa0, 0, 0, 1, 0x44, 0x01, 0xc1, 0, 0, 1, 0x26,
  0x01, 0xaf };

static int
read_sets (GstKvsParameterSets *sets, const char *codec, const guint8 *data,
    gsize size)
{
  g_autoptr (GstBuffer) frame = gst_buffer_new_memdup (data, size);

  gst_kvs_parameter_sets_read (sets, video (codec), frame);
  return gst_kvs_parameter_sets_get_profile (sets, video (codec));
}

static void
test_read_from_parameter_sets (void)
{
  GstKvsParameterSets sets = { { NULL } };

  g_assert_cmphex ((guint) read_sets (&sets, "H264", h264_frame,
                       sizeof (h264_frame)),
      ==, 0x64001e);
  gst_kvs_parameter_sets_clear (&sets);
  g_assert_cmphex ((guint) read_sets (&sets, "H265", h265_frame,
                       sizeof (h265_frame)),
      ==, 1 << 16 | 1 << 8 | 0x5d);
  gst_kvs_parameter_sets_clear (&sets);
}

/* Whatever a frame holds, and however short it is. */
static void
test_no_frame_is_too_short (void)
{
  for (gsize size = 1; size <= sizeof (h265_frame); size++) {
    GstKvsParameterSets sets = { { NULL } };

    read_sets (&sets, "H265", h265_frame, size);
    read_sets (&sets, "H264", h265_frame, size);
    read_sets (&sets, "H264", h264_frame, MIN (size, sizeof (h264_frame)));
    read_sets (&sets, "VP8", h264_frame, MIN (size, sizeof (h264_frame)));
    gst_kvs_parameter_sets_clear (&sets);
  }
}

static void
test_kept_sets_go_before_a_frame (void)
{
  static const guint8 slice[] = { 0, 0, 0, 1, 0x41, 0x9a };
  static const guint8 expected[] = { 0, 0, 0, 1, 0x67, 0x64, 0x00, 0x1e, 0xac,
    0, 0, 0, 1, 0x68, 0xeb, 0xe3, 0, 0, 0, 1, 0x41, 0x9a };
  GstKvsParameterSets sets = { { NULL } };
  g_autoptr (GstBuffer) frame = gst_buffer_new_memdup (slice, sizeof (slice));
  g_autoptr (GstBuffer) nothing = NULL;
  g_autoptr (GstBuffer) whole = NULL;
  g_autofree guint8 *bytes = g_malloc0 (100);

  GST_BUFFER_PTS (frame) = GST_SECOND;
  nothing = gst_kvs_parameter_sets_prepend (&sets, frame);
  g_assert_true (nothing == frame);
  read_sets (&sets, "H264", h264_frame, sizeof (h264_frame));
  whole = gst_kvs_parameter_sets_prepend (&sets, frame);
  g_assert_cmpuint (GST_BUFFER_PTS (whole), ==, GST_SECOND);
  g_assert_cmpmem (bytes, gst_buffer_extract (whole, 0, bytes, 100), expected,
      sizeof (expected));
  gst_kvs_parameter_sets_clear (&sets);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/profile/read-from-caps", test_read_from_caps);
  g_test_add_func ("/profile/read-from-fmtp", test_read_from_fmtp);
  g_test_add_func ("/profile/distances", test_distances);
  g_test_add_func ("/profile/answers", test_answers);
  g_test_add_func ("/profile/read-from-parameter-sets",
      test_read_from_parameter_sets);
  g_test_add_func ("/parametersets/no-frame-is-too-short",
      test_no_frame_is_too_short);
  g_test_add_func ("/parametersets/kept-sets-go-before-a-frame",
      test_kept_sets_go_before_a_frame);
  return g_test_run ();
}
