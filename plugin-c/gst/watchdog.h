/* Notices a peer that is gone without a word, by the packets that stop coming. */
#pragma once

#include <gst/gst.h>

#include "worker.h"

G_BEGIN_DECLS

typedef struct _GstKvsWatchdog GstKvsWatchdog;

typedef void (*GstKvsWatchdogFunc) (gpointer user_data);

/**
 * gst_kvs_watchdog_new:
 * @webrtc: a connected webrtcbin
 * @is_armed: whether the peer is sure to send RTCP; else its first RTCP arms
 * @silent: called once, on the worker, 14 to 15 s after its last RTP or RTCP
 *
 * Amazon's C SDK, receiving, sends none at all, and is left to ICE's slower
 * keep-alive checks. Worker.
 */
GstKvsWatchdog *gst_kvs_watchdog_new (KvsWorker *worker, GstElement *webrtc,
    gboolean is_armed, GstKvsWatchdogFunc silent, gpointer user_data);

/* `silent` is not called any more. Worker, also from inside `silent`. */
void gst_kvs_watchdog_free (GstKvsWatchdog *self);

G_END_DECLS
