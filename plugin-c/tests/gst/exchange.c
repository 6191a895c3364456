#include "exchange.h"

/* The two ends of the channel. */

#define TEST_TYPE_END (test_end_get_type ())
G_DECLARE_FINAL_TYPE (TestEnd, test_end, TEST, END, GObject)

struct _TestEnd {
  GObject parent;

  TestExchange *exchange;
  KvsWorker *worker;
  gboolean is_master;
  char *id;
  /* Worker only; NULL before start and after stop. */
  const KvsSignallerEvents *events;
  gpointer user_data;
};

struct _TestExchange {
  GObject parent;

  GMutex lock;
  GPtrArray *ends; /* of TestEnd, started and not stopped; no references */
  gboolean keeps_offers, passes_answers;
  guint n_offers;
  char *offer, *answer, *kept_from;
};

G_DEFINE_FINAL_TYPE (TestExchange, test_exchange, G_TYPE_OBJECT)

static void signaller_init (KvsSignallerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TestEnd, test_end, G_TYPE_OBJECT,
    G_IMPLEMENT_INTERFACE (KVS_TYPE_SIGNALLER, signaller_init))

static void
test_exchange_finalize (GObject *object)
{
  TestExchange *self = TEST_EXCHANGE (object);

  g_ptr_array_unref (self->ends);
  g_free (self->offer);
  g_free (self->answer);
  g_free (self->kept_from);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (test_exchange_parent_class)->finalize (object);
}

static void
test_exchange_class_init (TestExchangeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_exchange_finalize;
}

static void
test_exchange_init (TestExchange *self)
{
  g_mutex_init (&self->lock);
  self->ends = g_ptr_array_new ();
  self->keeps_offers = TRUE;
  self->passes_answers = TRUE;
}

TestExchange *
test_exchange_new (void)
{
  return g_object_new (TEST_TYPE_EXCHANGE, NULL);
}

static void
test_end_finalize (GObject *object)
{
  TestEnd *self = TEST_END (object);

  g_object_unref (self->exchange);
  g_object_unref (self->worker);
  g_free (self->id);
  G_OBJECT_CLASS (test_end_parent_class)->finalize (object);
}

static void
test_end_class_init (TestEndClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_end_finalize;
}

static void
test_end_init (TestEnd *self)
{
}

KvsSignaller *
test_exchange_signaller_new (KvsWorker *worker, const KvsConfig *config,
    gpointer exchange)
{
  TestEnd *self = g_object_new (TEST_TYPE_END, NULL);

  self->exchange = g_object_ref (exchange);
  self->worker = g_object_ref (worker);
  self->is_master = config->role == KVS_ROLE_MASTER;
  self->id = g_strdup (config->client_id);
  return KVS_SIGNALLER (self);
}

typedef enum {
  OFFER,
  ANSWER,
  CANDIDATE
} Kind;

typedef struct {
  TestEnd *to;
  Kind kind;
  char *from, *text, *mid;
  int mline_index;
} Delivery;

static void
delivery_free (gpointer data)
{
  Delivery *d = data;

  g_object_unref (d->to);
  g_free (d->from);
  g_free (d->text);
  g_free (d->mid);
  g_free (d);
}

static gboolean
deliver (gpointer data)
{
  Delivery *d = data;
  const KvsSignallerEvents *events = d->to->events;

  if (events && d->kind == OFFER)
    events->offer (d->to->user_data, d->from, d->text);
  else if (events && d->kind == ANSWER)
    events->answer (d->to->user_data, d->from, d->text);
  else if (events)
    events->candidate (d->to->user_data, d->from, d->text, d->mid,
        d->mline_index);
  return G_SOURCE_REMOVE;
}

static void
queue (TestEnd *to, Kind kind, const char *from, const char *text,
    const char *mid, int mline_index)
{
  Delivery *d = g_new0 (Delivery, 1);

  d->to = g_object_ref (to);
  d->kind = kind;
  d->from = g_strdup (from);
  d->text = g_strdup (text);
  d->mid = g_strdup (mid);
  d->mline_index = mline_index;
  kvs_worker_call (to->worker, deliver, d, delivery_free);
}

/* The master, or the viewer of that id; lock held. */
static TestEnd *
find_unlocked (TestExchange *self, const char *viewer)
{
  for (guint i = 0; i < self->ends->len; i++) {
    TestEnd *end = g_ptr_array_index (self->ends, i);

    if (viewer ? !end->is_master && g_str_equal (end->id, viewer)
               : end->is_master)
      return end;
  }
  return NULL;
}

static void
remember (char **field, const char *text)
{
  g_free (*field);
  *field = g_strdup (text);
}

static gboolean
join (gpointer data)
{
  TestEnd *self = data;
  TestExchange *exchange = self->exchange;

  if (!self->events)
    return G_SOURCE_REMOVE;
  g_mutex_lock (&exchange->lock);
  g_ptr_array_add (exchange->ends, self);
  g_mutex_unlock (&exchange->lock);
  self->events->state_changed (self->user_data, KVS_SIGNALLER_CONNECTED,
      "in memory", -1);
  g_mutex_lock (&exchange->lock);
  if (self->is_master && exchange->kept_from)
    queue (self, OFFER, exchange->kept_from, exchange->offer, NULL, 0);
  g_clear_pointer (&exchange->kept_from, g_free);
  g_mutex_unlock (&exchange->lock);
  return G_SOURCE_REMOVE;
}

static gboolean
reconnect (gpointer data)
{
  TestEnd *self = data;

  if (!self->events)
    return G_SOURCE_REMOVE;
  self->events->state_changed (self->user_data, KVS_SIGNALLER_RECONNECTING,
      "in memory", -1);
  self->events->state_changed (self->user_data, KVS_SIGNALLER_CONNECTED,
      "in memory", 0);
  return G_SOURCE_REMOVE;
}

static void
start (KvsSignaller *signaller, const KvsSignallerEvents *events,
    gpointer user_data)
{
  TestEnd *self = TEST_END (signaller);

  self->events = events;
  self->user_data = user_data;
  kvs_worker_call (self->worker, join, g_object_ref (self), g_object_unref);
}

static void
stop (KvsSignaller *signaller)
{
  TestEnd *self = TEST_END (signaller);

  self->events = NULL;
  g_mutex_lock (&self->exchange->lock);
  g_ptr_array_remove (self->exchange->ends, self);
  g_mutex_unlock (&self->exchange->lock);
}

static void
send_offer (KvsSignaller *signaller, const char *peer_id, const char *sdp)
{
  TestEnd *self = TEST_END (signaller);
  TestExchange *exchange = self->exchange;
  TestEnd *master;

  g_mutex_lock (&exchange->lock);
  exchange->n_offers++;
  remember (&exchange->offer, sdp);
  master = find_unlocked (exchange, NULL);
  if (master)
    queue (master, OFFER, self->id, sdp, NULL, 0);
  else if (exchange->keeps_offers)
    remember (&exchange->kept_from, self->id);
  g_mutex_unlock (&exchange->lock);
}

static void
send_answer (KvsSignaller *signaller, const char *peer_id, const char *sdp)
{
  TestExchange *exchange = TEST_END (signaller)->exchange;
  TestEnd *viewer;

  g_mutex_lock (&exchange->lock);
  remember (&exchange->answer, sdp);
  viewer = find_unlocked (exchange, peer_id);
  if (viewer && exchange->passes_answers)
    queue (viewer, ANSWER, "master", sdp, NULL, 0);
  g_mutex_unlock (&exchange->lock);
}

static void
send_candidate (KvsSignaller *signaller, const char *peer_id,
    const char *candidate, const char *mid, int mline_index)
{
  TestEnd *self = TEST_END (signaller);
  TestEnd *to;

  g_mutex_lock (&self->exchange->lock);
  to = find_unlocked (self->exchange, self->is_master ? peer_id : NULL);
  if (to)
    queue (to, CANDIDATE, self->is_master ? "master" : self->id, candidate, mid,
        mline_index);
  g_mutex_unlock (&self->exchange->lock);
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
  iface->send_offer = send_offer;
  iface->send_answer = send_answer;
  iface->send_candidate = send_candidate;
  iface->forget_peer = forget_peer;
  iface->get_ice_servers_async = get_ice_servers_async;
  iface->get_ice_servers_finish = get_ice_servers_finish;
  iface->set_credentials = set_credentials;
}

void
test_exchange_keep_offers (TestExchange *self, gboolean keep)
{
  g_mutex_lock (&self->lock);
  self->keeps_offers = keep;
  g_mutex_unlock (&self->lock);
}

void
test_exchange_pass_answers (TestExchange *self, gboolean pass)
{
  g_mutex_lock (&self->lock);
  self->passes_answers = pass;
  g_mutex_unlock (&self->lock);
}

void
test_exchange_reconnect (TestExchange *self)
{
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->ends->len; i++) {
    TestEnd *end = g_ptr_array_index (self->ends, i);

    kvs_worker_call (end->worker, reconnect, g_object_ref (end),
        g_object_unref);
  }
  g_mutex_unlock (&self->lock);
}

guint
test_exchange_count_offers (TestExchange *self)
{
  guint n;

  g_mutex_lock (&self->lock);
  n = self->n_offers;
  g_mutex_unlock (&self->lock);
  return n;
}

char *
test_exchange_get_offer (TestExchange *self)
{
  char *copy;

  g_mutex_lock (&self->lock);
  copy = g_strdup (self->offer);
  g_mutex_unlock (&self->lock);
  return copy;
}

char *
test_exchange_get_answer (TestExchange *self)
{
  char *copy;

  g_mutex_lock (&self->lock);
  copy = g_strdup (self->answer);
  g_mutex_unlock (&self->lock);
  return copy;
}

void
test_exchange_answer (TestExchange *self, const char *sdp)
{
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->ends->len; i++) {
    TestEnd *end = g_ptr_array_index (self->ends, i);

    if (!end->is_master)
      queue (end, ANSWER, "master", sdp, NULL, 0);
  }
  g_mutex_unlock (&self->lock);
}
