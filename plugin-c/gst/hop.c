#include "hop.h"

/* At one fan-out. Only the worker makes and ends them. */
typedef struct {
  GstKvsHop *hop;
  GstKvsFanout *fanout;
  GstKvsConsumer *consumer;
} Place;

struct _GstKvsHop {
  GObject parent;

  KvsWorker *worker;
  GstKvsHopEvents events;
  gpointer user_data;

  /* Worker only. */
  Place *place; /* whose frames go on; NULL once stopped */
  Place *next;  /* where it is going, or NULL */

  /* Held while a frame goes on: places are of different streaming threads.
   * Taken inside a fan-out's lock. */
  GMutex lock;
  Place *speaker; /* `next` once its first frame went on, else `place` */
  gboolean has_begun;
  GstKvsContinuity *times;
};

G_DEFINE_FINAL_TYPE (GstKvsHop, gst_kvs_hop, G_TYPE_OBJECT)

static void
gst_kvs_hop_finalize (GObject *object)
{
  GstKvsHop *self = GST_KVS_HOP (object);

  g_object_unref (self->worker);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (gst_kvs_hop_parent_class)->finalize (object);
}

static void
gst_kvs_hop_class_init (GstKvsHopClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_kvs_hop_finalize;
}

static void
gst_kvs_hop_init (GstKvsHop *self)
{
  g_mutex_init (&self->lock);
}

static gboolean
hand_on (GstKvsHop *self, RtcFrame *frame)
{
  g_autoptr (RtcFrame) placed = gst_kvs_continuity_place (self->times, frame);

  if (!self->events.frame (self->user_data, placed))
    return FALSE;
  gst_kvs_continuity_sent (self->times, placed);
  if (!self->has_begun && self->events.first_frame)
    self->events.first_frame (self->user_data);
  self->has_begun = TRUE;
  return TRUE;
}

static void
end_place (Place *place)
{
  gst_kvs_fanout_detach (place->fanout, place->consumer);
  g_object_unref (place->fanout);
  g_free (place);
}

static void
leave (GstKvsHop *self, Place *place)
{
  g_autoptr (GstKvsFanout) fanout = g_object_ref (place->fanout);

  end_place (place);
  self->events.left (self->user_data, fanout);
}

static gboolean
arrive (gpointer data)
{
  GstKvsHop *self = data;
  Place *old = NULL;

  g_mutex_lock (&self->lock);
  if (self->next && self->speaker == self->next) {
    old = self->place;
    self->place = g_steal_pointer (&self->next);
  }
  g_mutex_unlock (&self->lock);
  if (old)
    leave (self, old);
  return G_SOURCE_REMOVE;
}

/* Of the place it has, all go on; of the one it is going to, its first is a
 * key frame and takes the word. What the other then still says is old. */
static gboolean
on_frame (gpointer user_data, RtcFrame *frame)
{
  Place *place = user_data;
  GstKvsHop *self = place->hop;
  gboolean is_taken = TRUE;

  g_mutex_lock (&self->lock);
  if (self->speaker == place) {
    is_taken = hand_on (self, frame);
  } else if (self->speaker && place == self->next) {
    gst_kvs_continuity_hop (self->times);
    is_taken = hand_on (self, frame);
    if (is_taken) {
      self->speaker = place;
      kvs_worker_call (self->worker, arrive, g_object_ref (self),
          g_object_unref);
    }
  }
  g_mutex_unlock (&self->lock);
  return is_taken;
}

static Place *
place_new (GstKvsHop *self, GstKvsFanout *fanout)
{
  Place *place = g_new0 (Place, 1);

  place->hop = self;
  place->fanout = g_object_ref (fanout);
  return place;
}

/* Frames may come at once. */
static void
attach (Place *place)
{
  place->consumer =
      gst_kvs_fanout_attach_frames (place->fanout, on_frame, NULL, place, NULL);
}

/* The same where nothing was sent before. */
static void
join (Place *place)
{
  place->consumer =
      gst_kvs_fanout_join_frames (place->fanout, on_frame, NULL, place, NULL);
}

GstKvsHop *
gst_kvs_hop_new (KvsWorker *worker, GstKvsFanout *fanout, gboolean is_joining,
    GstKvsContinuity *times, const GstKvsHopEvents *events, gpointer user_data)
{
  GstKvsHop *self = g_object_new (GST_TYPE_KVS_HOP, NULL);

  self->worker = g_object_ref (worker);
  self->times = times;
  self->events = *events;
  self->user_data = user_data;
  self->place = place_new (self, fanout);
  self->speaker = self->place;
  if (is_joining)
    join (self->place);
  else
    attach (self->place);
  return self;
}

static void
set_next (GstKvsHop *self, Place *next)
{
  g_mutex_lock (&self->lock);
  self->next = next;
  g_mutex_unlock (&self->lock);
}

/* Unless it has arrived there meanwhile. */
static void
give_up (GstKvsHop *self)
{
  Place *next = self->next;
  gboolean has_arrived;

  if (!next)
    return;
  g_mutex_lock (&self->lock);
  has_arrived = self->speaker == next;
  if (!has_arrived)
    self->next = NULL;
  g_mutex_unlock (&self->lock);
  if (has_arrived)
    arrive (self);
  else
    leave (self, next);
}

void
gst_kvs_hop_move (GstKvsHop *self, GstKvsFanout *fanout)
{
  Place *next;

  if (!self->place || gst_kvs_hop_get_aim (self) == fanout)
    return;
  give_up (self);
  if (self->place->fanout == fanout)
    return;
  next = place_new (self, fanout);
  set_next (self, next);
  attach (next);
}

GstKvsFanout *
gst_kvs_hop_get_aim (GstKvsHop *self)
{
  Place *aim = self->next ? self->next : self->place;

  return aim ? aim->fanout : NULL;
}

void
gst_kvs_hop_request_key_frame (GstKvsHop *self)
{
  g_autoptr (GstKvsFanout) fanout = NULL;

  g_mutex_lock (&self->lock);
  if (self->speaker)
    fanout = g_object_ref (self->speaker->fanout);
  g_mutex_unlock (&self->lock);
  if (fanout)
    gst_kvs_fanout_request_key_frame (fanout);
}

void
gst_kvs_hop_stop (GstKvsHop *self)
{
  g_mutex_lock (&self->lock);
  self->speaker = NULL;
  g_mutex_unlock (&self->lock);
  g_clear_pointer (&self->next, end_place);
  g_clear_pointer (&self->place, end_place);
}
