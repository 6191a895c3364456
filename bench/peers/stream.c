#include "stream.h"

#include <string.h>

#define RTP_HEADER_SIZE 12
#define SENDER_REPORT 200
#define RECEIVER_REPORT 201
#define SOURCE_DESCRIPTION 202
#define ONE_SECOND 65536
/* What webrtc-stats calls a freeze: longer than three intervals, or an interval
 * and 150 ms, whichever is more. */
#define FREEZE_EXTRA_US 150000

static guint16
get16 (const guint8 *data)
{
  return data[0] << 8 | data[1];
}

static guint32
get32 (const guint8 *data)
{
  return (guint32) get16 (data) << 16 | get16 (data + 2);
}

static guint8 *
put16 (guint8 *out, guint16 value)
{
  out[0] = value >> 8;
  out[1] = value;
  return out + 2;
}

static guint8 *
put32 (guint8 *out, guint32 value)
{
  return put16 (put16 (out, value >> 16), value);
}

static void
take_sequence (Stream *self, guint16 sequence)
{
  if (!self->has_sequence) {
    self->has_sequence = TRUE;
    self->base_sequence = sequence;
    self->highest_sequence = sequence;
  }
  gint16 ahead = sequence - (guint16) self->highest_sequence;
  if (ahead > 0)
    self->highest_sequence += ahead;
  self->in_sequence++;
}

static void
take_gap (Stream *self, gint64 gap)
{
  gint64 mean = self->frames < 2 ? gap
                                 : (self->last_frame_us - self->first_frame_us)
          / (gint64) (self->frames - 1);

  self->longest_gap_us = MAX (self->longest_gap_us, gap);
  if (gap > MAX (3 * mean, mean + FREEZE_EXTRA_US))
    self->freezes++;
}

static void
take_frame (Stream *self, gint64 now)
{
  if (self->last_frame_us != 0)
    take_gap (self, now - self->last_frame_us);
  if (self->frames++ == 0)
    self->first_frame_us = now;
  self->last_frame_us = now;
}

void
stream_take (Stream *self, const guint8 *packet, gsize size, gint64 now)
{
  if (size < RTP_HEADER_SIZE)
    return;
  self->packets++;
  self->bytes += size;
  self->last_packet_us = now;
  self->ssrc = get32 (packet + 8);
  take_sequence (self, get16 (packet + 2));
  if (packet[1] & 0x80)
    take_frame (self, now);
}

void
stream_take_other (Stream *self, gsize size, gint64 now)
{
  self->packets++;
  self->bytes += size;
  self->last_packet_us = now;
}

void
stream_take_rtcp (Stream *self, const guint8 *packet, gsize size, gint64 now)
{
  if (size < 28 || packet[1] != SENDER_REPORT
      || get32 (packet + 4) != self->ssrc)
    return;
  self->last_sender_report = get32 (packet + 10);
  self->sender_report_us = now;
}

gint64
stream_lost (const Stream *self)
{
  gint64 expected = (gint64) self->highest_sequence - self->base_sequence + 1;

  return self->has_sequence ? expected - (gint64) self->in_sequence : 0;
}

void
stream_reset (Stream *self)
{
  self->packets = self->bytes = self->frames = self->freezes = 0;
  self->longest_gap_us = self->last_frame_us = 0;
  self->has_sequence = FALSE;
  self->in_sequence = 0;
}

static guint32
delay_since (const Stream *self, gint64 now)
{
  if (self->sender_report_us == 0)
    return 0;
  return (now - self->sender_report_us) * ONE_SECOND / G_USEC_PER_SEC;
}

gsize
stream_write_report (const Stream *self, guint8 out[STREAM_REPORT_SIZE],
    guint32 own_ssrc, gint64 now)
{
  static const guint8 name[] = { 1, 5, 'b', 'e', 'n', 'c', 'h', 0 };
  guint8 *at = out;

  *at++ = 0x81;
  *at++ = RECEIVER_REPORT;
  at = put16 (at, 7);
  at = put32 (at, own_ssrc);
  at = put32 (at, self->ssrc);
  /* The share since the last report is left out: nothing here looks at it. */
  at = put32 (at, CLAMP (stream_lost (self), 0, 0x7fffff));
  at = put32 (at, self->highest_sequence);
  at = put32 (at, 0);
  at = put32 (at, self->last_sender_report);
  at = put32 (at, delay_since (self, now));
  *at++ = 0x81;
  *at++ = SOURCE_DESCRIPTION;
  at = put16 (at, 1 + sizeof name / 4);
  at = put32 (at, own_ssrc);
  memcpy (at, name, sizeof name);
  return at + sizeof name - out;
}
