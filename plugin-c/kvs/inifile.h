/* The INI dialect of ~/.aws/credentials and ~/.aws/config. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * KvsIniFile:
 * Sections of keys. AWS's dialect is not GKeyFile's: comments may follow a
 * value, keys of services are indented under an empty one, lines that make no
 * sense are passed over, and a section may come twice (its keys add up).
 * AWS SDKs and Tools Reference Guide, "Shared config and credentials files".
 */
typedef struct _KvsIniFile KvsIniFile;

/* Never fails: what cannot be understood is left out. `data` may be NULL. */
KvsIniFile *kvs_ini_file_parse (const char *data, gsize length);
void kvs_ini_file_free (KvsIniFile *self);

gboolean kvs_ini_file_has_section (KvsIniFile *self, const char *section);

/* NULL where there is no such key, or it is empty. Owned by the file. */
const char *kvs_ini_file_get (KvsIniFile *self, const char *section,
    const char *key);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvsIniFile, kvs_ini_file_free)

G_END_DECLS
