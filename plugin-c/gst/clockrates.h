/* Tells webrtcbin's RTP session the clock rate of each stream that it sends. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_KVS_N_PAYLOAD_TYPES 128

/**
 * gst_kvs_clock_rates_tell:
 * @webrtc: a webrtcbin whose descriptions are set
 * @rates: Hz by payload type, 0 where nothing is sent; copied
 *
 * The funnel before a bundle's RTP session takes the SSRC out of the caps, and
 * a session that knows no clock rate asks for it when it writes its first
 * sender report. GStreamer 1.22.0 lets go of its lock for that in the middle of
 * a walk of its table of sources; when the peer's first report comes in just
 * then, GLib logs a critical (g_hash_table_foreach, 'version ==
 * hash_table->version') and that report is not finished. Told beforehand, it
 * does not ask. Holds until the pipeline goes. Any thread, before media flows.
 */
void gst_kvs_clock_rates_tell (GstElement *webrtc,
    const int rates[GST_KVS_N_PAYLOAD_TYPES]);

G_END_DECLS
