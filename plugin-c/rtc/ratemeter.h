/* How much passes in a second, over the last one, or another while. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define RTC_RATE_METER_SLOTS 10

/* All zero is one that has seen nothing, over a second. */
typedef struct {
  gint64 slot_us;  /* a tenth of the while; 0: of a second */
  gint64 first_us; /* when it saw its first bytes */
  gint64 slot;     /* the number of the one being filled */
  gint64 until_us; /* its end */
  gsize total;     /* of all slots */
  gsize slots[RTC_RATE_METER_SLOTS];
} RtcRateMeter;

void rtc_rate_meter_add (RtcRateMeter *self, gsize bytes, gint64 now_us);

/* Bit/s. */
guint64 rtc_rate_meter_get (RtcRateMeter *self, gint64 now_us);

G_END_DECLS
