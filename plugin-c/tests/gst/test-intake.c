/* Which of a peer's packets are taken, and what its reports become. */
#include "intake.h"

#include <gst/rtp/rtp.h>
#include <string.h>

#define OURS 1u
#define PICTURE 0x1234u
#define REPAIR 0x1235u

typedef struct {
  RtcIntake *intake;
  GPtrArray *reports; /* of GBytes */
} Fixture;

static void
setup (Fixture *f, gconstpointer unused)
{
  RtcIntakeLine declared = { 96, 97, { PICTURE, REPAIR, OURS }, 3 };
  RtcIntakeLine undeclared = { 111, 112, { 0 }, 0 };

  f->intake = rtc_intake_new (OURS);
  f->reports = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_assert_cmpint (rtc_intake_add_line (f->intake, &declared), ==, 0);
  g_assert_cmpint (rtc_intake_add_line (f->intake, &undeclared), ==, 1);
}

static void
teardown (Fixture *f, gconstpointer unused)
{
  rtc_intake_free (f->intake);
  g_ptr_array_unref (f->reports);
}

static RtcIntakeVerdict
take_bytes (Fixture *f, const guint8 *data, gsize size, RtcIntakePacket *packet)
{
  /* Of just that size, so that a sanitizer sees what is read beyond. */
  g_autofree guint8 *copy = g_memdup2 (data, size);

  return rtc_intake_take_rtp (f->intake, copy, size, packet);
}

static void
put_u32 (guint8 *data, guint32 value)
{
  for (guint i = 0; i < 4; i++)
    data[i] = (guint8) (value >> (24 - 8 * i));
}

static RtcIntakeVerdict
take (Fixture *f, guint32 ssrc, guint8 pt)
{
  guint8 data[40] = { 0x80, pt };
  RtcIntakePacket packet;

  put_u32 (data + 8, ssrc);
  return take_bytes (f, data, sizeof (data), &packet);
}

static gboolean
takes_number (Fixture *f, guint seq)
{
  guint8 data[40] = { 0x80, 96, (guint8) (seq >> 8), (guint8) seq };
  RtcIntakePacket packet;

  put_u32 (data + 8, PICTURE);
  return take_bytes (f, data, sizeof (data), &packet) == RTC_INTAKE_TAKEN;
}

/* As a retransmission of that number. */
static gboolean
takes_repair (Fixture *f, guint seq)
{
  guint8 data[40] = { 0x80, 97 };
  RtcIntakePacket packet;

  put_u32 (data + 8, REPAIR);
  data[12] = (guint8) (seq >> 8);
  data[13] = (guint8) seq;
  return take_bytes (f, data, sizeof (data), &packet) == RTC_INTAKE_TAKEN;
}

static void
test_declared_sources_are_taken (Fixture *f, gconstpointer unused)
{
  for (guint32 ssrc = 2; ssrc < 1000; ssrc++)
    g_assert_cmpint (take (f, ssrc, 96), ==, RTC_INTAKE_OTHER_SOURCE);
  g_assert_cmpint (take (f, PICTURE, 96), ==, RTC_INTAKE_TAKEN);
  g_assert_cmpint (take (f, REPAIR, 97), ==, RTC_INTAKE_TAKEN);
  g_assert_cmpint (rtc_intake_find_line (f->intake, PICTURE), ==, 0);
  g_assert_cmpint (rtc_intake_find_line (f->intake, 5), ==, -1);
  g_assert_true (rtc_intake_is_media (f->intake, PICTURE));
  g_assert_false (rtc_intake_is_media (f->intake, REPAIR));
}

static void
test_a_stream_stays_what_it_is (Fixture *f, gconstpointer unused)
{
  g_assert_cmpint (take (f, PICTURE, 96), ==, RTC_INTAKE_TAKEN);
  g_assert_cmpint (take (f, PICTURE, 97), ==, RTC_INTAKE_OTHER_TYPE);
  g_assert_cmpint (take (f, PICTURE, 111), ==, RTC_INTAKE_OTHER_TYPE);
  g_assert_cmpint (take (f, PICTURE, 98), ==, RTC_INTAKE_OTHER_TYPE);
  g_assert_cmpint (take (f, REPAIR, 98), ==, RTC_INTAKE_OTHER_TYPE);
  g_assert_cmpint (take (f, PICTURE, 96), ==, RTC_INTAKE_TAKEN);
}

static void
test_ours_is_not_taken (Fixture *f, gconstpointer unused)
{
  g_assert_cmpint (take (f, OURS, 96), ==, RTC_INTAKE_OTHER_SOURCE);
  g_assert_cmpint (take (f, OURS, 111), ==, RTC_INTAKE_OTHER_SOURCE);
}

static void
test_few_undeclared_sources_are_taken (Fixture *f, gconstpointer unused)
{
  guint taken = 0, repairs = 0;

  for (guint32 ssrc = 1000; ssrc < 2000; ssrc++)
    taken += take (f, ssrc, 111) == RTC_INTAKE_TAKEN;
  /* Of the numbers that the others had. */
  for (guint32 ssrc = 2000; ssrc < 3000; ssrc++)
    repairs += take (f, ssrc, 112) == RTC_INTAKE_TAKEN;
  g_assert_cmpuint (taken, ==, 2);
  g_assert_cmpuint (repairs, ==, 2);
  g_assert_cmpint (take (f, 1001, 111), ==, RTC_INTAKE_TAKEN);
  g_assert_cmpint (take (f, PICTURE, 96), ==, RTC_INTAKE_TAKEN);
}

static void
test_sources_are_bounded (void)
{
  g_autoptr (RtcIntake) intake = rtc_intake_new (OURS);
  RtcIntakeLine line = { .pt = 96, .rtx_pt = -1, .n_ssrcs = 4 };
  RtcIntakePacket packet;
  guint lines = 0, taken = 0;

  for (guint32 i = 0; i < 20; i++) {
    for (guint j = 0; j < 4; j++)
      line.ssrcs[j] = 100 + 4 * i + j;
    lines += rtc_intake_add_line (intake, &line) >= 0;
  }
  g_assert_cmpuint (lines, ==, RTC_INTAKE_MAX_LINES);
  for (guint32 ssrc = 100; ssrc < 180; ssrc++) {
    guint8 data[12] = { 0x80, 96 };

    put_u32 (data + 8, ssrc);
    taken += rtc_intake_take_rtp (intake, data, sizeof (data), &packet)
        == RTC_INTAKE_TAKEN;
  }
  g_assert_cmpuint (taken, ==, RTC_INTAKE_MAX_SOURCES);
}

static void
test_headers_are_checked (Fixture *f, gconstpointer unused)
{
  static const struct {
    guint8 data[24];
    gsize size;
    RtcIntakeVerdict verdict;
    gsize payload;
  } rows[] = {
    { { 0x80, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34 }, 12, RTC_INTAKE_TAKEN,
        0 },
    { { 0x80, 224, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34 }, 20, RTC_INTAKE_TAKEN,
        8 },
    { { 0x80, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34 }, 11,
        RTC_INTAKE_MALFORMED, 0 },
    { { 0x40, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34 }, 20,
        RTC_INTAKE_MALFORMED, 0 },
    /* Contributing sources. */
    { { 0x81, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34 }, 20,
        RTC_INTAKE_MALFORMED, 0 },
    /* An extension of one word, and one that is longer than all. */
    { { 0x90, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34, 0xbe, 0xde, 0, 1 }, 24,
        RTC_INTAKE_TAKEN, 4 },
    { { 0x90, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34, 0xbe, 0xde, 0, 3 }, 24,
        RTC_INTAKE_MALFORMED, 0 },
    { { 0x90, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34, 0xbe, 0xde }, 14,
        RTC_INTAKE_MALFORMED, 0 },
    /* Padding: of three bytes, of all, of more, of none. */
    { { 0xa0, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34, 1, 2, 3, 3 }, 16,
        RTC_INTAKE_TAKEN, 1 },
    { { 0xa0, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34, 1, 2, 3, 4 }, 16,
        RTC_INTAKE_TAKEN, 0 },
    { { 0xa0, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34, 1, 2, 3, 5 }, 16,
        RTC_INTAKE_MALFORMED, 0 },
    { { 0xa0, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34, 1, 2, 3, 0 }, 16,
        RTC_INTAKE_MALFORMED, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    RtcIntakePacket packet;

    g_test_message ("row %u", i);
    g_assert_cmpint (take_bytes (f, rows[i].data, rows[i].size, &packet), ==,
        rows[i].verdict);
    if (rows[i].verdict == RTC_INTAKE_TAKEN)
      g_assert_cmpuint (packet.payload_size, ==, rows[i].payload);
  }
  g_assert_cmpint (rtc_intake_take_rtp (f->intake, NULL, 0,
                       &(RtcIntakePacket){ 0 }),
      ==, RTC_INTAKE_MALFORMED);
}

static void
test_a_few_may_be_missing (Fixture *f, gconstpointer unused)
{
  guint seq = 65000;

  g_assert_true (takes_number (f, seq));
  g_assert_true (takes_number (f, seq -= 500));
  g_assert_true (takes_number (f, seq += 900));
  /* Four of five, for as long as it may be. */
  for (guint i = 0; i < 30000; i++)
    g_assert_true (takes_number (f, seq += 5));
  g_assert_false (takes_number (f, seq + 2000));
  g_assert_false (takes_number (f, seq - 2000));
  g_assert_true (takes_number (f, seq + 1));
}

static void
test_gaps_are_bounded (Fixture *f, gconstpointer unused)
{
  guint seq = 0, taken = 0, missing = 0, last = 0;

  for (guint i = 0; i < 10000; i++) {
    gint16 ahead;

    seq += 100;
    ahead = (gint16) (seq - last);
    if (!takes_number (f, seq))
      continue;
    taken++;
    if (ahead <= 0)
      continue;
    missing += (guint) ahead - 1;
    last = seq;
  }
  g_assert_cmpuint (taken, >, 1);
  g_assert_cmpuint (missing, <=, 600 + 4 * taken);
}

static gboolean
takes_run (Fixture *f, guint seq, guint length)
{
  gboolean is_taken = FALSE;

  for (guint i = 0; i < length; i++)
    is_taken = takes_number (f, seq + i);
  return is_taken;
}

static void
test_a_stream_may_begin_anew (Fixture *f, gconstpointer unused)
{
  g_assert_true (takes_run (f, 100, 10));
  g_assert_false (takes_run (f, 20000, 15));
  g_assert_true (takes_run (f, 30000, 16));
  g_assert_true (takes_run (f, 30016, 1));
  /* But not all the time. */
  g_assert_false (takes_run (f, 50000, 100));
  g_assert_true (takes_run (f, 50100, 600));
  g_assert_true (takes_run (f, 50700, 1));
}

static void
test_repairs_are_of_the_past (Fixture *f, gconstpointer unused)
{
  g_assert_false (takes_repair (f, 1000));
  g_assert_true (takes_number (f, 1000));
  g_assert_true (takes_repair (f, 1000));
  g_assert_true (takes_repair (f, 10));
  g_assert_true (takes_repair (f, 1001));
  g_assert_false (takes_repair (f, 1100));
  g_assert_false (takes_repair (f, 65000));
}

static void
add_report (gpointer user_data, const guint8 *report, gsize size)
{
  Fixture *f = user_data;

  g_ptr_array_add (f->reports, g_bytes_new (report, size));
}

/* A sender's compound: its report with a block on what we send, a name for
 * itself and one for another, and a goodbye. */
static void
report (Fixture *f, guint32 ssrc, const char *name)
{
  g_autoptr (GstBuffer) buffer = gst_rtcp_buffer_new (1000);
  GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
  GstRTCPPacket packet;
  GstMapInfo map;

  gst_rtcp_buffer_map (buffer, GST_MAP_READWRITE, &rtcp);
  gst_rtcp_buffer_add_packet (&rtcp, GST_RTCP_TYPE_SR, &packet);
  gst_rtcp_packet_sr_set_sender_info (&packet, ssrc, 0x0102030405060708, 9, 10,
      11);
  gst_rtcp_packet_add_rb (&packet, OURS, 1, 2, 3, 4, 5, 6);
  gst_rtcp_buffer_add_packet (&rtcp, GST_RTCP_TYPE_SDES, &packet);
  gst_rtcp_packet_sdes_add_item (&packet, 77);
  gst_rtcp_packet_sdes_add_entry (&packet, GST_RTCP_SDES_CNAME, 3,
      (const guint8 *) "foo");
  gst_rtcp_buffer_add_packet (&rtcp, GST_RTCP_TYPE_SDES, &packet);
  gst_rtcp_packet_sdes_add_item (&packet, ssrc);
  gst_rtcp_packet_sdes_add_entry (&packet, GST_RTCP_SDES_NOTE, 2,
      (const guint8 *) "hi");
  gst_rtcp_packet_sdes_add_entry (&packet, GST_RTCP_SDES_CNAME,
      (guint8) strlen (name), (const guint8 *) name);
  gst_rtcp_buffer_add_packet (&rtcp, GST_RTCP_TYPE_BYE, &packet);
  gst_rtcp_packet_bye_add_ssrc (&packet, ssrc);
  gst_rtcp_buffer_unmap (&rtcp);
  gst_buffer_map (buffer, &map, GST_MAP_READ);
  rtc_intake_take_rtcp (f->intake, map.data, map.size, add_report, f);
  gst_buffer_unmap (buffer, &map);
}

static void
assert_name (GstRTCPPacket *packet, guint32 ssrc, const char *name)
{
  GstRTCPSDESType type;
  guint8 length;
  guint8 *text;

  g_assert_cmpint (gst_rtcp_packet_get_type (packet), ==, GST_RTCP_TYPE_SDES);
  g_assert_cmpuint (gst_rtcp_packet_sdes_get_item_count (packet), ==, 1);
  g_assert_true (gst_rtcp_packet_sdes_first_item (packet));
  g_assert_cmpuint (gst_rtcp_packet_sdes_get_ssrc (packet), ==, ssrc);
  g_assert_true (gst_rtcp_packet_sdes_first_entry (packet));
  g_assert_true (
      gst_rtcp_packet_sdes_get_entry (packet, &type, &length, &text));
  g_assert_cmpint (type, ==, GST_RTCP_SDES_CNAME);
  g_assert_cmpmem (text, length, name, strlen (name));
  g_assert_false (gst_rtcp_packet_sdes_next_entry (packet));
}

static void
assert_report (GBytes *bytes, guint32 ssrc, const char *name)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);
  g_autoptr (GstBuffer) buffer = gst_buffer_new_memdup (data, size);
  GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
  GstRTCPPacket packet;
  guint32 sender, rtp_time;
  guint64 ntp_time;

  g_assert_true (gst_rtcp_buffer_validate (buffer));
  g_assert_true (gst_rtcp_buffer_map (buffer, GST_MAP_READ, &rtcp));
  g_assert_true (gst_rtcp_buffer_get_first_packet (&rtcp, &packet));
  g_assert_cmpint (gst_rtcp_packet_get_type (&packet), ==, GST_RTCP_TYPE_SR);
  gst_rtcp_packet_sr_get_sender_info (&packet, &sender, &ntp_time, &rtp_time,
      NULL, NULL);
  g_assert_cmpuint (sender, ==, ssrc);
  g_assert_cmpuint (ntp_time, ==, 0x0102030405060708);
  g_assert_cmpuint (rtp_time, ==, 9);
  g_assert_cmpuint (gst_rtcp_packet_get_rb_count (&packet), ==, 0);
  g_assert_true (gst_rtcp_packet_move_to_next (&packet));
  assert_name (&packet, ssrc, name);
  g_assert_false (gst_rtcp_packet_move_to_next (&packet));
  gst_rtcp_buffer_unmap (&rtcp);
}

static void
test_reports_are_written_anew (Fixture *f, gconstpointer unused)
{
  static const char *const names[] = { "ab", "abc", "abcd", "abcde", "abcdef" };

  report (f, PICTURE, "early");
  g_assert_cmpuint (f->reports->len, ==, 0);
  take (f, PICTURE, 96);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    Fixture other = { 0 };

    setup (&other, NULL);
    take (&other, PICTURE, 96);
    report (&other, PICTURE, names[i]);
    report (&other, 77, names[i]);
    g_assert_cmpuint (other.reports->len, ==, 1);
    assert_report (g_ptr_array_index (other.reports, 0), PICTURE, names[i]);
    teardown (&other, NULL);
  }
}

static void
test_the_first_name_stays (Fixture *f, gconstpointer unused)
{
  take (f, PICTURE, 96);
  report (f, PICTURE, "\xff is no UTF-8");
  for (guint i = 0; i < 100; i++) {
    g_autofree char *name = g_strdup_printf ("name-%u", i);

    report (f, PICTURE, name);
    assert_report (g_ptr_array_index (f->reports, i + 1), PICTURE, "name-0");
  }
}

static void
test_a_long_name_fits (Fixture *f, gconstpointer unused)
{
  g_autofree char *name = g_strnfill (255, 'n');

  take (f, PICTURE, 96);
  report (f, PICTURE, name);
  g_assert_cmpuint (f->reports->len, ==, 1);
  assert_report (g_ptr_array_index (f->reports, 0), PICTURE, name);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
#define TEST(name) \
  g_test_add ("/intake/" #name, Fixture, NULL, setup, test_##name, teardown)
  TEST (declared_sources_are_taken);
  TEST (a_stream_stays_what_it_is);
  TEST (ours_is_not_taken);
  TEST (few_undeclared_sources_are_taken);
  TEST (headers_are_checked);
  TEST (a_few_may_be_missing);
  TEST (gaps_are_bounded);
  TEST (a_stream_may_begin_anew);
  TEST (repairs_are_of_the_past);
  TEST (reports_are_written_anew);
  TEST (the_first_name_stays);
  TEST (a_long_name_fits);
#undef TEST
  g_test_add_func ("/intake/sources_are_bounded", test_sources_are_bounded);
  return g_test_run ();
}
