#include "switchboard.h"

#include <string.h>

#include "accept.h"
#include "caller.h"
#include "earlycandidates.h"
#include "error.h"
#include "links.h"
#include "messages.h"
#include "plan.h"
#include "playout.h"

GST_DEBUG_CATEGORY_STATIC (kvsswitchboard_debug);
#define GST_CAT_DEFAULT kvsswitchboard_debug

/* A source that needs this long to say what it sends (a camera over RTSP) is
 * left out of the answer to a viewer that already waits. */
#define INPUT_TIMEOUT_MS 10000

/* Peers and pads on their way down, beyond which no new peer is let in. */
#define MAX_LEAVING 32

/* How often it is looked at who is sent what. */
#define AUDIENCE_INTERVAL_MS 1000

/* What a viewer calls its one peer. */
#define MASTER_ID "master"

/* One remote, from its offer, or ours, to its end. */
typedef struct {
  GstKvsSwitchboard *owner; /* no reference */
  GstKvsPeer *peer;
  GstKvsSdpOffer *offer;     /* until it is answered */
  gboolean is_call;          /* ours to offer, until that is done */
  gboolean is_quiet;         /* its end is no news */
  GCancellable *cancellable; /* of the request for ICE servers */
  GPtrArray *ice_servers;
  gboolean has_ice_servers;
  GSource *input_timer;
  gboolean stopped_waiting; /* for inputs without caps */
} Session;

struct _GstKvsSwitchboard {
  GObject parent;

  GstElement *element;
  KvsWorker *worker;
  KvsSignaller *signaller;
  GstKvsReaper *reaper;
  RtcNet *net;
  GstKvsSettings settings;
  GstKvsInputsFunc get_inputs;
  gpointer user_data;

  /* Worker only. */
  GHashTable *sessions; /* peer id → Session */
  GstKvsEarlyCandidates *early;
  GstKvsLinks *links;
  GSource *stats_timer;
  GSource *audience_timer;
  GstKvsAudience *audience;
  gboolean is_stopped;
  gboolean has_signaled; /* it was connected, once */
  gboolean has_played;
  GstKvsCaller *caller;   /* of a viewer, else NULL */
  GstKvsPlayout *playout; /* likewise */
};

G_DEFINE_FINAL_TYPE (GstKvsSwitchboard, gst_kvs_switchboard, G_TYPE_OBJECT)

static void on_state_changed (gpointer user_data, KvsSignallerState state,
    const char *detail, gint64 gap_ms);
static void on_offer (gpointer user_data, const char *peer_id, const char *sdp);
static void on_answer (gpointer user_data, const char *peer_id,
    const char *sdp);
static void on_candidate (gpointer user_data, const char *peer_id,
    const char *candidate, const char *mid, int mline_index);
static void on_undelivered (gpointer user_data, const char *peer_id,
    const char *reason);
static void on_failed (gpointer user_data, const GError *error);

static const KvsSignallerEvents signaller_events = {
  .state_changed = on_state_changed,
  .offer = on_offer,
  .answer = on_answer,
  .candidate = on_candidate,
  .undelivered = on_undelivered,
  .failed = on_failed,
};

static void on_peer_offer (gpointer user_data, GstKvsPeer *peer,
    const char *sdp);
static void on_peer_answer (gpointer user_data, GstKvsPeer *peer,
    const char *sdp);
static void on_peer_candidate (gpointer user_data, GstKvsPeer *peer,
    const char *candidate, const char *mid, int mline_index);
static void on_peer_connected (gpointer user_data, GstKvsPeer *peer,
    const GstKvsPeerPath *path, gint64 setup_ms);
static void on_peer_first_frame (gpointer user_data, GstKvsPeer *peer,
    GstKvsMedia media, gint64 ms);
static void on_peer_stalled (gpointer user_data, GstKvsPeer *peer,
    GstKvsStage stage, const char *media, const char *detail, gint64 ms);
static void on_track_added (gpointer user_data, GstKvsPeer *peer,
    GstKvsOutput *output);
static void on_track_removed (gpointer user_data, GstKvsPeer *peer,
    GstKvsOutput *output);
static void on_peer_channel_opened (gpointer user_data, GstKvsPeer *peer,
    const char *label);
static char **on_peer_text (gpointer user_data, GstKvsPeer *peer,
    const char *label, const char *text);
static void on_peer_closed (gpointer user_data, GstKvsPeer *peer,
    const char *reason);

static const GstKvsPeerEvents peer_events = {
  .offer = on_peer_offer,
  .answer = on_peer_answer,
  .candidate = on_peer_candidate,
  .connected = on_peer_connected,
  .first_frame = on_peer_first_frame,
  .stalled = on_peer_stalled,
  .track_added = on_track_added,
  .track_removed = on_track_removed,
  .channel_opened = on_peer_channel_opened,
  .text = on_peer_text,
  .closed = on_peer_closed,
};

static void on_ice_servers (GObject *signaller, GAsyncResult *result,
    gpointer user_data);
static void try_to_negotiate (GstKvsSwitchboard *self, Session *session);
static GstKvsEncoderContext audience_context (gpointer user_data);
static void post_track (GstKvsSwitchboard *self, GstKvsPeer *peer,
    GstKvsOutput *output, gboolean added);
static void close_session (GstKvsSwitchboard *self, const char *peer_id,
    const char *reason);

static void call_master (gpointer user_data);
static void tell_waiting (gpointer user_data);

static const GstKvsCallerEvents caller_events = {
  .call = call_master,
  .waiting = tell_waiting,
};

void
gst_kvs_settings_clear (GstKvsSettings *settings)
{
  g_clear_pointer (&settings->channel, g_free);
  g_clear_pointer (&settings->stun_server, g_free);
  g_clear_pointer (&settings->video_codecs, g_free);
  g_clear_pointer (&settings->audio_codecs, g_free);
}

static void
session_free (gpointer data)
{
  Session *session = data;

  g_cancellable_cancel (session->cancellable);
  g_object_unref (session->cancellable);
  kvs_worker_clear_timer (&session->input_timer);
  g_clear_pointer (&session->offer, gst_kvs_sdp_offer_free);
  g_clear_pointer (&session->ice_servers, g_ptr_array_unref);
  g_object_unref (session->peer);
  g_free (session);
}

static void
gst_kvs_switchboard_finalize (GObject *object)
{
  GstKvsSwitchboard *self = GST_KVS_SWITCHBOARD (object);

  g_hash_table_unref (self->sessions);
  gst_kvs_early_candidates_free (self->early);
  gst_kvs_links_free (self->links);
  gst_kvs_audience_free (self->audience);
  g_clear_pointer (&self->caller, gst_kvs_caller_free);
  g_clear_pointer (&self->playout, gst_kvs_playout_free);
  gst_kvs_settings_clear (&self->settings);
  g_object_unref (self->signaller);
  g_object_unref (self->reaper);
  g_object_unref (self->net);
  g_object_unref (self->worker);
  G_OBJECT_CLASS (gst_kvs_switchboard_parent_class)->finalize (object);
}

static void
gst_kvs_switchboard_class_init (GstKvsSwitchboardClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_kvs_switchboard_finalize;
  GST_DEBUG_CATEGORY_INIT (kvsswitchboard_debug, "kvsswitchboard", 0,
      "Peers by id");
}

static void
gst_kvs_switchboard_init (GstKvsSwitchboard *self)
{
  self->sessions =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, session_free);
  self->early = gst_kvs_early_candidates_new ();
  self->links = gst_kvs_links_new ();
  self->reaper = gst_kvs_reaper_new ();
  self->net = rtc_net_new ();
}

GstKvsSwitchboard *
gst_kvs_switchboard_new (GstElement *element, KvsWorker *worker,
    KvsSignaller *signaller, GstKvsSettings *settings, GstKvsInputsFunc inputs,
    gpointer user_data)
{
  GstKvsSwitchboard *self = g_object_new (GST_TYPE_KVS_SWITCHBOARD, NULL);

  self->element = element;
  self->worker = g_object_ref (worker);
  self->signaller = g_object_ref (signaller);
  self->settings = *settings;
  memset (settings, 0, sizeof (*settings));
  self->get_inputs = inputs;
  self->user_data = user_data;
  self->audience = gst_kvs_audience_new (worker, &(GstKvsLadderSettings){ 0 },
      audience_context, self);
  return self;
}

/* A viewer's stream has its pad. */
static void
on_screen_added (gpointer user_data, GstKvsOutput *output)
{
  GstKvsSwitchboard *self = user_data;
  Session *session = g_hash_table_lookup (self->sessions, MASTER_ID);

  if (session)
    post_track (self, session->peer, output, TRUE);
}

static gboolean
on_stats_timer (gpointer data)
{
  GstKvsSwitchboard *self = data;
  GHashTableIter iter;
  Session *session;

  g_hash_table_iter_init (&iter, self->sessions);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &session)) {
    GstKvsPeerStats stats;

    if (!gst_kvs_peer_is_connected (session->peer))
      continue;
    gst_kvs_peer_get_stats (session->peer, &stats);
    gst_kvs_post_stats (self->element, gst_kvs_peer_get_id (session->peer),
        &stats);
  }
  return G_SOURCE_CONTINUE;
}

static void
for_each_peer (GstKvsSwitchboard *self, void (*func) (GstKvsPeer *peer))
{
  GHashTableIter iter;
  Session *session;

  g_hash_table_iter_init (&iter, self->sessions);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &session))
    func (session->peer);
}

static void
set_audience (GstKvsSwitchboard *self)
{
  const GstKvsLadderSettings settings = {
    .policy = self->settings.bitrate_policy,
    .n_rungs = 1 + self->settings.n_smaller,
    .bitrate = self->settings.video_bitrate,
    .min_bitrate = self->settings.min_video_bitrate,
  };

  gst_kvs_audience_set (self->audience, &settings);
}

static gboolean
on_audience_timer (gpointer data)
{
  GstKvsSwitchboard *self = data;

  for_each_peer (self, gst_kvs_peer_tell_path);
  gst_kvs_audience_update (self->audience, g_get_monotonic_time ());
  for_each_peer (self, gst_kvs_peer_tell_wanted);
  return G_SOURCE_CONTINUE;
}

static gboolean
start (gpointer data)
{
  GstKvsSwitchboard *self = data;

  if (self->is_stopped)
    return G_SOURCE_REMOVE;
  set_audience (self);
  self->audience_timer = kvs_worker_call_delayed (self->worker,
      AUDIENCE_INTERVAL_MS, on_audience_timer, self, NULL);
  if (self->settings.stats_interval_ms > 0)
    self->stats_timer = kvs_worker_call_delayed (self->worker,
        self->settings.stats_interval_ms, on_stats_timer, self, NULL);
  if (self->settings.is_viewer) {
    self->caller = gst_kvs_caller_new (self->worker, &caller_events, self);
    self->playout = gst_kvs_playout_new (self->worker, GST_BIN (self->element),
        on_screen_added, self);
  }
  kvs_signaller_start (self->signaller, &signaller_events, self);
  return G_SOURCE_REMOVE;
}

void
gst_kvs_switchboard_start (GstKvsSwitchboard *self)
{
  kvs_worker_call (self->worker, start, g_object_ref (self), g_object_unref);
}

/* Not before the application's pipeline plays: until then nobody knows the base
 * time, and a peer's pipeline would stamp what comes with another. */
static void
start_calling (GstKvsSwitchboard *self)
{
  if (self->caller && !self->is_stopped && self->has_signaled
      && self->has_played)
    gst_kvs_caller_start (self->caller);
}

static void
on_state_changed (gpointer user_data, KvsSignallerState state,
    const char *detail, gint64 gap_ms)
{
  GstKvsSwitchboard *self = user_data;

  gst_kvs_post_signaling (self->element, self->settings.channel, state, detail,
      gap_ms);
  if (state != KVS_SIGNALLER_CONNECTED)
    return;
  self->has_signaled = TRUE;
  start_calling (self);
}

static void
on_failed (gpointer user_data, const GError *error)
{
  GstKvsSwitchboard *self = user_data;

  gst_kvs_post_error (self->element, error);
}

static void
on_undelivered (gpointer user_data, const char *peer_id, const char *reason)
{
  GST_INFO ("%s: could not be told something: %s", peer_id, reason);
}

static void
refuse (GstKvsSwitchboard *self, const char *peer_id, const char *reason)
{
  GST_INFO ("%s: refused: %s", peer_id, reason);
  gst_kvs_early_candidates_forget (self->early, peer_id);
  gst_kvs_post_peer_refused (self->element, peer_id, reason);
}

static void
close_session (GstKvsSwitchboard *self, const char *peer_id, const char *reason)
{
  Session *session = g_hash_table_lookup (self->sessions, peer_id);

  if (session)
    gst_kvs_peer_close (session->peer, reason);
}

static Session *
session_new (GstKvsSwitchboard *self, const char *peer_id,
    GstKvsSdpOffer *offer)
{
  Session *session = g_new0 (Session, 1);
  GstKvsPeerContext context = {
    .worker = self->worker,
    .reaper = self->reaper,
    .net = self->net,
    .audience = self->audience,
    .stun_server = self->settings.stun_server,
    .relay_only = self->settings.relay_only,
  };

  gst_kvs_timing_read (&context.timing, self->element);
  session->owner = self;
  session->offer = offer;
  session->cancellable = g_cancellable_new ();
  session->peer = gst_kvs_peer_new (peer_id, &context, &peer_events, self);
  gst_kvs_timing_clear (&context.timing);
  return session;
}

/* Why one more peer may not come, or NULL. One that leaves takes threads and
 * sockets until it is down: offers must not come faster than that. */
static char *
find_no_room (GstKvsSwitchboard *self)
{
  guint max = self->settings.max_peers;

  if (g_hash_table_size (self->sessions) >= max)
    return g_strdup_printf ("there are %u peers already (max-peers)", max);
  if (gst_kvs_reaper_get_busy (self->reaper) >= max + MAX_LEAVING)
    return g_strdup ("too many peers are still being taken down");
  return NULL;
}

static Session *
begin_session (GstKvsSwitchboard *self, const char *peer_id,
    GstKvsSdpOffer *offer)
{
  Session *session = session_new (self, peer_id, offer);

  g_hash_table_insert (self->sessions, g_strdup (peer_id), session);
  gst_kvs_early_candidates_deliver (self->early, session->peer);
  kvs_signaller_get_ice_servers_async (self->signaller, session->cancellable,
      on_ice_servers, g_object_ref (self));
  return session;
}

static void
on_offer (gpointer user_data, const char *peer_id, const char *sdp)
{
  GstKvsSwitchboard *self = user_data;
  g_autoptr (GError) error = NULL;
  GstKvsSdpOffer *offer = gst_kvs_sdp_offer_parse (sdp, &error);
  g_autofree char *refusal = NULL;

  if (!offer) {
    g_autofree char *reason =
        g_strdup_printf ("its offer is not usable: %s", error->message);
    refuse (self, peer_id, reason);
    return;
  }
  close_session (self, peer_id, "replaced by a new offer of the same viewer");
  refusal = find_no_room (self);
  if (refusal) {
    refuse (self, peer_id, refusal);
    gst_kvs_sdp_offer_free (offer);
    return;
  }

  begin_session (self, peer_id, offer);
}

static void
call_master (gpointer user_data)
{
  GstKvsSwitchboard *self = user_data;
  Session *session = g_hash_table_lookup (self->sessions, MASTER_ID);

  if (session) {
    session->is_quiet = TRUE;
    close_session (self, MASTER_ID, "offered again");
  }
  begin_session (self, MASTER_ID, NULL)->is_call = TRUE;
}

static void
tell_waiting (gpointer user_data)
{
  GstKvsSwitchboard *self = user_data;

  gst_kvs_post_waiting (self->element, self->settings.channel, MASTER_ID);
}

/* The session that asked is gone exactly when its cancellable was cancelled. */
static Session *
find_asking (GstKvsSwitchboard *self, GAsyncResult *result)
{
  GCancellable *cancellable = g_task_get_cancellable (G_TASK (result));
  GHashTableIter iter;
  Session *session;

  g_hash_table_iter_init (&iter, self->sessions);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &session)) {
    if (session->cancellable == cancellable)
      return session;
  }
  return NULL;
}

static void
on_ice_servers (GObject *signaller, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GstKvsSwitchboard) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) servers =
      kvs_signaller_get_ice_servers_finish (KVS_SIGNALLER (signaller), result,
          &error);
  Session *session = find_asking (self, result);

  if (!session)
    return;
  /* A peer on the same network needs none, so this is no reason to refuse. */
  if (error)
    GST_WARNING ("%s: no STUN and TURN servers: %s",
        gst_kvs_peer_get_id (session->peer), error->message);
  session->has_ice_servers = TRUE;
  session->ice_servers = g_steal_pointer (&servers);
  try_to_negotiate (self, session);
}

static gboolean
on_input_timeout (gpointer data)
{
  Session *session = data;

  kvs_worker_clear_timer (&session->input_timer);
  session->stopped_waiting = TRUE;
  try_to_negotiate (session->owner, session);
  return G_SOURCE_REMOVE;
}

static gboolean
all_ready (GPtrArray *inputs)
{
  for (guint i = 0; i < inputs->len; i++) {
    if (!gst_kvs_input_is_ready (g_ptr_array_index (inputs, i)))
      return FALSE;
  }
  return TRUE;
}

static void
on_encoder_failed (gpointer user_data, const char *message)
{
  GstKvsSwitchboard *self = user_data;
  g_autoptr (GError) error =
      g_error_new_literal (GST_STREAM_ERROR, GST_STREAM_ERROR_ENCODE, message);

  gst_kvs_post_error (self->element, error);
}

/* With a timing to clear. */
static GstKvsPlanContext
plan_context (GstKvsSwitchboard *self)
{
  GstKvsPlanContext context = {
    .video_codecs = self->settings.video_codecs,
    .audio_codecs = self->settings.audio_codecs,
    .video_bitrate = self->settings.video_bitrate,
    .transcode = self->settings.transcode,
    .encoder = {
          .chain = { .worker = self->worker, .reaper = self->reaper },
          .failed = on_encoder_failed,
          .user_data = self,
        },
  };

  gst_kvs_timing_read (&context.encoder.chain.timing, self->element);
  return context;
}

static GstKvsEncoderContext
audience_context (gpointer user_data)
{
  return plan_context (user_data).encoder;
}

static void
answer (GstKvsSwitchboard *self, Session *session, GPtrArray *inputs)
{
  g_autofree char *refusal = NULL;
  GstKvsPlanContext context = plan_context (self);
  g_autofree GstKvsSdpChoice *choices =
      g_new0 (GstKvsSdpChoice, session->offer->medias->len);
  GArray *legs =
      gst_kvs_plan_legs (session->offer, inputs, &context, choices, &refusal);

  gst_kvs_timing_clear (&context.encoder.chain.timing);
  if (!legs) {
    gst_kvs_peer_close (session->peer, refusal);
    return;
  }
  gst_kvs_peer_answer (session->peer, g_steal_pointer (&session->offer), legs,
      g_steal_pointer (&choices), session->ice_servers);
}

static void
offer (GstKvsSwitchboard *self, Session *session, GPtrArray *inputs)
{
  GstKvsPlanContext context = plan_context (self);
  GstKvsSdpProposal *proposal = gst_kvs_plan_proposal (inputs, &context);

  gst_kvs_timing_clear (&context.encoder.chain.timing);
  session->is_call = FALSE;
  gst_kvs_peer_offer (session->peer, proposal, session->ice_servers);
}

/* To the open proposal; what it says is checked by now. */
static void
accept_answer (GstKvsSwitchboard *self, Session *session,
    GstKvsSdpOffer *answer, const GstKvsSdpProposal *proposal)
{
  g_autoptr (GPtrArray) inputs = self->get_inputs (self->user_data);
  GstKvsPlanContext context = plan_context (self);
  GstKvsSdpChoice *choices = g_new0 (GstKvsSdpChoice, proposal->lines->len);
  gboolean receives[2] = { FALSE, FALSE };
  GArray *legs =
      gst_kvs_plan_answered (answer, proposal, inputs, &context, choices);

  gst_kvs_timing_clear (&context.encoder.chain.timing);
  if (!legs) {
    g_free (choices);
    gst_kvs_sdp_offer_free (answer);
    gst_kvs_peer_close (session->peer,
        "its answer has no codec that was offered");
    return;
  }
  for (guint i = 0; i < proposal->lines->len; i++) {
    if (choices[i].receive)
      receives[choices[i].codec->codec->media] = TRUE;
  }
  gst_kvs_playout_expect (self->playout, receives[GST_KVS_MEDIA_VIDEO],
      receives[GST_KVS_MEDIA_AUDIO]);
  gst_kvs_caller_answered (self->caller);
  gst_kvs_peer_accept (session->peer, answer, legs, choices);
}

/* Of two answers one is to an older offer, and nobody can tell which. */
static void
take_second_answer (Session *session)
{
  if (gst_kvs_peer_is_connected (session->peer)) {
    GST_WARNING ("%s answers again, which is ignored", MASTER_ID);
    return;
  }
  gst_kvs_peer_close (session->peer, "it answered twice");
}

static void
on_answer (gpointer user_data, const char *peer_id, const char *sdp)
{
  GstKvsSwitchboard *self = user_data;
  Session *session = g_hash_table_lookup (self->sessions, peer_id);
  const GstKvsSdpProposal *proposal;
  g_autoptr (GError) error = NULL;
  GstKvsSdpOffer *answer;

  if (!self->caller || !session || gst_kvs_peer_is_calling (session->peer)) {
    GST_WARNING ("%s answers what was not offered", peer_id);
    return;
  }
  proposal = gst_kvs_peer_get_open_proposal (session->peer);
  if (!proposal) {
    take_second_answer (session);
    return;
  }
  answer = gst_kvs_sdp_answer_parse (sdp, proposal, &error);
  if (answer) {
    accept_answer (self, session, answer, proposal);
  } else {
    g_autofree char *reason =
        g_strdup_printf ("its answer is not usable: %s", error->message);

    gst_kvs_peer_close (session->peer, reason);
  }
}

static void
try_to_negotiate (GstKvsSwitchboard *self, Session *session)
{
  g_autoptr (GPtrArray) inputs = NULL;

  if ((!session->offer && !session->is_call) || !session->has_ice_servers)
    return;
  inputs = self->get_inputs (self->user_data);
  if (session->stopped_waiting || all_ready (inputs)) {
    kvs_worker_clear_timer (&session->input_timer);
    if (session->is_call)
      offer (self, session, inputs);
    else
      answer (self, session, inputs);
  } else if (!session->input_timer) {
    GST_INFO ("%s: waits for what the source sends",
        gst_kvs_peer_get_id (session->peer));
    session->input_timer = kvs_worker_call_delayed (self->worker,
        INPUT_TIMEOUT_MS, on_input_timeout, session, NULL);
  }
}

static void
check_encoders (GstKvsSwitchboard *self, GPtrArray *inputs)
{
  for (guint i = 0; i < inputs->len; i++) {
    GstKvsInput *input = g_ptr_array_index (inputs, i);
    GstKvsMedia media = gst_kvs_input_get_media (input);
    g_autoptr (GError) error = NULL;

    if (gst_kvs_input_is_ready (input) && !gst_kvs_input_get_codec (input)
        && !gst_kvs_plan_check_encoders (media,
            media == GST_KVS_MEDIA_VIDEO ? self->settings.video_codecs
                                         : self->settings.audio_codecs,
            &error))
      gst_kvs_post_error (self->element, error);
  }
}

static void
close_those_sent (GstKvsSwitchboard *self, GstKvsFanout *fanout,
    const char *why)
{
  g_autoptr (GList) sessions = g_hash_table_get_values (self->sessions);

  for (GList *l = sessions; l; l = l->next) {
    Session *session = l->data;

    if (gst_kvs_peer_sends (session->peer, fanout))
      gst_kvs_peer_close (session->peer, why);
  }
}

/* What is sent is made of what comes in now; peers for whom that cannot be
 * are let go, and may offer again. */
static void
follow_inputs (GstKvsSwitchboard *self, GPtrArray *inputs)
{
  GstKvsPlanContext context = plan_context (self);

  for (guint i = 0; i < inputs->len; i++) {
    g_autofree char *why = NULL;
    g_autoptr (GPtrArray) lost =
        gst_kvs_input_follow (g_ptr_array_index (inputs, i), context.transcode,
            context.video_bitrate, &context.encoder, &why);

    for (guint j = 0; lost && j < lost->len; j++)
      close_those_sent (self, g_ptr_array_index (lost, j), why);
  }
  gst_kvs_timing_clear (&context.encoder.chain.timing);
}

static gboolean
input_changed (gpointer data)
{
  GstKvsSwitchboard *self = data;
  g_autoptr (GPtrArray) inputs = self->get_inputs (self->user_data);
  g_autoptr (GList) sessions = NULL;

  if (self->is_stopped)
    return G_SOURCE_REMOVE;
  check_encoders (self, inputs);
  follow_inputs (self, inputs);
  sessions = g_hash_table_get_values (self->sessions);
  for (GList *l = sessions; l; l = l->next)
    try_to_negotiate (self, l->data);
  return G_SOURCE_REMOVE;
}

void
gst_kvs_switchboard_input_changed (GstKvsSwitchboard *self)
{
  kvs_worker_call (self->worker, input_changed, g_object_ref (self),
      g_object_unref);
}

static void
on_candidate (gpointer user_data, const char *peer_id, const char *candidate,
    const char *mid, int mline_index)
{
  GstKvsSwitchboard *self = user_data;
  Session *session = g_hash_table_lookup (self->sessions, peer_id);

  if (session)
    gst_kvs_peer_add_candidate (session->peer, candidate, mid, mline_index);
  else
    gst_kvs_early_candidates_keep (self->early, peer_id, candidate, mid,
        mline_index);
}

static void
on_peer_offer (gpointer user_data, GstKvsPeer *peer, const char *sdp)
{
  GstKvsSwitchboard *self = user_data;

  kvs_signaller_send_offer (self->signaller, gst_kvs_peer_get_id (peer), sdp);
  gst_kvs_caller_offered (self->caller);
}

static void
on_peer_answer (gpointer user_data, GstKvsPeer *peer, const char *sdp)
{
  GstKvsSwitchboard *self = user_data;

  kvs_signaller_send_answer (self->signaller, gst_kvs_peer_get_id (peer), sdp);
}

static void
on_peer_candidate (gpointer user_data, GstKvsPeer *peer, const char *candidate,
    const char *mid, int mline_index)
{
  GstKvsSwitchboard *self = user_data;

  kvs_signaller_send_candidate (self->signaller, gst_kvs_peer_get_id (peer),
      candidate, mid, mline_index);
}

static void
on_peer_connected (gpointer user_data, GstKvsPeer *peer,
    const GstKvsPeerPath *path, gint64 setup_ms)
{
  GstKvsSwitchboard *self = user_data;

  if (self->caller)
    gst_kvs_caller_connected (self->caller);
  gst_kvs_post_peer_connected (self->element, gst_kvs_peer_get_id (peer), path,
      setup_ms);
}

static void
on_peer_first_frame (gpointer user_data, GstKvsPeer *peer, GstKvsMedia media,
    gint64 ms)
{
  GstKvsSwitchboard *self = user_data;

  gst_kvs_post_first_frame (self->element, gst_kvs_peer_get_id (peer), media,
      ms);
}

static void
on_peer_stalled (gpointer user_data, GstKvsPeer *peer, GstKvsStage stage,
    const char *media, const char *detail, gint64 ms)
{
  GstKvsSwitchboard *self = user_data;

  gst_kvs_post_stalled (self->element, gst_kvs_peer_get_id (peer), stage, media,
      detail, ms);
}

/* The lowest number free: a viewer that comes after another left finds what
 * the application linked for the first pad. */
static char *
free_pad_name (GstElement *element, GstKvsMedia media)
{
  for (guint i = 0;; i++) {
    g_autofree char *name =
        g_strdup_printf ("%s_src_%u", gst_kvs_media_name (media), i);
    g_autoptr (GstPad) pad = gst_element_get_static_pad (element, name);

    if (!pad)
      return g_steal_pointer (&name);
  }
}

static void
post_track (GstKvsSwitchboard *self, GstKvsPeer *peer, GstKvsOutput *output,
    gboolean added)
{
  gst_kvs_post_track (self->element, gst_kvs_peer_get_id (peer),
      gst_kvs_output_get_codec (output), gst_kvs_output_get_pad_name (output),
      added);
}

static void
on_track_added (gpointer user_data, GstKvsPeer *peer, GstKvsOutput *output)
{
  GstKvsSwitchboard *self = user_data;
  g_autofree char *name = NULL;

  if (self->playout) {
    gst_kvs_playout_add (self->playout, output, gst_kvs_peer_get_id (peer));
    return;
  }
  name =
      free_pad_name (self->element, gst_kvs_output_get_codec (output)->media);
  gst_kvs_output_add (output, GST_BIN (self->element), name,
      gst_kvs_peer_get_id (peer));
  gst_kvs_links_restore (self->links, gst_kvs_output_get_pad (output));
  gst_kvs_output_start (output);
  post_track (self, peer, output, TRUE);
}

static void
remove_output (gpointer data)
{
  g_autoptr (GstKvsOutput) output = data;

  gst_kvs_output_remove (output);
}

static void
on_track_removed (gpointer user_data, GstKvsPeer *peer, GstKvsOutput *output)
{
  GstKvsSwitchboard *self = user_data;

  if (self->playout) {
    if (gst_kvs_playout_end (self->playout, output))
      post_track (self, peer, output, FALSE);
    return;
  }
  post_track (self, peer, output, FALSE);
  gst_kvs_links_keep (self->links, gst_kvs_output_get_pad (output));
  gst_kvs_reaper_push_slow (self->reaper, remove_output, g_object_ref (output));
}

static void
on_peer_channel_opened (gpointer user_data, GstKvsPeer *peer, const char *label)
{
  GstKvsSwitchboard *self = user_data;

  gst_kvs_post_data_channel (self->element, gst_kvs_peer_get_id (peer), label);
}

static char **
on_peer_text (gpointer user_data, GstKvsPeer *peer, const char *label,
    const char *text)
{
  GstKvsSwitchboard *self = user_data;
  GstKvsMetrics metrics;

  gst_kvs_post_data (self->element, gst_kvs_peer_get_id (peer), label, text);
  if (!gst_kvs_metrics_is_question (text))
    return NULL;
  kvs_signaller_get_times (self->signaller, &metrics.signaling);
  gst_kvs_peer_get_times (peer, &metrics.peer);
  metrics.now = g_get_monotonic_time ();
  metrics.now_ms = g_get_real_time () / 1000;
  return gst_kvs_metrics_answer (text, &metrics);
}

static gboolean
is_quiet (GstKvsSwitchboard *self, const char *peer_id)
{
  Session *session = g_hash_table_lookup (self->sessions, peer_id);

  return session && session->is_quiet;
}

static void
on_peer_closed (gpointer user_data, GstKvsPeer *peer, const char *reason)
{
  GstKvsSwitchboard *self = user_data;
  const char *peer_id = gst_kvs_peer_get_id (peer);

  if (gst_kvs_peer_is_connected (peer)) {
    GstKvsPeerStats stats;

    gst_kvs_peer_get_stats (peer, &stats);
    gst_kvs_post_peer_disconnected (self->element, peer_id, reason, &stats);
  } else if (!self->is_stopped && !is_quiet (self, peer_id)) {
    refuse (self, peer_id, reason);
  }
  kvs_signaller_forget_peer (self->signaller, peer_id);
  if (self->caller && !self->is_stopped && !is_quiet (self, peer_id))
    gst_kvs_caller_ended (self->caller);
  g_hash_table_remove (self->sessions, peer_id);
}

/* Only now: until the end the master might have come back. */
static void
remove_screens (GstKvsSwitchboard *self)
{
  g_autoptr (GPtrArray) outputs =
      self->playout ? gst_kvs_playout_clear (self->playout) : NULL;

  for (guint i = 0; outputs && i < outputs->len; i++)
    gst_kvs_reaper_push_slow (self->reaper, remove_output,
        g_object_ref (g_ptr_array_index (outputs, i)));
}

static void
stop (gpointer data, gpointer unused)
{
  GstKvsSwitchboard *self = data;
  g_autoptr (GList) ids = NULL;

  self->is_stopped = TRUE;
  kvs_worker_clear_timer (&self->stats_timer);
  kvs_worker_clear_timer (&self->audience_timer);
  g_clear_pointer (&self->caller, gst_kvs_caller_free);
  kvs_signaller_stop (self->signaller);
  ids = g_hash_table_get_keys (self->sessions);
  for (GList *l = ids; l; l = l->next)
    close_session (self, l->data, "the element stopped");
  remove_screens (self);
}

void
gst_kvs_switchboard_stop (GstKvsSwitchboard *self)
{
  kvs_worker_call_wait (self->worker, stop, self);
  gst_kvs_reaper_wait (self->reaper);
  rtc_net_stop (self->net);
}

static gboolean
update_timing (gpointer data)
{
  GstKvsSwitchboard *self = data;
  g_autoptr (GPtrArray) inputs = self->get_inputs (self->user_data);
  GHashTableIter iter;
  Session *session;
  GstKvsTiming timing;

  gst_kvs_timing_read (&timing, self->element);
  for (guint i = 0; i < inputs->len; i++)
    gst_kvs_input_set_timing (g_ptr_array_index (inputs, i), &timing);
  g_hash_table_iter_init (&iter, self->sessions);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &session))
    gst_kvs_peer_set_timing (session->peer, &timing);
  gst_kvs_timing_clear (&timing);
  if (!self->has_played) {
    self->has_played = TRUE;
    start_calling (self);
  }
  return G_SOURCE_REMOVE;
}

void
gst_kvs_switchboard_update_timing (GstKvsSwitchboard *self)
{
  kvs_worker_call (self->worker, update_timing, g_object_ref (self),
      g_object_unref);
}

static gboolean
force_key_frame (gpointer data)
{
  GstKvsSwitchboard *self = data;
  g_autoptr (GPtrArray) inputs = self->get_inputs (self->user_data);

  for (guint i = 0; i < inputs->len; i++)
    gst_kvs_input_request_key_frame (g_ptr_array_index (inputs, i));
  return G_SOURCE_REMOVE;
}

static gboolean
end_streams (gpointer data)
{
  GstKvsSwitchboard *self = data;

  if (self->playout && !self->is_stopped)
    gst_kvs_playout_finish (self->playout, self->settings.video_codecs[0],
        self->settings.audio_codecs[0]);
  return G_SOURCE_REMOVE;
}

void
gst_kvs_switchboard_end_streams (GstKvsSwitchboard *self)
{
  kvs_worker_call (self->worker, end_streams, g_object_ref (self),
      g_object_unref);
}

void
gst_kvs_switchboard_force_key_frame (GstKvsSwitchboard *self)
{
  kvs_worker_call (self->worker, force_key_frame, g_object_ref (self),
      g_object_unref);
}

typedef struct {
  GstKvsSwitchboard *self;
  guint bitrate, min_bitrate;
} BitrateRequest;

static void
bitrate_request_free (gpointer data)
{
  BitrateRequest *request = data;

  g_object_unref (request->self);
  g_free (request);
}

static gboolean
set_bitrate (gpointer data)
{
  BitrateRequest *request = data;
  GstKvsSwitchboard *self = request->self;
  g_autoptr (GPtrArray) inputs = self->get_inputs (self->user_data);

  self->settings.video_bitrate = request->bitrate;
  self->settings.min_video_bitrate = request->min_bitrate;
  set_audience (self);
  for (guint i = 0; i < inputs->len; i++) {
    GstKvsInput *input = g_ptr_array_index (inputs, i);

    if (gst_kvs_input_get_media (input) == GST_KVS_MEDIA_VIDEO)
      gst_kvs_input_set_bitrate (input, request->bitrate);
  }
  return G_SOURCE_REMOVE;
}

void
gst_kvs_switchboard_set_bitrate (GstKvsSwitchboard *self, guint bitrate,
    guint min_bitrate)
{
  BitrateRequest *request = g_new0 (BitrateRequest, 1);

  request->self = g_object_ref (self);
  request->bitrate = bitrate;
  request->min_bitrate = min_bitrate;
  kvs_worker_call (self->worker, set_bitrate, request, bitrate_request_free);
}

typedef struct {
  GstKvsSwitchboard *self;
  char *peer_id;
  char *text;        /* of send_data */
  gboolean is_muted; /* of mute_peer */
} PeerRequest;

static void
peer_request_free (gpointer data)
{
  PeerRequest *request = data;

  g_object_unref (request->self);
  g_free (request->peer_id);
  g_free (request->text);
  g_free (request);
}

static gboolean
disconnect_peer (gpointer data)
{
  PeerRequest *request = data;

  /* Whoever sends the master away does not want to be called back to it. */
  if (request->self->caller && g_str_equal (request->peer_id, MASTER_ID))
    gst_kvs_caller_stop (request->self->caller);
  close_session (request->self, request->peer_id,
      "disconnected by the application");
  return G_SOURCE_REMOVE;
}

void
gst_kvs_switchboard_disconnect_peer (GstKvsSwitchboard *self,
    const char *peer_id)
{
  PeerRequest *request = g_new0 (PeerRequest, 1);

  request->self = g_object_ref (self);
  request->peer_id = g_strdup (peer_id);
  kvs_worker_call (self->worker, disconnect_peer, request, peer_request_free);
}

static gboolean
mute_peer (gpointer data)
{
  PeerRequest *request = data;
  Session *session =
      g_hash_table_lookup (request->self->sessions, request->peer_id);

  if (session)
    gst_kvs_peer_set_muted (session->peer, request->is_muted);
  return G_SOURCE_REMOVE;
}

void
gst_kvs_switchboard_mute_peer (GstKvsSwitchboard *self, const char *peer_id,
    gboolean is_muted)
{
  PeerRequest *request = g_new0 (PeerRequest, 1);

  request->self = g_object_ref (self);
  request->peer_id = g_strdup (peer_id);
  request->is_muted = is_muted;
  kvs_worker_call (self->worker, mute_peer, request, peer_request_free);
}

static gboolean
send_data (gpointer data)
{
  PeerRequest *request = data;
  GHashTableIter iter;
  const char *peer_id;
  Session *session;

  g_hash_table_iter_init (&iter, request->self->sessions);
  while (g_hash_table_iter_next (&iter, (gpointer *) &peer_id,
      (gpointer *) &session)) {
    if (!request->peer_id || g_str_equal (request->peer_id, peer_id))
      gst_kvs_peer_send_text (session->peer, request->text);
  }
  return G_SOURCE_REMOVE;
}

void
gst_kvs_switchboard_send_data (GstKvsSwitchboard *self, const char *peer_id,
    const char *text)
{
  PeerRequest *request = g_new0 (PeerRequest, 1);

  request->self = g_object_ref (self);
  request->peer_id = g_strdup (peer_id);
  request->text = g_strdup (text);
  kvs_worker_call (self->worker, send_data, request, peer_request_free);
}

void
gst_kvs_switchboard_set_credentials (GstKvsSwitchboard *self,
    const char *access_key, const char *secret_key, const char *session_token)
{
  kvs_signaller_set_credentials (self->signaller, access_key, secret_key,
      session_token);
}

typedef struct {
  GstKvsSwitchboard *self;
  GstStructure *stats;
} StatsRequest;

/* Numbered fields: a field's name stays in memory for ever, and a peer's id is
 * whatever a viewer made up. */
static void
collect_stats (gpointer data, gpointer unused)
{
  StatsRequest *request = data;
  GHashTableIter iter;
  const char *peer_id;
  Session *session;
  guint number = 0;

  gst_structure_set (request->stats, "peers", G_TYPE_INT,
      (int) g_hash_table_size (request->self->sessions), NULL);
  g_hash_table_iter_init (&iter, request->self->sessions);
  while (g_hash_table_iter_next (&iter, (gpointer *) &peer_id,
      (gpointer *) &session)) {
    GstKvsPeerStats stats;
    g_autoptr (GstStructure) s = NULL;
    g_autofree char *field = g_strdup_printf ("peer-%u", number++);

    gst_kvs_peer_get_stats (session->peer, &stats);
    s = gst_kvs_stats_structure ("peer", peer_id, &stats);
    gst_structure_set (s, "connected", G_TYPE_BOOLEAN,
        gst_kvs_peer_is_connected (session->peer), NULL);
    gst_structure_set (request->stats, field, GST_TYPE_STRUCTURE, s, NULL);
  }
}

GstStructure *
gst_kvs_switchboard_get_stats (GstKvsSwitchboard *self)
{
  /* Of an element that stops meanwhile, it stays so. */
  StatsRequest request = { self,
    gst_structure_new ("kinesiswebrtc-stats", "peers", G_TYPE_INT, 0, NULL) };

  kvs_worker_call_wait (self->worker, collect_stats, &request);
  return request.stats;
}
