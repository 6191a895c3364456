/* TURN URIs as the service spells them (RFC 7065). Pure. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  char *host; /* a name or an address, without brackets */
  guint16 port;
  gboolean is_tls; /* "turns:"; over UDP that is DTLS */
  gboolean is_tcp;
} KvsTurnUri;

/* "turn(s):host[:port][?transport=udp|tcp]"; NULL when it is anything else.
 * Without a transport it is UDP for "turn:" and TCP for "turns:". */
KvsTurnUri *kvs_turn_uri_parse (const char *text);

void kvs_turn_uri_free (KvsTurnUri *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvsTurnUri, kvs_turn_uri_free)

G_END_DECLS
