#include "units.h"

#include <string.h>

static void
add_digest (GPtrArray *units, const guint8 *data, gsize size)
{
  g_ptr_array_add (units,
      g_compute_checksum_for_data (G_CHECKSUM_SHA1, data, size));
}

static gboolean
is_slice (gboolean is_265, guint8 header)
{
  return is_265 ? ((header >> 1) & 0x3f) < 32
                : (header & 0x1f) == 1 || (header & 0x1f) == 5;
}

static void
add_unit (GPtrArray *units, gboolean is_265, const guint8 *data, gsize size)
{
  /* Zeros before the next start code are framing. */
  while (size > 0 && data[size - 1] == 0)
    size--;
  if (size > 0 && is_slice (is_265, data[0]))
    add_digest (units, data, size);
}

static const guint8 *
find_start (const guint8 *from, const guint8 *end)
{
  for (; from + 3 <= end; from++) {
    if (from[0] == 0 && from[1] == 0 && from[2] == 1)
      return from;
  }
  return end;
}

static void
add_byte_stream (GPtrArray *units, gboolean is_265, const guint8 *data,
    const guint8 *end)
{
  const guint8 *start = find_start (data, end);

  while (start < end) {
    const guint8 *next = find_start (start + 3, end);

    add_unit (units, is_265, start + 3, (gsize) (next - start - 3));
    start = next;
  }
}

static void
add_prefixed (GPtrArray *units, gboolean is_265, const guint8 *data,
    const guint8 *end)
{
  while (data + 4 < end) {
    /* Byte by byte: GStreamer's macro reads where the sanitizer lets nobody. */
    guint32 size =
        (guint32) data[0] << 24 | data[1] << 16 | data[2] << 8 | data[3];

    g_assert_cmpuint (size, <=, end - data - 4);
    add_unit (units, is_265, data + 4, size);
    data += 4 + size;
  }
}

void
test_units_add (GPtrArray *units, const char *media_type, GstBuffer *frame)
{
  gboolean is_265 = g_str_equal (media_type, "video/x-h265");
  GstMapInfo map;

  g_assert_true (gst_buffer_map (frame, &map, GST_MAP_READ));
  if (!is_265 && !g_str_equal (media_type, "video/x-h264"))
    add_digest (units, map.data, map.size);
  else if (find_start (map.data, map.data + MIN (map.size, 4))
      < map.data + MIN (map.size, 4))
    add_byte_stream (units, is_265, map.data, map.data + map.size);
  else
    add_prefixed (units, is_265, map.data, map.data + map.size);
  gst_buffer_unmap (frame, &map);
}

guint
test_units_compare (GPtrArray *sent, GPtrArray *received)
{
  for (guint i = 0; i < received->len; i++)
    g_assert_true (g_ptr_array_find_with_equal_func (sent,
        g_ptr_array_index (received, i), g_str_equal, NULL));
  return received->len;
}
