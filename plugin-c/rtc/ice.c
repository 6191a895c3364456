#include "ice.h"

#include <agent.h>
#include <gio/gio.h>
#include <gst/gst.h>
#include <string.h>

GST_DEBUG_CATEGORY_EXTERN (rtc_debug);
#define GST_CAT_DEFAULT rtc_debug

/* Candidates come late: Amazon's C SDK gathers relays for up to 10 s before it
 * tells of them. libnice calls it failed after 5 s without a pair. */
#define IDLE_MS 15000

/* Between two checks: the least that RFC 8445 section 14 allows. With libnice's
 * 20 ms a peer on the same network waits most of its time for the next turn. */
#define PACE_MS 5

/* What an answer to a request for a relay may take, with one of the two packets
 * sent again, for it to be given back by who has ended meanwhile. */
#define ALLOCATING_MS 1000

/* The one component there is: RTP with RTCP (RFC 5761), and data. */
#define COMPONENT 1

struct _RtcIce {
  GMainContext *context;
  NiceAgent *agent;
  guint stream;
  const RtcIceEvents *events;
  gpointer user_data;
  gboolean is_ready;
  gboolean is_allocating; /* a relay has been asked for, and not all are done */
};

static void
on_candidate (NiceAgent *agent, NiceCandidate *candidate, gpointer user_data)
{
  RtcIce *self = user_data;
  g_autofree char *text =
      nice_agent_generate_local_candidate_sdp (agent, candidate);

  if (text)
    self->events->candidate (self->user_data,
        g_str_has_prefix (text, "a=") ? text + 2 : text);
}

static void
on_gathered (NiceAgent *agent, guint stream, gpointer user_data)
{
  RtcIce *self = user_data;

  self->is_allocating = FALSE;
  self->events->gathered (self->user_data);
}

static void
on_state (NiceAgent *agent, guint stream, guint component, guint state,
    gpointer user_data)
{
  RtcIce *self = user_data;

  GST_DEBUG ("ICE is %s", nice_component_state_to_string (state));
  if (state == NICE_COMPONENT_STATE_FAILED) {
    self->is_ready = FALSE;
    self->events->failed (self->user_data);
  } else if (!self->is_ready
      && (state == NICE_COMPONENT_STATE_CONNECTED
          || state == NICE_COMPONENT_STATE_READY)) {
    self->is_ready = TRUE;
    self->events->ready (self->user_data);
  }
}

static void
on_packet (NiceAgent *agent, guint stream, guint component, guint size,
    char *data, gpointer user_data)
{
  RtcIce *self = user_data;

  self->events->packet (self->user_data, (guint8 *) data, size);
}

RtcIce *
rtc_ice_new (GMainContext *context, const RtcIceConfig *config,
    const RtcIceEvents *events, gpointer user_data)
{
  RtcIce *self = g_new0 (RtcIce, 1);

  self->context = g_main_context_ref (context);
  self->events = events;
  self->user_data = user_data;
  self->agent = nice_agent_new_full (context, NICE_COMPATIBILITY_RFC5245,
      NICE_AGENT_OPTION_REGULAR_NOMINATION | NICE_AGENT_OPTION_ICE_TRICKLE
          | NICE_AGENT_OPTION_CONSENT_FRESHNESS);
  /* UPnP and TCP candidates cost a dozen sockets, and browsers use neither. */
  g_object_set (self->agent, "upnp", FALSE, "ice-tcp", FALSE,
      "controlling-mode", config->is_controlling, "force-relay",
      config->relay_only, "idle-timeout", IDLE_MS, "stun-pacing-timer", PACE_MS,
      NULL);
  if (config->stun_host)
    g_object_set (self->agent, "stun-server", config->stun_host,
        "stun-server-port", config->stun_port, NULL);
  self->stream = nice_agent_add_stream (self->agent, 1);
  g_signal_connect (self->agent, "new-candidate-full",
      G_CALLBACK (on_candidate), self);
  g_signal_connect (self->agent, "candidate-gathering-done",
      G_CALLBACK (on_gathered), self);
  g_signal_connect (self->agent, "component-state-changed",
      G_CALLBACK (on_state), self);
  nice_agent_attach_recv (self->agent, self->stream, COMPONENT, context,
      on_packet, self);
  return self;
}

void
rtc_ice_get_credentials (RtcIce *self, char **ufrag, char **password)
{
  nice_agent_get_local_credentials (self->agent, self->stream, ufrag, password);
}

void
rtc_ice_add_relay (RtcIce *self, const char *host, guint port, gboolean is_tcp,
    const char *username, const char *password)
{
  if (nice_agent_set_relay_info (self->agent, self->stream, COMPONENT, host,
          port, username, password,
          is_tcp ? NICE_RELAY_TYPE_TURN_TCP : NICE_RELAY_TYPE_TURN_UDP))
    self->is_allocating = TRUE;
  else
    GST_WARNING ("no TURN server %s:%u", host, port);
}

void
rtc_ice_gather (RtcIce *self)
{
  if (!nice_agent_gather_candidates (self->agent, self->stream))
    GST_WARNING ("no candidates can be gathered");
}

void
rtc_ice_set_remote (RtcIce *self, const char *ufrag, const char *password)
{
  nice_agent_set_remote_credentials (self->agent, self->stream, ufrag,
      password);
}

static gboolean
take_candidate (RtcIce *self, NiceCandidate *candidate)
{
  GSList only = { candidate, NULL };
  gboolean is_taken = candidate->component_id == COMPONENT
      && candidate->transport == NICE_CANDIDATE_TRANSPORT_UDP
      && nice_agent_set_remote_candidates (self->agent, self->stream, COMPONENT,
             &only)
          == 1;

  nice_candidate_free (candidate);
  return is_taken;
}

static NiceCandidate *
parse_candidate (RtcIce *self, const char *text)
{
  g_autofree char *line = g_strconcat ("a=", text, NULL);

  return nice_agent_parse_remote_candidate_sdp (self->agent, self->stream,
      line);
}

gboolean
rtc_ice_add_candidate (RtcIce *self, const char *text)
{
  NiceCandidate *candidate = parse_candidate (self, text);

  return candidate && take_candidate (self, candidate);
}

gboolean
rtc_ice_send (RtcIce *self, const guint8 *data, gsize size)
{
  return self->is_ready
      && nice_agent_send (self->agent, self->stream, COMPONENT, (guint) size,
             (const char *) data)
      == (int) size;
}

static const char *
type_name (const NiceCandidate *candidate)
{
  switch (candidate->type) {
    case NICE_CANDIDATE_TYPE_HOST:
      return "host";
    case NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE:
      return "srflx";
    case NICE_CANDIDATE_TYPE_PEER_REFLEXIVE:
      return "prflx";
    case NICE_CANDIDATE_TYPE_RELAYED:
    default:
      return "relay";
  }
}

/* A relay over TCP: libnice does not know where its socket is bound. */
static gboolean
is_by_tcp (const NiceCandidate *candidate)
{
  return candidate->type == NICE_CANDIDATE_TYPE_RELAYED
      && nice_address_get_port (&candidate->base_addr) == 0;
}

gboolean
rtc_ice_get_path (RtcIce *self, RtcPath *path)
{
  NiceCandidate *local, *remote;

  if (!nice_agent_get_selected_pair (self->agent, self->stream, COMPONENT,
          &local, &remote))
    return FALSE;
  path->local = type_name (local);
  path->remote = type_name (remote);
  path->protocol = is_by_tcp (local) ? "tcp" : "udp";
  return TRUE;
}

typedef struct {
  NiceAgent *agent;
  guint stream;
  GSource *patience; /* NULL when no relay is waited for */
  GDestroyNotify done;
  gpointer user_data;
} Closing;

static void
on_closed (GObject *agent, GAsyncResult *result, gpointer user_data)
{
  Closing *closing = user_data;

  g_object_unref (closing->agent);
  if (closing->done)
    closing->done (closing->user_data);
  g_free (closing);
}

static void
stop_waiting (Closing *closing)
{
  g_signal_handlers_disconnect_by_data (closing->agent, closing);
  g_source_destroy (closing->patience);
  g_clear_pointer (&closing->patience, g_source_unref);
}

static void
on_all_allocated (NiceAgent *agent, guint stream, gpointer user_data)
{
  stop_waiting (user_data);
  nice_agent_close_async (agent, on_closed, user_data);
}

/* Without the stream nothing is made of an answer that still comes: libnice
 * would refresh that relay for as long as it closes, and would close for as
 * long as there is one. */
static gboolean
on_patience_over (gpointer user_data)
{
  Closing *closing = user_data;

  stop_waiting (closing);
  nice_agent_remove_stream (closing->agent, closing->stream);
  nice_agent_close_async (closing->agent, on_closed, closing);
  return G_SOURCE_REMOVE;
}

static void
wait_for_relays (Closing *closing, GMainContext *context)
{
  g_signal_connect (closing->agent, "candidate-gathering-done",
      G_CALLBACK (on_all_allocated), closing);
  closing->patience = g_timeout_source_new (ALLOCATING_MS);
  g_source_set_callback (closing->patience, on_patience_over, closing, NULL);
  g_source_attach (closing->patience, context);
}

static void
drop_packet (NiceAgent *agent, guint stream, guint component, guint size,
    char *data, gpointer unused)
{
}

void
rtc_ice_close (RtcIce *self, GDestroyNotify done, gpointer user_data)
{
  Closing *closing = g_new0 (Closing, 1);

  closing->agent = self->agent;
  closing->stream = self->stream;
  closing->done = done;
  closing->user_data = user_data;
  g_signal_handlers_disconnect_by_data (self->agent, self);
  /* Not without a function: then nothing is read at all, not even that a relay
   * has let go, and what comes in keeps the thread awake. */
  nice_agent_attach_recv (self->agent, self->stream, COMPONENT, self->context,
      drop_packet, NULL);
  if (self->is_allocating)
    wait_for_relays (closing, self->context);
  else
    nice_agent_close_async (self->agent, on_closed, closing);
  g_main_context_unref (self->context);
  g_free (self);
}
