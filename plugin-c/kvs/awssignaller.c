#include "awssignallerinternal.h"

GST_DEBUG_CATEGORY (kvs_signaller_debug);
#define GST_CAT_DEFAULT kvs_signaller_debug

static void kvs_aws_signaller_iface_init (KvsSignallerInterface *iface);
static void kvs_aws_signaller_stop (KvsSignaller *signaller);

G_DEFINE_FINAL_TYPE_WITH_CODE (KvsAwsSignaller, kvs_aws_signaller,
    G_TYPE_OBJECT,
    G_IMPLEMENT_INTERFACE (KVS_TYPE_SIGNALLER, kvs_aws_signaller_iface_init))

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
  self->outbox = kvs_outbox_new (kvs_aws_signaller_send_frame, self);
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

gboolean
kvs_aws_signaller_is_stopped (KvsAwsSignaller *self)
{
  return self->events == NULL;
}

void
kvs_aws_signaller_tell_state (KvsAwsSignaller *self, const char *detail,
    gint64 gap_ms)
{
  GST_INFO_OBJECT (self, "%s: %s", kvs_signaller_state_nick (self->state),
      detail);
  g_free (self->told);
  self->told = g_strdup (detail);
  self->events->state_changed (self->user_data, self->state, detail, gap_ms);
}

void
kvs_aws_signaller_set_state (KvsAwsSignaller *self, KvsSignallerState state,
    const char *detail)
{
  if (kvs_aws_signaller_is_stopped (self) || self->state == state)
    return;

  self->state = state;
  kvs_aws_signaller_tell_state (self, detail, KVS_NO_GAP);
}

void
kvs_aws_signaller_set_detail (KvsAwsSignaller *self, const char *detail)
{
  if (!kvs_aws_signaller_is_stopped (self)
      && g_strcmp0 (self->told, detail) != 0)
    kvs_aws_signaller_tell_state (self, detail, KVS_NO_GAP);
}

char *
kvs_aws_signaller_say_channel (KvsAwsSignaller *self, const char *verb)
{
  const char *channel = self->config->channel;

  return g_strdup_printf ("%s channel %s%s%s", verb,
      channel != NULL ? channel : "(none)", self->access != NULL ? " in " : "",
      self->access != NULL ? self->access->region : "");
}

gpointer
kvs_aws_signaller_step_begun (KvsAwsSignaller *self)
{
  kvs_worker_hold (self->worker);
  return g_object_ref (self);
}

KvsAwsSignaller *
kvs_aws_signaller_step_over (gpointer user_data)
{
  KvsAwsSignaller *self = user_data;

  kvs_worker_release (self->worker);
  return self;
}

static gboolean
begin (gpointer user_data)
{
  KvsAwsSignaller *self = user_data;
  g_autofree char *detail =
      kvs_aws_signaller_say_channel (self, "connecting to");

  kvs_aws_signaller_set_state (self, KVS_SIGNALLER_CONNECTING, detail);
  if (kvs_aws_signaller_is_stopped (self))
    return G_SOURCE_REMOVE;
  self->network = kvs_network_watch_new (self->worker,
      kvs_aws_signaller_network_changed, self);
  kvs_aws_signaller_try_again (self);
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

void
kvs_aws_signaller_cancel_all (KvsAwsSignaller *self)
{
  g_cancellable_cancel (self->cancellable);
  if (self->ice != NULL)
    kvs_ice_cache_stop (self->ice);
  if (self->access != NULL)
    kvs_keys_watch (self->access->keys, NULL, NULL);
}

static void
ice_servers_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  GPtrArray *servers =
      kvs_ice_cache_get_finish (KVS_ICE_CACHE (source), result, &error);

  kvs_aws_signaller_step_over (g_task_get_source_object (task));
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

  if (kvs_aws_signaller_is_stopped (self) || self->ice == NULL) {
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
  if (!kvs_aws_signaller_is_stopped (self) && self->retry != NULL)
    kvs_aws_signaller_try_again (self);

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
  kvs_aws_signaller_cancel_all (self);
  g_clear_pointer (&self->network, kvs_network_watch_free);
  kvs_worker_clear_timer (&self->retry);
  kvs_worker_clear_timer (&self->outbox_timer);
  kvs_aws_signaller_close_retired (self);
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
