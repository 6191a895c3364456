/* Certificate fingerprints of SDP (RFC 8122), in one spelling. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* "SHA-256 ab:cd..." → "sha-256 AB:CD...", or NULL when it is neither. RFC 8122. */
char *gst_kvs_sdp_fingerprint_normalise (const char *value);

G_END_DECLS
