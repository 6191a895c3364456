/* From a channel's name to its endpoints: describe, create, wait, endpoints. */
#pragma once

#include <gio/gio.h>

#include "client.h"
#include "config.h"
#include "times.h"

G_BEGIN_DECLS

/* Where a channel's two data endpoints are; no trailing slashes. */
typedef struct {
  char *arn;
  char *https;
  char *wss;
  KvsSpan described, created, located; /* when it was found */
} KvsChannel;

void kvs_channel_free (KvsChannel *channel);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvsChannel, kvs_channel_free)

/**
 * kvs_channel_open_async:
 * @config: read during this call only
 * @base: the control plane
 * @is_regional: whether `base` is AWS's own
 *
 * A master creates a channel that is missing, if it may; one that is being
 * created is waited for. Plain http and ws endpoints are taken only from a
 * control plane that is plain itself.
 *
 * Errors: any KVS_ERROR, cancelled.
 */
void kvs_channel_open_async (KvsClient *client, const KvsConfig *config,
    const char *base, gboolean is_regional, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data);

KvsChannel *kvs_channel_open_finish (GAsyncResult *result, GError **error);

G_END_DECLS
