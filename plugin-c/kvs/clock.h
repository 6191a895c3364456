/* The service's time: this machine's clock and what is known to be wrong with it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * KvsClock:
 * One for all signatures of a signaller, REST and WebSocket alike. Worker only.
 */
typedef struct {
  gint64 offset; /* seconds to add to the local clock */
} KvsClock;

/* Seconds since 1970, corrected. */
gint64 kvs_clock_now (const KvsClock *clock);

/* `service_time` is the Date header of an answer, in seconds since 1970. */
void kvs_clock_correct (KvsClock *clock, gint64 service_time);

G_END_DECLS
