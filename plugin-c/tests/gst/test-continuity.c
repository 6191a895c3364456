/* Time stamps that go on: by table, of a clock of 90 kHz. */
#include "continuity.h"

#define MS 90

typedef struct {
  guint32 timestamp;
  gint64 captured_ms;
  guint32 expected;
  gboolean is_hop; /* and of another size */
} Row;

static void
check (const Row *rows, guint n)
{
  GstKvsContinuity times = { .clock_rate = 90000 };

  for (guint i = 0; i < n; i++) {
    g_autoptr (RtcFrame) frame = rtc_frame_new (1);
    g_autoptr (RtcFrame) placed = NULL;

    if (rows[i].is_hop)
      gst_kvs_continuity_hop (&times);
    frame->timestamp = rows[i].timestamp;
    frame->captured_us = rows[i].captured_ms * 1000;
    placed = gst_kvs_continuity_place (&times, frame);
    g_assert_cmpuint (placed->timestamp, ==, rows[i].expected);
    g_assert_cmpint (placed->captured_us, ==, frame->captured_us);
    gst_kvs_continuity_sent (&times, placed);
  }
}

static void
test_a_stream_that_goes_on (void)
{
  static const Row rows[] = {
    { 7, 1000, 7 },
    { 7 + 40 * MS, 1040, 7 + 40 * MS },
    /* A camera that was away. */
    { 7 + 90000 * MS, 91000, 7 + 90000 * MS },
    /* Round the corner, as 32 bits are. */
    { (guint32) -5, 99000, (guint32) -5 },
    { 5, 99001, 5 },
  };

  check (rows, 2);
  check (rows, 3);
  check (rows + 3, 2);
}

static void
test_another_size (void)
{
  static const Row rows[] = {
    { 400 * MS, 400, 400 * MS, TRUE },
    { 300 * MS, 300, 400 * MS + 1, TRUE },
    { 400 * MS, 400, 400 * MS + 2 },
    { 500 * MS, 500, 500 * MS },
    { 540 * MS, 540, 540 * MS, TRUE },
    { 620 * MS, 620, 620 * MS },
    /* Shown before the one that came before it. */
    { 580 * MS, 580, 580 * MS },
  };

  check (rows, G_N_ELEMENTS (rows));
}

/* Twice, and once with clocks that do not know of it yet. */
static void
test_one_that_begins_anew (void)
{
  static const Row rows[] = {
    { 9960 * MS, 9960, 9960 * MS },
    { 10000 * MS, 10000, 10000 * MS },
    { 0, 10120, 10120 * MS },
    { 40 * MS, 10160, 10160 * MS },
    { 20 * MS, 10140, 10140 * MS },
    { 20 * MS, 10140, 10140 * MS + 1, TRUE },
    { 60 * MS, 10180, 10180 * MS },
    { 9000 * MS, 19120, 19120 * MS },
    { 0, 0, 19120 * MS + 1 },
    { 40 * MS, 19200, 19160 * MS + 1 },
  };

  check (rows, G_N_ELEMENTS (rows));
}

/* A refused one changes nothing for the next. */
static void
test_one_that_is_not_sent (void)
{
  GstKvsContinuity times = { .clock_rate = 90000 };

  for (guint i = 0; i < 3; i++) {
    g_autoptr (RtcFrame) frame = rtc_frame_new (1);
    g_autoptr (RtcFrame) placed = NULL;

    frame->timestamp = i == 0 ? 5000 * MS : 0;
    frame->captured_us = (5000 + 40 * i) * 1000;
    placed = gst_kvs_continuity_place (&times, frame);
    if (i == 0)
      gst_kvs_continuity_sent (&times, placed);
    else
      g_assert_cmpuint (placed->timestamp, ==, 5040 * MS);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/continuity/a-stream-that-goes-on",
      test_a_stream_that_goes_on);
  g_test_add_func ("/continuity/another-size", test_another_size);
  g_test_add_func ("/continuity/one-that-begins-anew",
      test_one_that_begins_anew);
  g_test_add_func ("/continuity/one-that-is-not-sent",
      test_one_that_is_not_sent);
  return g_test_run ();
}
