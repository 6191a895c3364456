/* What waits to be sent, in the order and at the pace the service allows. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The quotas are 20 candidates and 5 descriptions a second and WebSocket; no
 * window of this length, wherever it begins, ever holds more than these. */
#define KVS_OUTBOX_WINDOW_US (1050 * G_TIME_SPAN_MILLISECOND)
#define KVS_OUTBOX_CANDIDATES 18
#define KVS_OUTBOX_DESCRIPTIONS 4

/**
 * KvsOutbox:
 * Per peer, descriptions go first and candidates wait for them; between
 * peers, everyone has a turn. So nobody's answer is stuck behind another's
 * candidates. Knows no clock and no socket. One thread.
 */
typedef struct _KvsOutbox KvsOutbox;

typedef void (*KvsOutboxSend) (gpointer user_data, const char *frame);

KvsOutbox *kvs_outbox_new (KvsOutboxSend send, gpointer user_data);
void kvs_outbox_free (KvsOutbox *self);

/* From here on candidates for this peer are taken; what was queued for an
 * earlier one of that name is dropped. */
void kvs_outbox_add_peer (KvsOutbox *self, const char *peer_id);
void kvs_outbox_forget_peer (KvsOutbox *self, const char *peer_id);

/* An offer or answer; adds the peer if need be, replaces one still waiting. */
void kvs_outbox_push_description (KvsOutbox *self, const char *peer_id,
    const char *frame);

/* Returns FALSE, having dropped it, for an unknown peer or a full queue. */
gboolean kvs_outbox_push_candidate (KvsOutbox *self, const char *peer_id,
    const char *frame);

/**
 * kvs_outbox_flush:
 * @now: monotonic microseconds
 *
 * Sends what may go now.
 *
 * Returns: microseconds until it is worth calling again, or -1 when nothing
 * waits that time alone would free.
 */
gint64 kvs_outbox_flush (KvsOutbox *self, gint64 now);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvsOutbox, kvs_outbox_free)

G_END_DECLS
