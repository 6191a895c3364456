/* DTLS 1.2 with one remote, over whatever carries its datagrams, and the keys of SRTP that come of it (RFC 5764). */
#pragma once

#include "certificate.h"

G_BEGIN_DECLS

typedef struct _RtcDtls RtcDtls;

typedef enum {
  RTC_DTLS_CLOSED,   /* the remote said goodbye (close_notify) */
  RTC_DTLS_FAILED,   /* no agreement, or nonsense */
  RTC_DTLS_STRANGER, /* the remote's certificate is none of those it declared */
} RtcDtlsEnd;

typedef struct {
  /* One datagram to be sent; may be lost. */
  void (*send) (gpointer user_data, const guint8 *data, gsize size);
  /* The remote is who it should be; keys can be had. Once. */
  void (*connected) (gpointer user_data);
  /* Application data, one record; after `connected`. */
  void (*data) (gpointer user_data, const guint8 *data, gsize size);
  /* Nothing comes after it. At most once. */
  void (*ended) (gpointer user_data, RtcDtlsEnd end);
} RtcDtlsEvents;

/* What a record of application data may hold so that its packet passes every path. */
#define RTC_DTLS_DATA_MAX 1150

/**
 * rtc_dtls_new:
 * @context: whose thread everything runs on
 * @is_client: whether we begin
 * @fingerprints: (transfer none): of char *, "sha-256 AB:...": the remote's certificate
 *   is one of these, or it is not connected
 * @events: static
 *
 * NULL when OpenSSL cannot. No function is to be called inside `ended` but
 * rtc_dtls_free, which is allowed in every event.
 */
RtcDtls *rtc_dtls_new (GMainContext *context, RtcCertificate *certificate,
    gboolean is_client, GPtrArray *fingerprints, const RtcDtlsEvents *events,
    gpointer user_data);

/* The way is open: a client says hello, a server answers what has come already. */
void rtc_dtls_start (RtcDtls *self);

/* A datagram of DTLS from the network, any bytes. Kept until the start; a few are. */
void rtc_dtls_take (RtcDtls *self, const guint8 *data, gsize size);

/* One record; FALSE when it did not go out. */
gboolean rtc_dtls_send (RtcDtls *self, const guint8 *data, gsize size);

/* Long enough for every profile we offer: a key of 16 bytes, a salt of 14. */
#define RTC_SRTP_KEY_MAX 30

typedef struct {
  gboolean is_gcm; /* AEAD_AES_128_GCM (RFC 7714), else AES128_CM_SHA1_80 */
  guint8 ours[RTC_SRTP_KEY_MAX];   /* key and salt, to send with */
  guint8 theirs[RTC_SRTP_KEY_MAX]; /* to receive with */
} RtcSrtpKeys;

/* After `connected`; FALSE when no profile was agreed on. Wipe it after use. */
gboolean rtc_dtls_get_keys (RtcDtls *self, RtcSrtpKeys *keys);

/* Says goodbye, if there is somebody to say it to. */
void rtc_dtls_close (RtcDtls *self);
void rtc_dtls_free (RtcDtls *self);

G_END_DECLS
