#include "frame.h"

RtcFrame *
rtc_frame_new (guint n_payloads)
{
  RtcFrame *self = g_new0 (RtcFrame, 1);

  g_atomic_ref_count_init (&self->references);
  self->n_payloads = n_payloads;
  self->payloads = g_new0 (RtcPayload, n_payloads);
  return self;
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
