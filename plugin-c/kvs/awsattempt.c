/* One attempt to be connected: access, then the channel, then the socket. */
#include "awssignallerinternal.h"

#include "error.h"

#define GST_CAT_DEFAULT kvs_signaller_debug

/* Socket opens refused for a passing reason before the first that succeeds;
 * REST calls have retries of their own. */
#define FIRST_RETRIES_MAX 4

/* What was on its way over a connection when the next one opened is there by
 * then; the service closes it itself within a minute. */
#define RETIRED_MS 2000

/* In the order they run. */
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
static void socket_failed (KvsAwsSignaller *self, const GError *error);
static void socket_refused (KvsAwsSignaller *self, const KvsAnswer *refusal);
static void adopt_socket (KvsAwsSignaller *self, KvsSocket *socket);
static void retire_socket (KvsAwsSignaller *self, KvsSocket *socket);

void
kvs_aws_signaller_try_again (KvsAwsSignaller *self)
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
      self->cancellable, access_found, kvs_aws_signaller_step_begun (self));
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
  g_autoptr (KvsAwsSignaller) self = kvs_aws_signaller_step_over (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (KvsAccess) access = kvs_access_find_finish (result, &error);

  kvs_span_end (&self->finding);
  if (kvs_aws_signaller_is_stopped (self))
    return;
  if (self->keys_pushed) {
    self->keys_pushed = FALSE;
    find_access (self);
    return;
  }
  if (access == NULL) {
    kvs_aws_signaller_attempt_failed (self, error);
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
      kvs_aws_signaller_step_begun (self));
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
  g_autoptr (KvsAwsSignaller) self = kvs_aws_signaller_step_over (user_data);
  g_autoptr (GError) error = NULL;

  if (!kvs_keys_refresh_finish (KVS_KEYS (source), result, &error)) {
    kvs_aws_signaller_attempt_failed (self, error);
    return;
  }
  if (are_refused (self)) {
    kvs_aws_signaller_attempt_failed (self, self->refusal);
    return;
  }

  self->access_stale = FALSE;
  if (!kvs_aws_signaller_is_stopped (self))
    open_channel (self);
}

static void
on_keys_due (gpointer user_data)
{
  KvsAwsSignaller *self = user_data;

  kvs_keys_refresh_async (self->access->keys, keys_renewed,
      kvs_aws_signaller_step_begun (self));
}

/* New keys are used from the next signature on: neither the connection nor
 * any peer is touched. Without them both live on, too, for as long as nothing
 * has to be signed. */
static void
keys_renewed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (KvsAwsSignaller) self = kvs_aws_signaller_step_over (user_data);
  g_autoptr (GError) error = NULL;

  if (kvs_aws_signaller_is_stopped (self))
    return;

  if (!kvs_keys_refresh_finish (KVS_KEYS (source), result, &error)) {
    GST_WARNING_OBJECT (self, "credentials not renewed: %s", error->message);
    if (kvs_keys_have_expired (self->access->keys))
      kvs_aws_signaller_set_detail (self, error->message);
    return;
  }

  /* They may be what the last attempt lacked. */
  if (self->access_stale && self->retry != NULL)
    kvs_aws_signaller_try_again (self);
}

static void
open_channel (KvsAwsSignaller *self)
{
  kvs_channel_open_async (self->client, self->config, self->access->base,
      self->access->is_regional, self->cancellable, channel_open,
      kvs_aws_signaller_step_begun (self));
}

static void
ice_prefetched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_object_unref (kvs_aws_signaller_step_over (user_data));
}

static void
channel_open (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (KvsAwsSignaller) self = kvs_aws_signaller_step_over (user_data);
  g_autoptr (GError) error = NULL;
  KvsChannel *channel = kvs_channel_open_finish (result, &error);

  if (kvs_aws_signaller_is_stopped (self)) {
    kvs_channel_free (channel);
    return;
  }
  if (channel == NULL) {
    kvs_aws_signaller_attempt_failed (self, error);
    return;
  }

  kvs_channel_free (self->channel);
  self->channel = channel;
  kvs_ice_cache_set_channel (self->ice, channel);
  /* The first peer then need not wait for it. */
  kvs_ice_cache_get_async (self->ice, self->cancellable, ice_prefetched,
      kvs_aws_signaller_step_begun (self));

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
      self->cancellable, socket_open, kvs_aws_signaller_step_begun (self));
}

static void
socket_open (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (KvsAwsSignaller) self = kvs_aws_signaller_step_over (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (KvsAnswer) refusal = NULL;
  g_autoptr (KvsSocket) socket =
      kvs_socket_open_finish (result, &refusal, &error);

  if (kvs_aws_signaller_is_stopped (self)) {
    if (socket != NULL)
      kvs_socket_close (socket, NULL, NULL);
    return;
  }

  if (socket != NULL)
    adopt_socket (self, g_steal_pointer (&socket));
  else if (refusal != NULL)
    socket_refused (self, refusal);
  else
    socket_failed (self, error);
}

/* The endpoint may have moved, and its old host be gone. Asking costs two calls
 * more an attempt, which the backoff keeps well below their quotas; where nothing
 * can be reached, they fail in the socket's place. */
static void
socket_failed (KvsAwsSignaller *self, const GError *error)
{
  g_clear_pointer (&self->channel, kvs_channel_free);
  kvs_aws_signaller_attempt_failed (self, error);
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
    kvs_aws_signaller_retry_later (self);
    return;
  }

  if (!self->ever_connected && kvs_answer_is_about_keys (refusal)
      && doubt_keys (self, error))
    return;

  kvs_aws_signaller_attempt_failed (self, error);
}

static const KvsSocketEvents socket_events = {
  .text = kvs_aws_signaller_take_text,
  .closed = kvs_aws_signaller_closed,
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
  g_autofree char *detail = kvs_aws_signaller_say_channel (self,
      is_seamless ? "moved to a new connection to" : "connected to");

  self->state = KVS_SIGNALLER_CONNECTED;
  kvs_aws_signaller_tell_state (self, detail,
      is_first ? KVS_NO_GAP : lost_us / G_TIME_SPAN_MILLISECOND);
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
  if (!kvs_aws_signaller_is_stopped (self))
    kvs_aws_signaller_flush_outbox (self);
}

static void
on_retired_closed (gpointer user_data, guint close_code, const char *reason)
{
  kvs_aws_signaller_close_retired (user_data);
}

/* An offer that was on its way is answered, on the new one. */
static const KvsSocketEvents retired_events = {
  .text = kvs_aws_signaller_take_late_text,
  .closed = on_retired_closed,
};

static gboolean
on_retired_timer (gpointer user_data)
{
  kvs_aws_signaller_close_retired (user_data);
  return G_SOURCE_REMOVE;
}

static void
retire_socket (KvsAwsSignaller *self, KvsSocket *socket)
{
  kvs_aws_signaller_close_retired (self);
  self->retired = socket;
  self->retired_timer = kvs_worker_call_delayed (self->worker, RETIRED_MS,
      on_retired_timer, self, NULL);
  kvs_socket_listen (socket, &retired_events, self);
}

void
kvs_aws_signaller_close_retired (KvsAwsSignaller *self)
{
  g_autoptr (KvsSocket) socket = g_steal_pointer (&self->retired);

  kvs_worker_clear_timer (&self->retired_timer);
  if (socket != NULL)
    kvs_socket_close (socket, NULL, NULL);
}
