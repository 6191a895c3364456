/* Who is sent which size, and what each is made at, by what paths are like. */
#include "ladder.h"

#define MAX_SEATS 4
#define KBIT 1000

typedef struct {
  GstKvsLadder ladder;
  GstKvsSeat seats[MAX_SEATS];
  guint n_seats;
  gint64 now_us;
} Fixture;

/* 2 Mbit/s, in three sizes: up to 2000, 600 and 200 kbit/s. */
static void
setup (Fixture *f, GstKvsBitratePolicy policy, guint n_rungs, guint n_seats)
{
  GstKvsLadderSettings settings = { .policy = policy,
    .n_rungs = n_rungs,
    .bitrate = 2000 * KBIT,
    .min_bitrate = 100 * KBIT,
    .thin_percent = 72 };

  *f = (Fixture){ .n_seats = n_seats, .now_us = 1000 };
  gst_kvs_ladder_set (&f->ladder, &settings);
  for (guint i = 0; i < n_seats; i++)
    gst_kvs_seat_init (&f->seats[i]);
}

static void
run (Fixture *f, guint seconds)
{
  GstKvsSeat *seats[MAX_SEATS];

  for (guint i = 0; i < f->n_seats; i++)
    seats[i] = &f->seats[i];
  for (; seconds > 0; seconds--) {
    gst_kvs_ladder_update (&f->ladder, seats, f->n_seats, f->now_us);
    f->now_us += G_USEC_PER_SEC;
  }
}

static void
set_path (Fixture *f, guint seat, guint kbit)
{
  f->seats[seat].estimate = (guint64) kbit * KBIT;
}

static guint
kbit_of (Fixture *f, guint rung)
{
  return f->ladder.bitrates[rung] / KBIT;
}

static void
test_bitrate_follows_the_policy (void)
{
  static const struct {
    GstKvsBitratePolicy policy;
    guint paths[MAX_SEATS]; /* kbit/s */
    guint least, most;      /* of the bitrate after a while, kbit/s */
  } table[] = {
    { GST_KVS_BITRATE_MAX, { 400, 900, 5000, 700 }, 2000, 2000 },
    { GST_KVS_BITRATE_MAX, { 400, 900, 800, 1000 }, 900, 950 },
    { GST_KVS_BITRATE_MAX, { 400, 0, 800, 700 }, 2000, 2000 },
    { GST_KVS_BITRATE_MEDIAN, { 400, 900, 5000, 700 }, 630, 665 },
    { GST_KVS_BITRATE_MEDIAN, { 5000, 900, 5000, 700 }, 810, 855 },
    { GST_KVS_BITRATE_MEDIAN, { 0, 0, 700, 0 }, 2000, 2000 },
    { GST_KVS_BITRATE_MIN, { 400, 900, 5000, 700 }, 360, 380 },
    { GST_KVS_BITRATE_MIN, { 0, 0, 0, 300 }, 270, 285 },
    /* Never below the least that was asked for. */
    { GST_KVS_BITRATE_MIN, { 20, 900, 900, 900 }, 100, 100 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++) {
    Fixture f;

    setup (&f, table[i].policy, 1, MAX_SEATS);
    for (guint seat = 0; seat < MAX_SEATS; seat++)
      set_path (&f, seat, table[i].paths[seat]);
    run (&f, 10);
    g_test_message ("row %u: %u", i, kbit_of (&f, 0));
    g_assert_cmpuint (kbit_of (&f, 0), >=, table[i].least);
    g_assert_cmpuint (kbit_of (&f, 0), <=, table[i].most);
  }
}

static void
test_bitrate_falls_at_once_and_rises_in_steps (void)
{
  Fixture f;

  setup (&f, GST_KVS_BITRATE_MAX, 1, 1);
  run (&f, 1);
  g_assert_cmpuint (kbit_of (&f, 0), ==, 2000);
  set_path (&f, 0, 1000);
  run (&f, 1);
  g_assert_cmpuint (kbit_of (&f, 0), ==, 900);
  /* What goes up and down a little moves nothing. */
  set_path (&f, 0, 940);
  run (&f, 5);
  g_assert_cmpuint (kbit_of (&f, 0), ==, 900);
  set_path (&f, 0, 5000);
  run (&f, 1);
  g_assert_cmpuint (kbit_of (&f, 0), ==, 1125);
  run (&f, 3);
  g_assert_cmpuint (kbit_of (&f, 0), ==, 2000);
}

/* An estimate that is a tenth more than what is sent, as of a path that has
 * not been found full, must not pull the bitrate down. */
static void
test_bitrate_does_not_sink_by_itself (void)
{
  Fixture f;

  setup (&f, GST_KVS_BITRATE_MAX, 1, 1);
  set_path (&f, 0, 500);
  run (&f, 2);
  for (guint i = 0; i < 60; i++) {
    set_path (&f, 0, kbit_of (&f, 0) * 110 / 100 + 1);
    run (&f, 1);
  }
  g_assert_cmpuint (kbit_of (&f, 0), >, 1900);
}

static void
test_a_thin_path_among_wide_ones (void)
{
  static const struct {
    guint path, rung; /* kbit/s */
  } table[] = { { 1500, 0 }, { 1300, 1 }, { 700, 1 }, { 300, 1 }, { 190, 2 },
    { 50, 2 } };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++) {
    Fixture f;

    setup (&f, GST_KVS_BITRATE_MAX, 3, 3);
    set_path (&f, 0, 5000);
    set_path (&f, 1, 5000);
    run (&f, 1);
    set_path (&f, 2, table[i].path);
    run (&f, 1);
    g_assert_cmpuint (f.seats[2].rung, ==, 0);
    run (&f, 2);
    g_assert_cmpuint (f.seats[2].rung, ==, table[i].rung);
    /* Nobody else notices. */
    g_assert_cmpuint (f.seats[0].rung, ==, 0);
    g_assert_cmpuint (kbit_of (&f, 0), ==, 2000);
    /* The smaller picture is made for the path there is. */
    if (table[i].rung > 0)
      g_assert_cmpuint (kbit_of (&f, table[i].rung), <=,
          MAX (table[i].path, 100));
  }
}

static void
test_alone_the_encoder_is_lowered_first (void)
{
  Fixture f;

  setup (&f, GST_KVS_BITRATE_MAX, 3, 1);
  set_path (&f, 0, 800);
  run (&f, 10);
  g_assert_cmpuint (f.seats[0].rung, ==, 0);
  g_assert_cmpuint (kbit_of (&f, 0), ==, 760);
  set_path (&f, 0, 400);
  run (&f, 2);
  g_assert_cmpuint (f.seats[0].rung, ==, 1);
  g_assert_cmpuint (kbit_of (&f, 1), ==, 360);
  set_path (&f, 0, 150);
  run (&f, 2);
  g_assert_cmpuint (f.seats[0].rung, ==, 2);
}

static void
test_a_short_dip_is_no_reason (void)
{
  Fixture f;

  setup (&f, GST_KVS_BITRATE_MAX, 3, 2);
  set_path (&f, 0, 5000);
  for (guint i = 0; i < 10; i++) {
    set_path (&f, 1, 300);
    run (&f, 1);
    set_path (&f, 1, 2500);
    run (&f, 1);
  }
  g_assert_cmpuint (f.seats[1].rung, ==, 0);
}

/* Of an estimate that looks for what is wanted, or goes only a little further
 * than what is sent, when the path itself has so much. */
static void
follow_path (Fixture *f, guint seat, gboolean looks, guint path, guint seconds)
{
  for (; seconds > 0; seconds--) {
    guint sent = kbit_of (f, f->seats[seat].rung);
    guint seen = looks ? MAX (sent, f->seats[seat].wanted / KBIT) : sent;

    set_path (f, seat, MIN (path, seen * 110 / 100));
    run (f, 1);
  }
}

static void
test_rises_when_the_limit_is_gone (gconstpointer looks)
{
  Fixture f;

  setup (&f, GST_KVS_BITRATE_MAX, 3, 2);
  set_path (&f, 0, 5000);
  follow_path (&f, 1, looks != NULL, 300, 20);
  g_assert_cmpuint (f.seats[1].rung, ==, 1);
  follow_path (&f, 1, looks != NULL, 5000, looks ? 7 : 25);
  g_assert_cmpuint (f.seats[1].rung, ==, 0);
  follow_path (&f, 1, looks != NULL, 5000, 60);
  g_assert_cmpuint (f.seats[1].rung, ==, 0);
}

static void
test_tries_less_and_less_often (void)
{
  Fixture f;
  guint n_rises = 0, rung;

  setup (&f, GST_KVS_BITRATE_MAX, 2, 2);
  set_path (&f, 0, 5000);
  follow_path (&f, 1, FALSE, 1000, 5);
  g_assert_cmpuint (f.seats[1].rung, ==, 1);
  for (guint i = 0; i < 300; i++) {
    rung = f.seats[1].rung;
    follow_path (&f, 1, FALSE, 1000, 1);
    n_rises += f.seats[1].rung < rung;
  }
  g_assert_cmpuint (n_rises, >=, 3);
  g_assert_cmpuint (n_rises, <=, 8);
  g_assert_cmpint (f.seats[1].patience_us, ==, 60 * G_USEC_PER_SEC);
}

static void
test_without_an_estimate_nobody_moves (void)
{
  Fixture f;

  setup (&f, GST_KVS_BITRATE_MIN, 3, 2);
  run (&f, 100);
  g_assert_cmpuint (f.seats[0].rung, ==, 0);
  g_assert_cmpuint (kbit_of (&f, 0), ==, 2000);
}

static void
test_fewer_rungs_than_before (void)
{
  GstKvsLadderSettings settings;
  Fixture f;

  setup (&f, GST_KVS_BITRATE_MAX, 3, 1);
  set_path (&f, 0, 50);
  run (&f, 3);
  g_assert_cmpuint (f.seats[0].rung, ==, 2);
  settings = f.ladder.settings;
  settings.n_rungs = 1;
  gst_kvs_ladder_set (&f.ladder, &settings);
  run (&f, 1);
  g_assert_cmpuint (f.seats[0].rung, ==, 0);
  g_assert_cmpuint (kbit_of (&f, 0), ==, 100);
}

/* What is wanted may be less than the least, and there may be nobody. */
static void
test_strange_settings (void)
{
  GstKvsLadderSettings settings = { .n_rungs = 9,
    .bitrate = 0,
    .min_bitrate = 0,
    .thin_percent = 100 };
  Fixture f = { .n_seats = 1, .now_us = 1 };

  gst_kvs_seat_init (&f.seats[0]);
  gst_kvs_ladder_set (&f.ladder, &settings);
  set_path (&f, 0, 300);
  run (&f, 20);
  g_assert_cmpuint (kbit_of (&f, 0), ==, 0);
  f.n_seats = 0;
  run (&f, 1);
  settings.bitrate = 50 * KBIT;
  settings.min_bitrate = 80 * KBIT;
  gst_kvs_ladder_set (&f.ladder, &settings);
  f.n_seats = 1;
  run (&f, 20);
  g_assert_cmpuint (kbit_of (&f, 0), ==, 80);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ladder/bitrate-follows-the-policy",
      test_bitrate_follows_the_policy);
  g_test_add_func ("/ladder/bitrate-falls-at-once-and-rises-in-steps",
      test_bitrate_falls_at_once_and_rises_in_steps);
  g_test_add_func ("/ladder/bitrate-does-not-sink-by-itself",
      test_bitrate_does_not_sink_by_itself);
  g_test_add_func ("/ladder/a-thin-path-among-wide-ones",
      test_a_thin_path_among_wide_ones);
  g_test_add_func ("/ladder/alone-the-encoder-is-lowered-first",
      test_alone_the_encoder_is_lowered_first);
  g_test_add_func ("/ladder/a-short-dip-is-no-reason",
      test_a_short_dip_is_no_reason);
  g_test_add_data_func ("/ladder/rises-when-the-limit-is-gone", "looks",
      test_rises_when_the_limit_is_gone);
  g_test_add_data_func ("/ladder/tries-when-nothing-says-so", NULL,
      test_rises_when_the_limit_is_gone);
  g_test_add_func ("/ladder/tries-less-and-less-often",
      test_tries_less_and_less_often);
  g_test_add_func ("/ladder/without-an-estimate-nobody-moves",
      test_without_an_estimate_nobody_moves);
  g_test_add_func ("/ladder/fewer-rungs-than-before",
      test_fewer_rungs_than_before);
  g_test_add_func ("/ladder/strange-settings", test_strange_settings);
  return g_test_run ();
}
