/* Two peers' channels, with a worker for both and a net thread for both. */
#include "channels.h"

#include <gst/gst.h>

#include "carry.h"
#include "wait.h"

typedef struct _Side {
  struct _Side *other;
  KvsWorker *worker;
  KvsWorker *net;
  GstKvsChannels *channels;
  GObject *owner; /* what is held as the events' user data */

  /* "opened label", "text label words"; worker only. */
  GPtrArray *log;
  char **answers; /* to the next text; worker only */
  const char *free_at;
} Side;

typedef struct {
  KvsWorker *worker;
  KvsWorker *net;
  Side a, b;
} Fixture;

static Side *
side_of (gpointer owner)
{
  return g_object_get_data (owner, "side");
}

static void
tell (Side *self, char *what)
{
  g_assert_true (kvs_worker_is_current (self->worker));
  g_ptr_array_add (self->log, what);
  if (self->free_at && g_str_has_prefix (what, self->free_at))
    g_clear_pointer (&self->channels, gst_kvs_channels_free);
}

static void
on_opened (gpointer owner, const char *label)
{
  tell (side_of (owner), g_strdup_printf ("opened %s", label));
}

static char **
on_text (gpointer owner, const char *label, const char *text)
{
  Side *self = side_of (owner);
  char **answers = g_steal_pointer (&self->answers);

  tell (self, g_strdup_printf ("text %s %s", label, text));
  return answers;
}

static const GstKvsChannelsEvents events = { on_opened, on_text };

static void
take (gpointer taker, const guint8 *data, gsize size)
{
  Side *self = taker;
  GstKvsChannels *channels = g_object_get_data (self->owner, "net-channels");

  if (channels)
    gst_kvs_channels_take (channels, data, size);
}

static void
on_send (gpointer user_data, const guint8 *data, gsize size)
{
  Side *self = user_data;

  g_assert_true (kvs_worker_is_current (self->net));
  carry (self->net, take, self->other, data, size);
}

static void
side_init (gpointer data, gpointer unused)
{
  Side *self = data;

  self->log = g_ptr_array_new_with_free_func (g_free);
  self->owner = g_object_new (G_TYPE_OBJECT, NULL);
  g_object_set_data (self->owner, "side", self);
  self->channels =
      gst_kvs_channels_new (self->worker, self->net, &events, self->owner);
  g_object_set_data (self->owner, "net-channels",
      gst_kvs_channels_ref (self->channels));
}

static void
side_disconnect (gpointer data, gpointer unused)
{
  Side *self = data;
  GstKvsChannels *channels = g_object_steal_data (self->owner, "net-channels");

  if (!channels)
    return;
  gst_kvs_channels_disconnect (channels);
  gst_kvs_channels_unref (channels);
}

static void
side_free (gpointer data, gpointer unused)
{
  Side *self = data;

  g_clear_pointer (&self->channels, gst_kvs_channels_free);
}

static void
side_clear (Side *self)
{
  /* Nothing holds it any more but the test. */
  g_assert_finalize_object (self->owner);
  g_ptr_array_unref (self->log);
  g_strfreev (self->answers);
}

static void
run (Side *self, GFunc func)
{
  g_assert_true (kvs_worker_call_wait (self->worker, func, self));
}

static void
run_on_net (Side *self, GFunc func)
{
  g_assert_true (kvs_worker_call_wait (self->net, func, self));
}

static void
fixture_setup (Fixture *f, gconstpointer unused)
{
  f->worker = kvs_worker_new ("worker");
  f->net = kvs_worker_new ("net");
  f->a = (Side){ .other = &f->b, .worker = f->worker, .net = f->net };
  f->b = (Side){ .other = &f->a, .worker = f->worker, .net = f->net };
  run (&f->a, side_init);
  run (&f->b, side_init);
}

static void
fixture_teardown (Fixture *f, gconstpointer unused)
{
  run (&f->a, side_free);
  run_on_net (&f->a, side_disconnect);
  run_on_net (&f->b, side_disconnect);
  run (&f->b, side_free);
  kvs_worker_stop (f->net);
  kvs_worker_stop (f->worker);
  side_clear (&f->a);
  side_clear (&f->b);
  g_assert_finalize_object (f->net);
  g_assert_finalize_object (f->worker);
}

static void
connect_side (gpointer data, gpointer unused)
{
  Side *self = data;
  gboolean is_client = self < self->other;

  gst_kvs_channels_connect (g_object_get_data (self->owner, "net-channels"),
      is_client, 5000, 5000, 65536, on_send, self);
}

static void
connect_sides (Fixture *f)
{
  run_on_net (&f->a, connect_side);
  run_on_net (&f->b, connect_side);
}

typedef struct {
  Side *side;
  const char *text;
  guint result;
} Call;

static void
count_log (gpointer data, gpointer unused)
{
  Call *call = data;

  call->result = 0;
  for (guint i = 0; i < call->side->log->len; i++)
    call->result +=
        g_str_has_prefix (g_ptr_array_index (call->side->log, i), call->text);
}

static void
create (gpointer data, gpointer unused)
{
  Call *call = data;

  gst_kvs_channels_create (call->side->channels, call->text);
}

static void
send (gpointer data, gpointer unused)
{
  Call *call = data;

  call->result = gst_kvs_channels_send (call->side->channels, call->text);
}

static void
count (gpointer data, gpointer unused)
{
  Call *call = data;

  call->result = gst_kvs_channels_count (call->side->channels);
}

static void
is_freed (gpointer data, gpointer unused)
{
  Call *call = data;

  call->result = !call->side->channels;
}

static guint
call (Side *side, GFunc func, const char *text)
{
  Call call = { side, text, 0 };

  g_assert_true (kvs_worker_call_wait (side->worker, func, &call));
  return call.result;
}

static void
report (gpointer data, gpointer unused)
{
  gst_kvs_channels_open (((Side *) data)->channels);
}

static void
test_both_ways (Fixture *f, gconstpointer unused)
{
  run (&f->a, report);
  run (&f->b, report);
  call (&f->a, create, "ours");
  connect_sides (f);
  call (&f->b, create, "theirs");
  WAIT_UNTIL (call (&f->a, count, NULL) == 2);
  WAIT_UNTIL (call (&f->b, count, NULL) == 2);
  g_assert_cmpuint (call (&f->a, count_log, "opened ours"), ==, 1);
  g_assert_cmpuint (call (&f->b, count_log, "opened theirs"), ==, 1);
  g_assert_cmpuint (call (&f->a, send, "hello"), ==, 2);
  WAIT_UNTIL (call (&f->b, count_log, "text ours hello") == 1);
  WAIT_UNTIL (call (&f->b, count_log, "text theirs hello") == 1);
}

static void
set_answers (gpointer data, gpointer unused)
{
  Side *self = data;

  self->answers = g_strdupv ((char *[]){ "one", "two", NULL });
}

static void
test_answers (Fixture *f, gconstpointer unused)
{
  run (&f->a, report);
  run (&f->b, report);
  call (&f->a, create, "asked");
  connect_sides (f);
  WAIT_UNTIL (call (&f->a, count, NULL) == 1);
  run (&f->b, set_answers);
  call (&f->a, send, "question");
  WAIT_UNTIL (call (&f->a, count_log, "text asked two") == 1);
  g_assert_cmpuint (call (&f->a, count_log, "text asked one"), ==, 1);
  call (&f->a, create, "other");
  WAIT_UNTIL (call (&f->a, count, NULL) == 2);
  g_assert_cmpuint (call (&f->a, count_log, "text "), ==, 2);
}

/* Until the peer is reported nothing is; then in the order it came. */
static void
test_early (Fixture *f, gconstpointer unused)
{
  run (&f->b, report);
  call (&f->b, create, "early");
  connect_sides (f);
  WAIT_UNTIL (call (&f->b, count, NULL) == 1);
  for (guint i = 0; i < 20; i++)
    call (&f->b, send, "text");
  /* A channel that opened behind them is there with all of them. */
  call (&f->b, create, "later");
  WAIT_UNTIL (call (&f->a, count, NULL) == 2);
  g_assert_cmpuint (call (&f->a, count_log, ""), ==, 0);
  run (&f->a, report);
  g_assert_cmpuint (call (&f->a, count_log, "opened "), ==, 2);
  g_assert_cmpuint (call (&f->a, count_log, "text early text"), ==, 16);
  g_assert_cmpstr (g_ptr_array_index (f->a.log, 0), ==, "opened early");
  call (&f->b, send, "now");
  WAIT_UNTIL (call (&f->a, count_log, "text early now") == 1);
}

/* Far fewer than come; and those of a later second pass again. */
static void
test_rate (Fixture *f, gconstpointer unused)
{
  guint passed;

  run (&f->a, report);
  run (&f->b, report);
  call (&f->b, create, "fast");
  connect_sides (f);
  WAIT_UNTIL (call (&f->b, count, NULL) == 1);
  for (guint i = 0; i < 400; i++)
    call (&f->b, send, "fast");
  WAIT_UNTIL (call (&f->b, send, "later") == 1
      && call (&f->a, count_log, "text fast later") > 0);
  passed = call (&f->a, count_log, "text fast fast");
  g_assert_cmpuint (passed, >=, 50);
  g_assert_cmpuint (passed, <, 400);
}

static void
test_goes (Fixture *f, gconstpointer unused)
{
  run (&f->a, report);
  run (&f->b, report);
  call (&f->a, create, "one");
  connect_sides (f);
  WAIT_UNTIL (call (&f->b, count, NULL) == 1);
  run_on_net (&f->a, side_disconnect);
  WAIT_UNTIL (call (&f->b, count, NULL) == 0);
  g_assert_cmpuint (call (&f->b, send, "nobody"), ==, 0);
  /* Its own side does not hear of it: whoever disconnects knows. */
  call (&f->a, send, "nowhere");
}

static void
take_early_packet (gpointer data, gpointer unused)
{
  static const guint8 packet[32];
  Side *self = data;

  gst_kvs_channels_take (self->channels, packet, sizeof packet);
}

static void
test_never_connected (Fixture *f, gconstpointer unused)
{
  call (&f->a, create, "never");
  run (&f->a, report);
  g_assert_cmpuint (call (&f->a, send, "nobody"), ==, 0);
  run_on_net (&f->a, take_early_packet);
}

static void
test_freed_within (Fixture *f, gconstpointer event)
{
  f->a.free_at = event;
  run (&f->b, report);
  call (&f->b, create, "one");
  call (&f->b, create, "two");
  connect_sides (f);
  WAIT_UNTIL (call (&f->a, count, NULL) == 2);
  call (&f->b, send, "text");
  call (&f->b, send, "more");
  run (&f->a, report);
  WAIT_UNTIL (call (&f->a, is_freed, NULL));
  g_assert_cmpuint (call (&f->a, count_log, event), ==, 1);
}

static void
add (const char *name, gconstpointer data,
    void (*test) (Fixture *f, gconstpointer data))
{
  g_autofree char *path = g_strdup_printf ("/channels/%s", name);

  g_test_add (path, Fixture, data, fixture_setup, test, fixture_teardown);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  add ("carry texts both ways", NULL, test_both_ways);
  add ("answer on the channel that asked", NULL, test_answers);
  add ("keep what comes before the peer is known", NULL, test_early);
  add ("drop what comes too fast", NULL, test_rate);
  add ("are gone with the peer", NULL, test_goes);
  add ("may never be connected", NULL, test_never_connected);
  add ("may be freed within opened", "opened ", test_freed_within);
  add ("may be freed within text", "text ", test_freed_within);
  return g_test_run ();
}
