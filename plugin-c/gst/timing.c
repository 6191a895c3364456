#include "timing.h"

void
gst_kvs_timing_read (GstKvsTiming *self, GstElement *element)
{
  self->clock = gst_element_get_clock (element);
  self->base_time = gst_element_get_base_time (element);
  if (!self->clock) {
    self->clock = gst_system_clock_obtain ();
    self->base_time = gst_clock_get_time (self->clock);
  }
}

void
gst_kvs_timing_clear (GstKvsTiming *self)
{
  gst_clear_object (&self->clock);
}

void
gst_kvs_timing_apply (const GstKvsTiming *self, GstElement *pipeline)
{
  gst_pipeline_use_clock (GST_PIPELINE (pipeline), self->clock);
  /* No start time: the pipeline must not choose a base time of its own. */
  gst_element_set_start_time (pipeline, GST_CLOCK_TIME_NONE);
  gst_element_set_base_time (pipeline, self->base_time);
}
