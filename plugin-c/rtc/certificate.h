/* What we are known by in DTLS: a key and a certificate signed with it (RFC 8827 section 6.5). */
#pragma once

#include <glib.h>
#include <openssl/ssl.h>

G_BEGIN_DECLS

typedef struct _RtcCertificate RtcCertificate;

/* ECDSA on P-256 (RFC 8827 section 6.5), for 30 days, named at random; NULL when
 * OpenSSL has no such curve. A millisecond. Immutable: any thread. */
RtcCertificate *rtc_certificate_new (void);
RtcCertificate *rtc_certificate_ref (RtcCertificate *self);
void rtc_certificate_unref (RtcCertificate *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtcCertificate, rtc_certificate_unref)

/* Whether it should give way to a new one: half its days are over. */
gboolean rtc_certificate_is_old (const RtcCertificate *self);

/* "sha-256 AB:CD:...", as in SDP. */
const char *rtc_certificate_get_fingerprint (const RtcCertificate *self);

/* Uses it for our side of connections. */
gboolean rtc_certificate_use (const RtcCertificate *self, SSL_CTX *context);

/* Sets up what all connections with a certificate have alike; NULL when OpenSSL cannot. */
typedef SSL_CTX *(*RtcContextFunc) (const RtcCertificate *certificate);

/* What @make made the first time (transfer none), or NULL: one for all who ask, as
 * OpenSSL takes a tenth of a millisecond for it, and two microseconds for a
 * connection of it. Any thread. */
SSL_CTX *rtc_certificate_get_context (RtcCertificate *self,
    RtcContextFunc make);

/* "sha-256 AB:..." of a certificate, by the algorithm of `like`; NULL for one that
 * is not to be trusted or not known (RFC 8122 section 5). Transfer full. */
char *rtc_certificate_fingerprint_like (X509 *certificate, const char *like);

G_END_DECLS
