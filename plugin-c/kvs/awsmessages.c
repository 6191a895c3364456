/* What is said over the socket: from the service, and to it. */
#include "awssignallerinternal.h"

#include <string.h>

#include "message.h"

#define GST_CAT_DEFAULT kvs_signaller_debug

/* A viewer is told nobody's id: there is one master. */
#define MASTER_ID "master"

static void
handle_offer (KvsAwsSignaller *self, const KvsMessage *message)
{
  if (self->config->role != KVS_ROLE_MASTER || message->peer_id == NULL) {
    GST_WARNING_OBJECT (self,
        "dropping an offer that is not for a master, or "
        "from nobody");
    return;
  }

  kvs_outbox_add_peer (self->outbox, message->peer_id);
  self->offering = message->peer_id;
  self->events->offer (self->user_data, message->peer_id, message->sdp);
  self->offering = NULL;
}

/* NULL where nobody can be meant. All that comes to a viewer is the master's. */
static const char *
sender (KvsAwsSignaller *self, const KvsMessage *message)
{
  if (self->config->role == KVS_ROLE_VIEWER)
    return MASTER_ID;
  return message->peer_id;
}

static void
handle_answer (KvsAwsSignaller *self, const KvsMessage *message)
{
  const char *peer_id = sender (self, message);

  if (peer_id != NULL)
    self->events->answer (self->user_data, peer_id, message->sdp);
}

static void
handle_candidate (KvsAwsSignaller *self, const KvsMessage *message)
{
  const char *peer_id = sender (self, message);

  if (peer_id != NULL)
    self->events->candidate (self->user_data, peer_id, message->candidate,
        message->mid, message->mline_index);
}

static void
handle_status (KvsAwsSignaller *self, const KvsMessage *message)
{
  const char *known = message->correlation_id != NULL
      ? kvs_correlations_find (self->correlations, message->correlation_id)
      : NULL;
  g_autofree char *peer_id = g_strdup (known);
  g_autofree char *reason = NULL;

  if (message->status_code >= 200 && message->status_code < 300)
    return;

  reason = g_strdup_printf ("%d %s %s", message->status_code,
      message->error_type != NULL ? message->error_type : "",
      message->description != NULL ? message->description : "");
  g_strstrip (reason);
  GST_WARNING_OBJECT (self, "the service refused a message: %s", reason);
  if (peer_id != NULL)
    self->events->undelivered (self->user_data, peer_id, reason);
}

/* The connection ends within a minute: the next one opens before that, and
 * peers in progress are not touched. */
static void
handle_go_away (KvsAwsSignaller *self)
{
  GST_INFO_OBJECT (self, "asked to move to a new connection");
  kvs_aws_signaller_try_again (self);
}

static void
handle (KvsAwsSignaller *self, const KvsMessage *message)
{
  switch (message->kind) {
    case KVS_MESSAGE_SDP_OFFER:
      handle_offer (self, message);
      break;
    case KVS_MESSAGE_SDP_ANSWER:
      handle_answer (self, message);
      break;
    case KVS_MESSAGE_ICE_CANDIDATE:
      handle_candidate (self, message);
      break;
    case KVS_MESSAGE_GO_AWAY:
      handle_go_away (self);
      break;
    case KVS_MESSAGE_RECONNECT_ICE_SERVER:
      kvs_ice_cache_drop (self->ice);
      break;
    case KVS_MESSAGE_STATUS_RESPONSE:
      handle_status (self, message);
      break;
    case KVS_MESSAGE_UNKNOWN:
      GST_WARNING_OBJECT (self, "dropping a message of unknown type \"%.32s\"",
          message->type);
      break;
  }
}

void
kvs_aws_signaller_take_text (gpointer user_data, const char *data, gsize length)
{
  g_autoptr (KvsAwsSignaller) self = g_object_ref (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (KvsMessage) message = kvs_message_parse (data, length, &error);

  if (kvs_aws_signaller_is_stopped (self))
    return;
  if (message == NULL) {
    GST_WARNING_OBJECT (self,
        "dropping a frame of %" G_GSIZE_FORMAT " bytes: %s", length,
        error->message);
    return;
  }

  GST_DEBUG_OBJECT (self, "%s from %s", message->type,
      GST_STR_NULL (message->peer_id));
  handle (self, message);
}

/* From a connection that another has followed. What it says of itself is old. */
void
kvs_aws_signaller_take_late_text (gpointer user_data, const char *data,
    gsize length)
{
  g_autoptr (KvsMessage) message = kvs_message_parse (data, length, NULL);

  if (message != NULL && message->kind != KVS_MESSAGE_GO_AWAY)
    kvs_aws_signaller_take_text (user_data, data, length);
}

void
kvs_aws_signaller_send_frame (gpointer user_data, const char *frame)
{
  KvsAwsSignaller *self = user_data;

  kvs_socket_send (self->socket, frame);
}

static gboolean
on_outbox_timer (gpointer user_data)
{
  KvsAwsSignaller *self = user_data;

  kvs_worker_clear_timer (&self->outbox_timer);
  kvs_aws_signaller_flush_outbox (self);
  return G_SOURCE_REMOVE;
}

void
kvs_aws_signaller_flush_outbox (KvsAwsSignaller *self)
{
  gint64 wait;

  if (self->socket == NULL || self->outbox_timer != NULL)
    return;

  wait = kvs_outbox_flush (self->outbox, g_get_monotonic_time ());
  if (wait >= 0)
    self->outbox_timer = kvs_worker_call_delayed (self->worker,
        wait / G_TIME_SPAN_MILLISECOND + 1, on_outbox_timer, self, NULL);
}

/* What the wire calls the peer. */
static const char *
recipient (KvsAwsSignaller *self, const char *peer_id)
{
  return self->config->role == KVS_ROLE_VIEWER ? NULL : peer_id;
}

static void
send_description (KvsAwsSignaller *self, KvsMessageKind kind,
    const char *peer_id, const char *sdp)
{
  g_autofree char *id = kvs_correlations_add (self->correlations, peer_id);
  g_autofree char *frame =
      kvs_message_format_sdp (kind, recipient (self, peer_id), sdp, id);

  if (kvs_aws_signaller_is_stopped (self))
    return;

  /* Frame minus names is payload, near enough for a warning. */
  if (strlen (frame) > KVS_MESSAGE_MAX_PAYLOAD + 200)
    GST_WARNING_OBJECT (self,
        "a description of %" G_GSIZE_FORMAT " bytes is "
        "over the service's limit",
        strlen (frame));

  kvs_outbox_push_description (self->outbox, peer_id, frame);
  kvs_aws_signaller_flush_outbox (self);
}

void
kvs_aws_signaller_send_offer (KvsSignaller *signaller, const char *peer_id,
    const char *sdp)
{
  send_description (KVS_AWS_SIGNALLER (signaller), KVS_MESSAGE_SDP_OFFER,
      peer_id, sdp);
}

void
kvs_aws_signaller_send_answer (KvsSignaller *signaller, const char *peer_id,
    const char *sdp)
{
  send_description (KVS_AWS_SIGNALLER (signaller), KVS_MESSAGE_SDP_ANSWER,
      peer_id, sdp);
}

void
kvs_aws_signaller_send_candidate (KvsSignaller *signaller, const char *peer_id,
    const char *candidate, const char *mid, int mline_index)
{
  KvsAwsSignaller *self = KVS_AWS_SIGNALLER (signaller);
  g_autofree char *frame =
      kvs_message_format_candidate (recipient (self, peer_id), candidate, mid,
          mline_index);

  if (kvs_aws_signaller_is_stopped (self))
    return;
  if (!kvs_outbox_push_candidate (self->outbox, peer_id, frame))
    GST_DEBUG_OBJECT (self, "dropping a candidate for %s", peer_id);

  kvs_aws_signaller_flush_outbox (self);
}

void
kvs_aws_signaller_forget_peer (KvsSignaller *signaller, const char *peer_id)
{
  KvsAwsSignaller *self = KVS_AWS_SIGNALLER (signaller);

  /* Replacing a peer by its own second offer forgets the first of that name. */
  if (g_strcmp0 (self->offering, peer_id) == 0)
    kvs_outbox_add_peer (self->outbox, peer_id);
  else
    kvs_outbox_forget_peer (self->outbox, peer_id);
}
