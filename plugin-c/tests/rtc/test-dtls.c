/* Two ends of DTLS, joined by functions, and SRTP by the keys that come of it. */
#include <openssl/pem.h>
#include <string.h>

#include "dtls.h"
#include "srtp.h"

typedef struct {
  const char *name;
  RtcCertificate *certificate;
  RtcDtls *dtls;
  GMainContext *context;
  GQueue *to; /* of GBytes, the other's */
  GQueue from;
  guint lose; /* so many datagrams */
  gboolean is_connected;
  gboolean has_ended;
  RtcDtlsEnd end;
  GString *received;
} End;

static void
on_send (gpointer user_data, const guint8 *data, gsize size)
{
  End *self = user_data;

  g_assert_cmpuint (size, <=, 1200);
  if (self->lose > 0)
    self->lose--;
  else
    g_queue_push_tail (self->to, g_bytes_new (data, size));
}

static void
on_connected (gpointer user_data)
{
  End *self = user_data;

  g_assert_false (self->is_connected);
  self->is_connected = TRUE;
}

static void
on_data (gpointer user_data, const guint8 *data, gsize size)
{
  End *self = user_data;

  g_assert_true (self->is_connected);
  g_string_append_len (self->received, (const char *) data, (gssize) size);
}

static void
on_ended (gpointer user_data, RtcDtlsEnd end)
{
  End *self = user_data;

  g_assert_false (self->has_ended);
  self->has_ended = TRUE;
  self->end = end;
}

static const RtcDtlsEvents events = {
  .send = on_send,
  .connected = on_connected,
  .data = on_data,
  .ended = on_ended,
};

static void
end_init (End *self, const char *name, End *other, GMainContext *context)
{
  memset (self, 0, sizeof (*self));
  self->name = name;
  self->certificate = rtc_certificate_new ();
  self->context = context;
  self->to = &other->from;
  self->received = g_string_new (NULL);
}

/* `other` is NULL for an end that expects somebody else. */
static void
end_open (End *self, gboolean is_client, End *other)
{
  g_autoptr (GPtrArray) fingerprints = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (fingerprints, g_strdup ("sha-256 00:11"));
  if (other)
    g_ptr_array_add (fingerprints,
        g_strdup (rtc_certificate_get_fingerprint (other->certificate)));
  self->dtls = rtc_dtls_new (self->context, self->certificate, is_client,
      fingerprints, &events, self);
  g_assert_nonnull (self->dtls);
}

static gboolean
end_read (End *self)
{
  g_autoptr (GBytes) bytes = g_queue_pop_head (&self->from);

  if (!bytes)
    return FALSE;
  rtc_dtls_take (self->dtls, g_bytes_get_data (bytes, NULL),
      g_bytes_get_size (bytes));
  return TRUE;
}

static void
end_clear (End *self)
{
  rtc_dtls_free (self->dtls);
  rtc_certificate_unref (self->certificate);
  g_queue_clear_full (&self->from, (GDestroyNotify) g_bytes_unref);
  g_string_free (self->received, TRUE);
}

typedef struct {
  GMainContext *context;
  End client;
  End server;
} Pair;

static void
pair_open (Pair *self)
{
  self->context = g_main_context_new ();
  end_init (&self->client, "client", &self->server, self->context);
  end_init (&self->server, "server", &self->client, self->context);
  end_open (&self->client, TRUE, &self->server);
  end_open (&self->server, FALSE, &self->client);
}

static void
pair_close (Pair *self)
{
  end_clear (&self->client);
  end_clear (&self->server);
  g_main_context_unref (self->context);
}

/* Until nothing more comes of it. */
static void
settle (Pair *self)
{
  while (end_read (&self->client) || end_read (&self->server))
    ;
}

static void
pair_connect (Pair *self)
{
  rtc_dtls_start (self->server.dtls);
  rtc_dtls_start (self->client.dtls);
  settle (self);
  while (!self->client.is_connected || !self->server.is_connected) {
    g_assert_false (self->client.has_ended || self->server.has_ended);
    g_main_context_iteration (self->context, TRUE);
    settle (self);
  }
}

static void
test_connects (void)
{
  Pair pair;

  pair_open (&pair);
  pair_connect (&pair);
  g_assert_true (rtc_dtls_send (pair.client.dtls, (guint8 *) "hello", 5));
  g_assert_true (rtc_dtls_send (pair.server.dtls, (guint8 *) "hi", 2));
  settle (&pair);
  g_assert_cmpstr (pair.server.received->str, ==, "hello");
  g_assert_cmpstr (pair.client.received->str, ==, "hi");
  rtc_dtls_close (pair.client.dtls);
  settle (&pair);
  g_assert_true (pair.server.has_ended && pair.server.end == RTC_DTLS_CLOSED);
  g_assert_false (rtc_dtls_send (pair.server.dtls, (guint8 *) "x", 1));
  pair_close (&pair);
}

/* The hello is there before the server may answer: the client need not say it again. */
static void
test_early_hello (void)
{
  Pair pair;

  pair_open (&pair);
  rtc_dtls_start (pair.client.dtls);
  settle (&pair);
  g_assert_true (g_queue_is_empty (&pair.client.from));
  rtc_dtls_start (pair.server.dtls);
  settle (&pair);
  g_assert_true (pair.client.is_connected && pair.server.is_connected);
  pair_close (&pair);
}

/* What is kept is bounded, and the way on from there is the client's own. */
static void
test_early_flood (void)
{
  Pair pair;
  guint8 nonsense[64] = { 22, 0xfe, 0xfd };

  pair_open (&pair);
  for (guint i = 0; i < 100000; i++)
    rtc_dtls_take (pair.server.dtls, nonsense, sizeof (nonsense));
  pair_connect (&pair);
  pair_close (&pair);
}

/* Each flight is lost once, and the first twice. */
static void
test_loss (void)
{
  Pair pair;

  pair_open (&pair);
  pair.client.lose = 2;
  pair.server.lose = 3;
  pair_connect (&pair);
  pair_close (&pair);
}

static void
reopen (End *self, gboolean is_client, End *expected)
{
  rtc_dtls_free (self->dtls);
  self->is_connected = self->has_ended = FALSE;
  end_open (self, is_client, expected);
}

/* The server knows somebody else. */
static void
assert_stranger (Pair *self)
{
  reopen (&self->server, FALSE, NULL);
  rtc_dtls_start (self->server.dtls);
  rtc_dtls_start (self->client.dtls);
  settle (self);
  g_assert_true (self->server.has_ended && self->server.end == RTC_DTLS_STRANGER
      && !self->server.is_connected);
}

static void
test_stranger (void)
{
  Pair pair;

  pair_open (&pair);
  assert_stranger (&pair);
  pair_close (&pair);
}

/* Each has keys of its own, and is looked at anew. */
static void
test_connections_of_one_certificate (void)
{
  RtcSrtpKeys first, second;
  Pair pair;

  pair_open (&pair);
  pair_connect (&pair);
  g_assert_true (rtc_dtls_get_keys (pair.client.dtls, &first));
  reopen (&pair.client, TRUE, &pair.server);
  reopen (&pair.server, FALSE, &pair.client);
  pair_connect (&pair);
  g_assert_true (rtc_dtls_get_keys (pair.client.dtls, &second));
  g_assert_cmpint (memcmp (first.ours, second.ours, sizeof (first.ours)), !=,
      0);
  reopen (&pair.client, TRUE, &pair.server);
  assert_stranger (&pair);
  pair_close (&pair);
}

static void
test_nonsense (void)
{
  Pair pair;
  guint8 nonsense[300];

  pair_open (&pair);
  rtc_dtls_start (pair.server.dtls);
  for (guint i = 0; i < 1000; i++) {
    gsize size = (gsize) g_random_int_range (1, sizeof (nonsense));

    for (gsize j = 0; j < size; j++)
      nonsense[j] = (guint8) g_random_int ();
    nonsense[0] = (guint8) g_random_int_range (20, 26);
    nonsense[1] = 0xfe;
    nonsense[2] = 0xfd;
    rtc_dtls_take (pair.server.dtls, nonsense, size);
  }
  if (!pair.server.has_ended)
    pair_connect (&pair);
  pair_close (&pair);
}

static gsize
make_rtp (guint8 *packet, guint16 number, guint32 ssrc)
{
  memset (packet, 0, 112);
  packet[0] = 0x80;
  packet[1] = 96;
  packet[2] = (guint8) (number >> 8);
  packet[3] = (guint8) number;
  packet[8] = (guint8) (ssrc >> 24);
  packet[9] = (guint8) (ssrc >> 16);
  packet[10] = (guint8) (ssrc >> 8);
  packet[11] = (guint8) ssrc;
  memset (packet + 12, 0x5a, 100);
  return 112;
}

static RtcSrtp *
srtp_of (End *end)
{
  RtcSrtpKeys keys;
  RtcSrtp *srtp;

  g_assert_true (rtc_dtls_get_keys (end->dtls, &keys));
  g_assert_true (keys.is_gcm);
  srtp = rtc_srtp_new (&keys);
  g_assert_nonnull (srtp);
  return srtp;
}

static void
test_srtp (void)
{
  guint8 packet[112 + RTC_SRTP_TRAILER_MAX], again[sizeof (packet)];
  guint8 plain[112];
  RtcSrtp *client, *server;
  Pair pair;
  gsize size;

  pair_open (&pair);
  pair_connect (&pair);
  client = srtp_of (&pair.client);
  server = srtp_of (&pair.server);
  make_rtp (plain, 1, 7);
  size = rtc_srtp_protect_rtp (client, packet, make_rtp (packet, 1, 7));
  g_assert_cmpuint (size, >, 112);
  memcpy (again, packet, size);
  packet[20] ^= 1;
  g_assert_cmpuint (rtc_srtp_unprotect_rtp (server, packet, size), ==, 0);
  memcpy (packet, again, size);
  g_assert_cmpuint (rtc_srtp_unprotect_rtp (server, packet, size), ==, 112);
  g_assert_cmpmem (packet, 112, plain, 112);
  g_assert_cmpuint (rtc_srtp_unprotect_rtp (server, again, size), ==, 0);
  rtc_srtp_free (client);
  rtc_srtp_free (server);
  pair_close (&pair);
}

/* A remote that makes up sources is heard of so many, and no more. */
static void
test_srtp_sources (void)
{
  guint8 packet[112 + RTC_SRTP_TRAILER_MAX];
  RtcSrtp *client, *server;
  guint heard = 0;
  Pair pair;

  pair_open (&pair);
  pair_connect (&pair);
  client = srtp_of (&pair.client);
  server = srtp_of (&pair.server);
  for (guint i = 0; i < 200; i++) {
    gsize size = rtc_srtp_protect_rtp (client, packet, make_rtp (packet, 1, i));

    heard += rtc_srtp_unprotect_rtp (server, packet, size) > 0;
  }
  g_assert_cmpuint (heard, ==, 64);
  g_assert_cmpuint (rtc_srtp_unprotect_rtp (server, packet, 3), ==, 0);
  rtc_srtp_free (client);
  rtc_srtp_free (server);
  pair_close (&pair);
}

/* Made with openssl, which also told its fingerprints. */
static const char certificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBdTCCARugAwIBAgIUJkqWvrWwuF8v9fK0R6/Ygg+VHrwwCgYIKoZIzj0EAwIw\n"
    "DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjIyMTExNTdaGA8yMTI2MTAyOTIxMTE1\n"
    "N1owDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABE7s\n"
    "0i80XobXogDtpe5bGRB1GvGDVdv7ei8t0R7tfA3frkMhcYIRYfmlj3sGBAl08Mk0\n"
    "P4iqM1BuSAQWA8DYGiCjUzBRMB0GA1UdDgQWBBQvbTs9lzjO7R1fv6KFnwe0iba1\n"
    "tjAfBgNVHSMEGDAWgBQvbTs9lzjO7R1fv6KFnwe0iba1tjAPBgNVHRMBAf8EBTAD\n"
    "AQH/MAoGCCqGSM49BAMCA0gAMEUCIFDqQekN9J5AIWvYCdSv2I0ZaMFyIzv2C1Gk\n"
    "GeSvuQtGAiEAw1ID5UM+HhTRMVaBgnJ0r8vbIHlZLIiHTeBDXdVEmSk=\n"
    "-----END CERTIFICATE-----\n";

static X509 *
read_certificate (void)
{
  BIO *pem = BIO_new_mem_buf (certificate, -1);
  X509 *read = PEM_read_bio_X509 (pem, NULL, NULL, NULL);

  BIO_free (pem);
  g_assert_nonnull (read);
  return read;
}

static void
test_fingerprints (void)
{
  static const char *const known[] = {
    "sha-256 7F:EE:0C:15:00:A3:B7:F0:32:14:AF:CD:17:35:06:1C:2F:19:9F:7E:E2"
    ":B5:9E:C4:C9:BA:88:BF:12:EA:76:8F",
    "sha-384 98:BB:2E:5D:8B:96:DE:9D:11:C3:45:47:17:29:8B:01:C8:BD:0F:01:DD"
    ":53:50:37:60:98:20:15:3F:FA:AD:CE:CA:15:76:2C:C9:DF:33:9E:56:06:C4:3E"
    ":CA:5B:63:8C",
    "sha-512 70:2C:6C:11:F9:0D:DB:83:FB:66:76:87:6F:B5:98:4E:A6:D5:2B:F2:D1"
    ":B0:CB:86:FC:49:02:20:08:0D:3B:21:76:7E:27:4A:CA:4E:31:15:5D:E8:B0:2F"
    ":BE:41:1B:A5:C3:B2:F3:07:59:D3:2D:B8:01:08:6D:CE:74:9D:35:52",
  };
  /* Not to be trusted, or none at all. */
  static const char *const unknown[] = { "", "sha-1 00", "md5 00", "sha-224 00",
    "sha-2560 00", "sha-25 00", " sha-256 00", "SHA-256 00" };
  X509 *read = read_certificate ();

  for (guint i = 0; i < G_N_ELEMENTS (known); i++) {
    g_autofree char *algorithm = g_strndup (known[i], 7);
    g_autofree char *by_word =
        rtc_certificate_fingerprint_like (read, algorithm);
    g_autofree char *by_other =
        rtc_certificate_fingerprint_like (read, known[i]);

    g_assert_cmpstr (by_word, ==, known[i]);
    g_assert_cmpstr (by_other, ==, known[i]);
  }
  for (guint i = 0; i < G_N_ELEMENTS (unknown); i++)
    g_assert_null (rtc_certificate_fingerprint_like (read, unknown[i]));
  X509_free (read);
}

/* Names us, and nobody twice. */
static void
test_own_fingerprint (void)
{
  g_autoptr (RtcCertificate) a = rtc_certificate_new ();
  g_autoptr (RtcCertificate) b = rtc_certificate_new ();
  SSL_CTX *context = SSL_CTX_new (DTLS_method ());
  g_autofree char *used = NULL;

  g_assert_true (rtc_certificate_use (a, context));
  used = rtc_certificate_fingerprint_like (SSL_CTX_get0_certificate (context),
      "sha-256");
  g_assert_cmpstr (used, ==, rtc_certificate_get_fingerprint (a));
  g_assert_cmpstr (used, !=, rtc_certificate_get_fingerprint (b));
  g_assert_false (rtc_certificate_is_old (a));
  SSL_CTX_free (context);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/certificate/fingerprints", test_fingerprints);
  g_test_add_func ("/certificate/own-fingerprint", test_own_fingerprint);
  g_test_add_func ("/dtls/connects", test_connects);
  g_test_add_func ("/dtls/early-hello", test_early_hello);
  g_test_add_func ("/dtls/early-flood", test_early_flood);
  g_test_add_func ("/dtls/loss", test_loss);
  g_test_add_func ("/dtls/stranger", test_stranger);
  g_test_add_func ("/dtls/connections-of-one-certificate",
      test_connections_of_one_certificate);
  g_test_add_func ("/dtls/nonsense", test_nonsense);
  g_test_add_func ("/srtp/round-trip", test_srtp);
  g_test_add_func ("/srtp/sources", test_srtp_sources);
  return g_test_run ();
}
