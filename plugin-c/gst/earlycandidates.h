/* Candidates that came before their offer, kept for a while, a bounded few. */
#pragma once

#include "peer.h"

G_BEGIN_DECLS

typedef struct _GstKvsEarlyCandidates GstKvsEarlyCandidates;

GstKvsEarlyCandidates *gst_kvs_early_candidates_new (void);
void gst_kvs_early_candidates_free (GstKvsEarlyCandidates *self);

/* Keeps one; dropped when too many are held. Worker only, like all. */
void gst_kvs_early_candidates_keep (GstKvsEarlyCandidates *self,
    const char *peer_id, const char *candidate, const char *mid,
    int mline_index);

/* Hands the peer its own and forgets them. */
void gst_kvs_early_candidates_deliver (GstKvsEarlyCandidates *self,
    GstKvsPeer *peer);

void gst_kvs_early_candidates_forget (GstKvsEarlyCandidates *self,
    const char *peer_id);

G_END_DECLS
