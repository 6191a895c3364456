#include "encoders.h"

#include <string.h>

#include "temporal.h"

/* Key frames come on request (a viewer joins, PLI), so the encoders' own
 * interval is long: it only bounds what a viewer without feedback suffers. */
#define KEY_INTERVAL "300"

/* Elements that are set up alike. A property that the installed version does
 * not have is passed over. */
typedef struct {
  const char *factory;          /* its whole name, or the beginning of it */
  const char *settings;         /* "name=value name=value" */
  const char *bitrate_property; /* or NULL, when it has none */
  guint bitrate_unit;           /* counts bit/s when 1, kbit/s when 1000 */
  const char *caps; /* asked of its output in place of the codec's */
  gboolean is_whole_name;
  gboolean can_renegotiate;
} Family;

/* The first that fits counts: whole names first, longer beginnings first. */
static const Family families[] = {
  { "vp8enc",
      "deadline=1 cpu-used=8 threads=1 end-usage=cbr lag-in-frames=0 "
      "error-resilient=0 static-threshold=1 buffer-size=1000 "
      "buffer-initial-size=500 buffer-optimal-size=600 undershoot=95 "
      "max-quantizer=56 keyframe-max-dist=" KEY_INTERVAL,
      "target-bitrate", 1, NULL, TRUE, TRUE },
  { "vp9enc",
      "deadline=1 cpu-used=8 threads=2 tile-columns=1 row-mt=true "
      "frame-parallel-decoding=false end-usage=cbr lag-in-frames=0 "
      "error-resilient=default static-threshold=1 buffer-size=1000 "
      "buffer-initial-size=500 buffer-optimal-size=600 undershoot=95 "
      "max-quantizer=56 keyframe-max-dist=" KEY_INTERVAL,
      "target-bitrate", 1, NULL, TRUE, TRUE },
  { "x264enc",
      "tune=zerolatency speed-preset=superfast bframes=0 vbv-buf-capacity=500 "
      "key-int-max=" KEY_INTERVAL,
      "bitrate", 1000, "video/x-h264,profile=constrained-baseline", TRUE,
      TRUE },
  { "openh264enc",
      "usage-type=camera complexity=low rate-control=bitrate "
      "gop-size=" KEY_INTERVAL,
      "bitrate", 1, NULL, TRUE, TRUE },
  { "x265enc",
      "tune=zerolatency speed-preset=ultrafast "
      "option-string=open-gop=0:scenecut=0 key-int-max=" KEY_INTERVAL,
      "bitrate", 1000, NULL, TRUE, TRUE },
  { "av1enc",
      "usage-profile=realtime cpu-used=10 threads=2 row-mt=true end-usage=cbr "
      "lag-in-frames=0 keyframe-max-dist=" KEY_INTERVAL,
      "target-bitrate", 1000, NULL, TRUE, TRUE },
  { "svtav1enc",
      "preset=10 parameters-string=pred-struct=1:rc=2:lookahead=0 "
      "intra-period-length=" KEY_INTERVAL,
      "target-bitrate", 1000, NULL, TRUE, FALSE },
  { "rav1enc",
      "speed-preset=10 low-latency=true max-key-frame-interval=" KEY_INTERVAL,
      "bitrate", 1, NULL, TRUE, FALSE },
  /* Without a level the Raspberry Pi's driver stays at its lowest one. */
  { "v4l2h264enc",
      "extra-controls=controls,repeat_sequence_header=1,"
      "video_b_frames=0,h264_i_frame_period=" KEY_INTERVAL,
      "extra-controls", 1,
      "video/x-h264,profile={(string)constrained-baseline,(string)baseline,"
      "(string)main,(string)high},level=(string)4",
      TRUE, FALSE },
  { "v4l2",
      "extra-controls=controls,repeat_sequence_header=1,video_b_frames=0,"
      "video_gop_size=" KEY_INTERVAL,
      "extra-controls", 1, NULL, FALSE, FALSE },
  { "vaapi",
      "rate-control=cbr max-bframes=0 quality-level=6 "
      "keyframe-period=" KEY_INTERVAL,
      "bitrate", 1000, NULL, FALSE, FALSE },
  { "va",
      "rate-control=cbr b-frames=0 ref-frames=1 target-usage=6 "
      "key-int-max=" KEY_INTERVAL,
      "bitrate", 1000, NULL, FALSE, FALSE },
  /* Jetson's. */
  { "nvv4l2",
      "control-rate=constant_bitrate insert-sps-pps=true num-B-Frames=0 "
      "maxperf-enable=true iframeinterval=" KEY_INTERVAL,
      "bitrate", 1, NULL, FALSE, FALSE },
  { "nv",
      "preset=low-latency-hq rc-mode=cbr zerolatency=true bframes=0 b-frames=0 "
      "rc-lookahead=0 gop-size=" KEY_INTERVAL,
      "bitrate", 1000, NULL, FALSE, FALSE },
  { "msdk", "rate-control=cbr b-frames=0 target-usage=6 gop-size=" KEY_INTERVAL,
      "bitrate", 1000, NULL, FALSE, FALSE },
  { "qsv",
      "rate-control=cbr b-frames=0 low-latency=true target-usage=6 "
      "gop-size=" KEY_INTERVAL,
      "bitrate", 1000, NULL, FALSE, FALSE },
  { "vtenc",
      "realtime=true allow-frame-reordering=false "
      "max-keyframe-interval=" KEY_INTERVAL,
      "bitrate", 1000, NULL, FALSE, FALSE },
  { "omx",
      "control-rate=constant b-frames=0 interval-intraframes=" KEY_INTERVAL,
      "target-bitrate", 1, NULL, FALSE, FALSE },
  { "mpp", "rc-mode=cbr gop=" KEY_INTERVAL, "bps", 1, NULL, FALSE, FALSE },
  { "vpuenc", "gop-size=" KEY_INTERVAL, "bitrate", 1000, NULL, FALSE, FALSE },
  { "opusenc", "frame-size=20 bitrate-type=cbr", NULL, 0, NULL, TRUE, TRUE },
  { "mulawenc", "", NULL, 0, NULL, TRUE, TRUE },
  { "alawenc", "", NULL, 0, NULL, TRUE, TRUE },
};

/* What encoders call these things, for one that we do not know. */
static const char unknown_settings[] =
    "rate-control=cbr b-frames=0 bframes=0 max-bframes=0 low-latency=true "
    "zerolatency=true realtime=true key-int-max=" KEY_INTERVAL
    " gop-size=" KEY_INTERVAL " keyframe-period=" KEY_INTERVAL
    " keyframe-max-dist=" KEY_INTERVAL;

static const Family *
find_family (const char *factory)
{
  for (guint i = 0; i < G_N_ELEMENTS (families); i++) {
    const Family *f = &families[i];

    if (f->is_whole_name ? g_str_equal (factory, f->factory)
                         : g_str_has_prefix (factory, f->factory))
      return f;
  }
  return NULL;
}

static gboolean
has_template (GstElementFactory *factory, GstPadDirection direction,
    const GstCaps *caps)
{
  const GList *templates =
      gst_element_factory_get_static_pad_templates (factory);

  for (const GList *l = templates; l; l = l->next) {
    GstStaticPadTemplate *template = l->data;
    g_autoptr (GstCaps) theirs = NULL;

    if (template->direction != direction)
      continue;
    theirs = gst_static_caps_get (&template->static_caps);
    if (!gst_caps_is_any (theirs) && gst_caps_can_intersect (theirs, caps))
      return TRUE;
  }
  return FALSE;
}

static gboolean
is_encoder_of (GstElementFactory *factory, const GstKvsCodec *codec)
{
  g_autoptr (GstCaps) encoded = gst_caps_from_string (codec->encoded_caps);
  g_autoptr (GstCaps) raw = gst_caps_new_empty_simple (
      codec->media == GST_KVS_MEDIA_AUDIO ? "audio/x-raw" : "video/x-raw");

  if (codec->media == GST_KVS_MEDIA_AUDIO
      && !find_family (GST_OBJECT_NAME (factory)))
    return FALSE;
  return has_template (factory, GST_PAD_SRC, encoded)
      && has_template (factory, GST_PAD_SINK, raw);
}

static gboolean
is_hardware (GstElementFactory *factory)
{
  const char *klass =
      gst_element_factory_get_metadata (factory, GST_ELEMENT_METADATA_KLASS);

  return klass && strstr (klass, "Hardware");
}

/* Of the same rank and kind: those we know in our order, then the others. */
static guint
find_place (GstElementFactory *factory)
{
  const Family *family = find_family (GST_OBJECT_NAME (factory));

  return family ? (guint) (family - families) : G_N_ELEMENTS (families);
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  GstElementFactory *first = (gpointer) a, *second = (gpointer) b;
  guint ranks[] = { gst_plugin_feature_get_rank (GST_PLUGIN_FEATURE (first)),
    gst_plugin_feature_get_rank (GST_PLUGIN_FEATURE (second)) };
  gboolean hardware[] = { is_hardware (first), is_hardware (second) };
  guint places[] = { find_place (first), find_place (second) };

  if (ranks[0] != ranks[1])
    return ranks[0] > ranks[1] ? -1 : 1;
  if (hardware[0] != hardware[1])
    return hardware[0] ? -1 : 1;
  if (places[0] != places[1])
    return places[0] < places[1] ? -1 : 1;
  return strcmp (GST_OBJECT_NAME (first), GST_OBJECT_NAME (second));
}

GPtrArray *
gst_kvs_encoders_list (const GstKvsCodec *codec)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  GstElementFactoryListType type = GST_ELEMENT_FACTORY_TYPE_ENCODER
      | (codec->media == GST_KVS_MEDIA_AUDIO
              ? GST_ELEMENT_FACTORY_TYPE_MEDIA_AUDIO
              : GST_ELEMENT_FACTORY_TYPE_MEDIA_VIDEO);
  GList *factories =
      gst_element_factory_list_get_elements (type, GST_RANK_MARGINAL);

  factories = g_list_sort (factories, compare);
  for (GList *l = factories; l; l = l->next) {
    if (is_encoder_of (l->data, codec))
      g_ptr_array_add (names, g_strdup (GST_OBJECT_NAME (l->data)));
  }
  gst_plugin_feature_list_free (factories);
  return names;
}

gboolean
gst_kvs_encoders_has (const GstKvsCodec *codec)
{
  g_autoptr (GPtrArray) names = gst_kvs_encoders_list (codec);

  return names->len > 0;
}

char *
gst_kvs_encoders_chain (const GstKvsCodec *codec, const char *factory)
{
  const Family *family = find_family (factory);

  return g_strdup_printf ("%s ! %s name=enc ! %s%s%s", codec->raw_chain,
      factory, family && family->caps ? family->caps : codec->encoder_caps,
      codec->encoder_parser ? " ! " : "",
      codec->encoder_parser ? codec->encoder_parser : "");
}

static const Family *
family_of (GstElement *encoder)
{
  return find_family (GST_OBJECT_NAME (gst_element_get_factory (encoder)));
}

static gboolean
has_property (GstElement *encoder, const char *name)
{
  return g_object_class_find_property (G_OBJECT_GET_CLASS (encoder), name)
      != NULL;
}

void
gst_kvs_encoders_configure (GstElement *encoder)
{
  const Family *family = family_of (encoder);
  g_auto (GStrv) settings =
      g_strsplit (family ? family->settings : unknown_settings, " ", -1);

  for (char **s = settings; *s; s++) {
    char *value = strchr (*s, '=');

    if (!value)
      continue;
    *value++ = '\0';
    if (has_property (encoder, *s))
      gst_util_set_object_arg (G_OBJECT (encoder), *s, value);
  }
  gst_kvs_temporal_configure (encoder);
}

/* Drivers of Video4Linux take it as one of many controls. */
static void
set_control (GstElement *encoder, const char *property, guint bitrate)
{
  g_autoptr (GstStructure) controls = NULL;

  g_object_get (encoder, property, &controls, NULL);
  if (!controls)
    controls = gst_structure_new_empty ("controls");
  gst_structure_set (controls, "video_bitrate", G_TYPE_INT, (int) bitrate,
      NULL);
  g_object_set (encoder, property, controls, NULL);
}

/* In the unit its own description names, else by the size of its default. */
static guint
guess_unit (GParamSpec *spec)
{
  g_autofree char *blurb =
      g_ascii_strdown (g_param_spec_get_blurb (spec) ?: "", -1);
  g_auto (GValue) value = G_VALUE_INIT;
  g_auto (GValue) number = G_VALUE_INIT;

  if (strstr (blurb, "kbit") || strstr (blurb, "kbps")
      || strstr (blurb, "kilobit"))
    return 1000;
  g_value_init (&value, G_PARAM_SPEC_VALUE_TYPE (spec));
  g_value_init (&number, G_TYPE_INT64);
  g_param_value_set_default (spec, &value);
  if (!g_value_transform (&value, &number))
    return 1;
  return g_value_get_int64 (&number) > 0 && g_value_get_int64 (&number) < 50000
      ? 1000
      : 1;
}

void
gst_kvs_encoders_set_bitrate (GstElement *encoder, guint bitrate)
{
  const Family *family = family_of (encoder);
  const char *property = family                  ? family->bitrate_property
      : has_property (encoder, "target-bitrate") ? "target-bitrate"
                                                 : "bitrate";
  GParamSpec *spec = property
      ? g_object_class_find_property (G_OBJECT_GET_CLASS (encoder), property)
      : NULL;
  guint unit;
  g_autofree char *value = NULL;

  if (!spec)
    return;
  if (G_PARAM_SPEC_VALUE_TYPE (spec) == GST_TYPE_STRUCTURE) {
    set_control (encoder, property, bitrate);
    return;
  }
  unit = family ? family->bitrate_unit : guess_unit (spec);
  /* By text: vp8enc's is an int, x264enc's a uint. */
  value = g_strdup_printf ("%u", bitrate / unit);
  gst_util_set_object_arg (G_OBJECT (encoder), property, value);
  gst_kvs_temporal_set_bitrate (encoder, bitrate);
}

gboolean
gst_kvs_encoders_can_renegotiate (const char *factory)
{
  const Family *family = find_family (factory);

  return family && family->can_renegotiate;
}
