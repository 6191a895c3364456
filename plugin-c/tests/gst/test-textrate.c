#include "textrate.h"

#define SECOND G_TIME_SPAN_SECOND

/* How many of @n texts pass. */
static guint
take (GstKvsTextRate *rate, gint64 now, guint n, gsize size)
{
  guint passed = 0;

  for (guint i = 0; i < n; i++)
    passed += gst_kvs_text_rate_take (rate, now, size);
  return passed;
}

static void
test_texts (void)
{
  GstKvsTextRate rate = { 0 };

  g_assert_cmpuint (take (&rate, 7 * SECOND, 30, 10), ==, 30);
  g_assert_cmpuint (take (&rate, 8 * SECOND - 1, 30, 10), ==, 20);
  g_assert_cmpuint (take (&rate, 8 * SECOND, 1000, 10), ==, 50);
  g_assert_cmpuint (take (&rate, 20 * SECOND, 1000, 0), ==, 50);
}

static void
test_bytes (void)
{
  GstKvsTextRate rate = { 0 };

  g_assert_cmpuint (take (&rate, 7 * SECOND, 5, 64 * 1024), ==, 4);
  /* What was too much was counted. */
  g_assert_cmpuint (take (&rate, 7 * SECOND, 1, 1), ==, 0);
  g_assert_cmpuint (take (&rate, 8 * SECOND, 1, 256 * 1024), ==, 1);
  g_assert_cmpuint (take (&rate, 8 * SECOND, 1, 1), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/textrate/passes so many texts a second", test_texts);
  g_test_add_func ("/textrate/passes so many bytes a second", test_bytes);
  return g_test_run ();
}
