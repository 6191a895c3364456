/* How far a peer has come, in words. */
#include "stall.h"

static void
test_tries_are_counted_by_kind (void)
{
  GstKvsTries tries = { 0 };
  static const char *const candidates[] = {
    "candidate:1 1 UDP 2015363327 192.0.2.1 50000 typ host",
    "candidate:2 1 TCP 1015021823 192.0.2.1 9 typ host tcptype active",
    "candidate:3 1 UDP 1679819007 198.51.100.1 50000 typ srflx raddr 192.0.2.1 "
    "rport 50000",
    "candidate:4 1 UDP 505413887 203.0.113.1 60000 typ relay raddr 0.0.0.0 "
    "rport 9",
    "candidate:5 1 UDP 1 192.0.2.1 1",
    "",
  };

  for (guint i = 0; i < G_N_ELEMENTS (candidates); i++)
    gst_kvs_tries_note (&tries, candidates[i]);
  g_assert_cmpuint (tries.host, ==, 2);
  g_assert_cmpuint (tries.reflexive, ==, 1);
  g_assert_cmpuint (tries.relay, ==, 1);
}

static void
test_each_stage_is_explained (void)
{
  static const struct {
    GstKvsStall stall;
    const char *name;
    const char *words;
  } rows[] = {
    { { .stage = GST_KVS_STAGE_ANSWER }, "answer",
        "the answer to its offer is not made yet" },
    { { .stage = GST_KVS_STAGE_ICE, .local = { 2, 1, 0 } }, "ICE",
        "the peer sent no ICE candidate" },
    { { .stage = GST_KVS_STAGE_ICE, .local = { 2, 1, 3 }, .remote = 4 }, "ICE",
        "no pair works of our candidates (2 host, 1 srflx, 3 relay) and the "
        "peer's 4" },
    { { .stage = GST_KVS_STAGE_ICE,
          .local = { 2, 0, 0 },
          .remote = 1,
          .trouble = "refused" },
        "ICE",
        "no pair works of our candidates (2 host, 0 srflx, 0 relay) and the "
        "peer's 1; no relay over TLS: refused" },
    { { .stage = GST_KVS_STAGE_DTLS }, "DTLS",
        "ICE found a path, and the DTLS handshake on it is not done" },
    { { .stage = GST_KVS_STAGE_FRAME,
          .missing = "VP8 key frame",
          .from = "the source" },
        "key frame",
        "it is connected, and no VP8 key frame has come from the source" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *words = gst_kvs_stall_explain (&rows[i].stall);

    g_assert_cmpstr (gst_kvs_stage_name (rows[i].stall.stage), ==,
        rows[i].name);
    g_assert_cmpstr (words, ==, rows[i].words);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stall/tries-are-counted-by-kind",
      test_tries_are_counted_by_kind);
  g_test_add_func ("/stall/each-stage-is-explained",
      test_each_stage_is_explained);
  return g_test_run ();
}
