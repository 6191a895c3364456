#include "sink.h"

#include <string.h>

#include "bytes.h"

static void
packet_free (gpointer data)
{
  SunkPacket *packet = data;

  g_free (packet->data);
  g_free (packet);
}

static void
read_extension (SunkPacket *packet, guint id, const guint8 *data, gsize size)
{
  if (id == SINK_TWCC_ID && size == 2)
    packet->twcc = rtc_read_16 (data);
  else if (id == SINK_ORIENTATION_ID && size == 1)
    packet->orientation = data[0];
  else
    g_assert_not_reached ();
}

static void
read_extensions (SunkPacket *packet, const guint8 *data, gsize size)
{
  for (gsize at = 0; at < size;) {
    gsize length = (data[at] & 0x0f) + 1;

    if (data[at] == 0) {
      at++;
      continue;
    }
    g_assert_cmpuint (at + 1 + length, <=, size);
    read_extension (packet, data[at] >> 4, data + at + 1, length);
    at += 1 + length;
  }
}

static void
read_packet (SunkPacket *packet)
{
  const guint8 *data = packet->data;
  gsize head = 12;

  g_assert_cmpuint (packet->size, >=, head);
  g_assert_cmpuint (data[0] & 0xef, ==, 0x80);
  packet->has_marker = data[1] >> 7;
  packet->pt = data[1] & 0x7f;
  packet->sequence = rtc_read_16 (data + 2);
  packet->timestamp = rtc_read_32 (data + 4);
  packet->ssrc = rtc_read_32 (data + 8);
  packet->twcc = packet->orientation = -1;
  if (data[0] & 0x10) {
    gsize size = rtc_read_16 (data + 14) * 4;

    g_assert_cmphex (rtc_read_16 (data + 12), ==, 0xbede);
    read_extensions (packet, data + 16, size);
    head += 4 + size;
  }
  g_assert_cmpuint (packet->size, >=, head);
  packet->payload = data + head;
  packet->payload_size = packet->size - head;
}

static void
on_rtp (gpointer user_data, guint8 *data, gsize size, gsize capacity)
{
  Sink *self = user_data;
  SunkPacket *packet = g_new0 (SunkPacket, 1);

  g_assert_cmpuint (capacity, >=, size + RTC_TRAILER_MAX);
  g_assert_cmpuint (size, <=, 1200);
  packet->data = g_memdup2 (data, size);
  packet->size = size;
  read_packet (packet);
  g_ptr_array_add (self->rtp, packet);
  /* As SRTP does: none of it is ours any more. */
  memset (data, 0xff, size + RTC_TRAILER_MAX);
}

static void
on_rtcp (gpointer user_data, guint8 *data, gsize size, gsize capacity)
{
  Sink *self = user_data;

  g_assert_cmpuint (capacity, >=, size + RTC_TRAILER_MAX);
  g_ptr_array_add (self->rtcp, g_bytes_new (data, size));
  memset (data, 0xff, size + RTC_TRAILER_MAX);
}

static void
on_key_frame (gpointer user_data, guint track)
{
  Sink *self = user_data;

  g_array_append_val (self->keys, track);
}

const RtcOutboundEvents sink_events = {
  .rtp = on_rtp,
  .rtcp = on_rtcp,
  .key_frame = on_key_frame,
};

Sink *
sink_new (void)
{
  Sink *self = g_new0 (Sink, 1);

  self->rtp = g_ptr_array_new_with_free_func (packet_free);
  self->rtcp = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->keys = g_array_new (FALSE, FALSE, sizeof (guint));
  return self;
}

void
sink_free (Sink *self)
{
  g_ptr_array_unref (self->rtp);
  g_ptr_array_unref (self->rtcp);
  g_array_unref (self->keys);
  g_free (self);
}

void
sink_clear (Sink *self)
{
  g_ptr_array_set_size (self->rtp, 0);
  g_ptr_array_set_size (self->rtcp, 0);
  g_array_set_size (self->keys, 0);
}

SunkPacket *
sink_get (Sink *self, guint index)
{
  g_assert_cmpuint (index, <, self->rtp->len);
  return g_ptr_array_index (self->rtp, index);
}

RtcFrame *
sink_frame (guint n_payloads, gsize size, guint32 timestamp, gboolean is_key)
{
  RtcFrame *self = rtc_frame_new (n_payloads);
  guint8 *data = g_malloc (n_payloads * size + 1);

  for (guint i = 0; i < n_payloads; i++) {
    memset (data + i * size, i, size);
    self->payloads[i].data = data + i * size;
    self->payloads[i].size = size;
  }
  self->size = n_payloads * size;
  self->timestamp = timestamp;
  self->is_key = is_key;
  self->owner = data;
  self->free_owner = g_free;
  return self;
}
