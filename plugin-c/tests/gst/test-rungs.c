/* A picture in several sizes: what is made, while somebody wants it, and how a viewer goes from one to another. */
#include <gst/gst.h>

#include "hop.h"
#include "livepicture.h"
#include "shrink.h"
#include "wait.h"

typedef struct {
  LivePicture picture;
  GMutex lock;
  GPtrArray *frames; /* of RtcFrame, under the lock */
  int refuses;       /* atomic */
  int first_frames;  /* atomic */
  GPtrArray *left;   /* of GstKvsFanout; worker */
  GstKvsFanout *fanouts[3];
  GstKvsContinuity times;
  GstKvsHop *hop;
} Fixture;

static void
setup (Fixture *f)
{
  *f = (Fixture){
    .frames = g_ptr_array_new_with_free_func ((GDestroyNotify) rtc_frame_unref),
    .left = g_ptr_array_new_with_free_func (g_object_unref),
    .times = { .clock_rate = 90000 },
  };
  g_mutex_init (&f->lock);
  live_picture_setup (&f->picture);
}

static void
teardown (Fixture *f)
{
  live_picture_teardown (&f->picture);
  g_ptr_array_unref (f->frames);
  g_ptr_array_unref (f->left);
  g_mutex_clear (&f->lock);
}

static void
acquire (gpointer data, gpointer unused)
{
  Fixture *f = data;
  g_autoptr (GError) error = NULL;
  GstKvsEncoderContext context = live_picture_context (&f->picture);

  for (guint rung = 0; rung < G_N_ELEMENTS (f->fanouts); rung++) {
    f->fanouts[rung] = gst_kvs_input_acquire_rung (f->picture.input,
        gst_kvs_codec_find (GST_KVS_MEDIA_VIDEO, "VP8"), rung, NULL, 300000,
        &context, &error);
    g_assert_no_error (error);
  }
  gst_kvs_timing_clear (&context.chain.timing);
}

static void
release (gpointer data, gpointer unused)
{
  Fixture *f = data;

  for (guint rung = 0; rung < G_N_ELEMENTS (f->fanouts); rung++) {
    g_assert_false (
        gst_kvs_input_is_broken (f->picture.input, f->fanouts[rung]));
    gst_kvs_input_release (f->picture.input, f->fanouts[rung], NULL);
    g_assert_true (
        gst_kvs_input_is_broken (f->picture.input, f->fanouts[rung]));
  }
}

static gboolean
is_of_size (GstKvsFanout *fanout, int width, int height)
{
  g_autoptr (GstCaps) caps = gst_kvs_fanout_ref_caps (fanout);
  int w = 0, h = 0;

  if (!caps)
    return FALSE;
  gst_structure_get_int (gst_caps_get_structure (caps, 0), "width", &w);
  gst_structure_get_int (gst_caps_get_structure (caps, 0), "height", &h);
  return w == width && h == height;
}

static void
test_sizes_follow_the_source (void)
{
  Fixture f;

  setup (&f);
  kvs_worker_call_wait (f.picture.worker, acquire, &f);
  WAIT_UNTIL (is_of_size (f.fanouts[0], 320, 240));
  WAIT_UNTIL (is_of_size (f.fanouts[1], 160, 120));
  WAIT_UNTIL (is_of_size (f.fanouts[2], 80, 60));
  live_picture_set_size (&f.picture, 640, 360);
  WAIT_UNTIL (is_of_size (f.fanouts[0], 640, 360));
  WAIT_UNTIL (is_of_size (f.fanouts[1], 320, 180));
  WAIT_UNTIL (is_of_size (f.fanouts[2], 160, 90));
  kvs_worker_call_wait (f.picture.worker, release, &f);
  teardown (&f);
}

static gboolean
on_frame (gpointer user_data, RtcFrame *frame)
{
  Fixture *f = user_data;

  if (g_atomic_int_compare_and_exchange (&f->refuses, 1, 0))
    return FALSE;
  g_mutex_lock (&f->lock);
  g_ptr_array_add (f->frames, rtc_frame_ref (frame));
  g_mutex_unlock (&f->lock);
  return TRUE;
}

static void
on_first_frame (gpointer user_data)
{
  g_atomic_int_inc (&((Fixture *) user_data)->first_frames);
}

static void
on_left (gpointer user_data, GstKvsFanout *fanout)
{
  Fixture *f = user_data;

  g_ptr_array_add (f->left, g_object_ref (fanout));
}

static const GstKvsHopEvents events = { on_frame, on_first_frame, on_left };

static void
begin (gpointer data, gpointer unused)
{
  Fixture *f = data;

  f->hop = gst_kvs_hop_new (f->picture.worker, f->fanouts[0], TRUE, &f->times,
      &events, f);
}

static void
move_to_second (gpointer data, gpointer unused)
{
  Fixture *f = data;

  gst_kvs_hop_move (f->hop, f->fanouts[1]);
  g_assert_true (gst_kvs_hop_get_aim (f->hop) == f->fanouts[1]);
}

static void
move_to_first (gpointer data, gpointer unused)
{
  Fixture *f = data;

  gst_kvs_hop_move (f->hop, f->fanouts[0]);
}

static void
change_mind (gpointer data, gpointer unused)
{
  move_to_second (data, NULL);
  move_to_first (data, NULL);
}

static void
stop (gpointer data, gpointer unused)
{
  Fixture *f = data;

  gst_kvs_hop_stop (f->hop);
  g_assert_null (gst_kvs_hop_get_aim (f->hop));
  gst_kvs_hop_move (f->hop, f->fanouts[0]);
  g_clear_object (&f->hop);
}

typedef struct {
  Fixture *fixture;
  guint count;
} Question;

static void
count_left (gpointer data, gpointer unused)
{
  Question *question = data;

  question->count = question->fixture->left->len;
}

static guint
n_left (Fixture *f)
{
  Question question = { f, 0 };

  kvs_worker_call_wait (f->picture.worker, count_left, &question);
  return question.count;
}

static guint
n_frames (Fixture *f)
{
  guint n;

  g_mutex_lock (&f->lock);
  n = f->frames->len;
  g_mutex_unlock (&f->lock);
  return n;
}

/* One picture begins with a key frame; another size is in its header (RFC 6386
 * section 9.1), behind four octets of descriptor or six with layers. */
static int
width_of (RtcFrame *frame)
{
  const guint8 *data = frame->payloads[0].data;
  gsize at = data[1] & 0x20 ? 6 : 4;

  return (data[at + 6] | data[at + 7] << 8) & 0x3fff;
}

static guint
count_keys_of (Fixture *f, int width)
{
  guint n = 0;

  g_mutex_lock (&f->lock);
  for (guint i = 0; i < f->frames->len; i++) {
    RtcFrame *frame = g_ptr_array_index (f->frames, i);

    n += frame->is_key && width_of (frame) == width;
  }
  g_mutex_unlock (&f->lock);
  return n;
}

static void
assert_in_order (Fixture *f)
{
  for (guint i = 1; i < f->frames->len; i++) {
    RtcFrame *before = g_ptr_array_index (f->frames, i - 1);
    RtcFrame *frame = g_ptr_array_index (f->frames, i);

    g_assert_cmpint ((gint32) (frame->timestamp - before->timestamp), >, 0);
  }
}

static void
test_moving_between_sizes (void)
{
  Fixture f;

  setup (&f);
  kvs_worker_call_wait (f.picture.worker, acquire, &f);
  kvs_worker_call_wait (f.picture.worker, begin, &f);
  WAIT_UNTIL (count_keys_of (&f, 320) > 0);
  kvs_worker_call_wait (f.picture.worker, move_to_second, &f);
  WAIT_UNTIL (count_keys_of (&f, 160) > 0 && n_left (&f) == 1);
  g_assert_true (g_ptr_array_index (f.left, 0) == f.fanouts[0]);
  kvs_worker_call_wait (f.picture.worker, move_to_first, &f);
  WAIT_UNTIL (n_left (&f) == 2);
  g_assert_true (g_ptr_array_index (f.left, 1) == f.fanouts[1]);
  g_assert_cmpuint (count_keys_of (&f, 320), >=, 2);

  kvs_worker_call_wait (f.picture.worker, stop, &f);
  g_assert_cmpint (f.first_frames, ==, 1);
  assert_in_order (&f);
  kvs_worker_call_wait (f.picture.worker, release, &f);
  teardown (&f);
}

static void
test_changing_ones_mind (void)
{
  Fixture f;

  setup (&f);
  kvs_worker_call_wait (f.picture.worker, acquire, &f);
  kvs_worker_call_wait (f.picture.worker, begin, &f);
  WAIT_UNTIL (n_frames (&f) > 0);
  kvs_worker_call_wait (f.picture.worker, change_mind, &f);
  WAIT_UNTIL (n_left (&f) >= 1);
  kvs_worker_call_wait (f.picture.worker, stop, &f);
  assert_in_order (&f);
  kvs_worker_call_wait (f.picture.worker, release, &f);
  teardown (&f);
}

/* Its place is kept until a first frame of the other was taken. */
static void
test_refusing_the_first_frame (void)
{
  Fixture f;
  guint before;

  setup (&f);
  kvs_worker_call_wait (f.picture.worker, acquire, &f);
  kvs_worker_call_wait (f.picture.worker, begin, &f);
  WAIT_UNTIL (n_frames (&f) > 0);
  g_atomic_int_set (&f.refuses, 1);
  kvs_worker_call_wait (f.picture.worker, move_to_second, &f);
  WAIT_UNTIL (n_left (&f) == 1);
  before = n_frames (&f);
  /* What it cannot take later, by itself. */
  g_atomic_int_set (&f.refuses, 1);
  WAIT_UNTIL (n_frames (&f) > before && count_keys_of (&f, 160) >= 2);
  kvs_worker_call_wait (f.picture.worker, stop, &f);
  assert_in_order (&f);
  kvs_worker_call_wait (f.picture.worker, release, &f);
  teardown (&f);
}

/* As much of a key frame as VP8's payloader reads. */
static void
push_key_frame (GstKvsFanout *fanout, GstClockTime time)
{
  const guint8 key[24] = { 0x10, 0x01, 0x00, 0x9d, 0x01, 0x2a, 0x10, 0x00, 0x10,
    0x00 };
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("video/x-vp8");
  g_autoptr (GstBuffer) buffer = gst_buffer_new_memdup (key, sizeof key);

  GST_BUFFER_PTS (buffer) = time;
  gst_kvs_fanout_push (fanout, buffer, caps);
}

static void
make_fanouts (Fixture *f)
{
  GstKvsTiming timing = { gst_system_clock_obtain (), 0 };

  for (guint i = 0; i < G_N_ELEMENTS (f->fanouts); i++) {
    f->fanouts[i] = gst_kvs_fanout_new (f->picture.worker,
        gst_kvs_codec_find (GST_KVS_MEDIA_VIDEO, "VP8"));
    gst_kvs_fanout_set_timing (f->fanouts[i], &timing);
  }
  gst_kvs_timing_clear (&timing);
}

static guint32
timestamp_of (Fixture *f, guint i)
{
  g_assert_cmpuint (i, <, f->frames->len);
  return ((RtcFrame *) g_ptr_array_index (f->frames, i))->timestamp;
}

/* The larger picture's encoder is a frame and more behind. */
static void
test_time_does_not_go_back (void)
{
  Fixture f;

  setup (&f);
  make_fanouts (&f);
  kvs_worker_call_wait (f.picture.worker, begin, &f);
  push_key_frame (f.fanouts[0], 300 * GST_MSECOND);
  kvs_worker_call_wait (f.picture.worker, move_to_second, &f);
  push_key_frame (f.fanouts[0], 400 * GST_MSECOND);
  push_key_frame (f.fanouts[1], 300 * GST_MSECOND);
  push_key_frame (f.fanouts[1], 400 * GST_MSECOND);
  push_key_frame (f.fanouts[1], 500 * GST_MSECOND);
  /* What it has left is not heard any more. */
  push_key_frame (f.fanouts[0], 600 * GST_MSECOND);
  WAIT_UNTIL (n_left (&f) == 1);
  push_key_frame (f.fanouts[0], 700 * GST_MSECOND);
  kvs_worker_call_wait (f.picture.worker, stop, &f);
  push_key_frame (f.fanouts[1], 800 * GST_MSECOND);

  g_assert_cmpuint (f.frames->len, ==, 5);
  g_assert_cmpuint (timestamp_of (&f, 0), ==, 27000);
  g_assert_cmpuint (timestamp_of (&f, 1), ==, 36000);
  g_assert_cmpuint (timestamp_of (&f, 2), ==, 36001);
  g_assert_cmpuint (timestamp_of (&f, 3), ==, 36002);
  g_assert_cmpuint (timestamp_of (&f, 4), ==, 45000);
  g_assert_cmpint (width_of (g_ptr_array_index (f.frames, 2)), ==, 16);
  for (guint i = 0; i < G_N_ELEMENTS (f.fanouts); i++)
    g_object_unref (f.fanouts[i]);
  teardown (&f);
}

static void
set_base_time (Fixture *f, GstClockTime base_time)
{
  GstKvsTiming timing = { gst_system_clock_obtain (), base_time };

  gst_kvs_fanout_set_timing (f->fanouts[0], &timing);
  gst_kvs_timing_clear (&timing);
}

/* As a file's does that is played again: its running time is from 0, and the
 * pipeline's base time has moved on. */
static void
test_time_goes_on_where_a_stream_begins_anew (void)
{
  Fixture f;

  setup (&f);
  make_fanouts (&f);
  kvs_worker_call_wait (f.picture.worker, begin, &f);
  push_key_frame (f.fanouts[0], 9 * GST_SECOND);
  set_base_time (&f, 10 * GST_SECOND);
  push_key_frame (f.fanouts[0], 0);
  push_key_frame (f.fanouts[0], 40 * GST_MSECOND);
  /* Muted, and no longer. */
  kvs_worker_call_wait (f.picture.worker, stop, &f);
  kvs_worker_call_wait (f.picture.worker, begin, &f);
  push_key_frame (f.fanouts[0], 80 * GST_MSECOND);
  kvs_worker_call_wait (f.picture.worker, stop, &f);

  g_assert_cmpuint (timestamp_of (&f, 0), ==, 9 * 90000);
  /* To the millisecond by which clocks that drift are followed. */
  g_assert_cmpuint (timestamp_of (&f, 1), >=, 10 * 90000 - 90);
  g_assert_cmpuint (timestamp_of (&f, 1), <=, 10 * 90000 + 90);
  g_assert_cmpuint (timestamp_of (&f, 2) - timestamp_of (&f, 1), ==, 40 * 90);
  g_assert_cmpuint (timestamp_of (&f, 3) - timestamp_of (&f, 2), ==, 40 * 90);
  for (guint i = 0; i < G_N_ELEMENTS (f.fanouts); i++)
    g_object_unref (f.fanouts[i]);
  teardown (&f);
}

static void
test_shrinking (void)
{
  static const struct {
    guint times;
    int size[2], smaller[2];
  } table[] = {
    { 0, { 1281, 721 }, { 1280, 720 } },
    { 1, { 1280, 720 }, { 640, 360 } },
    { 2, { 1280, 720 }, { 320, 180 } },
    { 1, { 1281, 723 }, { 640, 360 } },
    { 2, { 642, 362 }, { 160, 90 } },
    { 2, { 40, 20 }, { 16, 16 } },
    { 1, { 12, 9 }, { 12, 9 } },
    { 2, { 1, 1 }, { 1, 1 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++) {
    int width = table[i].size[0], height = table[i].size[1];

    gst_kvs_shrink_size (table[i].times, &width, &height);
    g_assert_cmpint (width, ==, table[i].smaller[0]);
    g_assert_cmpint (height, ==, table[i].smaller[1]);
  }
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rungs/shrinking", test_shrinking);
  g_test_add_func ("/rungs/sizes-follow-the-source",
      test_sizes_follow_the_source);
  g_test_add_func ("/rungs/moving-between-sizes", test_moving_between_sizes);
  g_test_add_func ("/rungs/changing-ones-mind", test_changing_ones_mind);
  g_test_add_func ("/rungs/refusing-the-first-frame",
      test_refusing_the_first_frame);
  g_test_add_func ("/rungs/time-does-not-go-back", test_time_does_not_go_back);
  g_test_add_func ("/rungs/time-goes-on-where-a-stream-begins-anew",
      test_time_goes_on_where_a_stream_begins_anew);
  return g_test_run ();
}
