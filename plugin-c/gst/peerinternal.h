/* What a peer is made of, for the two ways to negotiate: answering.c and offering.c. */
#pragma once

#include <gst/webrtc/webrtc.h>

#include "datachannels.h"
#include "peer.h"
#include "receiver.h"
#include "relays.h"
#include "stall.h"
#include "watchdog.h"
#include "webrtc.h"

G_BEGIN_DECLS

typedef enum {
  STATE_NEW, /* no description yet */
  STATE_NEGOTIATING,
  STATE_CONNECTING, /* offer and answer are known */
  STATE_ACTIVE,     /* connected, fingerprint checked, media flows */
  STATE_CLOSED,
} State;

/* One m-line we send on. */
typedef struct {
  GstKvsPeerLeg plan;
  GstKvsPeer *peer; /* no reference: the peer owns the leg */
  GstElement *src;
  GstPad *pad; /* webrtcbin's */
  GstKvsConsumer *consumer;
  gboolean sent_first;     /* atomic, until it is reported */
  gboolean reported_first; /* worker only */
} Leg;

struct _GstKvsPeer {
  GObject parent;

  char *id;
  KvsWorker *worker;
  GstKvsReaper *reaper;
  GstKvsTiming timing;
  char *stun_server;
  gboolean relay_only;
  const GstKvsPeerEvents *events;
  gpointer user_data;

  /* Everything below is the worker's. */
  State state;
  GstElement *pipeline;
  GstElement *webrtc;
  GstWebRTCDTLSTransport *dtls;
  GstKvsSdpProposal *proposal; /* of a peer we offered to */
  GstKvsSdpOffer *remote;      /* its offer, or its answer */
  GstKvsSdpChoice *choices;    /* by m-line */
  GstKvsReceiver *receiver;
  GstKvsDataChannels *channels;
  GstKvsRelays *relays;
  GPtrArray *outputs; /* of GstKvsOutput, added and not removed */
  GPtrArray *legs;
  GPtrArray *pads; /* webrtcbin's, by m-line of the proposal; NULL where none */
  guint promises;  /* asked of webrtcbin and not answered */
  gboolean has_remote;    /* webrtcbin knows its description */
  gboolean has_sent;      /* our description is out */
  gboolean is_open;       /* our offer has been made */
  gboolean was_announced; /* `connected` has been reported */
  gboolean is_muted;
  GstKvsWebrtcPath found; /* when it is announced */
  GstKvsPeerPath path;    /* of `found` */
  gboolean is_reaped;
  guint candidates_seen;
  GQueue early_remote; /* of Candidate, until has_remote */
  GQueue early_local;  /* of Candidate, until has_sent */
  GSource *connect_timer;
  GSource *stall_timer; /* until it has run out */
  GstKvsTries tries;
  guint frames_received; /* bits by GstKvsMedia: reported */
  GSource *path_timer;
  guint path_asked;
  GSource *promise_timer;
  GstKvsWatchdog *watchdog;
  gint64 offered_us;
  gint64 described_us; /* our description was sent */
  gint64 connected_us;
  KvsSpan gathering; /* of local candidates */
  int first_received
      [2]; /* atomic, by GstKvsMedia: a frame came, not reported */
};

/* What webrtcbin replied to a promise, or NULL; on the worker, of a peer that is open. */
typedef void (*GstKvsPeerStep) (GstKvsPeer *self, const GstStructure *reply);

/* Tells by `stalled` when there is no media after 5 s. */
void gst_kvs_peer_start_stall_timer (GstKvsPeer *self);

GstPromise *gst_kvs_peer_promise (GstKvsPeer *self, GstKvsPeerStep func);

/* Closes and returns TRUE when webrtcbin says that it could not. */
gboolean gst_kvs_peer_close_on_error (GstKvsPeer *self,
    const GstStructure *reply, const char *what);

/* The pipeline and its webrtcbin, playing; FALSE when they could not be made. */
gboolean gst_kvs_peer_build (GstKvsPeer *self, GPtrArray *ice_servers);

/* Of GstKvsPeerLeg (transfer full). */
void gst_kvs_peer_take_legs (GstKvsPeer *self, GArray *legs);

/* webrtcbin has answered the remote description: links what is to be sent, and
 * hands on the candidates that came with it and before. FALSE when it was
 * refused (`what` says of what) or that failed; the peer is closed then. */
gboolean gst_kvs_peer_take_remote (GstKvsPeer *self, const GstStructure *reply,
    const char *what);

/* Our description is out: local candidates may follow it. */
void gst_kvs_peer_send_candidates (GstKvsPeer *self);

/* A peer that is not connected when this ends is closed. */
void gst_kvs_peer_start_connect_timer (GstKvsPeer *self);

/* Both descriptions are set: the rest is the network's doing. */
void gst_kvs_peer_connect (GstKvsPeer *self);

G_END_DECLS
