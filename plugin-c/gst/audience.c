#include "audience.h"

GST_DEBUG_CATEGORY_STATIC (kvsaudience_debug);
#define GST_CAT_DEFAULT kvsaudience_debug

/* Half of the pictures of a stream with layers in time (temporal.c), and a
 * little more than they take. Fewer are worth less than a smaller size. */
#define THIN_PERCENT 72

/* One input in one codec. */
typedef struct {
  GstKvsInput *input;
  const GstKvsCodec *codec;
  GstKvsLadder ladder;
  guint max_rungs; /* less when smaller ones turned out not to be had */
} Picture;

struct _GstKvsAudience {
  KvsWorker *worker;
  GstKvsLadderSettings settings;
  GstKvsAudienceContextFunc context;
  gpointer user_data;
  GPtrArray *pictures; /* of Picture */
  GPtrArray *watchers; /* of GstKvsWatcher, not owned */
};

struct _GstKvsWatcher {
  GstKvsAudience *audience;
  Picture *picture;
  GstKvsWatch watch;
  char *fmtp;
  GstKvsSeat seat;
  double loss;            /* of its path */
  guint rung;             /* where it is going, or is */
  GstKvsFanout *fanout;   /* where it is; acquired */
  GstKvsFanout *next;     /* where it is going; acquired, or NULL */
  GstKvsHop *hop;         /* NULL while it is not open */
  GstKvsContinuity times; /* the hop's, of one after another */
  gboolean has_begun;     /* atomic */
};

static void on_left (gpointer user_data, GstKvsFanout *fanout);
static gboolean on_frame (gpointer user_data, RtcFrame *frame);
static void on_first_frame (gpointer user_data);

static const GstKvsHopEvents hop_events = { on_frame, on_first_frame, on_left };

static void
picture_free (gpointer data)
{
  Picture *picture = data;

  g_object_unref (picture->input);
  g_free (picture);
}

GstKvsAudience *
gst_kvs_audience_new (KvsWorker *worker, const GstKvsLadderSettings *settings,
    GstKvsAudienceContextFunc context, gpointer user_data)
{
  GstKvsAudience *self = g_new0 (GstKvsAudience, 1);

  GST_DEBUG_CATEGORY_INIT (kvsaudience_debug, "kvsaudience", 0,
      "Who is sent which size");
  self->worker = g_object_ref (worker);
  self->settings = *settings;
  self->context = context;
  self->user_data = user_data;
  self->pictures = g_ptr_array_new_with_free_func (picture_free);
  self->watchers = g_ptr_array_new ();
  return self;
}

void
gst_kvs_audience_free (GstKvsAudience *self)
{
  g_return_if_fail (self->watchers->len == 0);
  g_ptr_array_unref (self->pictures);
  g_ptr_array_unref (self->watchers);
  g_object_unref (self->worker);
  g_free (self);
}

void
gst_kvs_audience_set (GstKvsAudience *self,
    const GstKvsLadderSettings *settings)
{
  self->settings = *settings;
}

static Picture *
ensure_picture (GstKvsAudience *self, GstKvsInput *input,
    const GstKvsCodec *codec)
{
  Picture *picture;

  for (guint i = 0; i < self->pictures->len; i++) {
    picture = g_ptr_array_index (self->pictures, i);
    if (picture->input == input && picture->codec == codec)
      return picture;
  }
  picture = g_new0 (Picture, 1);
  picture->input = g_object_ref (input);
  picture->codec = codec;
  picture->max_rungs = GST_KVS_RUNGS_MAX;
  g_ptr_array_add (self->pictures, picture);
  return picture;
}

/* What is not watched is forgotten, and what it did not manage too. */
static void
drop_picture (GstKvsAudience *self, Picture *picture)
{
  for (guint i = 0; i < self->watchers->len; i++) {
    GstKvsWatcher *watcher = g_ptr_array_index (self->watchers, i);

    if (watcher->picture == picture)
      return;
  }
  g_ptr_array_remove (self->pictures, picture);
}

GstKvsWatcher *
gst_kvs_audience_join (GstKvsAudience *self, const GstKvsWatch *watch)
{
  GstKvsWatcher *watcher = g_new0 (GstKvsWatcher, 1);

  watcher->audience = self;
  watcher->watch = *watch;
  watcher->fmtp = g_strdup (watch->fmtp);
  watcher->fanout = watch->fanout;
  watcher->times.clock_rate =
      (guint) gst_kvs_fanout_get_codec (watch->fanout)->clock_rate;
  watcher->picture = ensure_picture (self, watch->input,
      gst_kvs_fanout_get_codec (watch->fanout));
  gst_kvs_seat_init (&watcher->seat);
  g_ptr_array_add (self->watchers, watcher);
  return watcher;
}

static void
release (GstKvsWatcher *self, GstKvsFanout *fanout)
{
  gst_kvs_input_release (self->picture->input, fanout, self->fmtp);
}

void
gst_kvs_watcher_leave (GstKvsWatcher *self)
{
  GstKvsAudience *audience = self->audience;

  gst_kvs_watcher_set_open (self, FALSE);
  release (self, self->fanout);
  g_ptr_array_remove_fast (audience->watchers, self);
  drop_picture (audience, self->picture);
  g_free (self->fmtp);
  g_free (self);
}

static gboolean
on_frame (gpointer user_data, RtcFrame *frame)
{
  GstKvsWatcher *self = user_data;

  return self->watch.frame (self->watch.user_data, frame);
}

/* Also when it was closed and opened again in between. */
static void
on_first_frame (gpointer user_data)
{
  GstKvsWatcher *self = user_data;

  if (g_atomic_int_compare_and_exchange (&self->has_begun, FALSE, TRUE)
      && self->watch.first_frame)
    self->watch.first_frame (self->watch.user_data);
}

/* Either it has arrived, or does not go there any more. */
static void
on_left (gpointer user_data, GstKvsFanout *fanout)
{
  GstKvsWatcher *self = user_data;

  if (fanout == self->fanout)
    self->fanout = self->next;
  self->next = NULL;
  release (self, fanout);
}

/* Closed on its way, it is where it was going. */
static void
settle (GstKvsWatcher *self)
{
  GstKvsFanout *old = self->fanout;

  if (!self->next)
    return;
  self->fanout = g_steal_pointer (&self->next);
  release (self, old);
}

void
gst_kvs_watcher_expect (GstKvsWatcher *self)
{
  gst_kvs_fanout_expect (self->fanout);
}

void
gst_kvs_watcher_set_open (GstKvsWatcher *self, gboolean is_open)
{
  if (is_open && !self->hop) {
    self->hop = gst_kvs_hop_new (self->audience->worker, self->fanout,
        !g_atomic_int_get (&self->has_begun), &self->times, &hop_events, self);
  } else if (!is_open && self->hop) {
    gst_kvs_hop_stop (self->hop);
    g_clear_object (&self->hop);
    settle (self);
  }
}

void
gst_kvs_watcher_request_key_frame (GstKvsWatcher *self)
{
  if (self->hop)
    gst_kvs_hop_request_key_frame (self->hop);
}

void
gst_kvs_watcher_set_estimate (GstKvsWatcher *self, guint64 estimate)
{
  self->seat.estimate = estimate;
}

void
gst_kvs_watcher_set_loss (GstKvsWatcher *self, double loss)
{
  self->loss = loss;
}

static GstKvsFanout *
acquire (GstKvsWatcher *self, guint rung)
{
  GstKvsAudience *audience = self->audience;
  GstKvsEncoderContext context = audience->context (audience->user_data);
  g_autoptr (GError) error = NULL;
  GstKvsFanout *fanout = gst_kvs_input_acquire_rung (self->picture->input,
      self->picture->codec, rung, self->fmtp,
      self->picture->ladder.bitrates[rung], &context, &error);

  gst_kvs_timing_clear (&context.chain.timing);
  if (!fanout)
    GST_WARNING ("a smaller picture: %s", error->message);
  return fanout;
}

static void
move (GstKvsWatcher *self, guint rung)
{
  GstKvsFanout *fanout = acquire (self, rung);

  if (!fanout) {
    self->picture->max_rungs = MAX (rung, 1);
    self->seat.rung = self->rung;
    return;
  }
  self->rung = rung;
  gst_kvs_hop_move (self->hop, fanout);
  if (self->fanout == fanout)
    release (self, fanout);
  else
    self->next = fanout;
}

static gboolean
is_same (const GstKvsLadderSettings *a, const GstKvsLadderSettings *b)
{
  return a->policy == b->policy && a->n_rungs == b->n_rungs
      && a->bitrate == b->bitrate && a->min_bitrate == b->min_bitrate
      && a->thin_percent == b->thin_percent;
}

/* What passes through as it is has one size and one bitrate. */
static gboolean
is_made (const Picture *picture)
{
  return picture->codec->media == GST_KVS_MEDIA_VIDEO
      && gst_kvs_input_get_codec (picture->input) != picture->codec;
}

static void
set_ladder (GstKvsAudience *self, Picture *picture)
{
  GstKvsLadderSettings settings = self->settings;
  gboolean has_layers = picture->codec->layers == RTC_LAYERS_VP8
      || picture->codec->layers == RTC_LAYERS_VP9;

  settings.thin_percent = has_layers ? THIN_PERCENT : 100;
  settings.n_rungs =
      is_made (picture) ? MIN (settings.n_rungs, picture->max_rungs) : 1;
  settings.n_rungs = CLAMP (settings.n_rungs, 1, GST_KVS_RUNGS_MAX);
  if (!is_same (&settings, &picture->ladder.settings))
    gst_kvs_ladder_set (&picture->ladder, &settings);
}

/* An encoder may take a size, and break at the first picture of it. */
static void
check_rungs (Picture *picture, GPtrArray *watchers)
{
  for (guint i = 0; i < watchers->len; i++) {
    GstKvsWatcher *watcher = g_ptr_array_index (watchers, i);
    GstKvsFanout *aim = watcher->next ? watcher->next : watcher->fanout;

    if (watcher->rung > 0 && gst_kvs_input_is_broken (picture->input, aim))
      picture->max_rungs = MIN (picture->max_rungs, watcher->rung);
  }
}

/* Those who are sent something of it (transfer container). */
static GPtrArray *
find_watchers (GstKvsAudience *self, Picture *picture)
{
  GPtrArray *watchers = g_ptr_array_new ();

  for (guint i = 0; i < self->watchers->len; i++) {
    GstKvsWatcher *watcher = g_ptr_array_index (self->watchers, i);

    if (watcher->picture == picture && watcher->hop)
      g_ptr_array_add (watchers, watcher);
  }
  return watchers;
}

static void
decide (Picture *picture, GPtrArray *watchers, gint64 now_us)
{
  g_autoptr (GPtrArray) seats = g_ptr_array_new ();

  for (guint i = 0; i < watchers->len; i++)
    g_ptr_array_add (seats,
        &((GstKvsWatcher *) g_ptr_array_index (watchers, i))->seat);
  gst_kvs_ladder_update (&picture->ladder, (GstKvsSeat *const *) seats->pdata,
      seats->len, now_us);
}

static void
obey (Picture *picture, GPtrArray *watchers)
{
  for (guint i = 0; i < watchers->len; i++) {
    GstKvsWatcher *watcher = g_ptr_array_index (watchers, i);

    if (watcher->seat.rung != watcher->rung)
      move (watcher, watcher->seat.rung);
  }
  for (guint i = 0; is_made (picture) && i < watchers->len; i++) {
    GstKvsWatcher *watcher = g_ptr_array_index (watchers, i);

    gst_kvs_input_set_stream_bitrate (picture->input,
        watcher->next ? watcher->next : watcher->fanout,
        picture->ladder.bitrates[watcher->rung]);
  }
}

/* Sound is in one size, and one stream is made for all who hear it. */
static void
tell_loss (Picture *picture, GPtrArray *watchers, gint64 now_us)
{
  GstKvsFanout *fanout = NULL;
  double worst = 0;

  for (guint i = 0; i < watchers->len; i++) {
    GstKvsWatcher *watcher = g_ptr_array_index (watchers, i);

    fanout = watcher->fanout;
    worst = MAX (worst, watcher->loss);
  }
  if (fanout && picture->codec->media == GST_KVS_MEDIA_AUDIO)
    gst_kvs_input_set_stream_loss (picture->input, fanout, worst, now_us);
}

void
gst_kvs_audience_update (GstKvsAudience *self, gint64 now_us)
{
  for (guint i = 0; i < self->pictures->len; i++) {
    Picture *picture = g_ptr_array_index (self->pictures, i);
    g_autoptr (GPtrArray) watchers = find_watchers (self, picture);

    check_rungs (picture, watchers);
    set_ladder (self, picture);
    decide (picture, watchers, now_us);
    obey (picture, watchers);
    tell_loss (picture, watchers, now_us);
  }
}

guint
gst_kvs_watcher_get_wanted (GstKvsWatcher *self)
{
  return is_made (self->picture) ? self->seat.wanted : 0;
}

guint
gst_kvs_watcher_get_rung (GstKvsWatcher *self)
{
  return self->rung;
}

GstKvsFanout *
gst_kvs_watcher_get_fanout (GstKvsWatcher *self)
{
  return self->fanout;
}

gboolean
gst_kvs_watcher_has (GstKvsWatcher *self, GstKvsFanout *fanout)
{
  return self->fanout == fanout || self->next == fanout;
}
