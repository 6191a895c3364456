/* Layers in time: how an encoder is told to make them. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * gst_kvs_temporal_configure:
 *
 * Lets the encoder make a stream of which a peer can be sent less: every
 * second frame, or every fourth, and what is left out is never missed by the
 * rest. Nothing happens to encoders that cannot. Before it runs.
 */
void gst_kvs_temporal_configure (GstElement *encoder);

/* Shares a bitrate (bit/s, of all layers) out among the layers, where there
 * are some. Also while it runs. */
void gst_kvs_temporal_set_bitrate (GstElement *encoder, guint bitrate);

G_END_DECLS
