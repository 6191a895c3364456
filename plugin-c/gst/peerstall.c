/* Why is it black: a peer that waits for its media is told of, once. */
#include "peerinternal.h"

#define PATIENCE_MS 5000

static GstKvsStage
stage_of (GstKvsPeer *self)
{
  if (self->state == STATE_ACTIVE)
    return GST_KVS_STAGE_FRAME;
  if (self->state != STATE_CONNECTING)
    return GST_KVS_STAGE_ANSWER;
  return gst_kvs_wire_has_path (self->wire) ? GST_KVS_STAGE_DTLS
                                            : GST_KVS_STAGE_ICE;
}

/* What should be there and is not, or NULL. */
typedef struct {
  const GstKvsCodec *video;
  const GstKvsCodec *audio;
  gboolean has_some; /* something is there */
} Missing;

static void
note_missing (Missing *self, const GstKvsCodec *codec, gboolean is_there)
{
  if (is_there)
    self->has_some = TRUE;
  else if (codec->media == GST_KVS_MEDIA_VIDEO)
    self->video = codec;
  else
    self->audio = codec;
}

/* What a master sends. */
static void
find_unsent (GstKvsPeer *self, Missing *missing)
{
  for (guint i = 0; !self->is_muted && i < self->legs->len; i++) {
    Leg *leg = g_ptr_array_index (self->legs, i);

    note_missing (missing, leg->plan.codec->codec,
        leg->reported_first || g_atomic_int_get (&leg->sent_first));
  }
}

/* What a viewer waits for. */
static void
find_unreceived (GstKvsPeer *self, Missing *missing)
{
  for (guint i = 0; self->choices && i < self->remote->medias->len; i++) {
    const GstKvsSdpChoice *choice = &self->choices[i];

    if (choice->receive)
      note_missing (missing, choice->codec->codec,
          self->frames_received & (1u << choice->codec->codec->media));
  }
}

/* Sound may begin with silence, and a master may promise it and send none: alone
 * it is no reason to cry. */
static const GstKvsCodec *
find_missing (GstKvsPeer *self)
{
  Missing missing = { 0 };

  if (self->proposal)
    find_unreceived (self, &missing);
  else
    find_unsent (self, &missing);
  if (missing.video)
    return missing.video;
  return missing.has_some ? NULL : missing.audio;
}

static char *
name_frame (const GstKvsCodec *codec)
{
  return g_strdup_printf ("%s %s", codec->name,
      codec->media == GST_KVS_MEDIA_VIDEO ? "key frame" : "frame");
}

/* `missing` is set by whoever knows it. */
static GstKvsStall
read_stall (GstKvsPeer *self)
{
  return (GstKvsStall){
    .stage = stage_of (self),
    .local = self->tries,
    .remote = self->candidates_seen,
    .trouble = gst_kvs_relays_get_trouble (self->relays),
    .from = self->proposal ? "the master" : "the source",
  };
}

char *
gst_kvs_peer_explain (GstKvsPeer *self)
{
  GstKvsStall stall = read_stall (self);

  return gst_kvs_stall_explain (&stall);
}

static gboolean
on_stall_timer (gpointer data)
{
  GstKvsPeer *self = data;
  GstKvsStall stall = read_stall (self);
  const GstKvsCodec *missing =
      stall.stage == GST_KVS_STAGE_FRAME ? find_missing (self) : NULL;
  g_autofree char *frame = missing ? name_frame (missing) : NULL;
  g_autofree char *detail = NULL;

  kvs_worker_clear_timer (&self->stall_timer);
  if (stall.stage == GST_KVS_STAGE_FRAME && !missing)
    return G_SOURCE_REMOVE;
  stall.missing = frame;
  detail = gst_kvs_stall_explain (&stall);
  self->events->stalled (self->user_data, self, stall.stage,
      missing ? gst_kvs_media_name (missing->media) : "media", detail,
      (g_get_monotonic_time () - self->offered_us) / 1000);
  return G_SOURCE_REMOVE;
}

void
gst_kvs_peer_start_stall_timer (GstKvsPeer *self)
{
  self->stall_timer = kvs_worker_call_delayed (self->worker, PATIENCE_MS,
      on_stall_timer, self, NULL);
}
