/* benchclock: writes the time into the picture, for whoever sees the picture to
 * read, or reads it.
 *
 * The time is that of the realtime clock in milliseconds, its low 32 bits, the
 * first bit first, then their exclusive or by bytes: 40 squares of 16 pixels in
 * the picture's first rows, white for 1. With `read=true` it posts an element
 * message `benchclock` with `age-ms` for each picture whose time is whole. */
#include <gst/video/gstvideofilter.h>
#include <gst/video/video.h>

#define SQUARE 16
#define BITS 40
#define BLACK 16
#define WHITE 235
#define MIDDLE 128

#define BENCH_TYPE_CLOCK (bench_clock_get_type ())
G_DECLARE_FINAL_TYPE (BenchClock, bench_clock, BENCH, CLOCK, GstVideoFilter)

struct _BenchClock {
  GstVideoFilter parent;
  gboolean is_reader;
};

G_DEFINE_FINAL_TYPE (BenchClock, bench_clock, GST_TYPE_VIDEO_FILTER)

enum {
  PROP_READ = 1
};

#define CAPS                                        \
  "video/x-raw, format = (string) { I420, NV12 }, " \
  "width = (int) [ 640, 8192 ], height = (int) [ 16, 8192 ]"

static guint8
check_of (guint32 time)
{
  return time ^ time >> 8 ^ time >> 16 ^ time >> 24;
}

static void
write_time (guint8 *luma, gsize stride, guint32 time)
{
  guint64 bits = (guint64) time << 8 | check_of (time);

  for (gsize bit = 0; bit < BITS; bit++) {
    guint8 value = bits >> (BITS - 1 - bit) & 1 ? WHITE : BLACK;
    for (gsize y = 0; y < SQUARE; y++)
      memset (luma + y * stride + bit * SQUARE, value, SQUARE);
  }
}

/* FALSE where the picture has none. */
static gboolean
read_time (const guint8 *luma, gsize stride, guint32 *time)
{
  guint64 bits = 0;

  for (gsize bit = 0; bit < BITS; bit++) {
    guint8 value = luma[SQUARE / 2 * stride + bit * SQUARE + SQUARE / 2];
    bits = bits << 1 | (value > MIDDLE);
  }
  *time = bits >> 8;
  return check_of (*time) == (guint8) bits;
}

static void
post_age (BenchClock *self, guint32 time)
{
  guint32 now = g_get_real_time () / 1000;
  GstStructure *structure =
      gst_structure_new ("benchclock", "age-ms", G_TYPE_UINT, now - time, NULL);

  gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self), structure));
}

static GstFlowReturn
transform_frame_ip (GstVideoFilter *filter, GstVideoFrame *frame)
{
  BenchClock *self = BENCH_CLOCK (filter);
  guint8 *luma = GST_VIDEO_FRAME_PLANE_DATA (frame, 0);
  gsize stride = GST_VIDEO_FRAME_PLANE_STRIDE (frame, 0);
  guint32 time = g_get_real_time () / 1000;

  if (!self->is_reader)
    write_time (luma, stride, time);
  else if (read_time (luma, stride, &time))
    post_age (self, time);
  return GST_FLOW_OK;
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  BENCH_CLOCK (object)->is_reader = g_value_get_boolean (value);
}

static void
bench_clock_class_init (BenchClockClass *klass)
{
  GObjectClass *object = G_OBJECT_CLASS (klass);
  GstElementClass *element = GST_ELEMENT_CLASS (klass);

  object->set_property = set_property;
  g_object_class_install_property (object, PROP_READ,
      g_param_spec_boolean ("read", "Read", "Reads, and does not write", FALSE,
          G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS));
  gst_element_class_set_static_metadata (element, "Clock in the picture",
      "Filter/Video", "Writes the time into a picture, or reads it",
      "kvswebrtc-launch");
  for (GstPadDirection side = GST_PAD_SRC; side <= GST_PAD_SINK; side++) {
    g_autoptr (GstCaps) caps = gst_caps_from_string (CAPS);
    gst_element_class_add_pad_template (element,
        gst_pad_template_new (side == GST_PAD_SRC ? "src" : "sink", side,
            GST_PAD_ALWAYS, caps));
  }
  GST_VIDEO_FILTER_CLASS (klass)->transform_frame_ip = transform_frame_ip;
}

static void
bench_clock_init (BenchClock *self)
{
}

static gboolean
plugin_init (GstPlugin *plugin)
{
  return gst_element_register (plugin, "benchclock", GST_RANK_NONE,
      BENCH_TYPE_CLOCK);
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, benchclock,
    "A clock in the picture", plugin_init, "0.1.0", "MIT/X11",
    "kvswebrtc-launch", "https://aws.amazon.com/kinesis/video-streams/")
