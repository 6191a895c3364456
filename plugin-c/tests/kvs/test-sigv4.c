#include "sigv4.h"

#include <json-glib/json-glib.h>
#include <string.h>

/* Owns nothing: all strings are the vector's. */
static KvsParam *
params_of (JsonObject *vector, const char *name)
{
  JsonObject *object = json_object_get_object_member (vector, name);
  GArray *params = g_array_new (TRUE, TRUE, sizeof (KvsParam));
  g_autoptr (GList) names = json_object_get_members (object);

  for (GList *link = names; link != NULL; link = link->next) {
    KvsParam param = { link->data,
      json_object_get_string_member (object, link->data) };

    g_array_append_val (params, param);
  }
  return (KvsParam *) g_array_free (params, FALSE);
}

static KvsCredentials *
credentials_of (JsonObject *vector)
{
  JsonObject *object = json_object_get_object_member (vector, "credentials");

  return kvs_credentials_new (json_object_get_string_member (object,
                                  "accessKeyId"),
      json_object_get_string_member (object, "secretAccessKey"),
      json_object_get_string_member_with_default (object, "sessionToken",
          NULL));
}

static void
test_vector (gconstpointer data)
{
  JsonObject *vector = (JsonObject *) data;
  const char *form = json_object_get_string_member (vector, "form");
  const char *body = json_object_get_string_member (vector, "body");
  const char *expected = json_object_get_string_member (vector, "expected");
  g_autofree KvsParam *params = params_of (vector, "params");
  g_autofree KvsParam *headers = params_of (vector, "headers");
  g_autoptr (KvsCredentials) credentials = credentials_of (vector);
  KvsSigv4Request request = {
    .method = json_object_get_string_member (vector, "method"),
    .host = json_object_get_string_member (vector, "host"),
    .path = json_object_get_string_member (vector, "path"),
    .params = params,
    .headers = headers,
    .body = body,
    .body_length = strlen (body),
  };
  KvsSigv4Scope scope = {
    json_object_get_string_member (vector, "region"),
    json_object_get_string_member (vector, "service"),
    json_object_get_int_member (vector, "time"),
  };
  g_autofree char *signed_text = NULL;

  if (g_str_equal (form, "header"))
    signed_text = kvs_sigv4_authorization (&request, &scope, credentials);
  else
    signed_text = kvs_sigv4_presign (&request, &scope, credentials,
        json_object_get_int_member (vector, "expires"));

  g_assert_cmpstr (signed_text, ==, expected);
}

static void
add_vectors (JsonArray *vectors)
{
  for (guint i = 0; i < json_array_get_length (vectors); i++) {
    JsonObject *vector = json_array_get_object_element (vectors, i);
    g_autofree char *name =
        g_strdelimit (g_strdup (json_object_get_string_member (vector, "name")),
            "/", '|');
    g_autofree char *path = g_strconcat ("/sigv4/", name, NULL);

    g_test_add_data_func (path, vector, test_vector);
  }
}

int
main (int argc, char *argv[])
{
  g_autofree char *file =
      g_build_filename (g_getenv ("KVS_TEST_VECTORS"), "sigv4.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonArray *vectors;

  g_test_init (&argc, &argv, NULL);
  json_parser_load_from_file (parser, file, &error);
  g_assert_no_error (error);
  vectors = json_node_get_array (json_parser_get_root (parser));
  g_assert_cmpuint (json_array_get_length (vectors), >, 20);
  add_vectors (vectors);

  return g_test_run ();
}
