/* Viewers that come and go, each in one of three ways: it says goodbye, it is
 * gone without a word as a killed process is, or it never connects at all. What
 * the process holds is compared after the first hundred and after the last; the
 * viewers are in the same process, so what is flat is both ends. CHURN_JOINS is
 * how many come, in hundreds: 1000 by hand, see docs/RELIABILITY.md. */
#include "fixture.h"

#include "goodbye.h"
#include "holdings.h"
#include "offers.h"

#define JOINS 300
#define WAVE 100
#define AT_ONCE 10
/* Of a peer that leaked, a megabyte or so. GLib keeps the names that webrtcbin
 * gives its statistics, with each peer's SSRCs, addresses and numbers in them:
 * some 1.8 kB a join, of both ends. They lie scattered, so that pages are kept
 * for little. */
#define BYTES_A_JOIN 5000
#define RSS_KB_A_JOIN 50
/* A peer that never connects is given up after 30 s, a silent one earlier. */
#define SETTLING_S 90

#define SMALL_SOURCES                                                \
  "videotestsrc is-live=true ! video/x-raw,width=160,height=120,"    \
  "framerate=15/1 ! kinesiswebrtcbin name=k channel=test max-peers=" \
  "500 audiotestsrc is-live=true ! k."

typedef enum {
  LEAVES,
  VANISHES,
  NEVER_CONNECTS,
  WAYS
} Way;

typedef struct {
  Fixture f;
  char *offer; /* of one that never connects */
  guint never, connected, disconnected, refused;
} Churn;

static guint
churn_joins (void)
{
  const char *joins = g_getenv ("CHURN_JOINS");

  return joins ? (guint) g_ascii_strtoull (joins, NULL, 10) : JOINS;
}

/* Takes what is on the bus, which would grow; waits `patience` for the first. */
static void
take_messages (Churn *self, GstClockTime patience)
{
  GstMessage *message =
      gst_bus_timed_pop_filtered (self->f.bus, patience, GST_MESSAGE_ANY);

  for (; message; message = gst_bus_pop (self->f.bus)) {
    fail_if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR);
    self->connected +=
        gst_message_has_name (message, "kinesiswebrtc-peer-connected");
    self->disconnected +=
        gst_message_has_name (message, "kinesiswebrtc-peer-disconnected");
    self->refused +=
        gst_message_has_name (message, "kinesiswebrtc-peer-refused");
    gst_message_unref (message);
  }
}

static void
wait_connected (Churn *self, guint connected)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_S * G_TIME_SPAN_SECOND;

  while (self->connected < connected) {
    fail_if (g_get_monotonic_time () > end, "%u of %u connected",
        self->connected, connected);
    take_messages (self, 10 * GST_MSECOND);
  }
}

static void
leave (TestViewer *viewer)
{
  g_autoptr (GstElement) webrtc =
      gst_bin_get_by_name (GST_BIN (test_viewer_get_pipeline (viewer)),
          "viewer");

  gst_kvs_goodbye_say (webrtc);
}

static TestViewer *
start_viewer (Churn *self, guint number)
{
  g_autofree char *id = g_strdup_printf ("viewer-%u", number);
  TestViewer *viewer;

  if (number % WAYS == NEVER_CONNECTS) {
    test_memory_signaller_offer (self->f.signaller, id, self->offer);
    self->never++;
    return NULL;
  }
  viewer = test_viewer_new (self->f.signaller, id, TEST_VIEWER_VP8,
      TEST_VIEWER_OPUS);
  test_viewer_start (viewer);
  return viewer;
}

/* Some at once, which takes less time than one by one. */
static void
join (Churn *self, guint first)
{
  TestViewer *viewers[AT_ONCE];
  guint expected = self->connected;

  for (guint i = 0; i < AT_ONCE; i++) {
    viewers[i] = start_viewer (self, first + i);
    expected += viewers[i] != NULL;
  }
  wait_connected (self, expected);
  for (guint i = 0; i < AT_ONCE; i++) {
    if (!viewers[i])
      continue;
    if ((first + i) % WAYS == LEAVES)
      leave (viewers[i]);
    test_viewer_free (viewers[i]);
  }
}

static int
count_peers (Churn *self)
{
  GstStructure *stats;
  int peers;

  g_object_get (self->f.element, "stats", &stats, NULL);
  gst_structure_get_int (stats, "peers", &peers);
  gst_structure_free (stats);
  return peers;
}

static void
wait_all_gone (Churn *self)
{
  gint64 end = g_get_monotonic_time () + SETTLING_S * G_TIME_SPAN_SECOND;

  while (count_peers (self) > 0) {
    fail_if (g_get_monotonic_time () > end, "%d peers remain",
        count_peers (self));
    take_messages (self, 100 * GST_MSECOND);
  }
}

/* A wave, and what is held once all of it have gone. */
static Holdings
join_wave (Churn *self, guint first, const Holdings *wanted)
{
  Holdings now;

  for (guint i = first; i < first + WAVE; i += AT_ONCE)
    join (self, i);
  wait_all_gone (self);
  now = holdings_wait (wanted);
  g_printerr ("%4u joins: %u kB, %zu bytes of malloc, %u threads, %u files\n",
      first + WAVE, now.rss_kb, now.bytes, now.threads, now.files);
  return now;
}

/* Threads and files have been waited for. */
static void
assert_flat (const Holdings *settled, const Holdings *last, guint joins)
{
  fail_if (last->bytes > settled->bytes + (gsize) joins * BYTES_A_JOIN,
      "%zu bytes, before it was %zu", last->bytes, settled->bytes);
  fail_if (last->rss_kb > settled->rss_kb + joins * RSS_KB_A_JOIN,
      "%u kB, before it was %u", last->rss_kb, settled->rss_kb);
}

GST_START_TEST (test_a_churn_leaves_nothing)
{
  Churn self = { .offer = test_offer_load ("webrtcbin.sdp") };
  guint joins = churn_joins ();
  Holdings settled, last = { 0 };

  fixture_setup (&self.f, SMALL_SOURCES);
  settled = join_wave (&self, 0, NULL);
  for (guint i = WAVE; i < joins; i += WAVE)
    last = join_wave (&self, i, &settled);
  assert_flat (&settled, &last, joins - WAVE);
  take_messages (&self, 0);
  fail_unless_equals_int (self.refused, self.never);
  fail_unless_equals_int (self.disconnected, self.connected);
  fixture_teardown (&self.f);
  g_free (self.offer);
}

GST_END_TEST

static Suite *
churn_suite (void)
{
  Suite *suite = suite_create ("churn");
  TCase *tc = tcase_create ("joins and leaves");

  tcase_set_timeout (tc, 3600);
  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_a_churn_leaves_nothing);
  return suite;
}

int
main (int argc, char **argv)
{
  holdings_prepare ();
  g_test_init (&argc, &argv, NULL);
  return fixture_main (argc, argv, churn_suite ());
}
