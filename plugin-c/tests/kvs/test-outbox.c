#include "outbox.h"

#include <string.h>

/* What was sent, as text: "a1 a2 b1 ". */
static void
on_send (gpointer user_data, const char *frame)
{
  g_string_append_printf (user_data, "%s ", frame);
}

typedef struct {
  GString *sent;
  KvsOutbox *outbox;
} Fixture;

static Fixture
setup (void)
{
  Fixture fixture = { g_string_new (NULL), NULL };

  fixture.outbox = kvs_outbox_new (on_send, fixture.sent);
  return fixture;
}

static void
teardown (Fixture fixture)
{
  kvs_outbox_free (fixture.outbox);
  g_string_free (fixture.sent, TRUE);
}

static void
push (KvsOutbox *outbox, const char *peer, guint count)
{
  for (guint i = 0; i < count; i++)
    kvs_outbox_push_candidate (outbox, peer, peer);
}

static guint
count_words (const GString *sent)
{
  guint count = 0;

  for (gsize i = 0; i < sent->len; i++)
    count += sent->str[i] == ' ';
  return count;
}

static void
test_answer_before_candidates (void)
{
  Fixture f = setup ();

  kvs_outbox_add_peer (f.outbox, "a");
  push (f.outbox, "a", 2);
  g_assert_cmpint (kvs_outbox_flush (f.outbox, 0), ==, -1);
  g_assert_cmpstr (f.sent->str, ==, "");

  kvs_outbox_push_description (f.outbox, "a", "A");
  g_assert_cmpint (kvs_outbox_flush (f.outbox, 0), ==, -1);
  g_assert_cmpstr (f.sent->str, ==, "A a a ");
  teardown (f);
}

static void
test_takes_turns (void)
{
  Fixture f = setup ();

  kvs_outbox_push_description (f.outbox, "a", "A");
  push (f.outbox, "a", 3);
  kvs_outbox_push_description (f.outbox, "b", "B");
  push (f.outbox, "b", 2);
  kvs_outbox_flush (f.outbox, 0);
  g_assert_cmpstr (f.sent->str, ==, "A B a b a b a ");
  teardown (f);
}

static void
test_answer_overtakes_other_peers (void)
{
  Fixture f = setup ();

  kvs_outbox_push_description (f.outbox, "a", "A");
  push (f.outbox, "a", 100);
  g_assert_cmpint (kvs_outbox_flush (f.outbox, 0), >, 0);
  g_string_truncate (f.sent, 0);
  kvs_outbox_push_description (f.outbox, "b", "B");
  kvs_outbox_flush (f.outbox, 1);
  g_assert_cmpstr (f.sent->str, ==, "B ");
  teardown (f);
}

/* Whatever second one looks at, it never holds more than the quota. */
static void
test_pace (void)
{
  Fixture f = setup ();
  gint64 now = 1000000;
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof now);

  kvs_outbox_push_description (f.outbox, "a", "A");
  push (f.outbox, "a", 200);
  for (;;) {
    guint before = count_words (f.sent);
    gint64 wait = kvs_outbox_flush (f.outbox, now);

    for (guint i = before; i < count_words (f.sent); i++)
      g_array_append_val (times, now);
    if (wait < 0)
      break;
    g_assert_cmpint (wait, >, 0);
    now += wait;
  }

  g_assert_cmpuint (times->len, ==, 201);
  for (guint i = 1; i + 19 < times->len; i++)
    g_assert_cmpint (g_array_index (times, gint64, i + 19)
            - g_array_index (times, gint64, i),
        >, G_USEC_PER_SEC);
  teardown (f);
}

static void
test_descriptions_pace (void)
{
  Fixture f = setup ();

  for (guint i = 0; i < 6; i++) {
    g_autofree char *id = g_strdup_printf ("%u", i);

    kvs_outbox_push_description (f.outbox, id, "D");
  }
  g_assert_cmpint (kvs_outbox_flush (f.outbox, 0), ==, KVS_OUTBOX_WINDOW_US);
  g_assert_cmpuint (count_words (f.sent), ==, KVS_OUTBOX_DESCRIPTIONS);
  g_assert_cmpint (kvs_outbox_flush (f.outbox, KVS_OUTBOX_WINDOW_US), ==, -1);
  g_assert_cmpuint (count_words (f.sent), ==, 6);
  teardown (f);
}

static void
test_forgets (void)
{
  Fixture f = setup ();

  kvs_outbox_push_description (f.outbox, "a", "A");
  push (f.outbox, "a", 2);
  kvs_outbox_forget_peer (f.outbox, "a");
  kvs_outbox_forget_peer (f.outbox, "nobody");
  g_assert_false (kvs_outbox_push_candidate (f.outbox, "a", "late"));
  g_assert_cmpint (kvs_outbox_flush (f.outbox, 0), ==, -1);
  g_assert_cmpstr (f.sent->str, ==, "");
  teardown (f);
}

/* A page that reloads offers again under the same name. */
static void
test_begins_anew (void)
{
  Fixture f = setup ();

  kvs_outbox_push_description (f.outbox, "a", "A1");
  kvs_outbox_flush (f.outbox, 0);
  kvs_outbox_push_candidate (f.outbox, "a", "a1");
  kvs_outbox_add_peer (f.outbox, "a");
  kvs_outbox_push_candidate (f.outbox, "a", "a2");
  kvs_outbox_flush (f.outbox, 0);
  kvs_outbox_push_description (f.outbox, "a", "A2");
  kvs_outbox_flush (f.outbox, 0);
  g_assert_cmpstr (f.sent->str, ==, "A1 A2 a2 ");
  teardown (f);
}

static void
test_is_bounded (void)
{
  Fixture f = setup ();

  for (guint i = 0; i < 1000; i++) {
    g_autofree char *id = g_strdup_printf ("%u", i);

    kvs_outbox_add_peer (f.outbox, id);
  }
  g_assert_false (kvs_outbox_push_candidate (f.outbox, "0", "c"));
  g_assert_true (kvs_outbox_push_candidate (f.outbox, "999", "c"));
  push (f.outbox, "999", 1000);
  g_assert_false (kvs_outbox_push_candidate (f.outbox, "999", "c"));
  teardown (f);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/outbox/answer-before-candidates",
      test_answer_before_candidates);
  g_test_add_func ("/outbox/takes-turns", test_takes_turns);
  g_test_add_func ("/outbox/answer-overtakes-other-peers",
      test_answer_overtakes_other_peers);
  g_test_add_func ("/outbox/pace", test_pace);
  g_test_add_func ("/outbox/descriptions-pace", test_descriptions_pace);
  g_test_add_func ("/outbox/forgets", test_forgets);
  g_test_add_func ("/outbox/begins-anew", test_begins_anew);
  g_test_add_func ("/outbox/is-bounded", test_is_bounded);
  return g_test_run ();
}
