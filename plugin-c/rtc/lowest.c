#include "lowest.h"

static void
begin (RtcLowest *self, gint64 before, gint64 now_us)
{
  self->since_us = now_us;
  self->before = before;
  self->now = G_MAXINT64;
}

void
rtc_lowest_take (RtcLowest *self, gint64 value, gint64 while_us, gint64 now_us)
{
  if (self->since_us == 0)
    begin (self, G_MAXINT64, now_us);
  else if (now_us - self->since_us >= while_us)
    begin (self, self->now, now_us);
  self->now = MIN (self->now, value);
}

gint64
rtc_lowest_get (const RtcLowest *self)
{
  return self->since_us == 0 ? G_MAXINT64 : MIN (self->now, self->before);
}
