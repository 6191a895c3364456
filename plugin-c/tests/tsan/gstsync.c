/* What GStreamer orders without a lock of GLib's, told to ThreadSanitizer as in
 * glibsync.c: its counts, and its bus, which is a queue of atomics. Locks of
 * objects, pads, states and tasks are GLib's, and told of there. */
#define _GNU_SOURCE
#include <gst/gst.h>

#include "sync.h"

void
gst_mini_object_unref (GstMiniObject *object)
{
  REAL (gst_mini_object_unref);
  tell_let_go (object);
  real (object);
}

/* It is ours alone once all others have let go. */
gboolean
gst_mini_object_is_writable (const GstMiniObject *object)
{
  REAL (gst_mini_object_is_writable);
  __tsan_acquire ((void *) object);
  return real (object);
}

GstMiniObject *
gst_mini_object_make_writable (GstMiniObject *object)
{
  REAL (gst_mini_object_make_writable);
  __tsan_acquire (object);
  return real (object);
}

gboolean
gst_element_post_message (GstElement *element, GstMessage *message)
{
  REAL (gst_element_post_message);
  __tsan_release (message);
  return real (element, message);
}

GstMessage *
gst_bus_timed_pop_filtered (GstBus *bus, GstClockTime timeout,
    GstMessageType types)
{
  GstMessage *message;

  REAL (gst_bus_timed_pop_filtered);
  message = real (bus, timeout, types);
  if (message)
    __tsan_acquire (message);
  return message;
}
