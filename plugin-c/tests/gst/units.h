/* Encoded frames as the digests of what must come through unchanged. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * test_units_add:
 * @media_type: of the frame's caps, "video/x-h264" and the like
 *
 * Adds (char *) digests of the frame: of its slices where it is H264 or H265,
 * whose framing and parameter sets may change on the way; else of all of it.
 */
void test_units_add (GPtrArray *units, const char *media_type,
    GstBuffer *frame);

/* How many of the received ones there are, all of which must be among the sent. */
guint test_units_compare (GPtrArray *sent, GPtrArray *received);

G_END_DECLS
