#include "dtls.h"

#include <gst/gst.h>
#include <openssl/err.h>
#include <string.h>

GST_DEBUG_CATEGORY_EXTERN (rtc_debug);
#define GST_CAT_DEFAULT rtc_debug

/* Of a datagram: 1,200 bytes are what everybody's path has. */
#define MTU 1200

/* From 50 ms on, as browsers do, not OpenSSL's second: the first hello is often
 * lost, as it comes before the remote has seen our answer. */
#define FIRST_TIMEOUT_US (50 * 1000)
/* OpenSSL gives up after twelve: half a minute. */
#define LAST_TIMEOUT_US (4 * G_USEC_PER_SEC)

/* Datagrams of a remote that begins before we may: a hello in pieces, and again. */
#define EARLY_MAX 8

#define PROFILES "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80"
#define LABEL "EXTRACTOR-dtls_srtp"

struct _RtcDtls {
  GMainContext *context;
  SSL *ssl;
  GPtrArray *fingerprints;
  const RtcDtlsEvents *events;
  gpointer user_data;
  GSource *timer;

  const guint8 *input; /* the datagram at hand, NULL when it has been read */
  gsize input_size;
  GPtrArray *early; /* of GBytes: what came before the start; NULL after it */
  gboolean is_connected;
  gboolean is_stranger;
  gboolean has_ended;
  gboolean is_freed; /* inside an event */
  guint depth;       /* of calls that events may come from */
};

static void run (RtcDtls *self);

/* OpenSSL reads and writes datagrams through this, and never waits. */

static int
bio_write (BIO *bio, const char *data, int size)
{
  RtcDtls *self = BIO_get_data (bio);

  BIO_clear_retry_flags (bio);
  if (!self->is_freed)
    self->events->send (self->user_data, (const guint8 *) data, (gsize) size);
  return size;
}

static int
bio_read (BIO *bio, char *data, int size)
{
  RtcDtls *self = BIO_get_data (bio);
  gsize n;

  BIO_clear_retry_flags (bio);
  if (!self->input) {
    BIO_set_retry_read (bio);
    return -1;
  }
  n = MIN (self->input_size, (gsize) size);
  memcpy (data, self->input, n);
  self->input = NULL;
  return (int) n;
}

static long
bio_ctrl (BIO *bio, int command, long number, void *pointer)
{
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
      return MTU;
    default:
      return 0;
  }
}

static BIO_METHOD *
bio_method (void)
{
  static gsize method = 0;

  if (g_once_init_enter (&method)) {
    BIO_METHOD *made =
        BIO_meth_new (BIO_get_new_index () | BIO_TYPE_SOURCE_SINK, "datagrams");

    BIO_meth_set_write (made, bio_write);
    BIO_meth_set_read (made, bio_read);
    BIO_meth_set_ctrl (made, bio_ctrl);
    g_once_init_leave (&method, (gsize) made);
  }
  return (BIO_METHOD *) method;
}

/* Instead of a chain of trust: what the signaling vouched for (RFC 8827 section 6.5). */
static int
on_verify (X509_STORE_CTX *store, void *unused)
{
  SSL *ssl =
      X509_STORE_CTX_get_ex_data (store, SSL_get_ex_data_X509_STORE_CTX_idx ());
  RtcDtls *self = SSL_get_app_data (ssl);
  X509 *certificate = X509_STORE_CTX_get0_cert (store);

  for (guint i = 0; certificate && i < self->fingerprints->len; i++) {
    const char *declared = g_ptr_array_index (self->fingerprints, i);
    g_autofree char *actual =
        rtc_certificate_fingerprint_like (certificate, declared);

    if (g_strcmp0 (actual, declared) == 0)
      return 1;
  }
  self->is_stranger = TRUE;
  X509_STORE_CTX_set_error (store, X509_V_ERR_CERT_REJECTED);
  return 0;
}

static unsigned int
next_timeout (SSL *ssl, unsigned int last_us)
{
  return last_us == 0 ? FIRST_TIMEOUT_US : MIN (last_us * 2, LAST_TIMEOUT_US);
}

/* For all who have the certificate: what is one connection's is its SSL's. Nobody
 * resumes a session, whether ours or another's: each has its keys by a handshake of
 * its own, in which its certificate is looked at. */
static SSL_CTX *
make_context (const RtcCertificate *certificate)
{
  SSL_CTX *context = SSL_CTX_new (DTLS_method ());

  if (!context)
    return NULL;
  SSL_CTX_set_min_proto_version (context, DTLS1_2_VERSION);
  SSL_CTX_set_options (context,
      SSL_OP_NO_QUERY_MTU | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET
          | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode (context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify (context,
      SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
  SSL_CTX_set_cert_verify_callback (context, on_verify, NULL);
  SSL_CTX_set_read_ahead (context, 1);
  /* Returns 0 for success, unlike the others. */
  if (rtc_certificate_use (certificate, context)
      && SSL_CTX_set_tlsext_use_srtp (context, PROFILES) == 0)
    return context;
  SSL_CTX_free (context);
  return NULL;
}

RtcDtls *
rtc_dtls_new (GMainContext *context, RtcCertificate *certificate,
    gboolean is_client, GPtrArray *fingerprints, const RtcDtlsEvents *events,
    gpointer user_data)
{
  SSL_CTX *shared = rtc_certificate_get_context (certificate, make_context);
  SSL *ssl = shared ? SSL_new (shared) : NULL;
  RtcDtls *self;
  BIO *bio;

  if (!ssl)
    return NULL;
  self = g_new0 (RtcDtls, 1);
  self->context = g_main_context_ref (context);
  self->ssl = ssl;
  self->fingerprints = g_ptr_array_ref (fingerprints);
  self->events = events;
  self->user_data = user_data;
  self->early = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  bio = BIO_new (bio_method ());
  BIO_set_data (bio, self);
  BIO_set_init (bio, 1);
  SSL_set_bio (ssl, bio, bio);
  SSL_set_app_data (ssl, self);
  DTLS_set_link_mtu (ssl, MTU);
  DTLS_set_timer_cb (ssl, next_timeout);
  if (is_client)
    SSL_set_connect_state (ssl);
  else
    SSL_set_accept_state (ssl);
  return self;
}

static void
destroy (RtcDtls *self)
{
  SSL_free (self->ssl);
  g_ptr_array_unref (self->fingerprints);
  g_clear_pointer (&self->early, g_ptr_array_unref);
  g_main_context_unref (self->context);
  g_free (self);
}

static void
clear_timer (RtcDtls *self)
{
  if (self->timer)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
}

static void
enter (RtcDtls *self)
{
  self->depth++;
  ERR_clear_error ();
}

static void
leave (RtcDtls *self)
{
  if (--self->depth == 0 && self->is_freed)
    destroy (self);
}

static gboolean
on_timer (gpointer data)
{
  RtcDtls *self = data;

  clear_timer (self);
  enter (self);
  DTLSv1_handle_timeout (self->ssl);
  run (self);
  leave (self);
  return G_SOURCE_REMOVE;
}

/* The handshake's next flight may be due again. */
static void
set_timer (RtcDtls *self)
{
  struct timeval left;

  clear_timer (self);
  if (self->has_ended || self->is_freed
      || DTLSv1_get_timeout (self->ssl, &left) != 1)
    return;
  self->timer = g_timeout_source_new (
      (guint) (left.tv_sec * 1000 + (left.tv_usec + 999) / 1000));
  g_source_set_callback (self->timer, on_timer, self, NULL);
  g_source_attach (self->timer, self->context);
}

static void
end (RtcDtls *self, RtcDtlsEnd why)
{
  char text[128];

  if (self->has_ended || self->is_freed)
    return;
  if (why == RTC_DTLS_FAILED) {
    ERR_error_string_n (ERR_peek_error (), text, sizeof (text));
    GST_INFO ("DTLS failed: %s", text);
  }
  self->has_ended = TRUE;
  clear_timer (self);
  self->events->ended (self->user_data, why);
}

/* FALSE: there is no more to do for now. */
static gboolean
check (RtcDtls *self, int result)
{
  switch (SSL_get_error (self->ssl, result)) {
    case SSL_ERROR_NONE:
      return TRUE;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return FALSE;
    case SSL_ERROR_ZERO_RETURN:
      end (self, RTC_DTLS_CLOSED);
      return FALSE;
    default:
      end (self, self->is_stranger ? RTC_DTLS_STRANGER : RTC_DTLS_FAILED);
      return FALSE;
  }
}

static void
read_records (RtcDtls *self)
{
  guint8 data[2048];
  int size;

  do {
    size = SSL_read (self->ssl, data, sizeof (data));
    if (size > 0)
      self->events->data (self->user_data, data, (gsize) size);
  } while (!self->is_freed && !self->has_ended && check (self, size));
}

static void
run (RtcDtls *self)
{
  if (!self->is_connected && !self->has_ended
      && check (self, SSL_do_handshake (self->ssl))) {
    self->is_connected = TRUE;
    self->events->connected (self->user_data);
  }
  if (self->is_connected && !self->is_freed && !self->has_ended)
    read_records (self);
  set_timer (self);
}

static void
take (RtcDtls *self, const guint8 *data, gsize size)
{
  self->input = data;
  self->input_size = size;
  run (self);
  if (!self->is_freed)
    self->input = NULL;
}

void
rtc_dtls_start (RtcDtls *self)
{
  g_autoptr (GPtrArray) early = g_steal_pointer (&self->early);

  enter (self);
  run (self);
  for (guint i = 0; early && i < early->len; i++) {
    gsize size;
    const guint8 *data = g_bytes_get_data (g_ptr_array_index (early, i), &size);

    if (!self->is_freed && !self->has_ended)
      take (self, data, size);
  }
  leave (self);
}

/* A remote's checks may pass before ours have, and its hello is right behind
 * them. Our answer to it would have no way yet; and if nothing kept the hello,
 * it would come again only after the remote's time-out. */
void
rtc_dtls_take (RtcDtls *self, const guint8 *data, gsize size)
{
  if (self->has_ended)
    return;
  if (self->early) {
    if (self->early->len < EARLY_MAX)
      g_ptr_array_add (self->early, g_bytes_new (data, size));
    return;
  }
  enter (self);
  take (self, data, size);
  leave (self);
}

gboolean
rtc_dtls_send (RtcDtls *self, const guint8 *data, gsize size)
{
  int written;

  if (!self->is_connected || self->has_ended || self->is_freed)
    return FALSE;
  enter (self);
  written = SSL_write (self->ssl, data, (int) size);
  leave (self);
  return written > 0;
}

/* RFC 5764 section 4.2: client key, server key, client salt, server salt. */
static void
split_keys (RtcSrtpKeys *keys, const guint8 *material, gboolean is_client,
    gsize key, gsize salt)
{
  guint8 *client = is_client ? keys->ours : keys->theirs;
  guint8 *server = is_client ? keys->theirs : keys->ours;

  memcpy (client, material, key);
  memcpy (server, material + key, key);
  memcpy (client + key, material + 2 * key, salt);
  memcpy (server + key, material + 2 * key + salt, salt);
}

gboolean
rtc_dtls_get_keys (RtcDtls *self, RtcSrtpKeys *keys)
{
  const SRTP_PROTECTION_PROFILE *profile =
      SSL_get_selected_srtp_profile (self->ssl);
  guint8 material[2 * RTC_SRTP_KEY_MAX];
  gsize salt;

  if (!profile)
    return FALSE;
  keys->is_gcm = profile->id == SRTP_AEAD_AES_128_GCM;
  salt = keys->is_gcm ? 12 : 14;
  if (SSL_export_keying_material (self->ssl, material, 2 * (16 + salt), LABEL,
          strlen (LABEL), NULL, 0, 0)
      != 1)
    return FALSE;
  split_keys (keys, material, !SSL_is_server (self->ssl), 16, salt);
  OPENSSL_cleanse (material, sizeof (material));
  return TRUE;
}

void
rtc_dtls_close (RtcDtls *self)
{
  if (!self->is_connected || self->has_ended)
    return;
  enter (self);
  SSL_shutdown (self->ssl);
  self->has_ended = TRUE;
  clear_timer (self);
  leave (self);
}

void
rtc_dtls_free (RtcDtls *self)
{
  clear_timer (self);
  self->is_freed = TRUE;
  if (self->depth == 0)
    destroy (self);
}
