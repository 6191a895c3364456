/* Remote ICE candidates, checked and written anew. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * gst_kvs_sdp_candidate_clean:
 * Checks a remote ICE candidate (RFC 8839 section 5.1) and writes it anew
 * from its checked fields. NULL when it is not one, or of a kind we do not
 * use: TCP (ours is off), another component than RTP, or a host name
 * (mDNS: resolving could stall; the browser's own checks reach us anyway).
 * `*why` is then a static string for the log.
 */
char *gst_kvs_sdp_candidate_clean (const char *text, const char **why);

G_END_DECLS
