/* RTCP of others: what is read of it, and what is not. */
#include "rtcp.h"

#include <string.h>

static guint8 *
bytes_new (const char *text, gsize *size)
{
  gsize n = 0;
  guint8 *bytes = g_malloc (strlen (text) / 2 + 1);

  for (; *text != '\0'; text++) {
    if (*text == ' ')
      continue;
    bytes[n++] =
        g_ascii_xdigit_value (text[0]) << 4 | g_ascii_xdigit_value (text[1]);
    text++;
  }
  *size = n;
  /* Exactly as long as it says, so that reading beyond is seen. */
  return g_realloc (bytes, MAX (n, 1));
}

typedef struct {
  const char *name;
  const char *bytes;
  const char *types; /* of the packets that are read */
} Compound;

static const Compound compounds[] = {
  { "empty", "", "" },
  { "short", "80 c9 00", "" },
  { "receiver-report", "80 c9 0001 00000001", "201 " },
  { "version-1", "40 c9 0001 00000001", "" },
  { "longer-than-all", "80 c9 0002 00000001", "" },
  { "no-body", "80 cb 0000", "203 " },
  { "compound", "80 c9 0001 00000001 81 ce 0002 00000001 00000002",
      "201 206 " },
  { "reduced", "81 ce 0002 00000001 00000002", "206 " },
  { "unknown-between", "80 d7 0001 00000000 80 c9 0001 00000001", "215 201 " },
  { "noise-behind", "80 c9 0001 00000001 1234", "201 " },
  { "padded", "a0 c9 0002 00000001 00000004", "201 " },
  { "padding-of-none", "a0 c9 0001 00000000", "" },
  { "padding-beyond", "a0 c9 0001 00000005", "" },
  { "padding-without-body", "a0 c9 0000", "" },
};

static void
test_compound (gconstpointer data)
{
  const Compound *one = data;
  g_autoptr (GString) types = g_string_new (NULL);
  gsize size;
  g_autofree guint8 *bytes = bytes_new (one->bytes, &size);
  const guint8 *at = bytes;
  RtcRtcpPacket packet;

  while (rtc_rtcp_next (&at, &size, &packet))
    g_string_append_printf (types, "%u ", packet.type);
  g_assert_cmpstr (types->str, ==, one->types);
}

/* The only packet of `text`; its bytes belong to `*bytes`. */
static RtcRtcpPacket
read_one (const char *text, guint8 **bytes)
{
  RtcRtcpPacket packet;
  gsize size;
  const guint8 *at;

  *bytes = bytes_new (text, &size);
  at = *bytes;
  g_assert_true (rtc_rtcp_next (&at, &size, &packet));
  g_assert_cmpuint (size, ==, 0);
  return packet;
}

#define BLOCK "11111111 40fffffe 00010005 00000006 00000007 00000008 "

static void
check_block (const RtcRtcpPacket *packet, guint index)
{
  RtcReportBlock block;

  rtc_rtcp_read_report_block (packet, index, &block);
  g_assert_cmphex (block.ssrc, ==, 0x11111111);
  g_assert_cmpuint (block.fraction_lost, ==, 0x40);
  g_assert_cmpint (block.lost, ==, -2);
  g_assert_cmphex (block.highest, ==, 0x10005);
  g_assert_cmpuint (block.jitter, ==, 6);
  g_assert_cmpuint (block.last_sr, ==, 7);
  g_assert_cmpuint (block.delay, ==, 8);
}

static void
test_report_blocks (void)
{
  g_autofree guint8 *bytes = NULL, *more = NULL;
  RtcRtcpPacket packet = read_one ("82 c9 000d 00000001" BLOCK BLOCK, &bytes);

  g_assert_cmpuint (rtc_rtcp_count_report_blocks (&packet), ==, 2);
  check_block (&packet, 0);
  check_block (&packet, 1);
  packet = read_one (
      "81 c8 000c 00000001 0000000000000000 00000000 00000000 00000000" BLOCK,
      &more);
  g_assert_cmpuint (rtc_rtcp_count_report_blocks (&packet), ==, 1);
  check_block (&packet, 0);
}

static void
test_fewer_blocks_than_told (void)
{
  g_autofree guint8 *bytes = NULL, *sender = NULL, *other = NULL;
  RtcRtcpPacket packet = read_one ("9f c9 0007 00000001" BLOCK, &bytes);

  g_assert_cmpuint (rtc_rtcp_count_report_blocks (&packet), ==, 1);
  packet = read_one ("81 c8 0001 00000001", &sender);
  g_assert_cmpuint (rtc_rtcp_count_report_blocks (&packet), ==, 0);
  packet = read_one ("81 ca 0007 00000001" BLOCK, &other);
  g_assert_cmpuint (rtc_rtcp_count_report_blocks (&packet), ==, 0);
}

typedef struct {
  const char *name;
  const char *bytes;
  const char *sequences;
} Nack;

static const Nack nacks[] = {
  { "one", "81 cd 0003 00000001 00000002 0005 0000", "5 " },
  { "bits", "81 cd 0003 00000001 00000002 0005 8001", "5 6 21 " },
  { "around-zero", "81 cd 0003 00000001 00000002 ffff 0003", "65535 0 1 " },
  { "two", "81 cd 0004 00000001 00000002 0005 0000 0100 0001", "5 256 257 " },
  { "none", "81 cd 0002 00000001 00000002", "" },
  { "no-media", "81 cd 0001 00000001", "" },
  { "other-format", "8f cd 0003 00000001 00000002 0005 0000", "" },
  { "other-type", "81 ce 0003 00000001 00000002 0005 0000", "" },
  { "all-there-is", "81 cd 0004 00000001 00000002 0000 ffff 0011 ffff",
      "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 " },
};

#define MOST 20

static void
test_nack (gconstpointer data)
{
  const Nack *one = data;
  g_autofree guint8 *bytes = NULL;
  g_autoptr (GString) all = g_string_new (NULL);
  RtcRtcpPacket packet = read_one (one->bytes, &bytes);
  guint16 *sequences = g_new (guint16, MOST);
  gsize n = rtc_rtcp_read_nack (&packet, sequences, MOST);

  for (gsize i = 0; i < n; i++)
    g_string_append_printf (all, "%u ", sequences[i]);
  g_assert_cmpstr (all->str, ==, one->sequences);
  g_free (sequences);
}

static void
test_key_requests (void)
{
  g_autofree guint8 *bytes = NULL, *fir = NULL;
  RtcRtcpPacket packet = read_one ("81 ce 0002 00000001 00000002", &bytes);
  guint32 ssrc;
  guint8 command;

  g_assert_true (rtc_rtcp_is_pli (&packet));
  g_assert_true (rtc_rtcp_read_media (&packet, &ssrc));
  g_assert_cmpuint (ssrc, ==, 2);
  g_assert_cmpuint (rtc_rtcp_count_fir (&packet), ==, 0);

  packet = read_one (
      "84 ce 0006 00000001 00000000 00000002 05000000 00000003 06000000", &fir);
  g_assert_false (rtc_rtcp_is_pli (&packet));
  g_assert_cmpuint (rtc_rtcp_count_fir (&packet), ==, 2);
  rtc_rtcp_read_fir (&packet, 1, &ssrc, &command);
  g_assert_cmpuint (ssrc, ==, 3);
  g_assert_cmpuint (command, ==, 6);
}

typedef struct {
  const char *name;
  const char *bytes;
  guint64 bitrate; /* 0: is none */
} Remb;

#define REMB_HEAD "8f ce 0005 00000001 00000000 52454d42 "

static const Remb rembs[] = {
  { "mantissa", REMB_HEAD "01 00 03e8 00000002", 1000 },
  { "exponent", REMB_HEAD "01 0b d090 00000002", 250000 << 2 },
  { "largest", REMB_HEAD "01 ff ffff 00000002", G_MAXINT64 },
  { "nothing", REMB_HEAD "01 00 0000 00000002", 0 },
  { "other-name", "8f ce 0005 00000001 00000000 52454d43 0100 03e8 00000002" },
  { "short", "8f ce 0003 00000001 00000000 52454d42" },
  { "without-media", "8f ce 0001 00000001" },
};

static void
test_remb (gconstpointer data)
{
  const Remb *one = data;
  g_autofree guint8 *bytes = NULL;
  RtcRtcpPacket packet = read_one (one->bytes, &bytes);
  guint64 bitrate = 0;

  g_assert_cmpint (rtc_rtcp_read_remb (&packet, &bitrate), ==,
      one->bitrate != 0 || g_str_equal (one->name, "nothing"));
  g_assert_cmpuint (bitrate, ==, one->bitrate);
}

#define ADD_TABLE(kind, table, function)                      \
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++) {          \
    g_autofree char *path =                                   \
        g_strdup_printf ("/rtcp/" kind "/%s", table[i].name); \
    g_test_add_data_func (path, &table[i], function);         \
  }

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("compound", compounds, test_compound);
  ADD_TABLE ("nack", nacks, test_nack);
  ADD_TABLE ("remb", rembs, test_remb);
  g_test_add_func ("/rtcp/report-blocks", test_report_blocks);
  g_test_add_func ("/rtcp/fewer-blocks-than-told", test_fewer_blocks_than_told);
  g_test_add_func ("/rtcp/key-requests", test_key_requests);
  return g_test_run ();
}
