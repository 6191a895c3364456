#include "relays.h"

#include <string.h>

#include "turnforwarder.h"
#include "turnuri.h"
#include "webrtc.h"

GST_DEBUG_CATEGORY_EXTERN (kvspeer_debug);
#define GST_CAT_DEFAULT kvspeer_debug

/* Two round trips to the relay, and two more in case of loss. */
#define PROOF_MS 1000
/* webrtcbin gives up 7 s after the first check. */
#define PATIENCE_MS 4000
/* The service names two. */
#define RELAYS_MAX 4
#define CANDIDATES_MAX 16

struct _GstKvsRelays {
  KvsWorker *worker;
  GstElement *webrtc; /* NULL when settled */
  GPtrArray *ice_servers;
  GPtrArray *forwarders;
  GPtrArray *candidates; /* "address port" of those had over TCP */
  gboolean has_relayed;  /* not over TLS */
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
add_relay (GstKvsRelays *self, const KvsIceServer *server,
    const KvsTurnUri *uri)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *turn = NULL;
  KvsTurnForwarder *forwarder;
  gboolean added = FALSE;

  if (!is_by_tls (self, server, uri) || self->forwarders->len == RELAYS_MAX)
    return FALSE;
  forwarder = kvs_turn_forwarder_new (self->worker, server->transport,
      uri->host, uri->port, &error);
  if (!forwarder) {
    GST_WARNING ("no TURN over TLS: %s", error->message);
    return FALSE;
  }
  g_ptr_array_add (self->forwarders, forwarder);
  turn =
      gst_kvs_webrtc_turn_address (kvs_turn_forwarder_get_address (forwarder),
          TRUE, server->username, server->password);
  g_signal_emit_by_name (self->webrtc, "add-turn-server", turn, &added);
  return FALSE;
}

static void
add_relays (GstKvsRelays *self)
{
  kvs_worker_clear_timer (&self->timer);
  any_uri (self, add_relay);
}

static gboolean
on_patience_over (gpointer data)
{
  add_relays (data);
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
    add_relays (self);
  return G_SOURCE_REMOVE;
}

GstKvsRelays *
gst_kvs_relays_new (KvsWorker *worker, GstElement *webrtc,
    GPtrArray *ice_servers)
{
  GstKvsRelays *self = g_new0 (GstKvsRelays, 1);

  self->worker = g_object_ref (worker);
  self->webrtc = gst_object_ref (webrtc);
  self->ice_servers = ice_servers ? g_ptr_array_ref (ice_servers) : NULL;
  self->forwarders = g_ptr_array_new_with_free_func (g_object_unref);
  self->candidates = g_ptr_array_new_with_free_func (g_free);
  if (!any_uri (self, is_by_tls))
    return self;
  if (any_uri (self, is_by_udp))
    self->timer =
        kvs_worker_call_delayed (worker, PROOF_MS, on_proof_due, self, NULL);
  else
    add_relays (self);
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
  if (is_over_tcp (words) && self->candidates->len < CANDIDATES_MAX)
    g_ptr_array_add (self->candidates,
        g_strdup_printf ("%s %s", words[4], words[5]));
}

const char *
gst_kvs_relays_protocol (GstKvsRelays *self, const char *address, guint port)
{
  g_autofree char *wanted = g_strdup_printf ("%s %u", address, port);

  if (!g_ptr_array_find_with_equal_func (self->candidates, wanted, g_str_equal,
          NULL))
    return NULL;
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
  gst_clear_object (&self->webrtc);
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
  g_ptr_array_unref (self->candidates);
  g_clear_pointer (&self->ice_servers, g_ptr_array_unref);
  g_object_unref (self->worker);
  g_free (self);
}
