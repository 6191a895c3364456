#include "ratemeter.h"

#define SLOT_US (G_USEC_PER_SEC / RTC_RATE_METER_SLOTS)

/* In a shorter time one frame would be a rate. */
#define LEAST_SLOTS 2

static void
forget (RtcRateMeter *self, gint64 slot)
{
  gsize *old = &self->slots[slot % RTC_RATE_METER_SLOTS];

  self->total -= *old;
  *old = 0;
}

static void
move_on (RtcRateMeter *self, gint64 now_us)
{
  gint64 slot = now_us / SLOT_US;

  if (slot <= self->slot)
    return;
  for (gint64 i = MAX (self->slot + 1, slot - RTC_RATE_METER_SLOTS + 1);
       i <= slot; i++)
    forget (self, i);
  self->slot = slot;
}

void
rtc_rate_meter_add (RtcRateMeter *self, gsize bytes, gint64 now_us)
{
  if (self->first_us == 0)
    self->first_us = now_us;
  move_on (self, now_us);
  self->slots[self->slot % RTC_RATE_METER_SLOTS] += bytes;
  self->total += bytes;
}

guint64
rtc_rate_meter_get (RtcRateMeter *self, gint64 now_us)
{
  gint64 slots;

  if (self->first_us == 0)
    return 0;
  move_on (self, now_us);
  slots = self->slot - self->first_us / SLOT_US + 1;
  slots = CLAMP (slots, LEAST_SLOTS, RTC_RATE_METER_SLOTS);
  return self->total * 8 * RTC_RATE_METER_SLOTS / slots;
}
