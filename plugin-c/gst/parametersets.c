#include "parametersets.h"

#include <string.h>

/* Of a frame, where they are looked for; and what one of them may have. */
#define MAX_SEARCH 4096
#define MAX_SET 512

enum {
  VIDEO,
  SEQUENCE,
  PICTURE,
  N_SETS
};

static const guint8 start_code[] = { 0, 0, 0, 1 };

/* The bytes of H265's sequence parameter set up to the level. */
#define H265_PREFIX 15

void
gst_kvs_parameter_sets_clear (GstKvsParameterSets *self)
{
  for (guint i = 0; i < N_SETS; i++)
    g_clear_pointer (&self->sets[i], g_byte_array_unref);
}

/* Which set the unit with this header is, -1 for none of them. */
static int
find_kind (gboolean is_265, guint8 header)
{
  int type = is_265 ? (header >> 1) & 0x3f : header & 0x1f;
  int first = is_265 ? 32 : 6; /* of video sets, which H264 has not */

  return type - first < (is_265 ? VIDEO : SEQUENCE) || type - first >= N_SETS
      ? -1
      : type - first;
}

/* The next start code of three bytes, or `end`. */
static const guint8 *
find_start (const guint8 *from, const guint8 *end)
{
  for (; from + 3 < end; from++) {
    if (from[0] == 0 && from[1] == 0 && from[2] == 1)
      return from;
  }
  return end;
}

/* Several of a kind in one frame belong together. */
static void
keep (GstKvsParameterSets *self, int kind, gboolean is_first,
    const guint8 *data, gsize size)
{
  if (is_first)
    g_clear_pointer (&self->sets[kind], g_byte_array_unref);
  if (!self->sets[kind])
    self->sets[kind] = g_byte_array_new ();
  g_byte_array_append (self->sets[kind], start_code, sizeof (start_code));
  g_byte_array_append (self->sets[kind], data, (guint) size);
}

static void
read_units (GstKvsParameterSets *self, gboolean is_265, const guint8 *data,
    const guint8 *end)
{
  gboolean seen[N_SETS] = { FALSE };
  const guint8 *start = find_start (data, end);

  while (start < end) {
    const guint8 *unit = start + 3;
    const guint8 *next = find_start (unit, end);
    gsize size = (gsize) (next - unit);
    int kind = find_kind (is_265, *unit);

    /* One that is cut off where the search ends is none. */
    if (kind >= 0 && size <= MAX_SET) {
      while (size > 0 && unit[size - 1] == 0)
        size--;
      keep (self, kind, !seen[kind], unit, size);
      seen[kind] = TRUE;
    }
    start = next;
  }
}

void
gst_kvs_parameter_sets_read (GstKvsParameterSets *self,
    const GstKvsCodec *codec, GstBuffer *frame)
{
  gboolean is_265 = g_str_equal (codec->name, "H265");
  GstMapInfo map;

  if (!is_265 && !g_str_equal (codec->name, "H264"))
    return;
  if (!gst_buffer_map (frame, &map, GST_MAP_READ))
    return;
  read_units (self, is_265, map.data, map.data + MIN (map.size, MAX_SEARCH));
  gst_buffer_unmap (frame, &map);
}

/* Copies without emulation prevention (00 00 03); how many bytes there were. */
static gsize
unescape (const guint8 *from, gsize size, guint8 *to, gsize n)
{
  gsize length = 0;
  guint zeros = 0;

  for (gsize i = 0; i < size && length < n; i++) {
    if (zeros >= 2 && from[i] == 3) {
      zeros = 0;
      continue;
    }
    zeros = from[i] == 0 ? zeros + 1 : 0;
    to[length++] = from[i];
  }
  return length;
}

/* H264: header, then the three bytes. H265 (ITU-T H.265 section 7.3.3): two
 * bytes of header, one of layers, then profile, flags and level. */
int
gst_kvs_parameter_sets_get_profile (const GstKvsParameterSets *self,
    const GstKvsCodec *codec)
{
  const GByteArray *set = self->sets[SEQUENCE];
  guint8 sps[H265_PREFIX];
  gsize length;

  if (!set)
    return -1;
  length = unescape (set->data + sizeof (start_code),
      set->len - sizeof (start_code), sps, sizeof (sps));
  if (g_str_equal (codec->name, "H264"))
    return length < 4 ? -1 : sps[1] << 16 | sps[2] << 8 | sps[3];
  if (length < H265_PREFIX)
    return -1;
  return (sps[3] & 0x1f) << 16 | (sps[3] & 0x20 ? 0x100 : 0) | sps[14];
}

GstBuffer *
gst_kvs_parameter_sets_prepend (const GstKvsParameterSets *self,
    GstBuffer *frame)
{
  GstBuffer *whole = NULL;

  for (guint i = 0; i < N_SETS; i++) {
    GstBuffer *bytes;

    if (!self->sets[i])
      continue;
    bytes = gst_buffer_new_memdup (self->sets[i]->data, self->sets[i]->len);
    whole = whole ? gst_buffer_append (whole, bytes) : bytes;
  }
  if (!whole)
    return gst_buffer_ref (frame);
  gst_buffer_copy_into (whole, frame, GST_BUFFER_COPY_METADATA, 0, -1);
  return gst_buffer_append (whole, gst_buffer_ref (frame));
}
