#include "twcc.h"

#include "bytes.h"

/* Both SSRCs, then base, count, reference time and the feedback's own number. */
#define HEAD_SIZE 16
#define CHUNK_SIZE 2

#define TICK_US 64000
#define DELTA_US 250

/* Of a packet's status; 3 is reserved, and has no delta. */
#define RECEIVED_SMALL 1
#define RECEIVED_LARGE 2

#define REFERENCE_MASK 0xffffff

/* So that times are more than 0 whatever comes. */
#define FIRST_TICKS (G_GINT64_CONSTANT (1) << 32)

static gint64
unwrap (RtcTwccClock *clock, guint32 reference)
{
  gint32 passed = (gint32) ((reference - clock->last) << 8) >> 8;

  clock->ticks = clock->is_known ? MAX (clock->ticks + passed, 1) : FIRST_TICKS;
  clock->is_known = TRUE;
  clock->last = reference;
  return clock->ticks;
}

/* How many statuses a chunk can tell. */
static guint
count_in_chunk (guint16 chunk)
{
  if (!(chunk & 0x8000))
    return chunk & 0x1fff;
  return chunk & 0x4000 ? 7 : 14;
}

/* Behind the chunks the times begin. */
static gboolean
find_deltas (RtcTwccReader *self)
{
  guint told = 0;

  for (self->delta = self->chunk; told < self->n_left;
       self->delta += CHUNK_SIZE) {
    guint here;

    if (self->end - self->delta < CHUNK_SIZE)
      return FALSE;
    here = count_in_chunk (rtc_read_16 (self->delta));
    if (here == 0)
      return FALSE;
    told += here;
  }
  return TRUE;
}

gboolean
rtc_twcc_begin (RtcTwccReader *self, const RtcRtcpPacket *packet,
    RtcTwccClock *clock)
{
  if (packet->type != RTC_RTCP_RTPFB || packet->count != RTC_RTPFB_TWCC
      || packet->size < HEAD_SIZE)
    return FALSE;
  *self = (RtcTwccReader){
    .chunk = packet->body + HEAD_SIZE,
    .end = packet->body + packet->size,
    .sequence = rtc_read_16 (packet->body + 8),
    .n_left = rtc_read_16 (packet->body + 10),
  };
  if (self->n_left > RTC_TWCC_STATUSES_MAX || !find_deltas (self))
    return FALSE;
  self->at_us =
      unwrap (clock, rtc_read_32 (packet->body + 12) >> 8 & REFERENCE_MASK)
      * TICK_US;
  return TRUE;
}

static void
open_chunk (RtcTwccReader *self)
{
  self->bits = rtc_read_16 (self->chunk);
  self->chunk += CHUNK_SIZE;
  self->n_here = count_in_chunk (self->bits);
  self->symbol = 0;
  if (self->bits & 0x8000)
    self->symbol = self->bits & 0x4000 ? 2 : 1;
}

static guint8
take_status (RtcTwccReader *self)
{
  if (self->n_here == 0)
    open_chunk (self);
  self->n_here--;
  self->n_left--;
  if (self->symbol == 0)
    return self->bits >> 13 & 0x03;
  return self->bits >> self->n_here * self->symbol
      & (self->symbol == 2 ? 0x03 : 0x01);
}

static gboolean
take_delta (RtcTwccReader *self, guint8 status)
{
  gsize size = status == RECEIVED_SMALL ? 1 : 2;
  gint delta;

  if (self->end - self->delta < (gssize) size)
    return FALSE;
  delta = status == RECEIVED_SMALL ? self->delta[0]
                                   : (gint16) rtc_read_16 (self->delta);
  self->delta += size;
  self->at_us += (gint64) delta * DELTA_US;
  return TRUE;
}

gboolean
rtc_twcc_next (RtcTwccReader *self, RtcTwccArrival *arrival)
{
  guint8 status;

  if (self->n_left == 0)
    return FALSE;
  status = take_status (self);
  arrival->sequence = self->sequence++;
  arrival->is_received = status == RECEIVED_SMALL || status == RECEIVED_LARGE;
  if (arrival->is_received && !take_delta (self, status))
    return FALSE;
  arrival->arrival_us = self->at_us;
  return TRUE;
}
