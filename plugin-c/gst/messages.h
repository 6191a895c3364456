/* Everything the element tells the application, one function a message. */
#pragma once

#include "peer.h"
#include "signaller.h"

G_BEGIN_DECLS

/* All post an element message of `element` on the bus; any thread. Fields are
 * strings, booleans, ints, int64 and doubles only, so that bindings can read
 * them. Peer ids and reasons may hold what a remote wrote. */

/* kinesiswebrtc-signaling {channel, state, detail, gap-ms}; the last only where
 * it is not negative: see KvsSignallerEvents. */
void gst_kvs_post_signaling (GstElement *element, const char *channel,
    KvsSignallerState state, const char *detail, gint64 gap_ms);

/* kinesiswebrtc-peer-connected {peer-id, local-candidate, remote-candidate, protocol, setup-ms} */
void gst_kvs_post_peer_connected (GstElement *element, const char *peer_id,
    const GstKvsPeerPath *path, gint64 setup_ms);

/* kinesiswebrtc-peer-disconnected {peer-id, reason, duration-ms, bytes-sent, bytes-received}:
 * exactly one for each peer-connected. */
void gst_kvs_post_peer_disconnected (GstElement *element, const char *peer_id,
    const char *reason, const GstKvsPeerStats *stats);

/* kinesiswebrtc-peer-refused {peer-id, reason}: an offer that led to no connection. */
void gst_kvs_post_peer_refused (GstElement *element, const char *peer_id,
    const char *reason);

/* kinesiswebrtc-waiting {channel, peer-id}: a viewer's master does not answer yet. */
void gst_kvs_post_waiting (GstElement *element, const char *channel,
    const char *peer_id);

/* kinesiswebrtc-first-frame {peer-id, media, ms} */
void gst_kvs_post_first_frame (GstElement *element, const char *peer_id,
    GstKvsMedia media, gint64 ms);

/* kinesiswebrtc-stalled {peer-id, stage, media, detail, ms}: what there is none of
 * yet, and how far it came. */
void gst_kvs_post_stalled (GstElement *element, const char *peer_id,
    GstKvsStage stage, const char *media, const char *detail, gint64 ms);

/* kinesiswebrtc-track {peer-id, media, codec, pad, added}: a source pad came or goes. */
void gst_kvs_post_track (GstElement *element, const char *peer_id,
    const GstKvsCodec *codec, const char *pad, gboolean added);

/* kinesiswebrtc-data-channel {peer-id, label}: texts can be sent on it from now on. */
void gst_kvs_post_data_channel (GstElement *element, const char *peer_id,
    const char *label);

/* kinesiswebrtc-data {peer-id, label, text}: text on a data channel. */
void gst_kvs_post_data (GstElement *element, const char *peer_id,
    const char *label, const char *text);

/* kinesiswebrtc-stats {peer-id, ...}: see gst_kvs_stats_structure. */
void gst_kvs_post_stats (GstElement *element, const char *peer_id,
    const GstKvsPeerStats *stats);

/* The fields of a stats message, as a structure (transfer full). */
GstStructure *gst_kvs_stats_structure (const char *name, const char *peer_id,
    const GstKvsPeerStats *stats);

/**
 * gst_kvs_post_error:
 * @error: a KVS_ERROR, or a GST_CORE_ERROR for a missing plugin
 *
 * The one place where a GError becomes an error on the bus. Its details hold
 * kinesiswebrtc-error {code}: the nick of the KvsError, or "missing-plugin".
 */
void gst_kvs_post_error (GstElement *element, const GError *error);

G_END_DECLS
