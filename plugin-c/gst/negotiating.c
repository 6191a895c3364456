/* A session up to its descriptions: what has to be there first, and what is made of it. */
#include "switchboardinternal.h"

#include "accept.h"
#include "messages.h"
#include "plan.h"

#define GST_CAT_DEFAULT kvsswitchboard_debug

/* A source that needs this long to say what it sends (a camera over RTSP) is
 * left out of the answer to a viewer that already waits. */
#define INPUT_TIMEOUT_MS 10000

static void try_to_negotiate (GstKvsSwitchboard *self, GstKvsSession *session);

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

GstKvsEncoderContext
gst_kvs_switchboard_encoder_context (gpointer user_data)
{
  return plan_context (user_data).encoder;
}

static void
answer (GstKvsSwitchboard *self, GstKvsSession *session, GPtrArray *inputs)
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
offer (GstKvsSwitchboard *self, GstKvsSession *session, GPtrArray *inputs)
{
  GstKvsPlanContext context = plan_context (self);
  GstKvsSdpProposal *proposal = gst_kvs_plan_proposal (inputs, &context);

  gst_kvs_timing_clear (&context.encoder.chain.timing);
  session->is_call = FALSE;
  gst_kvs_peer_offer (session->peer, proposal, session->ice_servers);
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

/* Who comes for data waits for no picture. */
static gboolean
has_what_it_needs (GstKvsSession *session, GPtrArray *inputs)
{
  return session->stopped_waiting || all_ready (inputs)
      || (session->offer && gst_kvs_plan_wants_data_alone (session->offer));
}

static gboolean
on_input_timeout (gpointer data)
{
  GstKvsSession *session = data;

  kvs_worker_clear_timer (&session->input_timer);
  session->stopped_waiting = TRUE;
  try_to_negotiate (session->owner, session);
  return G_SOURCE_REMOVE;
}

static void
try_to_negotiate (GstKvsSwitchboard *self, GstKvsSession *session)
{
  g_autoptr (GPtrArray) inputs = NULL;

  if ((!session->offer && !session->is_call) || !session->has_ice_servers)
    return;
  inputs = self->get_inputs (self->user_data);
  if (has_what_it_needs (session, inputs)) {
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

/* The session that asked is gone exactly when its cancellable was cancelled. */
static GstKvsSession *
find_asking (GstKvsSwitchboard *self, GAsyncResult *result)
{
  GCancellable *cancellable = g_task_get_cancellable (G_TASK (result));
  GHashTableIter iter;
  GstKvsSession *session;

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
  GstKvsSession *session = find_asking (self, result);

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

void
gst_kvs_switchboard_negotiate (GstKvsSwitchboard *self, GstKvsSession *session)
{
  kvs_signaller_get_ice_servers_async (self->signaller, session->cancellable,
      on_ice_servers, g_object_ref (self));
}

/* To the open proposal; what it says is checked by now. */
static void
accept_answer (GstKvsSwitchboard *self, GstKvsSession *session,
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
take_second_answer (GstKvsSession *session)
{
  if (gst_kvs_peer_is_connected (session->peer)) {
    GST_WARNING ("%s answers again, which is ignored", MASTER_ID);
    return;
  }
  gst_kvs_peer_close (session->peer, "it answered twice");
}

void
gst_kvs_switchboard_take_answer (gpointer user_data, const char *peer_id,
    const char *sdp)
{
  GstKvsSwitchboard *self = user_data;
  GstKvsSession *session = gst_kvs_switchboard_find (self, peer_id);
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
    GstKvsSession *session = l->data;

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
