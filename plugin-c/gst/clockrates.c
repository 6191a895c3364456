#include "clockrates.h"

#include <string.h>

#define RTP_HEADER_SIZE 12
/* Of one session: four cameras and a sound, each with its retransmissions. */
#define MAX_STREAMS 16
#define MAX_SESSIONS 16

/* Of one session; its sending thread's, save for the rates, which stay. */
typedef struct {
  int rates[GST_KVS_N_PAYLOAD_TYPES];
  guint32 told[MAX_STREAMS]; /* SSRCs */
  guint n_told;
} Sender;

static GstBuffer *
first_buffer (GstPadProbeInfo *info)
{
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST)
    return gst_buffer_list_get (GST_PAD_PROBE_INFO_BUFFER_LIST (info), 0);
  return GST_PAD_PROBE_INFO_BUFFER (info);
}

static gboolean
is_told (const Sender *self, guint32 ssrc)
{
  for (guint i = 0; i < self->n_told; i++) {
    if (self->told[i] == ssrc)
      return TRUE;
  }
  return self->n_told == MAX_STREAMS;
}

static void
send_caps (GstPad *pad, GstCaps *caps)
{
  gst_pad_send_event (pad, gst_event_new_caps (caps));
}

/* As the caps of the stream alone would have. What was there is put back: it
 * is every stream's. */
static void
tell (Sender *self, GstPad *pad, guint32 ssrc, int payload_type)
{
  g_autoptr (GstCaps) common = gst_pad_get_current_caps (pad);
  g_autoptr (GstCaps) own = NULL;

  self->told[self->n_told++] = ssrc;
  if (!common || self->rates[payload_type] == 0
      || gst_structure_has_field (gst_caps_get_structure (common, 0), "ssrc"))
    return;
  own = gst_caps_copy (common);
  gst_caps_set_simple (own, "ssrc", G_TYPE_UINT, ssrc, "payload", G_TYPE_INT,
      payload_type, "clock-rate", G_TYPE_INT, self->rates[payload_type], NULL);
  send_caps (pad, own);
  send_caps (pad, common);
}

static GstPadProbeReturn
on_packets (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Sender *self = user_data;
  guint8 header[RTP_HEADER_SIZE];
  guint32 ssrc;

  if (gst_buffer_extract (first_buffer (info), 0, header, sizeof (header))
      < sizeof (header))
    return GST_PAD_PROBE_OK;
  ssrc = GST_READ_UINT32_BE (header + 8);
  if (!is_told (self, ssrc))
    tell (self, pad, ssrc, header[1] & 0x7f);
  return GST_PAD_PROBE_OK;
}

void
gst_kvs_clock_rates_tell (GstElement *webrtc,
    const int rates[GST_KVS_N_PAYLOAD_TYPES])
{
  g_autoptr (GstElement) rtpbin =
      gst_bin_get_by_name (GST_BIN (webrtc), "rtpbin");

  for (guint id = 0; id < MAX_SESSIONS; id++) {
    g_autoptr (GstElement) session = NULL;
    g_autoptr (GstPad) pad = NULL;
    Sender *self;

    g_signal_emit_by_name (rtpbin, "get-session", id, &session);
    pad =
        session ? gst_element_get_static_pad (session, "send_rtp_sink") : NULL;
    if (!pad)
      continue;
    self = g_new0 (Sender, 1);
    memcpy (self->rates, rates, sizeof (self->rates));
    gst_pad_add_probe (pad,
        GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_packets,
        self, g_free);
  }
}
