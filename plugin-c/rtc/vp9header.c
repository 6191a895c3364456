#include "vp9header.h"

/* All that is read, at most. */
#define N_BITS 18

static guint
take_bits (guint32 *bits, guint count)
{
  guint value = *bits >> (32 - count);

  *bits <<= count;
  return value;
}

/* Whether it is predicted from others: no key frame, and not the order to
 * show one again. */
static gboolean
take_frame_type (guint32 *bits)
{
  guint profile;

  if (take_bits (bits, 2) != 2)
    return FALSE;
  profile = take_bits (bits, 1);
  profile |= take_bits (bits, 1) << 1;
  if (profile == 3)
    take_bits (bits, 1);
  /* show_existing_frame, then frame_type, which is 0 for a key frame */
  return !take_bits (bits, 1) && take_bits (bits, 1);
}

gboolean
rtc_vp9_is_discardable (const guint8 *data, gsize size)
{
  guint32 bits = 0;
  gboolean is_shown, is_resilient;

  if (size * 8 < N_BITS)
    return FALSE;
  for (guint i = 0; i < 3; i++)
    bits |= (guint32) data[i] << (24 - 8 * i);
  if (!take_frame_type (&bits))
    return FALSE;
  is_shown = take_bits (&bits, 1);
  is_resilient = take_bits (&bits, 1);
  /* A hidden one may be intra-only, which has other fields here; it is none of
   * those that are left out. */
  if (!is_shown || !is_resilient)
    return FALSE;
  return take_bits (&bits, 8) == 0;
}
