/* What the application and its threads ask of the switchboard: each is brought to the worker. */
#include "switchboardinternal.h"

#include "messages.h"

static gboolean
update_timing (gpointer data)
{
  GstKvsSwitchboard *self = data;
  g_autoptr (GPtrArray) inputs = self->get_inputs (self->user_data);
  GHashTableIter iter;
  GstKvsSession *session;
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
    gst_kvs_switchboard_start_calling (self);
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

void
gst_kvs_switchboard_force_key_frame (GstKvsSwitchboard *self)
{
  kvs_worker_call (self->worker, force_key_frame, g_object_ref (self),
      g_object_unref);
}

static void
end_sink (GstElement *element, gpointer sink)
{
  gst_pad_send_event (sink, gst_event_new_eos ());
}

/* On threads that nobody waits for: in PAUSED a sink keeps its end to itself. */
void
gst_kvs_switchboard_end_idle_links (GstKvsSwitchboard *self)
{
  g_autoptr (GPtrArray) sinks = NULL;

  if (!self->has_ended || self->is_stopped)
    return;
  sinks = gst_kvs_links_list_idle (self->links);
  for (guint i = 0; i < sinks->len; i++)
    gst_element_call_async (self->element, end_sink,
        gst_object_ref (g_ptr_array_index (sinks, i)), gst_object_unref);
}

static gboolean
end_streams (gpointer data)
{
  GstKvsSwitchboard *self = data;

  if (self->is_stopped)
    return G_SOURCE_REMOVE;
  if (self->playout)
    gst_kvs_playout_finish (self->playout, self->settings.video_codecs[0],
        self->settings.audio_codecs[0]);
  self->has_ended = TRUE;
  gst_kvs_switchboard_end_idle_links (self);
  return G_SOURCE_REMOVE;
}

void
gst_kvs_switchboard_end_streams (GstKvsSwitchboard *self)
{
  kvs_worker_call (self->worker, end_streams, g_object_ref (self),
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
  gst_kvs_switchboard_set_audience (self);
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
  gst_kvs_switchboard_close (request->self, request->peer_id,
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
  GstKvsSession *session =
      gst_kvs_switchboard_find (request->self, request->peer_id);

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
  GstKvsSession *session;

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
  GstKvsSession *session;
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
