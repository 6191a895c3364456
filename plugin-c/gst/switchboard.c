#include "switchboardinternal.h"

#include <string.h>

#include "messages.h"

GST_DEBUG_CATEGORY (kvsswitchboard_debug);
#define GST_CAT_DEFAULT kvsswitchboard_debug

/* Peers and pads on their way down, beyond which no new peer is let in. */
#define MAX_LEAVING 32

/* How often it is looked at who is sent what. */
#define AUDIENCE_INTERVAL_MS 1000

G_DEFINE_FINAL_TYPE (GstKvsSwitchboard, gst_kvs_switchboard, G_TYPE_OBJECT)

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
  GstKvsSession *session = data;

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
      gst_kvs_switchboard_encoder_context, self);
  return self;
}

GstKvsSession *
gst_kvs_switchboard_find (GstKvsSwitchboard *self, const char *peer_id)
{
  return g_hash_table_lookup (self->sessions, peer_id);
}

void
gst_kvs_switchboard_refuse (GstKvsSwitchboard *self, const char *peer_id,
    const char *reason)
{
  GST_INFO ("%s: refused: %s", peer_id, reason);
  gst_kvs_early_candidates_forget (self->early, peer_id);
  gst_kvs_post_peer_refused (self->element, peer_id, reason);
}

void
gst_kvs_switchboard_close (GstKvsSwitchboard *self, const char *peer_id,
    const char *reason)
{
  GstKvsSession *session = gst_kvs_switchboard_find (self, peer_id);

  if (session)
    gst_kvs_peer_close (session->peer, reason);
}

static GstKvsSession *
session_new (GstKvsSwitchboard *self, const char *peer_id,
    GstKvsSdpOffer *offer)
{
  GstKvsSession *session = g_new0 (GstKvsSession, 1);
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
  session->peer = gst_kvs_peer_new (peer_id, &context,
      &gst_kvs_switchboard_peer_events, self);
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

static GstKvsSession *
begin_session (GstKvsSwitchboard *self, const char *peer_id,
    GstKvsSdpOffer *offer)
{
  GstKvsSession *session = session_new (self, peer_id, offer);

  g_hash_table_insert (self->sessions, g_strdup (peer_id), session);
  gst_kvs_early_candidates_deliver (self->early, session->peer);
  gst_kvs_switchboard_negotiate (self, session);
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
    gst_kvs_switchboard_refuse (self, peer_id, reason);
    return;
  }
  gst_kvs_switchboard_close (self, peer_id,
      "replaced by a new offer of the same viewer");
  refusal = find_no_room (self);
  if (refusal) {
    gst_kvs_switchboard_refuse (self, peer_id, refusal);
    gst_kvs_sdp_offer_free (offer);
    return;
  }

  begin_session (self, peer_id, offer);
}

static void
on_candidate (gpointer user_data, const char *peer_id, const char *candidate,
    const char *mid, int mline_index)
{
  GstKvsSwitchboard *self = user_data;
  GstKvsSession *session = gst_kvs_switchboard_find (self, peer_id);

  if (session)
    gst_kvs_peer_add_candidate (session->peer, candidate, mid, mline_index);
  else
    gst_kvs_early_candidates_keep (self->early, peer_id, candidate, mid,
        mline_index);
}

static void
on_undelivered (gpointer user_data, const char *peer_id, const char *reason)
{
  GST_INFO ("%s: could not be told something: %s", peer_id, reason);
}

/* Not before the application's pipeline plays: until then nobody knows the base
 * time, and a peer's pipeline would stamp what comes with another. */
void
gst_kvs_switchboard_start_calling (GstKvsSwitchboard *self)
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
  gst_kvs_switchboard_start_calling (self);
}

static void
on_failed (gpointer user_data, const GError *error)
{
  GstKvsSwitchboard *self = user_data;

  gst_kvs_post_error (self->element, error);
}

static const KvsSignallerEvents signaller_events = {
  .state_changed = on_state_changed,
  .offer = on_offer,
  .answer = gst_kvs_switchboard_take_answer,
  .candidate = on_candidate,
  .undelivered = on_undelivered,
  .failed = on_failed,
};

static void
call_master (gpointer user_data)
{
  GstKvsSwitchboard *self = user_data;
  GstKvsSession *session = gst_kvs_switchboard_find (self, MASTER_ID);

  if (session) {
    session->is_quiet = TRUE;
    gst_kvs_switchboard_close (self, MASTER_ID, "offered again");
  }
  begin_session (self, MASTER_ID, NULL)->is_call = TRUE;
}

static void
tell_waiting (gpointer user_data)
{
  GstKvsSwitchboard *self = user_data;

  gst_kvs_post_waiting (self->element, self->settings.channel, MASTER_ID);
}

static const GstKvsCallerEvents caller_events = {
  .call = call_master,
  .waiting = tell_waiting,
};

static gboolean
on_stats_timer (gpointer data)
{
  GstKvsSwitchboard *self = data;
  GHashTableIter iter;
  GstKvsSession *session;

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
  GstKvsSession *session;

  g_hash_table_iter_init (&iter, self->sessions);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &session))
    func (session->peer);
}

void
gst_kvs_switchboard_set_audience (GstKvsSwitchboard *self)
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
  gst_kvs_switchboard_set_audience (self);
  self->audience_timer = kvs_worker_call_delayed (self->worker,
      AUDIENCE_INTERVAL_MS, on_audience_timer, self, NULL);
  if (self->settings.stats_interval_ms > 0)
    self->stats_timer = kvs_worker_call_delayed (self->worker,
        self->settings.stats_interval_ms, on_stats_timer, self, NULL);
  if (self->settings.is_viewer) {
    self->caller = gst_kvs_caller_new (self->worker, &caller_events, self);
    self->playout = gst_kvs_playout_new (self->worker, GST_BIN (self->element),
        gst_kvs_switchboard_screen_added, self);
  }
  kvs_signaller_start (self->signaller, &signaller_events, self);
  return G_SOURCE_REMOVE;
}

void
gst_kvs_switchboard_start (GstKvsSwitchboard *self)
{
  kvs_worker_call (self->worker, start, g_object_ref (self), g_object_unref);
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
    gst_kvs_switchboard_close (self, l->data, "the element stopped");
  gst_kvs_switchboard_remove_screens (self);
}

void
gst_kvs_switchboard_stop (GstKvsSwitchboard *self)
{
  kvs_worker_call_wait (self->worker, stop, self);
  gst_kvs_reaper_wait (self->reaper);
  rtc_net_stop (self->net);
}
