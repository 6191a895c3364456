#include "continuity.h"

#include <gst/gst.h>

/* More than any encoder is behind another, or a picture is shown out of order. */
#define BEHIND_MAX_MS 500

/* Ticks by which the frame is ahead of the last. */
static gint32
ahead_of (const GstKvsContinuity *self, const RtcFrame *frame)
{
  return (gint32) (frame->timestamp + self->offset - self->timestamp);
}

static void
begin_anew (GstKvsContinuity *self, const RtcFrame *frame)
{
  gint64 passed_us = frame->captured_us - self->captured_us;
  guint64 ticks = gst_util_uint64_scale ((guint64) MAX (passed_us, 0),
      self->clock_rate, G_USEC_PER_SEC);

  self->offset = self->timestamp + (guint32) MAX (ticks, 1) - frame->timestamp;
}

RtcFrame *
gst_kvs_continuity_place (GstKvsContinuity *self, RtcFrame *frame)
{
  gint32 behind_max = (gint32) (self->clock_rate / 1000 * BEHIND_MAX_MS);

  if (self->has_begun && ahead_of (self, frame) < -behind_max)
    begin_anew (self, frame);
  if (ahead_of (self, frame) > 0)
    self->is_behind = FALSE;
  if (self->is_behind)
    return rtc_frame_at (frame, self->timestamp + 1);
  return self->offset == 0
      ? rtc_frame_ref (frame)
      : rtc_frame_at (frame, frame->timestamp + self->offset);
}

void
gst_kvs_continuity_hop (GstKvsContinuity *self)
{
  self->is_behind = self->has_begun;
}

void
gst_kvs_continuity_sent (GstKvsContinuity *self, const RtcFrame *frame)
{
  self->has_begun = TRUE;
  self->timestamp = frame->timestamp;
  self->captured_us = frame->captured_us;
}
