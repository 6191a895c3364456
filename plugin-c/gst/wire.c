#include "wire.h"

#include <string.h>

/* Ours, as everybody's (RFC 8841 section 5). */
#define SCTP_PORT 5000

#define TRACKS_MAX RTC_OUTBOUND_TRACKS_MAX

struct _GstKvsWire {
  gatomicrefcount references; /* the owner's, and one each event's on its way */
  KvsWorker *worker;
  RtcNet *net;
  RtcConnection *connection;
  char *ufrag;
  char *password;
  const GstKvsWireEvents *events;
  GObject *user_data;
  gboolean is_closed; /* worker only */

  /* Set before anything can come; net thread. */
  GstKvsReception *reception;
  GstKvsChannels *channels;
  guint16 remote_port; /* of SCTP */
  guint64 max_message_size;
  gboolean is_dtls_client;

  GstKvsWireTrack tracks[TRACKS_MAX]; /* likewise, of whoever posts too */
  guint n_tracks;

  /* Atomic, by track: a request is on its way to the worker. However often a
   * peer asks, one is. */
  int keys_asked[TRACKS_MAX];
};

static GstKvsWire *
ref (GstKvsWire *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

static void
unref (gpointer data)
{
  GstKvsWire *self = data;

  if (!g_atomic_ref_count_dec (&self->references))
    return;
  for (guint i = 0; i < self->n_tracks; i++)
    g_object_unref (self->tracks[i].input);
  g_clear_object (&self->connection);
  g_clear_object (&self->user_data);
  g_object_unref (self->net);
  g_object_unref (self->worker);
  g_free (self->ufrag);
  g_free (self->password);
  g_free (self);
}

/* Each is one field's worth of what the net thread tells. */
typedef struct {
  GstKvsWire *wire;
  void (*func) (GstKvsWire *wire, gpointer news);
  char *candidate;
  RtcPath path;
  RtcEnd end;
  guint track;
} News;

static void
news_free (gpointer data)
{
  News *news = data;

  unref (news->wire);
  g_free (news->candidate);
  g_free (news);
}

static gboolean
deliver (gpointer data)
{
  News *news = data;

  if (!news->wire->is_closed)
    news->func (news->wire, news);
  return G_SOURCE_REMOVE;
}

/* To be filled in, and then handed over. */
static News *
news_new (gpointer wire, void (*func) (GstKvsWire *wire, gpointer news))
{
  News *news = g_new0 (News, 1);

  news->wire = ref (wire);
  news->func = func;
  return news;
}

static void
hand_over (News *news)
{
  kvs_worker_call (news->wire->worker, deliver, news, news_free);
}

static void
tell_candidate (GstKvsWire *self, gpointer news)
{
  self->events->candidate (self->user_data, ((News *) news)->candidate);
}

static void
on_candidate (gpointer user_data, const char *candidate)
{
  News *news = news_new (user_data, tell_candidate);

  news->candidate = g_strdup (candidate);
  hand_over (news);
}

static void
tell_gathered (GstKvsWire *self, gpointer news)
{
  self->events->gathered (self->user_data);
}

static void
on_gathered (gpointer user_data)
{
  hand_over (news_new (user_data, tell_gathered));
}

static void
tell_ready (GstKvsWire *self, gpointer news)
{
  self->events->ready (self->user_data);
}

static void
on_ready (gpointer user_data)
{
  hand_over (news_new (user_data, tell_ready));
}

static void
tell_connected (GstKvsWire *self, gpointer news)
{
  self->events->connected (self->user_data, &((News *) news)->path);
}

static void
send_data (gpointer user_data, const guint8 *data, gsize size)
{
  GstKvsWire *self = user_data;

  rtc_connection_send_data (self->connection, data, size);
}

static void
connect_channels (GstKvsWire *self)
{
  if (self->channels)
    gst_kvs_channels_connect (self->channels, self->is_dtls_client, SCTP_PORT,
        self->remote_port, self->max_message_size, send_data, self);
}

static void
on_connected (gpointer user_data, const RtcPath *path)
{
  News *news = news_new (user_data, tell_connected);

  connect_channels (user_data);
  news->path = *path;
  hand_over (news);
}

static void
tell_ended (GstKvsWire *self, gpointer news)
{
  self->events->ended (self->user_data, ((News *) news)->end);
}

static void
on_ended (gpointer user_data, RtcEnd end)
{
  News *news = news_new (user_data, tell_ended);

  news->end = end;
  hand_over (news);
}

static void
on_rtp (gpointer user_data, const guint8 *data, gsize size)
{
  GstKvsWire *self = user_data;

  if (self->reception)
    gst_kvs_reception_take_rtp (self->reception, data, size);
}

static void
on_rtcp (gpointer user_data, const guint8 *data, gsize size)
{
  GstKvsWire *self = user_data;

  if (self->reception)
    gst_kvs_reception_take_rtcp (self->reception, data, size);
}

static void
on_data (gpointer user_data, const guint8 *data, gsize size)
{
  GstKvsWire *self = user_data;

  if (self->channels)
    gst_kvs_channels_take (self->channels, data, size);
}

static void
tell_key_frame (GstKvsWire *self, gpointer news)
{
  guint track = ((News *) news)->track;

  g_atomic_int_set (&self->keys_asked[track], FALSE);
  self->events->key_frame (self->user_data, track);
}

static void
on_key_frame (gpointer user_data, guint track)
{
  GstKvsWire *self = user_data;
  News *news;

  if (track >= self->n_tracks
      || !g_atomic_int_compare_and_exchange (&self->keys_asked[track], FALSE,
          TRUE))
    return;
  news = news_new (self, tell_key_frame);
  news->track = track;
  hand_over (news);
}

static const RtcConnectionEvents connection_events = {
  .candidate = on_candidate,
  .gathered = on_gathered,
  .ready = on_ready,
  .connected = on_connected,
  .ended = on_ended,
  .rtp = on_rtp,
  .rtcp = on_rtcp,
  .data = on_data,
  .key_frame = on_key_frame,
};

typedef struct _Call Call;

/* What the net thread does, and leaves in the call what it was asked for. */
typedef void (*CallFunc) (GstKvsWire *self, Call *call);

/* What is asked, in the words of the function it becomes. */
struct _Call {
  GstKvsWire *wire;
  CallFunc func;
  const RtcIceConfig *config;
  const char *text; /* a cname, a host, a ufrag, or a candidate */
  const char *name;
  const char *password;
  guint number;
  gboolean flag;
  gpointer more;
};

static void
run_call (gpointer data, gpointer unused)
{
  Call *call = data;

  call->func (call->wire, call);
}

/* The net thread ends after all wires are closed (wire.h): whoever asks later has
 * made a mistake, and finds in the call what was there before. */
static void
ask (GstKvsWire *self, CallFunc func, Call *call)
{
  gboolean was_run;

  call->wire = self;
  call->func = func;
  was_run =
      kvs_worker_call_wait (rtc_net_get_worker (self->net), run_call, call);
  g_return_if_fail (was_run);
}

static void
make_connection (GstKvsWire *self, Call *call)
{
  self->connection = rtc_connection_new (self->net, call->config, call->text,
      &connection_events, ref (self), unref);
}

GstKvsWire *
gst_kvs_wire_new (KvsWorker *worker, RtcNet *net, const RtcIceConfig *config,
    const char *cname, const GstKvsWireEvents *events, gpointer user_data)
{
  GstKvsWire *self = g_new0 (GstKvsWire, 1);

  g_atomic_ref_count_init (&self->references);
  self->worker = g_object_ref (worker);
  self->net = g_object_ref (net);
  self->events = events;
  self->user_data = g_object_ref (user_data);
  ask (self, make_connection, &(Call){ .config = config, .text = cname });
  if (!self->connection) {
    unref (self);
    return NULL;
  }
  rtc_ice_get_credentials (rtc_connection_get_ice (self->connection),
      &self->ufrag, &self->password);
  return self;
}

const char *
gst_kvs_wire_get_ufrag (GstKvsWire *self)
{
  return self->ufrag;
}

const char *
gst_kvs_wire_get_password (GstKvsWire *self)
{
  return self->password;
}

const char *
gst_kvs_wire_get_fingerprint (GstKvsWire *self)
{
  return rtc_connection_get_fingerprint (self->connection);
}

void
gst_kvs_wire_set_reception (GstKvsWire *self, GstKvsReception *reception)
{
  self->reception = reception;
}

void
gst_kvs_wire_set_channels (GstKvsWire *self, GstKvsChannels *channels,
    guint16 remote_port, guint64 max_message_size)
{
  self->channels = gst_kvs_channels_ref (channels);
  self->remote_port = remote_port;
  self->max_message_size = max_message_size;
}

static void
add_relay (GstKvsWire *self, Call *call)
{
  rtc_ice_add_relay (rtc_connection_get_ice (self->connection), call->text,
      call->number, call->flag, call->name, call->password);
}

void
gst_kvs_wire_add_relay (GstKvsWire *self, const char *host, guint port,
    gboolean is_tcp, const char *username, const char *password)
{
  ask (self, add_relay,
      &(Call){ .text = host,
          .number = port,
          .flag = is_tcp,
          .name = username,
          .password = password });
}

static void
gather (GstKvsWire *self, Call *call)
{
  rtc_ice_gather (rtc_connection_get_ice (self->connection));
}

void
gst_kvs_wire_gather (GstKvsWire *self)
{
  ask (self, gather, &(Call){ 0 });
}

static void
set_remote (GstKvsWire *self, Call *call)
{
  self->is_dtls_client = call->flag;
  rtc_connection_set_remote (self->connection, call->text, call->password,
      call->flag, call->more);
}

void
gst_kvs_wire_set_remote (GstKvsWire *self, const char *ufrag,
    const char *password, gboolean is_dtls_client, GPtrArray *fingerprints)
{
  ask (self, set_remote,
      &(Call){ .text = ufrag,
          .password = password,
          .flag = is_dtls_client,
          .more = fingerprints });
}

static void
add_candidate (GstKvsWire *self, Call *call)
{
  rtc_ice_add_candidate (rtc_connection_get_ice (self->connection), call->text);
}

void
gst_kvs_wire_add_candidate (GstKvsWire *self, const char *candidate)
{
  ask (self, add_candidate, &(Call){ .text = candidate });
}

static void
add_track (GstKvsWire *self, Call *call)
{
  call->number =
      rtc_outbound_add_track (rtc_connection_get_outbound (self->connection),
          call->more);
}

guint
gst_kvs_wire_add_track (GstKvsWire *self, const GstKvsWireTrack *track)
{
  Call call = { .more = (gpointer) &track->config,
    .number = RTC_OUTBOUND_NO_TRACK };

  g_return_val_if_fail (self->n_tracks < TRACKS_MAX, RTC_OUTBOUND_NO_TRACK);
  ask (self, add_track, &call);
  if (call.number != self->n_tracks)
    return RTC_OUTBOUND_NO_TRACK;
  self->tracks[self->n_tracks] = *track;
  g_object_ref (track->input);
  return self->n_tracks++;
}

gboolean
gst_kvs_wire_post (GstKvsWire *self, guint track, RtcFrame *frame)
{
  return rtc_connection_post (self->connection, track, frame,
      gst_kvs_input_get_orientation (self->tracks[track].input));
}

void
gst_kvs_wire_post_rtcp (GstKvsWire *self, const guint8 *data, gsize size)
{
  rtc_connection_post_rtcp (self->connection, data, size);
}

static void
look_for_path (GstKvsWire *self, Call *call)
{
  call->flag = rtc_connection_has_path (self->connection);
}

gboolean
gst_kvs_wire_has_path (GstKvsWire *self)
{
  Call call = { 0 };

  ask (self, look_for_path, &call);
  return call.flag;
}

static void
read_stats (GstKvsWire *self, Call *call)
{
  rtc_outbound_get_stats (rtc_connection_get_outbound (self->connection),
      call->more);
}

void
gst_kvs_wire_get_stats (GstKvsWire *self, RtcOutboundStats *stats)
{
  *stats = (RtcOutboundStats){ .rtt_ms = -1, .queue_ms = -1 };
  ask (self, read_stats, &(Call){ .more = stats });
}

static void
set_wanted (GstKvsWire *self, Call *call)
{
  rtc_outbound_set_wanted (rtc_connection_get_outbound (self->connection),
      *(const guint64 *) call->more);
}

void
gst_kvs_wire_set_wanted (GstKvsWire *self, guint64 wanted)
{
  ask (self, set_wanted, &(Call){ .more = &wanted });
}

static gboolean
do_nothing (gpointer unused)
{
  return G_SOURCE_REMOVE;
}

/* What is left to be freed on the worker, on its way there from the net thread. */
typedef struct {
  KvsWorker *worker;
  GDestroyNotify done;
  gpointer data;
} Rest;

static void
free_rest (gpointer data)
{
  Rest *rest = data;

  kvs_worker_call (rest->worker, do_nothing, rest->data, rest->done);
  g_object_unref (rest->worker);
  g_free (rest);
}

/* The takers go after this: nothing comes for them any more. */
static void
close_connection (GstKvsWire *self, Call *call)
{
  self->reception = NULL;
  if (self->channels)
    gst_kvs_channels_disconnect (self->channels);
  g_clear_pointer (&self->channels, gst_kvs_channels_unref);
  rtc_connection_close (self->connection, free_rest, call->more);
}

void
gst_kvs_wire_close (GstKvsWire *self, GDestroyNotify done, gpointer data)
{
  Rest *rest = g_new0 (Rest, 1);

  rest->worker = g_object_ref (self->worker);
  rest->done = done;
  rest->data = data;
  self->is_closed = TRUE;
  ask (self, close_connection, &(Call){ .more = rest });
  g_clear_object (&self->user_data);
}

void
gst_kvs_wire_unref (GstKvsWire *self)
{
  unref (self);
}
