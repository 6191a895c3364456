/* Where the instants of a pipeline's clock are in time since 1970. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstKvsDrift:
 * What to add to one clock to read another. A sound card's clock gains
 * seconds a day on the system's, which is followed slowly: two reads are
 * never of the same instant, and streams placed by it must stay in step.
 */
typedef struct {
  gboolean has_begun;
  gint64 offset_us;
  gint64 last_us; /* of the followed clock, when the offset was looked at */
} GstKvsDrift;

/* Both clocks are read now, in µs: what to add to the first to have the second. */
gint64 gst_kvs_drift_follow (GstKvsDrift *self, gint64 from_us, gint64 to_us);

/**
 * gst_kvs_wallclock_place:
 * @time: an instant by @clock, not only now
 *
 * In µs since 1970. One reckoning for each clock, whoever asks: what was
 * captured at the same instant is placed at the same, which makes lips and
 * voice agree. Any thread.
 */
gint64 gst_kvs_wallclock_place (GstClock *clock, GstClockTime time);

G_END_DECLS
