#include "relays.h"

#include <gst/gst.h>
#include <string.h>

#include "turnforwarder.h"
#include "turnuri.h"

GST_DEBUG_CATEGORY_EXTERN (kvspeer_debug);
#define GST_CAT_DEFAULT kvspeer_debug

/* Two round trips to the relay, and two more in case of loss. */
#define PROOF_MS 1000
/* ICE gives up 7 s after the first check. */
#define PATIENCE_MS 4000
/* The service names two. */
#define RELAYS_MAX 4
#define STUN_PORT 3478

struct _GstKvsRelays {
  KvsWorker *worker;
  GstKvsRelayFunc add; /* NULL when settled */
  gpointer user_data;
  GPtrArray *ice_servers;
  GPtrArray *forwarders;
  gboolean has_relayed; /* not over TLS */
  GSource *timer;
};

typedef gboolean (*UriFunc) (GstKvsRelays *self, const KvsIceServer *server,
    const KvsTurnUri *uri);

/* Until one returns TRUE. */
static gboolean
any_uri (GstKvsRelays *self, UriFunc func)
{
  for (guint i = 0; self->ice_servers && i < self->ice_servers->len; i++) {
    const KvsIceServer *server = g_ptr_array_index (self->ice_servers, i);

    for (char **text = server->uris; *text; text++) {
      g_autoptr (KvsTurnUri) uri = kvs_turn_uri_parse (*text);

      if (uri && func (self, server, uri))
        return TRUE;
    }
  }
  return FALSE;
}

static gboolean
is_by_udp (GstKvsRelays *self, const KvsIceServer *server,
    const KvsTurnUri *uri)
{
  return !uri->is_tls && !uri->is_tcp;
}

static gboolean
is_by_plain_tcp (GstKvsRelays *self, const KvsIceServer *server,
    const KvsTurnUri *uri)
{
  return !uri->is_tls && uri->is_tcp;
}

/* Over UDP it would be DTLS, which hardly anybody speaks. */
static gboolean
is_by_tls (GstKvsRelays *self, const KvsIceServer *server,
    const KvsTurnUri *uri)
{
  return uri->is_tls && uri->is_tcp && server->transport && server->username
      && server->password;
}

/* FALSE: go on with the next. */
static gboolean
add_relay_by_tls (GstKvsRelays *self, const KvsIceServer *server,
    const KvsTurnUri *uri)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnectable) address = NULL;
  KvsTurnForwarder *forwarder;

  if (!is_by_tls (self, server, uri) || self->forwarders->len == RELAYS_MAX)
    return FALSE;
  forwarder = kvs_turn_forwarder_new (self->worker, server->transport,
      uri->host, uri->port, &error);
  if (!forwarder) {
    GST_WARNING ("no TURN over TLS: %s", error->message);
    return FALSE;
  }
  g_ptr_array_add (self->forwarders, forwarder);
  address = g_network_address_parse (kvs_turn_forwarder_get_address (forwarder),
      0, NULL);
  self->add (self->user_data,
      g_network_address_get_hostname (G_NETWORK_ADDRESS (address)),
      g_network_address_get_port (G_NETWORK_ADDRESS (address)), TRUE,
      server->username, server->password);
  return FALSE;
}

static void
add_relays_by_tls (GstKvsRelays *self)
{
  kvs_worker_clear_timer (&self->timer);
  any_uri (self, add_relay_by_tls);
}

static gboolean
add_plain_relay (GstKvsRelays *self, const KvsIceServer *server,
    const KvsTurnUri *uri)
{
  if (!uri->is_tls && server->username && server->password)
    self->add (self->user_data, uri->host, uri->port, uri->is_tcp,
        server->username, server->password);
  return FALSE;
}

static gboolean
on_patience_over (gpointer data)
{
  add_relays_by_tls (data);
  return G_SOURCE_REMOVE;
}

static gboolean
on_proof_due (gpointer data)
{
  GstKvsRelays *self = data;

  kvs_worker_clear_timer (&self->timer);
  if (self->has_relayed)
    self->timer = kvs_worker_call_delayed (self->worker, PATIENCE_MS - PROOF_MS,
        on_patience_over, self, NULL);
  else
    add_relays_by_tls (self);
  return G_SOURCE_REMOVE;
}

GstKvsRelays *
gst_kvs_relays_new (KvsWorker *worker, GPtrArray *ice_servers,
    GstKvsRelayFunc add, gpointer user_data)
{
  GstKvsRelays *self = g_new0 (GstKvsRelays, 1);

  self->worker = g_object_ref (worker);
  self->add = add;
  self->user_data = user_data;
  self->ice_servers = ice_servers ? g_ptr_array_ref (ice_servers) : NULL;
  self->forwarders = g_ptr_array_new_with_free_func (g_object_unref);
  any_uri (self, add_plain_relay);
  if (!any_uri (self, is_by_tls))
    return self;
  if (any_uri (self, is_by_udp))
    self->timer =
        kvs_worker_call_delayed (worker, PROOF_MS, on_proof_due, self, NULL);
  else
    add_relays_by_tls (self);
  return self;
}

/* libnice does not know where its TCP socket is bound, and writes port 9. */
static gboolean
is_over_tcp (char **words)
{
  return g_str_equal (words[10], "rport") && g_str_equal (words[11], "9");
}

/* "candidate:foundation 1 UDP priority address port typ relay raddr address rport port" */
void
gst_kvs_relays_note (GstKvsRelays *self, const char *candidate)
{
  g_auto (GStrv) words = g_strsplit (candidate, " ", 16);

  if (g_strv_length (words) < 12 || !g_str_equal (words[7], "relay"))
    return;
  if (self->forwarders->len == 0 || !is_over_tcp (words))
    self->has_relayed = TRUE;
}

const char *
gst_kvs_relays_tcp_protocol (GstKvsRelays *self)
{
  /* Next to plain TCP none can be told from the other. */
  return self->forwarders->len > 0 && !any_uri (self, is_by_plain_tcp) ? "tls"
                                                                       : "tcp";
}

const char *
gst_kvs_relays_get_trouble (GstKvsRelays *self)
{
  const char *trouble = NULL;

  for (guint i = 0; !trouble && i < self->forwarders->len; i++)
    trouble = kvs_turn_forwarder_get_trouble (
        g_ptr_array_index (self->forwarders, i));
  return trouble;
}

void
gst_kvs_relays_settle (GstKvsRelays *self)
{
  kvs_worker_clear_timer (&self->timer);
  self->add = NULL;
}

static void
close_forwarder (gpointer forwarder, gpointer unused)
{
  kvs_turn_forwarder_close (forwarder);
}

void
gst_kvs_relays_free (GstKvsRelays *self)
{
  gst_kvs_relays_settle (self);
  g_ptr_array_foreach (self->forwarders, close_forwarder, NULL);
  g_ptr_array_unref (self->forwarders);
  g_clear_pointer (&self->ice_servers, g_ptr_array_unref);
  g_object_unref (self->worker);
  g_free (self);
}

static gboolean
parse_stun (const char *uri, char **host, guint *port)
{
  g_autoptr (GSocketConnectable) address = NULL;

  if (!g_str_has_prefix (uri, "stun:"))
    return FALSE;
  uri += strlen ("stun:");
  if (g_str_has_prefix (uri, "//"))
    uri += 2;
  address = g_network_address_parse (uri, STUN_PORT, NULL);
  if (!address)
    return FALSE;
  *host =
      g_strdup (g_network_address_get_hostname (G_NETWORK_ADDRESS (address)));
  *port = g_network_address_get_port (G_NETWORK_ADDRESS (address));
  return TRUE;
}

gboolean
gst_kvs_relays_find_stun (const char *stun_server, GPtrArray *ice_servers,
    char **host, guint *port)
{
  if (stun_server && parse_stun (stun_server, host, port))
    return TRUE;
  for (guint i = 0; ice_servers && i < ice_servers->len; i++) {
    const KvsIceServer *server = g_ptr_array_index (ice_servers, i);

    for (char **uri = server->uris; *uri; uri++) {
      if (parse_stun (*uri, host, port))
        return TRUE;
    }
  }
  return FALSE;
}
