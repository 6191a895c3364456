#include "rtcp.h"

#include <string.h>

#include "bytes.h"

#define HEADER_SIZE 4
#define SSRC_SIZE 4
#define BLOCK_SIZE 24
#define SENDER_INFO_SIZE 20

/* Both SSRCs that feedback begins with. */
#define FEEDBACK_HEAD (2 * SSRC_SIZE)

#define NACK_SIZE 4
#define FIR_SIZE 8
#define REMB_SIZE 8

/* The last byte says how many there are, itself with them. */
static gboolean
strip_padding (RtcRtcpPacket *packet)
{
  guint8 padding = packet->size > 0 ? packet->body[packet->size - 1] : 0;

  if (padding == 0 || padding > packet->size)
    return FALSE;
  packet->size -= padding;
  return TRUE;
}

gboolean
rtc_rtcp_next (const guint8 **data, gsize *size, RtcRtcpPacket *packet)
{
  const guint8 *head = *data;
  gsize whole;

  if (*size < HEADER_SIZE || head[0] >> 6 != 2)
    return FALSE;
  whole = ((gsize) rtc_read_16 (head + 2) + 1) * 4;
  if (whole > *size)
    return FALSE;
  packet->count = head[0] & 0x1f;
  packet->type = head[1];
  packet->body = head + HEADER_SIZE;
  packet->size = whole - HEADER_SIZE;
  if ((head[0] & 0x20) && !strip_padding (packet))
    return FALSE;
  *data += whole;
  *size -= whole;
  return TRUE;
}

/* Where the report blocks begin; 0 for a packet that has none. */
static gsize
find_blocks (const RtcRtcpPacket *packet)
{
  if (packet->type == RTC_RTCP_SR)
    return SSRC_SIZE + SENDER_INFO_SIZE;
  return packet->type == RTC_RTCP_RR ? SSRC_SIZE : 0;
}

guint
rtc_rtcp_count_report_blocks (const RtcRtcpPacket *packet)
{
  gsize start = find_blocks (packet);

  if (start == 0 || packet->size < start)
    return 0;
  return MIN (packet->count, (packet->size - start) / BLOCK_SIZE);
}

static gint32
read_signed_24 (const guint8 *data)
{
  return (gint32) (rtc_read_24 (data) << 8) >> 8;
}

void
rtc_rtcp_read_report_block (const RtcRtcpPacket *packet, guint index,
    RtcReportBlock *block)
{
  const guint8 *data =
      packet->body + find_blocks (packet) + (gsize) index * BLOCK_SIZE;

  block->ssrc = rtc_read_32 (data);
  block->fraction_lost = data[4];
  block->lost = read_signed_24 (data + 5);
  block->highest = rtc_read_32 (data + 8);
  block->jitter = rtc_read_32 (data + 12);
  block->last_sr = rtc_read_32 (data + 16);
  block->delay = rtc_read_32 (data + 20);
}

static gboolean
is_feedback (const RtcRtcpPacket *packet, guint8 type, guint8 format)
{
  return packet->type == type && packet->count == format
      && packet->size >= FEEDBACK_HEAD;
}

gboolean
rtc_rtcp_read_media (const RtcRtcpPacket *packet, guint32 *ssrc)
{
  if (packet->type != RTC_RTCP_RTPFB && packet->type != RTC_RTCP_PSFB)
    return FALSE;
  if (packet->size < FEEDBACK_HEAD)
    return FALSE;
  *ssrc = rtc_read_32 (packet->body + SSRC_SIZE);
  return TRUE;
}

/* A number, and a bit for each of the sixteen after it. */
static gsize
read_nack_entry (const guint8 *data, guint16 *sequences, gsize max)
{
  guint16 first = rtc_read_16 (data);
  guint16 following = rtc_read_16 (data + 2);
  gsize n = 0;

  if (n < max)
    sequences[n++] = first;
  for (guint16 i = 1; following != 0 && n < max; i++, following >>= 1)
    if (following & 1)
      sequences[n++] = first + i;
  return n;
}

gsize
rtc_rtcp_read_nack (const RtcRtcpPacket *packet, guint16 *sequences, gsize max)
{
  gsize n = 0;

  if (!is_feedback (packet, RTC_RTCP_RTPFB, RTC_RTPFB_NACK))
    return 0;
  for (gsize at = FEEDBACK_HEAD; at + NACK_SIZE <= packet->size && n < max;
       at += NACK_SIZE)
    n += read_nack_entry (packet->body + at, sequences + n, max - n);
  return n;
}

gboolean
rtc_rtcp_is_pli (const RtcRtcpPacket *packet)
{
  return is_feedback (packet, RTC_RTCP_PSFB, RTC_PSFB_PLI);
}

guint
rtc_rtcp_count_fir (const RtcRtcpPacket *packet)
{
  if (!is_feedback (packet, RTC_RTCP_PSFB, RTC_PSFB_FIR))
    return 0;
  return (packet->size - FEEDBACK_HEAD) / FIR_SIZE;
}

void
rtc_rtcp_read_fir (const RtcRtcpPacket *packet, guint index, guint32 *ssrc,
    guint8 *command)
{
  const guint8 *data = packet->body + FEEDBACK_HEAD + (gsize) index * FIR_SIZE;

  *ssrc = rtc_read_32 (data);
  *command = data[4];
}

/* Six bits of exponent, eighteen of mantissa: more than fits is as much as fits. */
static guint64
read_remb_bitrate (const guint8 *data)
{
  guint exponent = data[0] >> 2;
  guint64 mantissa = rtc_read_24 (data) & 0x3ffff;

  return exponent > 63 - 18 ? G_MAXINT64 : mantissa << exponent;
}

gboolean
rtc_rtcp_read_remb (const RtcRtcpPacket *packet, guint64 *bitrate)
{
  const guint8 *data = packet->body + FEEDBACK_HEAD;

  if (!is_feedback (packet, RTC_RTCP_PSFB, RTC_PSFB_APPLICATION))
    return FALSE;
  if (packet->size < FEEDBACK_HEAD + REMB_SIZE || memcmp (data, "REMB", 4) != 0)
    return FALSE;
  *bitrate = read_remb_bitrate (data + 5);
  return TRUE;
}
