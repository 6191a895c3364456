/* What one peer sends: let in by a list, taken out of RTP, handed to outputs. */
#pragma once

#include "output.h"
#include "narrow.h"

G_BEGIN_DECLS

typedef struct _GstKvsReceiver GstKvsReceiver;

/* A stream began; from its streaming thread, before its first frame. */
typedef void (*GstKvsReceiverFunc) (gpointer user_data, GstKvsOutput *output);

/* The first frame that can be decoded came; from its streaming thread. */
typedef void (*GstKvsReceivedFunc) (gpointer user_data, GstKvsMedia media);

/**
 * gst_kvs_receiver_new:
 * @pipeline: the peer's, which holds @webrtc
 * @user_data: a GObject, held
 *
 * Before webrtcbin has a description. What a peer sends is dropped before
 * webrtcbin sees it until gst_kvs_receiver_open (gate.h).
 */
GstKvsReceiver *gst_kvs_receiver_new (GstElement *pipeline, GstElement *webrtc,
    GstKvsReceiverFunc added, GstKvsReceivedFunc first_frame,
    gpointer user_data);

/**
 * gst_kvs_receiver_expect:
 * @choices: by m-line of @remote
 *
 * Once, when both are known. RTP of an SSRC that the peer did not declare for
 * an m-line we receive on stays dropped: webrtcbin would assert, or grow by a
 * pad for each.
 */
void gst_kvs_receiver_expect (GstKvsReceiver *self,
    const GstKvsSdpOffer *remote, const GstKvsSdpChoice *choices);

/* Lets packets in: once the peer's certificate has been checked. Any thread. */
void gst_kvs_receiver_open (GstKvsReceiver *self);

/* Of payload, until it was stopped. */
guint64 gst_kvs_receiver_get_bytes (GstKvsReceiver *self);

/* No more streams begin; those there are stop pushing. Any thread. */
void gst_kvs_receiver_stop (GstKvsReceiver *self);

/* After the pipeline is down. */
void gst_kvs_receiver_free (GstKvsReceiver *self);

G_END_DECLS
