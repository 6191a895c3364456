/* The codecs the element can send and receive, one row each: a table, and questions about it. */
#pragma once

#include <gst/gst.h>

#include "layers.h"

G_BEGIN_DECLS

typedef enum {
  GST_KVS_MEDIA_AUDIO,
  GST_KVS_MEDIA_VIDEO,
} GstKvsMedia;

/* "audio" or "video": the word of SDP, of messages and of pad names. */
const char *gst_kvs_media_name (GstKvsMedia media);

/**
 * GstKvsCodec:
 * A row of the table; static, never freed. All chains are in gst-launch syntax.
 */
typedef struct {
  const char *name; /* as in a=rtpmap, upper case */
  GstKvsMedia media;
  int clock_rate;           /* Hz, RTP's */
  const char *rtp_channels; /* the third field of a=rtpmap, or NULL */

  /* For offers of our own; retransmission has the next payload type. */
  int payload_type;
  const char *fmtp; /* what we can receive, or NULL */

  const char *encoded_caps; /* what input of this codec looks like */
  const char *stream_caps;  /* what every peer's payloader is given */
  const char *
      parser; /* chain from encoded_caps to stream_caps, or NULL where they are the same */
  const char *payloader;   /* chain; its last element is the payloader itself */
  const char *depayloader; /* chain from RTP to a stream that decodes */
  const char *package;     /* of Debian or elsewhere, which holds these two */
  RtcLayersKind layers;    /* how its payloads tell layers in time apart */

  /* Encoders are found by rank (encoders.h); these frame any of them. */
  const char *raw_chain;      /* from raw media to what they take */
  const char *encoder_caps;   /* asked of their output */
  const char *encoder_parser; /* chain from there to stream_caps, or NULL */
  const char *encoder_names;  /* the usual ones, for people */
  const char *encoder_package;
} GstKvsCodec;

/* All codecs of a kind in the default order of preference; NULL ends the list. */
const GstKvsCodec *const *gst_kvs_codec_list (GstKvsMedia media);

/* The codec of that RTP name, in any case, or NULL. */
const GstKvsCodec *gst_kvs_codec_find (GstKvsMedia media, const char *name);

/* The codec that these encoded caps carry, or NULL (raw, or unknown). */
const GstKvsCodec *gst_kvs_codec_from_caps (const GstCaps *caps);

/* Whether what packs it into RTP is installed (AV1's is not on Debian 12). */
gboolean gst_kvs_codec_can_send (const GstKvsCodec *codec);

/* Whether what unpacks it is installed. */
gboolean gst_kvs_codec_can_receive (const GstKvsCodec *codec);

/* The codec's payloader as an element with a "sink" and a "src" pad (floating), or NULL. */
GstElement *gst_kvs_codec_make_payloader (const GstKvsCodec *codec);

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
