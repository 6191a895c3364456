/* Several who watch one picture: each is sent a size its path has room for, made while somebody watches it. */
#include "audience.h"
#include "livepicture.h"
#include "wait.h"

#define KBIT 1000
#define N_WATCHERS 3

typedef struct {
  GstKvsWatcher *watcher;
  int frames; /* atomic, as is the next */
  int first_frames;
  gboolean has_begun; /* of the frames' thread, as is the next */
  guint32 timestamp;  /* of the last frame */
} Viewer;

typedef struct {
  LivePicture picture;
  GstKvsAudience *audience;
  Viewer viewers[N_WATCHERS];
  gint64 now_us;
} Fixture;

/* What is done on the worker. */
typedef struct {
  Fixture *f;
  guint viewer;
  guint value;
  guint answer;
} Deed;

static guint
act (Fixture *f, GFunc func, guint viewer, guint value)
{
  Deed deed = { f, viewer, value, 0 };

  kvs_worker_call_wait (f->picture.worker, func, &deed);
  return deed.answer;
}

static GstKvsEncoderContext
get_context (gpointer user_data)
{
  return live_picture_context (user_data);
}

static gboolean
on_frame (gpointer user_data, RtcFrame *frame)
{
  Viewer *viewer = user_data;

  if (viewer->has_begun)
    g_assert_cmpint ((gint32) (frame->timestamp - viewer->timestamp), >, 0);
  viewer->has_begun = TRUE;
  viewer->timestamp = frame->timestamp;
  g_atomic_int_inc (&viewer->frames);
  return TRUE;
}

static void
on_first_frame (gpointer user_data)
{
  g_atomic_int_inc (&((Viewer *) user_data)->first_frames);
}

static GstKvsFanout *
acquire_whole (Fixture *f)
{
  GstKvsEncoderContext context = live_picture_context (&f->picture);
  g_autoptr (GError) error = NULL;
  GstKvsFanout *fanout = gst_kvs_input_acquire (f->picture.input,
      gst_kvs_codec_find (GST_KVS_MEDIA_VIDEO, "VP8"), NULL, 1000 * KBIT,
      &context, &error);

  g_assert_no_error (error);
  gst_kvs_timing_clear (&context.chain.timing);
  return fanout;
}

static void
join (Deed *deed, gpointer unused)
{
  Viewer *viewer = &deed->f->viewers[deed->viewer];
  GstKvsWatch watch = {
    .input = deed->f->picture.input,
    .fanout = acquire_whole (deed->f),
    .frame = on_frame,
    .first_frame = on_first_frame,
    .user_data = viewer,
  };

  viewer->watcher = gst_kvs_audience_join (deed->f->audience, &watch);
  gst_kvs_watcher_set_open (viewer->watcher, TRUE);
}

static void
leave (Deed *deed, gpointer unused)
{
  gst_kvs_watcher_leave (deed->f->viewers[deed->viewer].watcher);
}

static void
set_estimate (Deed *deed, gpointer unused)
{
  gst_kvs_watcher_set_estimate (deed->f->viewers[deed->viewer].watcher,
      deed->value * KBIT);
}

static void
set_open (Deed *deed, gpointer unused)
{
  gst_kvs_watcher_set_open (deed->f->viewers[deed->viewer].watcher,
      deed->value != 0);
}

static void
get_width (Deed *deed, gpointer unused)
{
  GstKvsWatcher *watcher = deed->f->viewers[deed->viewer].watcher;
  GstKvsFanout *fanout = gst_kvs_watcher_get_fanout (watcher);
  g_autoptr (GstCaps) caps = gst_kvs_fanout_ref_caps (fanout);
  int width = 0;

  g_assert_true (gst_kvs_watcher_has (watcher, fanout));
  if (caps)
    gst_structure_get_int (gst_caps_get_structure (caps, 0), "width", &width);
  deed->answer = (guint) width;
}

static void
get_rung (Deed *deed, gpointer unused)
{
  deed->answer =
      gst_kvs_watcher_get_rung (deed->f->viewers[deed->viewer].watcher);
}

static void
update (Deed *deed, gpointer unused)
{
  for (guint i = 0; i < deed->value; i++) {
    gst_kvs_audience_update (deed->f->audience, deed->f->now_us);
    deed->f->now_us += G_USEC_PER_SEC;
  }
}

static void
set_rungs (Deed *deed, gpointer unused)
{
  GstKvsLadderSettings settings = { .n_rungs = deed->value,
    .bitrate = 1000 * KBIT,
    .min_bitrate = 50 * KBIT };

  if (deed->f->audience)
    gst_kvs_audience_set (deed->f->audience, &settings);
  else
    deed->f->audience = gst_kvs_audience_new (deed->f->picture.worker,
        &settings, get_context, &deed->f->picture);
}

static void
end (Deed *deed, gpointer unused)
{
  gst_kvs_audience_free (deed->f->audience);
}

#define ACT(f, func, viewer, value) act (f, (GFunc) func, viewer, value)

static void
setup (Fixture *f)
{
  *f = (Fixture){ .now_us = 1 };
  live_picture_setup (&f->picture);
  ACT (f, set_rungs, 0, 3);
  for (guint i = 0; i < N_WATCHERS; i++)
    ACT (f, join, i, 0);
  for (guint i = 0; i < N_WATCHERS; i++)
    WAIT_UNTIL (ACT (f, get_width, i, 0) == 320);
}

static void
teardown (Fixture *f)
{
  for (guint i = 0; i < N_WATCHERS; i++) {
    g_assert_cmpint (g_atomic_int_get (&f->viewers[i].first_frames), ==, 1);
    ACT (f, leave, i, 0);
  }
  ACT (f, end, 0, 0);
  live_picture_teardown (&f->picture);
}

static int
frames_of (Fixture *f, guint viewer)
{
  return g_atomic_int_get (&f->viewers[viewer].frames);
}

/* That more frames come is waited for. */
static void
assert_is_sent (Fixture *f, guint viewer)
{
  int before = frames_of (f, viewer);

  WAIT_UNTIL (frames_of (f, viewer) > before + 3);
}

static void
test_each_by_its_path (void)
{
  Fixture f;

  setup (&f);
  WAIT_UNTIL (frames_of (&f, 0) > 0 && frames_of (&f, 1) > 0);
  ACT (&f, set_estimate, 0, 5000);
  ACT (&f, set_estimate, 1, 250);
  ACT (&f, set_estimate, 2, 90);
  ACT (&f, update, 0, 3);
  g_assert_cmpuint (ACT (&f, get_rung, 1, 0), ==, 1);
  g_assert_cmpuint (ACT (&f, get_rung, 2, 0), ==, 2);
  WAIT_UNTIL (ACT (&f, get_width, 1, 0) == 160);
  WAIT_UNTIL (ACT (&f, get_width, 2, 0) == 80);
  g_assert_cmpuint (ACT (&f, get_width, 0, 0), ==, 320);
  for (guint i = 0; i < N_WATCHERS; i++)
    assert_is_sent (&f, i);

  ACT (&f, set_estimate, 1, 5000);
  ACT (&f, set_estimate, 2, 5000);
  ACT (&f, update, 0, 15);
  WAIT_UNTIL (ACT (&f, get_width, 1, 0) == 320);
  WAIT_UNTIL (ACT (&f, get_width, 2, 0) == 320);
  assert_is_sent (&f, 2);
  teardown (&f);
}

static void
test_muted_on_the_way (void)
{
  Fixture f;
  int before;

  setup (&f);
  WAIT_UNTIL (frames_of (&f, 1) > 0 && frames_of (&f, 2) > 0);
  WAIT_UNTIL (frames_of (&f, 0) > 0);
  ACT (&f, set_estimate, 1, 200);
  ACT (&f, update, 0, 3);
  ACT (&f, set_open, 1, FALSE);
  before = frames_of (&f, 1);
  assert_is_sent (&f, 0);
  g_assert_cmpint (frames_of (&f, 1), ==, before);
  ACT (&f, set_open, 1, TRUE);
  assert_is_sent (&f, 1);
  WAIT_UNTIL (ACT (&f, get_width, 1, 0) == 160);
  teardown (&f);
}

/* What was sent before is not sent anew, however fresh it is. */
static void
test_muted_for_a_moment (void)
{
  Fixture f;

  setup (&f);
  for (guint i = 0; i < N_WATCHERS; i++)
    WAIT_UNTIL (frames_of (&f, i) > 0);
  for (guint i = 0; i < 5; i++) {
    ACT (&f, set_open, 1, FALSE);
    ACT (&f, set_open, 1, TRUE);
    assert_is_sent (&f, 1);
  }
  teardown (&f);
}

static void
test_without_smaller_sizes (void)
{
  Fixture f;

  setup (&f);
  for (guint i = 0; i < N_WATCHERS; i++)
    WAIT_UNTIL (frames_of (&f, i) > 0);
  ACT (&f, set_estimate, 1, 100);
  ACT (&f, update, 0, 3);
  WAIT_UNTIL (ACT (&f, get_width, 1, 0) == 160);
  ACT (&f, set_rungs, 0, 1);
  ACT (&f, update, 0, 1);
  g_assert_cmpuint (ACT (&f, get_rung, 1, 0), ==, 0);
  WAIT_UNTIL (ACT (&f, get_width, 1, 0) == 320);
  assert_is_sent (&f, 1);
  teardown (&f);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/audience/each-by-its-path", test_each_by_its_path);
  g_test_add_func ("/audience/muted-on-the-way", test_muted_on_the_way);
  g_test_add_func ("/audience/muted-for-a-moment", test_muted_for_a_moment);
  g_test_add_func ("/audience/without-smaller-sizes",
      test_without_smaller_sizes);
  return g_test_run ();
}
