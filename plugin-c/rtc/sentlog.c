#include "sentlog.h"

#define MASK (RTC_SENT_LOG_PACKETS - 1)

G_STATIC_ASSERT ((RTC_SENT_LOG_PACKETS & MASK) == 0);

RtcSentLog *
rtc_sent_log_new (void)
{
  return g_new0 (RtcSentLog, 1);
}

static RtcSentPacket *
get_oldest_on_way (RtcSentLog *self)
{
  return &self->packets[(guint16) (self->next - self->n_on_way) & MASK];
}

static void
settle_oldest (RtcSentLog *self)
{
  self->bytes_on_way -= get_oldest_on_way (self)->size;
  self->n_on_way--;
}

void
rtc_sent_log_add (RtcSentLog *self, guint16 sequence, gsize size, gint64 now_us)
{
  RtcSentPacket *packet = &self->packets[sequence & MASK];

  if (self->n_on_way == RTC_SENT_LOG_PACKETS)
    settle_oldest (self);
  self->next = sequence + 1;
  self->n_on_way++;
  self->bytes_on_way += size;
  packet->sent_us = now_us;
  packet->sequence = sequence;
  packet->size = size;
  packet->state = RTC_SENT_UNHEARD_OF;
}

RtcSentPacket *
rtc_sent_log_find (RtcSentLog *self, guint16 sequence)
{
  RtcSentPacket *packet = &self->packets[sequence & MASK];

  return packet->sent_us != 0 && packet->sequence == sequence ? packet : NULL;
}

void
rtc_sent_log_settle (RtcSentLog *self, guint16 sequence)
{
  guint16 since = self->next - 1 - sequence;

  /* Not of ours; the unsigned difference is large then. */
  if (since >= RTC_SENT_LOG_PACKETS)
    return;
  while (self->n_on_way > since)
    settle_oldest (self);
}

void
rtc_sent_log_expire (RtcSentLog *self, gint64 before_us)
{
  while (self->n_on_way > 0 && get_oldest_on_way (self)->sent_us < before_us)
    settle_oldest (self);
}
