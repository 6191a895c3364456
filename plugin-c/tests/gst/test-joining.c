/* What a viewer begins with that joins a running picture: the last key frame while it is fresh, a new one else. */
#include <gst/gst.h>

#include "hop.h"
#include "replay.h"

#define MS G_TIME_SPAN_MILLISECOND
#define START (100 * G_TIME_SPAN_SECOND)
#define RATE 90000

/* The linker puts it in the place of GLib's. */
gint64 __wrap_g_get_monotonic_time (void);
static gint64 now_us; /* atomic: the worker asks, too */

gint64
__wrap_g_get_monotonic_time (void)
{
  return __atomic_load_n (&now_us, __ATOMIC_RELAXED);
}

static void
pass (gint64 us)
{
  __atomic_add_fetch (&now_us, us, __ATOMIC_RELAXED);
}

static const guint8 data[1000];

/* One of a camera of 30 frames a second. */
static void
take (GstKvsReplay *replay, guint number, gsize size, gboolean is_key)
{
  g_autoptr (RtcFrame) frame = rtc_frame_new (1);

  frame->payloads[0] = (RtcPayload){ data, sizeof data };
  frame->size = size;
  frame->is_key = is_key;
  frame->timestamp = number * RATE / 30;
  frame->captured_us = number * G_USEC_PER_SEC / 30;
  gst_kvs_replay_take (replay, frame,
      START + (gint64) number * G_USEC_PER_SEC / 30);
}

static guint
count (const GstKvsReplay *replay, guint number)
{
  return gst_kvs_replay_count (replay,
      START + (gint64) number * G_USEC_PER_SEC / 30);
}

static void
test_fresh (void)
{
  GstKvsReplay replay;

  gst_kvs_replay_init (&replay);
  take (&replay, 0, 1000, FALSE);
  g_assert_cmpuint (count (&replay, 0), ==, 0);
  take (&replay, 1, 1000, TRUE);
  take (&replay, 2, 1000, FALSE);
  g_assert_cmpuint (count (&replay, 2), ==, 2);
  /* A key frame begins anew. */
  take (&replay, 3, 1000, TRUE);
  g_assert_cmpuint (count (&replay, 3), ==, 1);
  for (guint i = 4; i <= 13; i++)
    take (&replay, i, 1000, FALSE);
  g_assert_cmpuint (count (&replay, 13), ==, 11);
  g_assert_cmpuint (count (&replay, 14), ==, 0);
  take (&replay, 14, 1000, FALSE);
  take (&replay, 15, 1000, FALSE);
  g_assert_cmpuint (replay.frames->len, ==, 0);
  gst_kvs_replay_free_frames (&replay);
}

static void
test_bounded (void)
{
  GstKvsReplay replay;

  gst_kvs_replay_init (&replay);
  take (&replay, 0, GST_KVS_REPLAY_BYTES_MAX, TRUE);
  g_assert_cmpuint (count (&replay, 0), ==, 1);
  /* With a gap it would be worth nothing. */
  take (&replay, 1, 1, FALSE);
  g_assert_cmpuint (count (&replay, 1), ==, 0);
  take (&replay, 2, 1, FALSE);
  g_assert_cmpuint (count (&replay, 2), ==, 0);
  take (&replay, 3, GST_KVS_REPLAY_BYTES_MAX + 1, TRUE);
  g_assert_cmpuint (count (&replay, 3), ==, 0);
  gst_kvs_replay_clear (&replay);
  take (&replay, 4, 1000, TRUE);
  gst_kvs_replay_clear (&replay);
  take (&replay, 5, 1000, FALSE);
  g_assert_cmpuint (count (&replay, 5), ==, 0);
  gst_kvs_replay_free_frames (&replay);
}

/* The newest keeps its place; sound that is captured with a frame stays so. */
static void
test_moved_up (void)
{
  GstKvsReplay replay;
  guint32 newest = 4 * RATE / 30;

  gst_kvs_replay_init (&replay);
  take (&replay, 1, 1000, TRUE);
  for (guint i = 2; i <= 4; i++)
    take (&replay, i, 1000, FALSE);
  for (guint i = 0; i < 4; i++) {
    g_autoptr (RtcFrame) frame = gst_kvs_replay_get (&replay, i, RATE);
    gint64 behind_us = 4 * G_USEC_PER_SEC / 30 - frame->captured_us;

    g_assert_cmpuint (newest - frame->timestamp, ==, (3 - i) * RATE / 1000);
    g_assert_cmpint (ABS (behind_us - (3 - i) * 1000), <=, 2);
    g_assert_true (frame->payloads[0].data == data);
    g_assert_cmpint (frame->is_key, ==, i == 0);
  }
  gst_kvs_replay_free_frames (&replay);
}

/* A peer's side. */
typedef struct {
  GstKvsConsumer *consumer;
  GPtrArray *frames; /* of RtcFrame */
  guint first_frames;
  guint most; /* that it takes */
} Viewer;

/* The encoder's side. */
typedef struct {
  KvsWorker *worker;
  GstKvsFanout *fanout;
  GstCaps *caps;
  guint asked; /* for key frames; worker only */
  guint pushed;

  /* Of one who has a place. */
  GstKvsHop *hop;
  GstKvsContinuity times;
  Viewer viewer;
} Fixture;

static void
on_key_frame (gpointer user_data)
{
  ((Fixture *) user_data)->asked++;
}

static void
listen (gpointer user_data, gpointer listens)
{
  Fixture *f = user_data;

  gst_kvs_fanout_set_key_frame_func (f->fanout, listens ? on_key_frame : NULL,
      f);
}

static void
start_listening (gpointer user_data, gpointer unused)
{
  listen (user_data, user_data);
}

static void
stop_listening (gpointer user_data, gpointer unused)
{
  listen (user_data, NULL);
}

static void
set_up (Fixture *f, gconstpointer unused)
{
  GstKvsTiming timing = { gst_system_clock_obtain (), 0 };

  __atomic_store_n (&now_us, START, __ATOMIC_RELAXED);
  *f = (Fixture){ .worker = kvs_worker_new ("test") };
  f->caps = gst_caps_new_empty_simple ("video/x-vp8");
  f->fanout = gst_kvs_fanout_new (f->worker,
      gst_kvs_codec_find (GST_KVS_MEDIA_VIDEO, "VP8"));
  gst_kvs_fanout_set_timing (f->fanout, &timing);
  gst_kvs_timing_clear (&timing);
  kvs_worker_call_wait (f->worker, start_listening, f);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  kvs_worker_call_wait (f->worker, stop_listening, f);
  kvs_worker_stop (f->worker);
  g_object_unref (f->fanout);
  g_object_unref (f->worker);
  gst_caps_unref (f->caps);
}

static void
do_nothing (gpointer unused, gpointer also)
{
}

/* What has been asked for up to now. */
static guint
asked (Fixture *f)
{
  kvs_worker_call_wait (f->worker, do_nothing, NULL);
  return f->asked;
}

/* As much of a picture as VP8's payloader reads: no segments, one partition. */
static void
push (Fixture *f, gboolean is_key)
{
  const guint8 key[] = { 0x10, 0x01, 0x00, 0x9d, 0x01, 0x2a, 0x10, 0x00, 0x10,
    0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
  const guint8 delta[] = { 0x11, 0x01, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0 };
  GstBuffer *buffer = is_key ? gst_buffer_new_memdup (key, sizeof key)
                             : gst_buffer_new_memdup (delta, sizeof delta);

  GST_BUFFER_PTS (buffer) = f->pushed++ * 33 * GST_MSECOND;
  if (!is_key)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  gst_kvs_fanout_push (f->fanout, buffer, f->caps);
  gst_buffer_unref (buffer);
  pass (33 * MS);
}

static gboolean
on_frame (gpointer user_data, RtcFrame *frame)
{
  Viewer *viewer = user_data;

  if (viewer->frames->len == viewer->most)
    return FALSE;
  g_ptr_array_add (viewer->frames, rtc_frame_ref (frame));
  return TRUE;
}

static void
on_first_frame (gpointer user_data)
{
  ((Viewer *) user_data)->first_frames++;
}

static void
join (Viewer *viewer, Fixture *f, guint most)
{
  *viewer = (Viewer){ .most = most,
    .frames =
        g_ptr_array_new_with_free_func ((GDestroyNotify) rtc_frame_unref) };
  viewer->consumer = gst_kvs_fanout_join_frames (f->fanout, on_frame,
      on_first_frame, viewer, NULL);
  /* What it asks for, it asks for at this time. */
  asked (f);
}

static void
leave (Viewer *viewer, Fixture *f)
{
  gst_kvs_fanout_detach (f->fanout, viewer->consumer);
  g_ptr_array_unref (viewer->frames);
}

static RtcFrame *
get (Viewer *viewer, guint i)
{
  g_assert_cmpuint (i, <, viewer->frames->len);
  return g_ptr_array_index (viewer->frames, i);
}

static void
test_joins_at_once (Fixture *f, gconstpointer unused)
{
  Viewer first, second;

  join (&first, f, G_MAXUINT);
  g_assert_cmpuint (asked (f), ==, 1);
  push (f, TRUE);
  push (f, FALSE);
  push (f, FALSE);
  join (&second, f, G_MAXUINT);
  g_assert_cmpuint (second.frames->len, ==, 3);
  g_assert_true (get (&second, 0)->is_key);
  g_assert_cmpuint (second.first_frames, ==, 1);
  push (f, FALSE);
  /* It is the same one from now on, and nothing was copied before. */
  g_assert_true (get (&second, 3) == get (&first, 3));
  for (guint i = 0; i < 3; i++) {
    g_assert_true (get (&second, i)->payloads[0].data
        == get (&first, i)->payloads[0].data);
    g_assert_cmpuint (get (&second, i)->timestamp, <,
        get (&second, i + 1)->timestamp);
  }
  g_assert_cmpuint (asked (f), ==, 1);
  leave (&first, f);
  leave (&second, f);
}

static void
test_joins_late (Fixture *f, gconstpointer unused)
{
  Viewer first, second;

  join (&first, f, G_MAXUINT);
  push (f, TRUE);
  for (guint i = 0; i < 11; i++)
    push (f, FALSE);
  join (&second, f, G_MAXUINT);
  g_assert_cmpuint (second.frames->len, ==, 0);
  g_assert_cmpuint (asked (f), ==, 2);
  push (f, TRUE);
  g_assert_cmpuint (second.frames->len, ==, 1);
  leave (&first, f);
  leave (&second, f);
}

/* Who comes from another size has a picture, which must not go back. */
static void
test_no_replay_for_others (Fixture *f, gconstpointer unused)
{
  Viewer first, second = { .most = G_MAXUINT };

  second.frames =
      g_ptr_array_new_with_free_func ((GDestroyNotify) rtc_frame_unref);
  join (&first, f, G_MAXUINT);
  push (f, TRUE);
  second.consumer =
      gst_kvs_fanout_attach_frames (f->fanout, on_frame, NULL, &second, NULL);
  g_assert_cmpuint (second.frames->len, ==, 0);
  leave (&first, f);
  leave (&second, f);
}

static void
test_no_replay_of_another_stream (Fixture *f, gconstpointer unused)
{
  Viewer first, second;

  join (&first, f, G_MAXUINT);
  push (f, TRUE);
  gst_kvs_fanout_start_anew (f->fanout);
  join (&second, f, G_MAXUINT);
  g_assert_cmpuint (second.frames->len, ==, 0);
  push (f, FALSE);
  g_assert_cmpuint (second.frames->len, ==, 0);
  leave (&first, f);
  leave (&second, f);
}

/* One that cannot take all of it begins with a new key frame. */
static void
test_refused (Fixture *f, gconstpointer unused)
{
  Viewer first, second;

  join (&first, f, G_MAXUINT);
  push (f, TRUE);
  push (f, FALSE);
  push (f, FALSE);
  pass (300 * MS - 99 * MS);
  push (f, FALSE);
  join (&second, f, 2);
  g_assert_cmpuint (second.frames->len, ==, 2);
  second.most = G_MAXUINT;
  push (f, FALSE);
  g_assert_cmpuint (second.frames->len, ==, 2);
  push (f, TRUE);
  g_assert_cmpuint (second.frames->len, ==, 3);
  leave (&first, f);
  leave (&second, f);
}

static void
test_expected (Fixture *f, gconstpointer unused)
{
  Viewer viewer;

  push (f, TRUE);
  gst_kvs_fanout_expect (f->fanout);
  g_assert_cmpuint (asked (f), ==, 1);
  push (f, FALSE);
  push (f, TRUE);
  push (f, FALSE);
  /* It is there, for the next one too. */
  gst_kvs_fanout_expect (f->fanout);
  g_assert_cmpuint (asked (f), ==, 1);
  join (&viewer, f, G_MAXUINT);
  g_assert_cmpuint (viewer.frames->len, ==, 2);
  g_assert_cmpuint (asked (f), ==, 1);
  leave (&viewer, f);
}

static void
test_expected_in_vain (Fixture *f, gconstpointer unused)
{
  Viewer viewer;

  gst_kvs_fanout_expect (f->fanout);
  g_assert_cmpuint (asked (f), ==, 1);
  push (f, TRUE);
  pass (3 * G_TIME_SPAN_SECOND);
  push (f, TRUE);
  join (&viewer, f, G_MAXUINT);
  g_assert_cmpuint (viewer.frames->len, ==, 0);
  g_assert_cmpuint (asked (f), ==, 2);
  leave (&viewer, f);
}

static void
on_left (gpointer user_data, GstKvsFanout *fanout)
{
}

static void
begin (gpointer data, gpointer hop)
{
  static const GstKvsHopEvents events = { on_frame, on_first_frame, on_left };
  Fixture *f = data;

  f->times = (GstKvsContinuity){ .clock_rate = 90000 };
  f->viewer = (Viewer){ .most = G_MAXUINT,
    .frames =
        g_ptr_array_new_with_free_func ((GDestroyNotify) rtc_frame_unref) };
  f->hop = gst_kvs_hop_new (f->worker, f->fanout, TRUE, &f->times, &events,
      &f->viewer);
}

static void
end (gpointer data, gpointer unused)
{
  Fixture *f = data;

  gst_kvs_hop_stop (f->hop);
  g_clear_object (&f->hop);
  g_ptr_array_unref (f->viewer.frames);
}

/* A camera's frames may refer to ones that are shown later. */
static void
test_out_of_order (Fixture *f, gconstpointer unused)
{
  kvs_worker_call_wait (f->worker, begin, f);
  push (f, TRUE);
  f->pushed = 2;
  push (f, FALSE);
  f->pushed = 1;
  push (f, FALSE);
  f->pushed = 3;
  push (f, FALSE);
  for (guint i = 0; i < 4; i++) {
    const guint shown[] = { 0, 2, 1, 3 };

    g_assert_cmpuint (get (&f->viewer, i)->timestamp, ==,
        get (&f->viewer, 0)->timestamp + shown[i] * 33 * 90);
  }
  kvs_worker_call_wait (f->worker, end, f);
}

#define ADD(name, function) \
  g_test_add ("/joining/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/joining/replay/fresh", test_fresh);
  g_test_add_func ("/joining/replay/bounded", test_bounded);
  g_test_add_func ("/joining/replay/moved-up", test_moved_up);
  ADD ("at-once", test_joins_at_once);
  ADD ("late", test_joins_late);
  ADD ("no-replay-for-others", test_no_replay_for_others);
  ADD ("no-replay-of-another-stream", test_no_replay_of_another_stream);
  ADD ("refused", test_refused);
  ADD ("out-of-order", test_out_of_order);
  ADD ("expected", test_expected);
  ADD ("expected-in-vain", test_expected_in_vain);
  return g_test_run ();
}
