#include <string.h>

#include "dcep.h"

/* An OPEN: type, priority, limit, then the lengths and the strings. */
static GByteArray *
make_open (guint8 type, guint32 limit, gconstpointer label, gsize label_size,
    gsize protocol_size)
{
  GByteArray *message = g_byte_array_new ();
  const guint8 header[12] = { 3, type, 1, 0, limit >> 24, limit >> 16,
    limit >> 8, limit, label_size >> 8, label_size, protocol_size >> 8,
    protocol_size };
  g_autofree char *protocol = g_strnfill (protocol_size, 'p');

  g_byte_array_append (message, header, sizeof header);
  g_byte_array_append (message, label, label_size);
  g_byte_array_append (message, (const guint8 *) protocol, protocol_size);
  return message;
}

static void
check_label (gconstpointer label, gsize size, const char *expected)
{
  g_autoptr (GByteArray) message = make_open (0, 0, label, size, 3);
  RtcDcepOpen open;

  g_assert_cmpint (rtc_dcep_parse (message->data, message->len, &open), ==,
      RTC_DCEP_OPEN);
  g_assert_cmpstr (open.label, ==, expected);
  rtc_dcep_open_clear (&open);
}

static void
test_labels (void)
{
  g_autofree char *longest = g_strnfill (RTC_DCEP_LABEL_MAX, 'x');
  g_autofree char *longer = g_strnfill (65535, 'x');
  GString *wide = g_string_new (NULL);
  GString *cut = g_string_new (NULL);

  check_label ("chat", 4, "chat");
  check_label ("", 0, "");
  check_label ("Gr\xc3\xbc\xc3\x9f"
               "e",
      7, "Grüße");
  /* No UTF-8, half of a character, and a zero. */
  check_label ("a\xff"
               "b",
      3,
      "a\xef\xbf\xbd"
      "b");
  check_label ("a\xc3", 2, "a\xef\xbf\xbd");
  check_label ("a\0b", 3,
      "a\xef\xbf\xbd"
      "b");
  check_label (longer, 65535, longest);

  for (guint i = 0; i < RTC_DCEP_LABEL_MAX; i++)
    g_string_append (cut, "ü");
  g_string_append_printf (wide, "%sü", cut->str);
  check_label (wide->str, wide->len, cut->str);
  g_string_free (wide, TRUE);
  g_string_free (cut, TRUE);
}

static void
test_deliveries (void)
{
  static const struct {
    guint8 type;
    RtcDelivery delivery;
  } cases[] = {
    { 0x00, { RTC_DELIVERY_RELIABLE, 0, FALSE } },
    { 0x80, { RTC_DELIVERY_RELIABLE, 0, TRUE } },
    { 0x01, { RTC_DELIVERY_RETRANSMITS, 0x01020304, FALSE } },
    { 0x81, { RTC_DELIVERY_RETRANSMITS, 0x01020304, TRUE } },
    { 0x02, { RTC_DELIVERY_LIFETIME, 0x01020304, FALSE } },
    { 0x82, { RTC_DELIVERY_LIFETIME, 0x01020304, TRUE } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GByteArray) message =
        make_open (cases[i].type, 0x01020304, "l", 1, 0);
    RtcDcepOpen open;

    g_assert_cmpint (rtc_dcep_parse (message->data, message->len, &open), ==,
        RTC_DCEP_OPEN);
    g_assert_cmpint (open.delivery.kind, ==, cases[i].delivery.kind);
    g_assert_cmphex (open.delivery.limit, ==, cases[i].delivery.limit);
    g_assert_cmpint (open.delivery.is_unordered, ==,
        cases[i].delivery.is_unordered);
    rtc_dcep_open_clear (&open);
  }
}

static void
check_invalid (const guint8 *data, gsize size)
{
  g_autofree guint8 *exact = g_memdup2 (data, size);
  RtcDcepOpen open;

  g_assert_cmpint (rtc_dcep_parse (exact, size, &open), ==, RTC_DCEP_INVALID);
}

static void
test_invalid (void)
{
  g_autoptr (GByteArray) whole = make_open (0, 0, "label", 5, 4);
  g_autoptr (GByteArray) unknown = make_open (0x03, 0, "label", 5, 0);
  const guint8 other = 0x04;

  for (gsize size = 0; size < whole->len; size++)
    check_invalid (whole->data, size);
  check_invalid (unknown->data, unknown->len);
  check_invalid (&other, 1);
}

static void
test_built (void)
{
  g_autoptr (GBytes) message = rtc_dcep_build_open ("Grüße");
  gsize size;
  const guint8 *data = g_bytes_get_data (message, &size);
  RtcDcepOpen open;

  g_assert_cmpuint (size, ==, 12 + strlen ("Grüße"));
  g_assert_cmpint (rtc_dcep_parse (data, size, &open), ==, RTC_DCEP_OPEN);
  g_assert_cmpstr (open.label, ==, "Grüße");
  g_assert_cmpint (open.delivery.kind, ==, RTC_DELIVERY_RELIABLE);
  g_assert_false (open.delivery.is_unordered);
  /* Normal: RFC 8831 section 6.4. */
  g_assert_cmphex (data[2] << 8 | data[3], ==, 256);
  rtc_dcep_open_clear (&open);
  g_assert_cmpint (rtc_dcep_parse (rtc_dcep_ack, sizeof rtc_dcep_ack, &open),
      ==, RTC_DCEP_ACK);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dcep/mends and cuts labels", test_labels);
  g_test_add_func ("/dcep/reads what is promised", test_deliveries);
  g_test_add_func ("/dcep/refuses what is malformed", test_invalid);
  g_test_add_func ("/dcep/reads what it builds", test_built);
  return g_test_run ();
}
