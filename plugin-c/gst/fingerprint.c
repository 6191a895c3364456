#include "fingerprint.h"

#include <string.h>

/* The algorithms that still name one certificate; SHA-1 and MD5 do not. */
static const struct {
  const char *name;
  guint bytes;
} hashes[] = {
  { "sha-256", 32 },
  { "sha-384", 48 },
  { "sha-512", 64 },
};

/* Whether these are as many bytes, as "AB:CD". */
static gboolean
is_digest (const char *text, guint bytes)
{
  if (strlen (text) != bytes * 3 - 1)
    return FALSE;
  for (guint i = 0; text[i]; i++) {
    if (i % 3 == 2 ? text[i] != ':' : !g_ascii_isxdigit (text[i]))
      return FALSE;
  }
  return TRUE;
}

/* "SHA-256 ab:cd..." → "sha-256 AB:CD...", or NULL when it is neither. RFC 8122. */
char *
gst_kvs_sdp_fingerprint_normalise (const char *value)
{
  g_auto (GStrv) words = g_strsplit (value, " ", 2);
  g_autofree char *digits = NULL;

  if (!words[0] || !words[1])
    return NULL;
  digits = g_ascii_strup (g_strstrip (words[1]), -1);
  for (guint i = 0; i < G_N_ELEMENTS (hashes); i++) {
    if (g_ascii_strcasecmp (words[0], hashes[i].name) == 0
        && is_digest (digits, hashes[i].bytes))
      return g_strconcat (hashes[i].name, " ", digits, NULL);
  }
  return NULL;
}
