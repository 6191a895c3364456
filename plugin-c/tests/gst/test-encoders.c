/* Which encoder is used: found by rank, and given up where it does not work. */
#include <gst/gst.h>

#include "encoder.h"
#include "encoders.h"

/* For a state to come; only a hang gets near it. */
#define PATIENCE_US (30 * G_TIME_SPAN_SECOND)

#define WAIT_UNTIL(condition)                            \
  do {                                                   \
    gint64 end = g_get_monotonic_time () + PATIENCE_US;  \
    while (!(condition)) {                               \
      g_assert_cmpint (g_get_monotonic_time (), <, end); \
      g_usleep (5 * 1000);                               \
    }                                                    \
  } while (0)

/* Hardware as far as anybody can see: x264enc in a bin. */
typedef struct {
  GstBin parent;
  guint bitrate;
  int frames; /* of the streaming thread */
} FakeEncoder;

typedef struct {
  GstBinClass parent;
} FakeEncoderClass;

typedef enum {
  WORKS,
  DOES_NOT_OPEN,
  MAKES_NOTHING, /* an error at the first frame */
  BREAKS,        /* an error at the tenth, each time it is made */
} FakeKind;

static const struct {
  const char *name;
  FakeKind kind;
} fakes[] = {
  { "fakeworkingh264enc", WORKS },
  { "fakeabsenth264enc", DOES_NOT_OPEN },
  { "fakemuteh264enc", MAKES_NOTHING },
  { "fakebreakingh264enc", BREAKS },
};

static int made[G_N_ELEMENTS (fakes)]; /* atomic: how often */

static GType fake_encoder_get_type (void);
G_DEFINE_TYPE (FakeEncoder, fake_encoder, GST_TYPE_BIN)

static FakeKind
kind_of (gpointer self)
{
  for (guint i = 0; i < G_N_ELEMENTS (fakes); i++) {
    if (g_str_equal (fakes[i].name, G_OBJECT_TYPE_NAME (self)))
      return fakes[i].kind;
  }
  g_assert_not_reached ();
}

static GstStateChangeReturn
change_state (GstElement *element, GstStateChange transition)
{
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
    FakeKind kind = kind_of (element);

    g_atomic_int_inc (&made[kind]);
    if (kind == DOES_NOT_OPEN)
      return GST_STATE_CHANGE_FAILURE;
  }
  return GST_ELEMENT_CLASS (fake_encoder_parent_class)
      ->change_state (element, transition);
}

static GstPadProbeReturn
on_frame (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  FakeEncoder *self = user_data;
  FakeKind kind = kind_of (self);

  self->frames++;
  if (kind == MAKES_NOTHING || (kind == BREAKS && self->frames == 10))
    GST_ELEMENT_ERROR (self, STREAM, ENCODE, ("it broke"), (NULL));
  return kind == MAKES_NOTHING ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  ((FakeEncoder *) object)->bitrate = g_value_get_uint (value);
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  g_value_set_uint (value, ((FakeEncoder *) object)->bitrate);
}

static void
fake_encoder_class_init (FakeEncoderClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  g_autoptr (GstCaps) raw = gst_caps_from_string ("video/x-raw,format=I420");
  g_autoptr (GstCaps) h264 = gst_caps_from_string ("video/x-h264");

  object_class->set_property = set_property;
  object_class->get_property = get_property;
  element_class->change_state = change_state;
  g_object_class_install_property (object_class, 1,
      g_param_spec_uint ("bitrate", "Bit rate", "In kbit/s", 0, 100000, 0,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  gst_element_class_add_pad_template (element_class,
      gst_pad_template_new ("sink", GST_PAD_SINK, GST_PAD_ALWAYS, raw));
  gst_element_class_add_pad_template (element_class,
      gst_pad_template_new ("src", GST_PAD_SRC, GST_PAD_ALWAYS, h264));
  gst_element_class_set_static_metadata (element_class, "Fake",
      "Codec/Encoder/Video/Hardware", "Wraps x264enc", "Tests");
}

static void
add_ghost (FakeEncoder *self, GstElement *element, const char *name)
{
  g_autoptr (GstPad) target = gst_element_get_static_pad (element, name);

  gst_element_add_pad (GST_ELEMENT (self), gst_ghost_pad_new (name, target));
}

static void
fake_encoder_init (FakeEncoder *self)
{
  GstElement *encoder = gst_element_factory_make ("x264enc", NULL);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (encoder, "sink");

  gst_util_set_object_arg (G_OBJECT (encoder), "tune", "zerolatency");
  gst_bin_add (GST_BIN (self), encoder);
  add_ghost (self, encoder, "sink");
  add_ghost (self, encoder, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_frame, self, NULL);
}

/* A type for each, since an element's class knows its factory. */
static void
register_fakes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (fakes); i++) {
    GTypeQuery query;

    g_type_query (fake_encoder_get_type (), &query);
    gst_element_register (NULL, fakes[i].name, GST_RANK_NONE,
        g_type_register_static_simple (fake_encoder_get_type (), fakes[i].name,
            query.class_size, NULL, query.instance_size, NULL, 0));
  }
}

static void
set_rank (const char *name, guint rank)
{
  g_autoptr (GstPluginFeature) feature =
      gst_registry_lookup_feature (gst_registry_get (), name);

  gst_plugin_feature_set_rank (feature, rank);
}

/* Only those named are of a rank that is found, the first of the highest. */
static void
offer_fakes (const char *const *names)
{
  guint rank = GST_RANK_PRIMARY + 100;

  for (guint i = 0; i < G_N_ELEMENTS (fakes); i++)
    set_rank (fakes[i].name, GST_RANK_NONE);
  for (; *names; names++)
    set_rank (*names, rank--);
}

typedef struct {
  KvsWorker *worker;
  GstKvsReaper *reaper;
  GstKvsFanout *fanout;
  GstKvsEncoder *encoder;
  GstKvsConsumer *consumer;
  GstCaps *caps;
  GstClockTime time;
  int frames;   /* atomic */
  int failures; /* atomic */
} Fixture;

static void
on_failed (gpointer user_data, const char *message)
{
  Fixture *f = user_data;

  g_test_message ("%s", message);
  g_atomic_int_inc (&f->failures);
}

static void
make_encoder (gpointer data, gpointer unused)
{
  Fixture *f = data;
  g_autoptr (GError) error = NULL;
  GstKvsEncoderContext context = {
    .chain = { .worker = f->worker,
        .reaper = f->reaper,
        .timing = { .clock = gst_system_clock_obtain () } },
    .failed = on_failed,
    .user_data = f,
  };

  f->encoder =
      gst_kvs_encoder_new (f->fanout, TRUE, 0, 1234000, &context, &error);
  gst_object_unref (context.chain.timing.clock);
  g_assert_no_error (error);
}

static void
free_encoder (gpointer data, gpointer unused)
{
  Fixture *f = data;

  gst_kvs_encoder_free (f->encoder);
}

static gboolean
count (gpointer user_data, RtcFrame *frame)
{
  g_atomic_int_inc (&((Fixture *) user_data)->frames);
  return TRUE;
}

static void
setup (Fixture *f, const char *const *names)
{
  GstKvsTiming timing = { gst_system_clock_obtain (), 0 };

  offer_fakes (names);
  memset (f, 0, sizeof (*f));
  memset (made, 0, sizeof (made));
  f->worker = kvs_worker_new ("test");
  f->reaper = gst_kvs_reaper_new ();
  f->fanout = gst_kvs_fanout_new (f->worker,
      gst_kvs_codec_find (GST_KVS_MEDIA_VIDEO, "H264"));
  f->caps = gst_caps_from_string (
      "video/x-raw,format=I420,width=64,height=64,framerate=30/1");
  kvs_worker_call_wait (f->worker, make_encoder, f);

  gst_kvs_fanout_set_timing (f->fanout, &timing);
  gst_kvs_timing_clear (&timing);
  f->consumer = gst_kvs_fanout_attach_frames (f->fanout, count, NULL, f, NULL);
}

static void
teardown (Fixture *f)
{
  gst_kvs_fanout_detach (f->fanout, f->consumer);
  kvs_worker_call_wait (f->worker, free_encoder, f);
  gst_kvs_reaper_wait (f->reaper);
  kvs_worker_stop (f->worker);
  g_object_unref (f->fanout);
  g_object_unref (f->reaper);
  g_object_unref (f->worker);
  gst_caps_unref (f->caps);
}

static void
push_frame (Fixture *f)
{
  g_autoptr (GstBuffer) frame =
      gst_buffer_new_allocate (NULL, 64 * 64 * 3 / 2, NULL);

  gst_buffer_memset (frame, 0, (guint8) f->time, 64 * 64 * 3 / 2);
  GST_BUFFER_PTS (frame) = f->time;
  GST_BUFFER_DURATION (frame) = GST_SECOND / 30;
  f->time += GST_SECOND / 30;
  gst_kvs_encoder_push (f->encoder, frame, f->caps);
}

/* Pushes until so many more came out. */
static void
push_until (Fixture *f, int frames)
{
  int before = g_atomic_int_get (&f->frames);
  gint64 end = g_get_monotonic_time () + PATIENCE_US;

  while (g_atomic_int_get (&f->frames) < before + frames) {
    g_assert_cmpint (g_get_monotonic_time (), <, end);
    push_frame (f);
    g_usleep (5 * 1000);
  }
}

static void
read_bitrate (gpointer data, gpointer bitrate)
{
  Fixture *f = data;
  g_autoptr (GstElement) element = gst_kvs_encoder_ref_element (f->encoder);

  g_assert_nonnull (element);
  g_object_get (element, "bitrate", bitrate, NULL);
}

typedef struct {
  Fixture *fixture;
  guint bitrate;
} BitrateQuestion;

static void
ask_bitrate (gpointer data, gpointer unused)
{
  BitrateQuestion *question = data;

  read_bitrate (question->fixture, &question->bitrate);
}

static void
test_highest_rank_encodes (void)
{
  static const char *const names[] = { "fakeworkingh264enc", NULL };
  Fixture f;
  BitrateQuestion question = { &f };

  setup (&f, names);
  push_until (&f, 10);
  g_assert_cmpint (g_atomic_int_get (&made[WORKS]), ==, 1);
  /* In the unit that its description tells. */
  kvs_worker_call_wait (f.worker, ask_bitrate, &question);
  g_assert_cmpuint (question.bitrate, ==, 1234);
  teardown (&f);
}

static void
test_one_that_does_not_open_gives_way (void)
{
  static const char *const names[] = { "fakeabsenth264enc",
    "fakeworkingh264enc", NULL };
  Fixture f;

  setup (&f, names);
  push_until (&f, 10);
  g_assert_cmpint (g_atomic_int_get (&made[DOES_NOT_OPEN]), ==, 1);
  g_assert_cmpint (g_atomic_int_get (&made[WORKS]), ==, 1);
  g_assert_cmpint (g_atomic_int_get (&f.failures), ==, 0);
  teardown (&f);
}

static void
test_one_that_makes_nothing_gives_way (void)
{
  static const char *const names[] = { "fakemuteh264enc", "fakeworkingh264enc",
    NULL };
  Fixture f;

  setup (&f, names);
  push_until (&f, 10);
  g_assert_cmpint (g_atomic_int_get (&made[MAKES_NOTHING]), ==, 1);
  g_assert_cmpint (g_atomic_int_get (&made[WORKS]), ==, 1);
  g_assert_cmpint (g_atomic_int_get (&f.failures), ==, 0);
  teardown (&f);
}

static void
test_one_that_breaks_is_made_anew_a_few_times (void)
{
  static const char *const names[] = { "fakebreakingh264enc",
    "fakeworkingh264enc", NULL };
  Fixture f;

  setup (&f, names);
  while (g_atomic_int_get (&made[WORKS]) == 0)
    push_until (&f, 1);
  push_until (&f, 10);
  g_assert_cmpint (g_atomic_int_get (&made[BREAKS]), ==, 4);
  g_assert_cmpint (g_atomic_int_get (&f.failures), ==, 0);
  teardown (&f);
}

/* It is no element that we know, so it is not asked to follow. */
static void
test_hardware_is_made_anew_for_another_size (void)
{
  static const char *const names[] = { "fakeworkingh264enc", NULL };
  Fixture f;

  setup (&f, names);
  push_until (&f, 10);
  gst_caps_unref (f.caps);
  f.caps = gst_caps_from_string (
      "video/x-raw,format=I420,width=64,height=64,framerate=15/1");
  push_until (&f, 10);
  WAIT_UNTIL (g_atomic_int_get (&made[WORKS]) == 2);
  teardown (&f);
}

static void
test_software_is_found_without_hardware (void)
{
  static const char *const none[] = { NULL };
  static const struct {
    const char *codec, *first;
  } rows[] = {
    { "VP8", "vp8enc" },
    { "H264", "x264enc" },
    { "VP9", "vp9enc" },
    { "H265", "x265enc" },
    { "AV1", "av1enc" },
  };

  offer_fakes (none);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GPtrArray) names = gst_kvs_encoders_list (
        gst_kvs_codec_find (GST_KVS_MEDIA_VIDEO, rows[i].codec));

    g_assert_cmpuint (names->len, >, 0);
    g_assert_cmpstr (g_ptr_array_index (names, 0), ==, rows[i].first);
  }
}

static void
test_audio_is_encoded_by_what_we_know (void)
{
  g_autoptr (GPtrArray) names =
      gst_kvs_encoders_list (gst_kvs_codec_find (GST_KVS_MEDIA_AUDIO, "OPUS"));

  g_assert_cmpuint (names->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (names, 0), ==, "opusenc");
}

/* A typing error in the table of settings would otherwise pass unseen. */
static void
test_known_encoders_take_their_settings (void)
{
  static const struct {
    const char *factory, *property;
    int value;
  } rows[] = {
    { "vp8enc", "cpu-used", 8 },
    { "vp8enc", "target-bitrate", 1500000 },
    { "vp9enc", "lag-in-frames", 0 },
    { "vp9enc", "target-bitrate", 1500000 },
    { "x264enc", "key-int-max", 300 },
    { "x264enc", "bitrate", 1500 },
    { "openh264enc", "bitrate", 1500000 },
    { "x265enc", "key-int-max", 300 },
    { "x265enc", "bitrate", 1500 },
    { "av1enc", "cpu-used", 10 },
    { "av1enc", "target-bitrate", 1500 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GstElement) encoder =
        gst_element_factory_make (rows[i].factory, NULL);
    g_auto (GValue) value = G_VALUE_INIT;

    if (!encoder)
      continue;
    gst_object_ref_sink (encoder);
    gst_kvs_encoders_configure (encoder);
    gst_kvs_encoders_set_bitrate (encoder, 1500000);
    g_value_init (&value, G_TYPE_INT);
    g_object_get_property (G_OBJECT (encoder), rows[i].property, &value);
    g_test_message ("%s %s", rows[i].factory, rows[i].property);
    g_assert_cmpint (g_value_get_int (&value), ==, rows[i].value);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  register_fakes ();
  g_test_add_func ("/encoders/software-is-found-without-hardware",
      test_software_is_found_without_hardware);
  g_test_add_func ("/encoders/audio-is-encoded-by-what-we-know",
      test_audio_is_encoded_by_what_we_know);
  g_test_add_func ("/encoders/known-encoders-take-their-settings",
      test_known_encoders_take_their_settings);
  g_test_add_func ("/encoders/highest-rank-encodes", test_highest_rank_encodes);
  g_test_add_func ("/encoders/one-that-does-not-open-gives-way",
      test_one_that_does_not_open_gives_way);
  g_test_add_func ("/encoders/one-that-makes-nothing-gives-way",
      test_one_that_makes_nothing_gives_way);
  g_test_add_func ("/encoders/one-that-breaks-is-made-anew-a-few-times",
      test_one_that_breaks_is_made_anew_a_few_times);
  g_test_add_func ("/encoders/hardware-is-made-anew-for-another-size",
      test_hardware_is_made_anew_for_another_size);
  return g_test_run ();
}
