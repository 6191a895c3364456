/* One Opus stream for all peers: what each asks for in a=fmtp, and what that makes of the encoder. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* RFC 7587 section 6.1. */
typedef struct {
  gboolean stereo;
  gboolean fec;
  gboolean dtx;
  guint loss_percent; /* that error correction reckons with; not of fmtp */
} GstKvsOpusFormat;

/* What a peer asks for; nothing where it says nothing. */
GstKvsOpusFormat gst_kvs_opus_format_read (const char *fmtp);

/* How many peers there are, and how many of them ask for what. */
typedef struct {
  guint peers;
  guint stereo;
  guint fec;
  guint dtx;
} GstKvsOpusTally;

void gst_kvs_opus_tally_add (GstKvsOpusTally *self, const char *fmtp);
void gst_kvs_opus_tally_remove (GstKvsOpusTally *self, const char *fmtp);

/**
 * gst_kvs_opus_tally_decide:
 * Every decoder of Opus takes any of it, so one stream suits all. Error
 * correction and stereo are there when one peer asks, since they do the others
 * no harm; silence is left out only when all ask for that, since a peer that
 * did not may take it for a lost connection.
 */
GstKvsOpusFormat gst_kvs_opus_tally_decide (const GstKvsOpusTally *self);

/**
 * gst_kvs_opus_place_channels:
 * @caps: of raw sound
 *
 * Two channels without a place (interleave's, some sound cards') as left and
 * right: of others opusenc makes two streams in one, which WebRTC has no
 * payload format for, and audioconvert does not mix them. Any other caps are
 * returned as they are. Transfer full.
 */
GstCaps *gst_kvs_opus_place_channels (GstCaps *caps);

/* What all peers' losses make of one stream; all zero at first. */
typedef struct {
  guint percent;   /* reckoned with */
  guint highest;   /* of what was wanted since `lower_us` */
  gint64 lower_us; /* since when less is wanted; 0: it is not */
} GstKvsOpusLoss;

/**
 * gst_kvs_opus_loss_take:
 * @worst: 0 to 1, of the peer that loses most
 * @now_us: of any clock that only goes forward, more than 0
 *
 * Up at once and down by and by, in steps of 5 from 5 to 20 %: more is no
 * speech any more, and one peer's path shall not cost the others' sound more.
 * To be called about once a second. TRUE when `percent` has changed.
 */
gboolean gst_kvs_opus_loss_take (GstKvsOpusLoss *self, double worst,
    gint64 now_us);

/* Sets the encoder "enc" and the filter "channels" of a chain; also while it runs. */
void gst_kvs_opus_apply (GstElement *chain, const GstKvsOpusFormat *format);

G_END_DECLS
