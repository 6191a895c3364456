#include <string.h>

#include "reassembly.h"

#define LIMIT 8

static gboolean
add (RtcReassembly *self, guint16 stream, const char *piece, gboolean is_end,
    const char *expected)
{
  gsize size;
  g_autofree guint8 *message = rtc_reassembly_add (self, stream,
      (const guint8 *) piece, strlen (piece), is_end, &size);

  g_assert_cmpstr ((const char *) message, ==, expected);
  return size > 0;
}

static void
test_pieces (void)
{
  g_autoptr (RtcReassembly) self = rtc_reassembly_new (LIMIT);

  g_assert_true (add (self, 0, "whole", TRUE, "whole"));
  g_assert_false (add (self, 0, "one ", FALSE, NULL));
  g_assert_false (add (self, 7, "other", FALSE, NULL));
  g_assert_true (add (self, 0, "two", TRUE, "one two"));
  g_assert_true (add (self, 7, "", TRUE, "other"));
}

static void
test_too_long (void)
{
  g_autoptr (RtcReassembly) self = rtc_reassembly_new (LIMIT);

  g_assert_true (add (self, 0, "12345678", TRUE, "12345678"));
  g_assert_true (add (self, 0, "123456789", TRUE, NULL));
  g_assert_false (add (self, 0, "1234567", FALSE, NULL));
  g_assert_false (add (self, 0, "12", FALSE, NULL));
  /* Though the end alone would have room. */
  g_assert_true (add (self, 0, "3", TRUE, NULL));
  g_assert_true (add (self, 0, "next", TRUE, "next"));
}

static void
test_abandoned (void)
{
  g_autoptr (RtcReassembly) self = rtc_reassembly_new (LIMIT);

  g_assert_false (add (self, 0, "begun", FALSE, NULL));
  rtc_reassembly_abandon (self, 0);
  rtc_reassembly_abandon (self, 1);
  g_assert_true (add (self, 0, "next", TRUE, "next"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reassembly/puts pieces together by stream", test_pieces);
  g_test_add_func ("/reassembly/drops what is too long, and goes on",
      test_too_long);
  g_test_add_func ("/reassembly/forgets what is abandoned", test_abandoned);
  return g_test_run ();
}
