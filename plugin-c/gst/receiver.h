/* What one peer sends: let in by a list, taken out of RTP, handed to outputs. */
#pragma once

#include "output.h"
#include "narrow.h"

G_BEGIN_DECLS

typedef struct _GstKvsReceiver GstKvsReceiver;

/* A stream began; from its streaming thread, before its first frame. */
typedef void (*GstKvsReceiverFunc) (gpointer user_data, GstKvsOutput *output);

/**
 * gst_kvs_receiver_new:
 * @pipeline: the peer's, which holds @webrtc
 * @choices: by m-line of @offer
 * @user_data: a GObject, held
 *
 * Before the remote description is set. RTP of an SSRC that the offer did not
 * declare for an m-line we receive on is dropped before webrtcbin sees it
 * (gate.h): that would assert, or grow by a pad for each.
 */
GstKvsReceiver *gst_kvs_receiver_new (GstElement *pipeline, GstElement *webrtc,
    const GstKvsSdpOffer *offer, const GstKvsSdpChoice *choices,
    GstKvsReceiverFunc added, gpointer user_data);

/* Lets packets in: once the peer's certificate has been checked. Any thread. */
void gst_kvs_receiver_open (GstKvsReceiver *self);

/* No more streams begin; those there are stop pushing. Any thread. */
void gst_kvs_receiver_stop (GstKvsReceiver *self);

/* After the pipeline is down. */
void gst_kvs_receiver_free (GstKvsReceiver *self);

G_END_DECLS
