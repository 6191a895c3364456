/* The seam between signaling and media: verbs down, events up, a peer id on every call. */
#pragma once

#include <gio/gio.h>
#include "iceserver.h"
#include "times.h"

G_BEGIN_DECLS

#define KVS_TYPE_SIGNALLER (kvs_signaller_get_type ())
G_DECLARE_INTERFACE (KvsSignaller, kvs_signaller, KVS, SIGNALLER, GObject)

typedef enum {
  KVS_SIGNALLER_CONNECTING,
  KVS_SIGNALLER_CONNECTED,
  KVS_SIGNALLER_RECONNECTING,
  KVS_SIGNALLER_CLOSED,
} KvsSignallerState;

/* "connecting", "connected", ... Static string. */
const char *kvs_signaller_state_nick (KvsSignallerState state);

/**
 * KvsSignallerEvents:
 * What a signaller tells the media side. Every function is called on the
 * worker, never from inside one of the verbs below. Strings are owned by the
 * signaller and live for the call. Peer ids, SDP and candidates come from the
 * network: the signaller has checked sizes and JSON types, and that text is
 * UTF-8, nothing else.
 */
typedef struct {
  /* `detail` is a sentence for people, e.g. why it reconnects; never NULL.
   * `gap_ms` is for how long an offer could have been lost, in milliseconds:
   * 0 where the next connection was there before the last one went; negative
   * for all but a `connected` that follows another. */
  void (*state_changed) (gpointer user_data, KvsSignallerState state,
      const char *detail, gint64 gap_ms);
  /* A remote offer; a second one from the same peer replaces the first. */
  void (*offer) (gpointer user_data, const char *peer_id, const char *sdp);
  /* A remote answer (viewer role; the peer id is "master" when none was named). */
  void (*answer) (gpointer user_data, const char *peer_id, const char *sdp);
  /* A remote candidate. `candidate` may be "" (end of candidates); `mid` NULL
   * and `mline_index` -1 when the sender did not say. */
  void (*candidate) (gpointer user_data, const char *peer_id,
      const char *candidate, const char *mid, int mline_index);
  /* The service could not deliver something to this peer (STATUS_RESPONSE). */
  void (*undelivered) (gpointer user_data, const char *peer_id,
      const char *reason);
  /* Given up for good: a KVS_ERROR. Nothing follows but `closed`. */
  void (*failed) (gpointer user_data, const GError *error);
} KvsSignallerEvents;

/**
 * KvsSignallerInterface:
 * All verbs are called on the worker and return at once.
 */
struct _KvsSignallerInterface {
  GTypeInterface parent;

  /* Begins; progress and trouble come as events. Called once. */
  void (*start) (KvsSignaller *self, const KvsSignallerEvents *events,
      gpointer user_data);
  /* Cancels everything. After it returns no event is sent any more. Idempotent. */
  void (*stop) (KvsSignaller *self);

  void (*send_offer) (KvsSignaller *self, const char *peer_id, const char *sdp);
  void (
      *send_answer) (KvsSignaller *self, const char *peer_id, const char *sdp);
  /* Queued and paced; `mid` may be NULL. Candidates for a peer that has been forgotten are dropped. */
  void (*send_candidate) (KvsSignaller *self, const char *peer_id,
      const char *candidate, const char *mid, int mline_index);
  /* The peer is gone: drop what is still queued for it. */
  void (*forget_peer) (KvsSignaller *self, const char *peer_id);

  /**
   * STUN and TURN for a new peer, with credentials that live long enough to
   * be used: from the last answer while it is fresh, else fetched again.
   * finish returns a GPtrArray of KvsIceServer (transfer full), or NULL.
   */
  void (*get_ice_servers_async) (KvsSignaller *self, GCancellable *cancellable,
      GAsyncReadyCallback callback, gpointer user_data);
  GPtrArray *(*get_ice_servers_finish) (KvsSignaller *self,
      GAsyncResult *result, GError **error);

  /* When it did what; a signaller that asks no service may leave it out. */
  void (*get_times) (KvsSignaller *self, KvsTimes *times);

  /* New credentials while running; NULL token for none. Any thread. */
  void (*set_credentials) (KvsSignaller *self, const char *access_key,
      const char *secret_key, const char *session_token);
};

void kvs_signaller_start (KvsSignaller *self, const KvsSignallerEvents *events,
    gpointer user_data);
void kvs_signaller_stop (KvsSignaller *self);
void kvs_signaller_send_offer (KvsSignaller *self, const char *peer_id,
    const char *sdp);
void kvs_signaller_send_answer (KvsSignaller *self, const char *peer_id,
    const char *sdp);
void kvs_signaller_send_candidate (KvsSignaller *self, const char *peer_id,
    const char *candidate, const char *mid, int mline_index);
void kvs_signaller_forget_peer (KvsSignaller *self, const char *peer_id);
void kvs_signaller_get_ice_servers_async (KvsSignaller *self,
    GCancellable *cancellable, GAsyncReadyCallback callback,
    gpointer user_data);
GPtrArray *kvs_signaller_get_ice_servers_finish (KvsSignaller *self,
    GAsyncResult *result, GError **error);
/* All zero where the signaller does not say. */
void kvs_signaller_get_times (KvsSignaller *self, KvsTimes *times);
void kvs_signaller_set_credentials (KvsSignaller *self, const char *access_key,
    const char *secret_key, const char *session_token);

G_END_DECLS
