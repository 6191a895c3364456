#include "keyfixture.h"

#include <glib/gstdio.h>
#include <string.h>

#include "keychain.h"
#include "wait.h"

void
key_fixture_set (KeyFixture *f, const char *name, const char *value)
{
  f->env = g_environ_setenv (f->env, name, value, TRUE);
}

void
key_fixture_setup (KeyFixture *f, gconstpointer unused)
{
  f->config.channel = (char *) "cam1";
  f->env = g_strdupv ((char *[]){ NULL });
  f->directory = g_dir_make_tmp ("kvs-keys-XXXXXX", NULL);
  key_fixture_set (f, "AWS_EC2_METADATA_DISABLED", "true");
}

static void
remove_file (KeyFixture *f, const char *name)
{
  g_autofree char *path = g_build_filename (f->directory, name, NULL);

  g_remove (path);
}

void
key_fixture_teardown (KeyFixture *f, gconstpointer unused)
{
  static const char *const names[] = { ".aws/config", ".aws/credentials",
    ".aws", "token", "program", "" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    remove_file (f, names[i]);
  g_strfreev (f->env);
  g_free (f->directory);
}

char *
key_fixture_write (KeyFixture *f, const char *name, const char *text)
{
  char *path = g_build_filename (f->directory, name, NULL);
  g_autofree char *directory = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (directory, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static void
on_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

KvsCredentials *
key_fixture_find (KeyFixture *f, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  kvs_keychain_find_async (&f->config, f->env, f->directory, NULL, on_found,
      &result);
  WAIT_UNTIL (result != NULL);
  return kvs_keychain_find_finish (result, error);
}

void
key_fixture_assert_found (KeyFixture *f, const char *access_key,
    const char *source)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KvsCredentials) keys = key_fixture_find (f, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (keys->access_key, ==, access_key);
  g_assert_cmpstr (keys->secret_key, ==, SECRET);
  g_assert_nonnull (strstr (keys->source, source));
}

void
key_fixture_assert_fails (KeyFixture *f, KvsError code, const char *says,
    const char *also)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KvsCredentials) keys = key_fixture_find (f, &error);

  g_assert_null (keys);
  g_test_message ("%s", error->message);
  g_assert_error (error, KVS_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, says));
  g_assert_nonnull (strstr (error->message, also));
  g_assert_null (strstr (error->message, SECRET));
  g_assert_null (strstr (error->message, TOKEN));
}
