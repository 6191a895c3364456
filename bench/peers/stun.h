/* The two messages of STUN that hold a path open: a binding request and its
 * response, with short-term credentials (RFC 8489, RFC 8445 section 7). */
#pragma once

#include <glib.h>
#include <netinet/in.h>

#define STUN_ID_SIZE 12
/* Room for either message. */
#define STUN_MAX_SIZE 256

/* Whether a datagram on a socket that also carries DTLS and RTP is STUN (RFC
 * 7983). */
gboolean stun_is (const guint8 *data, gsize size);

gboolean stun_is_request (const guint8 *data);
gboolean stun_is_success (const guint8 *data);

/* Writes a request of the controlling side that nominates at once. `username`
 * is "theirs:ours", `password` is theirs. Returns the message's size. */
gsize stun_write_request (guint8 out[STUN_MAX_SIZE],
    const guint8 id[STUN_ID_SIZE], const char *username, const char *password,
    guint64 tie_breaker);

/* Writes the response to `request` of `from`; `password` is ours. */
gsize stun_write_response (guint8 out[STUN_MAX_SIZE], const guint8 *request,
    const struct sockaddr_in *from, const char *password);
