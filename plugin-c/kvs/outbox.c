#include "outbox.h"

#define CANDIDATES_MAX 256 /* waiting, a peer; a real one has a few dozen */
#define PEERS_MAX 256      /* known; beyond it the oldest is forgotten */

typedef struct {
  char *id;
  char *description;  /* waiting, or NULL */
  gboolean described; /* one has been sent: candidates may follow */
  GQueue candidates;  /* of char *, waiting */
} Peer;

/* When the last `size` were sent: a ring, the oldest at `next`. */
typedef struct {
  gint64 times[KVS_OUTBOX_CANDIDATES];
  guint size;
  guint next;
  guint count;
} Window;

struct _KvsOutbox {
  KvsOutboxSend send;
  gpointer user_data;
  GQueue peers; /* of Peer; whoever had a turn goes to the end */
  Window candidates;
  Window descriptions;
};

static void
peer_clear (Peer *peer)
{
  g_clear_pointer (&peer->description, g_free);
  g_queue_clear_full (&peer->candidates, g_free);
}

static void
peer_free (Peer *peer)
{
  peer_clear (peer);
  g_free (peer->id);
  g_free (peer);
}

KvsOutbox *
kvs_outbox_new (KvsOutboxSend send, gpointer user_data)
{
  KvsOutbox *self = g_new0 (KvsOutbox, 1);

  self->send = send;
  self->user_data = user_data;
  g_queue_init (&self->peers);
  self->candidates.size = KVS_OUTBOX_CANDIDATES;
  self->descriptions.size = KVS_OUTBOX_DESCRIPTIONS;

  return self;
}

void
kvs_outbox_free (KvsOutbox *self)
{
  if (self == NULL)
    return;

  g_queue_clear_full (&self->peers, (GDestroyNotify) peer_free);
  g_free (self);
}

static GList *
find_peer (KvsOutbox *self, const char *peer_id)
{
  for (GList *link = self->peers.head; link != NULL; link = link->next) {
    Peer *peer = link->data;

    if (g_str_equal (peer->id, peer_id))
      return link;
  }
  return NULL;
}

static Peer *
ensure_peer (KvsOutbox *self, const char *peer_id)
{
  GList *link = find_peer (self, peer_id);
  Peer *peer;

  if (link != NULL)
    return link->data;

  /* A peer that was refused is never heard of again. */
  if (g_queue_get_length (&self->peers) >= PEERS_MAX)
    peer_free (g_queue_pop_head (&self->peers));

  peer = g_new0 (Peer, 1);
  peer->id = g_strdup (peer_id);
  g_queue_init (&peer->candidates);
  g_queue_push_tail (&self->peers, peer);
  return peer;
}

void
kvs_outbox_add_peer (KvsOutbox *self, const char *peer_id)
{
  Peer *peer = ensure_peer (self, peer_id);

  peer_clear (peer);
  peer->described = FALSE;
}

void
kvs_outbox_forget_peer (KvsOutbox *self, const char *peer_id)
{
  GList *link = find_peer (self, peer_id);

  if (link == NULL)
    return;

  peer_free (link->data);
  g_queue_delete_link (&self->peers, link);
}

void
kvs_outbox_push_description (KvsOutbox *self, const char *peer_id,
    const char *frame)
{
  Peer *peer = ensure_peer (self, peer_id);

  g_free (peer->description);
  peer->description = g_strdup (frame);
}

gboolean
kvs_outbox_push_candidate (KvsOutbox *self, const char *peer_id,
    const char *frame)
{
  GList *link = find_peer (self, peer_id);
  Peer *peer = link != NULL ? link->data : NULL;

  if (peer == NULL || g_queue_get_length (&peer->candidates) >= CANDIDATES_MAX)
    return FALSE;

  g_queue_push_tail (&peer->candidates, g_strdup (frame));
  return TRUE;
}

/* How long until one more may go; 0 for now. */
static gint64
window_wait (const Window *window, gint64 now)
{
  if (window->count < window->size)
    return 0;
  return MAX (0, window->times[window->next] + KVS_OUTBOX_WINDOW_US - now);
}

static void
window_add (Window *window, gint64 now)
{
  window->times[window->next] = now;
  window->next = (window->next + 1) % window->size;
  window->count = MIN (window->count + 1, window->size);
}

static gboolean
has_description (const Peer *peer)
{
  return peer->description != NULL;
}

static gboolean
has_candidate (const Peer *peer)
{
  return peer->described && peer->description == NULL
      && !g_queue_is_empty ((GQueue *) &peer->candidates);
}

/* The first peer that has one, moved to the end of the line. */
static Peer *
take_turn (KvsOutbox *self, gboolean (*has) (const Peer *peer))
{
  for (GList *link = self->peers.head; link != NULL; link = link->next) {
    if (!has (link->data))
      continue;

    g_queue_unlink (&self->peers, link);
    g_queue_push_tail_link (&self->peers, link);
    return link->data;
  }
  return NULL;
}

static gboolean
is_waiting (KvsOutbox *self, gboolean (*has) (const Peer *peer))
{
  for (GList *link = self->peers.head; link != NULL; link = link->next) {
    if (has (link->data))
      return TRUE;
  }
  return FALSE;
}

static void
flush_descriptions (KvsOutbox *self, gint64 now)
{
  Peer *peer;

  while (window_wait (&self->descriptions, now) == 0
      && (peer = take_turn (self, has_description)) != NULL) {
    g_autofree char *frame = g_steal_pointer (&peer->description);

    peer->described = TRUE;
    window_add (&self->descriptions, now);
    self->send (self->user_data, frame);
  }
}

static void
flush_candidates (KvsOutbox *self, gint64 now)
{
  Peer *peer;

  while (window_wait (&self->candidates, now) == 0
      && (peer = take_turn (self, has_candidate)) != NULL) {
    g_autofree char *frame = g_queue_pop_head (&peer->candidates);

    window_add (&self->candidates, now);
    self->send (self->user_data, frame);
  }
}

gint64
kvs_outbox_flush (KvsOutbox *self, gint64 now)
{
  gint64 wait = G_MAXINT64;

  flush_descriptions (self, now);
  flush_candidates (self, now);

  if (is_waiting (self, has_description))
    wait = MIN (wait, window_wait (&self->descriptions, now));
  if (is_waiting (self, has_candidate))
    wait = MIN (wait, window_wait (&self->candidates, now));

  return wait == G_MAXINT64 ? -1 : wait;
}
