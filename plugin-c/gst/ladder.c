#include "ladder.h"

#define FALL_US G_USEC_PER_SEC

#define PATIENCE_US (5 * G_USEC_PER_SEC)
#define MAX_PATIENCE_US (60 * G_USEC_PER_SEC)

/* A rise that lasted so long was right. */
#define PROVEN_US (30 * G_USEC_PER_SEC)

/* A quarter of the pixels takes more than a quarter of the bits. */
static const guint percents[GST_KVS_RUNGS_MAX] = { 100, 30, 10 };

/* An encoder goes down to nine tenths of what there is room for, and up to
 * nineteen twentieths by a quarter each time; in between it stays. */
#define ROOM_DOWN 90
#define ROOM_UP 95
#define STEP_UP 125

/* Of what a rung needs, before a viewer rises to it. */
#define ROOM_TO_RISE 110

static guint
percent (guint value, guint of_hundred)
{
  return (guint) ((guint64) value * of_hundred / 100);
}

void
gst_kvs_seat_init (GstKvsSeat *self)
{
  *self = (GstKvsSeat){ .patience_us = PATIENCE_US };
}

/* bit/s of a rung where paths allow it. */
static guint
get_most (const GstKvsLadderSettings *settings, guint rung)
{
  return MAX (percent (settings->bitrate, percents[rung]),
      settings->min_bitrate);
}

/* A rung is not made worse than the next one is at its best. */
static guint
get_least (const GstKvsLadderSettings *settings, guint rung)
{
  return rung + 1 < settings->n_rungs
      ? get_most (settings, rung + 1)
      : MIN (settings->min_bitrate, settings->bitrate);
}

void
gst_kvs_ladder_set (GstKvsLadder *self, const GstKvsLadderSettings *settings)
{
  self->settings = *settings;
  self->settings.n_rungs = CLAMP (settings->n_rungs, 1, GST_KVS_RUNGS_MAX);
  for (guint i = 0; i < GST_KVS_RUNGS_MAX; i++)
    self->bitrates[i] = get_most (settings, i);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  guint64 first = *(const guint64 *) a, second = *(const guint64 *) b;

  return first < second ? -1 : first > second;
}

/* The path that counts on a rung: 0 where nobody is there, or one that is not
 * known, which is taken for wide. */
static guint64
find_path (const GstKvsLadder *self, GstKvsSeat *const *seats, guint n_seats,
    guint rung)
{
  g_autoptr (GArray) paths = g_array_new (FALSE, FALSE, sizeof (guint64));

  for (guint i = 0; i < n_seats; i++) {
    guint64 path = seats[i]->estimate > 0 ? seats[i]->estimate : G_MAXUINT64;

    if (seats[i]->rung == rung)
      g_array_append_val (paths, path);
  }
  if (paths->len == 0)
    return 0;
  g_array_sort (paths, compare);
  switch (self->settings.policy) {
    case GST_KVS_BITRATE_MIN:
      return g_array_index (paths, guint64, 0);
    case GST_KVS_BITRATE_MEDIAN:
      return g_array_index (paths, guint64, (paths->len - 1) / 2);
    default:
      return g_array_index (paths, guint64, paths->len - 1);
  }
}

static guint64
follow (guint64 rate, guint64 path)
{
  guint64 room;

  if (path == G_MAXUINT64)
    return rate * STEP_UP / 100;
  if (path < rate)
    return path * ROOM_DOWN / 100;
  room = path * ROOM_UP / 100;
  return room > rate ? MIN (room, rate * STEP_UP / 100) : rate;
}

static void
set_bitrate (GstKvsLadder *self, guint rung, guint64 bitrate)
{
  guint most = get_most (&self->settings, rung);
  guint least = MIN (get_least (&self->settings, rung), most);

  self->bitrates[rung] = (guint) CLAMP (bitrate, least, most);
}

/* Who comes to the whole picture first is sent all of it, until more is known. */
static void
update_bitrate (GstKvsLadder *self, GstKvsSeat *const *seats, guint n_seats,
    guint rung)
{
  guint64 path = find_path (self, seats, n_seats, rung);

  set_bitrate (self, rung,
      path > 0 ? follow (self->bitrates[rung], path) : G_MAXUINT);
}

static void
count_seats (GstKvsLadder *self, GstKvsSeat *const *seats, guint n_seats)
{
  for (guint i = 0; i < GST_KVS_RUNGS_MAX; i++)
    self->n_seats[i] = 0;
  for (guint i = 0; i < n_seats; i++)
    self->n_seats[seats[i]->rung]++;
}

/* What a viewer must have room for to be sent enough of it. What nobody
 * watches is made for whoever comes first. */
static guint
get_need (const GstKvsLadder *self, guint rung)
{
  guint least =
      MIN (get_least (&self->settings, rung), get_most (&self->settings, rung));
  guint thin = percent (self->bitrates[rung], self->settings.thin_percent);

  return self->n_seats[rung] > 0 ? MAX (least, thin) : least;
}

static gboolean
lasts (gint64 *since_us, gboolean is_so, gint64 now_us, gint64 patience_us)
{
  if (!is_so)
    *since_us = 0;
  else if (*since_us == 0)
    *since_us = now_us;
  return is_so && now_us - *since_us >= patience_us;
}

static void
move (GstKvsLadder *self, GstKvsSeat *seat, guint rung)
{
  if (self->n_seats[rung] == 0)
    set_bitrate (self, rung, seat->estimate * ROOM_DOWN / 100);
  self->n_seats[seat->rung]--;
  self->n_seats[rung]++;
  seat->rung = rung;
  seat->short_us = 0;
  seat->spare_us = 0;
}

static void
fall (GstKvsLadder *self, GstKvsSeat *seat, gint64 now_us)
{
  guint rung = seat->rung + 1;

  while (rung + 1 < self->settings.n_rungs
      && seat->estimate < get_need (self, rung))
    rung++;
  if (seat->rose_us != 0 && now_us - seat->rose_us < PROVEN_US)
    seat->patience_us = MIN (2 * seat->patience_us, MAX_PATIENCE_US);
  else
    seat->patience_us = PATIENCE_US;
  move (self, seat, rung);
}

/* Where an estimate goes little further than what is sent and all of a rung
 * passes with something to spare, only the next one can tell. */
static gboolean
may_rise (const GstKvsLadder *self, const GstKvsSeat *seat)
{
  guint bitrate = self->bitrates[seat->rung];
  guint most = get_most (&self->settings, seat->rung);

  return seat->estimate
      >= percent (get_need (self, seat->rung - 1), ROOM_TO_RISE)
      || seat->estimate >= percent (bitrate, 115)
      || (bitrate >= percent (most, 95) && seat->estimate >= bitrate);
}

static void
update_seat (GstKvsLadder *self, GstKvsSeat *seat, gint64 now_us)
{
  gboolean is_short, has_spare;

  if (seat->estimate == 0)
    return;
  is_short = seat->rung + 1 < self->settings.n_rungs
      && seat->estimate < get_need (self, seat->rung);
  has_spare = seat->rung > 0 && may_rise (self, seat);
  if (lasts (&seat->short_us, is_short, now_us, FALL_US)) {
    fall (self, seat, now_us);
  } else if (lasts (&seat->spare_us, has_spare, now_us, seat->patience_us)) {
    move (self, seat, seat->rung - 1);
    seat->rose_us = now_us;
  }
}

static guint
get_wanted (const GstKvsLadder *self, const GstKvsSeat *seat)
{
  guint most = get_most (&self->settings, seat->rung);

  return seat->rung > 0
      ? MAX (most, percent (get_need (self, seat->rung - 1), ROOM_TO_RISE))
      : most;
}

void
gst_kvs_ladder_update (GstKvsLadder *self, GstKvsSeat *const *seats,
    guint n_seats, gint64 now_us)
{
  for (guint i = 0; i < n_seats; i++)
    seats[i]->rung = MIN (seats[i]->rung, self->settings.n_rungs - 1);
  count_seats (self, seats, n_seats);
  for (guint i = 0; i < self->settings.n_rungs; i++)
    update_bitrate (self, seats, n_seats, i);
  for (guint i = 0; i < n_seats; i++)
    update_seat (self, seats[i], now_us);
  for (guint i = 0; i < n_seats; i++)
    seats[i]->wanted = get_wanted (self, seats[i]);
}
