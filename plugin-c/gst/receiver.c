#include "receiver.h"

#include <gst/app/gstappsink.h>
#include <gst/video/video.h>

#include "gate.h"
#include "orientation.h"

GST_DEBUG_CATEGORY_EXTERN (kvspeer_debug);
#define GST_CAT_DEFAULT kvspeer_debug

#define MAX_STREAMS 16

struct _GstKvsReceiver {
  GstElement *pipeline; /* no reference: it is taken down before */
  GstElement *webrtc;   /* likewise */
  GstKvsGate *gate;
  guint64 received; /* bytes, when the gate is gone */
  GstKvsReceiverFunc added;
  GstKvsReceivedFunc first_frame;
  GObject *user_data;
  guint orientation_id; /* of pictures, 0 without; before it opens */
  int n_streams;        /* atomic */
};

static void on_pad_added (GstElement *webrtc, GstPad *pad, gpointer user_data);

GstKvsReceiver *
gst_kvs_receiver_new (GstElement *pipeline, GstElement *webrtc,
    GstKvsReceiverFunc added, GstKvsReceivedFunc first_frame,
    gpointer user_data)
{
  GstKvsReceiver *self = g_new0 (GstKvsReceiver, 1);

  self->pipeline = pipeline;
  self->webrtc = webrtc;
  self->added = added;
  self->first_frame = first_frame;
  self->user_data = g_object_ref (user_data);
  self->gate = gst_kvs_gate_new (webrtc);
  g_signal_connect (webrtc, "pad-added", G_CALLBACK (on_pad_added), self);
  return self;
}

static void
expect_codec (GstKvsReceiver *self, const GstKvsSdpCodec *codec)
{
  gst_kvs_gate_allow (self->gate, codec->pt);
  if (codec->rtx_pt >= 0)
    gst_kvs_gate_allow (self->gate, codec->rtx_pt);
}

void
gst_kvs_receiver_expect (GstKvsReceiver *self, const GstKvsSdpOffer *remote,
    const GstKvsSdpChoice *choices)
{
  g_autoptr (GArray) ssrcs = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint i = 0; i < remote->medias->len; i++) {
    const GstKvsSdpMedia *media = g_ptr_array_index (remote->medias, i);

    if (!choices[i].receive)
      continue;
    g_array_append_vals (ssrcs, media->ssrcs->data, media->ssrcs->len);
    expect_codec (self, choices[i].codec);
    /* One for all m-lines that are bundled (RFC 8843 section 9.2). */
    self->orientation_id = MAX (self->orientation_id, media->orientation_id);
  }
  gst_kvs_gate_declare (self->gate, ssrcs);
}

void
gst_kvs_receiver_open (GstKvsReceiver *self)
{
  gst_kvs_gate_open (self->gate);
}

/* A stream of the peer, as its appsink's callback needs it. */
typedef struct {
  GstKvsOutput *output;
  GstKvsReceivedFunc first_frame; /* NULL once it has been called */
  GObject *user_data;
  guint orientation_id;
  GstKvsOrientation orientation; /* of the frame that is coming in */
} Stream;

static void
stream_free (gpointer data)
{
  Stream *stream = data;

  g_object_unref (stream->output);
  g_object_unref (stream->user_data);
  g_free (stream);
}

static void
note_first_frame (Stream *stream, GstBuffer *buffer)
{
  if (!stream->first_frame
      || GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT))
    return;
  stream->first_frame (stream->user_data,
      gst_kvs_output_get_codec (stream->output)->media);
  stream->first_frame = NULL;
}

static GstFlowReturn
on_new_sample (GstAppSink *sink, gpointer user_data)
{
  Stream *stream = user_data;
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);

  if (!sample)
    return GST_FLOW_OK;
  note_first_frame (stream, gst_sample_get_buffer (sample));
  gst_kvs_output_push (stream->output, sample, stream->orientation);
  return GST_FLOW_OK;
}

static Stream *
stream_new (GstKvsReceiver *self, GstKvsOutput *output)
{
  Stream *stream = g_new0 (Stream, 1);

  stream->output = g_object_ref (output);
  stream->first_frame = self->first_frame;
  stream->user_data = g_object_ref (self->user_data);
  stream->orientation_id =
      gst_kvs_output_get_codec (output)->media == GST_KVS_MEDIA_VIDEO
      ? self->orientation_id
      : 0;
  return stream;
}

/* The packets go straight on to the appsink, on the same thread. */
static GstPadProbeReturn
on_packet (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Stream *stream = user_data;

  gst_kvs_orientation_read (GST_PAD_PROBE_INFO_BUFFER (info),
      stream->orientation_id, &stream->orientation);
  return GST_PAD_PROBE_OK;
}

/* As long as the appsink has its callbacks, which own the stream. */
static void
watch_orientation (Stream *stream, GstElement *bin)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (bin, "sink");

  if (stream->orientation_id > 0)
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_packet, stream, NULL);
}

/* VP9's depayloader of 1.22 writes into an event that it does not have when it
 * is told of a packet lost in the middle of a picture. All that it would do is
 * to tell downstream of a gap, and there is only the appsink. */
static GstPadProbeReturn
on_event (GstPad *pad, GstPadProbeInfo *info, gpointer unused)
{
  return gst_event_has_name (GST_PAD_PROBE_INFO_EVENT (info),
             "GstRTPPacketLost")
      ? GST_PAD_PROBE_DROP
      : GST_PAD_PROBE_OK;
}

static void
hide_losses (GstElement *bin, const GstKvsCodec *codec)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (bin, "sink");

  if (g_str_equal (codec->name, "VP9"))
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_event, NULL,
        NULL);
}

/* Downstream's wish goes to rtpbin, which sends a PLI. The output knows the
 * sink weakly, since the sink's callbacks hold the output. */
static void
send_force_key_unit (gpointer weak)
{
  g_autoptr (GstElement) sink = g_weak_ref_get (weak);

  if (sink)
    gst_element_send_event (sink,
        gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE,
            0));
}

static GWeakRef *
weak_ref_new (gpointer object)
{
  GWeakRef *weak = g_new0 (GWeakRef, 1);

  g_weak_ref_init (weak, object);
  return weak;
}

static void
weak_ref_free (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

static GstElement *
depayloader_new (GstKvsReceiver *self, const GstKvsCodec *codec,
    GstKvsOutput **output)
{
  static GstAppSinkCallbacks callbacks = { .new_sample = on_new_sample };
  g_autofree char *description =
      g_strdup_printf ("%s ! appsink name=out "
                       "sync=false async=false enable-last-sample=false",
          codec->depayloader);
  GstElement *bin = gst_parse_bin_from_description (description, TRUE, NULL);
  g_autoptr (GstElement) sink = NULL;
  Stream *stream;

  if (!bin)
    return NULL;
  sink = gst_bin_get_by_name (GST_BIN (bin), "out");
  *output = gst_kvs_output_new (codec, send_force_key_unit, weak_ref_new (sink),
      weak_ref_free);
  stream = stream_new (self, *output);
  watch_orientation (stream, bin);
  hide_losses (bin, codec);
  gst_app_sink_set_callbacks (GST_APP_SINK (sink), &callbacks, stream,
      stream_free);
  return bin;
}

static const GstKvsCodec *
codec_of_pad (GstPad *pad)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  const GstStructure *s = caps ? gst_caps_get_structure (caps, 0) : NULL;
  const char *media = s ? gst_structure_get_string (s, "media") : NULL;
  const char *name = s ? gst_structure_get_string (s, "encoding-name") : NULL;

  if (!media || !name)
    return NULL;
  return gst_kvs_codec_find (g_str_equal (media, "audio") ? GST_KVS_MEDIA_AUDIO
                                                          : GST_KVS_MEDIA_VIDEO,
      name);
}

/* The streaming thread of a new stream: linked here, or its first packet
 * would end the peer's pipeline. */
static void
on_pad_added (GstElement *webrtc, GstPad *pad, gpointer user_data)
{
  GstKvsReceiver *self = user_data;
  const GstKvsCodec *codec;
  g_autoptr (GstKvsOutput) output = NULL;
  g_autoptr (GstPad) sink = NULL;
  GstElement *bin;

  if (GST_PAD_DIRECTION (pad) != GST_PAD_SRC)
    return;
  codec = codec_of_pad (pad);
  if (g_atomic_int_add (&self->n_streams, 1) >= MAX_STREAMS)
    codec = NULL;
  bin = codec ? depayloader_new (self, codec, &output) : NULL;
  if (!bin) {
    bin = gst_element_factory_make ("fakesink", NULL);
    g_object_set (bin, "sync", FALSE, "async", FALSE, NULL);
  }
  gst_bin_add (GST_BIN (self->pipeline), bin);
  gst_element_sync_state_with_parent (bin);
  if (output)
    self->added (self->user_data, output);
  sink = gst_element_get_static_pad (bin, "sink");
  gst_pad_link (pad, sink);
}

guint64
gst_kvs_receiver_get_bytes (GstKvsReceiver *self)
{
  return self->gate ? gst_kvs_gate_get_received (self->gate) : self->received;
}

void
gst_kvs_receiver_stop (GstKvsReceiver *self)
{
  self->received = gst_kvs_receiver_get_bytes (self);
  g_clear_pointer (&self->gate, gst_kvs_gate_free);
  g_signal_handlers_disconnect_by_data (self->webrtc, self);
}

void
gst_kvs_receiver_free (GstKvsReceiver *self)
{
  g_object_unref (self->user_data);
  g_free (self);
}
