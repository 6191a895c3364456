#include "listener.h"

#include <gst/rtp/rtp.h>
#include <string.h>

#define PATIENCE_S 60

#define HEAD                                                                \
  "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"                     \
  "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\n"              \
  "a=setup:actpass\r\na=fingerprint:sha-256 "                               \
  "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77" \
  ":88:99:AA:BB:CC:DD:EE:FF\r\n"

/* A wish as an output would have it, and to whom it is told. */
typedef struct {
  GstKvsOutputKeyFunc func;
  gpointer user_data;
} Wish;

/* The one there is. Its outputs are real, but what they are given and whom
 * they ask is seen here. */
static Listener *current;
static Wish wishes[64];
static guint n_wishes;

GstKvsOutput *__real_gst_kvs_output_new (const GstKvsCodec *codec,
    GstKvsOutputKeyFunc key_frame, gpointer user_data, GDestroyNotify notify);
GstKvsOutput *__wrap_gst_kvs_output_new (const GstKvsCodec *codec,
    GstKvsOutputKeyFunc key_frame, gpointer user_data, GDestroyNotify notify);
void __real_gst_kvs_output_push (GstKvsOutput *output, GstSample *sample,
    GstKvsOrientation orientation);
void __wrap_gst_kvs_output_push (GstKvsOutput *output, GstSample *sample,
    GstKvsOrientation orientation);

GstKvsOutput *
__wrap_gst_kvs_output_new (const GstKvsCodec *codec,
    GstKvsOutputKeyFunc key_frame, gpointer user_data, GDestroyNotify notify)
{
  g_mutex_lock (&current->lock);
  if (n_wishes < G_N_ELEMENTS (wishes))
    wishes[n_wishes++] = (Wish){ key_frame, user_data };
  g_mutex_unlock (&current->lock);
  return __real_gst_kvs_output_new (codec, key_frame, user_data, notify);
}

void
__wrap_gst_kvs_output_push (GstKvsOutput *output, GstSample *sample,
    GstKvsOrientation orientation)
{
  GstBuffer *buffer = gst_sample_get_buffer (sample);
  ListenerFrame *frame = g_new0 (ListenerFrame, 1);

  frame->output = output;
  frame->digest = clip_digest (buffer);
  gst_buffer_extract (buffer, 0, &frame->head, sizeof (frame->head));
  frame->pts = GST_BUFFER_PTS (buffer);
  frame->orientation = orientation;
  g_mutex_lock (&current->lock);
  g_ptr_array_add (current->frames, frame);
  g_mutex_unlock (&current->lock);
  __real_gst_kvs_output_push (output, sample, orientation);
}

static void
frame_free (gpointer data)
{
  ListenerFrame *frame = data;

  g_free (frame->digest);
  g_free (frame);
}

static void
on_added (gpointer unused, GstKvsOutput *output)
{
  g_mutex_lock (&current->lock);
  g_ptr_array_add (current->outputs, g_object_ref (output));
  g_mutex_unlock (&current->lock);
}

static void
on_first_frame (gpointer unused, GstKvsMedia media)
{
  g_mutex_lock (&current->lock);
  current->first_frames[media]++;
  g_mutex_unlock (&current->lock);
}

static void
on_rtcp (gpointer unused, const guint8 *data, gsize size)
{
  g_async_queue_push (current->rtcp, g_bytes_new (data, size));
}

static void
on_failed (gpointer unused, const char *what)
{
  g_test_message ("failed: %s", what);
}

static const GstKvsReceptionEvents events = {
  .added = on_added,
  .first_frame = on_first_frame,
  .rtcp = on_rtcp,
  .failed = on_failed,
};

static void
choose (Listener *self)
{
  self->choices = g_new0 (GstKvsSdpChoice, self->offer->medias->len);
  for (guint i = 0; i < self->offer->medias->len; i++) {
    const GstKvsSdpMedia *media = g_ptr_array_index (self->offer->medias, i);

    self->choices[i].receive = media->wants_to_send;
    self->choices[i].codec =
        media->wants_to_send ? g_ptr_array_index (media->codecs, 0) : NULL;
  }
}

Listener *
listener_new (const char *medias)
{
  Listener *self = g_new0 (Listener, 1);
  g_autofree char *sdp = g_strconcat (HEAD, medias, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (current);
  current = self;
  n_wishes = 0;
  g_mutex_init (&self->lock);
  self->frames = g_ptr_array_new_with_free_func (frame_free);
  self->outputs = g_ptr_array_new_with_free_func (g_object_unref);
  self->asked_for = g_array_new (FALSE, FALSE, sizeof (guint16));
  self->rtcp = g_async_queue_new_full ((GDestroyNotify) g_bytes_unref);
  self->owner = g_object_new (G_TYPE_OBJECT, NULL);
  self->timing.clock = gst_system_clock_obtain ();
  self->timing.base_time = gst_clock_get_time (self->timing.clock);
  self->offer = gst_kvs_sdp_offer_parse (sdp, &error);
  g_assert_no_error (error);
  choose (self);
  self->reception = gst_kvs_reception_new (&events, self->owner, &self->timing);
  gst_kvs_reception_expect (self->reception, self->offer, self->choices,
      LISTENER_SSRC, LISTENER_CNAME);
  return self;
}

void
listener_end (Listener *self)
{
  g_clear_pointer (&self->reception, gst_kvs_reception_free);
}

void
listener_free (Listener *self)
{
  listener_end (self);
  g_ptr_array_unref (self->frames);
  g_ptr_array_unref (self->outputs);
  g_array_unref (self->asked_for);
  g_async_queue_unref (self->rtcp);
  g_assert_cmpuint (self->owner->ref_count, ==, 1);
  g_object_unref (self->owner);
  gst_kvs_sdp_offer_free (self->offer);
  g_free (self->choices);
  gst_kvs_timing_clear (&self->timing);
  g_mutex_clear (&self->lock);
  g_free (self);
  current = NULL;
}

void
listener_take (Listener *self, GstBuffer *rtp)
{
  GstMapInfo map;

  g_assert_true (gst_buffer_map (rtp, &map, GST_MAP_READ));
  gst_kvs_reception_take_rtp (self->reception, map.data, map.size);
  gst_buffer_unmap (rtp, &map);
}

static void
note_nack (Listener *self, GstRTCPPacket *packet)
{
  const guint8 *fci = gst_rtcp_packet_fb_get_fci (packet);

  for (guint i = 0; i < gst_rtcp_packet_fb_get_fci_length (packet); i++) {
    guint16 first = GST_READ_UINT16_BE (fci + 4 * i);
    guint16 more = GST_READ_UINT16_BE (fci + 4 * i + 2);

    g_array_append_val (self->asked_for, first);
    self->nacks++;
    for (guint bit = 0; bit < 16; bit++) {
      guint16 seq = (guint16) (first + bit + 1);

      if (!(more & 1u << bit))
        continue;
      g_array_append_val (self->asked_for, seq);
      self->nacks++;
    }
  }
}

static void
note_feedback (Listener *self, GstRTCPPacket *packet)
{
  GstRTCPFBType type = gst_rtcp_packet_fb_get_type (packet);
  gboolean is_rtp = gst_rtcp_packet_get_type (packet) == GST_RTCP_TYPE_RTPFB;

  g_assert_cmphex (gst_rtcp_packet_fb_get_sender_ssrc (packet), ==,
      LISTENER_SSRC);
  if (is_rtp && type == GST_RTCP_RTPFB_TYPE_NACK)
    note_nack (self, packet);
  else if (is_rtp && type == GST_RTCP_RTPFB_TYPE_TWCC)
    self->transport_feedbacks++;
  else if (!is_rtp && type == GST_RTCP_PSFB_TYPE_PLI)
    self->plis++;
  else
    g_assert_not_reached ();
}

static void
check_name (GstRTCPPacket *packet)
{
  GstRTCPSDESType type;
  guint8 length;
  guint8 *name;

  g_assert_true (gst_rtcp_packet_sdes_first_item (packet));
  g_assert_cmphex (gst_rtcp_packet_sdes_get_ssrc (packet), ==, LISTENER_SSRC);
  g_assert_true (gst_rtcp_packet_sdes_first_entry (packet));
  gst_rtcp_packet_sdes_get_entry (packet, &type, &length, &name);
  g_assert_cmpint (type, ==, GST_RTCP_SDES_CNAME);
  g_assert_cmpmem (name, length, LISTENER_CNAME, strlen (LISTENER_CNAME));
}

static void
note_packet (Listener *self, GstRTCPPacket *packet)
{
  switch (gst_rtcp_packet_get_type (packet)) {
    case GST_RTCP_TYPE_RR:
      g_assert_cmphex (gst_rtcp_packet_rr_get_ssrc (packet), ==, LISTENER_SSRC);
      self->reports += gst_rtcp_packet_get_rb_count (packet) > 0;
      break;
    case GST_RTCP_TYPE_SDES:
      check_name (packet);
      break;
    case GST_RTCP_TYPE_RTPFB:
    case GST_RTCP_TYPE_PSFB:
      note_feedback (self, packet);
      break;
    default:
      g_assert_not_reached ();
  }
}

static void
note_rtcp (Listener *self, GBytes *bytes)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);
  g_autoptr (GstBuffer) buffer = gst_buffer_new_memdup (data, size);
  GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
  GstRTCPPacket packet;
  gboolean more;

  g_assert_true (gst_rtcp_buffer_validate_reduced (buffer));
  g_assert_true (gst_rtcp_buffer_map (buffer, GST_MAP_READ, &rtcp));
  for (more = gst_rtcp_buffer_get_first_packet (&rtcp, &packet); more;
       more = gst_rtcp_packet_move_to_next (&packet))
    note_packet (self, &packet);
  gst_rtcp_buffer_unmap (&rtcp);
}

void
listener_read_rtcp (Listener *self)
{
  GBytes *bytes;

  g_array_set_size (self->asked_for, 0);
  while ((bytes = g_async_queue_try_pop (self->rtcp))) {
    note_rtcp (self, bytes);
    g_bytes_unref (bytes);
  }
}

guint
listener_count_frames (Listener *self)
{
  guint n;

  g_mutex_lock (&self->lock);
  n = self->frames->len;
  g_mutex_unlock (&self->lock);
  return n;
}

void
listener_want_key_frame (Listener *self, guint n)
{
  Wish wish;

  g_mutex_lock (&self->lock);
  g_assert_cmpuint (n, <, n_wishes);
  wish = wishes[n];
  g_mutex_unlock (&self->lock);
  wish.func (wish.user_data);
}

void
listener_wait (Listener *self)
{
  GstClockTime now = gst_clock_get_time (self->timing.clock);

  g_assert_cmpuint (now - self->timing.base_time, <, PATIENCE_S * GST_SECOND);
  g_usleep (1000);
}
