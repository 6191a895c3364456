/* kinesiswebrtcbin, the element. See the .c for its documentation. */
#pragma once

#include <gst/gst.h>

#include "awssignaller.h"

G_BEGIN_DECLS

#define GST_TYPE_KINESIS_WEBRTC_BIN (gst_kinesis_webrtc_bin_get_type ())
G_DECLARE_FINAL_TYPE (GstKinesisWebrtcBin, gst_kinesis_webrtc_bin, GST,
    KINESIS_WEBRTC_BIN, GstBin)

/* Makes the signaller the element will use; called once a start, any thread. */
typedef KvsSignaller *(*GstKvsSignallerFactory) (KvsWorker *worker,
    const KvsConfig *config, gpointer user_data);

/**
 * gst_kinesis_webrtc_bin_set_signaller_factory:
 * Replaces Amazon's service by another signaller: tests join two ends in
 * memory this way. Before READY.
 */
void gst_kinesis_webrtc_bin_set_signaller_factory (GstKinesisWebrtcBin *self,
    GstKvsSignallerFactory factory, gpointer user_data);

GST_ELEMENT_REGISTER_DECLARE (kinesiswebrtcbin);

G_END_DECLS
