#include "senderreport.h"

#include <string.h>

#include "bytes.h"
#include "rtcp.h"

#define SDES_CNAME 1

/* Seconds from 1900 to 1970. */
#define NTP_EPOCH G_GUINT64_CONSTANT (2208988800)

guint64
rtc_ntp_from_us (gint64 us)
{
  guint64 seconds = us / G_USEC_PER_SEC;
  guint64 rest = us % G_USEC_PER_SEC;

  return (seconds + NTP_EPOCH) << 32 | (rest << 32) / G_USEC_PER_SEC;
}

guint32
rtc_ntp_middle (guint64 ntp)
{
  return ntp >> 16;
}

static void
write_head (guint8 *data, guint8 count, guint8 type, gsize size)
{
  data[0] = 2 << 6 | count;
  data[1] = type;
  rtc_write_16 (data + 2, size / 4 - 1);
}

gsize
rtc_sender_report_write (const RtcSenderReport *self, guint8 *data)
{
  write_head (data, 0, RTC_RTCP_SR, RTC_SR_SIZE);
  rtc_write_32 (data + 4, self->ssrc);
  rtc_write_64 (data + 8, self->ntp);
  rtc_write_32 (data + 16, self->timestamp);
  rtc_write_32 (data + 20, self->packets);
  rtc_write_32 (data + 24, self->octets);
  return RTC_SR_SIZE;
}

gsize
rtc_sdes_write (guint32 ssrc, const char *cname, guint8 *data)
{
  gsize length = MIN (strlen (cname), RTC_CNAME_MAX);
  gsize size = 8;

  rtc_write_32 (data + 4, ssrc);
  data[size++] = SDES_CNAME;
  data[size++] = length;
  memcpy (data + size, cname, length);
  size += length;
  /* A chunk ends with one zero at least. */
  do
    data[size++] = 0;
  while (size % 4 != 0);
  write_head (data, 1, RTC_RTCP_SDES, size);
  return size;
}
