/* Sound for several: its error correction reckons with what is lost by those who hear it. */
#include <gst/gst.h>

#include "audience.h"
#include "wait.h"

#define N_HEARERS 2
#define FMTP "minptime=10;useinbandfec=1"

typedef struct {
  GstElement *pipeline;
  KvsWorker *worker;
  GstKvsReaper *reaper;
  GstKvsInput *input;
  GstKvsAudience *audience;
  GstKvsWatcher *hearers[N_HEARERS];
  gint64 now_us;
} Fixture;

/* The linker puts it in the place of the real one, which it calls. */
void __real_gst_kvs_opus_apply (GstElement *chain,
    const GstKvsOpusFormat *format);
void __wrap_gst_kvs_opus_apply (GstElement *chain,
    const GstKvsOpusFormat *format);
static int applied_percent; /* atomic */

void
__wrap_gst_kvs_opus_apply (GstElement *chain, const GstKvsOpusFormat *format)
{
  g_autoptr (GstElement) encoder = gst_bin_get_by_name (GST_BIN (chain), "enc");
  int percent;

  __real_gst_kvs_opus_apply (chain, format);
  g_object_get (encoder, "packet-loss-percentage", &percent, NULL);
  g_atomic_int_set (&applied_percent, percent);
}

static void
on_changed (gpointer user_data)
{
}

static void
on_failed (gpointer user_data, const char *message)
{
  g_error ("%s", message);
}

static GstKvsEncoderContext
get_context (gpointer user_data)
{
  Fixture *f = user_data;
  GstKvsEncoderContext context = {
    .chain = { .worker = f->worker, .reaper = f->reaper },
    .failed = on_failed,
    .user_data = f,
  };

  gst_kvs_timing_read (&context.chain.timing, f->pipeline);
  return context;
}

static gboolean
on_frame (gpointer user_data, RtcFrame *frame)
{
  return TRUE;
}

static GstKvsFanout *
acquire (Fixture *f)
{
  GstKvsEncoderContext context = get_context (f);
  g_autoptr (GError) error = NULL;
  GstKvsFanout *fanout = gst_kvs_input_acquire (f->input,
      gst_kvs_codec_find (GST_KVS_MEDIA_AUDIO, "OPUS"), FMTP, 0, &context,
      &error);

  g_assert_no_error (error);
  gst_kvs_timing_clear (&context.chain.timing);
  return fanout;
}

static void
join (gpointer data, gpointer unused)
{
  Fixture *f = data;
  const GstKvsLadderSettings settings = { .n_rungs = 1 };

  f->audience = gst_kvs_audience_new (f->worker, &settings, get_context, f);
  for (guint i = 0; i < N_HEARERS; i++) {
    const GstKvsWatch watch = { .input = f->input,
      .fanout = acquire (f),
      .fmtp = FMTP,
      .frame = on_frame };

    f->hearers[i] = gst_kvs_audience_join (f->audience, &watch);
    gst_kvs_watcher_set_open (f->hearers[i], TRUE);
  }
}

static void
leave (gpointer data, gpointer unused)
{
  Fixture *f = data;

  for (guint i = 0; i < N_HEARERS; i++)
    gst_kvs_watcher_leave (f->hearers[i]);
  gst_kvs_audience_free (f->audience);
}

static void
set_up (Fixture *f, gconstpointer unused)
{
  GstElement *src = gst_element_factory_make ("audiotestsrc", NULL);

  *f = (Fixture){ .worker = kvs_worker_new ("test"),
    .reaper = gst_kvs_reaper_new (),
    .pipeline = gst_pipeline_new (NULL),
    .now_us = 1 };
  f->input = gst_kvs_input_new (GST_KVS_MEDIA_AUDIO, 0, on_changed, f);
  g_object_set (src, "is-live", TRUE, NULL);
  gst_bin_add_many (GST_BIN (f->pipeline), src,
      gst_kvs_input_get_sink (f->input), NULL);
  g_assert_true (gst_element_link (src, gst_kvs_input_get_sink (f->input)));
  gst_element_set_state (f->pipeline, GST_STATE_PLAYING);
  WAIT_UNTIL (gst_kvs_input_is_ready (f->input));
  kvs_worker_call_wait (f->worker, join, f);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  kvs_worker_call_wait (f->worker, leave, f);
  gst_element_set_state (f->pipeline, GST_STATE_NULL);
  gst_kvs_reaper_wait (f->reaper);
  kvs_worker_stop (f->worker);
  gst_object_unref (f->pipeline);
  g_object_unref (f->input);
  g_object_unref (f->reaper);
  g_object_unref (f->worker);
}

/* As long as losses stay so. */
typedef struct {
  Fixture *f;
  double losses[N_HEARERS];
  guint seconds;
} Spell;

static void
pass (gpointer data, gpointer unused)
{
  Spell *spell = data;
  Fixture *f = spell->f;

  for (guint i = 0; i < N_HEARERS; i++)
    gst_kvs_watcher_set_loss (f->hearers[i], spell->losses[i]);
  for (guint i = 0; i < spell->seconds; i++) {
    gst_kvs_audience_update (f->audience, f->now_us);
    f->now_us += G_USEC_PER_SEC;
  }
}

static void
test_worst_counts (Fixture *f, gconstpointer unused)
{
  WAIT_UNTIL (g_atomic_int_get (&applied_percent) == 5);
  kvs_worker_call_wait (f->worker, pass, &(Spell){ f, { 0, 0.13 }, 1 });
  WAIT_UNTIL (g_atomic_int_get (&applied_percent) == 15);
  kvs_worker_call_wait (f->worker, pass, &(Spell){ f, { 0.9, 0 }, 1 });
  WAIT_UNTIL (g_atomic_int_get (&applied_percent) == 20);
  kvs_worker_call_wait (f->worker, pass, &(Spell){ f, { 0.01, 0 }, 12 });
  WAIT_UNTIL (g_atomic_int_get (&applied_percent) == 5);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add ("/hearing/worst-counts", Fixture, NULL, set_up, test_worst_counts,
      tear_down);
  return g_test_run ();
}
