#include "earlycandidates.h"

/* Ten viewers may connect at once, each with a dozen candidates. */
#define MAX_PEERS 16
#define MAX_PER_PEER 32
/* Those of a peer that has just left come late too, and lead to nothing. */
#define KEEP_US (30 * G_TIME_SPAN_SECOND)

typedef struct {
  char *candidate;
  char *mid;
  int mline_index;
} Candidate;

typedef struct {
  gint64 since_us;
  GPtrArray *candidates;
} Entry;

struct _GstKvsEarlyCandidates {
  GHashTable *entries; /* peer id → Entry */
};

static void
candidate_free (gpointer data)
{
  Candidate *candidate = data;

  g_free (candidate->candidate);
  g_free (candidate->mid);
  g_free (candidate);
}

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_ptr_array_unref (entry->candidates);
  g_free (entry);
}

GstKvsEarlyCandidates *
gst_kvs_early_candidates_new (void)
{
  GstKvsEarlyCandidates *self = g_new0 (GstKvsEarlyCandidates, 1);

  self->entries =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, entry_free);
  return self;
}

void
gst_kvs_early_candidates_free (GstKvsEarlyCandidates *self)
{
  g_hash_table_unref (self->entries);
  g_free (self);
}

static gboolean
is_old (gpointer key, gpointer value, gpointer user_data)
{
  Entry *entry = value;

  return g_get_monotonic_time () - entry->since_us > KEEP_US;
}

static Entry *
find_or_add (GstKvsEarlyCandidates *self, const char *peer_id)
{
  Entry *entry = g_hash_table_lookup (self->entries, peer_id);

  if (entry)
    return entry;
  g_hash_table_foreach_remove (self->entries, is_old, NULL);
  if (g_hash_table_size (self->entries) >= MAX_PEERS)
    return NULL;
  entry = g_new0 (Entry, 1);
  entry->since_us = g_get_monotonic_time ();
  entry->candidates = g_ptr_array_new_with_free_func (candidate_free);
  g_hash_table_insert (self->entries, g_strdup (peer_id), entry);
  return entry;
}

void
gst_kvs_early_candidates_keep (GstKvsEarlyCandidates *self, const char *peer_id,
    const char *candidate, const char *mid, int mline_index)
{
  Entry *entry = find_or_add (self, peer_id);
  Candidate *kept;

  if (!entry || entry->candidates->len >= MAX_PER_PEER)
    return;
  kept = g_new0 (Candidate, 1);
  kept->candidate = g_strdup (candidate);
  kept->mid = g_strdup (mid);
  kept->mline_index = mline_index;
  g_ptr_array_add (entry->candidates, kept);
}

void
gst_kvs_early_candidates_deliver (GstKvsEarlyCandidates *self, GstKvsPeer *peer)
{
  const char *peer_id = gst_kvs_peer_get_id (peer);
  Entry *entry = g_hash_table_lookup (self->entries, peer_id);

  for (guint i = 0; entry && i < entry->candidates->len; i++) {
    Candidate *kept = g_ptr_array_index (entry->candidates, i);

    gst_kvs_peer_add_candidate (peer, kept->candidate, kept->mid,
        kept->mline_index);
  }
  g_hash_table_remove (self->entries, peer_id);
}

void
gst_kvs_early_candidates_forget (GstKvsEarlyCandidates *self,
    const char *peer_id)
{
  g_hash_table_remove (self->entries, peer_id);
}
