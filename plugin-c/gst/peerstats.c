/* What a peer can say of itself: times and numbers. */
#include "peerinternal.h"

#include <string.h>

void
gst_kvs_peer_get_times (GstKvsPeer *self, GstKvsPeerTimes *times)
{
  times->negotiation.begin = self->offered_us;
  times->negotiation.end = self->described_us;
  times->connection.begin = self->offered_us;
  times->connection.end = self->connected_us;
  times->gathering = self->gathering;
}

static void
read_camera (GstKvsFanout *fanout, GstKvsCameraStats *stats)
{
  g_autoptr (GstCaps) caps = gst_kvs_fanout_ref_caps (fanout);

  stats->codec = gst_kvs_fanout_get_codec (fanout)->name;
  if (caps)
    gst_structure_get (gst_caps_get_structure (caps, 0), "width", G_TYPE_INT,
        &stats->width, "height", G_TYPE_INT, &stats->height, NULL);
}

static guint64
frames_sent (GstKvsPeer *self, const Leg *leg)
{
  return leg->track < G_N_ELEMENTS (self->last.frames)
      ? self->last.frames[leg->track]
      : 0;
}

static void
add_camera (GstKvsPeer *self, Leg *leg, GstKvsPeerStats *stats)
{
  GstKvsCameraStats *camera = &stats->cameras[stats->n_cameras++];

  read_camera (leg->watcher ? gst_kvs_watcher_get_fanout (leg->watcher)
                            : leg->plan.fanout,
      camera);
  camera->frames = frames_sent (self, leg);
}

/* After read_sent. */
static void
read_sent_media (GstKvsPeer *self, GstKvsPeerStats *stats)
{
  for (guint i = 0; i < self->legs->len; i++) {
    Leg *leg = g_ptr_array_index (self->legs, i);
    const GstKvsCodec *codec = gst_kvs_fanout_get_codec (leg->plan.fanout);

    if (leg->watcher)
      stats->rung = MAX (stats->rung, gst_kvs_watcher_get_rung (leg->watcher));
    if (codec->media == GST_KVS_MEDIA_AUDIO)
      stats->audio_codec = codec->name;
    else if (stats->n_cameras < GST_KVS_CAMERA_STATS)
      add_camera (self, leg, stats);
  }
}

static void
read_sent (GstKvsPeer *self, GstKvsPeerStats *stats)
{
  RtcOutboundStats *sent = &self->last;

  if (self->wire && self->state != STATE_CLOSED)
    gst_kvs_wire_get_stats (self->wire, sent);
  stats->bytes_sent = sent->total.bytes;
  stats->packets_sent = sent->total.packets;
  stats->packets_lost = sent->heard_us > 0 ? sent->total.lost : -1;
  stats->round_trip_ms = sent->heard_us > 0 ? sent->rtt_ms : -1;
  stats->nacks = sent->total.nacks;
  stats->plis = sent->total.key_requests;
  stats->estimate = sent->estimate > 0 ? (gint64) sent->estimate : -1;
  stats->target = (gint64) sent->target;
  stats->loss = sent->total.loss;
  stats->layer = sent->total.layer;
}

static void
read_received (GstKvsPeer *self, GstKvsPeerStats *stats)
{
  GstKvsReceptionStats received = { 0 };

  if (self->reception)
    gst_kvs_reception_get_stats (self->reception, &received);
  stats->bytes_received = received.bytes;
  for (guint i = 0; i < self->outputs->len; i++) {
    GstKvsOutput *output = g_ptr_array_index (self->outputs, i);

    if (gst_kvs_output_get_codec (output)->media == GST_KVS_MEDIA_VIDEO)
      stats->frames_received += gst_kvs_output_get_frames (output);
  }
}

void
gst_kvs_peer_get_stats (GstKvsPeer *self, GstKvsPeerStats *stats)
{
  static const char *const states[] = {
    [STATE_NEW] = "new",
    [STATE_NEGOTIATING] = "negotiating",
    [STATE_CONNECTING] = "connecting",
    [STATE_ACTIVE] = "connected",
    [STATE_CLOSED] = "closed",
  };

  memset (stats, 0, sizeof (*stats));
  stats->state = states[self->state];
  stats->is_muted = self->is_muted;
  stats->path = self->connected_us > 0 ? &self->path : NULL;
  if (self->channels)
    stats->data_channels = gst_kvs_channels_count (self->channels);
  if (self->connected_us > 0)
    stats->duration_ms = (g_get_monotonic_time () - self->connected_us) / 1000;
  read_sent (self, stats);
  read_sent_media (self, stats);
  read_received (self, stats);
}
