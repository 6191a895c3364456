/* What a peer is made of, for the two ways to negotiate: answering.c and offering.c. */
#pragma once

#include "channels.h"
#include "peer.h"
#include "reception.h"
#include "relays.h"
#include "sdpanswer.h"
#include "sdpbundle.h"
#include "stall.h"
#include "wire.h"

G_BEGIN_DECLS

typedef enum {
  STATE_NEW,         /* no description yet */
  STATE_NEGOTIATING, /* our offer is out */
  STATE_CONNECTING,  /* offer and answer are known */
  STATE_ACTIVE,      /* connected, fingerprint checked, media flows */
  STATE_CLOSED,
} State;

/* One m-line we send on. */
typedef struct {
  GstKvsPeerLeg plan;
  GstKvsPeer *peer;        /* no reference: the peer owns the leg */
  guint track;             /* of the wire */
  GstKvsWatcher *watcher;  /* NULL once the peer is closed */
  gboolean sent_first;     /* atomic, until it is reported */
  gboolean reported_first; /* worker only */
} Leg;

struct _GstKvsPeer {
  GObject parent;

  char *id;
  KvsWorker *worker;
  RtcNet *net;
  GstKvsAudience *audience;
  GstKvsReaper *reaper;
  GstKvsTiming timing;
  char *stun_server;
  gboolean relay_only;
  const GstKvsPeerEvents *events;
  gpointer user_data;

  /* Everything below is the worker's. */
  State state;
  GstKvsWire *wire;
  char *cname;                 /* of all we send, random (RFC 7022) */
  guint32 ssrc;                /* what we report as */
  GstKvsSdpStream *streams;    /* ours, by m-line */
  GstKvsSdpProposal *proposal; /* of a peer we offered to */
  GstKvsSdpOffer *remote;      /* its offer, or its answer */
  GstKvsSdpChoice *choices;    /* by m-line */
  GstKvsReception *reception;
  GstKvsChannels *channels; /* NULL without an m-line for them */
  GstKvsRelays *relays;
  GPtrArray *outputs; /* of GstKvsOutput, added and not removed */
  GPtrArray *legs;
  gboolean is_muted;
  GstKvsPeerPath path; /* when it was connected */
  guint candidates_seen;
  GQueue early_remote; /* of Candidate, until `remote` is known */
  GSource *connect_timer;
  GSource *stall_timer; /* until it has run out */
  GstKvsTries tries;
  guint frames_received; /* bits by GstKvsMedia: reported */
  RtcOutboundStats last; /* of a wire that is closed */
  gint64 offered_us;
  gint64 described_us; /* our description was sent */
  gint64 connected_us;
  KvsSpan gathering; /* of local candidates */
  int first_received
      [2]; /* atomic, by GstKvsMedia: a frame came, not reported */
};

/* Tells by `stalled` when there is no media after 5 s. */
void gst_kvs_peer_start_stall_timer (GstKvsPeer *self);

/* The way to the peer, and what takes what comes by it; FALSE when it could not be made. */
gboolean gst_kvs_peer_build (GstKvsPeer *self, gboolean leads,
    GPtrArray *ice_servers);

/* How we are reached; strings are the peer's. */
GstKvsSdpTransport gst_kvs_peer_get_transport (GstKvsPeer *self,
    const char *setup);

/* A new SSRC, and one for retransmissions where `has_rtx`. */
void gst_kvs_peer_make_stream (GstKvsSdpStream *stream, gboolean has_rtx);

/* Of GstKvsPeerLeg (transfer full). */
void gst_kvs_peer_take_legs (GstKvsPeer *self, GArray *legs);

/* Both descriptions are known: the rest is the network's doing. `setup` is our
 * DTLS role, "active" or "passive". FALSE when it could not be; the peer is closed then. */
gboolean gst_kvs_peer_connect (GstKvsPeer *self, const char *setup);

/* Our description is out: local candidates may follow it. */
void gst_kvs_peer_gather (GstKvsPeer *self);

/* The m-line whose transport all share, or NULL; of the remote description. */
const GstSDPMedia *gst_kvs_peer_get_remote_transport (GstKvsPeer *self);

/* A peer that is not connected when this ends is closed. */
void gst_kvs_peer_start_connect_timer (GstKvsPeer *self);

G_END_DECLS
