/* Packets of a peer that has an association with us: each of its chunks may
 * be anything, in a packet that is addressed, tagged and summed right.
 *
 * An input is chunks, each behind a byte that says its size in fours. Numbers
 * that must fit what was agreed upon at random are offsets from it. */
#include <string.h>

#include "bytes.h"
#include "fuzz.h"
#include "pipe.h"

#define HEADER 12
#define CHUNK_DATA 0x00
#define CHUNK_RECONFIG 0x82
#define CHUNK_FORWARD_TSN 0xc0

/* RFC 9260 appendix A; the sum stands there with its lowest byte first. */
static guint32
sum (const guint8 *packet, gsize size)
{
  guint32 crc = 0xffffffff;

  for (gsize i = 0; i < size; i++) {
    crc ^= packet[i];
    for (guint bit = 0; bit < 8; bit++)
      crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return GUINT32_TO_LE (~crc);
}

static void
add_to (GByteArray *packet, gsize at, guint32 base)
{
  if (packet->len >= at + 4)
    rtc_write_32 (packet->data + at, rtc_read_32 (packet->data + at) + base);
}

static void
fit_chunk (GByteArray *packet, gsize at, guint32 first_tsn)
{
  switch (packet->data[at]) {
    case CHUNK_DATA:
    case CHUNK_FORWARD_TSN:
      add_to (packet, at + 4, first_tsn);
      break;
    case CHUNK_RECONFIG:
      /* Of an outgoing reset: its own number, and the last chunk's. */
      add_to (packet, at + 8, first_tsn);
      add_to (packet, at + 16, first_tsn);
      break;
    default:
      break;
  }
}

static void
fit_numbers (GByteArray *packet, guint32 first_tsn)
{
  gsize at = HEADER;

  while (at + 4 <= packet->len) {
    fit_chunk (packet, at, first_tsn);
    at += MAX (4, (rtc_read_16 (packet->data + at + 2) + 3) & ~3);
  }
}

static void
take (Pipe *pipe, const uint8_t *chunk, size_t size)
{
  g_autoptr (GByteArray) packet = g_byte_array_new ();
  g_autofree guint8 *exact = NULL;
  guint32 crc;

  g_byte_array_append (packet, pipe->b.header, HEADER);
  memset (packet->data + 8, 0, 4);
  g_byte_array_append (packet, chunk, size);
  fit_numbers (packet, pipe->b.first_tsn);
  crc = sum (packet->data, packet->len);
  memcpy (packet->data + 8, &crc, sizeof crc);
  exact = g_memdup2 (packet->data, packet->len);
  if (pipe->a.association)
    rtc_association_take (pipe->a.association, exact, packet->len);
  pipe_step (pipe);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (Pipe) pipe = pipe_new_raw ();

  pipe_connect (pipe, 0);
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->b, "up 32"));
  pipe_settle (pipe);
  /* The real peer would abort what is acknowledged and was never sent. */
  pipe->is_cut = TRUE;
  while (size > 1) {
    size_t chunk = MIN (data[0] * 4u, size - 1);

    if (chunk > 0)
      take (pipe, data + 1, chunk);
    data += 1 + chunk;
    size -= 1 + chunk;
  }
  pipe_settle (pipe);
  g_assert_cmpuint (end_count (&pipe->a, "lost"), <=, 1);
  if (pipe->a.association)
    rtc_association_send_text_to_all (pipe->a.association, "text");
  pipe_settle (pipe);
  return 0;
}
