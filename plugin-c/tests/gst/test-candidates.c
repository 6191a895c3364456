/* Remote candidates: written anew from checked fields, or dropped with a reason. */
#include <gst/gst.h>
#include <string.h>

#include "candidate.h"

#define NOT_ONE "not a candidate"
#define COMPONENT "of another component than RTP"
#define TRANSPORT "not UDP"
#define NAME "a host name, not an address"

typedef struct {
  const char *text;
  const char *clean; /* NULL where dropped ... */
  const char *why;   /* ... for this reason */
} Row;

static const Row rows[] = {
  /* Chrome, Firefox, Amazon's C SDK, its IPv6 ones with "raddr ::/0". */
  { "candidate:842163049 1 udp 1677729535 203.0.113.7 52731 typ srflx raddr "
    "0.0.0.0 rport 0 generation 0 ufrag Qx7B network-cost 999",
      "candidate:842163049 1 UDP 1677729535 203.0.113.7 52731 typ srflx" },
  { "candidate:0 1 UDP 2122252543 192.168.1.5 40678 typ host",
      "candidate:0 1 UDP 2122252543 192.168.1.5 40678 typ host" },
  { "candidate:2 1 udp 2130706175 2001:0db8:0000:0000:0000:0000:0000:0020 "
    "49153 typ host raddr ::/0 rport 0 generation 0 network-cost 999",
      "candidate:2 1 UDP 2130706175 2001:0db8:0000:0000:0000:0000:0000:0020 "
      "49153 typ host" },
  { "candidate:3 1 udp 16777215 198.51.100.4 60120 typ relay raddr 0.0.0.0 "
    "rport 0 generation 0 network-cost 999",
      "candidate:3 1 UDP 16777215 198.51.100.4 60120 typ relay" },
  { "a=candidate:1 1 UDP 1 ::1 65535 typ prflx",
      "candidate:1 1 UDP 1 ::1 65535 typ prflx" },
  { "candidate:a+/9 1 UdP 4294967295 10.0.0.1 1 typ host",
      "candidate:a+/9 1 UDP 4294967295 10.0.0.1 1 typ host" },
  { "candidate:1 1 UDP 0 ::ffff:10.0.0.1 9 typ host x y z",
      "candidate:1 1 UDP 0 ::ffff:10.0.0.1 9 typ host" },

  /* Fine ones of kinds we do not use. */
  { "candidate:2515739452 1 udp 2113937151 "
    "6b1b1b5e-0a56-4b6a-9b1c-bd0c0a6a5c11.local 52731 typ host generation 0",
      NULL, NAME },
  { "candidate:1 1 UDP 1 example.com 9 typ host", NULL, NAME },
  { "candidate:1 1 tcp 1518280447 192.168.1.5 9 typ host tcptype active", NULL,
      TRANSPORT },
  { "candidate:1 1 TCP 1518283007 192.168.1.5 50000 typ srflx tcptype passive",
      NULL, TRANSPORT },
  { "candidate:1 1 ssltcp 1 192.168.1.5 443 typ host", NULL, TRANSPORT },
  { "candidate:1 2 UDP 2122252542 192.168.1.5 40679 typ host", NULL,
      COMPONENT },
  { "candidate:1 0 UDP 1 192.168.1.5 9 typ host", NULL, COMPONENT },
  { "candidate:1 -1 UDP 1 192.168.1.5 9 typ host", NULL, COMPONENT },
  { "candidate:1 257 UDP 1 192.168.1.5 9 typ host", NULL, COMPONENT },

  /* Junk. */
  { "", NULL, NOT_ONE },
  { "a=", NULL, NOT_ONE },
  { "a=a=candidate:1 1 UDP 1 10.0.0.1 9 typ host", NULL, NOT_ONE },
  { "candidate", NULL, NOT_ONE },
  { "candidate:", NULL, NOT_ONE },
  { "candidate:       ", NULL, NOT_ONE },
  { "candidate:x", NULL, NOT_ONE },
  { " candidate:1 1 UDP 1 10.0.0.1 9 typ host", NULL, NOT_ONE },
  { "Candidate:1 1 UDP 1 10.0.0.1 9 typ host", NULL, NOT_ONE },
  { "candidate: 1 UDP 1 10.0.0.1 9 typ host", NULL, NOT_ONE },
  { "candidate:\001 1 UDP 1 10.0.0.1 9 typ host", NULL, NOT_ONE },
  { "candidate:\316\261 1 UDP 1 10.0.0.1 9 typ host", NULL, NOT_ONE },
  { "candidate:123456789012345678901234567890123 1 UDP 1 10.0.0.1 9 typ host",
      NULL, NOT_ONE },
  { "candidate:1 1 UDP 1 10.0.0.1 9 typ", NULL, NOT_ONE },
  { "candidate:1 1 UDP 1 10.0.0.1 9", NULL, NOT_ONE },
  { "candidate:1 1 UDP 1 10.0.0.1 9 TYP host", NULL, NOT_ONE },
  { "candidate:1 1 UDP 1 10.0.0.1 9 typ ghost", NULL, NOT_ONE },
  { "candidate:1 1 UDP 1 10.0.0.1 9 type host", NULL, NOT_ONE },
  { "candidate:1 1 UDP 4294967296 10.0.0.1 9 typ host", NULL, NOT_ONE },
  { "candidate:1 1 UDP 99999999999999999999999 10.0.0.1 9 typ host", NULL,
      NOT_ONE },
  { "candidate:1 1 UDP -1 10.0.0.1 9 typ host", NULL, NOT_ONE },
  { "candidate:1 1 UDP +1 10.0.0.1 9 typ host", NULL, NOT_ONE },
  { "candidate:1 1 UDP 1.5 10.0.0.1 9 typ host", NULL, NOT_ONE },
  { "candidate:1 1 UDP 1 10.0.0.1 -9 typ host", NULL, NOT_ONE },
  { "candidate:1 1 UDP 1 10.0.0.1 0 typ host", NULL, NOT_ONE },
  { "candidate:1 1 UDP 1 10.0.0.1 70000 typ host", NULL, NOT_ONE },
  { "candidate:1 1 UDP 1 10.0.0.1 9x typ host", NULL, NOT_ONE },
  { "candidate:1 1 UDP 1 10.0.0.1 0x9 typ host", NULL, NOT_ONE },
  { "candidate:1 1 UDP 1 10.0.0.1  9 typ host", NULL, NOT_ONE },
  { "candidate:1 1 UDP 1  9 typ host", NULL, NAME },
  { "candidate:1 1 UDP 1 10.0.0.256 9 typ host", NULL, NAME },
  { "candidate:1 1 UDP 1 10.0.0 9 typ host", NULL, NAME },
  { "candidate:1 1 UDP 1 ::/0 9 typ host", NULL, NAME },
  { "candidate:1 1 UDP 1 [::1] 9 typ host", NULL, NAME },
  { "candidate:1 1 UDP 1 fe80::1%eth0 9 typ host", NULL, NAME },
  { "candidate:1 1 UDP 1 fe80::1%eth0;reboot 9 typ host", NULL, NAME },
  { "candidate:1 1 UDP 1 1:2:3:4:5:6:7:8:9 9 typ host", NULL, NAME },
  { "candidate:1 1 UDP 1 10.0.0.1\r\na=x 9 typ host", NULL, NAME },
};

static void
test_table (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    const char *why = "not set";
    g_autofree char *clean = gst_kvs_sdp_candidate_clean (rows[i].text, &why);

    g_test_message ("%s", rows[i].text);
    g_assert_cmpstr (clean, ==, rows[i].clean);
    g_assert_cmpstr (why, ==, rows[i].why);
  }
}

static void
test_cleaning_twice_changes_nothing (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    const char *why;
    g_autofree char *again = rows[i].clean
        ? gst_kvs_sdp_candidate_clean (rows[i].clean, &why)
        : NULL;

    g_assert_cmpstr (again, ==, rows[i].clean);
  }
}

/* However good its beginning. */
static void
test_long_ones_are_dropped (void)
{
  static const guint lengths[] = { 513, 10 * 1024, 1024 * 1024 };

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++) {
    g_autofree char *rest = g_strnfill (lengths[i], ' ');
    g_autofree char *text =
        g_strconcat ("candidate:1 1 UDP 1 10.0.0.1 9 typ host", rest, NULL);
    const char *why = NULL;

    g_assert_null (gst_kvs_sdp_candidate_clean (text, &why));
    g_assert_cmpstr (why, ==, NOT_ONE);
  }
}

static void
test_survives_any_end (void)
{
  g_autofree char *text = g_strdup (rows[0].text);
  const char *typ = strstr (text, " raddr");
  gsize least = (gsize) (typ - text);

  for (gsize n = strlen (text); n > 0; n--) {
    const char *why;
    g_autofree char *clean = NULL;

    text[n] = '\0';
    clean = gst_kvs_sdp_candidate_clean (text, &why);
    g_assert_true ((clean != NULL) == (n >= least));
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/candidates/table", test_table);
  g_test_add_func ("/candidates/cleaning-twice-changes-nothing",
      test_cleaning_twice_changes_nothing);
  g_test_add_func ("/candidates/long-ones-are-dropped",
      test_long_ones_are_dropped);
  g_test_add_func ("/candidates/survives-any-end", test_survives_any_end);
  return g_test_run ();
}
