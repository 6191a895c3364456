/* The element's sink pads, each with its input; source pads come of peers (output.h, playout.h). */
#include "bininternal.h"

static gpointer
ref_input (gconstpointer input, gpointer unused)
{
  return g_object_ref ((gpointer) input);
}

GPtrArray *
gst_kinesis_webrtc_bin_copy_inputs (gpointer user_data)
{
  GstKinesisWebrtcBin *self = user_data;
  GPtrArray *copy;

  GST_OBJECT_LOCK (self);
  copy = g_ptr_array_copy (self->inputs, (GCopyFunc) ref_input, NULL);
  GST_OBJECT_UNLOCK (self);
  g_ptr_array_set_free_func (copy, g_object_unref);
  return copy;
}

static void
on_input_changed (gpointer user_data)
{
  GstKinesisWebrtcBin *self = user_data;
  g_autoptr (GstKvsSwitchboard) switchboard =
      gst_kinesis_webrtc_bin_ref_switchboard (self);

  if (switchboard)
    gst_kvs_switchboard_input_changed (switchboard);
}

/* That of "video_sink_3", or the next free one. Object lock held. */
static guint
pad_number_unlocked (guint *next, const char *template, const char *name)
{
  guint number = *next;

  if (name && *name)
    number = (guint) g_ascii_strtoull (name + strlen (template) - 2, NULL, 10);
  *next = MAX (*next, number + 1);
  return number;
}

static int
compare_inputs (gconstpointer a, gconstpointer b)
{
  guint first = gst_kvs_input_get_number (*(GstKvsInput *const *) a);
  guint second = gst_kvs_input_get_number (*(GstKvsInput *const *) b);

  return first < second ? -1 : first > second;
}

/* A viewer of one camera sees the one with the lowest number, in whatever
 * order they were linked. */
static GstKvsInput *
add_input (GstKinesisWebrtcBin *self, GstKvsMedia media, guint number)
{
  GstKvsInput *input =
      gst_kvs_input_new (media, number, on_input_changed, self);
  GstElement *sink = gst_kvs_input_get_sink (input);

  gst_bin_add (GST_BIN (self), sink);
  gst_element_sync_state_with_parent (sink);
  GST_OBJECT_LOCK (self);
  gst_kvs_input_set_rotation (input, self->rotation);
  g_ptr_array_add (self->inputs, input);
  g_ptr_array_sort (self->inputs, compare_inputs);
  GST_OBJECT_UNLOCK (self);
  return input;
}

static GstPad *
request_new_pad (GstElement *element, GstPadTemplate *template,
    const char *name, const GstCaps *caps)
{
  GstKinesisWebrtcBin *self = GST_KINESIS_WEBRTC_BIN (element);
  const char *kind = GST_PAD_TEMPLATE_NAME_TEMPLATE (template);
  GstKvsMedia media = g_str_has_prefix (kind, "video") ? GST_KVS_MEDIA_VIDEO
                                                       : GST_KVS_MEDIA_AUDIO;
  guint *next =
      media == GST_KVS_MEDIA_VIDEO ? &self->next_video : &self->next_audio;
  g_autoptr (GstPad) target = NULL;
  g_autofree char *pad_name = NULL;
  GstKvsInput *input;
  guint number;
  GstPad *pad;

  GST_OBJECT_LOCK (self);
  number = pad_number_unlocked (next, kind, name);
  GST_OBJECT_UNLOCK (self);
  input = add_input (self, media, number);
  target = gst_element_get_static_pad (gst_kvs_input_get_sink (input), "sink");
  pad_name = g_strdup_printf ("%s_sink_%u", gst_kvs_media_name (media), number);
  pad = gst_ghost_pad_new_from_template (pad_name, target, template);
  g_object_set_data (G_OBJECT (pad), "kvs-input", input);
  gst_pad_set_active (pad, TRUE);
  gst_element_add_pad (element, pad);
  return pad;
}

static void
release_pad (GstElement *element, GstPad *pad)
{
  GstKinesisWebrtcBin *self = GST_KINESIS_WEBRTC_BIN (element);
  g_autoptr (GstKvsInput) input = NULL;
  GstElement *sink;
  guint index;

  GST_OBJECT_LOCK (self);
  if (g_ptr_array_find (self->inputs,
          g_object_get_data (G_OBJECT (pad), "kvs-input"), &index))
    input = g_ptr_array_steal_index (self->inputs, index);
  GST_OBJECT_UNLOCK (self);
  gst_element_remove_pad (element, pad);
  if (!input)
    return;
  sink = gst_kvs_input_get_sink (input);
  gst_element_set_locked_state (sink, TRUE);
  gst_element_set_state (sink, GST_STATE_NULL);
  gst_bin_remove (GST_BIN (self), sink);
}

void
gst_kinesis_webrtc_bin_reset_inputs (GstKinesisWebrtcBin *self)
{
  g_autoptr (GPtrArray) inputs = gst_kinesis_webrtc_bin_copy_inputs (self);

  for (guint i = 0; i < inputs->len; i++)
    gst_kvs_input_reset (g_ptr_array_index (inputs, i));
}

static void
add_sink_template (GstElementClass *klass, const char *name, GstKvsMedia media)
{
  g_autoptr (GstCaps) caps = gst_kvs_codec_sink_caps (media);

  gst_element_class_add_pad_template (klass,
      gst_pad_template_new (name, GST_PAD_SINK, GST_PAD_REQUEST, caps));
}

/* Elementary streams as they were sent; parsed where a parser says more. */
static void
add_source_template (GstElementClass *klass, const char *name,
    GstKvsMedia media)
{
  g_autoptr (GstCaps) caps = gst_caps_new_empty ();

  for (const GstKvsCodec *const *c = gst_kvs_codec_list (media); *c; c++)
    gst_caps_append (caps, gst_caps_from_string ((*c)->encoded_caps));
  gst_element_class_add_pad_template (klass,
      gst_pad_template_new (name, GST_PAD_SRC, GST_PAD_SOMETIMES, caps));
}

void
gst_kinesis_webrtc_bin_install_pads (GstElementClass *klass)
{
  klass->request_new_pad = request_new_pad;
  klass->release_pad = release_pad;
  add_sink_template (klass, "video_sink_%u", GST_KVS_MEDIA_VIDEO);
  add_sink_template (klass, "audio_sink_%u", GST_KVS_MEDIA_AUDIO);
  add_source_template (klass, "video_src_%u", GST_KVS_MEDIA_VIDEO);
  add_source_template (klass, "audio_src_%u", GST_KVS_MEDIA_AUDIO);
}
