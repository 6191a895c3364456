/* What each target has in common when it is searched with libFuzzer. */
#include <gst/gst.h>
#include <stdlib.h>

#include "fuzz.h"

/* What the tests' G_DEBUG=fatal-criticals does, by a signal that libFuzzer
 * knows, so that it keeps the input. */
static void
on_log (const char *domain, GLogLevelFlags level, const char *message,
    gpointer unused)
{
  g_printerr ("%s: %s\n", domain ? domain : "**", message);
  if (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL))
    abort ();
}

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  g_log_set_default_handler (on_log, NULL);
  gst_init (NULL, NULL);
  return 0;
}
