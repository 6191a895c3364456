#include "gate.h"

#include <gst/rtp/rtp.h>
#include <string.h>

GST_DEBUG_CATEGORY_EXTERN (kvspeer_debug);
#define GST_CAT_DEFAULT kvspeer_debug

/* RTCP senders beside the declared ones: one for each m-line, and some. */
#define MAX_OTHERS 16

struct _GstKvsGate {
  gatomicrefcount references; /* the owner's, and one each callback's */
  GstElement *bin;            /* cleared by free */
  GstElement *rtpbin;         /* likewise, may be NULL */
  int is_open;                /* atomic */
  GArray *declared;           /* atomic: guint32, NULL until it is known */
  gboolean is_allowed[128];   /* by payload type; set before it opens */
  int has_warned;             /* atomic: of a payload type */
  gsize received;             /* atomic: bytes of payload let through */

  GMutex lock;
  guint32 others[MAX_OTHERS]; /* under lock, in the order they came */
  guint n_others;
};

static void on_element_added (GstBin *bin, GstBin *parent, GstElement *element,
    gpointer user_data);
static void on_rtpbin_pad_added (GstElement *rtpbin, GstPad *pad,
    gpointer user_data);

static GstKvsGate *
ref (GstKvsGate *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

static void
unref (gpointer data)
{
  GstKvsGate *self = data;

  if (!g_atomic_ref_count_dec (&self->references))
    return;
  g_clear_pointer (&self->declared, g_array_unref);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static void
connect_signal (gpointer object, const char *signal, GCallback callback,
    GstKvsGate *self)
{
  g_signal_connect_data (object, signal, callback, ref (self),
      (GClosureNotify) (void (*) (void)) unref, 0);
}

GstKvsGate *
gst_kvs_gate_new (GstElement *bin)
{
  GstKvsGate *self = g_new0 (GstKvsGate, 1);

  g_atomic_ref_count_init (&self->references);
  g_mutex_init (&self->lock);
  self->bin = bin;
  self->rtpbin = gst_bin_get_by_name (GST_BIN (bin), "rtpbin");
  connect_signal (bin, "deep-element-added", G_CALLBACK (on_element_added),
      self);
  if (self->rtpbin)
    connect_signal (self->rtpbin, "pad-added", G_CALLBACK (on_rtpbin_pad_added),
        self);
  return self;
}

void
gst_kvs_gate_declare (GstKvsGate *self, GArray *ssrcs)
{
  g_return_if_fail (self->declared == NULL);

  g_atomic_pointer_set (&self->declared, g_array_ref (ssrcs));
}

void
gst_kvs_gate_allow (GstKvsGate *self, int payload_type)
{
  g_return_if_fail (payload_type >= 0 && payload_type < 128);

  self->is_allowed[payload_type] = TRUE;
}

void
gst_kvs_gate_open (GstKvsGate *self)
{
  g_atomic_int_set (&self->is_open, TRUE);
}

guint64
gst_kvs_gate_get_received (GstKvsGate *self)
{
  return (gsize) g_atomic_pointer_get (&self->received);
}

void
gst_kvs_gate_free (GstKvsGate *self)
{
  g_atomic_int_set (&self->is_open, FALSE);
  g_signal_handlers_disconnect_by_data (self->bin, self);
  self->bin = NULL;
  if (self->rtpbin)
    g_signal_handlers_disconnect_by_data (self->rtpbin, self);
  gst_clear_object (&self->rtpbin);
  unref (self);
}

static gboolean
is_declared (GstKvsGate *self, guint32 ssrc)
{
  GArray *declared = g_atomic_pointer_get (&self->declared);

  for (guint i = 0; declared && i < declared->len; i++) {
    if (g_array_index (declared, guint32, i) == ssrc)
      return TRUE;
  }
  return FALSE;
}

/* Whether it is one of the few, which it becomes while there is room. */
static gboolean
is_known_unlocked (GstKvsGate *self, guint32 ssrc)
{
  for (guint i = 0; i < self->n_others; i++) {
    if (self->others[i] == ssrc)
      return TRUE;
  }
  if (self->n_others == MAX_OTHERS)
    return FALSE;
  self->others[self->n_others++] = ssrc;
  return TRUE;
}

static gboolean
may_report (GstKvsGate *self, guint32 ssrc)
{
  gboolean is_known;

  if (is_declared (self, ssrc))
    return TRUE;
  g_mutex_lock (&self->lock);
  is_known = is_known_unlocked (self, ssrc);
  g_mutex_unlock (&self->lock);
  return is_known;
}

/* What of its header counts. */
typedef struct {
  guint32 ssrc;
  guint8 payload_type;
  gboolean is_mixed;
} Header;

/* What srtpdec takes for RTP, by its own test. Contributing sources come in
 * by the dozen, and no viewer mixes. */
static gboolean
is_rtp (GstBuffer *buffer, Header *header)
{
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;

  if (!gst_rtp_buffer_map (buffer,
          GST_MAP_READ | GST_RTP_BUFFER_MAP_FLAG_SKIP_PADDING, &rtp))
    return FALSE;
  header->payload_type = gst_rtp_buffer_get_payload_type (&rtp);
  header->ssrc = gst_rtp_buffer_get_ssrc (&rtp);
  header->is_mixed = gst_rtp_buffer_get_csrc_count (&rtp) > 0;
  gst_rtp_buffer_unmap (&rtp);
  return header->payload_type < 64 || header->payload_type > 80;
}

/* A stream may not become another in its middle. */
static gboolean
is_answered (GstKvsGate *self, const Header *header)
{
  if (self->is_allowed[header->payload_type])
    return TRUE;
  if (g_atomic_int_compare_and_exchange (&self->has_warned, FALSE, TRUE))
    GST_WARNING ("a peer sends payload type %u, which was not agreed on; it "
                 "is dropped",
        header->payload_type);
  return FALSE;
}

/* The kinds whose sender stands, in clear, where srtpdec looks for it; behind
 * any other it would read what is encrypted. */
static gboolean
begins_with_sender (guint8 type)
{
  return type == GST_RTCP_TYPE_SR || type == GST_RTCP_TYPE_RR
      || type == GST_RTCP_TYPE_BYE || type == GST_RTCP_TYPE_APP
      || type == GST_RTCP_TYPE_RTPFB || type == GST_RTCP_TYPE_PSFB;
}

static gboolean
may_enter (GstKvsGate *self, GstBuffer *buffer)
{
  guint8 head[4];
  guint32 ssrc;
  Header header;

  if (is_rtp (buffer, &header))
    return g_atomic_int_get (&self->is_open) && !header.is_mixed
        && is_declared (self, header.ssrc) && is_answered (self, &header);
  return gst_buffer_extract (buffer, 0, head, sizeof (head)) == sizeof (head)
      && begins_with_sender (head[1])
      && gst_buffer_extract (buffer, sizeof (head), &ssrc, sizeof (ssrc))
      == sizeof (ssrc)
      && may_report (self, GUINT32_FROM_BE (ssrc));
}

/* The sources a chunk each is about; only their canonical names are of use,
 * and the name of a private item would stay in the process for ever. */
static gboolean
may_describe (GstKvsGate *self, GstRTCPPacket *packet)
{
  gboolean more = gst_rtcp_packet_sdes_first_item (packet);

  for (; more; more = gst_rtcp_packet_sdes_next_item (packet)) {
    gboolean entry = gst_rtcp_packet_sdes_first_entry (packet);

    if (!may_report (self, gst_rtcp_packet_sdes_get_ssrc (packet)))
      return FALSE;
    for (; entry; entry = gst_rtcp_packet_sdes_next_entry (packet)) {
      GstRTCPSDESType type;

      if (!gst_rtcp_packet_sdes_get_entry (packet, &type, NULL, NULL)
          || type == GST_RTCP_SDES_PRIV)
        return FALSE;
    }
  }
  return TRUE;
}

static gboolean
may_say (GstKvsGate *self, GstRTCPPacket *packet)
{
  guint32 ssrc;

  switch (gst_rtcp_packet_get_type (packet)) {
    case GST_RTCP_TYPE_SR:
      gst_rtcp_packet_sr_get_sender_info (packet, &ssrc, NULL, NULL, NULL,
          NULL);
      return may_report (self, ssrc);
    case GST_RTCP_TYPE_RR:
      return may_report (self, gst_rtcp_packet_rr_get_ssrc (packet));
    case GST_RTCP_TYPE_XR:
      return may_report (self, gst_rtcp_packet_xr_get_ssrc (packet));
    case GST_RTCP_TYPE_SDES:
      return may_describe (self, packet);
    default:
      return TRUE;
  }
}

/* Decrypted: a compound packet, of which only the first sender was in clear. */
static gboolean
may_be_heard (GstKvsGate *self, GstBuffer *buffer)
{
  GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
  GstRTCPPacket packet;
  gboolean more, may = TRUE;

  if (gst_buffer_get_size (buffer) == 0
      || !gst_rtcp_buffer_validate_reduced (buffer)
      || !gst_rtcp_buffer_map (buffer, GST_MAP_READ, &rtcp))
    return FALSE;
  for (more = gst_rtcp_buffer_get_first_packet (&rtcp, &packet); more && may;
       more = gst_rtcp_packet_move_to_next (&packet))
    may = may_say (self, &packet);
  gst_rtcp_buffer_unmap (&rtcp);
  return may;
}

static GstPadProbeReturn
on_encrypted (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  return may_enter (user_data, GST_PAD_PROBE_INFO_BUFFER (info))
      ? GST_PAD_PROBE_OK
      : GST_PAD_PROBE_DROP;
}

static GstPadProbeReturn
on_rtcp (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  return may_be_heard (user_data, GST_PAD_PROBE_INFO_BUFFER (info))
      ? GST_PAD_PROBE_OK
      : GST_PAD_PROBE_DROP;
}

/* Decrypted. rtpsession counts as well, and forgets who has fallen silent. */
static GstPadProbeReturn
on_rtp (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  GstKvsGate *self = user_data;
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;

  if (!gst_rtp_buffer_map (GST_PAD_PROBE_INFO_BUFFER (info), GST_MAP_READ,
          &rtp))
    return GST_PAD_PROBE_DROP;
  g_atomic_pointer_add (&self->received, gst_rtp_buffer_get_payload_len (&rtp));
  gst_rtp_buffer_unmap (&rtp);
  return GST_PAD_PROBE_OK;
}

/* What comes from the network comes one by one. */
static GstPadProbeReturn
drop_list (GstPad *pad, GstPadProbeInfo *info, gpointer unused)
{
  return GST_PAD_PROBE_DROP;
}

static void
watch (GstKvsGate *self, GstPad *pad, GstPadProbeCallback callback)
{
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, callback, ref (self),
      unref);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER_LIST, drop_list, NULL,
      NULL);
}

static gboolean
is_made_by (GstElement *element, const char *factory)
{
  GstElementFactory *made_by = gst_element_get_factory (element);

  return made_by && g_str_equal (GST_OBJECT_NAME (made_by), factory);
}

static void
on_element_added (GstBin *bin, GstBin *parent, GstElement *element,
    gpointer user_data)
{
  static const char *const names[] = { "rtp_sink", "rtcp_sink" };

  if (!is_made_by (element, "srtpdec"))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GstPad) pad = gst_element_get_static_pad (element, names[i]);

    watch (user_data, pad, on_encrypted);
  }
}

static void
on_rtpbin_pad_added (GstElement *rtpbin, GstPad *pad, gpointer user_data)
{
  if (g_str_has_prefix (GST_PAD_NAME (pad), "recv_rtcp_sink_"))
    watch (user_data, pad, on_rtcp);
  else if (g_str_has_prefix (GST_PAD_NAME (pad), "recv_rtp_sink_"))
    watch (user_data, pad, on_rtp);
}
