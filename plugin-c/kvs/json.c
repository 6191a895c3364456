#include "json.h"

#include "error.h"

static gboolean
fail (GError **error, const char *why)
{
  g_set_error (error, KVS_ERROR, KVS_ERROR_PROTOCOL, "not usable as JSON: %s",
      why);
  return FALSE;
}

/* Brackets outside strings, counted ahead of the recursive parser. */
static gboolean
is_shallow (const char *data, gsize length)
{
  gboolean quoted = FALSE;
  guint depth = 0;

  for (gsize i = 0; i < length; i++) {
    if (quoted && data[i] == '\\')
      i++;
    else if (data[i] == '"')
      quoted = !quoted;
    else if (!quoted && (data[i] == '{' || data[i] == '['))
      depth++;
    else if (!quoted && (data[i] == '}' || data[i] == ']') && depth > 0)
      depth--;

    if (depth > KVS_JSON_MAX_DEPTH)
      return FALSE;
  }

  return TRUE;
}

static gboolean
check (const char *data, gsize length, gsize max_length, GError **error)
{
  if (length == 0)
    return fail (error, "empty");
  if (length > max_length)
    return fail (error, "too long");
  if (!g_utf8_validate_len (data, length, NULL))
    return fail (error, "not UTF-8");
  if (!is_shallow (data, length))
    return fail (error, "nested too deeply");
  return TRUE;
}

JsonNode *
kvs_json_parse (const char *data, gsize length, gsize max_length,
    GError **error)
{
  g_autoptr (JsonParser) parser = NULL;
  JsonNode *root;

  if (!check (data, length, max_length, error))
    return NULL;

  parser = json_parser_new_immutable ();
  if (!json_parser_load_from_data (parser, data, length, NULL)) {
    fail (error, "syntax error");
    return NULL;
  }

  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root)) {
    fail (error, "not an object");
    return NULL;
  }

  return json_parser_steal_root (parser);
}

/* Two spellings at most: see message.c on the two official clients. */
static JsonNode *
member (JsonObject *object, const char *names)
{
  g_auto (GStrv) spellings = g_strsplit (names, "/", -1);

  for (char **name = spellings; *name != NULL; name++) {
    JsonNode *node = json_object_get_member (object, *name);

    if (node != NULL)
      return node;
  }
  return NULL;
}

static const char *
node_string (JsonNode *node)
{
  const char *text;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;

  /* An escaped lone surrogate is legal JSON and not text. */
  text = json_node_get_string (node);
  return g_utf8_validate (text, -1, NULL) ? text : NULL;
}

gboolean
kvs_json_has (JsonObject *object, const char *names)
{
  return member (object, names) != NULL;
}

const char *
kvs_json_string (JsonObject *object, const char *names)
{
  return node_string (member (object, names));
}

gint64
kvs_json_int (JsonObject *object, const char *names, gint64 fallback)
{
  JsonNode *node = member (object, names);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_INT64)
    return fallback;
  return json_node_get_int (node);
}

JsonObject *
kvs_json_object (JsonObject *object, const char *names)
{
  JsonNode *node = member (object, names);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node)
      ? json_node_get_object (node)
      : NULL;
}

JsonArray *
kvs_json_array (JsonObject *object, const char *names)
{
  JsonNode *node = member (object, names);

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node)
      ? json_node_get_array (node)
      : NULL;
}

JsonObject *
kvs_json_element_object (JsonArray *array, guint index)
{
  JsonNode *node = json_array_get_element (array, index);

  return JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

const char *
kvs_json_element_string (JsonArray *array, guint index)
{
  return node_string (json_array_get_element (array, index));
}

char *
kvs_json_print (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);

  g_object_unref (builder);
  return json_to_string (root, FALSE);
}
