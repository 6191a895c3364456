/* Bytes from one stream to another, one way, without waiting. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _KvsFlow KvsFlow;

/* `error` is NULL when the source came to its end. Once; the flow is still to
 * be freed, from here or later. */
typedef void (*KvsFlowEnded) (gpointer user_data, const GError *error);

/**
 * kvs_flow_new:
 *
 * Copies in the thread's default context until one end ends. Holds 16 kB at
 * the most, and reads nothing while that waits to be written: what sends is
 * slowed down to what the other end takes.
 */
KvsFlow *kvs_flow_new (GPollableInputStream *from, GPollableOutputStream *to,
    KvsFlowEnded ended, gpointer user_data);

guint64 kvs_flow_get_count (KvsFlow *self);

void kvs_flow_free (KvsFlow *self);

G_END_DECLS
