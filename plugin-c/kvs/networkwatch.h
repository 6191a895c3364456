/* That this machine's network has changed: addresses, routes or links. */
#pragma once

#include "worker.h"

G_BEGIN_DECLS

typedef struct _KvsNetworkWatch KvsNetworkWatch;

/**
 * kvs_network_watch_new:
 * @changed: called on the worker, a moment after a change, and at most every
 *   few seconds however many there are
 *
 * From the kernel itself (rtnetlink(7)): GNetworkMonitor's changes come to
 * whatever context was there when the process first asked for one, which need
 * not be running. Where there is no netlink nothing is ever told. On the
 * worker; free with kvs_network_watch_free.
 */
KvsNetworkWatch *kvs_network_watch_new (KvsWorker *worker,
    void (*changed) (gpointer user_data), gpointer user_data);

/* On the worker. Nothing is told any more. */
void kvs_network_watch_free (KvsNetworkWatch *self);

G_END_DECLS
