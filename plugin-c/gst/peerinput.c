/* What a peer sends: streams for the application. */
#include "peerinternal.h"

GST_DEBUG_CATEGORY_EXTERN (kvspeer_debug);
#define GST_CAT_DEFAULT kvspeer_debug

typedef struct {
  GstKvsPeer *peer;
  GstKvsOutput *output;
} Track;

static void
track_free (gpointer data)
{
  Track *track = data;

  g_object_unref (track->output);
  g_object_unref (track->peer);
  g_free (track);
}

static gboolean
add_track (gpointer data)
{
  Track *track = data;
  GstKvsPeer *self = track->peer;

  if (self->state == STATE_CLOSED)
    return G_SOURCE_REMOVE;
  g_ptr_array_add (self->outputs, g_object_ref (track->output));
  if (self->connected_us > 0)
    self->events->track_added (self->user_data, self, track->output);
  return G_SOURCE_REMOVE;
}

/* A streaming thread. */
static void
on_track (gpointer user_data, GstKvsOutput *output)
{
  GstKvsPeer *self = user_data;
  Track *track = g_new0 (Track, 1);

  track->peer = g_object_ref (self);
  track->output = g_object_ref (output);
  kvs_worker_call (self->worker, add_track, track, track_free);
}

static void
first_frame_received (GstKvsPeer *self)
{
  gint64 ms = (g_get_monotonic_time () - self->offered_us) / 1000;

  /* A master tells of what it sends. */
  if (!self->proposal)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (self->first_received); i++) {
    if (!g_atomic_int_compare_and_exchange (&self->first_received[i], TRUE,
            FALSE))
      continue;
    self->frames_received |= 1u << i;
    self->events->first_frame (self->user_data, self, i, ms);
  }
}

/* A streaming thread. */
static void
on_first_received (gpointer user_data, GstKvsMedia media)
{
  GstKvsPeer *self = user_data;

  g_atomic_int_set (&self->first_received[media], TRUE);
  gst_kvs_peer_call_on_worker (self, first_frame_received);
}

/* Any thread of the reception's. */
static void
on_report (gpointer user_data, const guint8 *data, gsize size)
{
  GstKvsPeer *self = user_data;

  gst_kvs_wire_post_rtcp (self->wire, data, size);
}

static void
media_failed (GstKvsPeer *self)
{
  gst_kvs_peer_close (self, "its media pipeline failed");
}

/* Any thread of the reception's. */
static void
on_reception_failed (gpointer user_data, const char *what)
{
  GstKvsPeer *self = user_data;

  GST_WARNING ("%s: %s", self->id, what);
  gst_kvs_peer_call_on_worker (self, media_failed);
}

const GstKvsReceptionEvents gst_kvs_peer_reception_events = {
  .added = on_track,
  .first_frame = on_first_received,
  .rtcp = on_report,
  .failed = on_reception_failed,
};

void
gst_kvs_peer_stop_receiving (GstKvsPeer *self)
{
  if (self->reception)
    gst_kvs_reception_stop (self->reception);
  for (guint i = 0; self->connected_us > 0 && i < self->outputs->len; i++)
    self->events->track_removed (self->user_data, self,
        g_ptr_array_index (self->outputs, i));
  g_ptr_array_set_size (self->outputs, 0);
}
