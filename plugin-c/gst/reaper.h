/* Takes pipelines down on threads of its own, where blocking harms nobody. */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define GST_TYPE_KVS_REAPER (gst_kvs_reaper_get_type ())
G_DECLARE_FINAL_TYPE (GstKvsReaper, gst_kvs_reaper, GST_KVS, REAPER, GObject)

GstKvsReaper *gst_kvs_reaper_new (void);

/* Runs `func` on another thread soon; any thread. */
void gst_kvs_reaper_push (GstKvsReaper *self, GDestroyNotify func,
    gpointer data);

/* The same for what the application may hold up for as long as it likes: it
 * keeps nothing else waiting. */
void gst_kvs_reaper_push_slow (GstKvsReaper *self, GDestroyNotify func,
    gpointer data);

/**
 * gst_kvs_reaper_hold:
 * Something will be pushed later (a peer waits for its goodbye to go through): wait
 * does not return before the matching gst_kvs_reaper_release. Any thread.
 */
void gst_kvs_reaper_hold (GstKvsReaper *self);
void gst_kvs_reaper_release (GstKvsReaper *self);

/* How much is held, queued or running. Any thread. */
guint gst_kvs_reaper_get_busy (GstKvsReaper *self);

/* Blocks until nothing is held, queued or running. Never from the worker. */
void gst_kvs_reaper_wait (GstKvsReaper *self);

G_END_DECLS
