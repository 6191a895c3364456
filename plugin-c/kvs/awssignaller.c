#include "awssignaller.h"

#include <gst/gst.h>
#include <string.h>

#include "access.h"
#include "backoff.h"
#include "channel.h"
#include "client.h"
#include "correlations.h"
#include "credentials.h"
#include "displacement.h"
#include "error.h"
#include "icecache.h"
#include "message.h"
#include "outbox.h"
#include "socket.h"

GST_DEBUG_CATEGORY_STATIC (kvs_signaller_debug);
#define GST_CAT_DEFAULT kvs_signaller_debug

/* A viewer is told nobody's id: there is one master. */
#define MASTER_ID "master"

/* Socket opens refused for a passing reason before the first that succeeds;
 * REST calls have retries of their own. */
#define FIRST_RETRIES_MAX 4

/* A connection that lasted this long ends a series of failures. */
#define STEADY_US (10 * G_USEC_PER_SEC)

/* What was on its way over a connection when the next one opened is there by
 * then; the service closes it itself within a minute. */
#define RETIRED_MS 2000

#define NO_GAP -1

struct _KvsAwsSignaller {
  GObject parent;

  KvsWorker *worker;
  KvsConfig *config;                /* keys in it change with set_credentials */
  const KvsSignallerEvents *events; /* NULL before start and after stop */
  gpointer user_data;
  KvsSignallerState state;
  GCancellable *cancellable; /* of everything under way; cancelled by stop */

  /* Found in this order; what is NULL is looked for by the next attempt. */
  KvsAccess *access;
  gboolean access_stale; /* its keys were refused: look again */
  GError *refusal; /* of keys by the first connection, once that happened */
  KvsCredentials *refused_keys; /* then, until others have been looked for */
  gboolean keys_pushed; /* while access was being found, which missed them */
  KvsClient *client;
  KvsIceCache *ice; /* with the client */
  KvsChannel *channel;
  KvsSocket *socket;

  gboolean attempting; /* a chain from try_again to attempt_failed or adopt */
  gboolean ever_connected; /* failures are for good only before that */
  KvsBackoff backoff;
  GSource *retry; /* the next attempt's timer */
  char *told;     /* the last detail, not to be repeated */

  KvsSpan attempt, finding, opening; /* of the connection to come */
  KvsTimes times;                    /* of the connection there is */

  gint64 socket_opened; /* monotonic */
  gint64 socket_lost;   /* likewise; 0 where it was not */
  KvsSocket *retired;   /* the one before, which is only listened to */
  GSource *retired_timer;
  KvsDisplacement displacement;

  KvsOutbox *outbox;
  GSource *outbox_timer;
  KvsCorrelations *correlations;
  const char *offering; /* the peer whose offer is being handed up */
};

static void kvs_aws_signaller_iface_init (KvsSignallerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (KvsAwsSignaller, kvs_aws_signaller,
    G_TYPE_OBJECT,
    G_IMPLEMENT_INTERFACE (KVS_TYPE_SIGNALLER, kvs_aws_signaller_iface_init))

static void try_again (KvsAwsSignaller *self);
static void find_access (KvsAwsSignaller *self);
static void access_found (GObject *source, GAsyncResult *result,
    gpointer user_data);
static void refresh_keys (KvsAwsSignaller *self);
static void keys_refreshed (GObject *source, GAsyncResult *result,
    gpointer user_data);
static void on_keys_due (gpointer user_data);
static void keys_renewed (GObject *source, GAsyncResult *result,
    gpointer user_data);
static void open_channel (KvsAwsSignaller *self);
static void channel_open (GObject *source, GAsyncResult *result,
    gpointer user_data);
static void open_socket (KvsAwsSignaller *self);
static void socket_open (GObject *source, GAsyncResult *result,
    gpointer user_data);
static void socket_refused (KvsAwsSignaller *self, const KvsAnswer *refusal);
static void adopt_socket (KvsAwsSignaller *self, KvsSocket *socket);
static void on_text (gpointer user_data, const char *data, gsize length);
static void on_late_text (gpointer user_data, const char *data, gsize length);
static void on_closed (gpointer user_data, guint close_code,
    const char *reason);
static void retire_socket (KvsAwsSignaller *self, KvsSocket *socket);
static void close_retired (KvsAwsSignaller *self);
static void attempt_failed (KvsAwsSignaller *self, const GError *error);
static void retry_later (KvsAwsSignaller *self);
static void give_up (KvsAwsSignaller *self, const GError *error);
static void kvs_aws_signaller_stop (KvsSignaller *signaller);
static void send_frame (gpointer user_data, const char *frame);
static void flush_outbox (KvsAwsSignaller *self);

static void
kvs_aws_signaller_dispose (GObject *object)
{
  kvs_aws_signaller_stop (KVS_SIGNALLER (object));

  G_OBJECT_CLASS (kvs_aws_signaller_parent_class)->dispose (object);
}

static void
kvs_aws_signaller_finalize (GObject *object)
{
  KvsAwsSignaller *self = (KvsAwsSignaller *) object;

  kvs_access_free (self->access);
  kvs_channel_free (self->channel);
  g_clear_object (&self->ice);
  g_clear_object (&self->client);
  g_clear_object (&self->worker);
  g_clear_object (&self->cancellable);
  kvs_outbox_free (self->outbox);
  kvs_correlations_free (self->correlations);
  kvs_config_free (self->config);
  g_free (self->told);
  g_clear_error (&self->refusal);
  kvs_credentials_free (self->refused_keys);

  G_OBJECT_CLASS (kvs_aws_signaller_parent_class)->finalize (object);
}

static void
kvs_aws_signaller_class_init (KvsAwsSignallerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = kvs_aws_signaller_dispose;
  object_class->finalize = kvs_aws_signaller_finalize;
  GST_DEBUG_CATEGORY_INIT (kvs_signaller_debug, "kvssignaller", 0,
      "KVS signaling: the session");
}

static void
kvs_aws_signaller_init (KvsAwsSignaller *self)
{
  self->state = KVS_SIGNALLER_CLOSED;
  self->cancellable = g_cancellable_new ();
  self->outbox = kvs_outbox_new (send_frame, self);
  self->correlations = kvs_correlations_new ();
}

KvsSignaller *
kvs_aws_signaller_new (KvsWorker *worker, const KvsConfig *config)
{
  KvsAwsSignaller *self;

  g_return_val_if_fail (KVS_IS_WORKER (worker), NULL);
  g_return_val_if_fail (config != NULL, NULL);

  self = g_object_new (KVS_TYPE_AWS_SIGNALLER, NULL);
  self->worker = g_object_ref (worker);
  self->config = kvs_config_copy (config);

  return KVS_SIGNALLER (self);
}

static gboolean
is_stopped (KvsAwsSignaller *self)
{
  return self->events == NULL;
}

static void
tell_state (KvsAwsSignaller *self, const char *detail, gint64 gap_ms)
{
  GST_INFO_OBJECT (self, "%s: %s", kvs_signaller_state_nick (self->state),
      detail);
  g_free (self->told);
  self->told = g_strdup (detail);
  self->events->state_changed (self->user_data, self->state, detail, gap_ms);
}

static void
set_state (KvsAwsSignaller *self, KvsSignallerState state, const char *detail)
{
  if (is_stopped (self) || self->state == state)
    return;

  self->state = state;
  tell_state (self, detail, NO_GAP);
}

/* Why the state is what it still is; once, however often it is tried. */
static void
set_detail (KvsAwsSignaller *self, const char *detail)
{
  if (!is_stopped (self) && g_strcmp0 (self->told, detail) != 0)
    tell_state (self, detail, NO_GAP);
}

/* "VERB channel cam1 in eu-west-1"; the region is known once there is access. */
static char *
say_channel (KvsAwsSignaller *self, const char *verb)
{
  const char *channel = self->config->channel;

  return g_strdup_printf ("%s channel %s%s%s", verb,
      channel != NULL ? channel : "(none)", self->access != NULL ? " in " : "",
      self->access != NULL ? self->access->region : "");
}

/* --- Getting connected: access, channel, socket --- */

/* Holds the worker until the step is over: a step that is cancelled by stop
 * still has a connection to close, and only the worker can. */
static gpointer
step_begun (KvsAwsSignaller *self)
{
  kvs_worker_hold (self->worker);
  return g_object_ref (self);
}

static KvsAwsSignaller *
step_over (gpointer user_data)
{
  KvsAwsSignaller *self = user_data;

  kvs_worker_release (self->worker);
  return self;
}

static gboolean
begin (gpointer user_data)
{
  KvsAwsSignaller *self = user_data;
  g_autofree char *detail = say_channel (self, "connecting to");

  set_state (self, KVS_SIGNALLER_CONNECTING, detail);
  if (!is_stopped (self))
    try_again (self);
  return G_SOURCE_REMOVE;
}

static void
kvs_aws_signaller_start (KvsSignaller *signaller,
    const KvsSignallerEvents *events, gpointer user_data)
{
  KvsAwsSignaller *self = KVS_AWS_SIGNALLER (signaller);

  g_return_if_fail (self->events == NULL);
  g_return_if_fail (!g_cancellable_is_cancelled (self->cancellable));

  self->events = events;
  self->user_data = user_data;
  kvs_worker_call (self->worker, begin, g_object_ref (self), g_object_unref);
}

/* Takes up where something is missing. */
static void
try_again (KvsAwsSignaller *self)
{
  if (self->attempting)
    return;

  kvs_worker_clear_timer (&self->retry);
  self->attempting = TRUE;
  kvs_span_begin (&self->attempt);
  if (self->access == NULL)
    find_access (self);
  else if (self->access_stale)
    refresh_keys (self);
  else if (self->channel == NULL)
    open_channel (self);
  else
    open_socket (self);
}

static void
find_access (KvsAwsSignaller *self)
{
  g_auto (GStrv) environ = g_get_environ ();

  kvs_span_begin (&self->finding);
  kvs_access_find_async (self->config, environ, g_get_home_dir (),
      self->cancellable, access_found, step_begun (self));
}

static void
use_access (KvsAwsSignaller *self)
{
  KvsAccess *access = self->access;

  kvs_keys_watch (access->keys, on_keys_due, self);
  self->client = kvs_client_new (access->transport, access->region,
      self->config->channel, access->keys);
  self->ice = kvs_ice_cache_new (self->client, access->transport,
      access->stun_uri, self->config->client_id);
}

static void
access_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (KvsAwsSignaller) self = step_over (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (KvsAccess) access = kvs_access_find_finish (result, &error);

  kvs_span_end (&self->finding);
  if (is_stopped (self))
    return;
  if (self->keys_pushed) {
    self->keys_pushed = FALSE;
    find_access (self);
    return;
  }
  if (access == NULL) {
    attempt_failed (self, error);
    return;
  }

  self->access = g_steal_pointer (&access);
  use_access (self);
  open_channel (self);
}

/* Keys may have been replaced where they came from. */
static void
refresh_keys (KvsAwsSignaller *self)
{
  kvs_keys_refresh_async (self->access->keys, keys_refreshed,
      step_begun (self));
}

/* Once: the keys of a first connection may have ended since they were found.
 * FALSE when that has been tried. */
static gboolean
doubt_keys (KvsAwsSignaller *self, const GError *refusal)
{
  if (self->refusal != NULL)
    return FALSE;

  GST_WARNING_OBJECT (self, "%s, looking for keys again", refusal->message);
  self->refusal = g_error_copy (refusal);
  self->refused_keys = kvs_credentials_copy (kvs_keys_get (self->access->keys));
  refresh_keys (self);
  return TRUE;
}

/* Whether the search that doubt_keys began has found none but those refused. */
static gboolean
are_refused (KvsAwsSignaller *self)
{
  g_autoptr (KvsCredentials) refused = g_steal_pointer (&self->refused_keys);

  return refused != NULL
      && kvs_credentials_equal (refused, kvs_keys_get (self->access->keys));
}

static void
keys_refreshed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (KvsAwsSignaller) self = step_over (user_data);
  g_autoptr (GError) error = NULL;

  if (!kvs_keys_refresh_finish (KVS_KEYS (source), result, &error)) {
    attempt_failed (self, error);
    return;
  }
  if (are_refused (self)) {
    attempt_failed (self, self->refusal);
    return;
  }

  self->access_stale = FALSE;
  if (!is_stopped (self))
    open_channel (self);
}

/* --- Keys that end --- */

static void
on_keys_due (gpointer user_data)
{
  KvsAwsSignaller *self = user_data;

  kvs_keys_refresh_async (self->access->keys, keys_renewed, step_begun (self));
}

/* New keys are used from the next signature on: neither the connection nor
 * any peer is touched. Without them both live on, too, for as long as nothing
 * has to be signed. */
static void
keys_renewed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (KvsAwsSignaller) self = step_over (user_data);
  g_autoptr (GError) error = NULL;

  if (is_stopped (self))
    return;

  if (!kvs_keys_refresh_finish (KVS_KEYS (source), result, &error)) {
    GST_WARNING_OBJECT (self, "credentials not renewed: %s", error->message);
    if (kvs_keys_have_expired (self->access->keys))
      set_detail (self, error->message);
    return;
  }

  /* They may be what the last attempt lacked. */
  if (self->access_stale && self->retry != NULL)
    try_again (self);
}

static void
open_channel (KvsAwsSignaller *self)
{
  kvs_channel_open_async (self->client, self->config, self->access->base,
      self->access->is_regional, self->cancellable, channel_open,
      step_begun (self));
}

static void
ice_prefetched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_object_unref (step_over (user_data));
}

static void
channel_open (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (KvsAwsSignaller) self = step_over (user_data);
  g_autoptr (GError) error = NULL;
  KvsChannel *channel = kvs_channel_open_finish (result, &error);

  if (is_stopped (self)) {
    kvs_channel_free (channel);
    return;
  }
  if (channel == NULL) {
    attempt_failed (self, error);
    return;
  }

  kvs_channel_free (self->channel);
  self->channel = channel;
  kvs_ice_cache_set_channel (self->ice, channel);
  /* The first peer then need not wait for it. */
  kvs_ice_cache_get_async (self->ice, self->cancellable, ice_prefetched,
      step_begun (self));

  open_socket (self);
}

static void
open_socket (KvsAwsSignaller *self)
{
  const char *client_id =
      self->config->role == KVS_ROLE_VIEWER ? self->config->client_id : NULL;
  g_autofree char *url = kvs_client_presign (self->client, self->channel->wss,
      self->channel->arn, client_id);

  kvs_span_begin (&self->opening);
  kvs_socket_open_async (self->access->transport, url, KVS_SOCKET_PING_SECONDS,
      self->cancellable, socket_open, step_begun (self));
}

static void
socket_open (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (KvsAwsSignaller) self = step_over (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (KvsAnswer) refusal = NULL;
  g_autoptr (KvsSocket) socket =
      kvs_socket_open_finish (result, &refusal, &error);

  if (is_stopped (self)) {
    if (socket != NULL)
      kvs_socket_close (socket, NULL, NULL);
    return;
  }

  if (socket != NULL)
    adopt_socket (self, g_steal_pointer (&socket));
  else if (refusal != NULL)
    socket_refused (self, refusal);
  else
    attempt_failed (self, error);
}

static const char *
connect_action (KvsAwsSignaller *self)
{
  return self->config->role == KVS_ROLE_MASTER ? "ConnectAsMaster"
                                               : "ConnectAsViewer";
}

static void
socket_refused (KvsAwsSignaller *self, const KvsAnswer *refusal)
{
  g_autoptr (GError) error =
      kvs_client_error (self->client, refusal, connect_action (self));
  gboolean may_retry = kvs_answer_is_transient (refusal)
      || kvs_client_correct_clock (self->client, refusal);

  /* The channel may have been deleted or moved. */
  if (!may_retry)
    g_clear_pointer (&self->channel, kvs_channel_free);

  if (may_retry && !self->ever_connected
      && self->backoff.attempts < FIRST_RETRIES_MAX) {
    GST_WARNING_OBJECT (self, "%s, trying again", error->message);
    self->attempting = FALSE;
    retry_later (self);
    return;
  }

  if (!self->ever_connected && kvs_answer_is_about_keys (refusal)
      && doubt_keys (self, error))
    return;

  attempt_failed (self, error);
}

static const KvsSocketEvents socket_events = {
  .text = on_text,
  .closed = on_closed,
};

static void
keep_times (KvsAwsSignaller *self)
{
  kvs_span_end (&self->attempt);
  kvs_span_end (&self->opening);
  self->times.signaling = self->attempt;
  self->times.access = self->finding;
  self->times.describe = self->channel->described;
  self->times.create = self->channel->created;
  self->times.endpoints = self->channel->located;
  self->times.connect = self->opening;
}

/* Tells of a connection that follows another, too, with the gap between. */
static void
tell_connected (KvsAwsSignaller *self, gboolean is_first, gboolean is_seamless)
{
  gint64 lost_us = is_seamless ? 0 : self->socket_opened - self->socket_lost;
  g_autofree char *detail = say_channel (self,
      is_seamless ? "moved to a new connection to" : "connected to");

  self->state = KVS_SIGNALLER_CONNECTED;
  tell_state (self, detail,
      is_first ? NO_GAP : lost_us / G_TIME_SPAN_MILLISECOND);
}

/* An older socket may still be open after GO_AWAY. */
static void
adopt_socket (KvsAwsSignaller *self, KvsSocket *socket)
{
  KvsSocket *older = self->socket;
  gboolean is_first = !self->ever_connected;

  self->attempting = FALSE;
  self->ever_connected = TRUE;
  self->socket = socket;
  keep_times (self);
  self->socket_opened = g_get_monotonic_time ();
  kvs_socket_listen (socket, &socket_events, self);
  if (older != NULL)
    retire_socket (self, older);

  /* It may have ended again already. */
  if (self->socket == socket)
    tell_connected (self, is_first, older != NULL);
  if (!is_stopped (self))
    flush_outbox (self);
}

static void
on_retired_closed (gpointer user_data, guint close_code, const char *reason)
{
  close_retired (user_data);
}

/* An offer that was on its way is answered, on the new one. */
static const KvsSocketEvents retired_events = {
  .text = on_late_text,
  .closed = on_retired_closed,
};

static gboolean
on_retired_timer (gpointer user_data)
{
  close_retired (user_data);
  return G_SOURCE_REMOVE;
}

static void
retire_socket (KvsAwsSignaller *self, KvsSocket *socket)
{
  close_retired (self);
  self->retired = socket;
  self->retired_timer = kvs_worker_call_delayed (self->worker, RETIRED_MS,
      on_retired_timer, self, NULL);
  kvs_socket_listen (socket, &retired_events, self);
}

static void
close_retired (KvsAwsSignaller *self)
{
  g_autoptr (KvsSocket) socket = g_steal_pointer (&self->retired);

  kvs_worker_clear_timer (&self->retired_timer);
  if (socket != NULL)
    kvs_socket_close (socket, NULL, NULL);
}

/* --- When it does not work --- */

static gboolean
is_about_keys (const GError *error)
{
  return g_error_matches (error, KVS_ERROR, KVS_ERROR_CREDENTIALS)
      || g_error_matches (error, KVS_ERROR, KVS_ERROR_PERMISSION);
}

static void
attempt_failed (KvsAwsSignaller *self, const GError *error)
{
  self->attempting = FALSE;
  if (is_stopped (self)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (!self->ever_connected) {
    give_up (self, error);
    return;
  }

  GST_WARNING_OBJECT (self, "%s, trying again", error->message);
  if (self->state == KVS_SIGNALLER_RECONNECTING)
    set_detail (self, error->message);
  if (is_about_keys (error))
    self->access_stale = TRUE;
  retry_later (self);
}

static gboolean
on_retry (gpointer user_data)
{
  KvsAwsSignaller *self = user_data;

  kvs_worker_clear_timer (&self->retry);
  try_again (self);
  return G_SOURCE_REMOVE;
}

static void
retry_later (KvsAwsSignaller *self)
{
  guint delay = kvs_backoff_next (&self->backoff, g_random_double ());

  kvs_worker_clear_timer (&self->retry);
  GST_DEBUG_OBJECT (self, "next attempt in %u ms", delay);
  self->retry =
      kvs_worker_call_delayed (self->worker, delay, on_retry, self, NULL);
}

/* What is under way, and what is waited for. */
static void
cancel_all (KvsAwsSignaller *self)
{
  g_cancellable_cancel (self->cancellable);
  if (self->ice != NULL)
    kvs_ice_cache_stop (self->ice);
  if (self->access != NULL)
    kvs_keys_watch (self->access->keys, NULL, NULL);
}

static void
give_up (KvsAwsSignaller *self, const GError *error)
{
  GST_ERROR_OBJECT (self, "%s", error->message);
  kvs_worker_clear_timer (&self->retry);
  cancel_all (self);
  self->events->failed (self->user_data, error);

  /* The element may have stopped us from there. */
  set_state (self, KVS_SIGNALLER_CLOSED, error->message);
}

static void
give_up_displaced (KvsAwsSignaller *self)
{
  gboolean is_master = self->config->role == KVS_ROLE_MASTER;
  g_autofree char *who = is_master
      ? g_strdup ("another master")
      : g_strdup_printf ("another viewer with client-id %s",
          self->config->client_id);
  g_autoptr (GError) error = g_error_new (KVS_ERROR, KVS_ERROR_DISPLACED,
      "Displaced: %s is connected to channel %s in %s: stop it, or use another "
      "%s",
      who, self->config->channel, self->access->region,
      is_master ? "channel" : "client-id");

  give_up (self, error);
}

static void
on_closed (gpointer user_data, guint close_code, const char *reason)
{
  g_autoptr (KvsAwsSignaller) self = g_object_ref (user_data);
  gint64 lived = g_get_monotonic_time () - self->socket_opened;

  /* Nobody knows when one that vanished was last of use. */
  self->socket_lost = close_code == 0 ? kvs_socket_last_heard (self->socket)
                                      : g_get_monotonic_time ();
  g_clear_object (&self->socket);
  if (lived > STEADY_US)
    kvs_backoff_reset (&self->backoff);
  if (kvs_displacement_closed (&self->displacement, close_code, lived)) {
    give_up_displaced (self);
    return;
  }

  set_state (self, KVS_SIGNALLER_RECONNECTING, reason);
  if (!is_stopped (self) && !self->attempting && self->retry == NULL)
    retry_later (self);
}

/* --- From the service --- */

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
  try_again (self);
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

static void
on_text (gpointer user_data, const char *data, gsize length)
{
  g_autoptr (KvsAwsSignaller) self = g_object_ref (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (KvsMessage) message = kvs_message_parse (data, length, &error);

  if (is_stopped (self))
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
static void
on_late_text (gpointer user_data, const char *data, gsize length)
{
  g_autoptr (KvsMessage) message = kvs_message_parse (data, length, NULL);

  if (message != NULL && message->kind != KVS_MESSAGE_GO_AWAY)
    on_text (user_data, data, length);
}

/* --- To the service --- */

static void
send_frame (gpointer user_data, const char *frame)
{
  KvsAwsSignaller *self = user_data;

  kvs_socket_send (self->socket, frame);
}

static gboolean
on_outbox_timer (gpointer user_data)
{
  KvsAwsSignaller *self = user_data;

  kvs_worker_clear_timer (&self->outbox_timer);
  flush_outbox (self);
  return G_SOURCE_REMOVE;
}

static void
flush_outbox (KvsAwsSignaller *self)
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

  if (is_stopped (self))
    return;

  /* Frame minus names is payload, near enough for a warning. */
  if (strlen (frame) > KVS_MESSAGE_MAX_PAYLOAD + 200)
    GST_WARNING_OBJECT (self,
        "a description of %" G_GSIZE_FORMAT " bytes is "
        "over the service's limit",
        strlen (frame));

  kvs_outbox_push_description (self->outbox, peer_id, frame);
  flush_outbox (self);
}

static void
kvs_aws_signaller_send_offer (KvsSignaller *signaller, const char *peer_id,
    const char *sdp)
{
  send_description (KVS_AWS_SIGNALLER (signaller), KVS_MESSAGE_SDP_OFFER,
      peer_id, sdp);
}

static void
kvs_aws_signaller_send_answer (KvsSignaller *signaller, const char *peer_id,
    const char *sdp)
{
  send_description (KVS_AWS_SIGNALLER (signaller), KVS_MESSAGE_SDP_ANSWER,
      peer_id, sdp);
}

static void
kvs_aws_signaller_send_candidate (KvsSignaller *signaller, const char *peer_id,
    const char *candidate, const char *mid, int mline_index)
{
  KvsAwsSignaller *self = KVS_AWS_SIGNALLER (signaller);
  g_autofree char *frame =
      kvs_message_format_candidate (recipient (self, peer_id), candidate, mid,
          mline_index);

  if (is_stopped (self))
    return;
  if (!kvs_outbox_push_candidate (self->outbox, peer_id, frame))
    GST_DEBUG_OBJECT (self, "dropping a candidate for %s", peer_id);

  flush_outbox (self);
}

static void
kvs_aws_signaller_forget_peer (KvsSignaller *signaller, const char *peer_id)
{
  KvsAwsSignaller *self = KVS_AWS_SIGNALLER (signaller);

  /* Replacing a peer by its own second offer forgets the first of that name. */
  if (g_strcmp0 (self->offering, peer_id) == 0)
    kvs_outbox_add_peer (self->outbox, peer_id);
  else
    kvs_outbox_forget_peer (self->outbox, peer_id);
}

/* --- ICE servers, keys, the end --- */

static void
ice_servers_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  GPtrArray *servers =
      kvs_ice_cache_get_finish (KVS_ICE_CACHE (source), result, &error);

  step_over (g_task_get_source_object (task));
  if (servers != NULL)
    g_task_return_pointer (task, servers, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

static void
kvs_aws_signaller_get_ice_servers_async (KvsSignaller *signaller,
    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  KvsAwsSignaller *self = KVS_AWS_SIGNALLER (signaller);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  if (is_stopped (self) || self->ice == NULL) {
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED,
        "The signaller is not running");
    return;
  }

  kvs_worker_hold (self->worker);
  kvs_ice_cache_get_async (self->ice, cancellable, ice_servers_done,
      g_steal_pointer (&task));
}

static GPtrArray *
kvs_aws_signaller_get_ice_servers_finish (KvsSignaller *signaller,
    GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, signaller), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
kvs_aws_signaller_get_times (KvsSignaller *signaller, KvsTimes *times)
{
  KvsAwsSignaller *self = KVS_AWS_SIGNALLER (signaller);

  *times = self->times;
  if (self->ice != NULL)
    times->ice_servers = kvs_ice_cache_get_span (self->ice);
}

typedef struct {
  KvsAwsSignaller *self;
  KvsCredentials *credentials;
} NewCredentials;

static void
new_credentials_free (NewCredentials *new)
{
  g_object_unref (new->self);
  kvs_credentials_free (new->credentials);
  g_free (new);
}

static gboolean
use_new_credentials (gpointer user_data)
{
  NewCredentials *new = user_data;
  KvsAwsSignaller *self = new->self;

  kvs_config_set_credentials (self->config, new->credentials->access_key,
      new->credentials->secret_key, new->credentials->session_token);
  if (self->access != NULL)
    kvs_keys_set (self->access->keys, new->credentials->access_key,
        new->credentials->secret_key, new->credentials->session_token);
  else
    self->keys_pushed = self->attempting;

  /* They may be what the last attempt lacked. */
  if (!is_stopped (self) && self->retry != NULL)
    try_again (self);

  return G_SOURCE_REMOVE;
}

static void
kvs_aws_signaller_set_credentials (KvsSignaller *signaller,
    const char *access_key, const char *secret_key, const char *session_token)
{
  KvsAwsSignaller *self = KVS_AWS_SIGNALLER (signaller);
  NewCredentials *new = g_new0 (NewCredentials, 1);

  new->self = g_object_ref (self);
  new->credentials =
      kvs_credentials_new (access_key, secret_key, session_token);
  kvs_worker_call (self->worker, use_new_credentials, new,
      (GDestroyNotify) new_credentials_free);
}

static void
release_worker (gpointer worker)
{
  kvs_worker_release (worker);
  g_object_unref (worker);
}

/* The service should learn of it, even when the worker ends right after. */
static void
close_socket (KvsAwsSignaller *self)
{
  g_autoptr (KvsSocket) socket = g_steal_pointer (&self->socket);

  if (socket == NULL)
    return;

  kvs_worker_hold (self->worker);
  kvs_socket_close (socket, release_worker, g_object_ref (self->worker));
}

static void
kvs_aws_signaller_stop (KvsSignaller *signaller)
{
  KvsAwsSignaller *self = KVS_AWS_SIGNALLER (signaller);

  self->events = NULL;
  cancel_all (self);
  kvs_worker_clear_timer (&self->retry);
  kvs_worker_clear_timer (&self->outbox_timer);
  close_retired (self);
  close_socket (self);
}

static void
kvs_aws_signaller_iface_init (KvsSignallerInterface *iface)
{
  iface->start = kvs_aws_signaller_start;
  iface->stop = kvs_aws_signaller_stop;
  iface->send_offer = kvs_aws_signaller_send_offer;
  iface->send_answer = kvs_aws_signaller_send_answer;
  iface->send_candidate = kvs_aws_signaller_send_candidate;
  iface->forget_peer = kvs_aws_signaller_forget_peer;
  iface->get_ice_servers_async = kvs_aws_signaller_get_ice_servers_async;
  iface->get_ice_servers_finish = kvs_aws_signaller_get_ice_servers_finish;
  iface->get_times = kvs_aws_signaller_get_times;
  iface->set_credentials = kvs_aws_signaller_set_credentials;
}
