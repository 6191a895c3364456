/* What the signaller is made of, for the files it is written in: awssignaller.c
 * (its states and verbs), awsattempt.c (access, channel, socket), awstrouble.c
 * (when that does not work, or no longer) and awsmessages.c (what is said over the
 * socket). All of it is the worker's. */
#pragma once

#include <gst/gst.h>

#include "access.h"
#include "awssignaller.h"
#include "backoff.h"
#include "channel.h"
#include "client.h"
#include "correlations.h"
#include "displacement.h"
#include "icecache.h"
#include "networkwatch.h"
#include "outbox.h"
#include "socket.h"

G_BEGIN_DECLS

GST_DEBUG_CATEGORY_EXTERN (kvs_signaller_debug);

/* For a `state_changed` that tells of no gap. */
#define KVS_NO_GAP -1

struct _KvsAwsSignaller {
  GObject parent;

  KvsWorker *worker;
  KvsConfig *config;                /* keys in it change with set_credentials */
  const KvsSignallerEvents *events; /* NULL before start and after stop */
  gpointer user_data;
  KvsSignallerState state;
  GCancellable *cancellable; /* of everything under way; cancelled by stop */

  /* Found in this order; what is NULL is looked for by the next attempt. */
  KvsAccess *access;
  gboolean access_stale; /* its keys were refused: look again */
  GError *refusal; /* of keys by the first connection, once that happened */
  KvsCredentials *refused_keys; /* then, until others have been looked for */
  gboolean keys_pushed; /* while access was being found, which missed them */
  KvsClient *client;
  KvsIceCache *ice; /* with the client */
  KvsChannel *channel;
  KvsSocket *socket;

  gboolean attempting; /* a chain from try_again to attempt_failed or adopt */
  gboolean ever_connected; /* failures are for good only before that */
  KvsBackoff backoff;
  GSource *retry; /* the next attempt's timer */
  char *told;     /* the last detail, not to be repeated */

  KvsSpan attempt, finding, opening; /* of the connection to come */
  KvsTimes times;                    /* of the connection there is */

  gint64 socket_opened; /* monotonic */
  gint64 socket_lost;   /* likewise; 0 where it was not */
  KvsSocket *retired;   /* the one before, which is only listened to */
  GSource *retired_timer;
  KvsDisplacement displacement;
  KvsNetworkWatch *network; /* from start to stop */

  KvsOutbox *outbox;
  GSource *outbox_timer;
  KvsCorrelations *correlations;
  const char *offering; /* the peer whose offer is being handed up */
};

/* --- awssignaller.c --- */

/* No event may be sent any more, and nothing begun. */
gboolean kvs_aws_signaller_is_stopped (KvsAwsSignaller *self);

/* Events of the state there is, whatever was told before. `gap_ms` as in
 * KvsSignallerEvents. */
void kvs_aws_signaller_tell_state (KvsAwsSignaller *self, const char *detail,
    gint64 gap_ms);

/* Nothing where it is stopped, or in that state already. */
void kvs_aws_signaller_set_state (KvsAwsSignaller *self,
    KvsSignallerState state, const char *detail);

/* Why the state is what it still is; once, however often it is tried. */
void kvs_aws_signaller_set_detail (KvsAwsSignaller *self, const char *detail);

/* "VERB channel cam1 in eu-west-1" (transfer full); the region is known once there
 * is access. */
char *kvs_aws_signaller_say_channel (KvsAwsSignaller *self, const char *verb);

/* For an asynchronous call's user data: holds the worker until the step is over, as
 * one that is cancelled by stop still has a connection to close, and only the worker
 * can. step_over gives the reference back (transfer full). */
gpointer kvs_aws_signaller_step_begun (KvsAwsSignaller *self);
KvsAwsSignaller *kvs_aws_signaller_step_over (gpointer user_data);

/* What is under way, and what is waited for. */
void kvs_aws_signaller_cancel_all (KvsAwsSignaller *self);

/* --- awsattempt.c --- */

/* Takes up where something is missing: access, channel, socket. One attempt at a
 * time; a socket there is stays until the next has opened. */
void kvs_aws_signaller_try_again (KvsAwsSignaller *self);

/* The socket before this one, which was only listened to. */
void kvs_aws_signaller_close_retired (KvsAwsSignaller *self);

/* --- awstrouble.c --- */

/* Ends the attempt: for good before the first connection, else until the next. */
void kvs_aws_signaller_attempt_failed (KvsAwsSignaller *self,
    const GError *error);

/* KvsNetworkWatch's: what is there may be of no use any more, and what was not
 * there may be. */
void kvs_aws_signaller_network_changed (gpointer self);

/* The next attempt, when the backoff is over. */
void kvs_aws_signaller_retry_later (KvsAwsSignaller *self);

/* KvsSocketEvents.closed of the socket in use. */
void kvs_aws_signaller_closed (gpointer self, guint close_code,
    const char *reason);

/* --- awsmessages.c --- */

/* KvsSocketEvents.text, of the socket in use and of the one before. */
void kvs_aws_signaller_take_text (gpointer self, const char *data,
    gsize length);
void kvs_aws_signaller_take_late_text (gpointer self, const char *data,
    gsize length);

/* What the outbox sends with. */
void kvs_aws_signaller_send_frame (gpointer self, const char *frame);

/* Sends what waits, as fast as the service's limits allow. */
void kvs_aws_signaller_flush_outbox (KvsAwsSignaller *self);

/* Verbs of KvsSignallerInterface. */
void kvs_aws_signaller_send_offer (KvsSignaller *signaller, const char *peer_id,
    const char *sdp);
void kvs_aws_signaller_send_answer (KvsSignaller *signaller,
    const char *peer_id, const char *sdp);
void kvs_aws_signaller_send_candidate (KvsSignaller *signaller,
    const char *peer_id, const char *candidate, const char *mid,
    int mline_index);
void kvs_aws_signaller_forget_peer (KvsSignaller *signaller,
    const char *peer_id);

G_END_DECLS
