/* How many candidates are kept for whom, and for how long. */
#include <glib.h>

#include "earlycandidates.h"

/* Stands in for the peer: it remembers what it was given. */
struct _GstKvsPeer {
  const char *id;
  GString *given; /* "candidate/mid/index " each */
};

const char *
gst_kvs_peer_get_id (GstKvsPeer *self)
{
  return self->id;
}

void
gst_kvs_peer_add_candidate (GstKvsPeer *self, const char *candidate,
    const char *mid, int mline_index)
{
  g_string_append_printf (self->given, "%s/%s/%d ", candidate,
      mid ? mid : "none", mline_index);
}

/* The linker puts it in the place of GLib's. */
gint64 __wrap_g_get_monotonic_time (void);
static gint64 now_us;

gint64
__wrap_g_get_monotonic_time (void)
{
  return now_us;
}

static char *
deliver (GstKvsEarlyCandidates *early, const char *id)
{
  GstKvsPeer peer = { id, g_string_new (NULL) };

  gst_kvs_early_candidates_deliver (early, &peer);
  return g_string_free (peer.given, FALSE);
}

static guint
count (GstKvsEarlyCandidates *early, const char *id)
{
  g_autofree char *given = deliver (early, id);
  guint n = 0;

  for (const char *c = given; *c; c++)
    n += *c == ' ';
  return n;
}

static void
keep (GstKvsEarlyCandidates *early, const char *id)
{
  gst_kvs_early_candidates_keep (early, id, "c", "0", 0);
}

static void
test_everyone_gets_their_own_once (void)
{
  GstKvsEarlyCandidates *early = gst_kvs_early_candidates_new ();
  g_autofree char *a = NULL;
  g_autofree char *b = NULL;

  gst_kvs_early_candidates_keep (early, "a", "1", "audio", 0);
  gst_kvs_early_candidates_keep (early, "b", "2", NULL, -1);
  gst_kvs_early_candidates_keep (early, "a", "3", "video", 1);
  a = deliver (early, "a");
  b = deliver (early, "b");
  g_assert_cmpstr (a, ==, "1/audio/0 3/video/1 ");
  g_assert_cmpstr (b, ==, "2/none/-1 ");
  g_assert_cmpuint (count (early, "a"), ==, 0);
  g_assert_cmpuint (count (early, "stranger"), ==, 0);
  gst_kvs_early_candidates_free (early);
}

static void
test_forgotten_ones_are_gone (void)
{
  GstKvsEarlyCandidates *early = gst_kvs_early_candidates_new ();

  keep (early, "a");
  keep (early, "b");
  gst_kvs_early_candidates_forget (early, "a");
  gst_kvs_early_candidates_forget (early, "stranger");
  g_assert_cmpuint (count (early, "a"), ==, 0);
  g_assert_cmpuint (count (early, "b"), ==, 1);
  gst_kvs_early_candidates_free (early);
}

static void
test_one_peer_fills_only_its_own_share (void)
{
  GstKvsEarlyCandidates *early = gst_kvs_early_candidates_new ();

  for (guint i = 0; i < 10000; i++)
    keep (early, "flood");
  keep (early, "honest");
  g_assert_cmpuint (count (early, "flood"), ==, 32);
  g_assert_cmpuint (count (early, "honest"), ==, 1);
  gst_kvs_early_candidates_free (early);
}

static void
keep_for_many (GstKvsEarlyCandidates *early, guint n)
{
  for (guint i = 0; i < n; i++) {
    g_autofree char *id = g_strdup_printf ("peer-%u", i);

    keep (early, id);
  }
}

static void
test_a_crowd_is_bounded_until_it_is_old (void)
{
  GstKvsEarlyCandidates *early = gst_kvs_early_candidates_new ();

  keep_for_many (early, 1000);
  keep (early, "late");
  g_assert_cmpuint (count (early, "late"), ==, 0);

  now_us += 29 * G_TIME_SPAN_SECOND;
  keep (early, "late");
  g_assert_cmpuint (count (early, "late"), ==, 0);
  g_assert_cmpuint (count (early, "peer-15"), ==, 1);

  now_us += 2 * G_TIME_SPAN_SECOND;
  keep (early, "late");
  g_assert_cmpuint (count (early, "late"), ==, 1);
  g_assert_cmpuint (count (early, "peer-0"), ==, 0);
  gst_kvs_early_candidates_free (early);
}

static void
test_a_place_is_free_again_after_delivery (void)
{
  GstKvsEarlyCandidates *early = gst_kvs_early_candidates_new ();

  keep_for_many (early, 16);
  g_assert_cmpuint (count (early, "peer-3"), ==, 1);
  keep (early, "late");
  keep (early, "too-late");
  g_assert_cmpuint (count (early, "late"), ==, 1);
  g_assert_cmpuint (count (early, "too-late"), ==, 0);
  gst_kvs_early_candidates_free (early);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/earlycandidates/everyone-gets-their-own-once",
      test_everyone_gets_their_own_once);
  g_test_add_func ("/earlycandidates/forgotten-ones-are-gone",
      test_forgotten_ones_are_gone);
  g_test_add_func ("/earlycandidates/one-peer-fills-only-its-own-share",
      test_one_peer_fills_only_its_own_share);
  g_test_add_func ("/earlycandidates/a-crowd-is-bounded-until-it-is-old",
      test_a_crowd_is_bounded_until_it_is_old);
  g_test_add_func ("/earlycandidates/a-place-is-free-again-after-delivery",
      test_a_place_is_free_again_after_delivery);
  return g_test_run ();
}
