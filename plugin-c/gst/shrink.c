#include "shrink.h"

#define LEAST_SIZE 16

static int
shrink (int size, guint times)
{
  int smaller = (size >> times) & ~1;

  return MAX (smaller, MIN (size, LEAST_SIZE));
}

void
gst_kvs_shrink_size (guint times, int *width, int *height)
{
  *width = shrink (*width, times);
  *height = shrink (*height, times);
}

const char *
gst_kvs_shrink_chain (guint times)
{
  return times > 0 ? "videoscale name=shrink add-borders=false ! "
                     "capsfilter name=shrunk ! "
                   : "";
}

typedef struct {
  guint times;
  GstElement *filter;
} Shrinker;

static void
shrinker_free (gpointer data)
{
  Shrinker *self = data;

  gst_object_unref (self->filter);
  g_free (self);
}

/* Of the same shape: else the scaler would change that of the pixels. */
static GstCaps *
smaller_caps (const GstStructure *input, guint times)
{
  int width, height, par_n = 1, par_d = 1;

  if (!gst_structure_get_int (input, "width", &width)
      || !gst_structure_get_int (input, "height", &height))
    return NULL;
  gst_kvs_shrink_size (times, &width, &height);
  gst_structure_get_fraction (input, "pixel-aspect-ratio", &par_n, &par_d);
  return gst_caps_new_simple ("video/x-raw", "width", G_TYPE_INT, width,
      "height", G_TYPE_INT, height, "pixel-aspect-ratio", GST_TYPE_FRACTION,
      par_n, par_d, NULL);
}

/* In the pipeline's own streaming thread, before the scaler knows of them. */
static GstPadProbeReturn
on_event (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Shrinker *self = user_data;
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  g_autoptr (GstCaps) smaller = NULL;
  GstCaps *caps;

  if (GST_EVENT_TYPE (event) != GST_EVENT_CAPS)
    return GST_PAD_PROBE_OK;
  gst_event_parse_caps (event, &caps);
  smaller = smaller_caps (gst_caps_get_structure (caps, 0), self->times);
  if (smaller)
    g_object_set (self->filter, "caps", smaller, NULL);
  return GST_PAD_PROBE_OK;
}

void
gst_kvs_shrink_set_up (GstElement *pipeline, guint times)
{
  g_autoptr (GstElement) scaler = NULL;
  g_autoptr (GstPad) pad = NULL;
  Shrinker *self;

  if (times == 0)
    return;
  self = g_new0 (Shrinker, 1);
  self->times = times;
  self->filter = gst_bin_get_by_name (GST_BIN (pipeline), "shrunk");
  scaler = gst_bin_get_by_name (GST_BIN (pipeline), "shrink");
  pad = gst_element_get_static_pad (scaler, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_event, self,
      shrinker_free);
}
