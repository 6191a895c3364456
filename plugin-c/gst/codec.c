#include "codec.h"

#include <string.h>

/* Key frames come on request (a viewer joins, PLI), so the encoders' own
 * interval is long: it only bounds what a viewer without feedback suffers. */
#define KEY_INTERVAL "300"

/* RTP packets fit one UDP datagram on any path, TURN's header included. */
#define MTU "mtu=1200"

/* x264 and openh264 refuse odd sizes; this rounds down to even ones. */
#define EVEN_I420                \
  "videoconvert ! videoscale ! " \
  "video/x-raw,format=I420,width=[2,16384,2],height=[2,16384,2] ! "

#define H264_STREAM_CAPS "video/x-h264,stream-format=byte-stream,alignment=au"

static const GstKvsCodec codec_vp8 = {
  .name = "VP8",
  .media = GST_KVS_MEDIA_VIDEO,
  .clock_rate = 90000,
  .encoded_caps = "video/x-vp8",
  .stream_caps = "video/x-vp8",
  .payloader = "rtpvp8pay picture-id-mode=15-bit " MTU,
  .depayloader = "rtpvp8depay request-keyframe=true",
  .encoders = {
        {"vp8enc",
            "videoconvert ! video/x-raw,format=I420 ! "
              "vp8enc name=enc deadline=1 cpu-used=8 threads=1 end-usage=cbr "
              "lag-in-frames=0 error-resilient=0 static-threshold=1 "
              "buffer-size=1000 buffer-initial-size=500 "
              "buffer-optimal-size=600 undershoot=95 max-quantizer=56 "
            "keyframe-max-dist=" KEY_INTERVAL, "target-bitrate", 1},
      },
};

static const GstKvsCodec codec_h264 = {
  .name = "H264",
  .media = GST_KVS_MEDIA_VIDEO,
  .clock_rate = 90000,
  .encoded_caps = "video/x-h264",
  .stream_caps = H264_STREAM_CAPS,
  .parser = "h264parse config-interval=-1 ! " H264_STREAM_CAPS,
  .payloader =
      "rtph264pay config-interval=-1 aggregate-mode=zero-latency " MTU,
  .depayloader = "rtph264depay request-keyframe=true ! h264parse",
  .encoders = {
        {"x264enc",
            EVEN_I420
              "x264enc name=enc tune=zerolatency speed-preset=superfast "
              "bframes=0 key-int-max=" KEY_INTERVAL " vbv-buf-capacity=500 ! "
              "video/x-h264,profile=constrained-baseline ! "
            "h264parse config-interval=-1 ! " H264_STREAM_CAPS, "bitrate",
            1000},
        {"openh264enc",
            EVEN_I420
              "openh264enc name=enc usage-type=camera complexity=low "
              "rate-control=bitrate gop-size=" KEY_INTERVAL " ! "
            "h264parse config-interval=-1 ! " H264_STREAM_CAPS, "bitrate",
            1},
      },
};

static const GstKvsCodec codec_opus = {
  .name = "OPUS",
  .media = GST_KVS_MEDIA_AUDIO,
  .clock_rate = 48000,
  .rtp_channels = "2",
  .encoded_caps = "audio/x-opus,channel-mapping-family=0",
  .stream_caps = "audio/x-opus",
  .payloader = "rtpopuspay " MTU,
  .depayloader = "rtpopusdepay",
  .encoders = {
        {"opusenc",
              "audioconvert ! audioresample ! "
              "audio/x-raw,rate=48000,channels=[1,2] ! "
            "opusenc name=enc frame-size=20 bitrate-type=cbr", NULL, 0},
      },
};

static const GstKvsCodec codec_pcmu = {
  .name = "PCMU",
  .media = GST_KVS_MEDIA_AUDIO,
  .clock_rate = 8000,
  .encoded_caps = "audio/x-mulaw,rate=8000,channels=1",
  .stream_caps = "audio/x-mulaw",
  .payloader = "rtppcmupay max-ptime=20000000 " MTU,
  .depayloader = "rtppcmudepay",
  .encoders = {
        {"mulawenc",
              "audioconvert ! audioresample ! "
              "audio/x-raw,rate=8000,channels=1 ! mulawenc name=enc",
            NULL, 0},
      },
};

static const GstKvsCodec codec_pcma = {
  .name = "PCMA",
  .media = GST_KVS_MEDIA_AUDIO,
  .clock_rate = 8000,
  .encoded_caps = "audio/x-alaw,rate=8000,channels=1",
  .stream_caps = "audio/x-alaw",
  .payloader = "rtppcmapay max-ptime=20000000 " MTU,
  .depayloader = "rtppcmadepay",
  .encoders = {
        {"alawenc",
              "audioconvert ! audioresample ! "
              "audio/x-raw,rate=8000,channels=1 ! alawenc name=enc",
            NULL, 0},
      },
};

static const GstKvsCodec *const video_codecs[] = { &codec_vp8, &codec_h264,
  NULL };

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

const GstKvsEncoderChoice *
gst_kvs_codec_encoder (const GstKvsCodec *codec)
{
  for (const GstKvsEncoderChoice *e = codec->encoders; e->factory; e++) {
    g_autoptr (GstElementFactory) factory =
        gst_element_factory_find (e->factory);

    if (factory)
      return e;
  }
  return NULL;
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
