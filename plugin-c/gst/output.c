#include "output.h"

#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>

#include "timing.h"

/* Two seconds of video and more of audio: beyond it, the oldest go. */
#define MAX_WAITING 60
/* What came before there was a pad is kept for it, from its first key frame on. */
#define MAX_EARLY 60
/* What the jitter buffer may hold a packet back, told to downstream
 * so that its sinks wait as long. */
#define LATENCY (200 * GST_MSECOND)
/* A sink that only waits for the clock takes its buffer within that. */
#define LET_GO_US (500 * G_TIME_SPAN_MILLISECOND)

struct _GstKvsOutput {
  GObject parent;

  const GstKvsCodec *codec;
  GstKvsOutputKeyFunc key_frame;
  gpointer user_data;
  GDestroyNotify notify;

  int is_leaving;  /* atomic: nothing more may come out */
  gsize frames;    /* atomic: pushed */
  int orientation; /* atomic: of what the source has last been given */
  GMutex lock;
  /* Under lock. */
  gboolean is_started;      /* frames go through */
  gboolean is_redirected;   /* to the target's pad */
  gboolean is_ended;        /* this stream's own no more */
  gboolean lost_early;      /* more came early than is kept */
  GstKvsOrientation pushed; /* of this stream's last frame */
  GQueue early;             /* of GstSample, until is_started */
  GstCaps *caps;            /* what the source was last told */
  GstKvsOutput *target;     /* whose pad this stream goes to */
  GstKvsOutput *feeder;     /* whose stream comes to this pad now */
  GstClockTime reached;     /* running time of the last buffer that left */
  GstClockTime key_due;     /* when downstream wants a key frame, if not yet */

  /* Set by add, gone with remove. */
  GstBin *bin;
  GstElement *src;
  GstPad *pad;
  char *pad_name;
  char *stream_id;

  /* Of the source's streaming thread: the pad that did not take what it was
   * given, and gets no more. For comparison only, it may be gone. */
  gpointer refused_by;
  GstKvsOrientation told; /* to downstream, likewise */
};

G_DEFINE_FINAL_TYPE (GstKvsOutput, gst_kvs_output, G_TYPE_OBJECT)
/* The dashes are no minus signs. */
/* clang-format off */
static G_DEFINE_QUARK (gst-kvs-output, output)
    /* clang-format on */

    static void gst_kvs_output_finalize (GObject *object)
{
  GstKvsOutput *self = GST_KVS_OUTPUT (object);

  self->notify (self->user_data);
  gst_clear_caps (&self->caps);
  g_queue_clear_full (&self->early, (GDestroyNotify) gst_sample_unref);
  g_clear_object (&self->target);
  g_clear_object (&self->feeder);
  g_mutex_clear (&self->lock);
  g_free (self->stream_id);
  g_free (self->pad_name);
  G_OBJECT_CLASS (gst_kvs_output_parent_class)->finalize (object);
}

static void
gst_kvs_output_class_init (GstKvsOutputClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_kvs_output_finalize;
}

static void
gst_kvs_output_init (GstKvsOutput *self)
{
  g_mutex_init (&self->lock);
  self->reached = self->key_due = GST_CLOCK_TIME_NONE;
}

GstKvsOutput *
gst_kvs_output_new (const GstKvsCodec *codec, GstKvsOutputKeyFunc key_frame,
    gpointer user_data, GDestroyNotify notify)
{
  GstKvsOutput *self = g_object_new (GST_TYPE_KVS_OUTPUT, NULL);

  self->codec = codec;
  self->key_frame = key_frame;
  self->user_data = user_data;
  self->notify = notify;
  return self;
}

const GstKvsCodec *
gst_kvs_output_get_codec (GstKvsOutput *self)
{
  return self->codec;
}

const char *
gst_kvs_output_get_pad_name (GstKvsOutput *self)
{
  return self->pad_name;
}

static void
request_key_frame (GstKvsOutput *self)
{
  g_autoptr (GstKvsOutput) feeder = NULL;

  g_mutex_lock (&self->lock);
  feeder = self->feeder ? g_object_ref (self->feeder) : NULL;
  g_mutex_unlock (&self->lock);
  if (feeder)
    feeder->key_frame (feeder->user_data);
  else
    self->key_frame (self->user_data);
}

/* TRUE where one is due now; one that is not is kept for `reach`. */
static gboolean
note_key_frame_wish (GstKvsOutput *self, GstEvent *event)
{
  GstClockTime due = GST_CLOCK_TIME_NONE;
  gboolean is_early;

  gst_video_event_parse_upstream_force_key_unit (event, &due, NULL, NULL);
  g_mutex_lock (&self->lock);
  is_early = GST_CLOCK_TIME_IS_VALID (due)
      && GST_CLOCK_TIME_IS_VALID (self->reached) && due > self->reached;
  if (is_early)
    self->key_due = MIN (self->key_due, due);
  g_mutex_unlock (&self->lock);
  return !is_early;
}

/* Who cuts a stream into pieces asks for the key frame of the next piece when
 * this one begins. No sender can be told a time (RFC 4585), so it is told when
 * the time has come; told at once, pieces would be much too short and too long
 * in turn. */
static void
reach (GstKvsOutput *self, GstClockTime running_time)
{
  gboolean is_due;

  if (!GST_CLOCK_TIME_IS_VALID (running_time))
    return;
  g_mutex_lock (&self->lock);
  self->reached = running_time;
  is_due =
      GST_CLOCK_TIME_IS_VALID (self->key_due) && running_time >= self->key_due;
  if (is_due)
    self->key_due = GST_CLOCK_TIME_NONE;
  g_mutex_unlock (&self->lock);
  if (is_due)
    request_key_frame (self);
}

static GstPadProbeReturn
on_upstream_event (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);

  if (!gst_video_event_is_force_key_unit (event))
    return GST_PAD_PROBE_OK;
  if (note_key_frame_wish (user_data, event))
    request_key_frame (user_data);
  return GST_PAD_PROBE_DROP;
}

static GstElement *
source_new (GstKvsOutput *self)
{
  GstElement *src = gst_element_factory_make ("appsrc", NULL);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (src, "src");

  g_object_set (src, "is-live", TRUE, "format", GST_FORMAT_TIME, "block", FALSE,
      "max-bytes", (guint64) 0, "max-buffers", (guint64) MAX_WAITING,
      "leaky-type", GST_APP_LEAKY_TYPE_DOWNSTREAM, "min-latency",
      (gint64) LATENCY, NULL);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, on_upstream_event,
      g_object_ref (self), g_object_unref);
  return src;
}

/* Sticky events of a pad that is not linked wait there. Whether downstream
 * likes the caps is seen with the first buffer, see on_buffer. */
static gboolean
on_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  GstKvsOutput *self = g_object_get_qdata (G_OBJECT (pad), output_quark ());

  if (GST_EVENT_TYPE (event) == GST_EVENT_STREAM_START) {
    gst_event_unref (event);
    event = gst_event_new_stream_start (self->stream_id);
  }
  /* It may like the next codec. */
  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS)
    self->refused_by = NULL;
  gst_pad_event_default (pad, parent, event);
  return TRUE;
}

static gboolean
on_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  if (GST_QUERY_TYPE (query) != GST_QUERY_ACCEPT_CAPS)
    return gst_pad_query_default (pad, parent, query);
  gst_query_set_accept_caps_result (query, TRUE);
  return TRUE;
}

static void
warn_refused (GstKvsOutput *self, GstFlowReturn flow)
{
  GST_ELEMENT_WARNING (self->bin, STREAM, FORMAT,
      ("What is linked to %s does not take the %s (%s) that comes there.",
          self->pad_name, gst_kvs_media_name (self->codec->media),
          self->codec->name),
      ("%s: %s", self->stream_id, gst_flow_get_name (flow)));
}

static void
tell_orientation (GstKvsOutput *self, GstPad *pad)
{
  GstKvsOrientation now =
      (GstKvsOrientation) g_atomic_int_get (&self->orientation);

  if (now == self->told)
    return;
  self->told = now;
  gst_pad_push_event (pad,
      gst_event_new_tag (gst_tag_list_new (GST_TAG_IMAGE_ORIENTATION,
          gst_kvs_orientation_name (now), NULL)));
}

/* What comes of a buffer is never an error of the source, which would end the
 * application's pipeline: a pad that is not linked, one that is taken away, or
 * a codec that one viewer sends and downstream does not know. */
static GstFlowReturn
on_buffer (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  GstKvsOutput *self = g_object_get_qdata (G_OBJECT (pad), output_quark ());
  g_autoptr (GstPad) peer = gst_pad_get_peer (GST_PAD (parent));
  gboolean is_leaving = g_atomic_int_get (&self->is_leaving);
  GstFlowReturn flow;

  if (is_leaving || !peer || peer == self->refused_by) {
    gst_buffer_unref (buffer);
    return is_leaving ? GST_FLOW_FLUSHING : GST_FLOW_OK;
  }
  tell_orientation (self, GST_PAD (parent));
  /* The source's segment begins at 0: its times are running times. */
  reach (self, GST_BUFFER_PTS (buffer));
  flow = gst_proxy_pad_chain_default (pad, parent, buffer);
  if (flow == GST_FLOW_NOT_NEGOTIATED || flow == GST_FLOW_ERROR) {
    self->refused_by = peer;
    warn_refused (self, flow);
  }
  return g_atomic_int_get (&self->is_leaving) ? GST_FLOW_FLUSHING : GST_FLOW_OK;
}

static GstPad *
pad_new (GstKvsOutput *self)
{
  g_autofree char *template_name =
      g_strdup_printf ("%s_src_%%u", gst_kvs_media_name (self->codec->media));
  g_autoptr (GstPad) target = gst_element_get_static_pad (self->src, "src");
  GstPad *pad = gst_ghost_pad_new_from_template (self->pad_name, target,
      gst_element_class_get_pad_template (GST_ELEMENT_GET_CLASS (self->bin),
          template_name));
  g_autoptr (GstProxyPad) inside =
      gst_proxy_pad_get_internal (GST_PROXY_PAD (pad));

  g_object_set_qdata_full (G_OBJECT (inside), output_quark (),
      g_object_ref (self), g_object_unref);
  gst_pad_set_event_function (GST_PAD (inside), on_event);
  gst_pad_set_query_function (GST_PAD (inside), on_query);
  gst_pad_set_chain_function (GST_PAD (inside), on_buffer);
  return gst_object_ref_sink (pad);
}

/* The pad's stream-id names the peer: "<element's>/<peer id>/<pad>". */
static char *
stream_id_new (GstKvsOutput *self, const char *peer_id)
{
  g_autofree char *path = gst_object_get_path_string (GST_OBJECT (self->bin));

  return g_strdup_printf ("%s/%s/%s", path, peer_id, self->pad_name);
}

void
gst_kvs_output_add (GstKvsOutput *self, GstBin *bin, const char *name,
    const char *peer_id)
{
  g_autoptr (GstEvent) stream_start = NULL;

  self->bin = bin;
  self->pad_name = g_strdup (name);
  self->stream_id = stream_id_new (self, peer_id);
  self->src = gst_object_ref_sink (source_new (self));
  gst_bin_add (bin, self->src);
  self->pad = pad_new (self);
  gst_pad_set_active (self->pad, TRUE);
  stream_start = gst_event_new_stream_start (self->stream_id);
  gst_pad_store_sticky_event (self->pad, stream_start);
  gst_element_add_pad (GST_ELEMENT (bin), self->pad);
  gst_element_sync_state_with_parent (self->src);
}

static void
deliver_unlocked (GstKvsOutput *self, GstSample *sample,
    GstKvsOrientation orientation)
{
  GstCaps *caps = gst_sample_get_caps (sample);

  if (self->caps != caps) {
    gst_caps_replace (&self->caps, caps);
    gst_app_src_set_caps (GST_APP_SRC (self->src), caps);
  }
  g_atomic_int_set (&self->orientation, orientation);
  gst_app_src_push_buffer (GST_APP_SRC (self->src),
      gst_kvs_timing_stamp (sample));
}

static void
deliver (GstKvsOutput *self, GstSample *sample, GstKvsOrientation orientation)
{
  g_mutex_lock (&self->lock);
  if (self->is_started)
    deliver_unlocked (self, sample, orientation);
  g_mutex_unlock (&self->lock);
}

void
gst_kvs_output_start (GstKvsOutput *self)
{
  GstSample *sample;
  gboolean lost_early;

  g_mutex_lock (&self->lock);
  self->is_started = self->target == NULL;
  while ((sample = g_queue_pop_head (&self->early))) {
    if (self->target)
      deliver (self->target, sample, self->pushed);
    else
      deliver_unlocked (self, sample, self->pushed);
    gst_sample_unref (sample);
  }
  lost_early = self->lost_early;
  self->is_redirected = self->target != NULL;
  g_mutex_unlock (&self->lock);
  if (lost_early)
    request_key_frame (self);
}

void
gst_kvs_output_inherit (GstKvsOutput *self, GstKvsOutput *from)
{
  g_mutex_lock (&self->lock);
  g_set_object (&self->target, from);
  g_free (self->pad_name);
  self->pad_name = g_strdup (from->pad_name);
  g_mutex_unlock (&self->lock);
  g_mutex_lock (&from->lock);
  g_set_object (&from->feeder, self);
  g_mutex_unlock (&from->lock);
}

void
gst_kvs_output_end (GstKvsOutput *self)
{
  g_autoptr (GstKvsOutput) target = NULL;

  g_mutex_lock (&self->lock);
  self->is_ended = TRUE;
  target = g_steal_pointer (&self->target);
  g_queue_clear_full (&self->early, (GDestroyNotify) gst_sample_unref);
  g_mutex_unlock (&self->lock);
  if (!target)
    return;
  g_mutex_lock (&target->lock);
  if (target->feeder == self)
    g_clear_object (&target->feeder);
  g_mutex_unlock (&target->lock);
}

/* From the first key frame on: what goes before it decodes to nothing. */
static void
keep_unlocked (GstKvsOutput *self, GstSample *sample)
{
  gboolean is_delta = GST_BUFFER_FLAG_IS_SET (gst_sample_get_buffer (sample),
      GST_BUFFER_FLAG_DELTA_UNIT);

  if (self->early.length == MAX_EARLY) {
    g_queue_clear_full (&self->early, (GDestroyNotify) gst_sample_unref);
    self->lost_early = TRUE;
  }
  if (self->early.length > 0 || !is_delta) {
    g_queue_push_tail (&self->early, gst_sample_ref (sample));
    self->lost_early = FALSE;
  }
}

GstPad *
gst_kvs_output_get_pad (GstKvsOutput *self)
{
  return self->pad;
}

guint64
gst_kvs_output_get_frames (GstKvsOutput *self)
{
  return (gsize) g_atomic_pointer_get (&self->frames);
}

void
gst_kvs_output_push (GstKvsOutput *self, GstSample *sample,
    GstKvsOrientation orientation)
{
  g_autoptr (GstKvsOutput) target = NULL;

  g_atomic_pointer_add (&self->frames, 1);
  g_mutex_lock (&self->lock);
  self->pushed = orientation;
  if (self->is_ended)
    ;
  else if (self->is_redirected)
    target = g_object_ref (self->target);
  else if (self->is_started)
    deliver_unlocked (self, sample, orientation);
  else
    keep_unlocked (self, sample);
  g_mutex_unlock (&self->lock);
  if (target)
    deliver (target, sample, orientation);
}

/* As the codec's streams have them, of any size: a muxer takes none without. */
static GstCaps *
likely_caps (const GstKvsCodec *codec)
{
  g_autoptr (GstCaps) encoded = gst_caps_from_string (codec->encoded_caps);
  g_autoptr (GstCaps) stream = gst_caps_from_string (codec->stream_caps);
  GstCaps *caps = gst_caps_intersect (encoded, stream);

  if (codec->media == GST_KVS_MEDIA_VIDEO)
    gst_caps_set_simple (caps, "width", G_TYPE_INT, 16, "height", G_TYPE_INT,
        16, NULL);
  return gst_caps_fixate (caps);
}

/* Parsers and decoders that are given nothing at all before the end call it
 * an error. */
static void
begin_empty (GstKvsOutput *self)
{
  g_autoptr (GstCaps) caps = likely_caps (self->codec);
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_app_src_set_caps (GST_APP_SRC (self->src), caps);
  gst_element_send_event (self->src, gst_event_new_segment (&segment));
  gst_element_send_event (self->src, gst_event_new_gap (0, GST_MSECOND));
}

void
gst_kvs_output_finish (GstKvsOutput *self)
{
  gboolean is_started;

  g_mutex_lock (&self->lock);
  is_started = self->is_started;
  g_mutex_unlock (&self->lock);
  if (!is_started)
    begin_empty (self);
  gst_element_send_event (self->src, gst_event_new_eos ());
}

typedef struct {
  GMutex lock;
  GCond cond;
  gboolean is_idle;
} Idle;

static GstPadProbeReturn
on_idle (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Idle *idle = user_data;

  g_mutex_lock (&idle->lock);
  idle->is_idle = TRUE;
  g_cond_signal (&idle->cond);
  g_mutex_unlock (&idle->lock);
  return GST_PAD_PROBE_OK;
}

/* Blocks the pad as soon as no buffer is on its way through it; FALSE when
 * one still was after LET_GO_US. */
static gboolean
block_when_idle (GstPad *pad, Idle *idle)
{
  gint64 end = g_get_monotonic_time () + LET_GO_US;
  gboolean is_idle;

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_IDLE, on_idle, idle, NULL);
  g_mutex_lock (&idle->lock);
  while (!idle->is_idle && g_cond_wait_until (&idle->cond, &idle->lock, end))
    ;
  is_idle = idle->is_idle;
  g_mutex_unlock (&idle->lock);
  return is_idle;
}

/* Lets nothing more out, and waits until downstream has taken what it holds.
 * A sink that stands still (its pipeline is paused, say) only lets go at a
 * flush; where it need not be, it is not flushed: filesink would empty its
 * file. */
static void
end_stream (GstKvsOutput *self, Idle *idle)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (self->src, "src");

  if (block_when_idle (pad, idle))
    return;
  gst_pad_push_event (pad, gst_event_new_flush_start ());
  gst_pad_push_event (pad, gst_event_new_flush_stop (FALSE));
}

static void
take_source_out (GstKvsOutput *self)
{
  gst_element_set_locked_state (self->src, TRUE);
  gst_element_set_state (self->src, GST_STATE_NULL);
  gst_bin_remove (self->bin, self->src);
  gst_clear_object (&self->src);
}

void
gst_kvs_output_remove (GstKvsOutput *self)
{
  Idle idle = { 0 };

  g_mutex_lock (&self->lock);
  self->is_started = FALSE;
  self->is_ended = TRUE;
  g_mutex_unlock (&self->lock);
  if (!self->pad)
    return;
  g_atomic_int_set (&self->is_leaving, TRUE);
  g_mutex_init (&idle.lock);
  g_cond_init (&idle.cond);
  end_stream (self, &idle);
  gst_pad_set_active (self->pad, FALSE);
  take_source_out (self);
  gst_element_remove_pad (GST_ELEMENT (self->bin), self->pad);
  gst_clear_object (&self->pad);
  g_cond_clear (&idle.cond);
  g_mutex_clear (&idle.lock);
}
