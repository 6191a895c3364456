#include "codec.h"

#include <string.h>

/* RTP packets fit one UDP datagram on any path, TURN's header included. */
#define MTU "mtu=1200"

/* Eight bits and 4:2:0, which every decoder takes; hardware likes NV12. */
#define VIDEO_FORMATS "format={I420,NV12,YV12}"

/* The encoders of H264 and H265 refuse odd sizes; this rounds down to even ones. */
#define EVEN_SIZES               \
  "videoconvert ! videoscale ! " \
  "video/x-raw," VIDEO_FORMATS ",width=[2,16384,2],height=[2,16384,2]"

#define H264_STREAM_CAPS "video/x-h264,stream-format=byte-stream,alignment=au"
#define H265_STREAM_CAPS "video/x-h265,stream-format=byte-stream,alignment=au"
#define AV1_STREAM_CAPS "video/x-av1,stream-format=obu-stream,alignment=tu"

/* Parameter sets before each key frame: a viewer may come at any of them. The
 * parsers do it and not the payloaders: H265's sends those of an earlier
 * picture size after the ones that count, and the picture is lost. Likewise
 * its depayloader, unless it gives a byte stream. */
#define H264_PARSER "h264parse config-interval=-1 ! " H264_STREAM_CAPS
#define H265_PARSER "h265parse config-interval=-1 ! " H265_STREAM_CAPS
#define AV1_PARSER "av1parse ! " AV1_STREAM_CAPS

static const GstKvsCodec codec_vp8 = {
  .name = "VP8",
  .media = GST_KVS_MEDIA_VIDEO,
  .clock_rate = 90000,
  .payload_type = 96,
  .encoded_caps = "video/x-vp8",
  .stream_caps = "video/x-vp8",
  .payloader = "rtpvp8pay picture-id-mode=15-bit " MTU,
  .depayloader = "rtpvp8depay request-keyframe=true",
  .layers = RTC_LAYERS_VP8,
  .package = "gstreamer1.0-plugins-good",
  .raw_chain = "videoconvert ! video/x-raw," VIDEO_FORMATS,
  .encoder_caps = "video/x-vp8",
  .encoder_names = "vp8enc",
  .encoder_package = "gstreamer1.0-plugins-good",
};

static const GstKvsCodec codec_h264 = {
  .name = "H264",
  .media = GST_KVS_MEDIA_VIDEO,
  .clock_rate = 90000,
  .payload_type = 102,
  .fmtp = "level-asymmetry-allowed=1;packetization-mode=1;"
          "profile-level-id=42e01f",
  .encoded_caps = "video/x-h264",
  .stream_caps = H264_STREAM_CAPS,
  .parser = H264_PARSER,
  .payloader = "rtph264pay aggregate-mode=zero-latency " MTU,
  .depayloader = "rtph264depay request-keyframe=true ! h264parse",
  .layers = RTC_LAYERS_H264,
  .package = "gstreamer1.0-plugins-good",
  .raw_chain = EVEN_SIZES,
  /* In the order of preference: what the most offers allow comes first. */
  .encoder_caps = "video/x-h264,profile={(string)constrained-baseline,"
                  "(string)baseline,(string)main,(string)high}",
  .encoder_parser = H264_PARSER,
  .encoder_names = "x264enc, openh264enc",
  .encoder_package = "gstreamer1.0-plugins-ugly",
};

static const GstKvsCodec codec_vp9 = {
  .name = "VP9",
  .media = GST_KVS_MEDIA_VIDEO,
  .clock_rate = 90000,
  .payload_type = 98,
  .fmtp = "profile-id=0",
  .encoded_caps = "video/x-vp9",
  .stream_caps = "video/x-vp9",
  .payloader = "rtpvp9pay picture-id-mode=15-bit " MTU,
  .depayloader = "rtpvp9depay request-keyframe=true",
  .layers = RTC_LAYERS_VP9,
  .package = "gstreamer1.0-plugins-good",
  .raw_chain = "videoconvert ! video/x-raw," VIDEO_FORMATS,
  .encoder_caps = "video/x-vp9,profile=(string)0",
  .encoder_names = "vp9enc",
  .encoder_package = "gstreamer1.0-plugins-good",
};

static const GstKvsCodec codec_h265 = {
  .name = "H265",
  .media = GST_KVS_MEDIA_VIDEO,
  .clock_rate = 90000,
  .payload_type = 104,
  .fmtp = "level-id=93;profile-id=1;tier-flag=0;tx-mode=SRST",
  .encoded_caps = "video/x-h265",
  .stream_caps = H265_STREAM_CAPS,
  .parser = H265_PARSER,
  .payloader = "rtph265pay aggregate-mode=zero-latency " MTU,
  .depayloader = "rtph265depay ! " H265_STREAM_CAPS " ! h265parse",
  .package = "gstreamer1.0-plugins-good",
  .raw_chain = EVEN_SIZES,
  .encoder_caps = "video/x-h265,profile=(string)main",
  .encoder_parser = H265_PARSER,
  .encoder_names = "x265enc",
  .encoder_package = "gstreamer1.0-plugins-bad",
};

/* The payloader takes open bitstream units or temporal units, by its version;
 * the parser gives it what it wants. */
static const GstKvsCodec codec_av1 = {
  .name = "AV1",
  .media = GST_KVS_MEDIA_VIDEO,
  .clock_rate = 90000,
  .payload_type = 106,
  .fmtp = "level-idx=5;profile=0;tier=0",
  .encoded_caps = "video/x-av1",
  .stream_caps = AV1_STREAM_CAPS,
  .parser = AV1_PARSER,
  .payloader = "av1parse ! rtpav1pay " MTU,
  .depayloader = "rtpav1depay ! av1parse",
  .package = "gst-plugins-rs (gst-plugin-rtp), which Debian 12 does not have",
  .raw_chain = "videoconvert ! video/x-raw," VIDEO_FORMATS,
  .encoder_caps = "video/x-av1",
  .encoder_parser = AV1_PARSER,
  .encoder_names = "av1enc",
  .encoder_package = "gstreamer1.0-plugins-bad",
};

static const GstKvsCodec codec_opus = {
  .name = "OPUS",
  .media = GST_KVS_MEDIA_AUDIO,
  .clock_rate = 48000,
  .rtp_channels = "2",
  .payload_type = 111,
  .fmtp = "minptime=10;stereo=1;useinbandfec=1",
  .encoded_caps = "audio/x-opus,channel-mapping-family=0",
  .stream_caps = "audio/x-opus",
  /* Silence that an encoder has left out is not sent in packets of a byte. */
  .payloader = "rtpopuspay dtx=true " MTU,
  .depayloader = "rtpopusdepay",
  .package = "gstreamer1.0-plugins-good",
  /* The filter is named so that its caps can follow the peers (opus.h). */
  .raw_chain = "audioconvert ! audioresample ! capsfilter name=channels "
               "caps=audio/x-raw,rate=48000,channels=[1,2]",
  .encoder_caps = "audio/x-opus,channel-mapping-family=0",
  .encoder_names = "opusenc",
  .encoder_package = "gstreamer1.0-plugins-base",
};

static const GstKvsCodec codec_pcmu = {
  .name = "PCMU",
  .media = GST_KVS_MEDIA_AUDIO,
  .clock_rate = 8000,
  .payload_type = 0,
  .encoded_caps = "audio/x-mulaw,rate=8000,channels=1",
  .stream_caps = "audio/x-mulaw",
  .payloader = "rtppcmupay max-ptime=20000000 " MTU,
  .depayloader = "rtppcmudepay",
  .package = "gstreamer1.0-plugins-good",
  .raw_chain = "audioconvert ! audioresample ! "
               "audio/x-raw,rate=8000,channels=1",
  .encoder_caps = "audio/x-mulaw",
  .encoder_names = "mulawenc",
  .encoder_package = "gstreamer1.0-plugins-good",
};

static const GstKvsCodec codec_pcma = {
  .name = "PCMA",
  .media = GST_KVS_MEDIA_AUDIO,
  .clock_rate = 8000,
  .payload_type = 8,
  .encoded_caps = "audio/x-alaw,rate=8000,channels=1",
  .stream_caps = "audio/x-alaw",
  .payloader = "rtppcmapay max-ptime=20000000 " MTU,
  .depayloader = "rtppcmadepay",
  .package = "gstreamer1.0-plugins-good",
  .raw_chain = "audioconvert ! audioresample ! "
               "audio/x-raw,rate=8000,channels=1",
  .encoder_caps = "audio/x-alaw",
  .encoder_names = "alawenc",
  .encoder_package = "gstreamer1.0-plugins-good",
};

/* What costs more to encode comes later: raw video becomes it only for a
 * viewer that takes nothing before it, or when it is asked for. */
static const GstKvsCodec *const video_codecs[] = { &codec_vp8, &codec_h264,
  &codec_vp9, &codec_h265, &codec_av1, NULL };

static const GstKvsCodec *const audio_codecs[] = { &codec_opus, &codec_pcmu,
  &codec_pcma, NULL };

const char *
gst_kvs_media_name (GstKvsMedia media)
{
  return media == GST_KVS_MEDIA_AUDIO ? "audio" : "video";
}

const GstKvsCodec *const *
gst_kvs_codec_list (GstKvsMedia media)
{
  return media == GST_KVS_MEDIA_AUDIO ? audio_codecs : video_codecs;
}

const GstKvsCodec *
gst_kvs_codec_find (GstKvsMedia media, const char *name)
{
  for (const GstKvsCodec *const *c = gst_kvs_codec_list (media); *c; c++) {
    if (g_ascii_strcasecmp ((*c)->name, name) == 0)
      return *c;
  }
  return NULL;
}

static const GstKvsCodec *
find_by_caps (GstKvsMedia media, const GstCaps *caps)
{
  for (const GstKvsCodec *const *c = gst_kvs_codec_list (media); *c; c++) {
    g_autoptr (GstCaps) encoded = gst_caps_from_string ((*c)->encoded_caps);

    if (gst_caps_can_intersect (encoded, caps))
      return *c;
  }
  return NULL;
}

const GstKvsCodec *
gst_kvs_codec_from_caps (const GstCaps *caps)
{
  const GstKvsCodec *codec = find_by_caps (GST_KVS_MEDIA_VIDEO, caps);

  return codec ? codec : find_by_caps (GST_KVS_MEDIA_AUDIO, caps);
}

/* Whether each element of a chain is installed. */
static gboolean
is_installed (const char *chain)
{
  g_auto (GStrv) links = g_strsplit (chain, " ! ", -1);

  for (char **link = links; *link; link++) {
    g_autofree char *name = g_strndup (*link, strcspn (*link, " "));
    g_autoptr (GstElementFactory) factory = gst_element_factory_find (name);

    if (!factory && !strchr (name, '/'))
      return FALSE;
  }
  return TRUE;
}

gboolean
gst_kvs_codec_can_send (const GstKvsCodec *codec)
{
  return is_installed (codec->payloader);
}

gboolean
gst_kvs_codec_can_receive (const GstKvsCodec *codec)
{
  return is_installed (codec->depayloader);
}

GstElement *
gst_kvs_codec_make_payloader (const GstKvsCodec *codec)
{
  if (strstr (codec->payloader, " ! "))
    return gst_parse_bin_from_description_full (codec->payloader, TRUE, NULL,
        GST_PARSE_FLAG_FATAL_ERRORS, NULL);
  return gst_parse_launch_full (codec->payloader, NULL,
      GST_PARSE_FLAG_FATAL_ERRORS, NULL);
}

const GstKvsCodec **
gst_kvs_codec_parse_order (GstKvsMedia media, const char *text, char **unknown)
{
  g_auto (GStrv) words = g_strsplit_set (text, ", ", -1);
  g_autoptr (GPtrArray) order = g_ptr_array_new ();

  for (char **word = words; *word; word++) {
    const GstKvsCodec *codec;

    if (**word == '\0')
      continue;
    codec = gst_kvs_codec_find (media, *word);
    if (!codec) {
      *unknown = g_strdup (*word);
      return NULL;
    }
    if (!g_ptr_array_find (order, codec, NULL))
      g_ptr_array_add (order, (gpointer) codec);
  }
  g_ptr_array_add (order, NULL);
  return (
      const GstKvsCodec **) g_ptr_array_free (g_steal_pointer (&order), FALSE);
}

GstCaps *
gst_kvs_codec_sink_caps (GstKvsMedia media)
{
  /* What the encoders take as it is comes first, so that a source which can
   * give anything (videotestsrc's first choice has 64 bits a pixel) does. */
  GstCaps *caps = gst_caps_from_string (media == GST_KVS_MEDIA_AUDIO
          ? "audio/x-raw"
          : "video/x-raw,format=I420; "
            "video/x-raw,format={NV12,YV12,YUY2,UYVY}; video/x-raw");

  for (const GstKvsCodec *const *c = gst_kvs_codec_list (media); *c; c++)
    gst_caps_append (caps, gst_caps_from_string ((*c)->encoded_caps));
  return caps;
}
