/* Tells one peer how the picture it is sent is to be turned. */
#pragma once

#include "input.h"

G_BEGIN_DECLS

/**
 * gst_kvs_orienter_attach:
 * @source: where the frames leave for the payloader
 * @packets: where they leave as RTP
 * @id: the number of the header extension
 * @input: whose orientation it is
 *
 * From now on the last packet of each key frame says it, and of each frame
 * that is turned, or has just ceased to be. Both pads belong to one streaming thread.
 */
void gst_kvs_orienter_attach (GstPad *source, GstPad *packets, guint id,
    GstKvsInput *input);

G_END_DECLS
