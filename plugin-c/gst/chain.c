#include "chain.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>

GST_DEBUG_CATEGORY_STATIC (kvschain_debug);
#define GST_CAT_DEFAULT kvschain_debug

/* How often an element that worked and broke is tried again. */
#define MAX_RESTARTS 3

/* One pipeline, from its start until it is replaced. Counted, since its
 * streaming threads may outlive its place in the chain for a moment. */
typedef struct {
  gatomicrefcount refs;
  GstKvsChain *chain; /* a reference: gone with the pipeline's callbacks */
  const GstKvsChainChoice *choice;
  GstElement *pipeline;
  GstAppSrc *src;
  GstElement *sink;
  int has_output; /* atomic */
  GstCaps *caps;  /* the input's streaming thread's: what it was last told */
} Run;

struct _GstKvsChain {
  GObject parent;

  GPtrArray *choices; /* of GstKvsChainChoice */
  guint max_buffers;
  KvsWorker *worker;
  GstKvsReaper *reaper;
  GstKvsTiming timing;
  char *what;

  /* Worker only. */
  guint next_choice;
  guint restarts; /* of the choice that runs */
  guint key_count;
  gboolean is_stopped;

  GMutex in_lock;
  Run *
      run; /* under in_lock; the worker, which alone sets it, reads it freely */

  GMutex out_lock;
  Run *speaker; /* under out_lock: the run whose frames are wanted */
  GstKvsChainEvents events;
};

G_DEFINE_FINAL_TYPE (GstKvsChain, gst_kvs_chain, G_TYPE_OBJECT)

static gboolean start_next (GstKvsChain *self, GError **error);
static GstFlowReturn on_new_sample (GstAppSink *sink, gpointer user_data);
static GstBusSyncReply on_bus_message (GstBus *bus, GstMessage *message,
    gpointer user_data);

GstKvsChainChoice *
gst_kvs_chain_choice_new (const char *name, char *description,
    gboolean can_renegotiate)
{
  GstKvsChainChoice *self = g_new0 (GstKvsChainChoice, 1);

  self->name = g_strdup (name);
  self->description = description;
  self->can_renegotiate = can_renegotiate;
  return self;
}

void
gst_kvs_chain_choice_free (GstKvsChainChoice *self)
{
  g_free (self->name);
  g_free (self->description);
  g_free (self);
}

static Run *
run_ref (Run *run)
{
  g_atomic_ref_count_inc (&run->refs);
  return run;
}

static void
run_unref (gpointer data)
{
  Run *run = data;

  if (!g_atomic_ref_count_dec (&run->refs))
    return;
  gst_clear_caps (&run->caps);
  gst_clear_object (&run->src);
  gst_clear_object (&run->sink);
  gst_clear_object (&run->pipeline);
  g_object_unref (run->chain);
  g_free (run);
}

static void
gst_kvs_chain_finalize (GObject *object)
{
  GstKvsChain *self = GST_KVS_CHAIN (object);

  g_ptr_array_unref (self->choices);
  gst_kvs_timing_clear (&self->timing);
  g_object_unref (self->reaper);
  g_object_unref (self->worker);
  g_mutex_clear (&self->in_lock);
  g_mutex_clear (&self->out_lock);
  g_free (self->what);
  G_OBJECT_CLASS (gst_kvs_chain_parent_class)->finalize (object);
}

static void
gst_kvs_chain_class_init (GstKvsChainClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_kvs_chain_finalize;
  GST_DEBUG_CATEGORY_INIT (kvschain_debug, "kvschain", 0,
      "Encoders, parsers and decoders");
}

static void
gst_kvs_chain_init (GstKvsChain *self)
{
  g_mutex_init (&self->in_lock);
  g_mutex_init (&self->out_lock);
}

GstKvsChain *
gst_kvs_chain_new (GPtrArray *choices, guint max_buffers,
    const GstKvsChainContext *context, const GstKvsChainEvents *events,
    GError **error)
{
  g_autoptr (GstKvsChain) self = g_object_new (GST_TYPE_KVS_CHAIN, NULL);

  self->choices = choices;
  self->max_buffers = max_buffers;
  self->worker = g_object_ref (context->worker);
  self->reaper = g_object_ref (context->reaper);
  self->timing.clock = gst_object_ref (context->timing.clock);
  self->timing.base_time = context->timing.base_time;
  self->events = *events;
  self->what = g_strdup (events->what);
  if (!start_next (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* Each element's trouble is told once a process, however many viewers come:
 * a hardware encoder that does not open, say. */
static void
log_trouble (GstKvsChain *self, const char *name, const char *message)
{
  static GMutex lock;
  static GHashTable *told = NULL;
  gboolean is_new;

  g_mutex_lock (&lock);
  if (!told)
    told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  is_new = g_hash_table_add (told, g_strdup (name));
  g_mutex_unlock (&lock);
  if (is_new)
    GST_WARNING ("%s: %s does not work: %s", self->what, name, message);
  else
    GST_INFO ("%s: %s still does not work: %s", self->what, name, message);
}

static gboolean
build (Run *run, guint max_buffers, GError **error)
{
  static GstAppSinkCallbacks callbacks = { .new_sample = on_new_sample };
  g_autofree char *description =
      g_strdup_printf ("appsrc name=in is-live=true format=time block=false "
                       "leaky-type=downstream max-bytes=0 max-buffers=%u ! "
                       "%s ! appsink name=out sync=false async=false "
                       "enable-last-sample=false",
          max_buffers, run->choice->description);
  g_autoptr (GstBus) bus = NULL;

  run->pipeline = gst_parse_launch_full (description, NULL,
      GST_PARSE_FLAG_FATAL_ERRORS, error);
  if (!run->pipeline)
    return FALSE;
  gst_object_ref_sink (run->pipeline);
  run->src = GST_APP_SRC (gst_bin_get_by_name (GST_BIN (run->pipeline), "in"));
  run->sink = gst_bin_get_by_name (GST_BIN (run->pipeline), "out");
  gst_app_sink_set_callbacks (GST_APP_SINK (run->sink), &callbacks,
      run_ref (run), run_unref);
  bus = gst_element_get_bus (run->pipeline);
  gst_bus_set_sync_handler (bus, on_bus_message, run_ref (run), run_unref);
  return TRUE;
}

static void
take_down (gpointer data)
{
  static GstAppSinkCallbacks none = { NULL };
  Run *run = data;
  g_autoptr (GstBus) bus = NULL;

  if (run->pipeline) {
    gst_element_set_state (run->pipeline, GST_STATE_NULL);
    gst_app_sink_set_callbacks (GST_APP_SINK (run->sink), &none, NULL, NULL);
    bus = gst_element_get_bus (run->pipeline);
    gst_bus_set_sync_handler (bus, NULL, NULL, NULL);
  }
  run_unref (run);
}

/* Makes it the one that is pushed to and listened to; NULL for none. Gives
 * the one before to the reaper. */
static void
set_run (GstKvsChain *self, Run *run)
{
  Run *old;

  g_mutex_lock (&self->out_lock);
  self->speaker = run;
  g_mutex_unlock (&self->out_lock);
  g_mutex_lock (&self->in_lock);
  old = self->run;
  self->run = run;
  g_mutex_unlock (&self->in_lock);
  if (old)
    gst_kvs_reaper_push (self->reaper, take_down, old);
}

static gboolean
start (GstKvsChain *self, const GstKvsChainChoice *choice, GError **error)
{
  Run *run = g_new0 (Run, 1);

  g_atomic_ref_count_init (&run->refs);
  run->chain = g_object_ref (self);
  run->choice = choice;
  if (!build (run, self->max_buffers, error)) {
    run_unref (run);
    return FALSE;
  }
  if (self->events.set_up)
    self->events.set_up (self->events.user_data, run->pipeline);
  gst_kvs_timing_apply (&self->timing, run->pipeline);
  set_run (self, run);
  if (gst_element_set_state (run->pipeline, GST_STATE_PLAYING)
      == GST_STATE_CHANGE_FAILURE) {
    set_run (self, NULL);
    g_set_error (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_INIT,
        "%s does not start", choice->name);
    return FALSE;
  }
  GST_INFO ("%s is %s", self->what, choice->name);
  return TRUE;
}

/* The next choice that starts. */
static gboolean
start_next (GstKvsChain *self, GError **error)
{
  g_autoptr (GError) trouble = NULL;

  self->restarts = 0;
  while (self->next_choice < self->choices->len) {
    const GstKvsChainChoice *choice =
        g_ptr_array_index (self->choices, self->next_choice++);

    g_clear_error (&trouble);
    if (start (self, choice, &trouble))
      return TRUE;
    log_trouble (self, choice->name, trouble->message);
  }
  if (trouble)
    g_propagate_error (error, g_steal_pointer (&trouble));
  else
    g_set_error_literal (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
        "there is nothing installed for it");
  return FALSE;
}

static GstFlowReturn
on_new_sample (GstAppSink *sink, gpointer user_data)
{
  Run *run = user_data;
  GstKvsChain *self = run->chain;
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);

  if (!sample)
    return GST_FLOW_OK;
  g_atomic_int_set (&run->has_output, TRUE);
  g_mutex_lock (&self->out_lock);
  if (self->speaker == run)
    self->events.sample (self->events.user_data, sample);
  g_mutex_unlock (&self->out_lock);
  return GST_FLOW_OK;
}

typedef struct {
  Run *run;
  char *message;
} Failure;

static void
failure_free (gpointer data)
{
  Failure *failure = data;

  run_unref (failure->run);
  g_free (failure->message);
  g_free (failure);
}

static void
report (GstKvsChain *self, const char *message)
{
  g_autofree char *text =
      g_strdup_printf ("%s failed: %s", self->what, message);

  set_run (self, NULL);
  if (self->events.failed)
    self->events.failed (self->events.user_data, text);
}

/* Of the worker: what worked is tried again, what did not gives way. */
static gboolean
take_failure (gpointer data)
{
  Failure *failure = data;
  Run *run = failure->run;
  GstKvsChain *self = run->chain;
  const GstKvsChainChoice *choice = run->choice;

  if (self->is_stopped || self->run != run)
    return G_SOURCE_REMOVE;
  log_trouble (self, choice->name, failure->message);
  if (g_atomic_int_get (&run->has_output) && self->restarts++ < MAX_RESTARTS
      && start (self, choice, NULL))
    return G_SOURCE_REMOVE;
  if (!start_next (self, NULL))
    report (self, failure->message);
  return G_SOURCE_REMOVE;
}

static GstBusSyncReply
on_bus_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  Run *run = user_data;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    g_autoptr (GError) error = NULL;
    g_autofree char *debug = NULL;
    Failure *failure = g_new0 (Failure, 1);

    gst_message_parse_error (message, &error, &debug);
    GST_INFO ("%s: %s (%s)", run->chain->what, error->message, debug);
    failure->run = run_ref (run);
    failure->message = g_strdup (error->message);
    kvs_worker_call (run->chain->worker, take_failure, failure, failure_free);
  }
  gst_message_unref (message);
  return GST_BUS_DROP;
}

static gboolean
start_anew (gpointer data)
{
  Run *run = data;
  GstKvsChain *self = run->chain;
  g_autoptr (GError) error = NULL;

  if (self->is_stopped || self->run != run)
    return G_SOURCE_REMOVE;
  GST_INFO ("%s: made anew for other input", self->what);
  if (start (self, run->choice, &error))
    return G_SOURCE_REMOVE;
  log_trouble (self, run->choice->name, error->message);
  if (!start_next (self, NULL))
    report (self, error->message);
  return G_SOURCE_REMOVE;
}

/* Whether the run goes on with these caps. */
static gboolean
take_caps (GstKvsChain *self, Run *run, GstCaps *caps)
{
  gboolean is_first = run->caps == NULL;

  if (run->caps == caps)
    return TRUE;
  if (!is_first && !run->choice->can_renegotiate
      && !gst_caps_is_equal (run->caps, caps)) {
    /* What comes until the new one runs is dropped. */
    kvs_worker_call (self->worker, start_anew, run_ref (run), run_unref);
    return FALSE;
  }
  gst_caps_replace (&run->caps, caps);
  gst_app_src_set_caps (run->src, caps);
  return TRUE;
}

void
gst_kvs_chain_push (GstKvsChain *self, GstBuffer *buffer, GstCaps *caps)
{
  g_mutex_lock (&self->in_lock);
  if (self->run && take_caps (self, self->run, caps))
    gst_app_src_push_buffer (self->run->src, gst_buffer_ref (buffer));
  g_mutex_unlock (&self->in_lock);
}

void
gst_kvs_chain_request_key_frame (GstKvsChain *self)
{
  if (self->run)
    gst_element_send_event (self->run->sink,
        gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE,
            self->key_count++));
}

void
gst_kvs_chain_stop (GstKvsChain *self)
{
  self->is_stopped = TRUE;
  set_run (self, NULL);
}

GstElement *
gst_kvs_chain_get_pipeline (GstKvsChain *self)
{
  return self->run ? self->run->pipeline : NULL;
}

void
gst_kvs_chain_set_timing (GstKvsChain *self, const GstKvsTiming *timing)
{
  gst_object_replace ((GstObject **) &self->timing.clock,
      GST_OBJECT (timing->clock));
  self->timing.base_time = timing->base_time;
  if (self->run)
    gst_kvs_timing_apply (timing, self->run->pipeline);
}
