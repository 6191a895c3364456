#include "holdings.h"

#include <malloc.h>
#include <string.h>

#define LOOK_US (100 * 1000)
/* GLib keeps an idle thread of a pool for 15 s. */
#define STILL_LOOKS 180
#define PATIENCE_US (60 * G_TIME_SPAN_SECOND)

static guint
count_in (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir))
    n++;
  return n;
}

static guint
read_rss_kb (void)
{
  g_autofree char *status = NULL;
  const char *line;

  g_file_get_contents ("/proc/self/status", &status, NULL, NULL);
  line = status ? strstr (status, "VmRSS:") : NULL;
  return line ? (guint) g_ascii_strtoull (line + strlen ("VmRSS:"), NULL, 10)
              : 0;
}

void
holdings_prepare (void)
{
  mallopt (M_ARENA_MAX, 1);
}

Holdings
holdings_read (void)
{
  struct mallinfo2 info = mallinfo2 ();

  malloc_trim (0);
  return (Holdings){
    .rss_kb = read_rss_kb (),
    .bytes = info.uordblks + info.hblkhd,
    .threads = count_in ("/proc/self/task"),
    .files = count_in ("/proc/self/fd"),
  };
}

static gboolean
is_more (const Holdings *now, const Holdings *than)
{
  return now->threads > than->threads || now->files > than->files;
}

static Holdings
wait_still (void)
{
  Holdings now = holdings_read ();

  for (guint still = 0; still < STILL_LOOKS; still++) {
    Holdings before = now;

    g_usleep (LOOK_US);
    now = holdings_read ();
    if (now.threads != before.threads || now.files != before.files)
      still = 0;
  }
  return now;
}

Holdings
holdings_wait (const Holdings *wanted)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_US;
  Holdings now;

  if (!wanted)
    return wait_still ();
  for (now = holdings_read (); is_more (&now, wanted); now = holdings_read ()) {
    if (g_get_monotonic_time () > end)
      g_error ("%u threads and %u files, not %u and %u", now.threads, now.files,
          wanted->threads, wanted->files);
    g_usleep (LOOK_US);
  }
  return now;
}
