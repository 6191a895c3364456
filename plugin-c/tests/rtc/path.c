#include "path.h"

#include "bytes.h"
#include "feedback.h"

#define MS G_GINT64_CONSTANT (1000)
#define START (1000 * MS)

#define VIDEO_SSRC 0x1000
#define RTX_SSRC 0x1001
#define AUDIO_SSRC 0x2000

#define TWCC_ID 3
#define FPS 30
#define PACKET_SIZE 1100
#define SOUND_SIZE 120
#define SOUND_MS 20

/* An encoder's answer to a request. */
#define KEY_AFTER_US (50 * MS)
#define KEY_INTERVAL_US (300 * MS)

/* As libwebrtc does. */
#define FEEDBACK_MS 60
#define REPORT_MS 1000
#define NACK_MS 20
#define NACKED_AGAIN_US (120 * MS)

/* When a viewer gives up what is missing, and wants a key frame. */
#define FROZEN_US (1000 * MS)
#define PLI_US (1000 * MS)

/* The viewer's clock is another. */
#define CLOCK_US G_GINT64_CONSTANT (777000123)

#define LOG_MASK 0xffff

/* On its way, either way. */
typedef struct {
  gint64 due_us;
  GBytes *bytes; /* RTCP; NULL: an RTP packet */
  guint8 *data;
  gsize size;
} Flight;

/* What the viewer reads in each payload. */
typedef struct {
  guint64 frame;   /* its number, from 1 */
  guint64 depends; /* on this one; 0: on none */
  gint64 pushed_us;
  guint16 index, n_packets;
  guint8 layer;
} Mark;

/* Of the picture's packets, by sequence number. */
typedef struct {
  gboolean is_here;
  gint64 nacked_us;
  Mark mark;
} Got;

/* Frames whose decoding others may depend on. */
#define SEEN_MASK 0xff

struct _Path {
  PathConfig config;
  PathState state;
  RtcOutbound *outbound;
  guint video, audio;
  gint64 now_us;
  gint64 run_us; /* when the outbound wants to be called */
  guint32 random;

  /* The camera. */
  guint64 n_frames;
  guint since_key;
  guint32 n_video;    /* packets of the picture's stream that were sent */
  guint32 n_octets;   /* of their payloads */
  guint64 last_of[3]; /* frame of each layer since the key frame; 0: none */
  gint64 key_us;      /* when a key frame is made that was asked for; 0: none */
  gint64 last_key_us;

  /* The path. */
  gint64 free_us;
  gint64 last_arrival_us;
  GQueue *there; /* Flight */
  GQueue *back;

  /* The viewer. */
  gint64 *arrivals; /* by transport-wide number; -1: none */
  gboolean has_twcc;
  guint16 told;    /* the next number to be told of */
  guint16 highest; /* that came */
  Got *got;
  gboolean has_video;
  guint16 next_video; /* sequence number of the first that is not whole */
  guint16 highest_video;
  guint64 decoded[SEEN_MASK + 1]; /* numbers of frames */
  gint64 last_seen_us;
  gint64 last_pli_us;
  guint16 first_video;
  guint32 expected_before, received, received_before;
  guint32 last_sr;
  gint64 last_sr_us;

  PathSight sight;
};

/* The same row of numbers each time. */
static double
draw (Path *self)
{
  self->random = self->random * 1664525 + 1013904223;
  return (self->random >> 8) / (double) (1 << 24);
}

static Flight *
flight_new (GBytes *bytes, const guint8 *data, gsize size, gint64 due_us)
{
  Flight *flight = g_new0 (Flight, 1);

  flight->bytes = bytes;
  flight->data = g_memdup2 (data, size);
  flight->size = size;
  flight->due_us = due_us;
  return flight;
}

static void
flight_free (gpointer data)
{
  Flight *flight = data;

  g_clear_pointer (&flight->bytes, g_bytes_unref);
  g_free (flight->data);
  g_free (flight);
}

/* When the last bit of it leaves the path's narrowest place; -1: it is lost. */
static gint64
pass (Path *self, gsize size)
{
  const PathState *s = &self->state;
  gint64 waiting_us;

  if (s->is_dead || draw (self) < s->loss)
    return -1;
  if (s->capacity == 0)
    return self->now_us;
  self->free_us = MAX (self->free_us,
      self->now_us - (gint64) (s->bucket * 8 * G_USEC_PER_SEC / s->capacity));
  waiting_us = MAX (self->free_us - self->now_us, 0);
  if (s->queue_max != 0
      && waiting_us * s->capacity / 8 / G_USEC_PER_SEC + size > s->queue_max)
    return -1;
  self->free_us += size * 8 * G_USEC_PER_SEC / s->capacity;
  return MAX (self->free_us, self->now_us);
}

static gsize
get_header_size (const guint8 *data)
{
  return data[0] & 0x10 ? 16 + 4 * (gsize) rtc_read_16 (data + 14) : 12;
}

static void
count_sent (Path *self, const guint8 *packet, gsize size)
{
  if (rtc_read_32 (packet + 8) != VIDEO_SSRC)
    return;
  self->n_video++;
  self->n_octets += size - get_header_size (packet);
}

static void
on_rtp (gpointer user_data, guint8 *packet, gsize size, gsize capacity)
{
  Path *self = user_data;
  gint64 left_us = pass (self, size);
  gint64 arrival_us;

  count_sent (self, packet, size);
  self->sight.packets++;
  self->sight.bytes += size;
  if (left_us < 0) {
    self->sight.lost++;
    return;
  }
  arrival_us = left_us + self->state.delay_us
      + (gint64) (draw (self) * self->state.jitter_us);
  self->last_arrival_us = MAX (self->last_arrival_us, arrival_us);
  g_queue_push_tail (self->there,
      flight_new (NULL, packet, size, self->last_arrival_us));
}

static void
on_rtcp (gpointer user_data, guint8 *packet, gsize size, gsize capacity)
{
  Path *self = user_data;

  if (self->config.has_rtx && rtc_read_32 (packet + 4) == VIDEO_SSRC) {
    g_assert_cmpuint (rtc_read_32 (packet + 20), ==, self->n_video);
    g_assert_cmpuint (rtc_read_32 (packet + 24), ==, self->n_octets);
  }
  self->last_sr = rtc_read_32 (packet + 10);
  self->last_sr_us = self->now_us + self->state.delay_us;
}

static void
on_key_frame (gpointer user_data, guint track)
{
  Path *self = user_data;

  self->sight.keys++;
  if (self->key_us == 0)
    self->key_us =
        MAX (self->now_us + KEY_AFTER_US, self->last_key_us + KEY_INTERVAL_US);
}

static void
add_tracks (Path *self)
{
  RtcTrackConfig video = { .is_video = TRUE,
    .ssrc = VIDEO_SSRC,
    .rtx_ssrc = RTX_SSRC,
    .pt = 96,
    .rtx_pt = self->config.has_rtx ? 97 : -1,
    .clock_rate = 90000,
    .twcc_id = self->config.has_twcc ? TWCC_ID : 0,
    .nack = TRUE,
    .expects_pli = TRUE };
  RtcTrackConfig audio = { .ssrc = AUDIO_SSRC,
    .pt = 111,
    .rtx_pt = -1,
    .clock_rate = 48000,
    .twcc_id = self->config.has_twcc ? TWCC_ID : 0 };

  /* By the frames' own words, which are all that this kind goes by. */
  video.layers_kind = RTC_LAYERS_H264;
  self->video = rtc_outbound_add_track (self->outbound, &video);
  self->audio = rtc_outbound_add_track (self->outbound, &audio);
}

Path *
path_new (const PathConfig *config, const PathState *state)
{
  static const RtcOutboundEvents events = { .rtp = on_rtp,
    .rtcp = on_rtcp,
    .key_frame = on_key_frame };
  Path *self = g_new0 (Path, 1);

  self->config = *config;
  self->state = *state;
  self->now_us = START;
  /* Also what the sending draws. */
  g_random_set_seed (1);
  self->random = 1;
  self->there = g_queue_new ();
  self->back = g_queue_new ();
  self->arrivals = g_new (gint64, LOG_MASK + 1);
  self->got = g_new0 (Got, LOG_MASK + 1);
  for (guint i = 0; i <= LOG_MASK; i++)
    self->arrivals[i] = -1;
  self->outbound = rtc_outbound_new (&events, self, "abcdefgh");
  add_tracks (self);
  path_mark (self);
  return self;
}

void
path_free (Path *self)
{
  rtc_outbound_free (self->outbound);
  g_queue_free_full (self->there, flight_free);
  g_queue_free_full (self->back, flight_free);
  g_free (self->arrivals);
  g_free (self->got);
  g_free (self);
}

PathState *
path_get_state (Path *self)
{
  return &self->state;
}

void
path_set_remb (Path *self, guint64 remb)
{
  self->config.remb = remb;
}

void
path_set_wanted (Path *self, guint64 wanted)
{
  rtc_outbound_set_wanted (self->outbound, wanted);
}

void
path_set_bitrate (Path *self, guint64 bitrate)
{
  self->config.bitrate = bitrate;
}

void
path_mark (Path *self)
{
  self->sight = (PathSight){ .least_layer = G_MAXUINT8 };
}

const PathSight *
path_get_sight (Path *self)
{
  return &self->sight;
}

RtcOutboundStats
path_get_stats (Path *self)
{
  RtcOutboundStats stats;

  rtc_outbound_get_stats (self->outbound, &stats);
  return stats;
}

/* ---- The camera. ---- */

/* Of 1, 2 or 3 layers: each picture's, in turn. */
static const guint8 patterns[3][4] = { { 0, 0, 0, 0 }, { 0, 1, 0, 1 },
  { 0, 2, 1, 2 } };

static guint8
get_layer (const Path *self)
{
  return patterns[self->config.n_layers - 1][self->since_key % 4];
}

/* A layer's pictures depend on the last of any lower one; the lowest's on its own. */
static guint64
find_dependency (const Path *self, guint8 layer)
{
  guint64 last = self->last_of[0];

  for (guint8 i = 1; i < layer; i++)
    last = MAX (last, self->last_of[i]);
  return last;
}

static void
note_frame (Path *self, gboolean is_key, guint8 layer)
{
  if (is_key)
    memset (self->last_of, 0, sizeof self->last_of);
  self->last_of[layer] = self->n_frames;
}

static RtcFrame *
frame_new (Path *self, guint n_packets, gsize size, gboolean is_key,
    guint8 layer)
{
  RtcFrame *frame = rtc_frame_new (n_packets);
  guint64 depends = is_key ? 0 : find_dependency (self, layer);
  guint8 *data = g_malloc0 (n_packets * size);

  for (guint i = 0; i < n_packets; i++) {
    Mark mark = { self->n_frames, depends, self->now_us, i, n_packets, layer };

    memcpy (data + i * size, &mark, sizeof mark);
    frame->payloads[i] = (RtcPayload){ data + i * size, size };
  }
  frame->size = n_packets * size;
  frame->is_key = is_key;
  frame->captured_us = self->now_us + CLOCK_US;
  frame->temporal_id = layer;
  frame->is_layer_sync = layer > 0 && depends == self->last_of[0];
  frame->is_discardable = layer > 0 && layer == self->config.n_layers - 1;
  frame->owner = data;
  frame->free_owner = g_free;
  return frame;
}

/* Layers share the rate as encoders have it. */
static const double shares[3][3] = { { 1 }, { 1.2, 0.8 }, { 1.6, 0.9, 0.75 } };

static void
film (Path *self)
{
  gboolean is_key = self->n_frames == 0
      || (self->key_us != 0 && self->now_us >= self->key_us)
      || (self->config.key_interval != 0
          && self->since_key >= self->config.key_interval);
  double size = (double) self->config.bitrate / 8 / FPS;
  guint n_packets;
  g_autoptr (RtcFrame) frame = NULL;

  if (is_key) {
    self->since_key = 0;
    self->key_us = 0;
    self->last_key_us = self->now_us;
  }
  size *= is_key ? self->config.key_size
                 : shares[self->config.n_layers - 1][get_layer (self)];
  n_packets = 1 + size / PACKET_SIZE;
  self->n_frames++;
  frame = frame_new (self, n_packets, MAX (size / n_packets, sizeof (Mark)),
      is_key, get_layer (self));
  frame->timestamp = self->now_us * 9 / 100;
  note_frame (self, is_key, get_layer (self));
  self->since_key++;
  self->run_us = self->now_us;
  self->sight.pushed++;
  rtc_outbound_push (self->outbound, self->video, frame, self->now_us);
}

static void
speak (Path *self)
{
  g_autoptr (RtcFrame) frame = frame_new (self, 1, SOUND_SIZE, TRUE, 0);

  self->sight.sounds_pushed++;
  self->run_us = self->now_us;
  rtc_outbound_push (self->outbound, self->audio, frame, self->now_us);
}

/* ---- The viewer. ---- */

static void
answer (Path *self, GBytes *bytes)
{
  if (self->state.is_dead) {
    g_bytes_unref (bytes);
    return;
  }
  g_queue_push_tail (self->back,
      flight_new (bytes, NULL, 0, self->now_us + self->state.delay_us));
}

static void
note_arrival (Path *self, guint16 number)
{
  if (!self->has_twcc) {
    self->has_twcc = TRUE;
    self->told = self->highest = number;
  }
  self->arrivals[number] = self->now_us + CLOCK_US;
  if ((guint16) (number - self->highest) < 0x8000)
    self->highest = number;
}

static gsize
skip_header (Path *self, const guint8 *data)
{
  if (!(data[0] & 0x10))
    return 12;
  note_arrival (self, rtc_read_16 (data + 17));
  return get_header_size (data);
}

static void
see (Path *self, const Mark *mark)
{
  PathSight *s = &self->sight;

  if (mark->depends != 0
      && self->decoded[mark->depends & SEEN_MASK] != mark->depends) {
    s->broken++;
    return;
  }
  self->decoded[mark->frame & SEEN_MASK] = mark->frame;
  if (self->last_seen_us != 0)
    s->longest_gap_us =
        MAX (s->longest_gap_us, self->now_us - self->last_seen_us);
  self->last_seen_us = self->now_us;
  s->seen++;
  s->longest_delay_us =
      MAX (s->longest_delay_us, self->now_us - mark->pushed_us);
  s->least_layer = MIN (s->least_layer, mark->layer);
  s->most_layer = MAX (s->most_layer, mark->layer);
}

/* A key frame that is whole, and this its last packet to come: what is missing
 * before it is given up. */
static gboolean
is_whole_key (Path *self, guint16 sequence)
{
  const Mark *mark = &self->got[sequence].mark;
  guint16 first = sequence - mark->index;

  if (mark->depends != 0)
    return FALSE;
  for (guint16 i = 0; i < mark->n_packets; i++) {
    const Got *got = &self->got[(guint16) (first + i)];

    if (!got->is_here || got->mark.frame != mark->frame)
      return FALSE;
  }
  return TRUE;
}

static void
begin_video (Path *self, guint16 sequence)
{
  self->has_video = TRUE;
  self->next_video = self->highest_video = self->first_video = sequence;
  self->last_seen_us = self->now_us;
}

static gboolean
is_after (guint16 a, guint16 b)
{
  return (gint16) (a - b) > 0;
}

static void
take_video (Path *self, guint16 sequence, const guint8 *payload)
{
  Got *got = &self->got[sequence];
  guint16 first;

  if (!self->has_video)
    begin_video (self, sequence);
  if (got->is_here)
    return;
  self->received++;
  got->is_here = TRUE;
  memcpy (&got->mark, payload, sizeof got->mark);
  if (is_after (sequence, self->highest_video))
    self->highest_video = sequence;
  first = sequence - got->mark.index;
  if (is_whole_key (self, sequence) && is_after (first, self->next_video))
    self->next_video = first;
}

/* In order, as far as all is there. */
static void
look (Path *self)
{
  while (!is_after (self->next_video, self->highest_video)
      && self->got[self->next_video].is_here) {
    const Mark *mark = &self->got[self->next_video++].mark;

    if (mark->index + 1 == mark->n_packets)
      see (self, mark);
  }
}

static void
hear (Path *self, const guint8 *payload)
{
  Mark mark;

  memcpy (&mark, payload, sizeof mark);
  self->sight.sounds_heard++;
  self->sight.longest_sound_us =
      MAX (self->sight.longest_sound_us, self->now_us - mark.pushed_us);
}

static void
receive (Path *self, const Flight *flight)
{
  gsize head = skip_header (self, flight->data);
  guint32 ssrc = rtc_read_32 (flight->data + 8);
  const guint8 *payload = flight->data + head;

  if (ssrc == AUDIO_SSRC)
    hear (self, payload);
  else if (ssrc == RTX_SSRC)
    take_video (self, rtc_read_16 (payload), payload + 2);
  else
    take_video (self, rtc_read_16 (flight->data + 2), payload);
  if (self->has_video)
    look (self);
}

static void
tell_arrivals (Path *self)
{
  gint64 arrivals[600];
  guint n = 0;

  if (!self->config.has_twcc || !self->has_twcc
      || (guint16) (self->highest + 1 - self->told) > 0x8000)
    return;
  while (n < G_N_ELEMENTS (arrivals)
      && self->told != (guint16) (self->highest + 1)) {
    arrivals[n++] = self->arrivals[self->told];
    self->arrivals[self->told++] = -1;
  }
  if (n > 0)
    answer (self, feedback_arrivals (self->told - n, arrivals, n));
}

static void
report (Path *self)
{
  guint32 expected = (guint16) (self->highest_video - self->first_video) + 1;
  guint32 here = expected - self->expected_before;
  guint32 lost = here - MIN (self->received - self->received_before, here);

  if (!self->has_video || !self->config.has_reports)
    return;
  /* A report that is still on its way is none. */
  if (self->now_us < self->last_sr_us)
    return;
  answer (self,
      feedback_report (VIDEO_SSRC, here > 0 ? lost * 255 / here : 0,
          (gint32) (expected - self->received), self->highest_video,
          self->last_sr,
          (self->now_us - self->last_sr_us) * 65536 / G_USEC_PER_SEC));
  self->expected_before = expected;
  self->received_before = self->received;
}

static void
ask_again (Path *self)
{
  guint16 sequences[100];
  guint n = 0;

  if (!self->has_video)
    return;
  for (guint16 i = self->next_video;
       is_after (self->highest_video, i) && n < G_N_ELEMENTS (sequences); i++)
    if (!self->got[i].is_here
        && self->now_us - self->got[i].nacked_us > NACKED_AGAIN_US) {
      self->got[i].nacked_us = self->now_us;
      sequences[n++] = i;
    }
  if (n > 0)
    answer (self, feedback_nack (VIDEO_SSRC, sequences, n));
}

static void
ask_for_key (Path *self)
{
  if (!self->has_video || self->now_us - self->last_seen_us < FROZEN_US
      || self->now_us - self->last_pli_us < PLI_US)
    return;
  self->last_pli_us = self->now_us;
  answer (self, feedback_pli (VIDEO_SSRC));
}

static void
take_feedback (Path *self, const Flight *flight)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (flight->bytes, &size);

  rtc_outbound_take_rtcp (self->outbound, data, size, self->now_us);
  self->run_us = self->now_us;
}

static void
deliver (Path *self, GQueue *queue,
    void (*take) (Path *self, const Flight *flight))
{
  Flight *flight;

  while ((flight = g_queue_peek_head (queue)) != NULL
      && flight->due_us <= self->now_us) {
    g_queue_pop_head (queue);
    if (!self->state.is_dead)
      take (self, flight);
    flight_free (flight);
  }
}

static void
compete (Path *self)
{
  if (self->state.cross != 0)
    pass (self, self->state.cross / 8 / 1000);
}

static void
step (Path *self, guint64 ms)
{
  compete (self);
  deliver (self, self->there, receive);
  deliver (self, self->back, take_feedback);
  if (ms % FEEDBACK_MS == 0)
    tell_arrivals (self);
  if (ms % NACK_MS == 0)
    ask_again (self);
  if (ms % NACK_MS == 0 && self->config.has_pli)
    ask_for_key (self);
  if (ms % REPORT_MS == 0)
    report (self);
  if (ms % REPORT_MS == 0 && self->config.remb != 0)
    answer (self, feedback_remb (self->config.remb));
  if (self->config.has_sound && ms % SOUND_MS == 0)
    speak (self);
  if (ms * FPS / 1000 != (ms - 1) * FPS / 1000)
    film (self);
  if (self->run_us >= 0 && self->now_us >= self->run_us)
    self->run_us = rtc_outbound_run (self->outbound, self->now_us);
}

static void
say (Path *self)
{
  RtcOutboundStats stats = path_get_stats (self);

  g_test_message ("%5.1f s: estimate %5u target %5u kbit/s, layer %u, "
                  "queue %d ms, loss %.2f, dropped %u, seen %u of %u, "
                  "keys %u, padding %u, again %u, slowest %u ms, gap %u ms",
      (self->now_us - START) / 1e6, (guint) (stats.estimate / 1000),
      (guint) (stats.target / 1000), stats.total.layer, stats.queue_ms,
      stats.total.loss, (guint) stats.total.dropped_frames, self->sight.seen,
      self->sight.pushed, self->sight.keys, (guint) stats.total.padding_bytes,
      (guint) stats.total.retransmitted_packets,
      (guint) (self->sight.longest_delay_us / 1000),
      (guint) (self->sight.longest_gap_us / 1000));
}

void
path_run (Path *self, guint ms)
{
  for (guint i = 0; i < ms; i++) {
    guint64 at = (self->now_us - START) / MS + 1;

    self->now_us += MS;
    step (self, at);
    if (at % 1000 == 0)
      say (self);
  }
}
