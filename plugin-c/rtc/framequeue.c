#include "framequeue.h"

#define CAPACITY_AT_FIRST 4

static RtcQueuedFrame *
get (RtcFrameQueue *self, guint index)
{
  return &self->frames[(self->first + index) & (self->capacity - 1)];
}

static void
grow (RtcFrameQueue *self)
{
  guint capacity = MAX (self->capacity * 2, CAPACITY_AT_FIRST);
  RtcQueuedFrame *frames = g_new0 (RtcQueuedFrame, capacity);

  for (guint i = 0; i < self->n_frames; i++)
    frames[i] = *get (self, i);
  g_free (self->frames);
  self->frames = frames;
  self->capacity = capacity;
  self->first = 0;
}

gboolean
rtc_frame_queue_push (RtcFrameQueue *self, RtcFrame *frame, gint64 now_us)
{
  RtcQueuedFrame *place;

  if (self->n_frames == RTC_FRAME_QUEUE_MAX)
    return FALSE;
  if (self->n_frames == self->capacity)
    grow (self);
  place = get (self, self->n_frames++);
  place->frame = rtc_frame_ref (frame);
  place->pushed_us = now_us;
  self->bytes += frame->size;
  return TRUE;
}

RtcQueuedFrame *
rtc_frame_queue_peek (RtcFrameQueue *self)
{
  return rtc_frame_queue_get (self, 0);
}

RtcQueuedFrame *
rtc_frame_queue_get (RtcFrameQueue *self, guint index)
{
  return index < self->n_frames ? get (self, index) : NULL;
}

static void
let_go (RtcFrameQueue *self, RtcQueuedFrame *queued)
{
  self->bytes -= queued->frame->size;
  g_clear_pointer (&queued->frame, rtc_frame_unref);
}

void
rtc_frame_queue_remove (RtcFrameQueue *self, guint index, guint n)
{
  for (guint i = index; i < index + n; i++)
    let_go (self, get (self, i));
  for (guint i = index; i + n < self->n_frames; i++)
    *get (self, i) = *get (self, i + n);
  self->n_frames -= n;
}

void
rtc_frame_queue_drop (RtcFrameQueue *self)
{
  let_go (self, get (self, 0));
  self->first = (self->first + 1) & (self->capacity - 1);
  self->n_frames--;
}

void
rtc_frame_queue_clear (RtcFrameQueue *self)
{
  while (self->n_frames > 0)
    rtc_frame_queue_drop (self);
  g_clear_pointer (&self->frames, g_free);
  self->capacity = 0;
}
