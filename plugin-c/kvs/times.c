#include "times.h"

void
kvs_span_begin (KvsSpan *span)
{
  span->begin = g_get_monotonic_time ();
  span->end = 0;
}

void
kvs_span_end (KvsSpan *span)
{
  span->end = g_get_monotonic_time ();
}
