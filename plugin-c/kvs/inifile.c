#include "inifile.h"

#include <string.h>

#include "secret.h"

struct _KvsIniFile {
  GHashTable *sections; /* name → GHashTable of key → value */
};

typedef struct {
  GHashTable *section; /* borrowed; NULL before the first header */
  gboolean nested;     /* the last key was empty: indented lines are its own */
} Parser;

static GHashTable *
section_new (void)
{
  /* Values may be secret keys. */
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      (GDestroyNotify) kvs_secret_free);
}

/* "[profile  my name]" → "profile my name", "[profile \"x\"]" → "profile x". */
static char *
section_name (const char *line)
{
  const char *end = strchr (line, ']');
  GString *name;

  if (end == NULL)
    return NULL;

  name = g_string_new (NULL);
  for (const char *c = line + 1; c < end; c++) {
    gboolean space = *c == ' ' || *c == '\t';

    if (*c == '"' || *c == '\'')
      continue;
    if (space && (name->len == 0 || name->str[name->len - 1] == ' '))
      continue;
    g_string_append_c (name, space ? ' ' : *c);
  }

  return g_strchomp (g_string_free (name, FALSE));
}

static void
open_section (KvsIniFile *self, Parser *parser, const char *line)
{
  g_autofree char *name = section_name (line);

  parser->section = NULL;
  parser->nested = FALSE;
  if (name == NULL)
    return;

  parser->section = g_hash_table_lookup (self->sections, name);
  if (parser->section != NULL)
    return;

  parser->section = section_new ();
  g_hash_table_insert (self->sections, g_steal_pointer (&name),
      parser->section);
}

/* A "#" or ";" is a comment only after white space: keys may hold both. */
static void
cut_comment (char *value)
{
  for (char *c = value; *c != '\0'; c++) {
    gboolean after_space = c == value || c[-1] == ' ' || c[-1] == '\t';

    if ((*c == '#' || *c == ';') && after_space) {
      *c = '\0';
      return;
    }
  }
}

static void
read_setting (Parser *parser, char *line)
{
  char *equals = strchr (line, '=');
  g_autofree char *key = NULL;
  char *value;

  if (equals == NULL || parser->section == NULL)
    return;

  *equals = '\0';
  key = g_ascii_strdown (g_strstrip (line), -1);
  value = equals + 1;
  cut_comment (value);
  g_strstrip (value);

  parser->nested = *value == '\0';
  if (*key != '\0')
    g_hash_table_insert (parser->section, g_steal_pointer (&key),
        g_strdup (value));
}

static void
read_line (KvsIniFile *self, Parser *parser, char *line)
{
  gboolean indented = *line == ' ' || *line == '\t';

  if (indented && parser->nested)
    return;

  g_strstrip (line);
  if (*line == '[')
    open_section (self, parser, line);
  else if (*line != '\0' && *line != '#' && *line != ';')
    read_setting (parser, line);
}

static const char *
skip_byte_order_mark (const char *data, gsize *length)
{
  if (*length < 3 || memcmp (data, "\xef\xbb\xbf", 3) != 0)
    return data;

  *length -= 3;
  return data + 3;
}

KvsIniFile *
kvs_ini_file_parse (const char *data, gsize length)
{
  KvsIniFile *self = g_new0 (KvsIniFile, 1);
  Parser parser = { NULL, FALSE };

  self->sections = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      (GDestroyNotify) g_hash_table_unref);
  if (data == NULL)
    return self;

  data = skip_byte_order_mark (data, &length);
  while (length > 0) {
    const char *end = memchr (data, '\n', length);
    gsize taken = end != NULL ? (gsize) (end - data) : length;
    char *line = g_strndup (data, taken);

    read_line (self, &parser, line);
    kvs_secret_free (line);
    taken += end != NULL;
    data += taken;
    length -= taken;
  }

  return self;
}

void
kvs_ini_file_free (KvsIniFile *self)
{
  if (self == NULL)
    return;

  g_hash_table_unref (self->sections);
  g_free (self);
}

gboolean
kvs_ini_file_has_section (KvsIniFile *self, const char *section)
{
  return g_hash_table_contains (self->sections, section);
}

const char *
kvs_ini_file_get (KvsIniFile *self, const char *section, const char *key)
{
  GHashTable *keys = g_hash_table_lookup (self->sections, section);
  const char *value = NULL;

  if (keys != NULL)
    value = g_hash_table_lookup (keys, key);

  return value != NULL && *value != '\0' ? value : NULL;
}
