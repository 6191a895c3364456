#include "ratemeter.h"

#define SLOT_US_OF_A_SECOND (G_USEC_PER_SEC / RTC_RATE_METER_SLOTS)

/* In a shorter time one frame would be a rate. */
#define LEAST_SLOTS 2

static gint64
get_slot_us (const RtcRateMeter *self)
{
  return self->slot_us != 0 ? self->slot_us : SLOT_US_OF_A_SECOND;
}

static gint64
get_slot (const RtcRateMeter *self, gint64 us)
{
  return us / get_slot_us (self);
}

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
  gint64 slot;

  /* The usual case, once for each packet: nothing to divide. */
  if (now_us < self->until_us)
    return;
  slot = get_slot (self, now_us);
  for (gint64 i = MAX (self->slot + 1, slot - RTC_RATE_METER_SLOTS + 1);
       i <= slot; i++)
    forget (self, i);
  self->slot = slot;
  self->until_us = (slot + 1) * get_slot_us (self);
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
  slots = self->slot - get_slot (self, self->first_us) + 1;
  slots = CLAMP (slots, LEAST_SLOTS, RTC_RATE_METER_SLOTS);
  return self->total * 8 * G_USEC_PER_SEC / (slots * get_slot_us (self));
}
