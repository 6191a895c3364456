/* Why is it black: a peer that waits for its media is told of, once. */
#include "peerinternal.h"

#define PATIENCE_MS 5000

static GstKvsStage
stage_of (GstKvsPeer *self)
{
  GstWebRTCICEConnectionState ice;

  if (self->state == STATE_ACTIVE)
    return GST_KVS_STAGE_FRAME;
  if (self->state != STATE_CONNECTING)
    return GST_KVS_STAGE_ANSWER;
  g_object_get (self->webrtc, "ice-connection-state", &ice, NULL);
  return ice == GST_WEBRTC_ICE_CONNECTION_STATE_CONNECTED
          || ice == GST_WEBRTC_ICE_CONNECTION_STATE_COMPLETED
      ? GST_KVS_STAGE_DTLS
      : GST_KVS_STAGE_ICE;
}

/* What a master has not sent yet, or NULL. */
static const GstKvsCodec *
find_unsent (GstKvsPeer *self)
{
  for (guint i = 0; !self->is_muted && i < self->legs->len; i++) {
    Leg *leg = g_ptr_array_index (self->legs, i);

    if (!leg->reported_first && !g_atomic_int_get (&leg->sent_first))
      return leg->plan.codec->codec;
  }
  return NULL;
}

/* What a viewer waits for, or NULL. */
static const GstKvsCodec *
find_unreceived (GstKvsPeer *self)
{
  for (guint i = 0; self->choices && i < self->remote->medias->len; i++) {
    const GstKvsSdpChoice *choice = &self->choices[i];

    if (choice->receive
        && !(self->frames_received & (1u << choice->codec->codec->media)))
      return choice->codec->codec;
  }
  return NULL;
}

static char *
name_frame (const GstKvsCodec *codec)
{
  return g_strdup_printf ("%s %s", codec->name,
      codec->media == GST_KVS_MEDIA_VIDEO ? "key frame" : "frame");
}

static gboolean
on_stall_timer (gpointer data)
{
  GstKvsPeer *self = data;
  GstKvsStall stall = {
    .stage = stage_of (self),
    .local = self->tries,
    .remote = self->candidates_seen,
    .trouble = gst_kvs_relays_get_trouble (self->relays),
    .from = self->proposal ? "the master" : "the source",
  };
  const GstKvsCodec *missing =
      self->proposal ? find_unreceived (self) : find_unsent (self);
  g_autofree char *frame = NULL;
  g_autofree char *detail = NULL;

  kvs_worker_clear_timer (&self->stall_timer);
  if (!missing)
    return G_SOURCE_REMOVE;
  stall.missing = frame = name_frame (missing);
  detail = gst_kvs_stall_explain (&stall);
  self->events->stalled (self->user_data, self, stall.stage, detail,
      (g_get_monotonic_time () - self->offered_us) / 1000);
  return G_SOURCE_REMOVE;
}

void
gst_kvs_peer_start_stall_timer (GstKvsPeer *self)
{
  self->stall_timer = kvs_worker_call_delayed (self->worker, PATIENCE_MS,
      on_stall_timer, self, NULL);
}
