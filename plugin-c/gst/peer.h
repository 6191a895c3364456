/* One remote: the negotiation with it, what it is sent and sends, and its end. */
#pragma once

#include "audience.h"
#include "iceserver.h"
#include "input.h"
#include "metrics.h"
#include "output.h"
#include "choice.h"
#include "net.h"
#include "proposal.h"
#include "reaper.h"
#include "stall.h"

G_BEGIN_DECLS

#define GST_TYPE_KVS_PEER (gst_kvs_peer_get_type ())
G_DECLARE_FINAL_TYPE (GstKvsPeer, gst_kvs_peer, GST_KVS, PEER, GObject)

/**
 * GstKvsPeerPath:
 * How a connected peer is reached: candidate types ("host", "srflx", "prflx",
 * "relay") and "udp", "tcp", or "tls" to
 * a relay of ours.
 */
typedef struct {
  const char *local_candidate;
  const char *remote_candidate;
  const char *protocol;
} GstKvsPeerPath;

/**
 * GstKvsPeerEvents:
 * All on the worker. After `closed` nothing more comes; a peer that closes by
 * itself and one that is closed by gst_kvs_peer_close both end with it.
 */
typedef struct {
  void (*offer) (gpointer user_data, GstKvsPeer *peer, const char *sdp);
  void (*answer) (gpointer user_data, GstKvsPeer *peer, const char *sdp);
  void (*candidate) (gpointer user_data, GstKvsPeer *peer,
      const char *candidate, const char *mid, int mline_index);
  void (*connected) (gpointer user_data, GstKvsPeer *peer,
      const GstKvsPeerPath *path, gint64 setup_ms);
  /* The first frame to a peer that offered went out; the first that can be
   * decoded of a peer that answered came in. After `connected`. */
  void (*first_frame) (gpointer user_data, GstKvsPeer *peer, GstKvsMedia media,
      gint64 ms);
  /* 5 s after its offer, or the answer to ours, the peer is not connected, or no
   * picture has gone to it or come from it, or nothing at all, though it
   * should. `media` is what there is none of: "video", "audio" or, of one that
   * is not connected, "media". At most once. */
  void (*stalled) (gpointer user_data, GstKvsPeer *peer, GstKvsStage stage,
      const char *media, const char *detail, gint64 ms);
  /* The peer sends something: a stream for the application. It stays until
   * the peer closes, when track_removed comes, before `closed`. */
  void (*track_added) (gpointer user_data, GstKvsPeer *peer,
      GstKvsOutput *output);
  void (*track_removed) (gpointer user_data, GstKvsPeer *peer,
      GstKvsOutput *output);
  /* A data channel can be sent on; after `connected`, once for each. */
  void (*channel_opened) (gpointer user_data, GstKvsPeer *peer,
      const char *label);
  /* Text on a data channel. What is returned (transfer full) is sent back on
   * the same one; NULL for nothing. */
  char **(*text) (gpointer user_data, GstKvsPeer *peer, const char *label,
      const char *text);
  void (*closed) (gpointer user_data, GstKvsPeer *peer, const char *reason);
} GstKvsPeerEvents;

/**
 * GstKvsPeerLeg:
 * One m-line to send on. The input has been acquired for `fanout` by whoever
 * made the leg; the peer gives it back when it closes.
 */
typedef struct {
  guint mline;
  const GstKvsSdpCodec *codec; /* of the offer */
  GstKvsInput *input;
  GstKvsFanout *fanout;
} GstKvsPeerLeg;

typedef struct {
  KvsWorker *worker;
  RtcNet *net;
  GstKvsReaper *reaper;
  GstKvsAudience *audience; /* outlives the peer's closing */
  GstKvsTiming timing;
  const char *stun_server; /* the user's, or NULL for the service's */
  gboolean relay_only;
} GstKvsPeerContext;

/* `events` is static; `id` is the peer's name in messages and in the channel. */
GstKvsPeer *gst_kvs_peer_new (const char *id, const GstKvsPeerContext *context,
    const GstKvsPeerEvents *events, gpointer user_data);

const char *gst_kvs_peer_get_id (GstKvsPeer *self);

/* Whether `connected` has been reported. */
gboolean gst_kvs_peer_is_connected (GstKvsPeer *self);

/**
 * gst_kvs_peer_answer:
 * @offer: (transfer full)
 * @legs: (transfer full): array of GstKvsPeerLeg, those m-lines we send on
 * @choices: (transfer full): GstKvsSdpChoice for each m-line of the offer
 * @ice_servers: of KvsIceServer, may be NULL
 *
 * Makes the way to the peer and answers. Trouble comes as `closed`. Once.
 */
void gst_kvs_peer_answer (GstKvsPeer *self, GstKvsSdpOffer *offer, GArray *legs,
    GstKvsSdpChoice *choices, GPtrArray *ice_servers);

/**
 * gst_kvs_peer_set_muted:
 * Whether the peer is sent no media: from now on, or from its connection on.
 * Data and what the peer itself sends go on. Picture starts again with a key
 * frame.
 */
void gst_kvs_peer_set_muted (GstKvsPeer *self, gboolean is_muted);

/**
 * gst_kvs_peer_offer:
 * @proposal: (transfer full)
 * @ice_servers: of KvsIceServer, may be NULL
 *
 * Makes the way to the peer and offers; the other way to begin. Once.
 */
void gst_kvs_peer_offer (GstKvsPeer *self, GstKvsSdpProposal *proposal,
    GPtrArray *ice_servers);

/* Whether its offer is still being made. */
gboolean gst_kvs_peer_is_calling (GstKvsPeer *self);

/* What was offered, while it has not been answered; else NULL (transfer none). */
const GstKvsSdpProposal *gst_kvs_peer_get_open_proposal (GstKvsPeer *self);

/**
 * gst_kvs_peer_accept:
 * @answer: (transfer full): to the open proposal
 * @legs: (transfer full): array of GstKvsPeerLeg, those m-lines we send on
 * @choices: (transfer full): GstKvsSdpChoice for each m-line of the proposal
 *
 * Trouble comes as `closed`. Once.
 */
void gst_kvs_peer_accept (GstKvsPeer *self, GstKvsSdpOffer *answer,
    GArray *legs, GstKvsSdpChoice *choices);

/* Sends text on the peer's open data channels; how many there were. */
guint gst_kvs_peer_send_text (GstKvsPeer *self, const char *text);

/* When what happened; 0 for what has not. */
void gst_kvs_peer_get_times (GstKvsPeer *self, GstKvsPeerTimes *times);

/* A remote candidate, before or after the answer; bad ones are dropped. */
void gst_kvs_peer_add_candidate (GstKvsPeer *self, const char *candidate,
    const char *mid, int mline_index);

/* Lets the audience know what the peer's path has room for, and then the path
 * what would be sent over it: before, and after gst_kvs_audience_update. */
void gst_kvs_peer_tell_path (GstKvsPeer *self);
void gst_kvs_peer_tell_wanted (GstKvsPeer *self);

/* Whether it is sent this stream. */
gboolean gst_kvs_peer_sends (GstKvsPeer *self, GstKvsFanout *fanout);

/**
 * gst_kvs_peer_close:
 * Reports `closed` at once, then takes everything down in the background
 * (the reaper knows when that is over). Idempotent. Worker only, like all.
 */
void gst_kvs_peer_close (GstKvsPeer *self, const char *reason);

void gst_kvs_peer_set_timing (GstKvsPeer *self, const GstKvsTiming *timing);

/* As many cameras as statistics tell of. */
#define GST_KVS_CAMERA_STATS 8

/* One picture that is sent; sizes are 0 before its first frame. */
typedef struct {
  const char *codec;
  int width, height;
  guint64 frames; /* sent */
} GstKvsCameraStats;

/**
 * GstKvsPeerStats:
 * What RTP knows: bytes of media and headers, packets, and what the peer's
 * last receiver reports said (-1 where there was none). Strings are the
 * peer's, NULL where there is nothing to say.
 */
typedef struct {
  const char *state; /* "new", "negotiating", "connecting", "connected" */
  gboolean is_muted;
  const GstKvsPeerPath *path;
  GstKvsCameraStats cameras[GST_KVS_CAMERA_STATS];
  guint n_cameras;
  const char *audio_codec; /* sent */
  guint data_channels;     /* open now */
  guint64 bytes_sent;
  guint64 packets_sent;
  guint64 bytes_received;
  guint64 frames_received; /* pictures */
  gint64 packets_lost;
  double round_trip_ms;
  guint64 nacks;
  guint64 plis;
  gint64 estimate; /* bit/s that the path can take, -1 where it is not known */
  gint64 target;   /* bit/s that the layers make that are sent */
  double loss;     /* 0 to 1, between the peer's last two reports */
  guint layer;     /* in time, the highest that is sent */
  guint rung;      /* how often the picture's size was halved */
  gint64 duration_ms; /* since connected */
} GstKvsPeerStats;

/* Works after gst_kvs_peer_close too, inside `closed`. */
void gst_kvs_peer_get_stats (GstKvsPeer *self, GstKvsPeerStats *stats);

G_END_DECLS
