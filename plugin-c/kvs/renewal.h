/* When keys that expire are fetched again. Pure. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * kvs_renewal_delay:
 * @left: seconds until the keys expire, not above 0 when they have
 * @failures: how often in a row fetching has failed, or brought no later end
 * @fraction: a random number in [0, 1)
 *
 * Five to six minutes before the end, as AWS hands out new keys from then on;
 * about half-way through keys that live no longer than that needs. After a
 * failure half of what is left, within bounds; keys that have expired are
 * asked for every half minute or so. Never sooner than a second.
 *
 * Returns: seconds to wait.
 */
gint64 kvs_renewal_delay (gint64 left, guint failures, double fraction);

G_END_DECLS
