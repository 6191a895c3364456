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

static void
set_base_time (const GValue *element, gpointer base_time)
{
  gst_element_set_base_time (g_value_get_object (element),
      *(const GstClockTime *) base_time);
}

/* A pipeline hands these on to its elements when it begins to play and never
 * again, but it may have been made before the element's own was known: a
 * viewer calls while the application's pipeline is still on its way. */
static void
apply_to_elements (const GstKvsTiming *self, GstElement *pipeline)
{
  GstIterator *elements = gst_bin_iterate_recurse (GST_BIN (pipeline));
  GstClockTime base_time = self->base_time;

  gst_element_set_clock (pipeline, self->clock);
  while (gst_iterator_foreach (elements, set_base_time, &base_time)
      == GST_ITERATOR_RESYNC)
    gst_iterator_resync (elements);
  gst_iterator_free (elements);
}

void
gst_kvs_timing_apply (const GstKvsTiming *self, GstElement *pipeline)
{
  gst_pipeline_use_clock (GST_PIPELINE (pipeline), self->clock);
  /* No start time: the pipeline must not choose a base time of its own. */
  gst_element_set_start_time (pipeline, GST_CLOCK_TIME_NONE);
  gst_element_set_base_time (pipeline, self->base_time);
  apply_to_elements (self, pipeline);
}

static gboolean
is_running_time (const GstSegment *segment)
{
  return segment->format != GST_FORMAT_TIME
      || (segment->start == 0 && segment->base == 0 && segment->offset == 0
          && segment->rate == 1.0);
}

GstBuffer *
gst_kvs_timing_stamp (GstSample *sample)
{
  GstBuffer *original = gst_sample_get_buffer (sample);
  GstSegment *segment = gst_sample_get_segment (sample);
  GstBuffer *buffer;

  if (is_running_time (segment))
    return gst_buffer_ref (original);
  buffer = gst_buffer_copy (original);
  /* A camera's pool must not fill the memory again while an encoder reads. */
  if (original->pool)
    gst_buffer_add_parent_buffer_meta (buffer, original);
  GST_BUFFER_PTS (buffer) = gst_segment_to_running_time (segment,
      GST_FORMAT_TIME, GST_BUFFER_PTS (buffer));
  GST_BUFFER_DTS (buffer) = gst_segment_to_running_time (segment,
      GST_FORMAT_TIME, GST_BUFFER_DTS (buffer));
  return buffer;
}
