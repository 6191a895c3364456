/* Frames that wait to be sent to one peer, oldest first. */
#pragma once

#include "frame.h"

G_BEGIN_DECLS

/* More than any wait that is allowed holds, at 120 frames a second. */
#define RTC_FRAME_QUEUE_MAX 256

typedef struct {
  RtcFrame *frame; /* a reference */
  gint64 pushed_us;
} RtcQueuedFrame;

/* All zero is an empty one. */
typedef struct {
  guint first;
  guint n_frames;
  guint capacity; /* a power of two */
  gsize bytes;    /* of the payloads of all */
  RtcQueuedFrame *frames;
} RtcFrameQueue;

/* With a reference of its own; FALSE when it is full. */
gboolean rtc_frame_queue_push (RtcFrameQueue *self, RtcFrame *frame,
    gint64 now_us);

/* The oldest, or NULL; it stays. */
RtcQueuedFrame *rtc_frame_queue_peek (RtcFrameQueue *self);

/* Counted from the oldest; NULL beyond the newest. */
RtcQueuedFrame *rtc_frame_queue_get (RtcFrameQueue *self, guint index);

/* Lets @n frames go, from that one on. */
void rtc_frame_queue_remove (RtcFrameQueue *self, guint index, guint n);

/* Lets the oldest go. */
void rtc_frame_queue_drop (RtcFrameQueue *self);

void rtc_frame_queue_clear (RtcFrameQueue *self);

G_END_DECLS
