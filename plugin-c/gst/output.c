#include "output.h"

#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>

#include "timing.h"

/* Two seconds of video and more of audio: beyond it, the oldest go. */
#define MAX_WAITING 60
/* What webrtcbin's jitter buffer may hold a packet back, told to downstream
 * so that its sinks wait as long. */
#define LATENCY (200 * GST_MSECOND)

struct _GstKvsOutput {
  GObject parent;

  const GstKvsCodec *codec;
  GstKvsOutputKeyFunc key_frame;
  gpointer user_data;
  GDestroyNotify notify;

  GMutex lock;
  gboolean is_added; /* under lock; frames go through */
  GstCaps *caps;     /* the pushing thread's: what the source was last told */

  /* Set by add, gone with remove. */
  GstBin *bin;
  GstElement *src;
  GstElement *tee;
  GstPad *pad;
  char *pad_name;
};

G_DEFINE_FINAL_TYPE (GstKvsOutput, gst_kvs_output, G_TYPE_OBJECT)

static void
gst_kvs_output_finalize (GObject *object)
{
  GstKvsOutput *self = GST_KVS_OUTPUT (object);

  self->notify (self->user_data);
  gst_clear_caps (&self->caps);
  g_mutex_clear (&self->lock);
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

static GstPadProbeReturn
on_upstream_event (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  GstKvsOutput *self = user_data;

  if (!gst_video_event_is_force_key_unit (GST_PAD_PROBE_INFO_EVENT (info)))
    return GST_PAD_PROBE_OK;
  self->key_frame (self->user_data);
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

/* The pad's stream-id names the peer: "<element's>/<peer id>/<pad>". */
static void
send_stream_start (GstKvsOutput *self, const char *peer_id)
{
  g_autofree char *path = gst_object_get_path_string (GST_OBJECT (self->bin));
  g_autofree char *stream_id =
      g_strdup_printf ("%s/%s/%s", path, peer_id, self->pad_name);
  g_autoptr (GstEvent) event = gst_event_new_stream_start (stream_id);

  gst_pad_store_sticky_event (self->pad, event);
}

/* tee lets frames of a pad that is not linked pass into nothing, where appsrc
 * alone would end the user's pipeline with an error. */
void
gst_kvs_output_add (GstKvsOutput *self, GstBin *bin, const char *name,
    const char *peer_id)
{
  g_autoptr (GstPad) target = NULL;
  GstPadTemplate *template;
  g_autofree char *template_name =
      g_strdup_printf ("%s_src_%%u", gst_kvs_media_name (self->codec->media));

  self->bin = bin;
  self->pad_name = g_strdup (name);
  self->src = gst_object_ref_sink (source_new (self));
  self->tee = gst_object_ref_sink (gst_element_factory_make ("tee", NULL));
  g_object_set (self->tee, "allow-not-linked", TRUE, NULL);
  gst_bin_add_many (bin, self->src, self->tee, NULL);
  gst_element_link (self->src, self->tee);
  target = gst_element_request_pad_simple (self->tee, "src_0");
  template = gst_element_class_get_pad_template (GST_ELEMENT_GET_CLASS (bin),
      template_name);
  self->pad = gst_object_ref_sink (
      gst_ghost_pad_new_from_template (name, target, template));
  gst_pad_set_active (self->pad, TRUE);
  send_stream_start (self, peer_id);
  gst_element_add_pad (GST_ELEMENT (bin), self->pad);
  gst_element_sync_state_with_parent (self->tee);
  gst_element_sync_state_with_parent (self->src);

  g_mutex_lock (&self->lock);
  self->is_added = TRUE;
  g_mutex_unlock (&self->lock);
}

void
gst_kvs_output_push (GstKvsOutput *self, GstSample *sample)
{
  GstCaps *caps = gst_sample_get_caps (sample);

  g_mutex_lock (&self->lock);
  if (self->is_added) {
    if (self->caps != caps) {
      gst_caps_replace (&self->caps, caps);
      gst_app_src_set_caps (GST_APP_SRC (self->src), caps);
    }
    gst_app_src_push_buffer (GST_APP_SRC (self->src),
        gst_kvs_timing_stamp (sample));
  }
  g_mutex_unlock (&self->lock);
}

static void
take_element_out (GstBin *bin, GstElement **element)
{
  gst_element_set_locked_state (*element, TRUE);
  gst_element_set_state (*element, GST_STATE_NULL);
  gst_bin_remove (bin, *element);
  gst_clear_object (element);
}

void
gst_kvs_output_remove (GstKvsOutput *self)
{
  g_autoptr (GstPad) pad = NULL;

  g_mutex_lock (&self->lock);
  self->is_added = FALSE;
  g_mutex_unlock (&self->lock);
  if (!self->pad)
    return;
  /* A sink that waits for the clock lets go at a flush. */
  pad = gst_element_get_static_pad (self->src, "src");
  gst_pad_push_event (pad, gst_event_new_flush_start ());
  gst_pad_push_event (pad, gst_event_new_flush_stop (FALSE));
  gst_pad_set_active (self->pad, FALSE);
  gst_element_remove_pad (GST_ELEMENT (self->bin), self->pad);
  gst_clear_object (&self->pad);
  take_element_out (self->bin, &self->src);
  take_element_out (self->bin, &self->tee);
}
