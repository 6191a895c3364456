#include "temporal.h"

#define MAX_PERIOD 4
#define MAX_LAYERS 3

/**
 * Pattern:
 * One row of frames, over and over. What is in no buffer that lower layers
 * refer to, and leaves probabilities alone, can be left out. `flags` and
 * `sync` are GStreamer's arrays as text, one entry a frame.
 */
typedef struct {
  const char *factory;
  const char *flags;
  const char *sync; /* NULL where the encoder is told no layers */
  int period;
  int layer_ids[MAX_PERIOD];
  int n_layers;
  int decimators[MAX_LAYERS]; /* of the frame rate, up to each layer */
  int percents[MAX_LAYERS];   /* of the bitrate, up to each layer */
} Pattern;

/* Frames refer to the last one of the lowest layer, the fourth also to layer
 * 1's in the golden buffer: each layer begins with a frame that depends on the
 * lowest alone. */
#define VP8_0 "no-ref-golden+no-ref-alt+no-upd-golden+no-upd-alt"
#define VP8_1 "no-ref-golden+no-ref-alt+no-upd-last+no-upd-alt+no-upd-entropy"
#define VP8_2_FIRST                                                \
  "no-ref-golden+no-ref-alt+no-upd-last+no-upd-golden+no-upd-alt+" \
  "no-upd-entropy"
#define VP8_2_SECOND \
  "no-ref-alt+no-upd-last+no-upd-golden+no-upd-alt+no-upd-entropy"

/* Every second frame leaves nothing behind. The encoder of GStreamer 1.22
 * cannot name layers in VP9, which receivers do not need here: a frame that
 * is missing leaves no gap (rtc/layers.h). */
#define VP9_0 "no-ref-alt"
#define VP9_1 "no-ref-alt+no-upd-last+no-upd-golden+no-upd-alt+no-upd-entropy"

/* The shares are those that cost a viewer of all layers least: with 40 % for
 * the lowest, as is usual, the picture is 0.7 dB worse, and a peer with the
 * lowest alone gets hardly less (43 % instead of 54). */
static const Pattern patterns[] = {
  { .factory = "vp8enc",
      .flags = "<" VP8_0 "," VP8_2_FIRST "," VP8_1 "," VP8_2_SECOND ">",
      .sync = "<false,true,true,false>",
      .period = 4,
      .layer_ids = { 0, 2, 1, 2 },
      .n_layers = 3,
      .decimators = { 4, 2, 1 },
      .percents = { 50, 70, 100 } },
  { .factory = "vp9enc", .flags = "<" VP9_0 "," VP9_1 ">" },
};

static const Pattern *
find_pattern (GstElement *encoder)
{
  GstElementFactory *factory = gst_element_get_factory (encoder);

  for (guint i = 0; i < G_N_ELEMENTS (patterns); i++) {
    if (g_str_equal (GST_OBJECT_NAME (factory), patterns[i].factory))
      return &patterns[i];
  }
  return NULL;
}

/* Of the old kind of array, which these properties are of and which GStreamer
 * does not read from text. */
G_GNUC_BEGIN_IGNORE_DEPRECATIONS
static void
set_ints (GstElement *encoder, const char *property, const int *ints, int n)
{
  GValueArray *array = g_value_array_new ((guint) n);

  for (int i = 0; i < n; i++) {
    g_auto (GValue) value = G_VALUE_INIT;

    g_value_init (&value, G_TYPE_INT);
    g_value_set_int (&value, ints[i]);
    g_value_array_append (array, &value);
  }
  g_object_set (encoder, property, array, NULL);
  g_value_array_free (array);
}
G_GNUC_END_IGNORE_DEPRECATIONS

static void
name_layers (GstElement *encoder, const Pattern *pattern)
{
  g_object_set (encoder, "temporal-scalability-number-layers",
      pattern->n_layers, "temporal-scalability-periodicity", pattern->period,
      NULL);
  set_ints (encoder, "temporal-scalability-layer-id", pattern->layer_ids,
      pattern->period);
  set_ints (encoder, "temporal-scalability-rate-decimator", pattern->decimators,
      pattern->n_layers);
  gst_util_set_object_arg (G_OBJECT (encoder),
      "temporal-scalability-layer-sync-flags", pattern->sync);
}

void
gst_kvs_temporal_configure (GstElement *encoder)
{
  const Pattern *pattern = find_pattern (encoder);

  if (!pattern)
    return;
  gst_util_set_object_arg (G_OBJECT (encoder),
      "temporal-scalability-layer-flags", pattern->flags);
  if (pattern->n_layers > 0)
    name_layers (encoder, pattern);
}

void
gst_kvs_temporal_set_bitrate (GstElement *encoder, guint bitrate)
{
  const Pattern *pattern = find_pattern (encoder);
  int bitrates[MAX_LAYERS];

  if (!pattern || pattern->n_layers == 0)
    return;
  for (int i = 0; i < pattern->n_layers; i++)
    bitrates[i] =
        (int) gst_util_uint64_scale_int (bitrate, pattern->percents[i], 100);
  set_ints (encoder, "temporal-scalability-target-bitrate", bitrates,
      pattern->n_layers);
}
