/* What is kept of what was sent: packets, frames that wait, and packets asked for. */
#include "framequeue.h"
#include "history.h"
#include "lostqueue.h"
#include "sink.h"

#define START G_USEC_PER_SEC

static void
count_freed (gpointer data)
{
  ++*(guint *) data;
}

/* Tells when the last reference is gone. */
static RtcFrame *
counted_frame (guint *n_freed)
{
  RtcFrame *frame = rtc_frame_new (1);

  frame->owner = n_freed;
  frame->free_owner = count_freed;
  frame->size = 100;
  return frame;
}

static void
test_finds (void)
{
  g_autoptr (RtcHistory) history = rtc_history_new ();
  g_autoptr (RtcFrame) frame = sink_frame (4, 10, 0, TRUE);
  RtcHistoryPacket *packet;

  g_assert_null (rtc_history_last (history, START));
  for (guint i = 0; i < 4; i++)
    rtc_history_add (history, 65534 + i, frame, i, START);
  packet = rtc_history_find (history, 0, START);
  g_assert_nonnull (packet);
  g_assert_true (packet->frame == frame);
  g_assert_cmpuint (packet->index, ==, 2);
  g_assert_cmpuint (rtc_history_last (history, START)->sequence, ==, 1);
  g_assert_null (rtc_history_find (history, 2, START));
  g_assert_null (rtc_history_find (history, 65533, START));
  /* Another of the same place. */
  g_assert_null (rtc_history_find (history, RTC_HISTORY_PACKETS - 2, START));
}

static void
test_forgets (void)
{
  g_autoptr (RtcHistory) history = rtc_history_new ();
  guint n_freed = 0;

  for (guint i = 0; i < RTC_HISTORY_PACKETS + 10; i++) {
    g_autoptr (RtcFrame) frame = counted_frame (&n_freed);

    rtc_history_add (history, i, frame, 0, START);
  }
  g_assert_cmpuint (n_freed, ==, 10);
  g_assert_null (rtc_history_find (history, 9, START));
  g_assert_nonnull (rtc_history_find (history, 10, START));
  g_clear_pointer (&history, rtc_history_free);
  g_assert_cmpuint (n_freed, ==, RTC_HISTORY_PACKETS + 10);
}

static void
test_ages (void)
{
  g_autoptr (RtcHistory) history = rtc_history_new ();
  guint n_freed = 0;
  gint64 later = START + RTC_HISTORY_AGE_US + 1;

  for (guint i = 0; i < 3; i++) {
    g_autoptr (RtcFrame) frame = counted_frame (&n_freed);

    rtc_history_add (history, i, frame, 0, START + i);
  }
  g_assert_null (rtc_history_find (history, 0, later));
  g_assert_nonnull (rtc_history_find (history, 1, later));
  {
    g_autoptr (RtcFrame) frame = counted_frame (&n_freed);

    rtc_history_add (history, 3, frame, 0, later + 1);
  }
  g_assert_cmpuint (n_freed, ==, 2);
}

static void
test_queue (void)
{
  RtcFrameQueue queue = { 0 };
  guint n_freed = 0;

  g_assert_null (rtc_frame_queue_peek (&queue));
  /* Round and round, while it grows. */
  for (guint i = 0; i < 100; i++) {
    g_autoptr (RtcFrame) frame = counted_frame (&n_freed);

    frame->timestamp = i;
    g_assert_true (rtc_frame_queue_push (&queue, frame, START + i));
    if (i % 3 == 2)
      rtc_frame_queue_drop (&queue);
  }
  g_assert_cmpuint (n_freed, ==, 33);
  g_assert_cmpuint (queue.bytes, ==, 67 * 100);
  for (guint i = 33; i < 90; i++) {
    g_assert_cmpuint (rtc_frame_queue_peek (&queue)->frame->timestamp, ==, i);
    g_assert_cmpint (rtc_frame_queue_peek (&queue)->pushed_us, ==, START + i);
    rtc_frame_queue_drop (&queue);
  }
  rtc_frame_queue_clear (&queue);
  g_assert_cmpuint (n_freed, ==, 100);
}

static void
test_full_queue (void)
{
  RtcFrameQueue queue = { 0 };
  guint n_freed = 0;
  g_autoptr (RtcFrame) frame = counted_frame (&n_freed);

  for (guint i = 0; i < RTC_FRAME_QUEUE_MAX; i++)
    g_assert_true (rtc_frame_queue_push (&queue, frame, START));
  g_assert_false (rtc_frame_queue_push (&queue, frame, START));
  rtc_frame_queue_clear (&queue);
}

/* Some go out of the midst of it. */
static void
test_removing (void)
{
  RtcFrameQueue queue = { 0 };
  guint n_freed = 0;

  for (guint i = 0; i < 10; i++) {
    g_autoptr (RtcFrame) frame = counted_frame (&n_freed);

    frame->timestamp = i;
    rtc_frame_queue_push (&queue, frame, START + i);
    /* So that it goes round. */
    if (i < 3)
      rtc_frame_queue_drop (&queue);
  }
  rtc_frame_queue_remove (&queue, 1, 4);
  g_assert_cmpuint (n_freed, ==, 7);
  g_assert_cmpuint (queue.n_frames, ==, 3);
  g_assert_cmpuint (queue.bytes, ==, 300);
  g_assert_cmpuint (rtc_frame_queue_get (&queue, 0)->frame->timestamp, ==, 3);
  g_assert_cmpuint (rtc_frame_queue_get (&queue, 1)->frame->timestamp, ==, 8);
  g_assert_cmpuint (rtc_frame_queue_get (&queue, 2)->frame->timestamp, ==, 9);
  g_assert_null (rtc_frame_queue_get (&queue, 3));
  rtc_frame_queue_remove (&queue, 1, 2);
  rtc_frame_queue_remove (&queue, 1, 0);
  g_assert_cmpuint (queue.n_frames, ==, 1);
  rtc_frame_queue_clear (&queue);
  g_assert_cmpuint (n_freed, ==, 10);
}

static void
test_lost (void)
{
  RtcLostQueue *queue = g_new0 (RtcLostQueue, 1);
  RtcLostPacket packet;

  g_assert_false (rtc_lost_queue_pop (queue, &packet));
  for (guint i = 0; i < RTC_LOST_QUEUE_MAX; i++)
    g_assert_true (rtc_lost_queue_push (queue, i % 2, i));
  g_assert_false (rtc_lost_queue_push (queue, 0, 1));
  for (guint i = 0; i < RTC_LOST_QUEUE_MAX; i++) {
    g_assert_true (rtc_lost_queue_pop (queue, &packet));
    g_assert_cmpuint (packet.sequence, ==, i);
    g_assert_cmpuint (packet.track, ==, i % 2);
    g_assert_true (rtc_lost_queue_push (queue, 0, 7));
  }
  g_free (queue);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/history/finds", test_finds);
  g_test_add_func ("/history/forgets", test_forgets);
  g_test_add_func ("/history/ages", test_ages);
  g_test_add_func ("/history/queue", test_queue);
  g_test_add_func ("/history/removing", test_removing);
  g_test_add_func ("/history/full-queue", test_full_queue);
  g_test_add_func ("/history/lost", test_lost);
  return g_test_run ();
}
