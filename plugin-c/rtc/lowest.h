/* The lowest value of the last while: what a delay is without any queue. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* All zero is one that has seen nothing. */
typedef struct {
  gint64 since_us; /* 0: nothing was seen */
  gint64 now;      /* lowest since then */
  gint64 before;   /* lowest of the while before that */
} RtcLowest;

/* Forgets in one to two times @while_us. */
void rtc_lowest_take (RtcLowest *self, gint64 value, gint64 while_us,
    gint64 now_us);

/* Of what was taken; G_MAXINT64 of nothing. */
gint64 rtc_lowest_get (const RtcLowest *self);

G_END_DECLS
