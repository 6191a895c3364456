/* When the steps on the way to the service began and ended. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Microseconds of g_get_monotonic_time; 0 for what has not happened (yet). */
typedef struct {
  gint64 begin;
  gint64 end;
} KvsSpan;

void kvs_span_begin (KvsSpan *span);
void kvs_span_end (KvsSpan *span);

/**
 * KvsTimes:
 * Of the connection that is in use; a step that was not taken again for it
 * has the times of when it was taken.
 */
typedef struct {
  KvsSpan signaling; /* all of it, up to the open socket */
  KvsSpan access;    /* keys and region */
  KvsSpan describe;
  KvsSpan create;
  KvsSpan endpoints;
  KvsSpan ice_servers; /* the last request for them */
  KvsSpan connect;
} KvsTimes;

G_END_DECLS
