#include "orienter.h"

#include <gst/rtp/rtp.h>

#include "orientation.h"

/* Of one peer's m-line; but for its references, the streaming thread's. */
typedef struct {
  gatomicrefcount references;
  GstKvsInput *input;
  guint id;
  gboolean is_key; /* the frame that is being sent */
  GstKvsOrientation sent;
} Orienter;

static Orienter *
ref (Orienter *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

static void
unref (gpointer data)
{
  Orienter *self = data;

  if (!g_atomic_ref_count_dec (&self->references))
    return;
  g_object_unref (self->input);
  g_free (self);
}

static GstPadProbeReturn
on_frame (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Orienter *self = user_data;

  self->is_key = !GST_BUFFER_FLAG_IS_SET (GST_PAD_PROBE_INFO_BUFFER (info),
      GST_BUFFER_FLAG_DELTA_UNIT);
  return GST_PAD_PROBE_OK;
}

static gboolean
ends_frame (GstBuffer *packet)
{
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  gboolean has_marker;

  if (!gst_rtp_buffer_map (packet, GST_MAP_READ, &rtp))
    return FALSE;
  has_marker = gst_rtp_buffer_get_marker (&rtp);
  gst_rtp_buffer_unmap (&rtp);
  return has_marker;
}

/* The standard wants key frames and changes; libwebrtc, which all browsers
 * have, shows a frame that says nothing as one that is not turned. */
static gboolean
is_to_be_told (Orienter *self, GstKvsOrientation now)
{
  return self->is_key || now != self->sent || now != 0;
}

static void
tell (Orienter *self, GstBuffer *packet, GstKvsOrientation now)
{
  if (gst_kvs_orientation_write (packet, self->id, now))
    self->sent = now;
}

static GstBuffer *
tell_in_packet (Orienter *self, GstBuffer *packet)
{
  GstKvsOrientation now = gst_kvs_input_get_orientation (self->input);

  if (ends_frame (packet) && is_to_be_told (self, now)) {
    packet = gst_buffer_make_writable (packet);
    tell (self, packet, now);
  }
  return packet;
}

/* A frame's packets come as one list, or as several. */
static GstBufferList *
tell_in_list (Orienter *self, GstBufferList *list)
{
  GstKvsOrientation now = gst_kvs_input_get_orientation (self->input);
  guint length = gst_buffer_list_length (list);

  if (length > 0 && ends_frame (gst_buffer_list_get (list, length - 1))
      && is_to_be_told (self, now)) {
    list = gst_buffer_list_make_writable (list);
    tell (self, gst_buffer_list_get_writable (list, length - 1), now);
  }
  return list;
}

static GstPadProbeReturn
on_packets (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST)
    info->data = tell_in_list (user_data, info->data);
  else
    info->data = tell_in_packet (user_data, info->data);
  return GST_PAD_PROBE_OK;
}

void
gst_kvs_orienter_attach (GstPad *source, GstPad *packets, guint id,
    GstKvsInput *input)
{
  Orienter *self = g_new0 (Orienter, 1);

  g_atomic_ref_count_init (&self->references);
  self->input = g_object_ref (input);
  self->id = id;
  gst_pad_add_probe (source, GST_PAD_PROBE_TYPE_BUFFER, on_frame, self, unref);
  gst_pad_add_probe (packets,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_packets,
      ref (self), unref);
}
