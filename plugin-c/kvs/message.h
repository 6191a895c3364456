/* Messages of the signaling WebSocket, as text and as values. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The service takes payloads of 10 000 characters; a frame adds names around
 * it. Six times that leaves room for a quota that grows. */
#define KVS_MESSAGE_MAX_LENGTH (64 * 1024)

/* What the service promises to carry in one payload (quota page). */
#define KVS_MESSAGE_MAX_PAYLOAD 10000

typedef enum {
  KVS_MESSAGE_UNKNOWN, /* `type` says what it calls itself */
  KVS_MESSAGE_SDP_OFFER,
  KVS_MESSAGE_SDP_ANSWER,
  KVS_MESSAGE_ICE_CANDIDATE,
  KVS_MESSAGE_GO_AWAY,
  KVS_MESSAGE_RECONNECT_ICE_SERVER,
  KVS_MESSAGE_STATUS_RESPONSE,
} KvsMessageKind;

/**
 * KvsMessage:
 * One message from the service. Only the members of its kind are set.
 */
typedef struct {
  KvsMessageKind kind;
  char *type;    /* as on the wire */
  char *peer_id; /* NULL when no sender is named */

  char *sdp; /* SDP_OFFER, SDP_ANSWER */

  char *candidate; /* ICE_CANDIDATE; "" ends them */
  char *mid;       /* NULL when not said */
  int mline_index; /* -1 when not said */

  int status_code; /* STATUS_RESPONSE; 0 when not said */
  char *correlation_id;
  char *error_type;
  char *description;
} KvsMessage;

void kvs_message_free (KvsMessage *message);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvsMessage, kvs_message_free)

/**
 * kvs_message_parse:
 * Reads one text frame. Both spellings of the official clients are taken.
 * Sizes, types, base64 and UTF-8 are checked; the contents of SDP and
 * candidates are not.
 *
 * Errors: KVS_ERROR_PROTOCOL; the message names the kind of mistake and quotes
 * nothing.
 */
KvsMessage *kvs_message_parse (const char *data, gsize length, GError **error);

/**
 * kvs_message_format_sdp:
 * @kind: KVS_MESSAGE_SDP_OFFER or KVS_MESSAGE_SDP_ANSWER
 * @peer_id: (nullable): NULL from a viewer, whose messages all go to the master
 * @correlation_id: (nullable): comes back in a STATUS_RESPONSE if this
 *   message cannot be delivered
 */
char *kvs_message_format_sdp (KvsMessageKind kind, const char *peer_id,
    const char *sdp, const char *correlation_id);

/* `mid` may be NULL, `mline_index` negative: both are then sent as null. */
char *kvs_message_format_candidate (const char *peer_id, const char *candidate,
    const char *mid, int mline_index);

G_END_DECLS
