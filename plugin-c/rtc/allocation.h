/* Which layers in time a path has room for: fewer soon, more with care. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Layers that are told apart; higher ones go with the last. */
#define RTC_ALLOCATION_LAYERS 4

/* rtc_allocation_init() first. */
typedef struct {
  guint8 layer;       /* highest that is sent */
  guint8 top;         /* highest there is, as far as was seen */
  gint64 short_us;    /* since when it is too much; 0: it is not */
  gint64 spare_us;    /* since when there is room for more; 0: there is not */
  gint64 fell_us;     /* 0: never */
  gint64 rose_us;     /* 0: never */
  gint64 patience_us; /* after a fall, before a rise */
} RtcAllocation;

void rtc_allocation_init (RtcAllocation *self);

/**
 * rtc_allocation_update:
 * @needs: bit/s of all that is sent when this is the highest layer; up to @top,
 *     which does not become less
 * @top: the highest layer there is
 * @estimate: bit/s
 * @may_fall: the path was full of late; without a sign of that a low estimate
 *     says only that little was sent
 *
 * Returns the highest layer to be sent; with 0 it may still be too much.
 */
guint8 rtc_allocation_update (RtcAllocation *self, const guint64 *needs,
    guint8 top, guint64 estimate, gboolean may_fall, gint64 now_us);

G_END_DECLS
