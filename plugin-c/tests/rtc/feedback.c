#include "feedback.h"

#include <string.h>

#include "bytes.h"

#define OWN_SSRC 0x99

static void
add_32 (GByteArray *bytes, guint32 value)
{
  guint8 data[4];

  rtc_write_32 (data, value);
  g_byte_array_append (bytes, data, sizeof data);
}

static GByteArray *
begin (guint8 count, guint8 type)
{
  GByteArray *bytes = g_byte_array_new ();

  add_32 (bytes, (guint32) (0x80 | count) << 24 | (guint32) type << 16);
  add_32 (bytes, OWN_SSRC);
  return bytes;
}

static GBytes *
end (GByteArray *bytes)
{
  rtc_write_16 (bytes->data + 2, bytes->len / 4 - 1);
  return g_byte_array_free_to_bytes (bytes);
}

GBytes *
feedback_report (guint32 ssrc, guint8 fraction_lost, gint32 lost,
    guint32 highest, guint32 last_sr, guint32 delay)
{
  GByteArray *bytes = begin (1, 201);

  add_32 (bytes, ssrc);
  add_32 (bytes, (guint32) fraction_lost << 24 | (lost & 0xffffff));
  add_32 (bytes, highest);
  add_32 (bytes, 0);
  add_32 (bytes, last_sr);
  add_32 (bytes, delay);
  return end (bytes);
}

GBytes *
feedback_nack (guint32 ssrc, const guint16 *sequences, guint n)
{
  GByteArray *bytes = begin (1, 205);

  add_32 (bytes, ssrc);
  for (guint i = 0; i < n; i++)
    add_32 (bytes, (guint32) sequences[i] << 16);
  return end (bytes);
}

GBytes *
feedback_pli (guint32 ssrc)
{
  GByteArray *bytes = begin (1, 206);

  add_32 (bytes, ssrc);
  return end (bytes);
}

GBytes *
feedback_fir (guint32 ssrc, guint8 command)
{
  GByteArray *bytes = begin (4, 206);

  add_32 (bytes, 0);
  add_32 (bytes, ssrc);
  add_32 (bytes, (guint32) command << 24);
  return end (bytes);
}

GBytes *
feedback_remb (guint64 bitrate)
{
  GByteArray *bytes = begin (15, 206);
  guint exponent = 0;

  for (; bitrate > 0x3ffff; bitrate >>= 1)
    exponent++;
  add_32 (bytes, 0);
  add_32 (bytes, 0x52454d42);
  add_32 (bytes, 1u << 24 | exponent << 18 | (guint32) bitrate);
  add_32 (bytes, 0);
  return end (bytes);
}
