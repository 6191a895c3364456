/* What a peer is sent: its place in the audience, its tracks, and what its path has room for. */
#include "peerinternal.h"

static void
leg_free (Leg *leg)
{
  g_clear_object (&leg->plan.input);
  g_clear_object (&leg->plan.fanout);
  g_free (leg);
}

GPtrArray *
gst_kvs_peer_legs_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) leg_free);
}

static void
first_frame_sent (GstKvsPeer *self)
{
  gint64 ms = (g_get_monotonic_time () - self->offered_us) / 1000;

  for (guint i = 0; i < self->legs->len; i++) {
    Leg *leg = g_ptr_array_index (self->legs, i);

    if (!g_atomic_int_compare_and_exchange (&leg->sent_first, TRUE, FALSE))
      continue;
    leg->reported_first = TRUE;
    /* A viewer tells of what it receives. */
    if (!self->proposal)
      self->events->first_frame (self->user_data, self,
          leg->plan.codec->codec->media, ms);
  }
}

/* A streaming thread, inside the fan-out's lock. */
static void
on_first_frame (gpointer user_data)
{
  Leg *leg = user_data;

  g_atomic_int_set (&leg->sent_first, TRUE);
  gst_kvs_peer_call_on_worker (leg->peer, first_frame_sent);
}

/* The streaming thread of whoever makes the frames, or the worker where it joins. */
static gboolean
post_frame (gpointer user_data, RtcFrame *frame)
{
  Leg *leg = user_data;

  return gst_kvs_wire_post (leg->peer->wire, leg->track, frame);
}

static void
join_audience (GstKvsPeer *self, Leg *leg)
{
  const GstKvsWatch watch = {
    .input = leg->plan.input,
    .fanout = leg->plan.fanout,
    .fmtp = leg->plan.codec->fmtp,
    .frame = post_frame,
    .first_frame = on_first_frame,
    .user_data = leg,
  };

  leg->watcher = gst_kvs_audience_join (self->audience, &watch);
}

void
gst_kvs_peer_take_legs (GstKvsPeer *self, GArray *legs)
{
  for (guint i = 0; i < legs->len; i++) {
    Leg *leg = g_new0 (Leg, 1);

    leg->plan = g_array_index (legs, GstKvsPeerLeg, i);
    leg->peer = self;
    g_object_ref (leg->plan.input);
    g_object_ref (leg->plan.fanout);
    g_ptr_array_add (self->legs, leg);
    join_audience (self, leg);
  }
  g_array_unref (legs);
}

static RtcLayersKind
layers_of (const GstKvsCodec *codec)
{
  return g_str_equal (codec->name, "VP8") ? RTC_LAYERS_VP8
      : g_str_equal (codec->name, "VP9")  ? RTC_LAYERS_VP9
      : g_str_equal (codec->name, "H264") ? RTC_LAYERS_H264
                                          : RTC_LAYERS_NONE;
}

static RtcTrackConfig
configure_track (GstKvsPeer *self, const GstKvsPeerLeg *plan)
{
  const GstKvsSdpMedia *media =
      g_ptr_array_index (self->remote->medias, plan->mline);
  const GstKvsSdpCodec *codec = plan->codec;
  const GstKvsSdpStream *stream = &self->streams[plan->mline];

  return (RtcTrackConfig){
    .is_video = media->media == GST_KVS_MEDIA_VIDEO,
    .ssrc = stream->ssrc,
    .rtx_ssrc = stream->rtx_ssrc,
    .pt = codec->pt,
    .rtx_pt = codec->nack ? codec->rtx_pt : -1,
    .clock_rate = (guint) codec->codec->clock_rate,
    .twcc_id =
        (int) gst_kvs_sdp_transport_cc_id (media, &self->choices[plan->mline]),
    .orientation_id = (int) media->orientation_id,
    .nack = codec->nack,
    .expects_pli = codec->nack_pli || codec->ccm_fir,
    .layers_kind = layers_of (codec->codec),
  };
}

gboolean
gst_kvs_peer_add_tracks (GstKvsPeer *self)
{
  for (guint i = 0; i < self->legs->len; i++) {
    Leg *leg = g_ptr_array_index (self->legs, i);
    GstKvsWireTrack track = { .input = leg->plan.input,
      .config = configure_track (self, &leg->plan) };

    leg->track = gst_kvs_wire_add_track (self->wire, &track);
    if (leg->track == RTC_OUTBOUND_NO_TRACK)
      return FALSE;
  }
  return TRUE;
}

void
gst_kvs_peer_take_key_request (gpointer user_data, guint track)
{
  GstKvsPeer *self = user_data;

  for (guint i = 0; i < self->legs->len; i++) {
    Leg *leg = g_ptr_array_index (self->legs, i);

    if (leg->track == track && leg->watcher)
      gst_kvs_watcher_request_key_frame (leg->watcher);
  }
}

void
gst_kvs_peer_expect_legs (GstKvsPeer *self)
{
  for (guint i = 0; i < self->legs->len; i++) {
    Leg *leg = g_ptr_array_index (self->legs, i);

    gst_kvs_watcher_expect (leg->watcher);
  }
}

void
gst_kvs_peer_open_legs (GstKvsPeer *self, gboolean is_open)
{
  for (guint i = 0; i < self->legs->len; i++) {
    Leg *leg = g_ptr_array_index (self->legs, i);

    gst_kvs_watcher_set_open (leg->watcher, is_open);
  }
}

void
gst_kvs_peer_release_legs (GstKvsPeer *self)
{
  for (guint i = 0; i < self->legs->len; i++) {
    Leg *leg = g_ptr_array_index (self->legs, i);

    g_clear_pointer (&leg->watcher, gst_kvs_watcher_leave);
  }
}

static guint
count_pictures (GstKvsPeer *self)
{
  guint n = 0;

  for (guint i = 0; i < self->legs->len; i++) {
    Leg *leg = g_ptr_array_index (self->legs, i);

    n += leg->plan.codec->codec->media == GST_KVS_MEDIA_VIDEO;
  }
  return n;
}

/* What sound takes of a path comes first; pictures share the rest alike. */
void
gst_kvs_peer_tell_path (GstKvsPeer *self)
{
  guint n_pictures = count_pictures (self);
  RtcOutboundStats sent;
  guint64 each = 0;

  if (self->state != STATE_ACTIVE)
    return;
  gst_kvs_wire_get_stats (self->wire, &sent);
  if (sent.estimate > 0 && n_pictures > 0)
    each = sent.estimate > sent.sounds
        ? (sent.estimate - sent.sounds) / n_pictures
        : 1;
  for (guint i = 0; i < self->legs->len; i++) {
    Leg *leg = g_ptr_array_index (self->legs, i);

    gst_kvs_watcher_set_estimate (leg->watcher, each);
    gst_kvs_watcher_set_loss (leg->watcher, sent.loss);
  }
}

void
gst_kvs_peer_tell_wanted (GstKvsPeer *self)
{
  guint64 wanted = 0;

  if (self->state != STATE_ACTIVE)
    return;
  for (guint i = 0; i < self->legs->len; i++) {
    Leg *leg = g_ptr_array_index (self->legs, i);

    wanted += gst_kvs_watcher_get_wanted (leg->watcher);
  }
  gst_kvs_wire_set_wanted (self->wire, wanted);
}

gboolean
gst_kvs_peer_sends (GstKvsPeer *self, GstKvsFanout *fanout)
{
  for (guint i = 0; i < self->legs->len; i++) {
    Leg *leg = g_ptr_array_index (self->legs, i);

    if (leg->watcher && gst_kvs_watcher_has (leg->watcher, fanout))
      return TRUE;
  }
  return FALSE;
}
