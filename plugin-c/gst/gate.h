/* What of a peer's RTP and RTCP reaches webrtcbin. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* srtpdec, rtpsession and rtpptdemux remember something for each SSRC they
 * meet, and srtpdec does so before it has checked the packet. A peer may make
 * up as many as it likes, so here they are counted. */
typedef struct _GstKvsGate GstKvsGate;

/**
 * gst_kvs_gate_new:
 * @bin: the peer's webrtcbin, without transports yet
 *
 * RTP is dropped until gst_kvs_gate_open. RTCP passes from those who may send RTP
 * and from a few more, as a viewer that sends nothing has an SSRC too.
 */
GstKvsGate *gst_kvs_gate_new (GstElement *bin);

/* @ssrcs: of guint32: those that may send RTP. Once, before it opens. */
void gst_kvs_gate_declare (GstKvsGate *self, GArray *ssrcs);

/* A payload type that was answered; RTP of any other is dropped, and warned of
 * once. Before it opens. */
void gst_kvs_gate_allow (GstKvsGate *self, int payload_type);

void gst_kvs_gate_open (GstKvsGate *self);

/* Bytes of payload that came through since it was opened, retransmissions
 * included. Any thread. */
guint64 gst_kvs_gate_get_received (GstKvsGate *self);

/* No new transports are watched; those that are close. */
void gst_kvs_gate_free (GstKvsGate *self);

G_END_DECLS
