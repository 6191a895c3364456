/* STUN and TURN servers, kept while they are good. */
#pragma once

#include <gio/gio.h>

#include "channel.h"
#include "client.h"

G_BEGIN_DECLS

#define KVS_TYPE_ICE_CACHE (kvs_ice_cache_get_type ())
G_DECLARE_FINAL_TYPE (KvsIceCache, kvs_ice_cache, KVS, ICE_CACHE, GObject)

/**
 * kvs_ice_cache_new:
 * @transport: for relays over TLS, handed out with them
 * @stun_uri: (nullable): comes first in every list
 * @client_id: a master sends its own, too
 */
KvsIceCache *kvs_ice_cache_new (KvsClient *client, KvsTransport *transport,
    const char *stun_uri, const char *client_id);

/* Where to ask; until then there is only STUN. */
void kvs_ice_cache_set_channel (KvsIceCache *self, const KvsChannel *channel);

/* Forgets the servers: the next request fetches. */
void kvs_ice_cache_drop (KvsIceCache *self);

/**
 * kvs_ice_cache_get_async:
 *
 * The servers held while more than two thirds of their time is left, else new
 * ones; whoever asks meanwhile gets the same answer. A fetch that fails is no
 * failure here: the result is then what still lives, at worst STUN alone or
 * nothing, since many peers connect without TURN.
 *
 * Two thirds: a TURN allocation is refreshed with the credentials it was made
 * with, so a peer should start with most of their five minutes ahead, and one
 * fetch in 100 s is far below the quota of 5 a second.
 *
 * Errors: cancelled only.
 */
void kvs_ice_cache_get_async (KvsIceCache *self, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data);

/* Returns: (transfer full): a GPtrArray of KvsIceServer. */
GPtrArray *kvs_ice_cache_get_finish (KvsIceCache *self, GAsyncResult *result,
    GError **error);

/* When the last fetch was. */
KvsSpan kvs_ice_cache_get_span (KvsIceCache *self);

/* Ends a fetch that is under way; those who wait get what there is. */
void kvs_ice_cache_stop (KvsIceCache *self);

G_END_DECLS
