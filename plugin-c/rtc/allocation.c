#include "allocation.h"

/* An estimate dips for a moment, and a key frame is a moment's rate. */
#define FALL_AFTER_US (300 * 1000)

/* More than it takes, and for some time: a viewer would rather have 15 steady
 * frames a second than 30 now and then. */
#define SPARE 1.1
#define RISE_AFTER_US (500 * 1000)
#define PATIENCE_US (2 * G_USEC_PER_SEC)
#define PATIENCE_MAX_US (4 * G_USEC_PER_SEC)

/* A fall so soon after a rise was a rise too early. */
#define TOO_EARLY_US (5 * G_USEC_PER_SEC)

void
rtc_allocation_init (RtcAllocation *self)
{
  *self = (RtcAllocation){ .patience_us = PATIENCE_US };
}

/* Since when @is is so; 0 when it is not. */
static gint64
follow (gboolean is, gint64 since_us, gint64 now_us)
{
  if (!is)
    return 0;
  return since_us != 0 ? since_us : now_us;
}

static void
fall (RtcAllocation *self, const guint64 *needs, guint64 estimate,
    gint64 now_us)
{
  while (self->layer > 0 && needs[self->layer] > estimate)
    self->layer--;
  self->patience_us = PATIENCE_US;
  if (self->rose_us != 0 && now_us - self->rose_us < TOO_EARLY_US)
    self->patience_us = PATIENCE_MAX_US;
  self->fell_us = now_us;
  self->short_us = self->spare_us = 0;
}

static void
rise (RtcAllocation *self, gint64 now_us)
{
  self->layer++;
  self->rose_us = now_us;
  self->short_us = self->spare_us = 0;
}

static gboolean
has_waited (const RtcAllocation *self, gint64 now_us)
{
  return self->spare_us != 0 && now_us - self->spare_us >= RISE_AFTER_US
      && (self->fell_us == 0 || now_us - self->fell_us >= self->patience_us);
}

guint8
rtc_allocation_update (RtcAllocation *self, const guint64 *needs, guint8 top,
    guint64 estimate, gboolean may_fall, gint64 now_us)
{
  gboolean is_short, has_spare;

  /* Who has all has what is added. */
  if (self->layer == self->top)
    self->layer = top;
  self->top = top;
  is_short = self->layer > 0 && needs[self->layer] > estimate && may_fall;
  has_spare = self->layer < top && needs[self->layer + 1] * SPARE <= estimate;
  self->short_us = follow (is_short, self->short_us, now_us);
  self->spare_us = follow (has_spare, self->spare_us, now_us);
  if (self->short_us != 0 && now_us - self->short_us >= FALL_AFTER_US)
    fall (self, needs, estimate, now_us);
  else if (has_waited (self, now_us))
    rise (self, now_us);
  return self->layer;
}
