#include "backoff.h"

static guint
bound (guint attempts)
{
  /* Past ten doublings the cap has long been reached; more would overflow. */
  return MIN (KVS_BACKOFF_FIRST_MS << MIN (attempts, 10), KVS_BACKOFF_CAP_MS);
}

guint
kvs_backoff_next (KvsBackoff *backoff, double fraction)
{
  guint limit = bound (backoff->attempts);

  if (backoff->attempts < G_MAXUINT)
    backoff->attempts++;
  return (guint) (fraction * limit);
}

void
kvs_backoff_reset (KvsBackoff *backoff)
{
  backoff->attempts = 0;
}
