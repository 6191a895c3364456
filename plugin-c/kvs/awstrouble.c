/* When an attempt fails or a connection ends: for good, or until the next attempt. */
#include "awssignallerinternal.h"

#include "error.h"

#define GST_CAT_DEFAULT kvs_signaller_debug

/* A connection that lasted this long ends a series of failures. */
#define STEADY_US (10 * G_USEC_PER_SEC)

static void
give_up (KvsAwsSignaller *self, const GError *error)
{
  GST_ERROR_OBJECT (self, "%s", error->message);
  kvs_worker_clear_timer (&self->retry);
  kvs_aws_signaller_cancel_all (self);
  self->events->failed (self->user_data, error);

  /* The element may have stopped us from there. */
  kvs_aws_signaller_set_state (self, KVS_SIGNALLER_CLOSED, error->message);
}

static gboolean
is_about_keys (const GError *error)
{
  return g_error_matches (error, KVS_ERROR, KVS_ERROR_CREDENTIALS)
      || g_error_matches (error, KVS_ERROR, KVS_ERROR_PERMISSION);
}

static gboolean
on_retry (gpointer user_data)
{
  KvsAwsSignaller *self = user_data;

  kvs_worker_clear_timer (&self->retry);
  kvs_aws_signaller_try_again (self);
  return G_SOURCE_REMOVE;
}

void
kvs_aws_signaller_retry_later (KvsAwsSignaller *self)
{
  guint delay = kvs_backoff_next (&self->backoff, g_random_double ());

  kvs_worker_clear_timer (&self->retry);
  GST_DEBUG_OBJECT (self, "next attempt in %u ms", delay);
  self->retry =
      kvs_worker_call_delayed (self->worker, delay, on_retry, self, NULL);
}

void
kvs_aws_signaller_attempt_failed (KvsAwsSignaller *self, const GError *error)
{
  self->attempting = FALSE;
  if (kvs_aws_signaller_is_stopped (self)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (!self->ever_connected) {
    give_up (self, error);
    return;
  }

  GST_WARNING_OBJECT (self, "%s, trying again", error->message);
  if (self->state == KVS_SIGNALLER_RECONNECTING)
    kvs_aws_signaller_set_detail (self, error->message);
  if (is_about_keys (error))
    self->access_stale = TRUE;
  kvs_aws_signaller_retry_later (self);
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

void
kvs_aws_signaller_network_changed (gpointer user_data)
{
  KvsAwsSignaller *self = user_data;

  GST_INFO_OBJECT (self, "the network has changed");
  if (self->retry != NULL)
    kvs_aws_signaller_try_again (self);
  else if (self->socket != NULL)
    kvs_socket_doubt (self->socket);
}

void
kvs_aws_signaller_closed (gpointer user_data, guint close_code,
    const char *reason)
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

  kvs_aws_signaller_set_state (self, KVS_SIGNALLER_RECONNECTING, reason);
  if (!kvs_aws_signaller_is_stopped (self) && !self->attempting
      && self->retry == NULL)
    kvs_aws_signaller_retry_later (self);
}
