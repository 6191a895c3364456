/* A peer's candidates and ours, which come when they come (RFC 8838). */
#include "peerinternal.h"

#include "candidate.h"

GST_DEBUG_CATEGORY_EXTERN (kvspeer_debug);
#define GST_CAT_DEFAULT kvspeer_debug

/* Of one remote; what comes beyond is dropped. */
#define MAX_CANDIDATES 100

typedef struct {
  char *candidate;
  char *mid;
  int mline_index;
} Candidate;

static void
candidate_free (Candidate *self)
{
  g_free (self->candidate);
  g_free (self->mid);
  g_free (self);
}

static Candidate *
candidate_new (const char *candidate, const char *mid, int mline_index)
{
  Candidate *self = g_new0 (Candidate, 1);

  self->candidate = g_strdup (candidate);
  self->mid = g_strdup (mid);
  self->mline_index = mline_index;
  return self;
}

void
gst_kvs_peer_forget_candidates (GstKvsPeer *self)
{
  g_queue_clear_full (&self->early_remote, (GDestroyNotify) candidate_free);
}

static void
add_candidate (GstKvsPeer *self, const Candidate *candidate)
{
  const char *why;
  g_autofree char *clean =
      gst_kvs_sdp_candidate_clean (candidate->candidate, &why);
  int mline = gst_kvs_sdp_offer_find_mline (self->remote, candidate->mid,
      candidate->mline_index);

  if (clean && mline >= 0)
    gst_kvs_wire_add_candidate (self->wire, clean);
  else
    GST_DEBUG ("%s: candidate dropped: %s", self->id,
        clean ? "for an m-line that was not offered" : why);
}

void
gst_kvs_peer_add_early_candidates (GstKvsPeer *self)
{
  Candidate *candidate;

  for (guint i = 0; i < self->remote->candidates->len; i++) {
    Candidate in_sdp = { g_ptr_array_index (self->remote->candidates, i), NULL,
      (int) gst_kvs_sdp_offer_find_transport (self->remote) };

    self->candidates_seen++;
    add_candidate (self, &in_sdp);
  }
  while ((candidate = g_queue_pop_head (&self->early_remote))) {
    add_candidate (self, candidate);
    candidate_free (candidate);
  }
}

void
gst_kvs_peer_add_candidate (GstKvsPeer *self, const char *candidate,
    const char *mid, int mline_index)
{
  Candidate given = { (char *) candidate, (char *) mid, mline_index };

  if (self->state == STATE_CLOSED || *candidate == '\0')
    return;
  if (++self->candidates_seen > MAX_CANDIDATES) {
    if (self->candidates_seen == MAX_CANDIDATES + 1)
      GST_WARNING ("%s: more than %d candidates, the rest is dropped", self->id,
          MAX_CANDIDATES);
    return;
  }
  if (self->state >= STATE_CONNECTING)
    add_candidate (self, &given);
  else
    g_queue_push_tail (&self->early_remote,
        candidate_new (candidate, mid, mline_index));
}

/* What the peer calls the m-line; in our own offers it is its number. */
static char *
mid_of (GstKvsPeer *self, guint mline)
{
  const GstKvsSdpMedia *media;

  if (self->proposal)
    return g_strdup_printf ("%u", mline);
  media = g_ptr_array_index (self->remote->medias, mline);
  return g_strdup (media->mid);
}

void
gst_kvs_peer_take_local_candidate (gpointer user_data, const char *candidate)
{
  GstKvsPeer *self = user_data;
  guint mline =
      self->proposal ? 0 : gst_kvs_sdp_offer_find_transport (self->remote);
  g_autofree char *mid = mid_of (self, mline);

  gst_kvs_relays_note (self->relays, candidate);
  gst_kvs_tries_note (&self->tries, candidate);
  self->events->candidate (self->user_data, self, candidate, mid, (int) mline);
}
