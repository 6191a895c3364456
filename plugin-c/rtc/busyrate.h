/* How fast a path is while it is full: what arrives between two packets of
 * which the second had to wait, and for which it was therefore never idle.
 *
 * What arrives in any fixed time is less, whenever the path was idle in it:
 * and to fall to that would be to fall again and again. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* All zero is one that has seen nothing. */
typedef struct {
  gint64 arrival_us; /* of the last packet; 0: none */
  gint64 busy_us;    /* when it was last full */
  gint64 bytes;      /* arrived while it was */
  gint64 us;         /* which took so long */
} RtcBusyRate;

/* @queue_us is how long this packet waited in the path. */
void rtc_busy_rate_take (RtcBusyRate *self, gint64 arrival_us, gint64 queue_us,
    gsize size);

/* Bit/s; 0 when it was not full of late, or not for long enough. */
guint64 rtc_busy_rate_get (const RtcBusyRate *self);

G_END_DECLS
