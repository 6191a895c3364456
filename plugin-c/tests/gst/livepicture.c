#include "livepicture.h"

#include "wait.h"

static void
on_changed (gpointer user_data)
{
}

static void
on_failed (gpointer user_data, const char *message)
{
  g_error ("%s", message);
}

void
live_picture_set_size (LivePicture *self, int width, int height)
{
  g_autoptr (GstCaps) caps = gst_caps_new_simple ("video/x-raw", "format",
      G_TYPE_STRING, "I420", "width", G_TYPE_INT, width, "height", G_TYPE_INT,
      height, "framerate", GST_TYPE_FRACTION, 30, 1, NULL);

  g_object_set (self->size, "caps", caps, NULL);
}

void
live_picture_setup (LivePicture *self)
{
  GstElement *src = gst_element_factory_make ("videotestsrc", NULL);
  GstElement *sink;

  *self = (LivePicture){ .worker = kvs_worker_new ("test"),
    .reaper = gst_kvs_reaper_new (),
    .pipeline = gst_pipeline_new (NULL),
    .size = gst_element_factory_make ("capsfilter", NULL) };
  self->input = gst_kvs_input_new (GST_KVS_MEDIA_VIDEO, 0, on_changed, self);
  sink = gst_kvs_input_get_sink (self->input);
  g_object_set (src, "is-live", TRUE, NULL);
  gst_util_set_object_arg (G_OBJECT (src), "pattern", "ball");
  live_picture_set_size (self, 320, 240);
  gst_bin_add_many (GST_BIN (self->pipeline), src, self->size, sink, NULL);
  g_assert_true (gst_element_link_many (src, self->size, sink, NULL));
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  WAIT_UNTIL (gst_kvs_input_is_ready (self->input));
}

void
live_picture_teardown (LivePicture *self)
{
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_kvs_reaper_wait (self->reaper);
  kvs_worker_stop (self->worker);
  gst_object_unref (self->pipeline);
  g_object_unref (self->input);
  g_object_unref (self->reaper);
  g_object_unref (self->worker);
}

GstKvsEncoderContext
live_picture_context (LivePicture *self)
{
  GstKvsEncoderContext context = {
    .chain = { .worker = self->worker, .reaper = self->reaper },
    .failed = on_failed,
    .user_data = self,
  };

  gst_kvs_timing_read (&context.chain.timing, self->pipeline);
  return context;
}
