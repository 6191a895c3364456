/* The far ends of connections, each on threads of its own: a TLS server, and an HTTP proxy. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum {
  FAKE_RELAY_ECHO,
  FAKE_RELAY_SILENT, /* takes the connection and never says a word, nor reads one */
  FAKE_RELAY_DEAF,  /* handshakes, and reads only once it is told to echo */
  FAKE_RELAY_FLOOD, /* sends as much as is taken */
  FAKE_RELAY_RESET, /* echoes once, and resets the connection */
  FAKE_RELAY_PLAIN, /* echoes without TLS */
} FakeRelayManner;

typedef struct _FakeRelay FakeRelay;

/* On a free port of every loopback address; certificate and key in PEM. */
FakeRelay *fake_relay_new (const char *certificate_file,
    FakeRelayManner manner);
guint16 fake_relay_get_port (FakeRelay *self);
void fake_relay_set_manner (FakeRelay *self, FakeRelayManner manner);
/* Connections taken so far, and those that are over. */
guint fake_relay_taken (FakeRelay *self);
guint fake_relay_over (FakeRelay *self);
/* Every connection must be over. */
void fake_relay_free (FakeRelay *self);

typedef struct _FakeProxy FakeProxy;

/* Leads every CONNECT to `target` on 127.0.0.1; or answers with `refusal`,
 * such as "403 Forbidden", unless that is NULL. */
FakeProxy *fake_proxy_new (guint16 target, const char *refusal);
guint16 fake_proxy_get_port (FakeProxy *self);
/* Heads of requests so far, in order, as text (transfer container). */
GPtrArray *fake_proxy_requests (FakeProxy *self);
void fake_proxy_free (FakeProxy *self);

G_END_DECLS
