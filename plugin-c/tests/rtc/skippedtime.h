/* Time that passes without anybody waiting for it.
 *
 * A program that has this has clocks of its own in the place of the C
 * library's: what is added is seen by GLib's sources, which go by the monotonic
 * one, and by usrsctp, which tells the age of a packet by gettimeofday and not
 * by its timers. CLOCK_REALTIME stays as it is. */
#pragma once

#include <glib.h>

/* Any thread. */
void skipped_time_add (guint milliseconds);
