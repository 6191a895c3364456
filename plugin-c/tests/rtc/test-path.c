/* What a viewer sees and hears through paths of many kinds. */
#include "path.h"

#define MS G_GINT64_CONSTANT (1000)
#define SECONDS *1000

static const PathConfig usual = {
  .bitrate = 2000000,
  .n_layers = 3,
  .key_interval = 300,
  .key_size = 8,
  .has_sound = TRUE,
  .has_twcc = TRUE,
  .has_rtx = TRUE,
  .has_reports = TRUE,
  .has_pli = TRUE,
};

static const PathState good = {
  .capacity = 20000000,
  .queue_max = 200000,
  .delay_us = 20 * MS,
  .jitter_us = 4 * MS,
};

static PathState
state_of (guint64 capacity)
{
  PathState state = good;

  state.capacity = capacity;
  state.queue_max = capacity / 8;
  return state;
}

/* All of it, whole, as soon as the path lets it through. */
static void
assert_untouched (Path *path)
{
  const PathSight *sight = path_get_sight (path);

  g_assert_cmpuint (sight->broken, ==, 0);
  g_assert_cmpuint (sight->seen + 3, >=, sight->pushed);
  g_assert_cmpuint (path_get_stats (path).total.dropped_frames, ==, 0);
}

/* Of 100 that were made, so many were seen. */
static void
assert_seen (Path *path, guint least, guint most)
{
  const PathSight *sight = path_get_sight (path);

  g_assert_cmpuint (sight->broken, ==, 0);
  g_assert_cmpuint (sight->seen * 100, >=, sight->pushed * least);
  g_assert_cmpuint (sight->seen * 100, <=, sight->pushed * most);
}

static void
assert_sound (Path *path)
{
  const PathSight *sight = path_get_sight (path);

  g_assert_cmpuint (sight->sounds_heard * 100, >=, sight->sounds_pushed * 95);
}

static void
test_good (void)
{
  g_autoptr (Path) path = path_new (&usual, &good);

  path_run (path, 30 SECONDS);
  assert_untouched (path);
  assert_sound (path);
  /* A frame is as late as the path is long, and a key frame's 66 KB take. */
  g_assert_cmpint (path_get_sight (path)->longest_delay_us, <, 80 * MS);
  g_assert_cmpint (path_get_sight (path)->longest_sound_us, <, 60 * MS);
  g_assert_cmpuint (path_get_stats (path).total.padding_packets, ==, 0);
  g_assert_cmpuint (path_get_stats (path).total.layer, ==, 2);
  g_assert_cmpint (path_get_stats (path).rtt_ms, >=, 39);
  g_assert_cmpint (path_get_stats (path).rtt_ms, <, 60);
}

static void
test_no_word (void)
{
  PathConfig config = usual;
  g_autoptr (Path) path = NULL;

  config.has_twcc = config.has_reports = FALSE;
  path = path_new (&config, &good);
  path_run (path, 20 SECONDS);
  assert_untouched (path);
  g_assert_cmpint (path_get_sight (path)->longest_delay_us, <, 80 * MS);
  g_assert_cmpuint (path_get_stats (path).estimate, ==, 0);
  g_assert_cmpint (path_get_stats (path).rtt_ms, ==, -1);
}

/* Radio: no queue, but no two packets take the same time. */
static void
test_jitter (void)
{
  PathState state = good;
  g_autoptr (Path) path = NULL;

  state.jitter_us = 30 * MS;
  path = path_new (&usual, &state);
  path_run (path, 30 SECONDS);
  assert_untouched (path);
  g_assert_cmpint (path_get_sight (path)->longest_delay_us, <, 120 * MS);
}

/* Others come and go, and there is room for all but for a moment. */
static void
test_bursts_of_others (void)
{
  PathState state = state_of (6000000);
  g_autoptr (Path) path = path_new (&usual, &state);

  for (guint i = 0; i < 15; i++) {
    path_get_state (path)->cross = 8000000;
    path_run (path, 100);
    path_get_state (path)->cross = 1000000;
    path_run (path, 1900);
  }
  assert_seen (path, 97, 100);
  g_assert_cmpuint (path_get_sight (path)->lost, ==, 0);
}

/* Others who do not give way leave 1.2 of 6 Mbit/s. */
static void
test_others (void)
{
  PathState state = state_of (6000000);
  g_autoptr (Path) path = NULL;

  state.cross = 4800000;
  path = path_new (&usual, &state);
  path_run (path, 10 SECONDS);
  path_mark (path);
  path_run (path, 30 SECONDS);
  assert_seen (path, 20, 60);
  assert_sound (path);
  g_assert_cmpuint (path_get_sight (path)->lost * 100, <,
      path_get_sight (path)->packets * 10);
}

/* 1.2 Mbit/s take the lowest of three layers of 2 Mbit/s, and no more. */
static void
assert_settled (Path *path)
{
  const PathSight *sight = path_get_sight (path);

  assert_seen (path, 24, 45);
  assert_sound (path);
  g_assert_cmpuint (sight->lost * 100, <, sight->packets * 5);
  g_assert_cmpint (sight->longest_gap_us, <, 800 * MS);
  g_assert_cmpint (sight->longest_delay_us, <, 900 * MS);
  g_assert_cmpuint (sight->keys, <=, 1);
  g_assert_cmpuint (path_get_stats (path).estimate, >, 850000);
  g_assert_cmpuint (path_get_stats (path).estimate, <, 1300000);
}

static void
test_thin_from_the_start (void)
{
  PathState state = state_of (1200000);
  g_autoptr (Path) path = path_new (&usual, &state);

  path_run (path, 4 SECONDS);
  path_mark (path);
  path_run (path, 30 SECONDS);
  assert_settled (path);
}

static void
test_thin_for_a_while (void)
{
  g_autoptr (Path) path = path_new (&usual, &good);

  path_run (path, 10 SECONDS);
  assert_untouched (path);
  *path_get_state (path) = state_of (1200000);
  path_run (path, 2 SECONDS);
  g_assert_cmpuint (path_get_stats (path).total.layer, ==, 0);
  path_run (path, 2 SECONDS);
  path_mark (path);
  path_run (path, 16 SECONDS);
  assert_settled (path);
  *path_get_state (path) = good;
  path_run (path, 10 SECONDS);
  path_mark (path);
  path_run (path, 10 SECONDS);
  assert_seen (path, 99, 101);
  g_assert_cmpuint (path_get_sight (path)->most_layer, ==, 2);
}

/* The middle one of three. */
static void
test_half (void)
{
  PathState state = state_of (1800000);
  g_autoptr (Path) path = path_new (&usual, &state);

  path_run (path, 8 SECONDS);
  path_mark (path);
  path_run (path, 30 SECONDS);
  assert_seen (path, 40, 75);
  assert_sound (path);
  g_assert_cmpint (path_get_sight (path)->longest_delay_us, <, 900 * MS);
}

/* Nothing of it fits but now and then a key frame: which is all that can be
 * seen without the others being asked for too many. */
static void
test_too_thin (void)
{
  PathState state = state_of (300000);
  g_autoptr (Path) path = path_new (&usual, &state);

  path_run (path, 5 SECONDS);
  path_mark (path);
  path_run (path, 40 SECONDS);
  g_assert_cmpuint (path_get_sight (path)->seen, >=, 8);
  g_assert_cmpuint (path_get_sight (path)->broken, ==, 0);
  g_assert_cmpuint (path_get_sight (path)->keys, <=, 15);
  g_assert_cmpint (path_get_sight (path)->longest_delay_us, <, 5000 * MS);
  g_assert_cmpint (path_get_sight (path)->longest_sound_us, <, 1000 * MS);
  g_assert_cmpuint (path_get_sight (path)->lost * 100, <,
      path_get_sight (path)->packets * 10);
  assert_sound (path);
}

/* A stream without layers is paced, and waits for the next key frame where
 * that is not enough. */
static void
test_no_layers (void)
{
  PathConfig config = usual;
  PathState state = state_of (1200000);
  g_autoptr (Path) path = NULL;

  config.n_layers = 1;
  path = path_new (&config, &state);
  path_run (path, 5 SECONDS);
  path_mark (path);
  path_run (path, 30 SECONDS);
  assert_seen (path, 10, 60);
  assert_sound (path);
  g_assert_cmpint (path_get_sight (path)->longest_delay_us, <, 2000 * MS);
  g_assert_cmpuint (path_get_sight (path)->keys, <=, 15);
  g_assert_cmpuint (path_get_sight (path)->lost * 100, <,
      path_get_sight (path)->packets * 5);
}

/* Losses that no queue makes are no reason to send less. */
static void
test_losing (void)
{
  PathState state = good;
  g_autoptr (Path) path = NULL;

  state.loss = 0.05;
  path = path_new (&usual, &state);
  path_run (path, 30 SECONDS);
  assert_seen (path, 98, 100);
  g_assert_cmpfloat (path_get_stats (path).loss, >, 0.02);
  g_assert_cmpfloat (path_get_stats (path).loss, <, 0.1);
  g_assert_cmpuint (path_get_stats (path).total.dropped_frames, ==, 0);
  g_assert_cmpuint (path_get_sight (path)->keys, ==, 0);
  g_assert_cmpuint (path_get_stats (path).total.retransmitted_packets, >, 200);
  g_assert_cmpint (path_get_sight (path)->longest_gap_us, <, 700 * MS);
}

/* A path that has hardly a queue tells by losses. */
static void
test_shallow (void)
{
  PathState state = state_of (1200000);
  g_autoptr (Path) path = NULL;

  state.queue_max = 12000;
  path = path_new (&usual, &state);
  path_run (path, 5 SECONDS);
  path_mark (path);
  path_run (path, 25 SECONDS);
  assert_seen (path, 20, 45);
  g_assert_cmpint (path_get_sight (path)->longest_gap_us, <, 1000 * MS);
  g_assert_cmpuint (path_get_sight (path)->lost * 100, <,
      path_get_sight (path)->packets * 8);
}

/* What a shaper lets through after a pause does not deceive for long. */
static void
test_bucket (void)
{
  PathState state = state_of (1200000);
  g_autoptr (Path) path = NULL;

  state.bucket = 32000;
  path = path_new (&usual, &state);
  path_run (path, 5 SECONDS);
  path_mark (path);
  path_run (path, 30 SECONDS);
  assert_settled (path);
}

/* A viewer that sleeps is sent next to nothing, and is there again soon. */
static void
test_dead (void)
{
  g_autoptr (Path) path = path_new (&usual, &good);

  path_run (path, 10 SECONDS);
  path_get_state (path)->is_dead = TRUE;
  path_run (path, 3 SECONDS);
  path_mark (path);
  path_run (path, 10 SECONDS);
  g_assert_cmpfloat (path_get_stats (path).loss, ==, 0);
  /* The sound, and a sign now and then whether it is awake. */
  g_assert_cmpuint (path_get_sight (path)->packets, <, 10 * (50 + 10));
  g_assert_cmpuint (path_get_sight (path)->keys, ==, 0);
  path_get_state (path)->is_dead = FALSE;
  path_run (path, 3 SECONDS);
  path_mark (path);
  path_run (path, 10 SECONDS);
  assert_seen (path, 99, 101);
}

/* The receiver's own estimate is a bound, where it is all there is. */
static void
test_remb (void)
{
  PathConfig config = usual;
  g_autoptr (Path) path = NULL;

  config.has_twcc = FALSE;
  config.remb = 3000000;
  path = path_new (&config, &good);
  path_run (path, 10 SECONDS);
  assert_untouched (path);
  path_set_remb (path, 1100000);
  path_run (path, 2 SECONDS);
  path_mark (path);
  path_run (path, 10 SECONDS);
  assert_seen (path, 24, 45);
  g_assert_cmpuint (path_get_sight (path)->bytes * 8 / 10, <, 1200000);
  g_assert_cmpuint (path_get_stats (path).estimate, ==, 1100000);
  path_set_remb (path, 3000000);
  path_run (path, 6 SECONDS);
  path_mark (path);
  path_run (path, 5 SECONDS);
  assert_seen (path, 99, 101);
}

/* With nothing but reports of losses. */
static void
test_reports_only (void)
{
  PathConfig config = usual;
  PathState state = state_of (1200000);
  g_autoptr (Path) path = NULL;

  state.queue_max = 20000;
  config.has_twcc = FALSE;
  path = path_new (&config, &state);
  path_run (path, 15 SECONDS);
  path_mark (path);
  path_run (path, 20 SECONDS);
  g_assert_cmpuint (path_get_stats (path).estimate, >, 0);
  g_assert_cmpuint (path_get_sight (path)->lost * 100, <,
      path_get_sight (path)->packets * 20);
  g_assert_cmpuint (path_get_sight (path)->broken, ==, 0);
}

/* No retransmissions were agreed, so there is nothing to probe with but media. */
static void
test_no_padding (void)
{
  PathConfig config = usual;
  g_autoptr (Path) path = NULL;

  config.has_rtx = FALSE;
  path = path_new (&config, &good);
  path_run (path, 5 SECONDS);
  *path_get_state (path) = state_of (1200000);
  path_run (path, 10 SECONDS);
  g_assert_cmpuint (path_get_stats (path).total.layer, ==, 0);
  *path_get_state (path) = good;
  path_run (path, 25 SECONDS);
  g_assert_cmpuint (path_get_stats (path).total.layer, ==, 2);
  g_assert_cmpuint (path_get_stats (path).total.padding_packets, ==, 0);
}

/* Who is sent a small picture shall have a bigger one when there is room. */
static void
test_wanted (void)
{
  PathConfig config = usual;
  PathState state = state_of (500000);
  g_autoptr (Path) path = NULL;

  path = path_new (&config, &state);
  path_run (path, 3 SECONDS);
  path_set_bitrate (path, 250000);
  path_set_wanted (path, 2000000);
  path_run (path, 10 SECONDS);
  g_assert_cmpuint (path_get_stats (path).estimate, >, 300000);
  g_assert_cmpuint (path_get_stats (path).estimate, <, 700000);
  path_mark (path);
  path_run (path, 20 SECONDS);
  /* What it is sent meanwhile does not suffer by it. */
  assert_seen (path, 90, 105);
  *path_get_state (path) = good;
  path_run (path, 10 SECONDS);
  g_assert_cmpuint (path_get_stats (path).estimate, >, 2000000);
}

/* A stream may grow on a path that was never found full. */
static void
test_growing (void)
{
  PathConfig config = usual;
  g_autoptr (Path) path = NULL;

  config.bitrate = 500000;
  path = path_new (&config, &good);
  path_run (path, 10 SECONDS);
  path_set_bitrate (path, 6000000);
  path_run (path, 20 SECONDS);
  assert_untouched (path);
}

/* Nothing here is by chance. */
static void
test_same_again (void)
{
  PathState state = state_of (900000);
  guint seen[2];
  guint64 bytes[2];

  state.loss = 0.03;
  for (guint i = 0; i < 2; i++) {
    g_autoptr (Path) path = path_new (&usual, &state);

    path_run (path, 15 SECONDS);
    seen[i] = path_get_sight (path)->seen;
    bytes[i] = path_get_sight (path)->bytes;
  }
  g_assert_cmpuint (seen[0], ==, seen[1]);
  g_assert_cmpuint (bytes[0], ==, bytes[1]);
}

#define ADD(name, function) g_test_add_func ("/path/" name, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("good", test_good);
  ADD ("no-word", test_no_word);
  ADD ("jitter", test_jitter);
  ADD ("bursts-of-others", test_bursts_of_others);
  ADD ("others", test_others);
  ADD ("thin-from-the-start", test_thin_from_the_start);
  ADD ("thin-for-a-while", test_thin_for_a_while);
  ADD ("half", test_half);
  ADD ("too-thin", test_too_thin);
  ADD ("no-layers", test_no_layers);
  ADD ("losing", test_losing);
  ADD ("shallow", test_shallow);
  ADD ("bucket", test_bucket);
  ADD ("dead", test_dead);
  ADD ("remb", test_remb);
  ADD ("reports-only", test_reports_only);
  ADD ("no-padding", test_no_padding);
  ADD ("wanted", test_wanted);
  ADD ("growing", test_growing);
  ADD ("same-again", test_same_again);
  return g_test_run ();
}
