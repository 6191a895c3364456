#include "probe.h"

/* Longer than the buckets that shapers let pass at any rate are deep. */
#define DURATION_US (500 * 1000)

/* Only the last part is measured, when those are empty. */
#define SKIPPED_US (300 * 1000)

/* A queue that grows by so much has told enough. */
#define QUEUE_GROWTH_US (100 * 1000)

#define LEAST_PACKETS 5

/* What is close enough to the rate that was sent. */
#define PASSED 0.85

/* After one that passed, the next may go higher. */
#define GO_ON_US (300 * 1000)

#define PATIENCE_US (3 * G_USEC_PER_SEC)
#define PATIENCE_MAX_US (5 * G_USEC_PER_SEC)
#define IMPATIENCE 1.3

/* For word of the last packets. */
#define WORD_US G_USEC_PER_SEC

void
rtc_probe_init (RtcProbe *self)
{
  *self = (RtcProbe){ .patience_us = PATIENCE_US };
}

void
rtc_probe_delay (RtcProbe *self, gint64 until_us)
{
  self->next_us = MAX (self->next_us, until_us);
}

void
rtc_probe_begin (RtcProbe *self, guint64 rate, gint64 queue_us, gint64 now_us)
{
  self->state = RTC_PROBE_SENDING;
  self->rate = rate;
  self->queue_us = queue_us;
  self->began_us = now_us;
  self->ends_us = now_us + DURATION_US;
  self->sent = self->bytes = self->n_arrived = 0;
  self->is_whole = FALSE;
}

void
rtc_probe_count_sent (RtcProbe *self, gsize size)
{
  self->sent += size;
}

gsize
rtc_probe_get_due (RtcProbe *self, gint64 now_us)
{
  gint64 due;

  if (self->state != RTC_PROBE_SENDING)
    return 0;
  if (now_us >= self->ends_us) {
    self->state = RTC_PROBE_WAITING;
    return 0;
  }
  due = (gint64) (self->rate / 8) * (now_us - self->began_us) / G_USEC_PER_SEC;
  return MAX (due - (gint64) self->sent, 0);
}

void
rtc_probe_take_arrival (RtcProbe *self, gint64 sent_us, gint64 arrival_us,
    gsize size)
{
  if (self->state == RTC_PROBE_IDLE || sent_us < self->began_us + SKIPPED_US)
    return;
  if (sent_us >= self->ends_us) {
    self->is_whole = TRUE;
    return;
  }
  if (self->n_arrived++ == 0)
    self->first_us = arrival_us;
  else
    self->bytes += size;
  self->last_us = arrival_us;
}

static guint64
get_rate (const RtcProbe *self)
{
  gint64 took_us = self->last_us - self->first_us;

  if (self->n_arrived < LEAST_PACKETS || took_us <= 0)
    return 0;
  return self->bytes * 8 * G_USEC_PER_SEC / took_us;
}

static gboolean
has_ended (RtcProbe *self, gboolean is_over, gint64 now_us)
{
  if (self->state == RTC_PROBE_IDLE)
    return FALSE;
  return is_over || self->is_whole || now_us >= self->ends_us + WORD_US;
}

gboolean
rtc_probe_judge (RtcProbe *self, gint64 queue_us, gboolean is_over,
    guint64 *rate, gint64 now_us)
{
  gboolean is_full = is_over || queue_us > self->queue_us + QUEUE_GROWTH_US;

  if (!has_ended (self, is_full, now_us))
    return FALSE;
  self->state = RTC_PROBE_IDLE;
  *rate = is_full ? 0 : MIN (get_rate (self), self->rate);
  if (*rate >= self->rate * PASSED) {
    self->patience_us = PATIENCE_US;
    self->next_us = now_us + GO_ON_US;
  } else {
    self->next_us = now_us + self->patience_us;
    self->patience_us = MIN (self->patience_us * IMPATIENCE, PATIENCE_MAX_US);
  }
  return TRUE;
}
