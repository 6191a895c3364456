#include "playout.h"

/* What promises to come and does not: Amazon's C SDK promises everything. */
#define HOLD_MS 1500

/* Video first: its pad is the first one. */
static const GstKvsMedia order[] = { GST_KVS_MEDIA_VIDEO, GST_KVS_MEDIA_AUDIO };

typedef struct {
  gboolean is_expected;
  GstKvsOutput *waiting; /* for its pad */
  GstKvsOutput *current; /* what comes out of the pad, or did last */
  GstKvsOutput *owner;   /* of the pad: the first there was */
} Screen;

struct _GstKvsPlayout {
  KvsWorker *worker;
  GstBin *bin;
  GstKvsPlayoutFunc added;
  gpointer user_data;
  char *peer_id;
  Screen screens[2]; /* by GstKvsMedia */
  GSource *timer;
};

GstKvsPlayout *
gst_kvs_playout_new (KvsWorker *worker, GstBin *bin, GstKvsPlayoutFunc added,
    gpointer user_data)
{
  GstKvsPlayout *self = g_new0 (GstKvsPlayout, 1);

  self->worker = worker;
  self->bin = bin;
  self->added = added;
  self->user_data = user_data;
  return self;
}

void
gst_kvs_playout_free (GstKvsPlayout *self)
{
  g_autoptr (GPtrArray) outputs = gst_kvs_playout_clear (self);

  g_free (self->peer_id);
  g_free (self);
}

void
gst_kvs_playout_expect (GstKvsPlayout *self, gboolean video, gboolean audio)
{
  self->screens[GST_KVS_MEDIA_VIDEO].is_expected = video;
  self->screens[GST_KVS_MEDIA_AUDIO].is_expected = audio;
}

static void
give_pad (GstKvsPlayout *self, GstKvsMedia media)
{
  Screen *screen = &self->screens[media];
  g_autoptr (GstKvsOutput) output = g_steal_pointer (&screen->waiting);
  g_autofree char *name = NULL;

  if (!output)
    return;
  name = g_strdup_printf ("%s_src_0", gst_kvs_media_name (media));
  if (screen->owner)
    gst_kvs_output_inherit (output, screen->owner);
  else
    gst_kvs_output_add (output, self->bin, name, self->peer_id);
  if (!screen->owner)
    screen->owner = g_object_ref (output);
  g_set_object (&screen->current, output);
}

static void
give_pads (GstKvsPlayout *self)
{
  g_autoptr (GPtrArray) given = g_ptr_array_new_with_free_func (g_object_unref);

  kvs_worker_clear_timer (&self->timer);
  for (guint i = 0; i < G_N_ELEMENTS (order); i++) {
    GstKvsOutput *waiting = self->screens[order[i]].waiting;

    if (waiting)
      g_ptr_array_add (given, g_object_ref (waiting));
    give_pad (self, order[i]);
  }
  for (guint i = 0; i < given->len; i++) {
    gst_kvs_output_start (g_ptr_array_index (given, i));
    self->added (self->user_data, g_ptr_array_index (given, i));
  }
}

static gboolean
on_held_enough (gpointer data)
{
  give_pads (data);
  return G_SOURCE_REMOVE;
}

/* Whether a first pad is still to come with the others. */
static gboolean
is_incomplete (GstKvsPlayout *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (order); i++) {
    const Screen *screen = &self->screens[order[i]];

    if (screen->is_expected && !screen->waiting && !screen->owner)
      return TRUE;
  }
  return FALSE;
}

void
gst_kvs_playout_add (GstKvsPlayout *self, GstKvsOutput *output,
    const char *peer_id)
{
  Screen *screen = &self->screens[gst_kvs_output_get_codec (output)->media];

  g_free (self->peer_id);
  self->peer_id = g_strdup (peer_id);
  g_set_object (&screen->waiting, output);
  if (!is_incomplete (self) || screen->owner)
    give_pads (self);
  else if (!self->timer)
    self->timer = kvs_worker_call_delayed (self->worker, HOLD_MS,
        on_held_enough, self, NULL);
}

static void
no_key_frame (gpointer unused)
{
}

static void
add_empty (GstKvsPlayout *self, const GstKvsCodec *codec)
{
  Screen *screen = &self->screens[codec->media];
  g_autofree char *name =
      g_strdup_printf ("%s_src_0", gst_kvs_media_name (codec->media));

  g_clear_object (&screen->waiting);
  screen->owner = gst_kvs_output_new (codec, no_key_frame, NULL, no_key_frame);
  gst_kvs_output_add (screen->owner, self->bin, name, "nobody");
}

void
gst_kvs_playout_finish (GstKvsPlayout *self, const GstKvsCodec *video,
    const GstKvsCodec *audio)
{
  /* Not one beside the other: a muxer that has begun takes no more pads. */
  gboolean is_empty = !self->screens[GST_KVS_MEDIA_VIDEO].owner
      && !self->screens[GST_KVS_MEDIA_AUDIO].owner;

  if (is_empty) {
    kvs_worker_clear_timer (&self->timer);
    add_empty (self, video);
    add_empty (self, audio);
  }
  for (guint i = 0; i < G_N_ELEMENTS (order); i++) {
    if (self->screens[order[i]].owner)
      gst_kvs_output_finish (self->screens[order[i]].owner);
  }
}

gboolean
gst_kvs_playout_end (GstKvsPlayout *self, GstKvsOutput *output)
{
  Screen *screen = &self->screens[gst_kvs_output_get_codec (output)->media];

  if (screen->waiting == output)
    g_clear_object (&screen->waiting);
  gst_kvs_output_end (output);
  return screen->current == output;
}

GPtrArray *
gst_kvs_playout_clear (GstKvsPlayout *self)
{
  GPtrArray *outputs = g_ptr_array_new_with_free_func (g_object_unref);

  kvs_worker_clear_timer (&self->timer);
  for (guint i = 0; i < G_N_ELEMENTS (order); i++) {
    Screen *screen = &self->screens[order[i]];

    g_clear_object (&screen->waiting);
    g_clear_object (&screen->current);
    if (screen->owner)
      g_ptr_array_add (outputs, g_steal_pointer (&screen->owner));
  }
  return outputs;
}
