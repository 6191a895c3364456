#include "peerinternal.h"

#include <string.h>

#include "candidate.h"

GST_DEBUG_CATEGORY (kvspeer_debug);
#define GST_CAT_DEFAULT kvspeer_debug

/* From the offer. Amazon's C SDK gathers for up to 10 s before it trickles. */
#define CONNECT_TIMEOUT_MS (30 * 1000)
#define MAX_CANDIDATES 100

/* What Amazon's own viewers call theirs. */
#define DATA_CHANNEL_LABEL "kvsDataChannel"
/* Where a peer does not say (RFC 8841 sections 5 and 6.1). */

typedef struct {
  char *candidate;
  char *mid;
  int mline_index;
} Candidate;

G_DEFINE_FINAL_TYPE (GstKvsPeer, gst_kvs_peer, G_TYPE_OBJECT)

static void first_frame_received (GstKvsPeer *self);
static void first_frame_sent (GstKvsPeer *self);

static void
candidate_free (Candidate *self)
{
  g_free (self->candidate);
  g_free (self->mid);
  g_free (self);
}

static Candidate *
candidate_new (const char *candidate, const char *mid, int mline_index)
{
  Candidate *self = g_new0 (Candidate, 1);

  self->candidate = g_strdup (candidate);
  self->mid = g_strdup (mid);
  self->mline_index = mline_index;
  return self;
}

static void
leg_free (Leg *leg)
{
  g_clear_object (&leg->plan.input);
  g_clear_object (&leg->plan.fanout);
  g_free (leg);
}

static void
gst_kvs_peer_finalize (GObject *object)
{
  GstKvsPeer *self = GST_KVS_PEER (object);

  g_queue_clear_full (&self->early_remote, (GDestroyNotify) candidate_free);
  g_ptr_array_unref (self->legs);
  g_ptr_array_unref (self->outputs);
  g_clear_pointer (&self->proposal, gst_kvs_sdp_proposal_free);
  g_clear_pointer (&self->remote, gst_kvs_sdp_offer_free);
  g_free (self->choices);
  g_free (self->streams);
  g_free (self->cname);
  g_clear_pointer (&self->wire, gst_kvs_wire_unref);
  gst_kvs_timing_clear (&self->timing);
  g_object_unref (self->reaper);
  g_object_unref (self->net);
  g_object_unref (self->worker);
  g_free (self->stun_server);
  g_free (self->id);
  G_OBJECT_CLASS (gst_kvs_peer_parent_class)->finalize (object);
}

static void
gst_kvs_peer_class_init (GstKvsPeerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_kvs_peer_finalize;
  GST_DEBUG_CATEGORY_INIT (kvspeer_debug, "kvspeer", 0, "One remote peer");
}

static void
gst_kvs_peer_init (GstKvsPeer *self)
{
  self->legs = g_ptr_array_new_with_free_func ((GDestroyNotify) leg_free);
  self->outputs = g_ptr_array_new_with_free_func (g_object_unref);
  g_queue_init (&self->early_remote);
  self->offered_us = g_get_monotonic_time ();
  self->cname = g_uuid_string_random ();
  self->ssrc = g_random_int () | 1;
}

GstKvsPeer *
gst_kvs_peer_new (const char *id, const GstKvsPeerContext *context,
    const GstKvsPeerEvents *events, gpointer user_data)
{
  GstKvsPeer *self = g_object_new (GST_TYPE_KVS_PEER, NULL);

  self->id = g_strdup (id);
  self->worker = g_object_ref (context->worker);
  self->net = g_object_ref (context->net);
  self->reaper = g_object_ref (context->reaper);
  self->audience = context->audience;
  self->timing.clock = gst_object_ref (context->timing.clock);
  self->timing.base_time = context->timing.base_time;
  self->stun_server = g_strdup (context->stun_server);
  self->relay_only = context->relay_only;
  self->events = events;
  self->user_data = user_data;
  return self;
}

const char *
gst_kvs_peer_get_id (GstKvsPeer *self)
{
  return self->id;
}

gboolean
gst_kvs_peer_is_connected (GstKvsPeer *self)
{
  return self->connected_us > 0;
}

/* What streaming threads call goes through this, so that every step below runs on the worker and finds the peer alive and open. */

typedef void (*PeerFunc) (GstKvsPeer *self);

typedef struct {
  GstKvsPeer *peer;
  PeerFunc func;
} PeerCall;

static void
peer_call_free (gpointer data)
{
  PeerCall *call = data;

  g_object_unref (call->peer);
  g_free (call);
}

static gboolean
run_peer_call (gpointer data)
{
  PeerCall *call = data;

  if (call->peer->state != STATE_CLOSED)
    call->func (call->peer);
  return G_SOURCE_REMOVE;
}

static void
call_on_worker (GstKvsPeer *self, PeerFunc func)
{
  PeerCall *call = g_new0 (PeerCall, 1);

  call->peer = g_object_ref (self);
  call->func = func;
  kvs_worker_call (self->worker, run_peer_call, call, peer_call_free);
}

/* Why there is no way to the peer. */
static char *
explain_unreached (GstKvsPeer *self)
{
  const char *trouble =
      self->relays ? gst_kvs_relays_get_trouble (self->relays) : NULL;

  return g_strconcat (self->candidates_seen == 0
          ? "the peer sent no ICE candidate"
          : "no ICE candidate pair worked",
      trouble ? "; no relay over TLS: " : NULL, trouble, NULL);
}

static gboolean
on_connect_timeout (gpointer data)
{
  GstKvsPeer *self = data;

  g_autofree char *why = explain_unreached (self);
  g_autofree char *reason = g_strdup_printf ("not connected within %d s (%s)",
      CONNECT_TIMEOUT_MS / 1000, why);

  gst_kvs_peer_close (self, reason);
  return G_SOURCE_REMOVE;
}

/* A streaming thread, inside the fan-out's lock. */
static void
on_first_frame (gpointer user_data)
{
  Leg *leg = user_data;

  g_atomic_int_set (&leg->sent_first, TRUE);
  call_on_worker (leg->peer, first_frame_sent);
}

/* The streaming thread of whoever makes the frames. */
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

void
gst_kvs_peer_start_connect_timer (GstKvsPeer *self)
{
  self->connect_timer =
      kvs_worker_call_delayed (self->worker, CONNECT_TIMEOUT_MS,
          on_connect_timeout, g_object_ref (self), g_object_unref);
  gst_kvs_peer_start_stall_timer (self);
}

/* What the peer calls the m-line; in our own offers it is its number. */
static char *
mid_of (GstKvsPeer *self, guint mline)
{
  const GstKvsSdpMedia *media;

  if (self->proposal)
    return g_strdup_printf ("%u", mline);
  media = g_ptr_array_index (self->remote->medias, mline);
  return g_strdup (media->mid);
}

const GstSDPMedia *
gst_kvs_peer_get_remote_transport (GstKvsPeer *self)
{
  return gst_sdp_message_get_media (self->remote->message,
      gst_kvs_sdp_offer_find_transport (self->remote));
}

static void
on_local_candidate (gpointer user_data, const char *candidate)
{
  GstKvsPeer *self = user_data;
  guint mline =
      self->proposal ? 0 : gst_kvs_sdp_offer_find_transport (self->remote);
  g_autofree char *mid = mid_of (self, mline);

  gst_kvs_relays_note (self->relays, candidate);
  gst_kvs_tries_note (&self->tries, candidate);
  self->events->candidate (self->user_data, self, candidate, mid, (int) mline);
}

static void
on_gathered (gpointer user_data)
{
  GstKvsPeer *self = user_data;

  kvs_span_end (&self->gathering);
}

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

/* A streaming thread. */
static void
on_first_received (gpointer user_data, GstKvsMedia media)
{
  GstKvsPeer *self = user_data;

  g_atomic_int_set (&self->first_received[media], TRUE);
  call_on_worker (self, first_frame_received);
}

static void
on_channel_opened (gpointer user_data, const char *label)
{
  GstKvsPeer *self = user_data;

  if (self->state == STATE_ACTIVE)
    self->events->channel_opened (self->user_data, self, label);
}

static char **
on_text (gpointer user_data, const char *label, const char *text)
{
  GstKvsPeer *self = user_data;

  return self->state == STATE_ACTIVE
      ? self->events->text (self->user_data, self, label, text)
      : NULL;
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
  call_on_worker (self, media_failed);
}

static const GstKvsReceptionEvents reception_events = {
  .added = on_track,
  .first_frame = on_first_received,
  .rtcp = on_report,
  .failed = on_reception_failed,
};

static const GstKvsChannelsEvents channels_events = {
  .opened = on_channel_opened,
  .text = on_text,
};

guint
gst_kvs_peer_send_text (GstKvsPeer *self, const char *text)
{
  return self->state == STATE_ACTIVE && self->channels
      ? gst_kvs_channels_send (self->channels, text)
      : 0;
}

static void on_connected (gpointer user_data, const RtcPath *path);
static void on_ended (gpointer user_data, RtcEnd end);

static void
on_key_frame (gpointer user_data, guint track)
{
  GstKvsPeer *self = user_data;

  for (guint i = 0; i < self->legs->len; i++) {
    Leg *leg = g_ptr_array_index (self->legs, i);

    if (leg->track == track && leg->watcher)
      gst_kvs_watcher_request_key_frame (leg->watcher);
  }
}

static const GstKvsWireEvents wire_events = {
  .candidate = on_local_candidate,
  .gathered = on_gathered,
  .connected = on_connected,
  .ended = on_ended,
  .key_frame = on_key_frame,
};

static void
add_relay (gpointer user_data, const char *host, guint port, gboolean is_tcp,
    const char *username, const char *password)
{
  GstKvsPeer *self = user_data;

  gst_kvs_wire_add_relay (self->wire, host, port, is_tcp, username, password);
}

gboolean
gst_kvs_peer_build (GstKvsPeer *self, gboolean leads, GPtrArray *ice_servers)
{
  g_autofree char *stun_host = NULL;
  RtcIceConfig config = { .relay_only = self->relay_only,
    .is_controlling = leads };

  if (gst_kvs_relays_find_stun (self->stun_server, ice_servers, &stun_host,
          &config.stun_port))
    config.stun_host = stun_host;
  self->wire = gst_kvs_wire_new (self->worker, self->net, &config, self->cname,
      &wire_events, self);
  if (!self->wire)
    return FALSE;
  self->relays =
      gst_kvs_relays_new (self->worker, ice_servers, add_relay, self);
  self->reception =
      gst_kvs_reception_new (&reception_events, self, &self->timing);
  return TRUE;
}

GstKvsSdpTransport
gst_kvs_peer_get_transport (GstKvsPeer *self, const char *setup)
{
  return (GstKvsSdpTransport){
    .ufrag = gst_kvs_wire_get_ufrag (self->wire),
    .password = gst_kvs_wire_get_password (self->wire),
    .fingerprint = gst_kvs_wire_get_fingerprint (self->wire),
    .setup = setup,
  };
}

void
gst_kvs_peer_make_stream (GstKvsSdpStream *stream, gboolean has_rtx)
{
  /* 0 means none. */
  stream->ssrc = g_random_int () | 1;
  stream->rtx_ssrc = has_rtx ? stream->ssrc ^ 2 : 0;
}

void
gst_kvs_peer_gather (GstKvsPeer *self)
{
  if (self->state == STATE_CLOSED)
    return;
  self->described_us = g_get_monotonic_time ();
  kvs_span_begin (&self->gathering);
  gst_kvs_wire_gather (self->wire);
}

static void
add_candidate (GstKvsPeer *self, const Candidate *candidate)
{
  const char *why;
  g_autofree char *clean =
      gst_kvs_sdp_candidate_clean (candidate->candidate, &why);
  int mline = gst_kvs_sdp_offer_find_mline (self->remote, candidate->mid,
      candidate->mline_index);

  if (clean && mline >= 0)
    gst_kvs_wire_add_candidate (self->wire, clean);
  else
    GST_DEBUG ("%s: candidate dropped: %s", self->id,
        clean ? "for an m-line that was not offered" : why);
}

static void
add_early_candidates (GstKvsPeer *self)
{
  Candidate *candidate;

  for (guint i = 0; i < self->remote->candidates->len; i++) {
    Candidate in_sdp = { g_ptr_array_index (self->remote->candidates, i), NULL,
      (int) gst_kvs_sdp_offer_find_transport (self->remote) };

    self->candidates_seen++;
    add_candidate (self, &in_sdp);
  }
  while ((candidate = g_queue_pop_head (&self->early_remote))) {
    add_candidate (self, candidate);
    candidate_free (candidate);
  }
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

static gboolean
add_tracks (GstKvsPeer *self)
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

/* The peer's m-line for data channels, or NULL. */
static const GstKvsSdpMedia *
find_data (const GstKvsSdpOffer *remote)
{
  for (guint i = 0; i < remote->medias->len; i++) {
    const GstKvsSdpMedia *media = g_ptr_array_index (remote->medias, i);

    if (media->is_data && !media->is_rejected)
      return media;
  }
  return NULL;
}

static void
make_channels (GstKvsPeer *self)
{
  const GstKvsSdpMedia *media = find_data (self->remote);

  if (!media)
    return;
  self->channels = gst_kvs_channels_new (self->worker,
      rtc_net_get_worker (self->net), &channels_events, self);
  gst_kvs_wire_set_channels (self->wire, self->channels, media->sctp_port,
      media->max_message_size);
  if (self->proposal)
    gst_kvs_channels_create (self->channels, DATA_CHANNEL_LABEL);
}

gboolean
gst_kvs_peer_connect (GstKvsPeer *self, const char *setup)
{
  const GstSDPMedia *transport = gst_kvs_peer_get_remote_transport (self);
  gboolean is_client = g_str_equal (setup, "active");

  self->state = STATE_CONNECTING;
  if (!add_tracks (self)) {
    gst_kvs_peer_close (self, "its media could not be connected");
    return FALSE;
  }
  gst_kvs_reception_expect (self->reception, self->remote, self->choices,
      self->ssrc, self->cname);
  gst_kvs_wire_set_reception (self->wire, self->reception);
  make_channels (self);
  gst_kvs_wire_set_remote (self->wire,
      gst_kvs_sdp_offer_attribute (self->remote, transport, "ice-ufrag"),
      gst_kvs_sdp_offer_attribute (self->remote, transport, "ice-pwd"),
      is_client, self->remote->fingerprints);
  add_early_candidates (self);
  return TRUE;
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

static void
open_legs (GstKvsPeer *self, gboolean is_open)
{
  for (guint i = 0; i < self->legs->len; i++) {
    Leg *leg = g_ptr_array_index (self->legs, i);

    gst_kvs_watcher_set_open (leg->watcher, is_open);
  }
}

void
gst_kvs_peer_set_muted (GstKvsPeer *self, gboolean is_muted)
{
  self->is_muted = is_muted;
  if (self->state != STATE_ACTIVE)
    return;
  open_legs (self, !is_muted);
}

/* The peer is told of with all that came before it was. */
static void
announce (GstKvsPeer *self)
{
  self->events->connected (self->user_data, self, &self->path,
      (self->connected_us - self->offered_us) / 1000);
  for (guint i = 0; self->state == STATE_ACTIVE && i < self->outputs->len; i++)
    self->events->track_added (self->user_data, self,
        g_ptr_array_index (self->outputs, i));
  if (self->state == STATE_ACTIVE && self->channels)
    gst_kvs_channels_open (self->channels);
}

static void
on_connected (gpointer user_data, const RtcPath *path)
{
  GstKvsPeer *self = user_data;

  self->state = STATE_ACTIVE;
  self->connected_us = g_get_monotonic_time ();
  kvs_worker_clear_timer (&self->connect_timer);
  gst_kvs_relays_settle (self->relays);
  self->path = (GstKvsPeerPath){ path->local, path->remote, path->protocol };
  if (g_str_equal (path->protocol, "tcp"))
    self->path.protocol = gst_kvs_relays_tcp_protocol (self->relays);
  open_legs (self, !self->is_muted);
  gst_kvs_reception_open (self->reception);
  announce (self);
}

static void
on_ended (gpointer user_data, RtcEnd end)
{
  static const char *const reasons[] = {
    [RTC_END_CLOSED] = "closed by the peer",
    [RTC_END_PATH_LOST] = "the network path was lost",
    [RTC_END_HANDSHAKE] = "the DTLS handshake failed",
    [RTC_END_STRANGER] = "its DTLS certificate is not the one that was offered",
  };
  GstKvsPeer *self = user_data;
  g_autofree char *why =
      end == RTC_END_NO_PATH ? explain_unreached (self) : NULL;

  gst_kvs_peer_close (self, why ? why : reasons[end]);
}

void
gst_kvs_peer_add_candidate (GstKvsPeer *self, const char *candidate,
    const char *mid, int mline_index)
{
  Candidate given = { (char *) candidate, (char *) mid, mline_index };

  if (self->state == STATE_CLOSED || *candidate == '\0')
    return;
  if (++self->candidates_seen > MAX_CANDIDATES) {
    if (self->candidates_seen == MAX_CANDIDATES + 1)
      GST_WARNING ("%s: more than %d candidates, the rest is dropped", self->id,
          MAX_CANDIDATES);
    return;
  }
  if (self->state >= STATE_CONNECTING)
    add_candidate (self, &given);
  else
    g_queue_push_tail (&self->early_remote,
        candidate_new (candidate, mid, mline_index));
}

static void
release_legs (GstKvsPeer *self)
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

  if (self->state != STATE_ACTIVE || n_pictures == 0)
    return;
  gst_kvs_wire_get_stats (self->wire, &sent);
  if (sent.estimate > 0)
    each = sent.estimate > sent.sounds
        ? (sent.estimate - sent.sounds) / n_pictures
        : 1;
  for (guint i = 0; i < self->legs->len; i++) {
    Leg *leg = g_ptr_array_index (self->legs, i);

    gst_kvs_watcher_set_estimate (leg->watcher, each);
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

static void
stop_receiving (GstKvsPeer *self)
{
  if (self->reception)
    gst_kvs_reception_stop (self->reception);
  for (guint i = 0; self->connected_us > 0 && i < self->outputs->len; i++)
    self->events->track_removed (self->user_data, self,
        g_ptr_array_index (self->outputs, i));
  g_ptr_array_set_size (self->outputs, 0);
}

static void
free_reception (gpointer reception)
{
  gst_kvs_reception_free (reception);
}

/* What a peer leaves behind until its goodbye is through; it counts as on its
 * way out until then. */
typedef struct {
  GstKvsRelays *relays;
  GstKvsReaper *reaper;
} Leaving;

static Leaving *
leaving_new (GstKvsPeer *self)
{
  Leaving *leaving = g_new0 (Leaving, 1);

  leaving->relays = g_steal_pointer (&self->relays);
  leaving->reaper = g_object_ref (self->reaper);
  gst_kvs_reaper_hold (leaving->reaper);
  return leaving;
}

static void
leaving_free (gpointer data)
{
  Leaving *leaving = data;

  gst_kvs_relays_free (leaving->relays);
  gst_kvs_reaper_release (leaving->reaper);
  g_object_unref (leaving->reaper);
  g_free (leaving);
}

/* What takes what comes in goes after the wire, so that nobody is inside of
 * it, and the relays when the goodbye has gone through them. */
static void
cut_off (GstKvsPeer *self)
{
  if (self->wire)
    gst_kvs_wire_close (self->wire, leaving_free, leaving_new (self));
  g_clear_pointer (&self->channels, gst_kvs_channels_free);
  if (self->reception)
    gst_kvs_reaper_push (self->reaper, free_reception,
        g_steal_pointer (&self->reception));
}

void
gst_kvs_peer_close (GstKvsPeer *self, const char *reason)
{
  if (self->state == STATE_CLOSED)
    return;
  GST_INFO ("%s: closed: %s", self->id, reason);
  g_object_ref (self);
  if (self->wire)
    gst_kvs_wire_get_stats (self->wire, &self->last);
  self->state = STATE_CLOSED;
  kvs_worker_clear_timer (&self->connect_timer);
  kvs_worker_clear_timer (&self->stall_timer);
  if (self->relays)
    gst_kvs_relays_settle (self->relays);
  release_legs (self);
  stop_receiving (self);
  self->events->closed (self->user_data, self, reason);
  cut_off (self);
  g_object_unref (self);
}

void
gst_kvs_peer_set_timing (GstKvsPeer *self, const GstKvsTiming *timing)
{
  gst_object_replace ((GstObject **) &self->timing.clock,
      GST_OBJECT (timing->clock));
  self->timing.base_time = timing->base_time;
  if (self->reception && self->state != STATE_CLOSED)
    gst_kvs_reception_set_timing (self->reception, timing);
}

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
      read_camera (leg->watcher ? gst_kvs_watcher_get_fanout (leg->watcher)
                                : leg->plan.fanout,
          &stats->cameras[stats->n_cameras++]);
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
  read_sent_media (self, stats);
  if (self->channels)
    stats->data_channels = gst_kvs_channels_count (self->channels);
  if (self->connected_us > 0)
    stats->duration_ms = (g_get_monotonic_time () - self->connected_us) / 1000;
  read_sent (self, stats);
  read_received (self, stats);
}
