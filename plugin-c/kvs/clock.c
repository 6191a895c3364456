#include "clock.h"

static gint64
local_now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

gint64
kvs_clock_now (const KvsClock *clock)
{
  return local_now () + clock->offset;
}

void
kvs_clock_correct (KvsClock *clock, gint64 service_time)
{
  clock->offset = service_time - local_now ();
}
