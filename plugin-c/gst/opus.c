#include "opus.h"

#include "sdpcodec.h"

/* libopus gives speech its error correction at any expected loss, but music
 * only above 8 %, and at the price of its best mode: 5 % does the one without
 * the other, and is kept until somebody loses more. */
#define LEAST_PERCENT 5
#define MOST_PERCENT 20
#define STEP_PERCENT 5

/* Losses come in bursts: what was lost will be again. */
#define LOWER_AFTER_US (10 * G_TIME_SPAN_SECOND)

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
    .loss_percent = LEAST_PERCENT,
  };
}

/* The step that is no less than it; a share of a percent is measured by chance. */
static guint
choose_percent (double loss)
{
  guint percent = (guint) (CLAMP (loss, 0, 1) * 100);
  guint steps = (percent + STEP_PERCENT - 1) / STEP_PERCENT;

  return CLAMP (steps * STEP_PERCENT, LEAST_PERCENT, MOST_PERCENT);
}

static gboolean
set_percent (GstKvsOpusLoss *self, guint percent)
{
  gboolean has_changed = self->percent != percent;

  self->percent = percent;
  self->highest = 0;
  self->lower_us = 0;
  return has_changed;
}

gboolean
gst_kvs_opus_loss_take (GstKvsOpusLoss *self, double worst, gint64 now_us)
{
  guint wanted = choose_percent (worst);

  if (wanted >= self->percent)
    return set_percent (self, wanted);
  if (self->lower_us == 0)
    self->lower_us = now_us;
  self->highest = MAX (self->highest, wanted);
  return now_us - self->lower_us >= LOWER_AFTER_US
      && set_percent (self, self->highest);
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
      format->fec ? format->loss_percent : 0, "dtx", format->dtx, "bitrate",
      format->stereo ? STEREO_BITRATE : MONO_BITRATE, NULL);
  /* The same caps anew would make the chain negotiate for nothing. */
  g_object_get (filter, "caps", &before, NULL);
  if (!gst_caps_is_equal (before, caps))
    g_object_set (filter, "caps", caps, NULL);
}
