/* One clock for all that the element makes. */
#include <gst/gst.h>

#include "timing.h"

static GstClockTime
base_time_of (GstElement *pipeline, const char *name)
{
  g_autoptr (GstElement) element =
      gst_bin_get_by_name (GST_BIN (pipeline), name);

  return gst_element_get_base_time (element);
}

/* A peer that was made before the application's pipeline had its base time. */
static void
test_playing_pipeline_follows (void)
{
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (
      "fakesrc is-live=true name=src ! ( identity name=inner ) ! "
      "fakesink name=sink",
      &error);
  GstKvsTiming timing = { gst_system_clock_obtain (), 0 };

  g_assert_no_error (error);
  gst_kvs_timing_apply (&timing, pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  gst_element_get_state (pipeline, NULL, NULL, GST_CLOCK_TIME_NONE);
  g_assert_cmpuint (base_time_of (pipeline, "inner"), ==, 0);

  timing.base_time = gst_clock_get_time (timing.clock);
  gst_kvs_timing_apply (&timing, pipeline);
  g_assert_cmpuint (base_time_of (pipeline, "src"), ==, timing.base_time);
  g_assert_cmpuint (base_time_of (pipeline, "inner"), ==, timing.base_time);
  g_assert_cmpuint (base_time_of (pipeline, "sink"), ==, timing.base_time);

  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  gst_kvs_timing_clear (&timing);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/timing/playing-pipeline-follows",
      test_playing_pipeline_follows);
  return g_test_run ();
}
