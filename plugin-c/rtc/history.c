#include "history.h"

#define MASK (RTC_HISTORY_PACKETS - 1)

G_STATIC_ASSERT ((RTC_HISTORY_PACKETS & MASK) == 0);

struct _RtcHistory {
  guint n_packets;
  guint16 next; /* the sequence number after the newest's */
  RtcHistoryPacket packets[RTC_HISTORY_PACKETS];
};

RtcHistory *
rtc_history_new (void)
{
  return g_new0 (RtcHistory, 1);
}

static RtcHistoryPacket *
get_oldest (RtcHistory *self)
{
  return &self->packets[(self->next - self->n_packets) & MASK];
}

static void
forget_oldest (RtcHistory *self)
{
  g_clear_pointer (&get_oldest (self)->frame, rtc_frame_unref);
  self->n_packets--;
}

void
rtc_history_free (RtcHistory *self)
{
  while (self->n_packets > 0)
    forget_oldest (self);
  g_free (self);
}

/* A stream of few packets shall not hold its frames for minutes. */
static void
make_room (RtcHistory *self, gint64 now_us)
{
  while (self->n_packets == RTC_HISTORY_PACKETS
      || (self->n_packets > 0
          && get_oldest (self)->sent_us < now_us - RTC_HISTORY_AGE_US))
    forget_oldest (self);
}

RtcHistoryPacket *
rtc_history_add (RtcHistory *self, guint16 sequence, RtcFrame *frame,
    guint index, gint64 now_us)
{
  RtcHistoryPacket *packet = &self->packets[sequence & MASK];

  make_room (self, now_us);
  self->next = sequence + 1;
  self->n_packets++;
  packet->frame = rtc_frame_ref (frame);
  packet->sent_us = packet->last_sent_us = now_us;
  packet->is_again = FALSE;
  packet->index = index;
  packet->sequence = sequence;
  return packet;
}

RtcHistoryPacket *
rtc_history_find (RtcHistory *self, guint16 sequence, gint64 now_us)
{
  RtcHistoryPacket *packet = &self->packets[sequence & MASK];

  if (packet->frame == NULL || packet->sequence != sequence)
    return NULL;
  return packet->sent_us < now_us - RTC_HISTORY_AGE_US ? NULL : packet;
}

RtcHistoryPacket *
rtc_history_last (RtcHistory *self, gint64 now_us)
{
  return rtc_history_find (self, self->next - 1, now_us);
}
