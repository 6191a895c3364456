/* Peers that send as much as they can of something: what it costs is bounded,
 * and a steady viewer does not notice. */
#include "fixture.h"

#include <gst/rtp/rtp.h>
#include <string.h>

#include "holdings.h"
#include "offers.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED /* ten times as slow, and memory says nothing */
#endif

#ifdef IS_SANITIZED
#define OFFERS 100
#define CANDIDATES (100 * 1000)
#else
#define OFFERS 300
#define CANDIDATES (1000 * 1000)
#endif
/* A peer on its way, with all that it holds; ten are let in, and 42 may be on
 * their way out. */
#define THREADS_A_PEER 8
#define FILES_A_PEER 16
#define MAX_PEERS 10
#define MAX_LEAVING 42
#define GARBAGE 10000

typedef struct {
  Fixture f;
  TestViewer *steady;
  Holdings before;
} Flood;

static void
assert_goes_on (TestViewer *viewer)
{
  fixture_wait_frames (viewer, test_viewer_get_video_frames (viewer) + 30, 0);
}

static void
setup (Flood *self)
{
  fixture_setup (&self->f, RAW_SOURCES);
  self->steady =
      test_viewer_new (self->f.signaller, "steady", TEST_VIEWER_VP8, NULL);
  test_viewer_start (self->steady);
  assert_goes_on (self->steady);
  self->before = holdings_read ();
}

static void
teardown (Flood *self)
{
  test_viewer_free (self->steady);
  fixture_teardown (&self->f);
}

/* The worker has done all that was queued before. */
static void
wait_worker (Flood *self)
{
  GstStructure *stats;

  g_object_get (self->f.element, "stats", &stats, NULL);
  gst_structure_free (stats);
}

static void
assert_bounded (Flood *self)
{
  guint peers = MAX_PEERS + MAX_LEAVING;
  Holdings now = holdings_read ();

  fail_if (now.threads > self->before.threads + peers * THREADS_A_PEER,
      "%u threads, before it was %u", now.threads, self->before.threads);
  fail_if (now.files > self->before.files + peers * FILES_A_PEER,
      "%u files, before it was %u", now.files, self->before.files);
}

/* A stream that was retransmitted for the first time has taken the steady viewer
 * a jitter buffer's two threads; a peer has seven. */
static void
assert_all_gone (Flood *self)
{
  Holdings wanted = self->before;

  wanted.threads += THREADS_A_PEER / 2;
  holdings_wait (&wanted);
}

/* Loop: from one client, and from as many as there are offers. Each can only
 * fail to connect. */
GST_START_TEST (test_a_flood_of_offers_hurts_nobody)
{
  Flood self;
  g_autofree char *offer = test_offer_load ("webrtcbin.sdp");

  setup (&self);
  for (guint i = 0; i < OFFERS; i++) {
    g_autofree char *id = g_strdup_printf ("flood-%u", __i__ ? i : 0);

    test_memory_signaller_offer (self.f.signaller, id, offer);
    wait_worker (&self);
    assert_bounded (&self);
  }
  assert_goes_on (self.steady);
  for (guint i = 0; i < OFFERS; i++) {
    g_autofree char *id = g_strdup_printf ("flood-%u", i);

    g_signal_emit_by_name (self.f.element, "disconnect-peer", id);
  }
  assert_all_gone (&self);
  assert_goes_on (self.steady);
  teardown (&self);
}

GST_END_TEST
/* Loop: for a peer that is there, and for one that is not. */
GST_START_TEST (test_a_million_candidates_are_forgotten)
{
  Flood self;

  setup (&self);
  for (guint i = 0; i < CANDIDATES; i++) {
    g_autofree char *candidate =
        g_strdup_printf ("candidate:%u 1 UDP 1 127.0.0.1 %u typ host", i,
            1024 + i % 60000);

    test_memory_signaller_candidate (self.f.signaller,
        __i__ ? "nobody" : "steady", candidate, 0);
    if (i % 1000 == 0)
      wait_worker (&self);
  }
  wait_worker (&self);
  assert_goes_on (self.steady);
#ifndef IS_SANITIZED
  fail_if (holdings_read ().rss_kb > self.before.rss_kb + 10 * 1000,
      "%u kB, before it was %u", holdings_read ().rss_kb, self.before.rss_kb);
#endif
  teardown (&self);
}

GST_END_TEST

/* Pushes what the peer's own stack would never send. */
static void
push (GstPad *pad, const guint8 *data, gsize size)
{
  gst_pad_chain (pad, gst_buffer_new_memdup (data, size));
}

/* The sink pad of the viewer's first element of that factory, by prefix. */
static GstPad *
find_pad (TestViewer *viewer, const char *factory, const char *prefix)
{
  g_autoptr (GstIterator) elements =
      gst_bin_iterate_all_by_element_factory_name (
          GST_BIN (test_viewer_get_pipeline (viewer)), factory);
  g_auto (GValue) item = G_VALUE_INIT;

  while (gst_iterator_next (elements, &item) == GST_ITERATOR_OK) {
    GstElement *element = g_value_get_object (&item);

    for (GList *l = element->sinkpads; l; l = l->next) {
      if (g_str_has_prefix (GST_PAD_NAME (l->data), prefix))
        return gst_object_ref (l->data);
    }
    g_value_reset (&item);
  }
  g_error ("the viewer has no %s with a %s", factory, prefix);
}

/* RFC 4585 section 6.3.1. */
static void
write_pli (guint8 *pli, guint32 media_ssrc)
{
  GST_WRITE_UINT32_BE (pli, 0x81ce0002);
  GST_WRITE_UINT32_BE (pli + 4, 1);
  GST_WRITE_UINT32_BE (pli + 8, media_ssrc);
}

/* As RTCP, encrypted, over the network. What comes of it is counted where it
 * arrives. */
GST_START_TEST (test_a_flood_of_pli_costs_three_key_frames_a_second)
{
  Flood self;
  g_autoptr (GstPad) rtcp = NULL;
  gint64 begin, end;
  guint8 pli[12];
  guint first, keys;

  setup (&self);
  rtcp = find_pad (self.steady, "srtpenc", "rtcp_sink_");
  write_pli (pli, test_viewer_get_video_ssrc (self.steady));
  begin = g_get_monotonic_time ();
  end = begin + PATIENCE_S * G_TIME_SPAN_SECOND;
  first = test_viewer_get_key_frames (self.steady);
  do {
    push (rtcp, pli, sizeof (pli));
    g_usleep (1000);
    keys = test_viewer_get_key_frames (self.steady) - first;
    fail_if (g_get_monotonic_time () > end, "only %u key frames", keys);
  } while (keys < 9);
  /* Three a second, and one that was under way. */
  fail_if (keys
          > 3 * (g_get_monotonic_time () - begin) / G_TIME_SPAN_SECOND + 1,
      "%u key frames in %d ms", keys,
      (int) ((g_get_monotonic_time () - begin) / 1000));
  assert_goes_on (self.steady);
  teardown (&self);
}

GST_END_TEST

/* What is neither STUN nor DTLS, by its first byte, is taken for SRTP or SRTCP
 * (RFC 7983): `second` makes it the one or the other. */
static void
push_garbage (GstPad *nice, guint8 second)
{
  guint8 packet[200];

  for (guint i = 0; i < sizeof (packet); i++)
    packet[i] = (guint8) g_random_int ();
  packet[0] = 0x80;
  packet[1] = second;
  push (nice, packet, sizeof (packet));
}

GST_START_TEST (test_garbage_for_srtp_hurts_nobody)
{
  Flood self;
  TestViewer *bad;
  g_autoptr (GstPad) nice = NULL;

  setup (&self);
  bad = test_viewer_new (self.f.signaller, "bad", TEST_VIEWER_VP8, NULL);
  test_viewer_start (bad);
  fixture_wait_frames (bad, 5, 0);
  nice = find_pad (bad, "nicesink", "sink");
  for (guint i = 0; i < GARBAGE; i++)
    push_garbage (nice, i % 2 ? 96 : 200);
  assert_goes_on (self.steady);
  assert_goes_on (bad);
#ifndef IS_SANITIZED
  fail_if (holdings_read ().rss_kb > self.before.rss_kb + 20 * 1000,
      "%u kB, before it was %u", holdings_read ().rss_kb, self.before.rss_kb);
#endif
  test_viewer_free (bad);
  teardown (&self);
}

GST_END_TEST

static Suite *
floods_suite (void)
{
  Suite *suite = suite_create ("floods");
  TCase *tc = tcase_create ("peers");

  tcase_set_timeout (tc, 180);
  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_a_flood_of_offers_hurts_nobody, 0, 2);
  tcase_add_loop_test (tc, test_a_million_candidates_are_forgotten, 0, 2);
  tcase_add_test (tc, test_a_flood_of_pli_costs_three_key_frames_a_second);
  tcase_add_test (tc, test_garbage_for_srtp_hurts_nobody);
  return suite;
}

int
main (int argc, char **argv)
{
  holdings_prepare ();
  g_test_init (&argc, &argv, NULL);
  return fixture_main (argc, argv, floods_suite ());
}
