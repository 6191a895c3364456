/* The one transport that all of a peer's m-lines share (BUNDLE, RFC 8843). */
#pragma once

#include "sdp.h"

G_BEGIN_DECLS

/* The mids of the first BUNDLE group, after a first word (transfer full); NULL without one. */
char **gst_kvs_sdp_bundle_read (const GstSDPMessage *message);

/* Whether this m-line is in the group, which may be NULL. */
gboolean gst_kvs_sdp_bundle_has (char **bundle, const char *mid);

/* Whether all that is of use is on one transport: a bundle, or alone. */
gboolean gst_kvs_sdp_offer_shares_transport (const GstKvsSdpOffer *offer);

/* The m-line whose transport that is, by its index: the first of the bundle that
 * is of use (RFC 8843 section 7.3.1), or without one the first at all. */
guint gst_kvs_sdp_offer_find_transport (const GstKvsSdpOffer *offer);

/* An attribute of the transport: the m-line's own, else the session's, else
 * that of the first of its bundle (RFC 8843 section 7.1.3); NULL without. */
const char *gst_kvs_sdp_offer_attribute (const GstKvsSdpOffer *offer,
    const GstSDPMedia *media, const char *name);

G_END_DECLS
