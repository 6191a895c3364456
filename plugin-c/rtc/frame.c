#include "frame.h"

#include <string.h>

RtcFrame *
rtc_frame_new (guint n_payloads)
{
  RtcFrame *self = g_new0 (RtcFrame, 1);

  g_atomic_ref_count_init (&self->references);
  self->n_payloads = n_payloads;
  self->payloads = g_new0 (RtcPayload, n_payloads);
  return self;
}

static void
unref_owner (gpointer owner)
{
  rtc_frame_unref (owner);
}

RtcFrame *
rtc_frame_at (RtcFrame *self, guint32 timestamp)
{
  RtcFrame *copy = rtc_frame_new (self->n_payloads);

  copy->timestamp = timestamp;
  copy->captured_us = self->captured_us;
  copy->is_key = self->is_key;
  copy->temporal_id = self->temporal_id;
  copy->is_layer_sync = self->is_layer_sync;
  copy->is_discardable = self->is_discardable;
  copy->size = self->size;
  memcpy (copy->payloads, self->payloads,
      self->n_payloads * sizeof *self->payloads);
  copy->owner = rtc_frame_ref (self);
  copy->free_owner = unref_owner;
  return copy;
}

RtcFrame *
rtc_frame_ref (RtcFrame *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
rtc_frame_unref (RtcFrame *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  if (self->free_owner)
    self->free_owner (self->owner);
  g_free (self->payloads);
  g_free (self);
}
