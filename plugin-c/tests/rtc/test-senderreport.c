/* The reports we write, byte for byte. */
#include "senderreport.h"

#include <string.h>

static void
test_ntp (void)
{
  g_assert_cmphex (rtc_ntp_from_us (0), ==,
      G_GUINT64_CONSTANT (0x83aa7e8000000000));
  g_assert_cmphex (rtc_ntp_from_us (1500000), ==,
      G_GUINT64_CONSTANT (0x83aa7e8180000000));
  g_assert_cmphex (rtc_ntp_middle (G_GUINT64_CONSTANT (0x1122334455667788)), ==,
      0x33445566);
}

static void
test_report (void)
{
  static const guint8 expected[] = { 0x80, 200, 0, 6, 0, 0, 0, 1, 0x11, 0x22,
    0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4 };
  RtcSenderReport report = { .ssrc = 1,
    .ntp = G_GUINT64_CONSTANT (0x1122334455667788),
    .timestamp = 2,
    .packets = 3,
    .octets = 4 };
  guint8 data[RTC_SR_SIZE];

  g_assert_cmpuint (rtc_sender_report_write (&report, data), ==,
      sizeof expected);
  g_assert_cmpmem (data, RTC_SR_SIZE, expected, sizeof expected);
}

static void
test_description (void)
{
  static const guint8 even[] = { 0x81, 202, 0, 3, 0, 0, 0, 1, 1, 5, 'a', 'b',
    'c', 'd', 'e', 0 };
  static const guint8 full[] = { 0x81, 202, 0, 4, 0, 0, 0, 1, 1, 6, 'a', 'b',
    'c', 'd', 'e', 'f', 0, 0, 0, 0 };
  guint8 data[RTC_CNAME_MAX + 16];

  memset (data, 0xff, sizeof data);
  g_assert_cmpuint (rtc_sdes_write (1, "abcde", data), ==, sizeof even);
  g_assert_cmpmem (data, sizeof even, even, sizeof even);
  memset (data, 0xff, sizeof data);
  g_assert_cmpuint (rtc_sdes_write (1, "abcdef", data), ==, sizeof full);
  g_assert_cmpmem (data, sizeof full, full, sizeof full);
}

static void
test_long_name (void)
{
  g_autofree guint8 *data = g_malloc (RTC_CNAME_MAX + 16);
  g_autofree char *name = g_strnfill (300, 'a');
  gsize size = rtc_sdes_write (1, name, data);

  g_assert_cmpuint (size % 4, ==, 0);
  g_assert_cmpuint (data[9], ==, RTC_CNAME_MAX);
  g_assert_cmpuint (data[10 + RTC_CNAME_MAX], ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/senderreport/ntp", test_ntp);
  g_test_add_func ("/senderreport/report", test_report);
  g_test_add_func ("/senderreport/description", test_description);
  g_test_add_func ("/senderreport/long-name", test_long_name);
  return g_test_run ();
}
