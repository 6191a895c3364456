#include "clip.h"

#include <gst/app/gstappsink.h>
#include <gst/rtp/rtp.h>

static void
packet_free (gpointer data)
{
  ClipPacket *packet = data;

  gst_buffer_unref (packet->buffer);
  g_free (packet);
}

char *
clip_digest (GstBuffer *frame)
{
  GstMapInfo map;
  char *digest;

  g_assert_true (gst_buffer_map (frame, &map, GST_MAP_READ));
  digest = g_compute_checksum_for_data (G_CHECKSUM_SHA1, map.data, map.size);
  gst_buffer_unmap (frame, &map);
  return digest;
}

guint
clip_packet_size (const ClipPacket *packet)
{
  return (guint) gst_buffer_get_size (packet->buffer);
}

static guint32
time_of (GstBuffer *packet)
{
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  guint32 time;

  g_assert_true (gst_rtp_buffer_map (packet, GST_MAP_READ, &rtp));
  time = gst_rtp_buffer_get_timestamp (&rtp);
  gst_rtp_buffer_unmap (&rtp);
  return time;
}

static void
add_packet (Clip *self, GstBuffer *buffer)
{
  ClipPacket *last = self->packets->len > 0
      ? g_ptr_array_index (self->packets, self->packets->len - 1)
      : NULL;
  ClipPacket *packet = g_new0 (ClipPacket, 1);

  packet->buffer = gst_buffer_ref (buffer);
  packet->ends_frame = TRUE;
  if (last && time_of (last->buffer) == time_of (buffer)) {
    packet->frame = last->frame;
    last->ends_frame = FALSE;
  } else {
    packet->frame = last ? last->frame + 1 : 0;
  }
  g_ptr_array_add (self->packets, packet);
}

static void
read_all (GstElement *pipeline, const char *name, Clip *self, gboolean is_rtp)
{
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (pipeline), name);
  GstSample *sample;

  while ((sample = gst_app_sink_pull_sample (GST_APP_SINK (sink)))) {
    GstBuffer *buffer = gst_sample_get_buffer (sample);

    if (is_rtp)
      add_packet (self, buffer);
    else
      g_ptr_array_add (self->digests, clip_digest (buffer));
    gst_sample_unref (sample);
  }
}

Clip *
clip_new (const char *encoder, const char *payloader)
{
  Clip *self = g_new0 (Clip, 1);
  g_autofree char *description = g_strdup_printf (
      "%s ! tee name=t "
      "t. ! queue max-size-buffers=0 max-size-bytes=0 max-size-time=0 ! "
      "appsink name=frames sync=false "
      "t. ! queue max-size-buffers=0 max-size-bytes=0 max-size-time=0 ! "
      "%s ! appsink name=packets sync=false",
      encoder, payloader);
  g_autoptr (GstElement) pipeline = gst_parse_launch (description, NULL);

  self->packets = g_ptr_array_new_with_free_func (packet_free);
  self->digests = g_ptr_array_new_with_free_func (g_free);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  read_all (pipeline, "packets", self, TRUE);
  read_all (pipeline, "frames", self, FALSE);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  g_assert_cmpuint (self->packets->len, >=, self->digests->len);
  g_assert_cmpuint (self->digests->len, >, 0);
  return self;
}

void
clip_free (Clip *self)
{
  g_ptr_array_unref (self->packets);
  g_ptr_array_unref (self->digests);
  g_free (self);
}
