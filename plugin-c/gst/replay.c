#include "replay.h"

/* Frames of one a millisecond, and more, are no camera's. */
#define FRAMES_MAX 64

#define STEPS_A_SECOND 1000

void
gst_kvs_replay_init (GstKvsReplay *self)
{
  *self = (GstKvsReplay){ .frames = g_ptr_array_new_with_free_func (
                              (GDestroyNotify) rtc_frame_unref) };
}

void
gst_kvs_replay_free_frames (GstKvsReplay *self)
{
  g_clear_pointer (&self->frames, g_ptr_array_unref);
}

void
gst_kvs_replay_clear (GstKvsReplay *self)
{
  g_ptr_array_set_size (self->frames, 0);
  self->bytes = 0;
}

static gboolean
is_fresh (const GstKvsReplay *self, gint64 now_us)
{
  return now_us - self->key_us <= GST_KVS_REPLAY_AGE_US;
}

static gboolean
has_room (const GstKvsReplay *self, const RtcFrame *frame)
{
  return self->frames->len < FRAMES_MAX
      && self->bytes + frame->size <= GST_KVS_REPLAY_BYTES_MAX;
}

void
gst_kvs_replay_take (GstKvsReplay *self, RtcFrame *frame, gint64 now_us)
{
  if (frame->is_key) {
    gst_kvs_replay_clear (self);
    self->key_us = now_us;
  } else if (self->frames->len == 0) {
    return;
  }
  if (!is_fresh (self, now_us) || !has_room (self, frame)) {
    gst_kvs_replay_clear (self);
    return;
  }
  g_ptr_array_add (self->frames, rtc_frame_ref (frame));
  self->bytes += frame->size;
}

guint
gst_kvs_replay_count (const GstKvsReplay *self, gint64 now_us)
{
  return is_fresh (self, now_us) ? self->frames->len : 0;
}

RtcFrame *
gst_kvs_replay_get (const GstKvsReplay *self, guint index, guint clock_rate)
{
  guint behind = self->frames->len - 1 - index;
  RtcFrame *frame = g_ptr_array_index (self->frames, index);
  RtcFrame *newest = g_ptr_array_index (self->frames, self->frames->len - 1);
  guint32 timestamp =
      newest->timestamp - behind * (clock_rate / STEPS_A_SECOND);
  RtcFrame *moved;

  if (behind == 0)
    return rtc_frame_ref (frame);
  moved = rtc_frame_at (frame, timestamp);
  /* Its place on both clocks, by which sound is kept with it. */
  moved->captured_us += (gint64) (gint32) (timestamp - frame->timestamp)
      * G_USEC_PER_SEC / clock_rate;
  return moved;
}
