#include "rtpheader.h"

#include "bytes.h"

#define FIXED_SIZE 12
#define EXTENSION_HEAD 4
#define ONE_BYTE_FORM 0xbede

static gsize
write_twcc (const RtcHeader *self, guint8 *data)
{
  data[0] = self->twcc_id << 4 | 1;
  rtc_write_16 (data + 1, self->twcc);
  return 3;
}

static gsize
write_orientation (const RtcHeader *self, guint8 *data)
{
  data[0] = self->orientation_id << 4;
  data[1] = self->orientation;
  return 2;
}

static gsize
write_extensions (const RtcHeader *self, guint8 *data)
{
  gsize size = EXTENSION_HEAD;

  if (self->twcc_id != 0)
    size += write_twcc (self, data + size);
  if (self->orientation_id != 0)
    size += write_orientation (self, data + size);
  while (size % 4 != 0)
    data[size++] = 0;
  rtc_write_16 (data, ONE_BYTE_FORM);
  rtc_write_16 (data + 2, size / 4 - 1);
  return size;
}

gsize
rtc_header_write (const RtcHeader *self, guint8 *packet)
{
  gboolean is_extended = self->twcc_id != 0 || self->orientation_id != 0;

  packet[0] = 2 << 6 | (is_extended ? 0x10 : 0);
  packet[1] = (self->has_marker ? 0x80 : 0) | self->pt;
  rtc_write_16 (packet + 2, self->sequence);
  rtc_write_32 (packet + 4, self->timestamp);
  rtc_write_32 (packet + 8, self->ssrc);
  if (!is_extended)
    return FIXED_SIZE;
  return FIXED_SIZE + write_extensions (self, packet + FIXED_SIZE);
}
