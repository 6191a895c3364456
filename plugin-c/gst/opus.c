#include "opus.h"

#include "sdpcodec.h"

/* libopus gives speech its error correction at any expected loss, but music
 * only above 8 %, and at the price of its best mode: 5 % does the one without
 * the other. */
#define EXPECTED_LOSS_PERCENT 5

#define MONO_BITRATE 64000
#define STEREO_BITRATE 96000

static gboolean
is_on (const char *fmtp, const char *name)
{
  g_autofree char *value = gst_kvs_sdp_fmtp_parameter (fmtp, name);

  return g_strcmp0 (value, "1") == 0;
}

GstKvsOpusFormat
gst_kvs_opus_format_read (const char *fmtp)
{
  return (GstKvsOpusFormat){
    .stereo = is_on (fmtp, "stereo") || is_on (fmtp, "sprop-stereo"),
    .fec = is_on (fmtp, "useinbandfec"),
    .dtx = is_on (fmtp, "usedtx"),
  };
}

static void
count (GstKvsOpusTally *self, const char *fmtp, int n)
{
  GstKvsOpusFormat format = gst_kvs_opus_format_read (fmtp);

  self->peers += (guint) n;
  self->stereo += (guint) (format.stereo ? n : 0);
  self->fec += (guint) (format.fec ? n : 0);
  self->dtx += (guint) (format.dtx ? n : 0);
}

void
gst_kvs_opus_tally_add (GstKvsOpusTally *self, const char *fmtp)
{
  count (self, fmtp, 1);
}

void
gst_kvs_opus_tally_remove (GstKvsOpusTally *self, const char *fmtp)
{
  count (self, fmtp, -1);
}

GstKvsOpusFormat
gst_kvs_opus_tally_decide (const GstKvsOpusTally *self)
{
  return (GstKvsOpusFormat){
    .stereo = self->stereo > 0,
    .fec = self->fec > 0,
    .dtx = self->peers > 0 && self->dtx == self->peers,
  };
}

GstCaps *
gst_kvs_opus_place_channels (GstCaps *caps)
{
  const GstStructure *s = gst_caps_get_structure (caps, 0);
  GstCaps *placed;
  guint64 mask;
  int channels;

  if (!gst_structure_has_name (s, "audio/x-raw")
      || !gst_structure_get (s, "channels", G_TYPE_INT, &channels,
          "channel-mask", GST_TYPE_BITMASK, &mask, NULL)
      || channels != 2 || mask != 0)
    return gst_caps_ref (caps);
  placed = gst_caps_copy (caps);
  gst_caps_set_simple (placed, "channel-mask", GST_TYPE_BITMASK, (guint64) 3,
      NULL);
  return placed;
}

void
gst_kvs_opus_apply (GstElement *chain, const GstKvsOpusFormat *format)
{
  g_autoptr (GstElement) encoder = gst_bin_get_by_name (GST_BIN (chain), "enc");
  g_autoptr (GstElement) filter =
      gst_bin_get_by_name (GST_BIN (chain), "channels");
  g_autoptr (GstCaps) caps = gst_caps_from_string (format->stereo
          ? "audio/x-raw,rate=48000,channels=[1,2]"
          : "audio/x-raw,rate=48000,channels=1");
  g_autoptr (GstCaps) before = NULL;

  if (!encoder || !filter)
    return;
  g_object_set (encoder, "inband-fec", format->fec, "packet-loss-percentage",
      format->fec ? EXPECTED_LOSS_PERCENT : 0, "dtx", format->dtx, "bitrate",
      format->stereo ? STEREO_BITRATE : MONO_BITRATE, NULL);
  /* The same caps anew would make the chain negotiate for nothing. */
  g_object_get (filter, "caps", &before, NULL);
  if (!gst_caps_is_equal (before, caps))
    g_object_set (filter, "caps", caps, NULL);
}
