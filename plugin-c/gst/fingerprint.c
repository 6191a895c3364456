#include "fingerprint.h"

#include <gio/gio.h>
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

char *
gst_kvs_sdp_fingerprint_of_pem (const char *pem, const char *like)
{
  g_autoptr (GTlsCertificate) certificate =
      g_tls_certificate_new_from_pem (pem, -1, NULL);
  g_autoptr (GByteArray) der = NULL;
  g_autofree char *digest = NULL;
  GChecksumType type = g_str_has_prefix (like, "sha-512 ") ? G_CHECKSUM_SHA512
      : g_str_has_prefix (like, "sha-384 ")                ? G_CHECKSUM_SHA384
                                                           : G_CHECKSUM_SHA256;
  GString *text;

  if (!certificate)
    return NULL;
  g_object_get (certificate, "certificate", &der, NULL);
  if (!der)
    return NULL;
  digest = g_compute_checksum_for_data (type, der->data, der->len);
  text = g_string_new (type == G_CHECKSUM_SHA512 ? "sha-512 "
          : type == G_CHECKSUM_SHA384            ? "sha-384 "
                                                 : "sha-256 ");
  for (const char *d = digest; *d; d += 2)
    g_string_append_printf (text, "%s%c%c", d == digest ? "" : ":",
        g_ascii_toupper (d[0]), g_ascii_toupper (d[1]));
  return g_string_free (text, FALSE);
}
