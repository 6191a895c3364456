#include "fanout.h"

#include "packetizer.h"
#include "replay.h"

GST_DEBUG_CATEGORY_STATIC (kvsfanout_debug);
#define GST_CAT_DEFAULT kvsfanout_debug

/* Between two key frames, however many viewers ask: as measured, a shorter one
 * starves the encoder's bit rate, a longer one the joiner. Three in any second,
 * and no fourth. */
#define KEY_INTERVAL_MS (GST_KVS_REPLAY_AGE_US / 1000)

/* From a path's being found to the end of the handshake over it; one that takes
 * longer is met by a new key frame. */
#define EXPECTED_US (2 * G_TIME_SPAN_SECOND)

struct _GstKvsConsumer {
  GstKvsFrameFunc frame;
  gboolean waits_for_key;
  GstKvsFirstFrameFunc first_frame; /* NULL once called */
  gpointer user_data;
  GDestroyNotify notify;
};

struct _GstKvsFanout {
  GObject parent;

  KvsWorker *worker;
  const GstKvsCodec *codec;

  /* Held while frames are pushed, so that detach means detached. */
  GMutex lock;
  GPtrArray *consumers;
  GstCaps *caps;
  GstKvsTiming timing;
  gint64 expected_us; /* until when one is looked out for; 0: none is */
  GstKvsPacketizer *packetizer; /* while there is one, or may soon be */
  GstKvsReplay replay;          /* of what it made; only of pictures */

  /* Worker only. */
  GstKvsKeyFrameFunc key_frame;
  gpointer key_frame_data;
  gint64 last_request_us;
  GSource *key_timer;

  /* Atomic: a request is on its way to the worker. */
  int request_queued;
};

G_DEFINE_FINAL_TYPE (GstKvsFanout, gst_kvs_fanout, G_TYPE_OBJECT)

static void
consumer_free (GstKvsConsumer *self)
{
  if (self->notify)
    self->notify (self->user_data);
  g_free (self);
}

static void
gst_kvs_fanout_finalize (GObject *object)
{
  GstKvsFanout *self = GST_KVS_FANOUT (object);

  g_ptr_array_unref (self->consumers);
  g_clear_pointer (&self->packetizer, gst_kvs_packetizer_free);
  gst_kvs_replay_free_frames (&self->replay);
  gst_kvs_timing_clear (&self->timing);
  gst_clear_caps (&self->caps);
  g_mutex_clear (&self->lock);
  g_object_unref (self->worker);
  G_OBJECT_CLASS (gst_kvs_fanout_parent_class)->finalize (object);
}

static void
gst_kvs_fanout_class_init (GstKvsFanoutClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_kvs_fanout_finalize;
  GST_DEBUG_CATEGORY_INIT (kvsfanout_debug, "kvsfanout", 0,
      "One stream to many peers");
}

static void
gst_kvs_fanout_init (GstKvsFanout *self)
{
  g_mutex_init (&self->lock);
  self->consumers =
      g_ptr_array_new_with_free_func ((GDestroyNotify) consumer_free);
  gst_kvs_replay_init (&self->replay);
}

GstKvsFanout *
gst_kvs_fanout_new (KvsWorker *worker, const GstKvsCodec *codec)
{
  GstKvsFanout *self = g_object_new (GST_TYPE_KVS_FANOUT, NULL);

  self->worker = g_object_ref (worker);
  self->codec = codec;
  return self;
}

const GstKvsCodec *
gst_kvs_fanout_get_codec (GstKvsFanout *self)
{
  return self->codec;
}

void
gst_kvs_fanout_set_key_frame_func (GstKvsFanout *self, GstKvsKeyFrameFunc func,
    gpointer user_data)
{
  self->key_frame = func;
  self->key_frame_data = user_data;
  if (!func && self->key_timer) {
    g_source_destroy (self->key_timer);
    g_clear_pointer (&self->key_timer, g_source_unref);
  }
}

void
gst_kvs_fanout_set_timing (GstKvsFanout *self, const GstKvsTiming *timing)
{
  g_mutex_lock (&self->lock);
  gst_object_replace ((GstObject **) &self->timing.clock,
      GST_OBJECT (timing->clock));
  self->timing.base_time = timing->base_time;
  g_mutex_unlock (&self->lock);
}

static void push_frame (GstKvsFanout *self, GstKvsConsumer *consumer,
    RtcFrame *frame);

/* What a joiner is given in place of a new key frame, where it is fresh. */
static void
replay (GstKvsFanout *self, GstKvsConsumer *consumer)
{
  guint n = gst_kvs_replay_count (&self->replay, g_get_monotonic_time ());

  for (guint i = 0; i < n; i++) {
    g_autoptr (RtcFrame) frame =
        gst_kvs_replay_get (&self->replay, i, (guint) self->codec->clock_rate);

    push_frame (self, consumer, frame);
  }
}

static GstKvsConsumer *
add (GstKvsFanout *self, GstKvsConsumer *consumer, gboolean is_joining)
{
  gboolean waits;

  consumer->waits_for_key = self->codec->media == GST_KVS_MEDIA_VIDEO;

  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->consumers, consumer);
  if (is_joining)
    replay (self, consumer);
  waits = consumer->waits_for_key;
  g_mutex_unlock (&self->lock);

  if (waits)
    gst_kvs_fanout_request_key_frame (self);
  return consumer;
}

static GstKvsConsumer *
taker_new (GstKvsFrameFunc frame, GstKvsFirstFrameFunc first_frame,
    gpointer user_data, GDestroyNotify notify)
{
  GstKvsConsumer *consumer = g_new0 (GstKvsConsumer, 1);

  consumer->frame = frame;
  consumer->first_frame = first_frame;
  consumer->user_data = user_data;
  consumer->notify = notify;
  return consumer;
}

GstKvsConsumer *
gst_kvs_fanout_attach_frames (GstKvsFanout *self, GstKvsFrameFunc frame,
    GstKvsFirstFrameFunc first_frame, gpointer user_data, GDestroyNotify notify)
{
  return add (self, taker_new (frame, first_frame, user_data, notify), FALSE);
}

GstKvsConsumer *
gst_kvs_fanout_join_frames (GstKvsFanout *self, GstKvsFrameFunc frame,
    GstKvsFirstFrameFunc first_frame, gpointer user_data, GDestroyNotify notify)
{
  return add (self, taker_new (frame, first_frame, user_data, notify), TRUE);
}

void
gst_kvs_fanout_expect (GstKvsFanout *self)
{
  gint64 now_us = g_get_monotonic_time ();
  gboolean is_ready;

  g_mutex_lock (&self->lock);
  self->expected_us = now_us + EXPECTED_US;
  is_ready = gst_kvs_replay_count (&self->replay, now_us) > 0;
  g_mutex_unlock (&self->lock);
  if (!is_ready)
    gst_kvs_fanout_request_key_frame (self);
}

/* Nobody is there for frames, nor expected. */
static gboolean
is_idle (GstKvsFanout *self)
{
  return self->consumers->len == 0
      && g_get_monotonic_time () >= self->expected_us;
}

/* (transfer full) */
static GstKvsPacketizer *
steal_packetizer (GstKvsFanout *self)
{
  gst_kvs_replay_clear (&self->replay);
  return g_steal_pointer (&self->packetizer);
}

void
gst_kvs_fanout_detach (GstKvsFanout *self, GstKvsConsumer *consumer)
{
  GstKvsPacketizer *idle = NULL;
  guint index;

  g_mutex_lock (&self->lock);
  if (g_ptr_array_find (self->consumers, consumer, &index))
    g_ptr_array_steal_index_fast (self->consumers, index);
  if (is_idle (self))
    idle = steal_packetizer (self);
  g_mutex_unlock (&self->lock);
  g_clear_pointer (&idle, gst_kvs_packetizer_free);
  consumer_free (consumer);
}

void
gst_kvs_fanout_start_anew (GstKvsFanout *self)
{
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->consumers->len; i++) {
    GstKvsConsumer *consumer = g_ptr_array_index (self->consumers, i);

    consumer->waits_for_key = self->codec->media == GST_KVS_MEDIA_VIDEO;
  }
  gst_kvs_replay_clear (&self->replay);
  g_mutex_unlock (&self->lock);
  gst_kvs_fanout_request_key_frame (self);
}

/* Whether it gets a frame like this one, and has now begun if so. */
static gboolean
takes (GstKvsConsumer *consumer, gboolean is_key)
{
  if (consumer->waits_for_key && !is_key)
    return FALSE;
  consumer->waits_for_key = FALSE;
  return TRUE;
}

static void
tell_first_frame (GstKvsConsumer *consumer)
{
  if (consumer->first_frame)
    consumer->first_frame (consumer->user_data);
  consumer->first_frame = NULL;
}

static void
push_frame (GstKvsFanout *self, GstKvsConsumer *consumer, RtcFrame *frame)
{
  if (!takes (consumer, frame->is_key))
    return;
  if (consumer->frame (consumer->user_data, frame))
    tell_first_frame (consumer);
  else
    consumer->waits_for_key = self->codec->media == GST_KVS_MEDIA_VIDEO;
}

/* From inside push; the lock is held. */
static void
on_frame (gpointer user_data, RtcFrame *frame)
{
  GstKvsFanout *self = user_data;

  if (self->codec->media == GST_KVS_MEDIA_VIDEO)
    gst_kvs_replay_take (&self->replay, frame, g_get_monotonic_time ());
  for (guint i = 0; i < self->consumers->len; i++) {
    GstKvsConsumer *consumer = g_ptr_array_index (self->consumers, i);

    push_frame (self, consumer, frame);
  }
}

/* What was lost in the payloader, later frames may depend on. */
static void
lose_frame (GstKvsFanout *self)
{
  gst_kvs_replay_clear (&self->replay);
  for (guint i = 0; i < self->consumers->len; i++) {
    GstKvsConsumer *consumer = g_ptr_array_index (self->consumers, i);

    consumer->waits_for_key = self->codec->media == GST_KVS_MEDIA_VIDEO;
  }
}

static void
packetize (GstKvsFanout *self, GstBuffer *buffer, GstCaps *caps)
{
  if (is_idle (self)) {
    GstKvsPacketizer *idle = steal_packetizer (self);

    g_clear_pointer (&idle, gst_kvs_packetizer_free);
    return;
  }
  if (!self->packetizer)
    self->packetizer = gst_kvs_packetizer_new (self->codec, on_frame, self);
  if (!self->packetizer
      || !gst_kvs_packetizer_push (self->packetizer, buffer, caps,
          &self->timing))
    lose_frame (self);
}

static gboolean
somebody_waits (GstKvsFanout *self)
{
  for (guint i = 0; i < self->consumers->len; i++) {
    GstKvsConsumer *consumer = g_ptr_array_index (self->consumers, i);

    if (consumer->waits_for_key)
      return TRUE;
  }
  return FALSE;
}

void
gst_kvs_fanout_push (GstKvsFanout *self, GstBuffer *buffer, GstCaps *caps)
{
  gboolean is_waited_for;

  g_mutex_lock (&self->lock);
  if (self->caps != caps)
    gst_caps_replace (&self->caps, caps);
  packetize (self, buffer, caps);
  is_waited_for = somebody_waits (self);
  g_mutex_unlock (&self->lock);

  /* Also asks again, should the encoder not have heard the first request. */
  if (is_waited_for)
    gst_kvs_fanout_request_key_frame (self);
}

GstCaps *
gst_kvs_fanout_ref_caps (GstKvsFanout *self)
{
  GstCaps *caps;

  g_mutex_lock (&self->lock);
  caps = self->caps ? gst_caps_ref (self->caps) : NULL;
  g_mutex_unlock (&self->lock);
  return caps;
}

static void
send_request (GstKvsFanout *self)
{
  self->last_request_us = g_get_monotonic_time ();
  if (self->key_frame)
    self->key_frame (self->key_frame_data);
}

static gboolean
on_key_timer (gpointer user_data)
{
  GstKvsFanout *self = user_data;

  g_clear_pointer (&self->key_timer, g_source_unref);
  send_request (self);
  return G_SOURCE_REMOVE;
}

/* On the worker: now, or once when the interval since the last one is over. */
static gboolean
on_request (gpointer user_data)
{
  GstKvsFanout *self = user_data;
  gint64 elapsed_ms = (g_get_monotonic_time () - self->last_request_us) / 1000;

  g_atomic_int_set (&self->request_queued, 0);
  if (self->key_timer || !self->key_frame)
    return G_SOURCE_REMOVE;
  if (self->last_request_us == 0 || elapsed_ms >= KEY_INTERVAL_MS)
    send_request (self);
  else
    self->key_timer = kvs_worker_call_delayed (self->worker,
        (guint) (KEY_INTERVAL_MS - elapsed_ms), on_key_timer,
        g_object_ref (self), g_object_unref);
  return G_SOURCE_REMOVE;
}

void
gst_kvs_fanout_request_key_frame (GstKvsFanout *self)
{
  /* A viewer may flood us with PLI: at most one call is ever queued. */
  if (self->codec->media == GST_KVS_MEDIA_VIDEO
      && g_atomic_int_compare_and_exchange (&self->request_queued, 0, 1))
    kvs_worker_call (self->worker, on_request, g_object_ref (self),
        g_object_unref);
}
