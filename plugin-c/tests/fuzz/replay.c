/* Feeds every file of the folders named to one fuzz target; with no libFuzzer. */
#include <gst/gst.h>
#include <stdlib.h>

#include "fuzz.h"

static void
replay (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *data = NULL;
  g_autofree uint8_t *exact = NULL;
  gsize size;

  g_file_get_contents (path, &data, &size, &error);
  g_assert_no_error (error);
  /* Without the zero GLib adds, so that reading beyond is seen. */
  exact = g_memdup2 (data, size);
  LLVMFuzzerTestOneInput (exact, size);
}

static guint
replay_folder (const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) files = g_dir_open (folder, 0, &error);
  const char *name;
  guint count = 0;

  g_assert_no_error (error);
  for (; (name = g_dir_read_name (files)) != NULL; count++)
    replay (folder, name);
  return count;
}

int
main (int argc, char **argv)
{
  guint count = 0;

  gst_init (NULL, NULL);
  for (int i = 1; i < argc; i++)
    count += replay_folder (argv[i]);
  /* Nothing at all is an input, too. */
  LLVMFuzzerTestOneInput (NULL, 0);
  g_print ("%u inputs\n", count);
  return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
