/* Pure: time stamps of what one peer is sent of a stream, which go on whatever the stream's do. */
#pragma once

#include "frame.h"

G_BEGIN_DECLS

/**
 * GstKvsContinuity:
 * All zero but for the clock rate to begin with. One thread at a time; it holds
 * nothing.
 */
typedef struct {
  guint clock_rate;
  gboolean has_begun;
  guint32 timestamp;  /* of the last frame that was sent */
  gint64 captured_us; /* likewise */
  guint32 offset;     /* what is added to the stream's, since it began anew */
  gboolean is_behind; /* what comes now is of instants that were sent already */
} GstKvsContinuity;

/**
 * gst_kvs_continuity_place:
 *
 * The frame with the time stamp it is to be sent with (transfer full). Within one
 * stream frames may be out of order, as pictures are that are shown in another. One
 * that is far behind is of a stream that has begun anew, as a file does that is played
 * again: it and what follows go on from the last by the time that was between.
 */
RtcFrame *gst_kvs_continuity_place (GstKvsContinuity *self, RtcFrame *frame);

/* What comes next is of another size. A smaller picture is encoded sooner: the first
 * frames of a larger one may be of instants that were sent already, and time must not
 * go back; each comes a tick after the last. */
void gst_kvs_continuity_hop (GstKvsContinuity *self);

/* @frame, as it was placed, was sent. */
void gst_kvs_continuity_sent (GstKvsContinuity *self, const RtcFrame *frame);

G_END_DECLS
