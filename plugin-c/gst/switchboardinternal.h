/* What the switchboard is made of, for the files it is written in:
 * switchboard.c (who is let in), negotiating.c (up to the descriptions),
 * peerevents.c (what peers tell) and requests.c (what the application asks).
 * All of it is the worker's. */
#pragma once

#include "caller.h"
#include "earlycandidates.h"
#include "links.h"
#include "playout.h"
#include "switchboard.h"

G_BEGIN_DECLS

/* What a viewer calls its one peer. */
#define MASTER_ID "master"

/* One remote, from its offer, or ours, to its end. */
typedef struct {
  GstKvsSwitchboard *owner; /* no reference */
  GstKvsPeer *peer;
  GstKvsSdpOffer *offer;     /* until it is answered */
  gboolean is_call;          /* ours to offer, until that is done */
  gboolean is_quiet;         /* its end is no news */
  GCancellable *cancellable; /* of the request for ICE servers */
  GPtrArray *ice_servers;
  gboolean has_ice_servers;
  GSource *input_timer;
  gboolean stopped_waiting; /* for inputs without caps */
} GstKvsSession;

struct _GstKvsSwitchboard {
  GObject parent;

  GstElement *element;
  KvsWorker *worker;
  KvsSignaller *signaller;
  GstKvsReaper *reaper;
  RtcNet *net;
  GstKvsSettings settings;
  GstKvsInputsFunc get_inputs;
  gpointer user_data;

  /* Worker only. */
  GHashTable *sessions; /* peer id → GstKvsSession */
  GstKvsEarlyCandidates *early;
  GstKvsLinks *links;
  GSource *stats_timer;
  GSource *audience_timer;
  GstKvsAudience *audience;
  gboolean is_stopped;
  gboolean has_ended;    /* the application has said that its streams end */
  gboolean has_signaled; /* it was connected, once */
  gboolean has_played;
  GstKvsCaller *caller;   /* of a viewer, else NULL */
  GstKvsPlayout *playout; /* likewise */
};

GST_DEBUG_CATEGORY_EXTERN (kvsswitchboard_debug);

/* --- switchboard.c --- */

/* The session with a peer of that id, or NULL. */
GstKvsSession *gst_kvs_switchboard_find (GstKvsSwitchboard *self,
    const char *peer_id);

/* What is behind the pads of viewers that have left is told of the end, if
 * there is one: a muxer there would wait for the next viewer. Worker. */
void gst_kvs_switchboard_end_idle_links (GstKvsSwitchboard *self);

/* Tells the application that an offer leads to nothing, and why. */
void gst_kvs_switchboard_refuse (GstKvsSwitchboard *self, const char *peer_id,
    const char *reason);

/* Nothing where there is no such session; it is gone on return. */
void gst_kvs_switchboard_close (GstKvsSwitchboard *self, const char *peer_id,
    const char *reason);

/* A viewer calls its master when it may; what is missing is looked at. */
void gst_kvs_switchboard_start_calling (GstKvsSwitchboard *self);

/* Lets the audience know what the settings are now. */
void gst_kvs_switchboard_set_audience (GstKvsSwitchboard *self);

/* --- negotiating.c --- */

/* First for ICE servers; the description follows when they, and the inputs' caps,
 * are there. Trouble comes as the peer's `closed`. */
void gst_kvs_switchboard_negotiate (GstKvsSwitchboard *self,
    GstKvsSession *session);

/* KvsSignallerEvents.answer. */
void gst_kvs_switchboard_take_answer (gpointer self, const char *peer_id,
    const char *sdp);

/* With a timing to clear: a GstKvsAudienceContextFunc. */
GstKvsEncoderContext gst_kvs_switchboard_encoder_context (gpointer self);

/* --- peerevents.c --- */

/* With the switchboard for `user_data`. */
extern const GstKvsPeerEvents gst_kvs_switchboard_peer_events;

/* A viewer's stream has its pad: a GstKvsPlayoutFunc. */
void gst_kvs_switchboard_screen_added (gpointer self, GstKvsOutput *output);

/* A viewer's pads go, at the end: until then the master might have come back. */
void gst_kvs_switchboard_remove_screens (GstKvsSwitchboard *self);

G_END_DECLS
