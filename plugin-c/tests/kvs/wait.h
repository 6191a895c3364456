/* Waiting for a state, by running the test's own main context. */
#pragma once

#include <glib.h>

#define WAIT_LIMIT_US (20 * G_USEC_PER_SEC)

static gboolean
wait_tick (gpointer unused)
{
  return G_SOURCE_CONTINUE;
}

/* The tick lets a condition be seen that another thread makes true. */
#define WAIT_UNTIL(condition)                                  \
  G_STMT_START                                                 \
  {                                                            \
    gint64 wait_end = g_get_monotonic_time () + WAIT_LIMIT_US; \
    guint wait_source = g_timeout_add (5, wait_tick, NULL);    \
    while (!(condition) && g_get_monotonic_time () < wait_end) \
      g_main_context_iteration (NULL, TRUE);                   \
    g_source_remove (wait_source);                             \
    g_assert_true (condition);                                 \
  }                                                            \
  G_STMT_END
