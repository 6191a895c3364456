#include "renewal.h"

#define AHEAD 300 /* before the end, as the AWS SDKs do */
#define JITTER 60 /* earlier still, so that a fleet does not ask at once */
#define RETRY 30  /* after a failure, at the most but for jitter */

gint64
kvs_renewal_delay (gint64 left, guint failures, double fraction)
{
  gint64 half = left / 2 - (gint64) (fraction * left / 10);

  if (left <= 0)
    return RETRY + (gint64) (fraction * RETRY);
  if (failures > 0)
    return CLAMP (half, 1, RETRY);
  if (left > 2 * AHEAD)
    return left - AHEAD - (gint64) (fraction * JITTER);
  return MAX (half, 1);
}
