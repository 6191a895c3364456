/* Payload types: read from m-lines, and written into them. */
#pragma once

#include "sdp.h"

G_BEGIN_DECLS

/* Reads the payload types of our codecs into the m-line's values. */
void gst_kvs_sdp_codecs_read (GstKvsSdpMedia *self, const GstSDPMedia *media);
void gst_kvs_sdp_codec_free (GstKvsSdpCodec *self);

/* The value of `name` in "a=b;c=d", NULL when absent. Transfer full. */
char *gst_kvs_sdp_fmtp_parameter (const char *fmtp, const char *name);

/* Adds the payload type to an m-line, with what was offered of feedback and
 * retransmission; `fmtp` is a=fmtp's value, or NULL. */
void gst_kvs_sdp_codec_write (GstSDPMedia *media, const GstKvsSdpCodec *c,
    const char *fmtp);

/* "VP9, AV1 (video), G722 (audio)": what the offer's m-lines hold, for a refusal. Some 200 characters. */
char *gst_kvs_sdp_offer_describe_codecs (const GstKvsSdpOffer *offer);

G_END_DECLS
