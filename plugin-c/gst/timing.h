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

/* Makes `pipeline` run by it, playing or not. */
void gst_kvs_timing_apply (const GstKvsTiming *self, GstElement *pipeline);

/**
 * gst_kvs_timing_stamp:
 * The sample's buffer with running times for time stamps, in which form media
 * crosses from one pipeline to another (transfer full). Its memory is shared.
 */
GstBuffer *gst_kvs_timing_stamp (GstSample *sample);

G_END_DECLS
