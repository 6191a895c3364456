#include "lostqueue.h"

gboolean
rtc_lost_queue_push (RtcLostQueue *self, guint track, guint16 sequence)
{
  RtcLostPacket *place;

  if (self->n_packets == RTC_LOST_QUEUE_MAX)
    return FALSE;
  place =
      &self->packets[(self->first + self->n_packets++) % RTC_LOST_QUEUE_MAX];
  place->track = track;
  place->sequence = sequence;
  return TRUE;
}

gboolean
rtc_lost_queue_pop (RtcLostQueue *self, RtcLostPacket *packet)
{
  if (self->n_packets == 0)
    return FALSE;
  *packet = self->packets[self->first];
  self->first = (self->first + 1) % RTC_LOST_QUEUE_MAX;
  self->n_packets--;
  return TRUE;
}
