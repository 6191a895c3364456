/* What a VP9 frame's own header says of its use to later frames. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * rtc_vp9_is_discardable:
 * @data: the beginning of a coded frame (VP9 bitstream specification section
 *   6.2, "uncompressed_header"); any bytes
 *
 * Whether a decoder that is never shown this frame decodes all others as if
 * it had been: it refreshes no reference, and is of an error resilient
 * stream. In any other, probabilities, and motion vectors that are predicted
 * from the frame decoded before, would be missed. FALSE where it cannot be read.
 */
gboolean rtc_vp9_is_discardable (const guint8 *data, gsize size);

G_END_DECLS
