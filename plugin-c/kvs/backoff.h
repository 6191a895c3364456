/* Full-jitter exponential back-off. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define KVS_BACKOFF_FIRST_MS 100
#define KVS_BACKOFF_CAP_MS 10000

/* How often in a row something failed; zero it when it works again. */
typedef struct {
  guint attempts;
} KvsBackoff;

/**
 * kvs_backoff_next:
 * @fraction: a random number in [0, 1)
 *
 * Counts one failure. Full jitter (a random part of a doubling bound, 100 ms
 * to 10 s) is what keeps many clients cut off at one moment from coming back
 * at one moment: AWS Architecture Blog, "Exponential Backoff And Jitter".
 *
 * Returns: milliseconds to wait.
 */
guint kvs_backoff_next (KvsBackoff *backoff, double fraction);

void kvs_backoff_reset (KvsBackoff *backoff);

G_END_DECLS
