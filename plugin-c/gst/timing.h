/* The clock that everything the element makes runs by. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstKvsTiming:
 * The element's clock and base time, as a value. Every private pipeline (one
 * for each encoder, one for each peer) is given the same, so that a running
 * time means the same instant in all of them and RTCP's sender reports of a
 * peer's audio and video agree.
 */
typedef struct {
  GstClock *clock;
  GstClockTime base_time;
} GstKvsTiming;

/* Of the element now; the system clock where it has none yet. Clear after use. */
void gst_kvs_timing_read (GstKvsTiming *self, GstElement *element);
void gst_kvs_timing_clear (GstKvsTiming *self);

/* Makes `pipeline` run by it. */
void gst_kvs_timing_apply (const GstKvsTiming *self, GstElement *pipeline);

G_END_DECLS
