/* Which pictures are for this peer: from a key frame on, and not too late. */
#include "outboundinternal.h"

/* A picture that waits longer is of the past; a key frame, which others need
 * and which would have to be made again, may be of a longer one. */
#define LATE_US (600 * 1000)
#define LATE_KEY_US (1500 * 1000)

/* Behind what waits so long is no better place for a key frame: it may be of
 * the smaller size that the path takes. */
#define OVERTAKEN_US (200 * 1000)

/* A path that is too thin for the lowest layer shall not have all viewers' key
 * frames made for it alone. */
#define KEY_PATIENCE_MAX_US (3 * G_USEC_PER_SEC)
#define FORGIVEN_US (20 * G_USEC_PER_SEC)

static gboolean
has_key (RtcOutTrack *track)
{
  for (guint i = 0; i < track->queue.n_frames; i++)
    if (rtc_frame_queue_get (&track->queue, i)->frame->is_key)
      return TRUE;
  return FALSE;
}

/* Its frames were too late not long ago. */
static gboolean
is_thin (const RtcOutTrack *track, gint64 now_us)
{
  return now_us - track->dropped_us < FORGIVEN_US;
}

static gboolean
is_impatient (const RtcOutTrack *track, gint64 now_us)
{
  return now_us - track->key_wanted_us < track->key_patience_us;
}

static void
want_key (RtcOutbound *self, guint index, gint64 now_us)
{
  self->tracks[index]->key_wanted_us = now_us;
  rtc_outbound_want_key (self, index);
}

void
rtc_outbound_ask_for_key (RtcOutbound *self, guint index, gint64 now_us)
{
  RtcOutTrack *track = self->tracks[index];

  if (!has_key (track)
      && !(is_thin (track, now_us) && is_impatient (track, now_us)))
    want_key (self, index, now_us);
}

/* The same on our own account. */
static void
need_key (RtcOutbound *self, guint index, gint64 now_us)
{
  /* While the path is full it would wait, and be late when it goes. */
  if (!rtc_outbound_is_unheard (self, now_us)
      && rtc_outbound_may_send (self, now_us)
      && !is_impatient (self->tracks[index], now_us))
    want_key (self, index, now_us);
}

static void
measure (RtcOutTrack *track, const RtcFrame *frame, gint64 now_us)
{
  guint layer = MIN (frame->temporal_id, RTC_ALLOCATION_LAYERS - 1);
  gsize headers = (gsize) frame->n_payloads * RTC_HEADER_USUAL;

  rtc_rate_meter_add (&track->needs[layer], frame->size + headers, now_us);
}

static guint
count_begun (const RtcOutTrack *track)
{
  return track->is_begun ? 1 : 0;
}

/* What is not begun goes; what comes after depends on it. */
static void
drop_all (RtcOutTrack *track, gint64 now_us)
{
  guint begun = count_begun (track);
  guint n = track->queue.n_frames - begun;

  rtc_frame_queue_remove (&track->queue, begun, n);
  track->stats.dropped_frames += n;
  track->waits_for_key = TRUE;
  track->key_patience_us = is_thin (track, now_us)
      ? MIN (2 * track->key_patience_us, KEY_PATIENCE_MAX_US)
      : RTC_KEY_PATIENCE_US;
  track->dropped_us = now_us;
}

void
rtc_outbound_enqueue (RtcOutbound *self, guint index, RtcFrame *frame,
    gint64 now_us)
{
  RtcOutTrack *track = self->tracks[index];

  measure (track, frame, now_us);
  if (frame->is_key)
    track->waits_for_key = FALSE;
  if (!track->waits_for_key && frame->n_payloads > 0
      && rtc_frame_queue_push (&track->queue, frame, now_us))
    return;
  track->stats.dropped_frames++;
  if (frame->n_payloads == 0)
    return;
  if (!track->waits_for_key)
    drop_all (track, now_us);
  need_key (self, index, now_us);
}

/* The newest key frame that waits behind others, or 0. */
static guint
find_key (RtcOutTrack *track)
{
  guint begun = count_begun (track);

  for (guint i = track->queue.n_frames; i-- > begun + 1;)
    if (rtc_frame_queue_get (&track->queue, i)->frame->is_key)
      return i;
  return 0;
}

static gint64
get_patience (const RtcQueuedFrame *queued, guint key)
{
  if (key != 0)
    return OVERTAKEN_US;
  return queued->frame->is_key ? LATE_KEY_US : LATE_US;
}

/* One may go on at a key frame; there is no other place. */
static void
drop_late (RtcOutTrack *track, gint64 now_us)
{
  guint begun = count_begun (track);
  RtcQueuedFrame *first = rtc_frame_queue_get (&track->queue, begun);
  gint64 waited_us = first != NULL ? now_us - first->pushed_us : 0;
  guint key;

  if (waited_us <= OVERTAKEN_US)
    return;
  key = find_key (track);
  if (waited_us <= get_patience (first, key))
    return;
  if (key == 0) {
    drop_all (track, now_us);
    return;
  }
  rtc_frame_queue_remove (&track->queue, begun, key - begun);
  track->stats.dropped_frames += key - begun;
}

void
rtc_outbound_drop_late (RtcOutbound *self, gint64 now_us)
{
  for (guint i = 0; i < self->n_tracks; i++)
    drop_late (self->tracks[i], now_us);
}
