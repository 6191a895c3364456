/* Strings that must not stay in memory once they are let go. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Overwrites a NUL-terminated string and frees it; NULL is fine. */
void kvs_secret_free (char *secret);

/* Replaces `*secret` by a copy of `value` (may be NULL), wiping the old one. */
void kvs_secret_set (char **secret, const char *value);

G_END_DECLS
