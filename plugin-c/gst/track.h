/* One stream of a peer, from its RTP in order to an output. */
#pragma once

#include "output.h"

G_BEGIN_DECLS

/* The first frame that can be decoded came; from its streaming thread. */
typedef void (*GstKvsTrackFunc) (gpointer user_data, GstKvsMedia media);

/**
 * gst_kvs_track_new:
 * @orientation_id: of the header extension, 0 without (orientation.h)
 * @user_data: a GObject, held
 * @output: set (transfer full) where something is returned
 *
 * A bin with a "sink" pad for RTP of that codec (floating); NULL when what
 * unpacks it is not installed. What comes out of it goes to the output, whose
 * wish for a key frame goes the other way as an event.
 */
GstElement *gst_kvs_track_new (const GstKvsCodec *codec, guint orientation_id,
    GstKvsTrackFunc first_frame, gpointer user_data, GstKvsOutput **output);

G_END_DECLS
