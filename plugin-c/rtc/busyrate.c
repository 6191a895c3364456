#include "busyrate.h"

/* Less is jitter. */
#define QUEUE_MIN_US (10 * 1000)

/* A pause that no queue explains. */
#define PAUSE_US (500 * 1000)

/* What is remembered: the path may change. */
#define WHILE_US (400 * 1000)
#define FORGET_US G_USEC_PER_SEC

#define LEAST_US (50 * 1000)

static void
count (RtcBusyRate *self, gint64 us, gsize size)
{
  self->bytes += size;
  self->us += us;
  if (self->us < WHILE_US)
    return;
  self->bytes /= 2;
  self->us /= 2;
}

void
rtc_busy_rate_take (RtcBusyRate *self, gint64 arrival_us, gint64 queue_us,
    gsize size)
{
  gint64 passed_us = arrival_us - self->arrival_us;
  gboolean is_first = self->arrival_us == 0;

  self->arrival_us = arrival_us;
  if (is_first || passed_us < 0 || passed_us > PAUSE_US
      || queue_us < QUEUE_MIN_US) {
    if (arrival_us - self->busy_us > FORGET_US)
      self->bytes = self->us = 0;
    return;
  }
  self->busy_us = arrival_us;
  count (self, passed_us, size);
}

guint64
rtc_busy_rate_get (const RtcBusyRate *self)
{
  return self->us < LEAST_US ? 0 : self->bytes * 8 * G_USEC_PER_SEC / self->us;
}
