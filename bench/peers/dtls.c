#include "dtls.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>

#define MTU 1200
#define PROFILE "SRTP_AES128_CM_SHA1_80"
#define KEY_SIZE 16
#define SALT_SIZE 14
#define CERTIFICATE_SECONDS (60 * 60 * 24)

struct _Dtls {
  SSL *ssl;
  gboolean is_client;
  DtlsSend send;
  gpointer user_data;
  /* The datagram being handled, or NULL. */
  const guint8 *data;
  gsize size;
};

static SSL_CTX *context;
static BIO_METHOD *method;

static int
bio_write (BIO *bio, const char *data, int size)
{
  Dtls *self = BIO_get_data (bio);

  self->send (self->user_data, (const guint8 *) data, size);
  return size;
}

static int
bio_read (BIO *bio, char *data, int size)
{
  Dtls *self = BIO_get_data (bio);

  BIO_clear_retry_flags (bio);
  if (self->data == NULL) {
    BIO_set_retry_read (bio);
    return -1;
  }
  int taken = MIN ((int) self->size, size);
  memcpy (data, self->data, taken);
  self->data = NULL;
  return taken;
}

static long
bio_ctrl (BIO *bio, int command, long number, void *pointer)
{
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
      return MTU;
    default:
      return 0;
  }
}

/* The fingerprint is not compared: this is a load for masters, and no client. */
static int
take_any (int is_ok, X509_STORE_CTX *store)
{
  return 1;
}

static X509 *
make_certificate (EVP_PKEY *key)
{
  X509 *certificate = X509_new ();
  X509_NAME *name = X509_get_subject_name (certificate);

  X509_set_version (certificate, 2);
  ASN1_INTEGER_set (X509_get_serialNumber (certificate), 1);
  X509_gmtime_adj (X509_getm_notBefore (certificate), -CERTIFICATE_SECONDS);
  X509_gmtime_adj (X509_getm_notAfter (certificate), CERTIFICATE_SECONDS);
  X509_NAME_add_entry_by_txt (name, "CN", MBSTRING_ASC,
      (const guchar *) "bench", -1, -1, 0);
  X509_set_issuer_name (certificate, name);
  X509_set_pubkey (certificate, key);
  X509_sign (certificate, key, EVP_sha256 ());
  return certificate;
}

static char *
fingerprint_of (const X509 *certificate)
{
  guint8 sum[EVP_MAX_MD_SIZE];
  guint size = 0;
  GString *text = g_string_new (NULL);

  X509_digest (certificate, EVP_sha256 (), sum, &size);
  for (guint i = 0; i < size; i++)
    g_string_append_printf (text, i == 0 ? "%02X" : ":%02X", sum[i]);
  return g_string_free (text, FALSE);
}

static void
make_method (void)
{
  method = BIO_meth_new (BIO_TYPE_SOURCE_SINK, "datagrams");
  BIO_meth_set_write (method, bio_write);
  BIO_meth_set_read (method, bio_read);
  BIO_meth_set_ctrl (method, bio_ctrl);
}

const char *
dtls_prepare (void)
{
  static char *fingerprint;

  if (fingerprint != NULL)
    return fingerprint;
  EVP_PKEY *key = EVP_EC_gen ("P-256");
  X509 *certificate = make_certificate (key);

  context = SSL_CTX_new (DTLS_method ());
  SSL_CTX_use_certificate (context, certificate);
  SSL_CTX_use_PrivateKey (context, key);
  SSL_CTX_set_verify (context, SSL_VERIFY_PEER, take_any);
  SSL_CTX_set_options (context, SSL_OP_NO_QUERY_MTU);
  SSL_CTX_set_tlsext_use_srtp (context, PROFILE);
  fingerprint = fingerprint_of (certificate);
  X509_free (certificate);
  EVP_PKEY_free (key);
  make_method ();
  return fingerprint;
}

Dtls *
dtls_new (gboolean is_client, DtlsSend send, gpointer user_data)
{
  Dtls *self = g_new0 (Dtls, 1);
  BIO *bio = BIO_new (method);

  *self = (Dtls){
    .ssl = SSL_new (context),
    .is_client = is_client,
    .send = send,
    .user_data = user_data,
  };
  BIO_set_data (bio, self);
  BIO_set_init (bio, 1);
  SSL_set_bio (self->ssl, bio, bio);
  DTLS_set_link_mtu (self->ssl, MTU);
  if (is_client)
    SSL_set_connect_state (self->ssl);
  else
    SSL_set_accept_state (self->ssl);
  return self;
}

void
dtls_free (Dtls *self)
{
  if (self == NULL)
    return;
  if (dtls_is_done (self))
    SSL_shutdown (self->ssl);
  SSL_free (self->ssl);
  g_free (self);
}

gboolean
dtls_is_done (const Dtls *self)
{
  return SSL_is_init_finished (self->ssl);
}

gboolean
dtls_handle (Dtls *self, const guint8 *data, gsize size)
{
  char nothing[MTU];

  self->data = data;
  self->size = size;
  if (dtls_is_done (self)) {
    SSL_read (self->ssl, nothing, sizeof nothing);
  } else {
    DTLSv1_handle_timeout (self->ssl);
    SSL_do_handshake (self->ssl);
  }
  self->data = NULL;
  return dtls_is_done (self);
}

srtp_t
dtls_new_srtp (Dtls *self, gboolean is_outbound)
{
  /* Both keys, the client's first, then both salts (RFC 5764 4.2). */
  guint8 material[2 * (KEY_SIZE + SALT_SIZE)];
  guint8 key[KEY_SIZE + SALT_SIZE];
  const char *label = "EXTRACTOR-dtls_srtp";
  gsize which = self->is_client == is_outbound ? 0 : 1;
  srtp_policy_t policy = { 0 };
  srtp_t session = NULL;

  if (SSL_get_selected_srtp_profile (self->ssl) == NULL
      || SSL_export_keying_material (self->ssl, material, sizeof material,
             label, strlen (label), NULL, 0, 0)
          != 1)
    return NULL;
  memcpy (key, material + which * KEY_SIZE, KEY_SIZE);
  memcpy (key + KEY_SIZE, material + 2 * KEY_SIZE + which * SALT_SIZE,
      SALT_SIZE);
  srtp_crypto_policy_set_rtp_default (&policy.rtp);
  srtp_crypto_policy_set_rtcp_default (&policy.rtcp);
  policy.key = key;
  policy.ssrc.type = is_outbound ? ssrc_any_outbound : ssrc_any_inbound;
  policy.window_size = 128;
  return srtp_create (&session, &policy) == srtp_err_status_ok ? session : NULL;
}
