/* What HTTPS, WebSocket and relays share: trust, the proxy, one libsoup session. */
#pragma once

#include <libsoup/soup.h>

#include "answer.h"
#include "proxy.h"

G_BEGIN_DECLS

#define KVS_TYPE_TRANSPORT (kvs_transport_get_type ())
G_DECLARE_FINAL_TYPE (KvsTransport, kvs_transport, KVS, TRANSPORT, GObject)

/**
 * kvs_transport_new:
 * @ca_files: (nullable): PEM files trusted beside the system's store,
 *   NULL-terminated
 * @environ: (nullable): where a proxy may be named, see kvs_proxy_from_environ
 *
 * Made and used on one thread, with its context as the thread default.
 *
 * Errors: KVS_ERROR_SETTINGS when a file is not readable as certificates, or
 * the proxy is none.
 */
KvsTransport *kvs_transport_new (const char *const *ca_files, char **environ,
    GError **error);

SoupSession *kvs_transport_get_session (KvsTransport *self);

const KvsProxy *kvs_transport_get_proxy (KvsTransport *self);

/* Whether a CA file vouches for this certificate as the host's; asked about
 * those that the system's store does not vouch for. */
gboolean kvs_transport_trusts (KvsTransport *self, const char *host,
    GTlsCertificate *certificate);

/**
 * kvs_transport_message:
 * A message that trusts what this transport trusts and follows no redirect: a
 * signature is for one host only. The URL's escapes are kept as they are.
 *
 * Errors: KVS_ERROR_PROTOCOL when `url` is not one. It is not quoted: it may
 * be a presigned one.
 */
SoupMessage *kvs_transport_message (KvsTransport *self, const char *method,
    const char *url, GError **error);

/**
 * kvs_transport_error:
 * Turns what libsoup says about a failed exchange into KVS_ERROR_NETWORK or
 * KVS_ERROR_TLS, naming the host and the remedy. Cancellation stays
 * G_IO_ERROR_CANCELLED.
 */
GError *kvs_transport_error (SoupMessage *message, const GError *cause);

/**
 * kvs_transport_explain:
 * @host: "host:port", for people
 * @proxy: the proxy's name when it was to go through one, else NULL
 * @flags: what was wrong with the certificate, as far as it is known
 *
 * The same for what is not a SoupMessage.
 */
GError *kvs_transport_explain (const char *host, const char *proxy,
    GTlsCertificateFlags flags, const GError *cause);

/* What came back for a message, with its whole body. */
KvsAnswer *kvs_transport_answer (SoupMessage *message, GBytes *body);

G_END_DECLS
