/* webrtcbin as GStreamer 1.22 has it: how to set it up and what to read from it. */
#pragma once

#include <gst/webrtc/webrtc.h>

#include "peer.h"

G_BEGIN_DECLS

/**
 * gst_kvs_webrtc_new:
 * @stun_server: "stun:host:port" to use instead of the service's, or NULL
 * @ice_servers: of KvsIceServer, may be NULL
 *
 * A webrtcbin ready for one peer (transfer full, not floating), or NULL when
 * it is not installed.
 */
GstElement *gst_kvs_webrtc_new (const char *stun_server, GPtrArray *ice_servers,
    gboolean relay_only);

/* The pad to send on for an m-line of the offer, set up for its payload type. */
GstPad *gst_kvs_webrtc_request_sink (GstElement *webrtc, guint mline,
    const GstKvsSdpChoice *choice);

/* An m-line to receive on, in our offer; those to send on have a pad of their own. */
void gst_kvs_webrtc_add_receiver (GstElement *webrtc,
    const GstKvsSdpCodec *codec);

/* The payload type a pad that was requested for an offer is to send in the end. */
void gst_kvs_webrtc_set_codec (GstPad *pad, const GstKvsSdpCodec *codec);

/* The one DTLS transport of all the peer's media and data (transfer full), so
 * that one certificate speaks for them; NULL when there are several, or none. */
GstWebRTCDTLSTransport *gst_kvs_webrtc_get_dtls (GstElement *webrtc);

typedef struct {
  char *local;
  char *local_address;
  guint local_port;
  char *remote;
  char *protocol;
} GstKvsWebrtcPath;

/* Reads the selected candidate pair from a get-stats reply; fields stay NULL where it has none. */
void gst_kvs_webrtc_path_from_stats (GstKvsWebrtcPath *path,
    const GstStructure *stats);
void gst_kvs_webrtc_path_clear (GstKvsWebrtcPath *path);

/* Adds up webrtcbin's RTP sessions. Any thread. */
void gst_kvs_webrtc_read_rtp_stats (GstElement *webrtc, GstKvsPeerStats *stats);

/* "stun:host:port" → "stun://host:port"; NULL when it is not such a URI. */
char *gst_kvs_webrtc_stun_uri (const char *uri);

/**
 * gst_kvs_webrtc_turn_address:
 * @address: "host:port"
 *
 * "turn://user:password@host:port?transport=...": webrtcbin's form. A secret.
 */
char *gst_kvs_webrtc_turn_address (const char *address, gboolean is_tcp,
    const char *username, const char *password);

/* The same from "turn:host:port?transport=udp"; NULL for TURN over TLS, which
 * libnice does not speak (see relays.h). */
char *gst_kvs_webrtc_turn_uri (const char *uri, const char *username,
    const char *password);

G_END_DECLS
