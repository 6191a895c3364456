/* What peers tell: to the other side, by the signaller, or to the application, by messages and pads. */
#include "switchboardinternal.h"

#include "messages.h"

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

typedef struct {
  GstKvsSwitchboard *self;
  GstKvsOutput *output;
} Removal;

static gboolean
on_output_removed (gpointer self)
{
  gst_kvs_switchboard_end_idle_links (self);
  return G_SOURCE_REMOVE;
}

/* An end of streams that came meanwhile has not passed by the output. */
static void
remove_output (gpointer data)
{
  Removal *removal = data;

  gst_kvs_output_remove (removal->output);
  kvs_worker_call (removal->self->worker, on_output_removed,
      g_object_ref (removal->self), g_object_unref);
  g_object_unref (removal->output);
  g_object_unref (removal->self);
  g_free (removal);
}

static void
remove_later (GstKvsSwitchboard *self, GstKvsOutput *output)
{
  Removal *removal = g_new0 (Removal, 1);

  removal->self = g_object_ref (self);
  removal->output = g_object_ref (output);
  gst_kvs_reaper_push_slow (self->reaper, remove_output, removal);
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
  remove_later (self, output);
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
  GstKvsSession *session = gst_kvs_switchboard_find (self, peer_id);

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
    gst_kvs_switchboard_refuse (self, peer_id, reason);
  }
  kvs_signaller_forget_peer (self->signaller, peer_id);
  if (self->caller && !self->is_stopped && !is_quiet (self, peer_id))
    gst_kvs_caller_ended (self->caller);
  g_hash_table_remove (self->sessions, peer_id);
}

const GstKvsPeerEvents gst_kvs_switchboard_peer_events = {
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

void
gst_kvs_switchboard_screen_added (gpointer user_data, GstKvsOutput *output)
{
  GstKvsSwitchboard *self = user_data;
  GstKvsSession *session = gst_kvs_switchboard_find (self, MASTER_ID);

  if (session)
    post_track (self, session->peer, output, TRUE);
}

void
gst_kvs_switchboard_remove_screens (GstKvsSwitchboard *self)
{
  g_autoptr (GPtrArray) outputs =
      self->playout ? gst_kvs_playout_clear (self->playout) : NULL;

  for (guint i = 0; outputs && i < outputs->len; i++)
    remove_later (self, g_ptr_array_index (outputs, i));
}
