/* What a peer is made of, for the files it is written in: peer.c (from its way to
 * its end), answering.c and offering.c (the two ways to negotiate), and one for
 * each thing it has. All of it is the worker's, but where it says otherwise. */
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

/* --- peer.c --- */

typedef void (*GstKvsPeerFunc) (GstKvsPeer *self);

/* What streaming threads tell goes through this: @func runs on the worker, and not
 * where the peer is closed by then. Any thread. */
void gst_kvs_peer_call_on_worker (GstKvsPeer *self, GstKvsPeerFunc func);

/* The way to the peer, and what takes what comes by it; FALSE when it could not be made. */
gboolean gst_kvs_peer_build (GstKvsPeer *self, gboolean leads,
    GPtrArray *ice_servers);

/* How we are reached; strings are the peer's. */
GstKvsSdpTransport gst_kvs_peer_get_transport (GstKvsPeer *self,
    const char *setup);

/* A new SSRC, and one for retransmissions where `has_rtx`. */
void gst_kvs_peer_make_stream (GstKvsSdpStream *stream, gboolean has_rtx);

/* Both descriptions are known: the rest is the network's doing. `setup` is our
 * DTLS role, "active" or "passive". FALSE when it could not be; the peer is closed then. */
gboolean gst_kvs_peer_connect (GstKvsPeer *self, const char *setup);

/* Our description is out: local candidates may follow it. */
void gst_kvs_peer_gather (GstKvsPeer *self);

/* The m-line whose transport all share, or NULL; of the remote description. */
const GstSDPMedia *gst_kvs_peer_get_remote_transport (GstKvsPeer *self);

/* A peer that is not connected when this ends is closed. */
void gst_kvs_peer_start_connect_timer (GstKvsPeer *self);

/* --- peercandidates.c --- */

/* What came before the remote description: in it, and by itself. */
void gst_kvs_peer_add_early_candidates (GstKvsPeer *self);
void gst_kvs_peer_forget_candidates (GstKvsPeer *self);

/* One of ours: GstKvsWireEvents.candidate. */
void gst_kvs_peer_take_local_candidate (gpointer self, const char *candidate);

/* --- peerlegs.c --- */

/* Of Leg. */
GPtrArray *gst_kvs_peer_legs_new (void);

/* Of GstKvsPeerLeg (transfer full). Each has its place in the audience at once, and
 * nothing comes from there until it is opened. */
void gst_kvs_peer_take_legs (GstKvsPeer *self, GArray *legs);

/* A track of the wire for each leg; FALSE where there is no room for one. */
gboolean gst_kvs_peer_add_tracks (GstKvsPeer *self);

/* They will be opened in a moment. */
void gst_kvs_peer_expect_legs (GstKvsPeer *self);

/* Whether frames come. */
void gst_kvs_peer_open_legs (GstKvsPeer *self, gboolean is_open);

/* Their places in the audience are given back: no frame comes any more. */
void gst_kvs_peer_release_legs (GstKvsPeer *self);

/* GstKvsWireEvents.key_frame. */
void gst_kvs_peer_take_key_request (gpointer self, guint track);

/* --- peerinput.c --- */

/* With the peer for `user_data`. */
extern const GstKvsReceptionEvents gst_kvs_peer_reception_events;

/* Takes back every stream that the application was told of. */
void gst_kvs_peer_stop_receiving (GstKvsPeer *self);

/* --- peerchannels.c --- */

/* Where the peer has an m-line for them; before the wire has its description. */
void gst_kvs_peer_make_channels (GstKvsPeer *self);

/* --- peerstall.c --- */

/* Tells by `stalled` when there is no media after 5 s. */
void gst_kvs_peer_start_stall_timer (GstKvsPeer *self);

/* Why a peer is not connected (transfer full). */
char *gst_kvs_peer_explain (GstKvsPeer *self);

G_END_DECLS
