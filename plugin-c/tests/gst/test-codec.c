/* The table of codecs, and what is found in it. */
#include <gst/gst.h>

#include "codec.h"

/* What a `video-codecs` or `audio-codecs` property may say. */
static const struct {
  GstKvsMedia media;
  const char *text;
  const char *order;   /* NULL where refused ... */
  const char *unknown; /* ... for this word */
} orders[] = {
  { GST_KVS_MEDIA_VIDEO, "VP8,H264", "VP8 H264" },
  { GST_KVS_MEDIA_VIDEO, "H264,VP8", "H264 VP8" },
  { GST_KVS_MEDIA_VIDEO, " vp8 ,, h264, ", "VP8 H264" },
  { GST_KVS_MEDIA_VIDEO, "vP8 H264", "VP8 H264" },
  { GST_KVS_MEDIA_VIDEO, "VP8,vp8,VP8", "VP8" },
  { GST_KVS_MEDIA_VIDEO, "", "" },
  { GST_KVS_MEDIA_VIDEO, ", ,", "" },
  { GST_KVS_MEDIA_VIDEO, "h265,VP9,AV1", "H265 VP9 AV1" },
  { GST_KVS_MEDIA_VIDEO, "VP8,VP10,AV1", NULL, "VP10" },
  { GST_KVS_MEDIA_VIDEO, "OPUS", NULL, "OPUS" },
  { GST_KVS_MEDIA_VIDEO, "VP8;H264", NULL, "VP8;H264" },
  { GST_KVS_MEDIA_VIDEO, "H.264", NULL, "H.264" },
  { GST_KVS_MEDIA_AUDIO, "opus,PCMA,pcmu", "OPUS PCMA PCMU" },
  { GST_KVS_MEDIA_AUDIO, "VP8", NULL, "VP8" },
  { GST_KVS_MEDIA_AUDIO, "opus,\316\261", NULL, "\316\261" },
};

static char *
names_of (const GstKvsCodec *const *codecs)
{
  GString *names = g_string_new (NULL);

  for (; *codecs; codecs++)
    g_string_append_printf (names, "%s%s", names->len ? " " : "",
        (*codecs)->name);
  return g_string_free (names, FALSE);
}

static void
test_orders (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (orders); i++) {
    g_autofree char *unknown = NULL;
    g_autofree const GstKvsCodec **order =
        gst_kvs_codec_parse_order (orders[i].media, orders[i].text, &unknown);
    g_autofree char *names = order ? names_of (order) : NULL;

    g_test_message ("\"%s\"", orders[i].text);
    g_assert_cmpstr (names, ==, orders[i].order);
    g_assert_cmpstr (unknown, ==, orders[i].unknown);
  }
}

static void
test_default_order (void)
{
  g_autofree char *video = names_of (gst_kvs_codec_list (GST_KVS_MEDIA_VIDEO));
  g_autofree char *audio = names_of (gst_kvs_codec_list (GST_KVS_MEDIA_AUDIO));

  g_assert_cmpstr (video, ==, "VP8 H264 VP9 H265 AV1");
  g_assert_cmpstr (audio, ==, "OPUS PCMU PCMA");
}

static void
test_codec_of_caps (void)
{
  static const struct {
    const char *caps, *codec;
  } rows[] = {
    { "video/x-vp8,width=640,height=480,framerate=30/1", "VP8" },
    { "video/x-h264,stream-format=avc,alignment=au", "H264" },
    { "video/x-h264,stream-format=byte-stream,alignment=nal", "H264" },
    { "audio/x-opus,rate=48000,channels=2,channel-mapping-family=0", "OPUS" },
    { "audio/x-opus,channel-mapping-family=1", NULL },
    { "audio/x-mulaw,rate=8000,channels=1", "PCMU" },
    { "audio/x-mulaw,rate=16000,channels=1", NULL },
    { "audio/x-alaw,rate=8000,channels=1", "PCMA" },
    { "audio/x-alaw,rate=8000,channels=2", NULL },
    { "video/x-raw,format=I420", NULL },
    { "audio/x-raw,rate=48000", NULL },
    { "video/x-vp9", "VP9" },
    { "video/x-vp9,alignment=frame,profile=(string)2", "VP9" },
    { "video/x-h264,stream-format=avc3,alignment=au", "H264" },
    { "video/x-h265", "H265" },
    { "video/x-h265,stream-format=hev1,alignment=au", "H265" },
    { "video/x-av1,stream-format=annexb", "AV1" },
    { "video/x-vp10", NULL },
    { "image/jpeg", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GstCaps) caps = gst_caps_from_string (rows[i].caps);
    const GstKvsCodec *codec = gst_kvs_codec_from_caps (caps);

    g_test_message ("%s", rows[i].caps);
    g_assert_cmpstr (codec ? codec->name : NULL, ==, rows[i].codec);
  }
}

/* A typing error in the table would otherwise wait for the first viewer. */
static void
assert_row_is_whole (const GstKvsCodec *codec)
{
  g_autoptr (GstCaps) encoded = gst_caps_from_string (codec->encoded_caps);
  g_autoptr (GstCaps) stream = gst_caps_from_string (codec->stream_caps);
  g_autoptr (GstCaps) sink = gst_kvs_codec_sink_caps (codec->media);

  g_assert_nonnull (encoded);
  g_assert_nonnull (stream);
  g_assert_true (gst_kvs_codec_from_caps (encoded) == codec);
  g_assert_true (gst_kvs_codec_find (codec->media, codec->name) == codec);
  g_assert_true (gst_caps_can_intersect (encoded, stream));
  g_assert_true (gst_caps_is_subset (encoded, sink));
  g_assert_nonnull (codec->raw_chain);
  g_assert_nonnull (codec->encoder_names);
  g_assert_cmpint (codec->payload_type, >=, 0);
  g_assert_cmpint (codec->payload_type, <=, 127);
}

/* Each has its own, and one to spare for retransmission. */
static void
test_payload_types_are_apart (void)
{
  gboolean used[128] = { FALSE };

  for (int media = GST_KVS_MEDIA_AUDIO; media <= GST_KVS_MEDIA_VIDEO; media++) {
    const GstKvsCodec *const *c = gst_kvs_codec_list ((GstKvsMedia) media);

    for (; *c; c++) {
      int n = media == GST_KVS_MEDIA_VIDEO ? 2 : 1;

      for (int pt = (*c)->payload_type; n-- > 0; pt++) {
        g_test_message ("%s %d", (*c)->name, pt);
        g_assert_false (used[pt]);
        used[pt] = TRUE;
      }
    }
  }
}

static void
test_rows_are_whole (void)
{
  static const GstKvsMedia medias[] = { GST_KVS_MEDIA_AUDIO,
    GST_KVS_MEDIA_VIDEO };

  for (guint i = 0; i < G_N_ELEMENTS (medias); i++) {
    const GstKvsCodec *const *c = gst_kvs_codec_list (medias[i]);

    for (; *c; c++) {
      g_assert_cmpint ((*c)->media, ==, medias[i]);
      assert_row_is_whole (*c);
    }
  }
}

static void
assert_parses (const char *description)
{
  g_autoptr (GError) error = NULL;
  GstElement *bin = gst_parse_bin_from_description_full (description, FALSE,
      NULL, GST_PARSE_FLAG_FATAL_ERRORS, &error);

  /* A plugin that is not here says nothing about the table. */
  if (g_error_matches (error, GST_PARSE_ERROR,
          GST_PARSE_ERROR_NO_SUCH_ELEMENT)) {
    g_test_message ("%s", error->message);
    return;
  }
  g_assert_no_error (error);
  gst_object_unref (gst_object_ref_sink (bin));
}

static void
test_chains_are_launch_syntax (void)
{
  for (int media = GST_KVS_MEDIA_AUDIO; media <= GST_KVS_MEDIA_VIDEO; media++) {
    const GstKvsCodec *const *c = gst_kvs_codec_list ((GstKvsMedia) media);

    for (; *c; c++) {
      assert_parses ((*c)->payloader);
      assert_parses ((*c)->depayloader);
      assert_parses ((*c)->raw_chain);
      if ((*c)->parser)
        assert_parses ((*c)->parser);
      if ((*c)->encoder_parser)
        assert_parses ((*c)->encoder_parser);
    }
  }
}

static void
test_payloaders_are_one_element (void)
{
  static const char *const names[] = { "VP8", "H264", "VP9", "H265" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    const GstKvsCodec *codec =
        gst_kvs_codec_find (GST_KVS_MEDIA_VIDEO, names[i]);
    GstElement *payloader = gst_kvs_codec_make_payloader (codec);

    g_assert_true (gst_kvs_codec_can_send (codec));
    g_assert_true (gst_kvs_codec_can_receive (codec));
    g_assert_nonnull (payloader);
    gst_object_ref_sink (payloader);
    g_assert_true (GST_IS_ELEMENT (payloader));
    gst_object_unref (payloader);
  }
}

static void
test_media_names (void)
{
  g_assert_cmpstr (gst_kvs_media_name (GST_KVS_MEDIA_AUDIO), ==, "audio");
  g_assert_cmpstr (gst_kvs_media_name (GST_KVS_MEDIA_VIDEO), ==, "video");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/codec/orders", test_orders);
  g_test_add_func ("/codec/default-order", test_default_order);
  g_test_add_func ("/codec/of-caps", test_codec_of_caps);
  g_test_add_func ("/codec/rows-are-whole", test_rows_are_whole);
  g_test_add_func ("/codec/chains-are-launch-syntax",
      test_chains_are_launch_syntax);
  g_test_add_func ("/codec/payload-types-are-apart",
      test_payload_types_are_apart);
  g_test_add_func ("/codec/payloaders-are-one-element",
      test_payloaders_are_one_element);
  g_test_add_func ("/codec/media-names", test_media_names);
  return g_test_run ();
}
