#include "certificate.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

#define DAYS 30
#define DAY_S (24 * 60 * 60)

struct _RtcCertificate {
  gatomicrefcount references;
  EVP_PKEY *key;
  X509 *certificate;
  char *fingerprint;
  gint64 made_us; /* monotonic */

  GMutex lock;
  SSL_CTX *context; /* under lock, made when it is asked for */
};

static gboolean
name_it (X509 *certificate)
{
  g_autofree char *name = g_strdup_printf ("%08x", g_random_int ());
  X509_NAME *subject = X509_get_subject_name (certificate);

  return X509_NAME_add_entry_by_txt (subject, "CN", MBSTRING_ASC,
             (const guint8 *) name, -1, -1, 0)
      && X509_set_issuer_name (certificate, subject);
}

static X509 *
make_certificate (EVP_PKEY *key)
{
  X509 *certificate = X509_new ();

  /* A day back: the remote's clock may be behind ours. */
  if (X509_set_version (certificate, X509_VERSION_3)
      && ASN1_INTEGER_set (X509_get_serialNumber (certificate),
          (long) (g_random_int () >> 1 | 1))
      && X509_gmtime_adj (X509_getm_notBefore (certificate), -DAY_S)
      && X509_gmtime_adj (X509_getm_notAfter (certificate), DAYS * DAY_S)
      && X509_set_pubkey (certificate, key) && name_it (certificate)
      && X509_sign (certificate, key, EVP_sha256 ()))
    return certificate;
  X509_free (certificate);
  return NULL;
}

RtcCertificate *
rtc_certificate_new (void)
{
  EVP_PKEY *key = EVP_EC_gen ("P-256");
  X509 *certificate = key ? make_certificate (key) : NULL;
  RtcCertificate *self;

  if (!certificate) {
    EVP_PKEY_free (key);
    return NULL;
  }
  self = g_new0 (RtcCertificate, 1);
  g_atomic_ref_count_init (&self->references);
  g_mutex_init (&self->lock);
  self->key = key;
  self->certificate = certificate;
  self->fingerprint = rtc_certificate_fingerprint_like (certificate, "sha-256");
  self->made_us = g_get_monotonic_time ();
  return self;
}

RtcCertificate *
rtc_certificate_ref (RtcCertificate *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
rtc_certificate_unref (RtcCertificate *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  SSL_CTX_free (self->context);
  EVP_PKEY_free (self->key);
  X509_free (self->certificate);
  g_mutex_clear (&self->lock);
  g_free (self->fingerprint);
  g_free (self);
}

gboolean
rtc_certificate_is_old (const RtcCertificate *self)
{
  return g_get_monotonic_time () - self->made_us
      > DAYS / 2 * DAY_S * G_TIME_SPAN_SECOND;
}

const char *
rtc_certificate_get_fingerprint (const RtcCertificate *self)
{
  return self->fingerprint;
}

gboolean
rtc_certificate_use (const RtcCertificate *self, SSL_CTX *context)
{
  return SSL_CTX_use_certificate (context, self->certificate)
      && SSL_CTX_use_PrivateKey (context, self->key);
}

SSL_CTX *
rtc_certificate_get_context (RtcCertificate *self, RtcContextFunc make)
{
  SSL_CTX *context;

  g_mutex_lock (&self->lock);
  if (!self->context)
    self->context = make (self);
  context = self->context;
  g_mutex_unlock (&self->lock);
  return context;
}

static const EVP_MD *
digest_of (const char *like)
{
  static const struct {
    const char *prefix;
    const EVP_MD *(*digest) (void);
  } known[] = {
    { "sha-256", EVP_sha256 },
    { "sha-384", EVP_sha384 },
    { "sha-512", EVP_sha512 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++) {
    gsize length = strlen (known[i].prefix);

    if (strncmp (like, known[i].prefix, length) == 0
        && (like[length] == ' ' || like[length] == '\0'))
      return known[i].digest ();
  }
  return NULL;
}

char *
rtc_certificate_fingerprint_like (X509 *certificate, const char *like)
{
  const EVP_MD *digest = digest_of (like);
  guint8 bytes[EVP_MAX_MD_SIZE];
  guint size = 0;
  GString *text;

  if (!digest || !X509_digest (certificate, digest, bytes, &size))
    return NULL;
  text = g_string_new_len (like, (gssize) strcspn (like, " "));
  for (guint i = 0; i < size; i++)
    g_string_append_printf (text, "%c%02X", i == 0 ? ' ' : ':', bytes[i]);
  return g_string_free (text, FALSE);
}
