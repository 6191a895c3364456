#include "reception.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/rtp/rtp.h>
#include <string.h>

#include "extension.h"
#include "intake.h"
#include "sdptext.h"
#include "track.h"

GST_DEBUG_CATEGORY_EXTERN (kvspeer_debug);
#define GST_CAT_DEFAULT kvspeer_debug

/* How long a packet is waited for, sent again meanwhile. Told to downstream by output.c. */
#define LATENCY_MS 200

/* Seconds of video: of what comes faster than it is taken, the oldest goes. */
#define MAX_WAITING (1024 * 1024)

/* In bits a second, of which RTCP has a twentieth (RFC 3550 section 6.2). What
 * is measured in its place is little at first, and a packet lost then would be
 * asked for too late. */
#define BANDWIDTH 10e6
/* Beside which reports come at the pace of the browsers' own. */
#define REPORT_INTERVAL GST_SECOND

/* An m-line that is received on; after expect nobody changes it. */
typedef struct {
  const GstKvsCodec *codec;
  int pt;
  int rtx_pt;
  gboolean is_repaired; /* by retransmission */
  GstCaps *caps;
  GstCaps *rtx_caps; /* NULL without */
} Line;

struct _GstKvsReception {
  const GstKvsReceptionEvents *events;
  GObject *user_data;
  GstKvsTiming timing; /* until there is a pipeline */
  int is_open;         /* atomic */
  int is_stopped;      /* atomic */
  gsize bytes;         /* atomic */
  gsize packets;       /* atomic */

  /* Set by expect, before which nothing comes in. */
  GArray *lines;        /* of Line */
  guint orientation_id; /* of pictures, 0 without */
  guint32 ssrc;         /* what we report as */
  GstElement *pipeline; /* NULL where nothing is to be received */
  GstElement *source;   /* the pipeline's */
  GstElement *rtpbin;   /* likewise */

  GMutex lock;
  /* Under lock. */
  RtcIntake *intake;
  GPtrArray *buffers; /* of GstElement, a jitter buffer a stream */

  /* Of the thread that packets come on. */
  guint warned; /* bits by RtcIntakeVerdict */
};

static void
line_clear (gpointer data)
{
  Line *line = data;

  gst_clear_caps (&line->caps);
  gst_clear_caps (&line->rtx_caps);
}

static void
timing_set (GstKvsTiming *to, const GstKvsTiming *from)
{
  g_set_object (&to->clock, from->clock);
  to->base_time = from->base_time;
}

GstKvsReception *
gst_kvs_reception_new (const GstKvsReceptionEvents *events, gpointer user_data,
    const GstKvsTiming *timing)
{
  GstKvsReception *self = g_new0 (GstKvsReception, 1);

  self->events = events;
  self->user_data = g_object_ref (user_data);
  timing_set (&self->timing, timing);
  g_mutex_init (&self->lock);
  return self;
}

static GstCaps *
payload_caps_new (const GstKvsCodec *codec, const char *name, int pt)
{
  return gst_caps_new_simple ("application/x-rtp", "media", G_TYPE_STRING,
      gst_kvs_media_name (codec->media), "encoding-name", G_TYPE_STRING, name,
      "clock-rate", G_TYPE_INT, codec->clock_rate, "payload", G_TYPE_INT, pt,
      NULL);
}

/* What of the description the session, its jitter buffers and depayloaders
 * read; of what the peer wrote itself, nothing. */
static GstCaps *
caps_new (const GstKvsSdpCodec *codec, guint transport_cc_id)
{
  GstCaps *caps =
      payload_caps_new (codec->codec, codec->codec->name, codec->pt);

  if (codec->codec->rtp_channels)
    gst_caps_set_simple (caps, "encoding-params", G_TYPE_STRING,
        codec->codec->rtp_channels, NULL);
  if (codec->nack_pli)
    gst_caps_set_simple (caps, "rtcp-fb-nack-pli", G_TYPE_BOOLEAN, TRUE, NULL);
  if (codec->ccm_fir)
    gst_caps_set_simple (caps, "rtcp-fb-ccm-fir", G_TYPE_BOOLEAN, TRUE, NULL);
  if (g_str_equal (codec->codec->name, "H264"))
    gst_caps_set_simple (caps, "packetization-mode", G_TYPE_STRING, "1", NULL);
  if (transport_cc_id > 0) {
    g_autofree char *field = g_strdup_printf ("extmap-%u", transport_cc_id);

    gst_caps_set_simple (caps, field, G_TYPE_STRING,
        GST_KVS_EXTENSION_TRANSPORT_CC, NULL);
  }
  return caps;
}

static void
admit (GstKvsReception *self, const GstKvsSdpMedia *media,
    const GstKvsSdpCodec *codec)
{
  RtcIntakeLine line = { .pt = codec->pt, .rtx_pt = codec->rtx_pt };

  line.n_ssrcs = MIN (media->ssrcs->len, RTC_INTAKE_MAX_SSRCS);
  if (line.n_ssrcs > 0)
    memcpy (line.ssrcs, media->ssrcs->data, line.n_ssrcs * sizeof (guint32));
  rtc_intake_add_line (self->intake, &line);
}

static void
add_line (GstKvsReception *self, const GstKvsSdpMedia *media,
    const GstKvsSdpCodec *codec)
{
  Line line = { .codec = codec->codec, .pt = codec->pt };

  line.rtx_pt = codec->rtx_pt;
  line.is_repaired = codec->nack && codec->rtx_pt >= 0;
  line.caps =
      caps_new (codec, codec->transport_cc ? media->transport_cc_id : 0);
  if (codec->rtx_pt >= 0)
    line.rtx_caps = payload_caps_new (codec->codec, "RTX", codec->rtx_pt);
  g_array_append_val (self->lines, line);
  admit (self, media, codec);
  /* One for all m-lines that are bundled (RFC 8843 section 9.2). */
  self->orientation_id = MAX (self->orientation_id, media->orientation_id);
}

static const Line *
find_line (GstKvsReception *self, int pt)
{
  for (guint i = 0; i < self->lines->len; i++) {
    const Line *line = &g_array_index (self->lines, Line, i);

    if (line->pt == pt || line->rtx_pt == pt)
      return line;
  }
  return NULL;
}

static GstCaps *
on_request_pt_map (GstElement *rtpbin, guint session, guint pt,
    gpointer user_data)
{
  const Line *line = find_line (user_data, (int) pt);

  if (!line)
    return NULL;
  return gst_caps_ref (line->pt == (int) pt ? line->caps : line->rtx_caps);
}

/* What was asked for and comes as another stream (RFC 4588) goes back to its
 * own. Which that is, is told by what was asked for: what SDP says of it would
 * become the name of a field, and stay in the process for ever. */
static GstElement *
repairer_new (GstKvsReception *self)
{
  GstElement *repairer = gst_element_factory_make ("rtprtxreceive", NULL);
  g_autoptr (GstStructure) map =
      gst_structure_new_empty ("application/x-rtp-pt-map");

  for (guint i = 0; i < self->lines->len; i++) {
    const Line *line = &g_array_index (self->lines, Line, i);
    g_autofree char *pt = g_strdup_printf ("%d", line->pt);

    if (line->rtx_pt >= 0)
      gst_structure_set (map, pt, G_TYPE_UINT, (guint) line->rtx_pt, NULL);
  }
  g_object_set (repairer, "payload-type-map", map, NULL);
  return repairer;
}

static void
add_ghost (GstElement *bin, GstElement *element, const char *name,
    const char *target_name)
{
  g_autoptr (GstPad) target = gst_element_get_static_pad (element, target_name);

  gst_element_add_pad (bin, gst_ghost_pad_new (name, target));
}

static gboolean
is_any_repaired (GstKvsReception *self)
{
  for (guint i = 0; i < self->lines->len; i++) {
    if (g_array_index (self->lines, Line, i).rtx_pt >= 0)
      return TRUE;
  }
  return FALSE;
}

static GstElement *
on_request_aux_receiver (GstElement *rtpbin, guint session, gpointer user_data)
{
  GstKvsReception *self = user_data;
  GstElement *bin, *repairer;

  if (!is_any_repaired (self))
    return NULL;
  bin = gst_bin_new (NULL);
  repairer = repairer_new (self);
  gst_bin_add (GST_BIN (bin), repairer);
  add_ghost (bin, repairer, "sink_0", "sink");
  add_ghost (bin, repairer, "src_0", "src");
  return bin;
}

/* From the source's thread. */
static void
on_new_jitterbuffer (GstElement *rtpbin, GstElement *buffer, guint session,
    guint ssrc, gpointer user_data)
{
  GstKvsReception *self = user_data;
  int index;

  g_mutex_lock (&self->lock);
  index = rtc_intake_find_line (self->intake, ssrc);
  g_ptr_array_add (self->buffers, gst_object_ref (buffer));
  g_mutex_unlock (&self->lock);
  if (index >= 0)
    g_object_set (buffer, "do-retransmission",
        g_array_index (self->lines, Line, (guint) index).is_repaired, NULL);
}

static int
payload_type_of (GstPad *pad)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  int pt = -1;

  if (caps)
    gst_structure_get_int (gst_caps_get_structure (caps, 0), "payload", &pt);
  return pt;
}

static GstElement *
waste_new (void)
{
  GstElement *waste = gst_element_factory_make ("fakesink", NULL);

  g_object_set (waste, "sync", FALSE, "async", FALSE, "enable-last-sample",
      FALSE, NULL);
  return waste;
}

static GstElement *
track_or_waste_new (GstKvsReception *self, GstPad *pad, GstKvsOutput **output)
{
  const Line *line = g_atomic_int_get (&self->is_stopped)
      ? NULL
      : find_line (self, payload_type_of (pad));
  GstElement *track = line
      ? gst_kvs_track_new (line->codec, self->orientation_id,
          self->events->first_frame, self->user_data, output)
      : NULL;

  return track ? track : waste_new ();
}

/* The streaming thread of a new stream: linked here, or its first packet
 * would end it. */
static void
on_pad_added (GstElement *rtpbin, GstPad *pad, gpointer user_data)
{
  GstKvsReception *self = user_data;
  g_autoptr (GstKvsOutput) output = NULL;
  g_autoptr (GstPad) sink = NULL;
  GstElement *track;

  if (!g_str_has_prefix (GST_PAD_NAME (pad), "recv_rtp_src_"))
    return;
  track = track_or_waste_new (self, pad, &output);
  gst_bin_add (GST_BIN (self->pipeline), track);
  gst_element_sync_state_with_parent (track);
  if (output)
    self->events->added (self->user_data, output);
  sink = gst_element_get_static_pad (track, "sink");
  gst_pad_link (pad, sink);
}

/* Until its first report is out, rtpsession of 1.22 writes feedback about the
 * transport (RTPFB 15) as nobody's. */
static void
sign (GstKvsReception *self, guint8 *data, gsize size)
{
  if (size >= 8 && data[1] == GST_RTCP_TYPE_RTPFB
      && (data[0] & 0x1f) == GST_RTCP_RTPFB_TYPE_TWCC)
    GST_WRITE_UINT32_BE (data + 4, self->ssrc);
}

static GstFlowReturn
on_rtcp (GstAppSink *sink, gpointer user_data)
{
  GstKvsReception *self = user_data;
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);
  g_autofree guint8 *data = NULL;
  gsize size;

  if (!sample || g_atomic_int_get (&self->is_stopped))
    return GST_FLOW_OK;
  gst_buffer_extract_dup (gst_sample_get_buffer (sample), 0, -1,
      (gpointer *) &data, &size);
  sign (self, data, size);
  self->events->rtcp (self->user_data, data, size);
  return GST_FLOW_OK;
}

static void
link_rtcp (GstKvsReception *self)
{
  static GstAppSinkCallbacks callbacks = { .new_sample = on_rtcp };
  GstElement *sink = gst_element_factory_make ("appsink", NULL);

  g_object_set (sink, "sync", FALSE, "async", FALSE, "enable-last-sample",
      FALSE, NULL);
  gst_app_sink_set_callbacks (GST_APP_SINK (sink), &callbacks, self, NULL);
  gst_bin_add (GST_BIN (self->pipeline), sink);
  gst_element_link_pads (self->rtpbin, "send_rtcp_src_0", sink, "sink");
}

/* Nobody reads this bus; what waited in it would only grow. */
static GstBusSyncReply
on_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  GstKvsReception *self = user_data;
  g_autoptr (GError) error = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    gst_message_parse_error (message, &error, NULL);
    if (self->events->failed && !g_atomic_int_get (&self->is_stopped))
      self->events->failed (self->user_data, error->message);
  }
  gst_message_unref (message);
  return GST_BUS_DROP;
}

static void
watch_bus (GstKvsReception *self)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (self->pipeline);

  gst_bus_set_sync_handler (bus, on_message, self, NULL);
}

static GstElement *
rtpbin_new (GstKvsReception *self, const char *cname)
{
  GstElement *rtpbin = gst_element_factory_make ("rtpbin", NULL);
  g_autoptr (GstStructure) sdes =
      gst_structure_new ("application/x-rtp-source-sdes", "cname",
          G_TYPE_STRING, cname, NULL);

  gst_util_set_object_arg (G_OBJECT (rtpbin), "rtp-profile", "savpf");
  g_object_set (rtpbin, "latency", LATENCY_MS, "do-lost", TRUE, "sdes", sdes,
      NULL);
  g_signal_connect (rtpbin, "request-pt-map", G_CALLBACK (on_request_pt_map),
      self);
  g_signal_connect (rtpbin, "request-aux-receiver",
      G_CALLBACK (on_request_aux_receiver), self);
  g_signal_connect (rtpbin, "new-jitterbuffer",
      G_CALLBACK (on_new_jitterbuffer), self);
  g_signal_connect (rtpbin, "pad-added", G_CALLBACK (on_pad_added), self);
  return rtpbin;
}

static GstPadProbeReturn
on_packet (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  GstKvsReception *self = user_data;

  return g_atomic_int_get (&self->is_stopped) ? GST_PAD_PROBE_DROP
                                              : GST_PAD_PROBE_OK;
}

/* A thread of its own, and one for RTP and RTCP, which rtpsession tells apart:
 * a jitter buffer that a peer has filled with nonsense keeps its caller. */
static GstElement *
source_new (GstKvsReception *self)
{
  GstElement *source = gst_element_factory_make ("appsrc", NULL);
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("application/x-rtp");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (source, "src");

  g_object_set (source, "is-live", TRUE, "format", GST_FORMAT_TIME, "caps",
      caps, "max-bytes", (guint64) MAX_WAITING, NULL);
  gst_util_set_object_arg (G_OBJECT (source), "leaky-type", "downstream");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_packet, self, NULL);
  return source;
}

/* What is pushed into the first comes out of all. The second is there so that
 * rtpbin hands on the reports by which streams are brought together. */
static void
link_source (GstKvsReception *self)
{
  g_autoptr (GstPad) rtcp = NULL;

  gst_element_link_pads (self->source, "src", self->rtpbin, "recv_rtp_sink_0");
  rtcp = gst_element_request_pad_simple (self->rtpbin, "recv_rtcp_sink_0");
}

static void
set_up_session (GstKvsReception *self, gboolean is_reduced)
{
  g_autoptr (GObject) session = NULL;

  g_signal_emit_by_name (self->rtpbin, "get-internal-session", 0, &session);
  g_object_set (session, "internal-ssrc", self->ssrc, "rtcp-reduced-size",
      is_reduced, "bandwidth", BANDWIDTH, "rtcp-min-interval",
      (guint64) REPORT_INTERVAL, NULL);
}

static void
build (GstKvsReception *self, const char *cname, gboolean is_reduced)
{
  self->buffers = g_ptr_array_new_with_free_func (gst_object_unref);
  self->pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  watch_bus (self);
  gst_kvs_timing_apply (&self->timing, self->pipeline);
  self->rtpbin = rtpbin_new (self, cname);
  self->source = source_new (self);
  gst_bin_add_many (GST_BIN (self->pipeline), self->source, self->rtpbin, NULL);
  link_source (self);
  link_rtcp (self);
  set_up_session (self, is_reduced);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
}

void
gst_kvs_reception_expect (GstKvsReception *self, const GstKvsSdpOffer *remote,
    const GstKvsSdpChoice *choices, guint32 ssrc, const char *cname)
{
  gboolean is_reduced = TRUE;

  g_return_if_fail (self->lines == NULL);

  self->lines = g_array_new (FALSE, FALSE, sizeof (Line));
  g_array_set_clear_func (self->lines, line_clear);
  self->intake = rtc_intake_new (ssrc);
  self->ssrc = ssrc;
  for (guint i = 0; i < remote->medias->len; i++) {
    const GstKvsSdpMedia *media = g_ptr_array_index (remote->medias, i);
    const GstSDPMedia *text;

    if (!choices[i].receive || !choices[i].codec)
      continue;
    text = gst_sdp_message_get_media (remote->message, media->mline);
    is_reduced &= gst_sdp_media_get_attribute_val (text, "rtcp-rsize") != NULL;
    add_line (self, media, choices[i].codec);
  }
  if (self->lines->len > 0)
    build (self, cname, is_reduced);
}

void
gst_kvs_reception_open (GstKvsReception *self)
{
  g_atomic_int_set (&self->is_open, TRUE);
}

/* Of the peer's own making, so once. */
static void
warn (GstKvsReception *self, RtcIntakeVerdict verdict, const guint8 *data,
    gsize size)
{
  static const char *const reasons[] = {
    [RTC_INTAKE_MALFORMED] = "no RTP",
    [RTC_INTAKE_OTHER_TYPE] = "of a payload type that was not agreed on",
    [RTC_INTAKE_OTHER_SOURCE] = "from an SSRC that was not declared",
    [RTC_INTAKE_ASTRAY] = "far out of sequence",
  };

  if (self->warned & 1u << verdict)
    return;
  self->warned |= 1u << verdict;
  GST_WARNING ("a peer sends what is %s (payload type %d, %" G_GSIZE_FORMAT
               " bytes); such packets are dropped",
      reasons[verdict], size > 1 ? data[1] & 0x7f : -1, size);
}

static gboolean
is_taking (GstKvsReception *self)
{
  return g_atomic_int_get (&self->is_open)
      && !g_atomic_int_get (&self->is_stopped) && self->pipeline;
}

/* With the time of its arrival. */
static void
push (GstKvsReception *self, const guint8 *data, gsize size)
{
  GstBuffer *buffer = gst_buffer_new_memdup (data, size);

  GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) =
      gst_element_get_current_running_time (self->pipeline);
  gst_app_src_push_buffer (GST_APP_SRC (self->source), buffer);
}

void
gst_kvs_reception_take_rtp (GstKvsReception *self, const guint8 *data,
    gsize size)
{
  RtcIntakePacket packet;
  RtcIntakeVerdict verdict;

  if (!is_taking (self))
    return;
  g_mutex_lock (&self->lock);
  verdict = rtc_intake_take_rtp (self->intake, data, size, &packet);
  g_mutex_unlock (&self->lock);
  if (verdict != RTC_INTAKE_TAKEN) {
    warn (self, verdict, data, size);
    return;
  }
  g_atomic_pointer_add (&self->bytes, packet.payload_size);
  g_atomic_pointer_add (&self->packets, 1);
  push (self, data, size);
}

static void
push_report (gpointer user_data, const guint8 *report, gsize size)
{
  push (user_data, report, size);
}

void
gst_kvs_reception_take_rtcp (GstKvsReception *self, const guint8 *data,
    gsize size)
{
  if (!is_taking (self))
    return;
  g_mutex_lock (&self->lock);
  rtc_intake_take_rtcp (self->intake, data, size, push_report, self);
  g_mutex_unlock (&self->lock);
}

static void
add_source (GstKvsReception *self, const GstStructure *source,
    GstKvsReceptionStats *stats)
{
  gboolean is_internal = FALSE;
  guint ssrc = 0, pli = 0, fir = 0, nack = 0;
  int lost = 0;

  gst_structure_get_boolean (source, "internal", &is_internal);
  gst_structure_get_uint (source, "ssrc", &ssrc);
  if (is_internal || !rtc_intake_is_media (self->intake, ssrc))
    return;
  gst_structure_get_int (source, "packets-lost", &lost);
  gst_structure_get_uint (source, "sent-pli-count", &pli);
  gst_structure_get_uint (source, "sent-fir-count", &fir);
  gst_structure_get_uint (source, "sent-nack-count", &nack);
  stats->lost += (guint64) MAX (lost, 0);
  stats->plis += pli + fir;
  stats->nacks += nack;
}

G_GNUC_BEGIN_IGNORE_DEPRECATIONS
/* rtpsession's "source-stats" is a GValueArray to this day. */
static void
add_sources (GstKvsReception *self, GstKvsReceptionStats *stats)
{
  g_autoptr (GObject) session = NULL;
  g_autoptr (GstStructure) s = NULL;
  const GValue *value;
  GValueArray *sources;

  g_signal_emit_by_name (self->rtpbin, "get-internal-session", 0, &session);
  g_object_get (session, "stats", &s, NULL);
  value = gst_structure_get_value (s, "source-stats");
  sources = value ? g_value_get_boxed (value) : NULL;
  g_mutex_lock (&self->lock);
  for (guint i = 0; sources && i < sources->n_values; i++)
    add_source (self, g_value_get_boxed (g_value_array_get_nth (sources, i)),
        stats);
  g_mutex_unlock (&self->lock);
}
G_GNUC_END_IGNORE_DEPRECATIONS

void
gst_kvs_reception_get_stats (GstKvsReception *self, GstKvsReceptionStats *stats)
{
  memset (stats, 0, sizeof (*stats));
  stats->bytes = (gsize) g_atomic_pointer_get (&self->bytes);
  stats->packets = (gsize) g_atomic_pointer_get (&self->packets);
  if (stats->packets > 0)
    add_sources (self, stats);
}

void
gst_kvs_reception_set_timing (GstKvsReception *self, const GstKvsTiming *timing)
{
  timing_set (&self->timing, timing);
  if (self->pipeline)
    gst_kvs_timing_apply (timing, self->pipeline);
}

void
gst_kvs_reception_stop (GstKvsReception *self)
{
  g_atomic_int_set (&self->is_stopped, TRUE);
}

static void
end_element (GstElement *element)
{
  gst_element_set_locked_state (element, TRUE);
  gst_element_set_state (element, GST_STATE_NULL);
}

static void
end_buffers (GstKvsReception *self)
{
  g_autoptr (GPtrArray) buffers = NULL;

  g_mutex_lock (&self->lock);
  buffers = g_steal_pointer (&self->buffers);
  self->buffers = g_ptr_array_new_with_free_func (gst_object_unref);
  g_mutex_unlock (&self->lock);
  for (guint i = 0; i < buffers->len; i++)
    end_element (g_ptr_array_index (buffers, i));
}

/* The jitter buffers' threads are the ones that hand a stream's first packet to
 * rtpbin, which makes pads for it; those it makes while it goes down itself,
 * 1.22 never frees. So these end first, with all behind them still at work.
 * Then the source, which may have waited for one of them, and may have made
 * one more. */
static void
take_down (GstKvsReception *self)
{
  end_buffers (self);
  end_element (self->source);
  end_buffers (self);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  g_ptr_array_unref (self->buffers);
  gst_object_unref (self->pipeline);
}

void
gst_kvs_reception_free (GstKvsReception *self)
{
  gst_kvs_reception_stop (self);
  if (self->pipeline)
    take_down (self);
  g_clear_pointer (&self->intake, rtc_intake_free);
  g_clear_pointer (&self->lines, g_array_unref);
  gst_kvs_timing_clear (&self->timing);
  g_mutex_clear (&self->lock);
  g_object_unref (self->user_data);
  g_free (self);
}
