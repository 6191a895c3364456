/* DTLS-SRTP over datagrams that somebody else sends and receives (RFC 5764). */
#pragma once

#include <glib.h>
#include <srtp2/srtp.h>

typedef struct _Dtls Dtls;

/* Sends a datagram. */
typedef void (*DtlsSend) (gpointer user_data, const guint8 *data, gsize size);

/* Makes the certificate that all share. Returns its SHA-256 as SDP writes it;
 * it stays valid. */
const char *dtls_prepare (void);

Dtls *dtls_new (gboolean is_client, DtlsSend send, gpointer user_data);

/* `dtls` may be NULL. Says goodbye to the peer where a handshake was done. */
void dtls_free (Dtls *dtls);

/* Handles a datagram, or with none a timeout, or the first step of a client.
 * TRUE once the handshake is done. */
gboolean dtls_handle (Dtls *dtls, const guint8 *data, gsize size);

gboolean dtls_is_done (const Dtls *dtls);

/* One direction's SRTP, AES_CM_128_HMAC_SHA1_80; the caller frees it with
 * srtp_dealloc. NULL where the peer wanted none. */
srtp_t dtls_new_srtp (Dtls *dtls, gboolean is_outbound);
