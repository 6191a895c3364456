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

/* Of each packet: one of two bytes, so that any time can be told. */
static void
add_statuses (GByteArray *bytes, const gint64 *arrivals_us, guint n)
{
  for (guint i = 0; i < n; i += 7) {
    guint16 chunk = 0xc000;
    guint8 data[2];

    for (guint j = 0; j < 7 && i + j < n; j++)
      if (arrivals_us[i + j] >= 0)
        chunk |= 2 << (12 - 2 * j);
    rtc_write_16 (data, chunk);
    g_byte_array_append (bytes, data, sizeof data);
  }
}

static void
add_deltas (GByteArray *bytes, const gint64 *arrivals_us, guint n,
    gint64 from_ticks)
{
  for (guint i = 0; i < n; i++) {
    gint64 ticks = arrivals_us[i] / 250;
    guint8 data[2];

    if (arrivals_us[i] < 0)
      continue;
    g_assert_cmpint (ABS (ticks - from_ticks), <, 32768);
    rtc_write_16 (data, ticks - from_ticks);
    g_byte_array_append (bytes, data, sizeof data);
    from_ticks = ticks;
  }
}

static gint64
find_first (const gint64 *arrivals_us, guint n)
{
  for (guint i = 0; i < n; i++)
    if (arrivals_us[i] >= 0)
      return arrivals_us[i];
  return 0;
}

GBytes *
feedback_arrivals (guint16 base, const gint64 *arrivals_us, guint n)
{
  GByteArray *bytes = begin (15, 205);
  gint64 reference = find_first (arrivals_us, n) / 64000;

  add_32 (bytes, 0);
  add_32 (bytes, (guint32) base << 16 | n);
  add_32 (bytes, (guint32) reference << 8);
  add_statuses (bytes, arrivals_us, n);
  add_deltas (bytes, arrivals_us, n, reference * 256);
  while (bytes->len % 4 != 0)
    g_byte_array_append (bytes, (const guint8 *) "", 1);
  return end (bytes);
}
