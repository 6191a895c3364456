/* Associations of several threads at once, as where a process has several
 * elements: usrsctp has one state for all of them. */
#include "association.h"
#include "carry.h"
#include "wait.h"
#include "worker.h"

#define PAIRS 8
#define TEXTS 200
#define CHURNS 60

typedef struct _End {
  KvsWorker *worker;
  struct _End *other;
  gboolean is_client;
  RtcAssociation *association; /* of its worker only, as all that follows */
  guint channel;
  int received; /* atomic */
  int lost;     /* atomic */
} End;

static void
take (gpointer taker, const guint8 *data, gsize size)
{
  End *self = taker;

  if (self->association)
    rtc_association_take (self->association, data, size);
}

static void
on_send (gpointer user_data, const guint8 *data, gsize size)
{
  End *self = user_data;

  g_assert_true (kvs_worker_is_current (self->worker));
  carry (self->other->worker, take, self->other, data, size);
}

static void
on_opened (gpointer user_data, guint channel, const char *label)
{
  End *self = user_data;

  g_assert_true (kvs_worker_is_current (self->worker));
  self->channel = channel;
  for (guint i = 0; i < TEXTS; i++)
    g_assert_true (
        rtc_association_send_text (self->association, channel, "text"));
}

static void
on_text (gpointer user_data, guint channel, const char *text)
{
  End *self = user_data;

  g_assert_true (kvs_worker_is_current (self->worker));
  g_atomic_int_inc (&self->received);
}

static void
on_closed (gpointer user_data, guint channel)
{
}

static void
on_lost (gpointer user_data)
{
  End *self = user_data;

  g_assert_true (kvs_worker_is_current (self->worker));
  g_atomic_int_inc (&self->lost);
}

static const RtcAssociationEvents events = { on_send, on_opened, on_text,
  on_closed, on_lost };

static gboolean
start (gpointer data)
{
  End *self = data;

  self->association = rtc_association_new (self->is_client, &events, self);
  g_assert_true (
      rtc_association_connect (self->association, 5000, 5000, 65536));
  if (self->is_client)
    rtc_association_open_channel (self->association, "channel");
  return G_SOURCE_REMOVE;
}

static void
end (gpointer data, gpointer unused)
{
  End *self = data;

  g_clear_pointer (&self->association, rtc_association_free);
}

static void
make_pair (End pair[2], KvsWorker *one, KvsWorker *two)
{
  pair[0] = (End){ .worker = one, .other = &pair[1], .is_client = TRUE };
  pair[1] = (End){ .worker = two, .other = &pair[0] };
  kvs_worker_call (one, start, &pair[0], NULL);
  kvs_worker_call (two, start, &pair[1], NULL);
}

static gboolean
has_all (End pair[2])
{
  return g_atomic_int_get (&pair[0].received) == TEXTS
      && g_atomic_int_get (&pair[1].received) == TEXTS;
}

static void
end_pair (End pair[2])
{
  for (guint i = 0; i < 2; i++)
    g_assert_true (kvs_worker_call_wait (pair[i].worker, end, &pair[i]));
}

/* Within one thread, and from one to the other. */
static void
test_side_by_side (void)
{
  g_autoptr (KvsWorker) one = kvs_worker_new ("one");
  g_autoptr (KvsWorker) two = kvs_worker_new ("two");
  End pairs[PAIRS][2];

  for (guint i = 0; i < PAIRS; i++)
    make_pair (pairs[i], i % 2 ? one : two, i % 4 < 2 ? one : two);
  for (guint i = 0; i < PAIRS; i++)
    WAIT_UNTIL (has_all (pairs[i]));
  for (guint i = 0; i < PAIRS; i++)
    end_pair (pairs[i]);
  kvs_worker_stop (one);
  kvs_worker_stop (two);
}

static gboolean
churn (gpointer data)
{
  End *self = data;

  start (self);
  end (self, NULL);
  return G_SOURCE_REMOVE;
}

/* Some come and go on both threads all the time. */
static void
test_churn (void)
{
  g_autoptr (KvsWorker) one = kvs_worker_new ("one");
  g_autoptr (KvsWorker) two = kvs_worker_new ("two");
  End lasting[2], passing[2];

  make_pair (lasting, one, two);
  passing[0] = (End){ .worker = one, .other = &passing[1], .is_client = TRUE };
  passing[1] = (End){ .worker = two, .other = &passing[0] };
  for (guint i = 0; i < CHURNS; i++) {
    kvs_worker_call (one, churn, &passing[0], NULL);
    kvs_worker_call (two, churn, &passing[1], NULL);
  }
  WAIT_UNTIL (has_all (lasting));
  end_pair (lasting);
  kvs_worker_stop (one);
  kvs_worker_stop (two);
}

typedef struct {
  GMutex lock;
  GCond cond;
  gboolean is_held; /* under lock, as the next */
  gboolean is_over;
} Hold;

static gboolean
hold (gpointer data)
{
  Hold *hold = data;

  g_mutex_lock (&hold->lock);
  hold->is_held = TRUE;
  g_cond_broadcast (&hold->cond);
  while (!hold->is_over)
    g_cond_wait (&hold->cond, &hold->lock);
  g_mutex_unlock (&hold->lock);
  return G_SOURCE_REMOVE;
}

static void
begin_hold (Hold *self, KvsWorker *worker)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  kvs_worker_call (worker, hold, self, NULL);
  g_mutex_lock (&self->lock);
  while (!self->is_held)
    g_cond_wait (&self->cond, &self->lock);
  g_mutex_unlock (&self->lock);
}

static void
end_hold (Hold *self)
{
  g_mutex_lock (&self->lock);
  self->is_over = TRUE;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
}

static void
test_held_up (void)
{
  g_autoptr (KvsWorker) one = kvs_worker_new ("one");
  g_autoptr (KvsWorker) two = kvs_worker_new ("two");
  End held[2], free[2];
  Hold hold = { 0 };

  make_pair (held, one, two);
  WAIT_UNTIL (has_all (held));
  begin_hold (&hold, one);
  make_pair (free, two, two);
  WAIT_UNTIL (has_all (free));
  end_hold (&hold);
  end_pair (free);
  end_pair (held);
  kvs_worker_stop (one);
  kvs_worker_stop (two);
  g_mutex_clear (&hold.lock);
  g_cond_clear (&hold.cond);
}

/* A goodbye from one thread to the other. */
static void
test_goodbye (void)
{
  g_autoptr (KvsWorker) one = kvs_worker_new ("one");
  g_autoptr (KvsWorker) two = kvs_worker_new ("two");
  End pair[2];

  make_pair (pair, one, two);
  WAIT_UNTIL (has_all (pair));
  g_assert_true (kvs_worker_call_wait (one, end, &pair[0]));
  WAIT_UNTIL (g_atomic_int_get (&pair[1].lost) == 1);
  end_pair (pair);
  kvs_worker_stop (one);
  kvs_worker_stop (two);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/associationthreads/go side by side", test_side_by_side);
  g_test_add_func ("/associationthreads/come and go", test_churn);
  g_test_add_func ("/associationthreads/do not wait for one that is held up",
      test_held_up);
  g_test_add_func ("/associationthreads/say goodbye across", test_goodbye);
  return g_test_run ();
}
