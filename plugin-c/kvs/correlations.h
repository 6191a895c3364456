/* Which peer a message was for, when its status comes back. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Remembers the last few dozen descriptions sent. */
typedef struct _KvsCorrelations KvsCorrelations;

KvsCorrelations *kvs_correlations_new (void);
void kvs_correlations_free (KvsCorrelations *self);

/* A new id for a message to this peer. */
char *kvs_correlations_add (KvsCorrelations *self, const char *peer_id);

/* NULL when it is not, or no longer, known. Owned by `self`. */
const char *kvs_correlations_find (KvsCorrelations *self,
    const char *correlation_id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvsCorrelations, kvs_correlations_free)

G_END_DECLS
