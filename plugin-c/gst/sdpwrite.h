/* Pieces of the descriptions that are sent to a peer. */
#pragma once

#include "choice.h"
#include "sdpdata.h"

G_BEGIN_DECLS

/* The header extension's number in offers of our own (extension.h). */
#define GST_KVS_TRANSPORT_CC_ID 2

/**
 * GstKvsSdpTransport:
 * How we are reached, the same in every m-line: ICE's names, our certificate's
 * fingerprint ("sha-256 AB:..."), and a=setup's word. Strings are the caller's.
 */
typedef struct {
  const char *ufrag;
  const char *password;
  const char *fingerprint;
  const char *setup;
} GstKvsSdpTransport;

/* What is sent in an m-line: nothing where `ssrc` is 0. `rtx_ssrc` is 0 without retransmission. */
typedef struct {
  guint32 ssrc;
  guint32 rtx_ssrc;
} GstKvsSdpStream;

/* A description without m-lines (transfer full). */
GstSDPMessage *gst_kvs_sdp_message_new (void);

/* An m-line of this kind and name, without transport and formats (transfer full). */
GstSDPMedia *gst_kvs_sdp_media_new (const char *kind, const char *mid);

void gst_kvs_sdp_write_transport (GstSDPMedia *to,
    const GstKvsSdpTransport *transport);

/* RFC 5576 and RFC 8830: its SSRCs, by the canonical name that all of the peer's
 * streams have. */
void gst_kvs_sdp_write_stream (GstSDPMedia *to, const GstKvsSdpStream *stream,
    const char *cname);

/* What DTLS role is left for us by a peer's a=setup: "active" or "passive". */
const char *gst_kvs_sdp_answer_setup (const char *offered);

G_END_DECLS
