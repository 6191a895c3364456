#include "icecache.h"

#include <gst/gst.h>

#include "api.h"
#include "error.h"
#include "iceserver.h"

GST_DEBUG_CATEGORY_STATIC (kvs_ice_debug);
#define GST_CAT_DEFAULT kvs_ice_debug

#define ACTION "GetIceServerConfig"

struct _KvsIceCache {
  GObject parent;

  KvsClient *client;
  KvsTransport *transport;
  char *stun_uri;
  char *client_id;
  char *base; /* the channel's HTTPS endpoint; NULL before there is one */
  char *arn;

  GPtrArray *servers; /* TURN, as last fetched; NULL when dropped */
  gint64 fetched;     /* monotonic */
  gint64 lifetime;    /* microseconds */
  KvsSpan span;       /* of the last fetch */

  GPtrArray *waiting; /* of GTask; a fetch is under way while not empty */
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (KvsIceCache, kvs_ice_cache, G_TYPE_OBJECT)

static void fetch_done (GObject *source, GAsyncResult *result,
    gpointer user_data);

static void
kvs_ice_cache_finalize (GObject *object)
{
  KvsIceCache *self = (KvsIceCache *) object;

  g_clear_object (&self->client);
  g_clear_object (&self->transport);
  g_free (self->stun_uri);
  g_free (self->client_id);
  g_free (self->base);
  g_free (self->arn);
  g_clear_pointer (&self->servers, g_ptr_array_unref);
  g_ptr_array_unref (self->waiting);
  g_object_unref (self->cancellable);

  G_OBJECT_CLASS (kvs_ice_cache_parent_class)->finalize (object);
}

static void
kvs_ice_cache_class_init (KvsIceCacheClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = kvs_ice_cache_finalize;
  GST_DEBUG_CATEGORY_INIT (kvs_ice_debug, "kvsice", 0,
      "KVS signaling: STUN and TURN servers");
}

static void
kvs_ice_cache_init (KvsIceCache *self)
{
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  self->cancellable = g_cancellable_new ();
}

KvsIceCache *
kvs_ice_cache_new (KvsClient *client, KvsTransport *transport,
    const char *stun_uri, const char *client_id)
{
  KvsIceCache *self = g_object_new (KVS_TYPE_ICE_CACHE, NULL);

  self->client = g_object_ref (client);
  self->transport = g_object_ref (transport);
  self->stun_uri = g_strdup (stun_uri);
  self->client_id = g_strdup (client_id);

  return self;
}

void
kvs_ice_cache_set_channel (KvsIceCache *self, const KvsChannel *channel)
{
  g_free (self->base);
  g_free (self->arn);
  self->base = g_strdup (channel->https);
  self->arn = g_strdup (channel->arn);
}

void
kvs_ice_cache_drop (KvsIceCache *self)
{
  g_clear_pointer (&self->servers, g_ptr_array_unref);
}

static gint64
time_left (KvsIceCache *self)
{
  if (self->servers == NULL)
    return 0;
  return MAX (0, self->fetched + self->lifetime - g_get_monotonic_time ());
}

static gboolean
is_fresh (KvsIceCache *self)
{
  return self->servers != NULL && time_left (self) > self->lifetime * 2 / 3;
}

static GPtrArray *
copy_servers (KvsIceCache *self)
{
  GPtrArray *list =
      g_ptr_array_new_with_free_func ((GDestroyNotify) kvs_ice_server_free);
  const char *stun_uris[] = { self->stun_uri, NULL };

  if (self->stun_uri != NULL)
    g_ptr_array_add (list, kvs_ice_server_new (stun_uris, NULL, NULL));
  if (time_left (self) == 0)
    return list;

  for (guint i = 0; i < self->servers->len; i++) {
    const KvsIceServer *server = self->servers->pdata[i];
    KvsIceServer *copy = kvs_ice_server_new ((const char *const *) server->uris,
        server->username, server->password);

    copy->transport = g_object_ref (self->transport);
    g_ptr_array_add (list, copy);
  }
  return list;
}

static void
answer_task (KvsIceCache *self, GTask *task)
{
  g_task_return_pointer (task, copy_servers (self),
      (GDestroyNotify) g_ptr_array_unref);
}

static void
fetch (KvsIceCache *self)
{
  g_autofree char *body = kvs_api_ice_body (self->arn, self->client_id);

  kvs_span_begin (&self->span);
  kvs_client_call_async (self->client, ACTION, self->base, FALSE,
      KVS_API_ICE_PATH, body, self->cancellable, fetch_done,
      g_object_ref (self));
}

void
kvs_ice_cache_get_async (KvsIceCache *self, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, kvs_ice_cache_get_async);
  if (is_fresh (self) || self->base == NULL
      || g_cancellable_is_cancelled (self->cancellable)) {
    answer_task (self, task);
    return;
  }

  g_ptr_array_add (self->waiting, g_steal_pointer (&task));
  if (self->waiting->len == 1)
    fetch (self);
}

static gboolean
store (KvsIceCache *self, GBytes *body, GError **error)
{
  gsize length;
  const char *data = g_bytes_get_data (body, &length);
  guint ttl = 0;
  GPtrArray *servers = kvs_api_parse_ice (data, length, &ttl, error);

  if (servers == NULL)
    return FALSE;

  kvs_ice_cache_drop (self);
  self->servers = servers;
  self->fetched = g_get_monotonic_time ();
  self->lifetime = ttl * G_USEC_PER_SEC;
  GST_DEBUG_OBJECT (self, "%u servers for %u s", servers->len, ttl);
  return TRUE;
}

static gboolean
fetched (KvsIceCache *self, GAsyncResult *result, GError **error)
{
  g_autoptr (KvsAnswer) answer =
      kvs_client_call_finish (self->client, result, error);

  if (answer == NULL)
    return FALSE;
  if (kvs_answer_is_success (answer))
    return store (self, answer->body, error);

  g_propagate_error (error, kvs_client_error (self->client, answer, ACTION));
  return FALSE;
}

static void
answer_all (KvsIceCache *self)
{
  g_autoptr (GPtrArray) waiting = g_steal_pointer (&self->waiting);

  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < waiting->len; i++)
    answer_task (self, waiting->pdata[i]);
}

static void
fetch_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (KvsIceCache) self = user_data;
  g_autoptr (GError) error = NULL;

  kvs_span_end (&self->span);
  if (!fetched (self, result, &error)
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    GST_WARNING_OBJECT (self, "no new TURN servers: %s", error->message);

  answer_all (self);
}

GPtrArray *
kvs_ice_cache_get_finish (KvsIceCache *self, GAsyncResult *result,
    GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

KvsSpan
kvs_ice_cache_get_span (KvsIceCache *self)
{
  return self->span;
}

void
kvs_ice_cache_stop (KvsIceCache *self)
{
  g_cancellable_cancel (self->cancellable);
}
