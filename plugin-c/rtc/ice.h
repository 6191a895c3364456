/* The network path to one remote: ICE (RFC 8445), trickled (RFC 8838), with consent (RFC 7675). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _RtcIce RtcIce;

/**
 * RtcPath:
 * Candidate types ("host", "srflx", "prflx", "relay") of the pair in use, and
 * how this side reaches it: "udp", or "tcp" to a relay. Static strings.
 */
typedef struct {
  const char *local;
  const char *remote;
  const char *protocol;
} RtcPath;

/* All on the thread of the context. */
typedef struct {
  /* One of ours, "candidate:..." as in SDP. */
  void (*candidate) (gpointer user_data, const char *candidate);
  void (*gathered) (gpointer user_data);
  /* A pair works: packets can be sent. Again when it works after it did not. */
  void (*ready) (gpointer user_data);
  /* No pair works, or the one that did has lost the remote's consent. */
  void (*failed) (gpointer user_data);
  /* May be changed in place, and is gone after the call. */
  void (*packet) (gpointer user_data, guint8 *data, gsize size);
} RtcIceEvents;

typedef struct {
  const char *stun_host; /* NULL for none */
  guint stun_port;
  gboolean relay_only;
  gboolean is_controlling;
} RtcIceConfig;

/**
 * rtc_ice_new:
 * @context: whose thread everything runs on; it may be made on another
 * @events: static
 *
 * Free with rtc_ice_close.
 */
RtcIce *rtc_ice_new (GMainContext *context, const RtcIceConfig *config,
    const RtcIceEvents *events, gpointer user_data);

/* Our ufrag and password, those of SDP (transfer full). Any thread. */
void rtc_ice_get_credentials (RtcIce *self, char **ufrag, char **password);

/* A TURN server, by UDP or plain TCP; before gathering or while it goes on.
 * @host is a name or an address. */
void rtc_ice_add_relay (RtcIce *self, const char *host, guint port,
    gboolean is_tcp, const char *username, const char *password);

/* Once. */
void rtc_ice_gather (RtcIce *self);

void rtc_ice_set_remote (RtcIce *self, const char *ufrag, const char *password);

/* "candidate:..."; FALSE for one that is of no use: TCP's, RTCP's, one that cannot be read. */
gboolean rtc_ice_add_candidate (RtcIce *self, const char *candidate);

/* FALSE when it did not go out: no pair, or no room. Never blocks. */
gboolean rtc_ice_send (RtcIce *self, const guint8 *data, gsize size);

/* FALSE before there is one. */
gboolean rtc_ice_get_path (RtcIce *self, RtcPath *path);

/* Gives relays back, also those whose answer is still on its way, and frees;
 * nothing is called any more but @done, once the relays have answered or have
 * been given up: within about 3 s. May be NULL. */
void rtc_ice_close (RtcIce *self, GDestroyNotify done, gpointer user_data);

G_END_DECLS
