#include "losscontrol.h"

#include "ratecontrol.h"

/* Less than that is no sign of a full path, and more is one; between them the
 * rate stays: radio loses packets that are no queue's. */
#define FEW 0.02
#define MANY 0.10

#define INCREASE 1.05

/* What does arrive is taken, a little less of it to let a queue drain. */
#define ARRIVING 0.9

/* A share of fewer packets, or of a shorter time, means nothing. */
#define WINDOW_US G_USEC_PER_SEC
#define LEAST_PACKETS 50

/* Of so few packets a second a share is told after this all the same. */
#define WINDOW_MAX_US (2 * G_USEC_PER_SEC)

void
rtc_loss_control_init (RtcLossControl *self)
{
  *self = (RtcLossControl){ .rate = RTC_RATE_MAX };
}

gboolean
rtc_loss_control_take (RtcLossControl *self, double loss, guint64 sending,
    guint64 arriving)
{
  guint64 lowered;

  self->loss = loss;
  if (loss < FEW) {
    self->rate = MIN (self->rate * INCREASE + 1000, RTC_RATE_MAX);
    return FALSE;
  }
  if (loss <= MANY)
    return FALSE;
  /* A rate that was never sent is no rate to begin from. */
  lowered = MIN (self->rate, MAX (sending, RTC_RATE_MIN)) * (1 - 0.5 * loss);
  self->rate =
      MIN (self->rate, MAX (lowered, MAX (arriving * ARRIVING, RTC_RATE_MIN)));
  return TRUE;
}

static gboolean
is_telling (const RtcLossControl *self, gint64 now_us)
{
  gint64 passed_us = now_us - self->since_us;

  if (passed_us >= WINDOW_MAX_US)
    return self->n_arrived + self->n_lost > 0;
  return passed_us >= WINDOW_US
      && self->n_arrived + self->n_lost >= LEAST_PACKETS;
}

gboolean
rtc_loss_control_count (RtcLossControl *self, guint n_arrived, guint n_lost,
    guint64 sending, guint64 arriving, gint64 now_us)
{
  double loss;

  if (self->since_us == 0)
    self->since_us = now_us;
  self->n_arrived += n_arrived;
  self->n_lost += n_lost;
  if (!is_telling (self, now_us))
    return FALSE;
  loss = (double) self->n_lost / (self->n_arrived + self->n_lost);
  self->since_us = now_us;
  self->n_arrived = self->n_lost = 0;
  return rtc_loss_control_take (self, loss, sending, arriving);
}

void
rtc_loss_control_raise (RtcLossControl *self, guint64 rate)
{
  self->rate = CLAMP (rate, self->rate, RTC_RATE_MAX);
}
