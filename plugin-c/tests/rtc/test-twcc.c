/* When packets arrived: what is read of it, and by which packets it goes. */
#include "twcc.h"

#include <string.h>

#include "bytes.h"
#include "feedback.h"
#include "sentlog.h"

/* Chunks and deltas behind a head of base 100, of so many, at 2 * 64 ms. */
typedef struct {
  const char *name;
  guint16 n;
  const char *bytes;
  const char *told; /* "number:ms", or "number:-" when missing; NULL: refused */
} Feedback;

static const Feedback feedbacks[] = {
  { "run", 3, "2003 0408 0c", "100:1 101:3 102:6 " },
  { "run-of-none", 2, "0002", "100:- 101:- " },
  { "run-of-large", 2, "4002 0004 fffc", "100:1 101:0 " },
  { "one-bit", 4, "a800 0404", "100:1 101:- 102:2 103:- " },
  { "two-bits", 4, "d200 04 0190", "100:1 101:- 102:101 103:- " },
  { "reserved", 2, "f400 04", "100:- 101:1 " },
  { "two-chunks", 15, "0001 bfff 04 04 04 04 04 04 04 04 04 04 04 04 04 04",
      "100:- 101:1 102:2 103:3 104:4 105:5 106:6 107:7 108:8 109:9 110:10 "
      "111:11 112:12 113:13 114:14 " },
  { "two-vectors", 8, "c000 d000 04",
      "100:- 101:- 102:- 103:- 104:- 105:- 106:- 107:1 " },
  { "longer-run-than-told", 2, "20ff 0404", "100:1 101:2 " },
  { "nothing", 0, "", "" },
  /* Not whole. */
  { "no-chunks", 1, "", NULL },
  { "too-few-chunks", 20, "d555", NULL },
  { "run-of-nobody", 3, "2000 2003 040404", NULL },
  { "too-many", 4097, "3fff", NULL },
  { "no-times", 3, "2003", "" },
  { "too-few-times", 3, "2003 0404", "100:1 101:2 " },
  { "half-a-time", 2, "4002 0004 00", "100:1 " },
};

static guint
read_bytes (const char *text, guint8 *bytes)
{
  guint n = 0;

  for (; *text != '\0'; text++) {
    if (*text == ' ')
      continue;
    bytes[n++] =
        g_ascii_xdigit_value (text[0]) << 4 | g_ascii_xdigit_value (text[1]);
    text++;
  }
  return n;
}

/* All but the padding that makes whole words of it: that would be times. */
static RtcRtcpPacket
make_packet (const Feedback *one, guint32 reference, guint8 **body)
{
  guint8 bytes[64] = { 0 };
  guint n = read_bytes (one->bytes, bytes);

  *body = g_malloc0 (16 + n);
  rtc_write_16 (*body + 8, 100);
  rtc_write_16 (*body + 10, one->n);
  rtc_write_32 (*body + 12, reference << 8);
  memcpy (*body + 16, bytes, n);
  return (RtcRtcpPacket){ RTC_RTCP_RTPFB, RTC_RTPFB_TWCC, *body, 16 + n };
}

static void
test_reading (gconstpointer data)
{
  const Feedback *one = data;
  g_autofree guint8 *body = NULL;
  g_autoptr (GString) told = g_string_new (NULL);
  RtcRtcpPacket packet = make_packet (one, 2, &body);
  RtcTwccClock clock = { 0 };
  RtcTwccReader reader;
  RtcTwccArrival arrival;
  gint64 begin_us;

  if (!rtc_twcc_begin (&reader, &packet, &clock)) {
    g_assert_null (one->told);
    return;
  }
  begin_us = reader.at_us;
  while (rtc_twcc_next (&reader, &arrival))
    if (arrival.is_received)
      g_string_append_printf (told, "%u:%d ", arrival.sequence,
          (int) (arrival.arrival_us - begin_us) / 1000);
    else
      g_string_append_printf (told, "%u:- ", arrival.sequence);
  g_assert_cmpstr (told->str, ==, one->told);
}

static gint64
begin_at (RtcTwccClock *clock, guint32 reference)
{
  static const Feedback nothing = { "", 0, "" };
  g_autofree guint8 *body = NULL;
  RtcRtcpPacket packet = make_packet (&nothing, reference, &body);
  RtcTwccReader reader;

  g_assert_true (rtc_twcc_begin (&reader, &packet, clock));
  return reader.at_us;
}

static void
test_clock (void)
{
  RtcTwccClock clock = { 0 };
  gint64 first_us = begin_at (&clock, 0xfffffe);

  g_assert_cmpint (begin_at (&clock, 0xffffff) - first_us, ==, 64000);
  g_assert_cmpint (begin_at (&clock, 1) - first_us, ==, 3 * 64000);
  g_assert_cmpint (begin_at (&clock, 0xfffffe), ==, first_us);
  /* One who turns it back for ever does not get it below 0. */
  for (guint i = 0, at = 0xfffffe; i < 3000; i++) {
    at = (at - 0x7fffff) & 0xffffff;
    g_assert_cmpint (begin_at (&clock, at), >, 0);
  }
}

static void
test_not_feedback (void)
{
  static const Feedback nothing = { "", 0, "" };
  g_autofree guint8 *body = NULL;
  RtcRtcpPacket packet = make_packet (&nothing, 1, &body);
  RtcTwccClock clock = { 0 };
  RtcTwccReader reader;

  packet.size = 15;
  g_assert_false (rtc_twcc_begin (&reader, &packet, &clock));
  packet.size = 16;
  packet.count = RTC_RTPFB_NACK;
  g_assert_false (rtc_twcc_begin (&reader, &packet, &clock));
  packet.count = RTC_RTPFB_TWCC;
  packet.type = RTC_RTCP_PSFB;
  g_assert_false (rtc_twcc_begin (&reader, &packet, &clock));
  g_assert_false (clock.is_known);
}

/* What the tests' viewer writes is what is read. */
static void
test_viewer (void)
{
  static const gint64 arrivals[] = { 70000000, -1, 70000250, 70090000, 70080000,
    -1, -1, 71000000, -1 };
  g_autoptr (GBytes) bytes =
      feedback_arrivals (65533, arrivals, G_N_ELEMENTS (arrivals));
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  RtcRtcpPacket packet;
  RtcTwccClock clock = { 0 };
  RtcTwccReader reader;
  RtcTwccArrival arrival;
  gint64 first_us = 0;

  g_assert_true (rtc_rtcp_next (&data, &size, &packet));
  g_assert_true (rtc_twcc_begin (&reader, &packet, &clock));
  for (guint i = 0; i < G_N_ELEMENTS (arrivals); i++) {
    g_assert_true (rtc_twcc_next (&reader, &arrival));
    g_assert_cmpuint (arrival.sequence, ==, (guint16) (65533 + i));
    g_assert_cmpint (arrival.is_received, ==, arrivals[i] >= 0);
    if (i == 0)
      first_us = arrival.arrival_us;
    if (arrival.is_received)
      g_assert_cmpint (arrival.arrival_us - first_us, ==,
          arrivals[i] - arrivals[0]);
  }
  g_assert_false (rtc_twcc_next (&reader, &arrival));
}

static void
test_log (void)
{
  g_autofree RtcSentLog *log = rtc_sent_log_new ();

  g_assert_null (rtc_sent_log_find (log, 0));
  for (guint i = 0; i < 10; i++)
    rtc_sent_log_add (log, 65530 + i, 100 + i, 1000 + i);
  g_assert_cmpuint (rtc_sent_log_find (log, 3)->size, ==, 109);
  g_assert_cmpint (rtc_sent_log_find (log, 65530)->sent_us, ==, 1000);
  g_assert_null (rtc_sent_log_find (log, 4));
  g_assert_null (rtc_sent_log_find (log, 65529));
}

static void
test_on_way (void)
{
  g_autofree RtcSentLog *log = rtc_sent_log_new ();

  for (guint i = 0; i < 10; i++)
    rtc_sent_log_add (log, 65530 + i, 100, 1000 + i);
  g_assert_cmpuint (log->bytes_on_way, ==, 1000);
  rtc_sent_log_settle (log, 65535);
  g_assert_cmpuint (log->bytes_on_way, ==, 400);
  /* Told of before, not sent yet, and of another time. */
  rtc_sent_log_settle (log, 65533);
  rtc_sent_log_settle (log, 20);
  rtc_sent_log_settle (log, 30000);
  g_assert_cmpuint (log->bytes_on_way, ==, 400);
  rtc_sent_log_expire (log, 1008);
  g_assert_cmpuint (log->bytes_on_way, ==, 200);
  rtc_sent_log_settle (log, 3);
  g_assert_cmpuint (log->bytes_on_way, ==, 0);
  rtc_sent_log_expire (log, 9999);
  g_assert_cmpuint (log->n_on_way, ==, 0);
}

static void
test_full_log (void)
{
  g_autofree RtcSentLog *log = rtc_sent_log_new ();

  for (guint i = 0; i < RTC_SENT_LOG_PACKETS + 5; i++)
    rtc_sent_log_add (log, i, 10, 1 + i);
  g_assert_cmpuint (log->bytes_on_way, ==, RTC_SENT_LOG_PACKETS * 10);
  g_assert_null (rtc_sent_log_find (log, 4));
  g_assert_nonnull (rtc_sent_log_find (log, 5));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (feedbacks); i++) {
    g_autofree char *path =
        g_strdup_printf ("/twcc/reading/%s", feedbacks[i].name);

    g_test_add_data_func (path, &feedbacks[i], test_reading);
  }
  g_test_add_func ("/twcc/clock", test_clock);
  g_test_add_func ("/twcc/not-feedback", test_not_feedback);
  g_test_add_func ("/twcc/viewer", test_viewer);
  g_test_add_func ("/twcc/log", test_log);
  g_test_add_func ("/twcc/on-way", test_on_way);
  g_test_add_func ("/twcc/full-log", test_full_log);
  return g_test_run ();
}
