#include "peerinternal.h"

#include <gst/video/video.h>
#include <string.h>

#include "candidate.h"
#include "clockrates.h"
#include "fingerprint.h"
#include "goodbye.h"
#include "orienter.h"
#include "webrtc.h"

GST_DEBUG_CATEGORY (kvspeer_debug);
#define GST_CAT_DEFAULT kvspeer_debug

/* From the offer. Amazon's C SDK gathers for up to 10 s before it trickles. */
#define CONNECT_TIMEOUT_MS (30 * 1000)
/* webrtcbin answers its promises in milliseconds; one that never does must
 * not keep the pipeline for ever. */
#define PROMISE_TIMEOUT_MS 5000
#define MAX_CANDIDATES 100
#define PATH_INTERVAL_MS 50
#define PATH_ASKED_MAX 10

typedef struct {
  char *candidate;
  char *mid;
  int mline_index;
} Candidate;

G_DEFINE_FINAL_TYPE (GstKvsPeer, gst_kvs_peer, G_TYPE_OBJECT)

static void check_connected (GstKvsPeer *self);
static void activate (GstKvsPeer *self);
static void first_frame_received (GstKvsPeer *self);
static void ask_path (GstKvsPeer *self);
static void path_known (GstKvsPeer *self, const GstStructure *reply);
static void reap (GstKvsPeer *self);

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
  gst_clear_object (&leg->src);
  gst_clear_object (&leg->pad);
  g_clear_object (&leg->plan.input);
  g_clear_object (&leg->plan.fanout);
  g_free (leg);
}

static void
gst_kvs_peer_finalize (GObject *object)
{
  GstKvsPeer *self = GST_KVS_PEER (object);

  g_queue_clear_full (&self->early_remote, (GDestroyNotify) candidate_free);
  g_queue_clear_full (&self->early_local, (GDestroyNotify) candidate_free);
  g_ptr_array_unref (self->legs);
  g_ptr_array_unref (self->pads);
  g_clear_pointer (&self->proposal, gst_kvs_sdp_proposal_free);
  g_clear_pointer (&self->remote, gst_kvs_sdp_offer_free);
  g_clear_pointer (&self->watchdog, gst_kvs_watchdog_free);
  g_free (self->choices);
  g_ptr_array_unref (self->outputs);
  g_clear_pointer (&self->receiver, gst_kvs_receiver_free);
  gst_clear_object (&self->dtls);
  gst_clear_object (&self->webrtc);
  gst_clear_object (&self->pipeline);
  gst_kvs_timing_clear (&self->timing);
  g_object_unref (self->reaper);
  g_object_unref (self->worker);
  gst_kvs_webrtc_path_clear (&self->found);
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
  self->pads = g_ptr_array_new ();
  self->outputs = g_ptr_array_new_with_free_func (g_object_unref);
  g_queue_init (&self->early_remote);
  g_queue_init (&self->early_local);
  self->offered_us = g_get_monotonic_time ();
}

GstKvsPeer *
gst_kvs_peer_new (const char *id, const GstKvsPeerContext *context,
    const GstKvsPeerEvents *events, gpointer user_data)
{
  GstKvsPeer *self = g_object_new (GST_TYPE_KVS_PEER, NULL);

  self->id = g_strdup (id);
  self->worker = g_object_ref (context->worker);
  self->reaper = g_object_ref (context->reaper);
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
  return self->was_announced;
}

/* What webrtcbin's threads call goes through one of these two, so that every
 * step below runs on the worker and finds the peer alive and open. */

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

typedef struct {
  GstKvsPeer *peer;
  GstKvsPeerStep step;
  GstStructure *reply; /* NULL when there was none */
} Step;

static void
step_free (gpointer data)
{
  Step *step = data;

  g_clear_pointer (&step->reply, gst_structure_free);
  g_object_unref (step->peer);
  g_free (step);
}

static gboolean
run_step (gpointer data)
{
  Step *step = data;
  GstKvsPeer *self = step->peer;

  self->promises--;
  if (self->state != STATE_CLOSED)
    step->step (self, step->reply);
  else if (self->promises == 0)
    reap (self);
  return G_SOURCE_REMOVE;
}

/* webrtcbin's own thread. */
static void
on_promise (GstPromise *promise, gpointer data)
{
  Step *step = data;
  const GstStructure *reply = NULL;

  if (gst_promise_wait (promise) == GST_PROMISE_RESULT_REPLIED)
    reply = gst_promise_get_reply (promise);
  step->reply = reply ? gst_structure_copy (reply) : NULL;
  gst_promise_unref (promise);
  kvs_worker_call (step->peer->worker, run_step, step, step_free);
}

GstPromise *
gst_kvs_peer_promise (GstKvsPeer *self, GstKvsPeerStep func)
{
  Step *step = g_new0 (Step, 1);

  step->peer = g_object_ref (self);
  step->step = func;
  self->promises++;
  return gst_promise_new_with_change_func (on_promise, step, NULL);
}

/* Closes and returns TRUE when webrtcbin says that it could not. */
gboolean
gst_kvs_peer_close_on_error (GstKvsPeer *self, const GstStructure *reply,
    const char *what)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *reason = NULL;

  if (reply && gst_structure_has_field (reply, "error"))
    gst_structure_get (reply, "error", G_TYPE_ERROR, &error, NULL);
  if (!error)
    return FALSE;
  GST_WARNING ("%s: %s: %s", self->id, what, error->message);
  reason = g_strdup_printf ("%s: %s", what, error->message);
  gst_kvs_peer_close (self, reason);
  return TRUE;
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

static void
media_failed (GstKvsPeer *self)
{
  gst_kvs_peer_close (self, "its media pipeline failed");
}

/* The peer's own bus: what happens there is nobody else's business. */
static GstBusSyncReply
on_bus_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  GstKvsPeer *self = user_data;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    g_autoptr (GError) error = NULL;
    g_autofree char *debug = NULL;

    gst_message_parse_error (message, &error, &debug);
    GST_WARNING ("%s: %s (%s)", self->id, error->message, debug);
    call_on_worker (self, media_failed);
  }
  gst_message_unref (message);
  return GST_BUS_DROP;
}

static void
on_connection_state (GObject *webrtc, GParamSpec *spec, gpointer user_data)
{
  call_on_worker (user_data, check_connected);
}

typedef struct {
  GstKvsPeer *peer;
  Candidate *candidate;
} LocalCandidate;

static void
local_candidate_free (gpointer data)
{
  LocalCandidate *local = data;

  g_clear_pointer (&local->candidate, candidate_free);
  g_object_unref (local->peer);
  g_free (local);
}

/* What the peer calls the m-line; in our own offers it is its number. */
static char *
mid_of (GstKvsPeer *self, int mline_index)
{
  const GstKvsSdpMedia *media;

  if (self->proposal)
    return g_strdup_printf ("%d", mline_index);
  if (mline_index >= (int) self->remote->medias->len)
    return NULL;
  media = g_ptr_array_index (self->remote->medias, mline_index);
  return g_strdup (media->mid);
}

static void
send_candidate (GstKvsPeer *self, const Candidate *candidate)
{
  g_autofree char *mid = mid_of (self, candidate->mline_index);

  self->events->candidate (self->user_data, self, candidate->candidate, mid,
      candidate->mline_index);
}

/* Only after the answer: a viewer that has none yet could drop it. */
static gboolean
take_local_candidate (gpointer data)
{
  LocalCandidate *local = data;
  GstKvsPeer *self = local->peer;

  if (self->state == STATE_CLOSED)
    return G_SOURCE_REMOVE;
  gst_kvs_relays_note (self->relays, local->candidate->candidate);
  gst_kvs_tries_note (&self->tries, local->candidate->candidate);
  if (self->has_sent)
    send_candidate (self, local->candidate);
  else
    g_queue_push_tail (&self->early_local, g_steal_pointer (&local->candidate));
  return G_SOURCE_REMOVE;
}

/* The peer has our description, or will have it before these. */
void
gst_kvs_peer_send_candidates (GstKvsPeer *self)
{
  Candidate *candidate;

  self->has_sent = TRUE;
  self->described_us = g_get_monotonic_time ();
  while ((candidate = g_queue_pop_head (&self->early_local))) {
    send_candidate (self, candidate);
    candidate_free (candidate);
  }
}

static void
on_ice_candidate (GstElement *webrtc, guint mline_index, const char *candidate,
    gpointer user_data)
{
  GstKvsPeer *self = user_data;
  LocalCandidate *local;

  if (!candidate || *candidate == '\0')
    return;
  local = g_new0 (LocalCandidate, 1);
  local->peer = g_object_ref (self);
  local->candidate = candidate_new (candidate, NULL, (int) mline_index);
  kvs_worker_call (self->worker, take_local_candidate, local,
      local_candidate_free);
}

/* The signal holds the peer alive as long as it may fire. */
static void
connect_signal (gpointer object, const char *signal, GCallback callback,
    GstKvsPeer *self)
{
  g_signal_connect_data (object, signal, callback, g_object_ref (self),
      (GClosureNotify) (void (*) (void)) g_object_unref, 0);
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
  if (self->was_announced)
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

  /* Before the certificate is checked it could be anybody's. */
  return self->state == STATE_ACTIVE
      ? self->events->text (self->user_data, self, label, text)
      : NULL;
}

static const GstKvsDataChannelEvents channel_events = {
  .opened = on_channel_opened,
  .text = on_text,
};

/* It begins with the local description; webrtcbin may be done with it before
 * it says that it has begun. */
static void
check_gathering (GstKvsPeer *self)
{
  GstWebRTCICEGatheringState state;

  g_object_get (self->webrtc, "ice-gathering-state", &state, NULL);
  if (state == GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE)
    kvs_span_end (&self->gathering);
}

static void
on_gathering_state (GObject *webrtc, GParamSpec *spec, gpointer user_data)
{
  call_on_worker (user_data, check_gathering);
}

guint
gst_kvs_peer_send_text (GstKvsPeer *self, const char *text)
{
  return self->state == STATE_ACTIVE
      ? gst_kvs_data_channels_send (self->channels, text)
      : 0;
}

gboolean
gst_kvs_peer_build (GstKvsPeer *self, GPtrArray *ice_servers)
{
  g_autoptr (GstBus) bus = NULL;
  g_autofree char *name = g_strdup_printf ("peer-%s", self->id);

  self->webrtc =
      gst_kvs_webrtc_new (self->stun_server, ice_servers, self->relay_only);
  if (!self->webrtc)
    return FALSE;
  self->relays = gst_kvs_relays_new (self->worker, self->webrtc, ice_servers);
  self->pipeline = gst_object_ref_sink (gst_pipeline_new (name));
  gst_bin_add (GST_BIN (self->pipeline), self->webrtc);
  gst_kvs_timing_apply (&self->timing, self->pipeline);

  bus = gst_element_get_bus (self->pipeline);
  gst_bus_set_sync_handler (bus, on_bus_message, g_object_ref (self),
      g_object_unref);
  connect_signal (self->webrtc, "notify::connection-state",
      G_CALLBACK (on_connection_state), self);
  connect_signal (self->webrtc, "notify::ice-gathering-state",
      G_CALLBACK (on_gathering_state), self);
  connect_signal (self->webrtc, "on-ice-candidate",
      G_CALLBACK (on_ice_candidate), self);
  self->receiver = gst_kvs_receiver_new (self->pipeline, self->webrtc, on_track,
      on_first_received, self);
  self->channels = gst_kvs_data_channels_new (self->worker, self->webrtc,
      &channel_events, self);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  return TRUE;
}

static void
add_candidate (GstKvsPeer *self, const Candidate *candidate)
{
  const char *why;
  g_autofree char *clean =
      gst_kvs_sdp_candidate_clean (candidate->candidate, &why);
  int mline = gst_kvs_sdp_offer_find_mline (self->remote, candidate->mid,
      candidate->mline_index);

  if (!clean || mline < 0) {
    GST_DEBUG ("%s: candidate dropped: %s", self->id,
        clean ? "for an m-line that was not offered" : why);
    return;
  }
  g_signal_emit_by_name (self->webrtc, "add-ice-candidate", (guint) mline,
      clean);
}

/* The m-line that all are bundled on: the first that the peer did not reject. */
static int
first_mline (const GstKvsSdpOffer *offer)
{
  for (guint i = 0; i < offer->medias->len; i++) {
    const GstKvsSdpMedia *media = g_ptr_array_index (offer->medias, i);

    if (!media->is_rejected)
      return (int) i;
  }
  return 0;
}

static void
add_early_candidates (GstKvsPeer *self)
{
  Candidate *candidate;
  int mline = first_mline (self->remote);

  for (guint i = 0; i < self->remote->candidates->len; i++) {
    Candidate in_sdp = { g_ptr_array_index (self->remote->candidates, i), NULL,
      mline };
    self->candidates_seen++;
    add_candidate (self, &in_sdp);
  }
  while ((candidate = g_queue_pop_head (&self->early_remote))) {
    add_candidate (self, candidate);
    candidate_free (candidate);
  }
}

/* PLI and FIR come out of webrtcbin as a force-key-unit event. */
static GstPadProbeReturn
on_upstream_event (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  GstKvsFanout *fanout = user_data;

  if (!gst_video_event_is_force_key_unit (GST_PAD_PROBE_INFO_EVENT (info)))
    return GST_PAD_PROBE_OK;
  gst_kvs_fanout_request_key_frame (fanout);
  return GST_PAD_PROBE_DROP;
}

static GstElement *
source_new (Leg *leg)
{
  GstElement *src = gst_element_factory_make ("appsrc", NULL);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (src, "src");

  /* No limit of its own: the fan-out watches the level, and drops up to a
   * key frame where a limit here would tear a hole. */
  g_object_set (src, "is-live", TRUE, "format", GST_FORMAT_TIME, "block", FALSE,
      "max-bytes", (guint64) 0, "max-buffers", (guint64) 0, "max-time",
      (guint64) 0, NULL);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, on_upstream_event,
      g_object_ref (leg->plan.fanout), g_object_unref);
  return src;
}

/* A pad that is in our offer already, or one for the peer's (transfer full). */
static GstPad *
take_pad (GstKvsPeer *self, const GstKvsPeerLeg *plan)
{
  GstPad *pad;

  if (!self->proposal)
    return gst_kvs_webrtc_request_sink (self->webrtc, plan->mline,
        &self->choices[plan->mline]);
  pad = g_ptr_array_index (self->pads, plan->mline);
  if (!pad)
    return NULL;
  gst_kvs_webrtc_set_codec (pad, plan->codec);
  return gst_object_ref (pad);
}

static void
tell_orientation (GstKvsPeer *self, Leg *leg, GstPad *packets)
{
  const GstKvsSdpMedia *media =
      g_ptr_array_index (self->remote->medias, leg->plan.mline);
  g_autoptr (GstPad) source = gst_element_get_static_pad (leg->src, "src");

  if (media->orientation_id > 0)
    gst_kvs_orienter_attach (source, packets, media->orientation_id,
        leg->plan.input);
  else if (media->media == GST_KVS_MEDIA_VIDEO)
    GST_DEBUG ("%s: it does not take the orientation of a picture", self->id);
}

static gboolean
add_leg (GstKvsPeer *self, Leg *leg)
{
  g_autoptr (GstPad) from = NULL;
  GstElement *payloader = gst_kvs_codec_make_payloader (leg->plan.codec->codec);

  if (!payloader)
    return FALSE;
  leg->src = gst_object_ref_sink (source_new (leg));
  gst_bin_add_many (GST_BIN (self->pipeline), leg->src, payloader, NULL);
  leg->pad = take_pad (self, &leg->plan);
  from = gst_element_get_static_pad (payloader, "src");
  tell_orientation (self, leg, from);
  return leg->pad && gst_pad_link (from, leg->pad) == GST_PAD_LINK_OK
      && gst_element_link (leg->src, payloader)
      && gst_element_sync_state_with_parent (payloader)
      && gst_element_sync_state_with_parent (leg->src);
}

static gboolean
add_legs (GstKvsPeer *self)
{
  for (guint i = 0; i < self->legs->len; i++) {
    if (!add_leg (self, g_ptr_array_index (self->legs, i)))
      return FALSE;
  }
  return TRUE;
}

gboolean
gst_kvs_peer_take_remote (GstKvsPeer *self, const GstStructure *reply,
    const char *what)
{
  if (gst_kvs_peer_close_on_error (self, reply, what))
    return FALSE;
  self->has_remote = TRUE;
  if (!add_legs (self)) {
    gst_kvs_peer_close (self, "its media could not be connected");
    return FALSE;
  }
  add_early_candidates (self);
  return TRUE;
}

static void
on_dtls_state (GObject *dtls, GParamSpec *spec, gpointer user_data)
{
  call_on_worker (user_data, check_connected);
}

/* Both descriptions are known: what comes now is the network's doing. */
void
gst_kvs_peer_connect (GstKvsPeer *self)
{
  self->dtls = gst_kvs_webrtc_get_dtls (self->webrtc);
  if (!self->dtls) {
    gst_kvs_peer_close (self,
        "its media does not share one transport (BUNDLE)");
    return;
  }
  connect_signal (self->dtls, "notify::state", G_CALLBACK (on_dtls_state),
      self);
  self->state = STATE_CONNECTING;
  check_connected (self);
}

/* RFC 8827 section 6.5: the certificate must be one the signaling vouched
 * for. GStreamer 1.22 does not look, so nothing is sent before we have. */
static gboolean
is_offered_certificate (GstKvsPeer *self)
{
  g_autofree char *pem = NULL;

  g_object_get (self->dtls, "remote-certificate", &pem, NULL);
  for (guint i = 0; pem && i < self->remote->fingerprints->len; i++) {
    const char *offered = g_ptr_array_index (self->remote->fingerprints, i);
    g_autofree char *actual = gst_kvs_sdp_fingerprint_of_pem (pem, offered);

    if (g_strcmp0 (actual, offered) == 0)
      return TRUE;
  }
  return FALSE;
}

static void
close_without_path (GstKvsPeer *self)
{
  g_autofree char *reason = self->state == STATE_ACTIVE
      ? g_strdup ("the network path was lost")
      : explain_unreached (self);

  gst_kvs_peer_close (self, reason);
}

/* DTLS tells of a browser's close at once; connection-state never does. */
static void
check_connected (GstKvsPeer *self)
{
  GstWebRTCPeerConnectionState connection;
  GstWebRTCDTLSTransportState dtls = GST_WEBRTC_DTLS_TRANSPORT_STATE_NEW;

  g_object_get (self->webrtc, "connection-state", &connection, NULL);
  if (self->dtls)
    g_object_get (self->dtls, "state", &dtls, NULL);
  GST_DEBUG ("%s: connection state %d, DTLS state %d", self->id, connection,
      dtls);

  if (dtls == GST_WEBRTC_DTLS_TRANSPORT_STATE_CLOSED)
    gst_kvs_peer_close (self, "closed by the peer");
  else if (dtls == GST_WEBRTC_DTLS_TRANSPORT_STATE_FAILED)
    gst_kvs_peer_close (self, "the DTLS handshake failed");
  else if (connection == GST_WEBRTC_PEER_CONNECTION_STATE_FAILED)
    close_without_path (self);
  else if (self->state == STATE_CONNECTING
      && connection == GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED
      && dtls == GST_WEBRTC_DTLS_TRANSPORT_STATE_CONNECTED) {
    if (is_offered_certificate (self))
      activate (self);
    else
      gst_kvs_peer_close (self,
          "its DTLS certificate is not the one that was offered");
  }
}

static void
first_frame_sent (GstKvsPeer *self)
{
  gint64 ms = (g_get_monotonic_time () - self->offered_us) / 1000;

  if (!self->was_announced)
    return;
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
  call_on_worker (leg->peer, first_frame_sent);
}

static void
first_frame_received (GstKvsPeer *self)
{
  gint64 ms = (g_get_monotonic_time () - self->offered_us) / 1000;

  /* A master tells of what it sends. */
  if (!self->was_announced || !self->proposal)
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
rtcp_is_silent (gpointer user_data)
{
  gst_kvs_peer_close (user_data, "it fell silent (no RTCP)");
}

static void
attach_legs (GstKvsPeer *self)
{
  for (guint i = 0; i < self->legs->len; i++) {
    Leg *leg = g_ptr_array_index (self->legs, i);

    if (!leg->consumer)
      leg->consumer =
          gst_kvs_fanout_attach (leg->plan.fanout, GST_APP_SRC (leg->src),
              leg->reported_first ? NULL : on_first_frame, leg, NULL);
  }
}

static void
detach_legs (GstKvsPeer *self)
{
  for (guint i = 0; i < self->legs->len; i++) {
    Leg *leg = g_ptr_array_index (self->legs, i);

    if (leg->consumer)
      gst_kvs_fanout_detach (leg->plan.fanout, leg->consumer);
    leg->consumer = NULL;
  }
}

void
gst_kvs_peer_set_muted (GstKvsPeer *self, gboolean is_muted)
{
  self->is_muted = is_muted;
  if (self->state != STATE_ACTIVE)
    return;
  if (is_muted)
    detach_legs (self);
  else
    attach_legs (self);
}

static void
tell_clock_rates (GstKvsPeer *self)
{
  int rates[GST_KVS_N_PAYLOAD_TYPES] = { 0 };

  for (guint i = 0; i < self->legs->len; i++) {
    Leg *leg = g_ptr_array_index (self->legs, i);
    const GstKvsSdpCodec *offered = leg->plan.codec;

    rates[offered->pt] = offered->codec->clock_rate;
    if (offered->rtx_pt >= 0)
      rates[offered->rtx_pt] = offered->codec->clock_rate;
  }
  gst_kvs_clock_rates_tell (self->webrtc, rates);
}

static void
activate (GstKvsPeer *self)
{
  self->state = STATE_ACTIVE;
  self->connected_us = g_get_monotonic_time ();
  kvs_worker_clear_timer (&self->connect_timer);
  gst_kvs_relays_settle (self->relays);
  tell_clock_rates (self);
  if (!self->is_muted)
    attach_legs (self);
  gst_kvs_receiver_open (self->receiver);
  self->watchdog = gst_kvs_watchdog_new (self->worker, self->webrtc,
      !self->proposal && gst_kvs_sdp_offer_sends_rtcp (self->remote),
      rtcp_is_silent, self);
  ask_path (self);
}

static void
ask_path (GstKvsPeer *self)
{
  g_signal_emit_by_name (self->webrtc, "get-stats", NULL,
      gst_kvs_peer_promise (self, path_known));
}

static gboolean
on_path_timer (gpointer data)
{
  GstKvsPeer *self = data;

  kvs_worker_clear_timer (&self->path_timer);
  ask_path (self);
  return G_SOURCE_REMOVE;
}

/* webrtcbin tells of the transports of its pads, and where nothing is sent
 * there is none before media comes: worth a short wait, no more. */
static gboolean
ask_path_later (GstKvsPeer *self)
{
  if (self->found.local || ++self->path_asked > PATH_ASKED_MAX)
    return FALSE;
  self->path_timer = kvs_worker_call_delayed (self->worker, PATH_INTERVAL_MS,
      on_path_timer, self, NULL);
  return TRUE;
}

/* What came between the connection and the news of it. */
static void
announce_early (GstKvsPeer *self)
{
  for (guint i = 0; i < self->outputs->len; i++)
    self->events->track_added (self->user_data, self,
        g_ptr_array_index (self->outputs, i));
  if (self->channels)
    gst_kvs_data_channels_open (self->channels);
}

static void
path_known (GstKvsPeer *self, const GstStructure *reply)
{
  GstKvsWebrtcPath *found = &self->found;
  const char *to_relay;

  gst_kvs_webrtc_path_from_stats (found, reply);
  if (ask_path_later (self))
    return;
  self->path.local_candidate = found->local ? found->local : "unknown";
  self->path.remote_candidate = found->remote ? found->remote : "unknown";
  self->path.protocol = found->protocol ? found->protocol : "udp";
  to_relay = found->local_address ? gst_kvs_relays_protocol (self->relays,
                 found->local_address, found->local_port)
                                  : NULL;
  if (to_relay)
    self->path.protocol = to_relay;
  self->was_announced = TRUE;
  self->events->connected (self->user_data, self, &self->path,
      (self->connected_us - self->offered_us) / 1000);
  announce_early (self);
  if (self->state == STATE_ACTIVE)
    first_frame_sent (self);
  if (self->state == STATE_ACTIVE)
    first_frame_received (self);
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
  if (self->has_remote)
    add_candidate (self, &given);
  else
    g_queue_push_tail (&self->early_remote,
        candidate_new (candidate, mid, mline_index));
}

static gboolean
on_promise_timeout (gpointer data)
{
  GstKvsPeer *self = data;

  GST_WARNING ("%s: webrtcbin owes %u answers, closing without them", self->id,
      self->promises);
  reap (self);
  return G_SOURCE_REMOVE;
}

static void
release_legs (GstKvsPeer *self)
{
  detach_legs (self);
  for (guint i = 0; i < self->legs->len; i++) {
    Leg *leg = g_ptr_array_index (self->legs, i);

    gst_kvs_input_release (leg->plan.input, leg->plan.fanout,
        leg->plan.codec->fmtp);
  }
}

gboolean
gst_kvs_peer_sends (GstKvsPeer *self, GstKvsFanout *fanout)
{
  for (guint i = 0; i < self->legs->len; i++) {
    Leg *leg = g_ptr_array_index (self->legs, i);

    if (leg->plan.fanout == fanout)
      return TRUE;
  }
  return FALSE;
}

static void
stop_receiving (GstKvsPeer *self)
{
  if (self->receiver)
    gst_kvs_receiver_stop (self->receiver);
  g_clear_pointer (&self->channels, gst_kvs_data_channels_free);
  for (guint i = 0; self->was_announced && i < self->outputs->len; i++)
    self->events->track_removed (self->user_data, self,
        g_ptr_array_index (self->outputs, i));
  g_ptr_array_set_size (self->outputs, 0);
}

void
gst_kvs_peer_close (GstKvsPeer *self, const char *reason)
{
  if (self->state == STATE_CLOSED)
    return;
  GST_INFO ("%s: closed: %s", self->id, reason);
  self->state = STATE_CLOSED;
  g_object_ref (self);
  kvs_worker_clear_timer (&self->path_timer);
  kvs_worker_clear_timer (&self->connect_timer);
  kvs_worker_clear_timer (&self->stall_timer);
  if (self->relays)
    gst_kvs_relays_settle (self->relays);
  g_clear_pointer (&self->watchdog, gst_kvs_watchdog_free);
  release_legs (self);
  stop_receiving (self);
  self->events->closed (self->user_data, self, reason);

  if (self->webrtc)
    g_signal_handlers_disconnect_by_data (self->webrtc, self);
  if (self->dtls)
    g_signal_handlers_disconnect_by_data (self->dtls, self);
  /* Taken down in the middle of a promise, webrtcbin leaks its ICE agent. */
  gst_kvs_reaper_hold (self->reaper);
  if (self->promises == 0)
    reap (self);
  else
    self->promise_timer =
        kvs_worker_call_delayed (self->worker, PROMISE_TIMEOUT_MS,
            on_promise_timeout, g_object_ref (self), g_object_unref);
  g_object_unref (self);
}

static void
release_pads (GstKvsPeer *self)
{
  for (guint i = 0; i < self->pads->len; i++) {
    g_autoptr (GstPad) pad = g_ptr_array_index (self->pads, i);

    if (pad)
      gst_element_release_request_pad (self->webrtc, pad);
  }
  g_ptr_array_set_size (self->pads, 0);
}

static gboolean
do_nothing (gpointer unused)
{
  return G_SOURCE_REMOVE;
}

/* The goodbye went through them, so they outlive the pipeline. */
static void
free_relays_on_worker (GstKvsPeer *self)
{
  kvs_worker_call (self->worker, do_nothing, g_steal_pointer (&self->relays),
      (GDestroyNotify) gst_kvs_relays_free);
}

/* On the reaper's thread, owning a reference to the peer. Everything goes
 * here and now: webrtcbin frees its ICE thread and sockets only when the last
 * reference goes, and the peer itself may live on in a queued call. */
static void
take_down (gpointer data)
{
  g_autoptr (GstKvsPeer) self = data;
  g_autoptr (GstBus) bus = NULL;

  if (!self->pipeline)
    return;
  /* A peer that closed by itself has been told nothing it does not know. */
  if (self->connected_us > 0)
    gst_kvs_goodbye_say (self->webrtc);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  /* After NULL: 1.22.0 can dead-lock releasing a pad that still blocks. */
  for (guint i = 0; i < self->legs->len; i++) {
    Leg *leg = g_ptr_array_index (self->legs, i);

    if (leg->pad && !self->proposal)
      gst_element_release_request_pad (self->webrtc, leg->pad);
  }
  g_ptr_array_set_size (self->legs, 0);
  release_pads (self);
  bus = gst_element_get_bus (self->pipeline);
  gst_bus_set_sync_handler (bus, NULL, NULL, NULL);
  g_clear_pointer (&self->receiver, gst_kvs_receiver_free);
  gst_clear_object (&self->dtls);
  gst_clear_object (&self->webrtc);
  gst_clear_object (&self->pipeline);
  free_relays_on_worker (self);
}

/* Once, when no promise is owed (or none will come). */
static void
reap (GstKvsPeer *self)
{
  if (self->is_reaped)
    return;
  self->is_reaped = TRUE;
  kvs_worker_clear_timer (&self->promise_timer);
  gst_kvs_reaper_push (self->reaper, take_down, g_object_ref (self));
  gst_kvs_reaper_release (self->reaper);
}

void
gst_kvs_peer_set_timing (GstKvsPeer *self, const GstKvsTiming *timing)
{
  gst_object_replace ((GstObject **) &self->timing.clock,
      GST_OBJECT (timing->clock));
  self->timing.base_time = timing->base_time;
  if (self->pipeline && self->state != STATE_CLOSED)
    gst_kvs_timing_apply (timing, self->pipeline);
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

    if (codec->media == GST_KVS_MEDIA_AUDIO)
      stats->audio_codec = codec->name;
    else if (stats->n_cameras < GST_KVS_CAMERA_STATS)
      read_camera (leg->plan.fanout, &stats->cameras[stats->n_cameras++]);
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
  stats->path = self->was_announced ? &self->path : NULL;
  read_sent_media (self, stats);
  if (self->channels)
    stats->data_channels = gst_kvs_data_channels_count (self->channels);
  stats->packets_lost = -1;
  stats->round_trip_ms = -1;
  if (self->connected_us > 0)
    stats->duration_ms = (g_get_monotonic_time () - self->connected_us) / 1000;
  if (self->receiver)
    stats->bytes_received = gst_kvs_receiver_get_bytes (self->receiver);
  if (self->webrtc)
    gst_kvs_webrtc_read_rtp_stats (self->webrtc, stats);
}
