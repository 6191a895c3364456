#include "wallclock.h"

/* Half a millisecond each second: more than any crystal is wrong by, and
 * nothing that is heard or seen. */
#define MAX_SLEW 2000

/* Somebody has set the time: there is nothing to follow. */
#define STEP_US G_USEC_PER_SEC

gint64
gst_kvs_drift_follow (GstKvsDrift *self, gint64 from_us, gint64 to_us)
{
  gint64 error = to_us - from_us - self->offset_us;
  gint64 most = MAX (from_us - self->last_us, 0) / MAX_SLEW;

  if (!self->has_begun || ABS (error) >= STEP_US) {
    self->has_begun = TRUE;
    self->offset_us += error;
    self->last_us = from_us;
  } else if (most > 0) {
    self->offset_us += CLAMP (error, -most, most);
    self->last_us = from_us;
  }
  return self->offset_us;
}

/* One for each clock, and gone with it. */
static GstKvsDrift *
drift_of (GstClock *clock)
{
  static GQuark quark = 0;
  GstKvsDrift *drift;

  if (!quark)
    quark = g_quark_from_static_string ("kvs-wallclock-drift");
  drift = g_object_get_qdata (G_OBJECT (clock), quark);
  if (!drift) {
    drift = g_new0 (GstKvsDrift, 1);
    g_object_set_qdata_full (G_OBJECT (clock), quark, drift, g_free);
  }
  return drift;
}

gint64
gst_kvs_wallclock_place (GstClock *clock, GstClockTime time)
{
  static GMutex lock;
  gint64 now_us = (gint64) GST_TIME_AS_USECONDS (gst_clock_get_time (clock));
  gint64 offset_us;

  g_mutex_lock (&lock);
  offset_us =
      gst_kvs_drift_follow (drift_of (clock), now_us, g_get_real_time ());
  g_mutex_unlock (&lock);
  return (gint64) GST_TIME_AS_USECONDS (time) + offset_us;
}
