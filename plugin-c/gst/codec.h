/* The codecs the element can send, one row each: a table, and questions about it. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef enum {
  GST_KVS_MEDIA_AUDIO,
  GST_KVS_MEDIA_VIDEO,
} GstKvsMedia;

/* "audio" or "video": the word of SDP, of messages and of pad names. */
const char *gst_kvs_media_name (GstKvsMedia media);

/**
 * GstKvsEncoderChoice:
 * One way to encode. `description` is a chain from raw media to the codec's
 * `stream_caps`, in gst-launch syntax, whose encoder is named "enc";
 * `bitrate_property` counts bit/s when `bitrate_unit` is 1, kbit/s when 1000.
 */
typedef struct {
  const char *factory;
  const char *description;
  const char *bitrate_property;
  guint bitrate_unit;
} GstKvsEncoderChoice;

/**
 * GstKvsCodec:
 * A row of the table; static, never freed.
 */
typedef struct {
  const char *name; /* as in a=rtpmap, upper case */
  GstKvsMedia media;
  int clock_rate;           /* Hz, RTP's */
  const char *rtp_channels; /* the third field of a=rtpmap, or NULL */
  const char *encoded_caps; /* what input of this codec looks like */
  const char *stream_caps;  /* what every peer's payloader is given */
  const char *
      parser; /* chain from encoded_caps to stream_caps, or NULL where they are the same */
  const char *payloader; /* factory and settings, in gst-launch syntax */
  const char
      *depayloader; /* chain from RTP to a stream that decodes, likewise */
  GstKvsEncoderChoice encoders[3]; /* best first, ends with a NULL factory */
} GstKvsCodec;

/* All codecs of a kind in the default order of preference; NULL ends the list. */
const GstKvsCodec *const *gst_kvs_codec_list (GstKvsMedia media);

/* The codec of that RTP name, in any case, or NULL. */
const GstKvsCodec *gst_kvs_codec_find (GstKvsMedia media, const char *name);

/* The codec that these encoded caps carry, or NULL (raw, or unknown). */
const GstKvsCodec *gst_kvs_codec_from_caps (const GstCaps *caps);

/* The best encoder installed for the codec, or NULL. */
const GstKvsEncoderChoice *gst_kvs_codec_encoder (const GstKvsCodec *codec);

/**
 * gst_kvs_codec_parse_order:
 * Reads a preference list such as "VP8, h264" (`video-codecs`). Returns a
 * NULL-terminated array to g_free, or NULL with `*unknown` set to the first
 * word that names no codec (transfer full).
 */
const GstKvsCodec **gst_kvs_codec_parse_order (GstKvsMedia media,
    const char *text, char **unknown);

/* Raw and encoded caps a sink pad of this kind takes (transfer full). */
GstCaps *gst_kvs_codec_sink_caps (GstKvsMedia media);

G_END_DECLS
