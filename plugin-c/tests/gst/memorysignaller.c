#include "memorysignaller.h"

typedef struct {
  const TestViewerEvents *events;
  gpointer viewer;
} Registration;

struct _TestMemorySignaller {
  GObject parent;

  KvsWorker *worker;
  const KvsSignallerEvents
      *events; /* worker only; NULL before start and after stop */
  gpointer user_data;

  GMutex lock;
  GHashTable *viewers; /* peer id → Registration */
};

static void signaller_init (KvsSignallerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TestMemorySignaller, test_memory_signaller,
    G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (KVS_TYPE_SIGNALLER, signaller_init))

static void
test_memory_signaller_finalize (GObject *object)
{
  TestMemorySignaller *self = TEST_MEMORY_SIGNALLER (object);

  g_hash_table_unref (self->viewers);
  g_mutex_clear (&self->lock);
  g_object_unref (self->worker);
  G_OBJECT_CLASS (test_memory_signaller_parent_class)->finalize (object);
}

static void
test_memory_signaller_class_init (TestMemorySignallerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_memory_signaller_finalize;
}

static void
test_memory_signaller_init (TestMemorySignaller *self)
{
  g_mutex_init (&self->lock);
  self->viewers =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

TestMemorySignaller *
test_memory_signaller_new (KvsWorker *worker)
{
  TestMemorySignaller *self = g_object_new (TEST_TYPE_MEMORY_SIGNALLER, NULL);

  self->worker = g_object_ref (worker);
  return self;
}

static gboolean
report_connected (gpointer data)
{
  TestMemorySignaller *self = data;

  if (self->events)
    self->events->state_changed (self->user_data, KVS_SIGNALLER_CONNECTED,
        "in memory", -1);
  return G_SOURCE_REMOVE;
}

static void
start (KvsSignaller *signaller, const KvsSignallerEvents *events,
    gpointer user_data)
{
  TestMemorySignaller *self = TEST_MEMORY_SIGNALLER (signaller);

  self->events = events;
  self->user_data = user_data;
  kvs_worker_call (self->worker, report_connected, g_object_ref (self),
      g_object_unref);
}

static void
stop (KvsSignaller *signaller)
{
  TEST_MEMORY_SIGNALLER (signaller)->events = NULL;
}

static gboolean
find (TestMemorySignaller *self, const char *peer_id, Registration *found)
{
  Registration *registration;

  g_mutex_lock (&self->lock);
  registration = g_hash_table_lookup (self->viewers, peer_id);
  if (registration)
    *found = *registration;
  g_mutex_unlock (&self->lock);
  return registration != NULL;
}

static void
send_answer (KvsSignaller *signaller, const char *peer_id, const char *sdp)
{
  Registration viewer;

  if (find (TEST_MEMORY_SIGNALLER (signaller), peer_id, &viewer))
    viewer.events->answer (viewer.viewer, sdp);
}

static void
send_candidate (KvsSignaller *signaller, const char *peer_id,
    const char *candidate, const char *mid, int mline_index)
{
  Registration viewer;

  if (find (TEST_MEMORY_SIGNALLER (signaller), peer_id, &viewer))
    viewer.events->candidate (viewer.viewer, candidate, mline_index);
}

static void
forget_peer (KvsSignaller *signaller, const char *peer_id)
{
}

static void
get_ice_servers_async (KvsSignaller *signaller, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task =
      g_task_new (signaller, cancellable, callback, user_data);

  g_task_return_pointer (task,
      g_ptr_array_new_with_free_func ((GDestroyNotify) kvs_ice_server_free),
      (GDestroyNotify) g_ptr_array_unref);
}

static GPtrArray *
get_ice_servers_finish (KvsSignaller *signaller, GAsyncResult *result,
    GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
set_credentials (KvsSignaller *signaller, const char *access_key,
    const char *secret_key, const char *session_token)
{
}

static void
signaller_init (KvsSignallerInterface *iface)
{
  iface->start = start;
  iface->stop = stop;
  iface->send_answer = send_answer;
  iface->send_candidate = send_candidate;
  iface->forget_peer = forget_peer;
  iface->get_ice_servers_async = get_ice_servers_async;
  iface->get_ice_servers_finish = get_ice_servers_finish;
  iface->set_credentials = set_credentials;
}

void
test_memory_signaller_register (TestMemorySignaller *self, const char *peer_id,
    const TestViewerEvents *events, gpointer viewer)
{
  g_mutex_lock (&self->lock);
  if (viewer) {
    Registration *registration = g_new0 (Registration, 1);

    registration->events = events;
    registration->viewer = viewer;
    g_hash_table_insert (self->viewers, g_strdup (peer_id), registration);
  } else {
    g_hash_table_remove (self->viewers, peer_id);
  }
  g_mutex_unlock (&self->lock);
}

typedef enum {
  OFFER,
  ANSWER,
  CANDIDATE
} Kind;

typedef struct {
  TestMemorySignaller *self;
  char *peer_id;
  char *text;
  Kind kind;
  int mline_index;
} Delivery;

static void
delivery_free (gpointer data)
{
  Delivery *delivery = data;

  g_object_unref (delivery->self);
  g_free (delivery->peer_id);
  g_free (delivery->text);
  g_free (delivery);
}

static gboolean
deliver (gpointer data)
{
  Delivery *delivery = data;
  TestMemorySignaller *self = delivery->self;

  if (!self->events)
    return G_SOURCE_REMOVE;
  if (delivery->kind == OFFER)
    self->events->offer (self->user_data, delivery->peer_id, delivery->text);
  else if (delivery->kind == ANSWER)
    self->events->answer (self->user_data, delivery->peer_id, delivery->text);
  else
    self->events->candidate (self->user_data, delivery->peer_id, delivery->text,
        NULL, delivery->mline_index);
  return G_SOURCE_REMOVE;
}

static void
queue_delivery (TestMemorySignaller *self, const char *peer_id,
    const char *text, Kind kind, int mline_index)
{
  Delivery *delivery = g_new0 (Delivery, 1);

  delivery->self = g_object_ref (self);
  delivery->peer_id = g_strdup (peer_id);
  delivery->text = g_strdup (text);
  delivery->kind = kind;
  delivery->mline_index = mline_index;
  kvs_worker_call (self->worker, deliver, delivery, delivery_free);
}

void
test_memory_signaller_offer (TestMemorySignaller *self, const char *peer_id,
    const char *sdp)
{
  queue_delivery (self, peer_id, sdp, OFFER, 0);
}

void
test_memory_signaller_answer (TestMemorySignaller *self, const char *peer_id,
    const char *sdp)
{
  queue_delivery (self, peer_id, sdp, ANSWER, 0);
}

void
test_memory_signaller_candidate (TestMemorySignaller *self, const char *peer_id,
    const char *candidate, int mline_index)
{
  queue_delivery (self, peer_id, candidate, CANDIDATE, mline_index);
}
