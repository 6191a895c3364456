/* Tells a peer that its session ends. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * gst_kvs_goodbye_say:
 * @webrtc: a webrtcbin whose DTLS is connected
 *
 * Sends DTLS's close_notify, which webrtcbin by itself does not: a browser
 * sees the end at once instead of waiting for checks to fail. Returns when it
 * is on its way, after 2 s at most. A thread of the reaper's.
 */
void gst_kvs_goodbye_say (GstElement *webrtc);

G_END_DECLS
