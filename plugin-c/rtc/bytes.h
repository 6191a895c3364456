/* Numbers in the network's order, wherever they stand.
 *
 * GStreamer's macros of the same kind read aligned words where the processor
 * lets them, which the language does not, and UBSan says so. */
#pragma once

#include <glib.h>
#include <string.h>

static inline guint16
rtc_read_16 (const guint8 *data)
{
  guint16 value;

  memcpy (&value, data, sizeof value);
  return GUINT16_FROM_BE (value);
}

static inline guint32
rtc_read_24 (const guint8 *data)
{
  return (guint32) data[0] << 16 | rtc_read_16 (data + 1);
}

static inline guint32
rtc_read_32 (const guint8 *data)
{
  guint32 value;

  memcpy (&value, data, sizeof value);
  return GUINT32_FROM_BE (value);
}

static inline void
rtc_write_16 (guint8 *data, guint16 value)
{
  value = GUINT16_TO_BE (value);
  memcpy (data, &value, sizeof value);
}

static inline void
rtc_write_32 (guint8 *data, guint32 value)
{
  value = GUINT32_TO_BE (value);
  memcpy (data, &value, sizeof value);
}

static inline void
rtc_write_64 (guint8 *data, guint64 value)
{
  value = GUINT64_TO_BE (value);
  memcpy (data, &value, sizeof value);
}
