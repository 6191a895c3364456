#include "offers.h"

char *
test_offer_load (const char *name)
{
  g_autofree char *path =
      g_test_build_filename (G_TEST_DIST, "offers", name, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return test_offer_edit_all (text, "\n", "\r\n");
}

char *
test_offer_edit (const char *text, const char *old, const char *new)
{
  g_autoptr (GString) edited = g_string_new (text);

  g_assert_cmpuint (g_string_replace (edited, old, new, 1), ==, 1);
  return g_string_free (g_steal_pointer (&edited), FALSE);
}

char *
test_offer_edit_all (const char *text, const char *old, const char *new)
{
  g_autoptr (GString) edited = g_string_new (text);

  g_assert_cmpuint (g_string_replace (edited, old, new, 0), >, 0);
  return g_string_free (g_steal_pointer (&edited), FALSE);
}

GstKvsSdpChoice *
test_offer_choices_new (const GstKvsSdpOffer *offer)
{
  return g_new0 (GstKvsSdpChoice, offer->medias->len);
}
