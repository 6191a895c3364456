#include "faketurn.h"

#include <interfaces.h>
#include <gio/gio.h>
#include <string.h>
#include <stun/stunagent.h>
#include <stun/usages/turn.h>

#define PACKET_MAX 2048
#define REALM "fake"
#define NONCE "once"
#define LIFETIME_SECONDS 600

static const uint16_t known_attributes[] = { STUN_ATTRIBUTE_LIFETIME,
  STUN_ATTRIBUTE_REQUESTED_TRANSPORT, STUN_ATTRIBUTE_REALM,
  STUN_ATTRIBUTE_NONCE, STUN_ATTRIBUTE_USERNAME,
  STUN_ATTRIBUTE_MESSAGE_INTEGRITY, 0 };

typedef struct {
  GSocketAddress *to;
  guint8 *data;
  gsize size;
} Answer;

struct _FakeTurn {
  char *host;
  GSocket *socket;
  GSource *source;
  StunAgent stun;
  gboolean is_holding;
  GQueue held;     /* of Answer */
  GHashTable *set; /* ports of clients with an allocation */
  guint made;
};

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  g_object_unref (answer->to);
  g_free (answer->data);
  g_free (answer);
}

static void
send_answer (FakeTurn *self, Answer *answer)
{
  /* Who is gone is told nothing. */
  g_socket_send_to (self->socket, answer->to, (const char *) answer->data,
      answer->size, NULL, NULL);
  answer_free (answer);
}

static Answer *
answer_new (GSocketAddress *to, const guint8 *data, gsize size)
{
  Answer *answer = g_new0 (Answer, 1);

  answer->to = g_object_ref (to);
  answer->data = g_memdup2 (data, size);
  answer->size = size;
  return answer;
}

static gpointer
client_key (GSocketAddress *from)
{
  return GUINT_TO_POINTER (
      g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (from)));
}

static void
append_address (StunMessage *message, StunAttribute attribute,
    GSocketAddress *address)
{
  struct sockaddr_storage native = { 0 };

  g_assert_true (
      g_socket_address_to_native (address, &native, sizeof native, NULL));
  stun_message_append_xor_addr (message, attribute, &native,
      (socklen_t) g_socket_address_get_native_size (address));
}

static void
allocate (FakeTurn *self, GSocketAddress *from, StunMessage *response)
{
  /* Of nobody: an address of RFC 5737. libnice keeps one relay of each. */
  static guint last;
  g_autofree char *host = g_strdup_printf ("198.51.100.%u", ++last);
  g_autoptr (GSocketAddress) relayed =
      g_inet_socket_address_new_from_string (host, 3478);

  if (g_hash_table_add (self->set, client_key (from)))
    self->made++;
  append_address (response, STUN_ATTRIBUTE_XOR_RELAYED_ADDRESS, relayed);
  append_address (response, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, from);
  stun_message_append32 (response, STUN_ATTRIBUTE_LIFETIME, LIFETIME_SECONDS);
}

static void
refresh (FakeTurn *self, GSocketAddress *from, const StunMessage *request,
    StunMessage *response)
{
  uint32_t lifetime = LIFETIME_SECONDS;

  stun_message_find32 (request, STUN_ATTRIBUTE_LIFETIME, &lifetime);
  if (lifetime == 0)
    g_hash_table_remove (self->set, client_key (from));
  stun_message_append32 (response, STUN_ATTRIBUTE_LIFETIME, lifetime);
}

static gsize
refuse (FakeTurn *self, const StunMessage *request, guint8 *buffer)
{
  StunMessage response;

  stun_agent_init_error (&self->stun, &response, buffer, PACKET_MAX, request,
      STUN_ERROR_UNAUTHORIZED);
  stun_message_append_string (&response, STUN_ATTRIBUTE_REALM, REALM);
  stun_message_append_string (&response, STUN_ATTRIBUTE_NONCE, NONCE);
  return stun_agent_finish_message (&self->stun, &response, NULL, 0);
}

static gsize
serve (FakeTurn *self, GSocketAddress *from, const StunMessage *request,
    guint8 *buffer)
{
  StunMessage response;

  stun_agent_init_response (&self->stun, &response, buffer, PACKET_MAX,
      request);
  switch (stun_message_get_method (request)) {
    case STUN_ALLOCATE:
      allocate (self, from, &response);
      break;
    case STUN_REFRESH:
      refresh (self, from, request, &response);
      break;
    default:
      break;
  }
  return stun_agent_finish_message (&self->stun, &response,
      (const uint8_t *) FAKE_TURN_PASSWORD, strlen (FAKE_TURN_PASSWORD));
}

static bool
find_password (StunAgent *agent, StunMessage *message, uint8_t *username,
    uint16_t username_size, uint8_t **password, size_t *size, void *unused)
{
  *password = (uint8_t *) FAKE_TURN_PASSWORD;
  *size = strlen (FAKE_TURN_PASSWORD);
  return true;
}

static void
take (FakeTurn *self, GSocketAddress *from, const guint8 *data, gsize size)
{
  StunMessage request;
  guint8 buffer[PACKET_MAX];
  gboolean is_known = stun_agent_validate (&self->stun, &request, data, size,
                          find_password, NULL)
      == STUN_VALIDATION_SUCCESS;
  gsize length = is_known ? serve (self, from, &request, buffer)
                          : refuse (self, &request, buffer);
  Answer *answer = answer_new (from, buffer, length);

  if (is_known && self->is_holding
      && stun_message_get_method (&request) == STUN_ALLOCATE)
    g_queue_push_tail (&self->held, answer);
  else
    send_answer (self, answer);
}

static gboolean
on_readable (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  g_autoptr (GSocketAddress) from = NULL;
  guint8 data[PACKET_MAX];
  gssize size = g_socket_receive_from (socket, &from, (char *) data,
      sizeof data, NULL, NULL);

  if (size > 0)
    take (user_data, from, data, size);
  return G_SOURCE_CONTINUE;
}

/* libnice's sockets are each bound to an interface, and from all but its own
 * the loopback one is out of reach. */
static char *
find_host (void)
{
  GList *hosts = nice_interfaces_get_local_ips (FALSE);
  char *host = NULL;

  for (GList *l = hosts; l && !host; l = l->next) {
    if (!strchr (l->data, ':'))
      host = g_strdup (l->data);
  }
  g_list_free_full (hosts, g_free);
  return host ? host : g_strdup ("127.0.0.1");
}

FakeTurn *
fake_turn_new (void)
{
  FakeTurn *self = g_new0 (FakeTurn, 1);
  g_autofree char *host = find_host ();
  g_autoptr (GSocketAddress) any =
      g_inet_socket_address_new_from_string (host, 0);

  self->host = g_steal_pointer (&host);
  self->socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
      G_SOCKET_PROTOCOL_UDP, NULL);
  g_assert_true (g_socket_bind (self->socket, any, FALSE, NULL));
  self->source = g_socket_create_source (self->socket, G_IO_IN, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_attach (self->source, NULL);
  stun_agent_init (&self->stun, known_attributes, STUN_COMPATIBILITY_RFC5389,
      STUN_AGENT_USAGE_LONG_TERM_CREDENTIALS);
  g_queue_init (&self->held);
  self->set = g_hash_table_new (NULL, NULL);
  return self;
}

void
fake_turn_free (FakeTurn *self)
{
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_object_unref (self->socket);
  g_queue_clear_full (&self->held, answer_free);
  g_hash_table_unref (self->set);
  g_free (self->host);
  g_free (self);
}

const char *
fake_turn_get_host (FakeTurn *self)
{
  return self->host;
}

guint16
fake_turn_get_port (FakeTurn *self)
{
  g_autoptr (GSocketAddress) address =
      g_socket_get_local_address (self->socket, NULL);

  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
}

void
fake_turn_hold (FakeTurn *self, gboolean is_holding)
{
  Answer *answer;

  self->is_holding = is_holding;
  while (!is_holding && (answer = g_queue_pop_head (&self->held)))
    send_answer (self, answer);
}

guint
fake_turn_count_held (FakeTurn *self)
{
  return self->held.length;
}

guint
fake_turn_count_made (FakeTurn *self)
{
  return self->made;
}

guint
fake_turn_count_left (FakeTurn *self)
{
  return g_hash_table_size (self->set);
}
