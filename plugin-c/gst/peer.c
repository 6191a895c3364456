#include "peerinternal.h"

GST_DEBUG_CATEGORY (kvspeer_debug);
#define GST_CAT_DEFAULT kvspeer_debug

/* From the offer. Amazon's C SDK gathers for up to 10 s before it trickles. */
#define CONNECT_TIMEOUT_MS (30 * 1000)

G_DEFINE_FINAL_TYPE (GstKvsPeer, gst_kvs_peer, G_TYPE_OBJECT)

static void
gst_kvs_peer_finalize (GObject *object)
{
  GstKvsPeer *self = GST_KVS_PEER (object);

  gst_kvs_peer_forget_candidates (self);
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
  self->legs = gst_kvs_peer_legs_new ();
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

typedef struct {
  GstKvsPeer *peer;
  GstKvsPeerFunc func;
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

void
gst_kvs_peer_call_on_worker (GstKvsPeer *self, GstKvsPeerFunc func)
{
  PeerCall *call = g_new0 (PeerCall, 1);

  call->peer = g_object_ref (self);
  call->func = func;
  kvs_worker_call (self->worker, run_peer_call, call, peer_call_free);
}

static gboolean
on_connect_timeout (gpointer data)
{
  GstKvsPeer *self = data;

  g_autofree char *why = gst_kvs_peer_explain (self);
  g_autofree char *reason = g_strdup_printf ("not connected within %d s (%s)",
      CONNECT_TIMEOUT_MS / 1000, why);

  gst_kvs_peer_close (self, reason);
  return G_SOURCE_REMOVE;
}

void
gst_kvs_peer_start_connect_timer (GstKvsPeer *self)
{
  self->connect_timer =
      kvs_worker_call_delayed (self->worker, CONNECT_TIMEOUT_MS,
          on_connect_timeout, g_object_ref (self), g_object_unref);
  gst_kvs_peer_start_stall_timer (self);
}

const GstSDPMedia *
gst_kvs_peer_get_remote_transport (GstKvsPeer *self)
{
  return gst_sdp_message_get_media (self->remote->message,
      gst_kvs_sdp_offer_find_transport (self->remote));
}

static void
on_gathered (gpointer user_data)
{
  GstKvsPeer *self = user_data;

  kvs_span_end (&self->gathering);
}

/* The encoder makes a key frame while the handshake goes on. */
static void
on_ready (gpointer user_data)
{
  GstKvsPeer *self = user_data;

  if (!self->is_muted)
    gst_kvs_peer_expect_legs (self);
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
  gst_kvs_peer_open_legs (self, !self->is_muted);
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
      end == RTC_END_NO_PATH ? gst_kvs_peer_explain (self) : NULL;

  gst_kvs_peer_close (self, why ? why : reasons[end]);
}

static const GstKvsWireEvents wire_events = {
  .candidate = gst_kvs_peer_take_local_candidate,
  .gathered = on_gathered,
  .ready = on_ready,
  .connected = on_connected,
  .ended = on_ended,
  .key_frame = gst_kvs_peer_take_key_request,
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
  self->reception = gst_kvs_reception_new (&gst_kvs_peer_reception_events, self,
      &self->timing);
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

gboolean
gst_kvs_peer_connect (GstKvsPeer *self, const char *setup)
{
  const GstSDPMedia *transport = gst_kvs_peer_get_remote_transport (self);
  gboolean is_client = g_str_equal (setup, "active");

  self->state = STATE_CONNECTING;
  if (!gst_kvs_peer_add_tracks (self)) {
    gst_kvs_peer_close (self, "its media could not be connected");
    return FALSE;
  }
  gst_kvs_reception_expect (self->reception, self->remote, self->choices,
      self->ssrc, self->cname);
  gst_kvs_wire_set_reception (self->wire, self->reception);
  gst_kvs_peer_make_channels (self);
  gst_kvs_wire_set_remote (self->wire,
      gst_kvs_sdp_offer_attribute (self->remote, transport, "ice-ufrag"),
      gst_kvs_sdp_offer_attribute (self->remote, transport, "ice-pwd"),
      is_client, self->remote->fingerprints);
  gst_kvs_peer_add_early_candidates (self);
  return TRUE;
}

void
gst_kvs_peer_set_muted (GstKvsPeer *self, gboolean is_muted)
{
  self->is_muted = is_muted;
  if (self->state != STATE_ACTIVE)
    return;
  gst_kvs_peer_open_legs (self, !is_muted);
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
  gst_kvs_peer_release_legs (self);
  gst_kvs_peer_stop_receiving (self);
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
