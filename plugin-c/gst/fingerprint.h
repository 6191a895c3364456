/* Certificate fingerprints of SDP (RFC 8122), in one spelling. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* "SHA-256 ab:cd..." → "sha-256 AB:CD...", or NULL when it is neither. RFC 8122. */
char *gst_kvs_sdp_fingerprint_normalise (const char *value);

/**
 * gst_kvs_sdp_fingerprint_of_pem:
 * Fingerprint of a PEM certificate by the algorithm of `like`
 * ("sha-256 ..."), in the same spelling; NULL when it cannot be made.
 */
char *gst_kvs_sdp_fingerprint_of_pem (const char *pem, const char *like);

G_END_DECLS
