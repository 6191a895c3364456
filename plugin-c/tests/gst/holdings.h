/* What this process holds: memory, threads, files. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  guint rss_kb; /* without what malloc keeps of what was freed */
  gsize bytes;  /* of malloc, in use */
  guint threads;
  guint files;
} Holdings;

/* From here on malloc keeps nothing apart for each thread. First in main. */
void holdings_prepare (void);

Holdings holdings_read (void);

/* Waits until there are no more threads and files than `wanted`, since what
 * ends in the background has its time to; fails when they stay. With NULL,
 * until they no longer change. */
Holdings holdings_wait (const Holdings *wanted);

G_END_DECLS
