/* One stream to many: who gets which frames, and how often key frames are asked for. */
#include <gst/gst.h>

#include "fanout.h"
#include "wait.h"

#define INTERVAL_US (340 * G_TIME_SPAN_MILLISECOND)
/* The worker's timers count whole milliseconds. */
#define SLACK_US (5 * G_TIME_SPAN_MILLISECOND)

/* The encoder's side: a worker, and when it was asked for key frames. */
typedef struct {
  KvsWorker *worker;
  GstKvsFanout *fanout;
  GstCaps *caps;
  GMutex lock;
  GArray *asked_us; /* gint64; under the lock */
  guint pushed;     /* frames so far: the next one's time in ms */
} Fixture;

static void
on_key_frame (gpointer data)
{
  Fixture *f = data;
  gint64 now = g_get_monotonic_time ();

  g_mutex_lock (&f->lock);
  g_array_append_val (f->asked_us, now);
  g_mutex_unlock (&f->lock);
}

static void
listen (gpointer data, gpointer listens)
{
  Fixture *f = data;

  gst_kvs_fanout_set_key_frame_func (f->fanout, listens ? on_key_frame : NULL,
      f);
}

static void
start_listening (gpointer data, gpointer unused)
{
  listen (data, data);
}

static void
stop_listening (gpointer data, gpointer unused)
{
  listen (data, NULL);
}

static void
setup (Fixture *f, GstKvsMedia media, const char *codec)
{
  *f = (Fixture){ .worker = kvs_worker_new ("test") };
  g_mutex_init (&f->lock);
  f->asked_us = g_array_new (FALSE, FALSE, sizeof (gint64));
  f->caps = gst_caps_new_empty_simple ("video/x-vp8");
  f->fanout = gst_kvs_fanout_new (f->worker, gst_kvs_codec_find (media, codec));
  kvs_worker_call_wait (f->worker, start_listening, f);
}

static void
teardown (Fixture *f)
{
  kvs_worker_call_wait (f->worker, stop_listening, f);
  kvs_worker_stop (f->worker);
  g_object_unref (f->fanout);
  g_object_unref (f->worker);
  gst_caps_unref (f->caps);
  g_array_unref (f->asked_us);
  g_mutex_clear (&f->lock);
}

static guint
asked (Fixture *f)
{
  guint n;

  g_mutex_lock (&f->lock);
  n = f->asked_us->len;
  g_mutex_unlock (&f->lock);
  return n;
}

static gint64
asked_at (Fixture *f, guint i)
{
  gint64 at;

  g_mutex_lock (&f->lock);
  at = g_array_index (f->asked_us, gint64, i);
  g_mutex_unlock (&f->lock);
  return at;
}

/* Sound as the payloader takes it, eight octets a millisecond. */
static void
push_sound (Fixture *f, guint ms)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 8 * ms, NULL);

  GST_BUFFER_PTS (buffer) = f->pushed * GST_MSECOND;
  f->pushed += ms;
  gst_buffer_memset (buffer, 0, 0x7f, 8 * ms);
  gst_kvs_fanout_push (f->fanout, buffer, f->caps);
  gst_buffer_unref (buffer);
}

/* As much of a picture as VP8's payloader reads: no segments, one partition. */
static void
push_picture (Fixture *f, gboolean is_key)
{
  const guint8 key[] = { 0x10, 0x01, 0x00, 0x9d, 0x01, 0x2a, 0x10, 0x00, 0x10,
    0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
  const guint8 delta[] = { 0x11, 0x01, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0 };
  GstBuffer *buffer = is_key ? gst_buffer_new_memdup (key, sizeof key)
                             : gst_buffer_new_memdup (delta, sizeof delta);

  GST_BUFFER_PTS (buffer) = f->pushed++ * GST_MSECOND;
  if (!is_key)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  gst_kvs_fanout_push (f->fanout, buffer, f->caps);
  gst_buffer_unref (buffer);
}

static void
push_nonsense (Fixture *f)
{
  GstBuffer *buffer = gst_buffer_new_memdup ("\xff", 1);

  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  gst_kvs_fanout_push (f->fanout, buffer, f->caps);
  gst_buffer_unref (buffer);
}

/* A peer's side that takes frames. */
typedef struct {
  GstKvsConsumer *consumer;
  GPtrArray *frames; /* of RtcFrame */
  gboolean refuses;  /* the next one */
  int first_frames;  /* atomic */
  int notified;
} Taker;

static gboolean
on_frame (gpointer data, RtcFrame *frame)
{
  Taker *taker = data;

  if (taker->refuses) {
    taker->refuses = FALSE;
    return FALSE;
  }
  g_ptr_array_add (taker->frames, rtc_frame_ref (frame));
  return TRUE;
}

static void
on_taken (gpointer data)
{
  g_atomic_int_inc (&((Taker *) data)->first_frames);
}

static void
on_notify (gpointer data)
{
  ((Taker *) data)->notified++;
}

static void
taker_attach (Taker *taker, Fixture *f)
{
  *taker = (Taker){ .frames = g_ptr_array_new_with_free_func (
                        (GDestroyNotify) rtc_frame_unref) };
  taker->consumer = gst_kvs_fanout_attach_frames (f->fanout, on_frame, on_taken,
      taker, on_notify);
}

static void
taker_detach (Taker *taker, Fixture *f)
{
  gst_kvs_fanout_detach (f->fanout, taker->consumer);
  g_ptr_array_unref (taker->frames);
}

static void
setup_timing (Fixture *f)
{
  GstKvsTiming timing = { gst_system_clock_obtain (), 0 };

  gst_kvs_fanout_set_timing (f->fanout, &timing);
  gst_kvs_timing_clear (&timing);
}

static RtcFrame *
taken (Taker *taker, guint i)
{
  g_assert_cmpuint (i, <, taker->frames->len);
  return g_ptr_array_index (taker->frames, i);
}

static void
setup_sound (Fixture *f)
{
  setup (f, GST_KVS_MEDIA_AUDIO, "PCMU");
  gst_caps_unref (f->caps);
  f->caps = gst_caps_from_string ("audio/x-mulaw,rate=8000,channels=1");
  setup_timing (f);
}

static void
test_video_begins_with_a_key_frame (void)
{
  Fixture f;
  Taker taker;

  setup (&f, GST_KVS_MEDIA_VIDEO, "VP8");
  setup_timing (&f);
  push_picture (&f, TRUE);
  taker_attach (&taker, &f);
  WAIT_UNTIL (asked (&f) == 1);
  push_picture (&f, FALSE);
  push_picture (&f, FALSE);
  g_assert_cmpuint (taker.frames->len, ==, 0);
  g_assert_cmpint (taker.first_frames, ==, 0);
  push_picture (&f, TRUE);
  push_picture (&f, FALSE);
  g_assert_cmpuint (taker.frames->len, ==, 2);
  g_assert_cmpint (taker.first_frames, ==, 1);
  taker_detach (&taker, &f);
  teardown (&f);
}

/* And has no key frames that anybody could ask for. */
static void
test_sound_begins_at_once (void)
{
  Fixture f;
  Taker taker;

  setup_sound (&f);
  taker_attach (&taker, &f);
  push_sound (&f, 20);
  g_assert_cmpuint (taker.frames->len, ==, 1);
  g_assert_cmpint (taker.first_frames, ==, 1);
  gst_kvs_fanout_request_key_frame (f.fanout);
  taker_detach (&taker, &f);
  kvs_worker_stop (f.worker);
  g_assert_cmpuint (asked (&f), ==, 0);
  teardown (&f);
}

static void
test_caps_are_of_the_last_frame (void)
{
  Fixture f;
  g_autoptr (GstCaps) none = NULL;
  g_autoptr (GstCaps) first = NULL;
  g_autoptr (GstCaps) last = NULL;

  setup (&f, GST_KVS_MEDIA_VIDEO, "VP8");
  none = gst_kvs_fanout_ref_caps (f.fanout);
  g_assert_null (none);
  push_picture (&f, TRUE);
  first = gst_kvs_fanout_ref_caps (f.fanout);
  g_assert_true (first == f.caps);
  gst_caps_unref (f.caps);
  f.caps = gst_caps_from_string ("video/x-vp8,width=640");
  push_picture (&f, TRUE);
  last = gst_kvs_fanout_ref_caps (f.fanout);
  g_assert_true (last == f.caps);
  teardown (&f);
}

static void
test_frames_are_made_once_for_all (void)
{
  Fixture f;
  Taker first, second;

  setup (&f, GST_KVS_MEDIA_VIDEO, "VP8");
  setup_timing (&f);
  taker_attach (&first, &f);
  push_picture (&f, FALSE);
  g_assert_cmpuint (first.frames->len, ==, 0);
  push_picture (&f, TRUE);
  taker_attach (&second, &f);
  push_picture (&f, FALSE);
  push_picture (&f, TRUE);

  g_assert_cmpuint (first.frames->len, ==, 3);
  g_assert_cmpuint (second.frames->len, ==, 1);
  g_assert_true (taken (&first, 0)->is_key);
  g_assert_false (taken (&first, 1)->is_key);
  g_assert_true (taken (&first, 2) == taken (&second, 0));
  g_assert_cmpint (first.first_frames, ==, 1);
  g_assert_cmpint (second.first_frames, ==, 1);
  taker_detach (&first, &f);
  push_picture (&f, FALSE);
  g_assert_cmpuint (second.frames->len, ==, 2);
  taker_detach (&second, &f);
  teardown (&f);
}

static void
test_who_cannot_take_a_frame_waits_for_a_key_frame (void)
{
  Fixture f;
  Taker taker;

  setup (&f, GST_KVS_MEDIA_VIDEO, "VP8");
  setup_timing (&f);
  taker_attach (&taker, &f);
  push_picture (&f, TRUE);
  WAIT_UNTIL (asked (&f) >= 1);

  /* By its answer; and for what the payloader lost. */
  taker.refuses = TRUE;
  push_picture (&f, FALSE);
  WAIT_UNTIL (asked (&f) >= 2);
  push_picture (&f, FALSE);
  push_picture (&f, TRUE);
  g_assert_cmpuint (taker.frames->len, ==, 2);
  push_picture (&f, TRUE);
  push_picture (&f, FALSE);
  g_assert_cmpuint (taker.frames->len, ==, 4);
  push_nonsense (&f);
  WAIT_UNTIL (asked (&f) >= 3);
  push_picture (&f, FALSE);
  g_assert_cmpuint (taker.frames->len, ==, 4);
  push_picture (&f, TRUE);
  g_assert_cmpuint (taker.frames->len, ==, 5);
  taker_detach (&taker, &f);
  teardown (&f);
}

static void
test_sound_frames_just_go_on (void)
{
  Fixture f;
  Taker taker;

  setup_sound (&f);
  taker_attach (&taker, &f);
  push_sound (&f, 20);
  taker.refuses = TRUE;
  push_sound (&f, 20);
  push_sound (&f, 20);
  push_sound (&f, 40);
  g_assert_cmpuint (taker.frames->len, ==, 4);
  g_assert_cmpuint (taken (&taker, 1)->timestamp, ==, 320);
  g_assert_cmpuint (taken (&taker, 3)->timestamp, ==, 640);
  taker_detach (&taker, &f);
  teardown (&f);
}

typedef struct {
  Fixture *fixture;
  int rounds; /* atomic */
  int stops;  /* atomic */
} Pusher;

static gpointer
push_for_ever (gpointer data)
{
  Pusher *pusher = data;

  while (!g_atomic_int_get (&pusher->stops)) {
    push_picture (pusher->fixture, TRUE);
    g_atomic_int_inc (&pusher->rounds);
  }
  return NULL;
}

static void
test_detached_means_detached (void)
{
  Fixture f;
  Pusher pusher = { &f };
  GThread *thread;

  setup (&f, GST_KVS_MEDIA_VIDEO, "VP8");
  setup_timing (&f);
  thread = g_thread_new ("pusher", push_for_ever, &pusher);
  for (guint i = 0; i < 20; i++) {
    Taker taker;
    guint n;
    int rounds;

    taker_attach (&taker, &f);
    WAIT_UNTIL (g_atomic_int_get (&taker.first_frames) == 1);
    gst_kvs_fanout_detach (f.fanout, taker.consumer);
    g_assert_cmpint (taker.notified, ==, 1);
    n = taker.frames->len;
    rounds = g_atomic_int_get (&pusher.rounds);
    WAIT_UNTIL (g_atomic_int_get (&pusher.rounds) > rounds + 3);
    g_assert_cmpuint (taker.frames->len, ==, n);
    g_ptr_array_unref (taker.frames);
  }
  g_atomic_int_set (&pusher.stops, 1);
  g_thread_join (thread);
  teardown (&f);
}

static void
test_first_request_is_answered_at_once (void)
{
  Fixture f;
  gint64 before;

  setup (&f, GST_KVS_MEDIA_VIDEO, "VP8");
  before = g_get_monotonic_time ();
  gst_kvs_fanout_request_key_frame (f.fanout);
  WAIT_UNTIL (asked (&f) == 1);
  /* Well within the interval, though the machine may be busy. */
  g_assert_cmpint (asked_at (&f, 0) - before, <, INTERVAL_US);
  teardown (&f);
}

static void
assert_gaps (Fixture *f)
{
  for (guint i = 1; i < asked (f); i++)
    g_assert_cmpint (asked_at (f, i) - asked_at (f, i - 1), >=,
        INTERVAL_US - SLACK_US);
}

/* On the worker, where nothing comes in between. */
static void
request_often (gpointer data, gpointer unused)
{
  Fixture *f = data;

  for (guint i = 0; i < 50; i++)
    gst_kvs_fanout_request_key_frame (f->fanout);
}

static void
test_requests_in_between_are_answered_once_at_the_end (void)
{
  Fixture f;

  setup (&f, GST_KVS_MEDIA_VIDEO, "VP8");
  kvs_worker_call_wait (f.worker, request_often, &f);
  WAIT_UNTIL (asked (&f) == 1);
  kvs_worker_call_wait (f.worker, request_often, &f);
  WAIT_UNTIL (asked (&f) == 2);
  assert_gaps (&f);
  /* And that was the answer: nothing more comes. */
  g_usleep (2 * INTERVAL_US);
  g_assert_cmpuint (asked (&f), ==, 2);
  teardown (&f);
}

/* Many ask for two intervals; the last of them is answered too. */
static void
test_no_request_is_lost (void)
{
  Fixture f;
  gint64 last = 0;
  gint64 end = g_get_monotonic_time () + 2 * INTERVAL_US;

  setup (&f, GST_KVS_MEDIA_VIDEO, "VP8");
  while (last < end) {
    last = g_get_monotonic_time ();
    gst_kvs_fanout_request_key_frame (f.fanout);
    g_usleep (7 * 1000);
  }
  WAIT_UNTIL (asked (&f) > 0 && asked_at (&f, asked (&f) - 1) >= last);
  assert_gaps (&f);
  teardown (&f);
}

/* A viewer that asks a thousand times a second costs three key frames in it. */
static void
test_flood_of_requests (void)
{
  Fixture f;
  gint64 end = g_get_monotonic_time () + 3 * G_USEC_PER_SEC;

  setup (&f, GST_KVS_MEDIA_VIDEO, "VP8");
  while (g_get_monotonic_time () < end) {
    gst_kvs_fanout_request_key_frame (f.fanout);
    g_usleep (1000);
  }
  WAIT_UNTIL (asked (&f) >= 3);
  for (guint i = 3; i < asked (&f); i++)
    g_assert_cmpint (asked_at (&f, i) - asked_at (&f, i - 3), >=,
        G_USEC_PER_SEC);
  teardown (&f);
}

static void
test_nobody_is_asked_after_the_end (void)
{
  Fixture f;

  setup (&f, GST_KVS_MEDIA_VIDEO, "VP8");
  gst_kvs_fanout_request_key_frame (f.fanout);
  WAIT_UNTIL (asked (&f) == 1);
  gst_kvs_fanout_request_key_frame (f.fanout);
  kvs_worker_call_wait (f.worker, stop_listening, &f);
  gst_kvs_fanout_request_key_frame (f.fanout);
  g_usleep (INTERVAL_US + SLACK_US);
  g_assert_cmpuint (asked (&f), ==, 1);

  /* Whoever listens next hears of new requests. */
  kvs_worker_call_wait (f.worker, start_listening, &f);
  gst_kvs_fanout_request_key_frame (f.fanout);
  WAIT_UNTIL (asked (&f) == 2);
  teardown (&f);
}

/* The timer that is left holds the fan-out until nobody listens any more. */
static void
test_worker_may_end_with_a_request_pending (void)
{
  Fixture f;

  setup (&f, GST_KVS_MEDIA_VIDEO, "VP8");
  gst_kvs_fanout_request_key_frame (f.fanout);
  WAIT_UNTIL (asked (&f) == 1);
  gst_kvs_fanout_request_key_frame (f.fanout);
  kvs_worker_stop (f.worker);
  listen (&f, NULL);
  teardown (&f);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/fanout/video-begins-with-a-key-frame",
      test_video_begins_with_a_key_frame);
  g_test_add_func ("/fanout/sound-begins-at-once", test_sound_begins_at_once);
  g_test_add_func ("/fanout/caps-are-of-the-last-frame",
      test_caps_are_of_the_last_frame);
  g_test_add_func ("/fanout/frames-are-made-once-for-all",
      test_frames_are_made_once_for_all);
  g_test_add_func ("/fanout/who-cannot-take-a-frame-waits-for-a-key-frame",
      test_who_cannot_take_a_frame_waits_for_a_key_frame);
  g_test_add_func ("/fanout/sound-frames-just-go-on",
      test_sound_frames_just_go_on);
  g_test_add_func ("/fanout/detached-means-detached",
      test_detached_means_detached);
  g_test_add_func ("/fanout/key-frames/first-request-is-answered-at-once",
      test_first_request_is_answered_at_once);
  g_test_add_func (
      "/fanout/key-frames/requests-in-between-are-answered-once-at-the-end",
      test_requests_in_between_are_answered_once_at_the_end);
  g_test_add_func ("/fanout/key-frames/no-request-is-lost",
      test_no_request_is_lost);
  g_test_add_func ("/fanout/key-frames/flood-of-requests",
      test_flood_of_requests);
  g_test_add_func ("/fanout/key-frames/nobody-is-asked-after-the-end",
      test_nobody_is_asked_after_the_end);
  g_test_add_func ("/fanout/key-frames/worker-may-end-with-a-request-pending",
      test_worker_may_end_with_a_request_pending);
  return g_test_run ();
}
