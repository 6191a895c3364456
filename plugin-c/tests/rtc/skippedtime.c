#include "skippedtime.h"

#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_SECOND 1000000000

static gsize skipped_ms; /* atomic */

void
skipped_time_add (guint milliseconds)
{
  g_atomic_pointer_add (&skipped_ms, milliseconds);
}

static void
add_skipped (struct timespec *now)
{
  gsize skipped = (gsize) g_atomic_pointer_get (&skipped_ms);

  now->tv_sec += (time_t) (skipped / 1000);
  now->tv_nsec += (long) (skipped % 1000) * 1000000;
  if (now->tv_nsec >= NS_PER_SECOND) {
    now->tv_nsec -= NS_PER_SECOND;
    now->tv_sec++;
  }
}

int
clock_gettime (clockid_t clock, struct timespec *now)
{
  int result = (int) syscall (SYS_clock_gettime, clock, now);

  /* libFuzzer counts what it may still spend by the clock of the day. */
  if (clock == CLOCK_MONOTONIC)
    add_skipped (now);
  return result;
}

int
gettimeofday (struct timeval *now, void *zone)
{
  struct timespec precise;
  int result = (int) syscall (SYS_clock_gettime, CLOCK_REALTIME, &precise);

  add_skipped (&precise);
  now->tv_sec = precise.tv_sec;
  now->tv_usec = precise.tv_nsec / 1000;
  return result;
}
