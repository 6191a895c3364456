#include "dcep.h"

#include <string.h>

#include "bytes.h"

/* RFC 8832 section 8.2.1. */
#define MESSAGE_ACK 0x02
#define MESSAGE_OPEN 0x03

/* RFC 8832 section 8.2.2. */
#define TYPE_RELIABLE 0x00
#define TYPE_RETRANSMITS 0x01
#define TYPE_LIFETIME 0x02
#define TYPE_UNORDERED 0x80

#define PRIORITY_NORMAL 256

#define OPEN_HEADER 12

const guint8 rtc_dcep_ack[1] = { MESSAGE_ACK };

static gboolean
parse_delivery (guint8 type, guint32 limit, RtcDelivery *delivery)
{
  delivery->is_unordered = (type & TYPE_UNORDERED) != 0;
  delivery->limit = limit;
  switch (type & ~TYPE_UNORDERED) {
    case TYPE_RELIABLE:
      delivery->kind = RTC_DELIVERY_RELIABLE;
      delivery->limit = 0;
      return TRUE;
    case TYPE_RETRANSMITS:
      delivery->kind = RTC_DELIVERY_RETRANSMITS;
      return TRUE;
    case TYPE_LIFETIME:
      delivery->kind = RTC_DELIVERY_LIFETIME;
      return TRUE;
    default:
      return FALSE;
  }
}

static char *
read_label (const guint8 *data, gsize size)
{
  g_autofree char *valid = g_utf8_make_valid ((const char *) data, size);

  return g_utf8_substring (valid, 0,
      MIN (g_utf8_strlen (valid, -1), RTC_DCEP_LABEL_MAX));
}

static gboolean
parse_open (const guint8 *data, gsize size, RtcDcepOpen *open)
{
  gsize label_size, protocol_size;

  if (size < OPEN_HEADER)
    return FALSE;
  label_size = rtc_read_16 (data + 8);
  protocol_size = rtc_read_16 (data + 10);
  if (label_size + protocol_size > size - OPEN_HEADER
      || !parse_delivery (data[1], rtc_read_32 (data + 4), &open->delivery))
    return FALSE;
  open->label = read_label (data + OPEN_HEADER, label_size);
  return TRUE;
}

RtcDcepType
rtc_dcep_parse (const guint8 *data, gsize size, RtcDcepOpen *open)
{
  if (size == 0)
    return RTC_DCEP_INVALID;
  if (data[0] == MESSAGE_ACK)
    return RTC_DCEP_ACK;
  if (data[0] == MESSAGE_OPEN && parse_open (data, size, open))
    return RTC_DCEP_OPEN;
  return RTC_DCEP_INVALID;
}

void
rtc_dcep_open_clear (RtcDcepOpen *open)
{
  g_clear_pointer (&open->label, g_free);
}

GBytes *
rtc_dcep_build_open (const char *label)
{
  gsize size = strlen (label);
  guint8 header[OPEN_HEADER] = { MESSAGE_OPEN, TYPE_RELIABLE,
    PRIORITY_NORMAL >> 8, PRIORITY_NORMAL & 0xff };
  GByteArray *message;

  g_return_val_if_fail (size <= G_MAXUINT16, NULL);

  message = g_byte_array_new ();
  header[8] = size >> 8;
  header[9] = size & 0xff;
  g_byte_array_append (message, header, sizeof header);
  g_byte_array_append (message, (const guint8 *) label, size);
  return g_byte_array_free_to_bytes (message);
}
