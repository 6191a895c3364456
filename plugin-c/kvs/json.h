/* JSON from the network, within bounds. The only door to json-glib's parser. */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define KVS_JSON_MAX_DEPTH 16

/**
 * kvs_json_parse:
 * Parses one object. Text that is not UTF-8, longer than `max_length` or
 * nested deeper than KVS_JSON_MAX_DEPTH is refused before it is parsed: the
 * parser recurses.
 *
 * Returns: (transfer full): a node that holds an object, or NULL and a
 * KVS_ERROR_PROTOCOL that does not quote the text.
 */
JsonNode *kvs_json_parse (const char *data, gsize length, gsize max_length,
    GError **error);

/* A member that is there and has the type asked for, else NULL or `fallback`.
 * `names` are spellings of one key, "/" between them. Strings and objects are
 * owned by `object`; strings are valid UTF-8. */
const char *kvs_json_string (JsonObject *object, const char *names);
gint64 kvs_json_int (JsonObject *object, const char *names, gint64 fallback);
JsonObject *kvs_json_object (JsonObject *object, const char *names);
JsonArray *kvs_json_array (JsonObject *object, const char *names);

/* One element of an array, if it is of that type. */
JsonObject *kvs_json_element_object (JsonArray *array, guint index);
const char *kvs_json_element_string (JsonArray *array, guint index);

/* Whether the member is there at all, whatever its type. */
gboolean kvs_json_has (JsonObject *object, const char *names);

/* Ends the builder's document and prints it on one line; takes the builder. */
char *kvs_json_print (JsonBuilder *builder);

G_END_DECLS
