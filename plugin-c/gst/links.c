#include "links.h"

GST_DEBUG_CATEGORY_EXTERN (kvspeer_debug);
#define GST_CAT_DEFAULT kvspeer_debug

struct _GstKvsLinks {
  GHashTable *sinks; /* name of a source pad → GWeakRef of its last peer */
};

static void
weak_ref_free (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

GstKvsLinks *
gst_kvs_links_new (void)
{
  GstKvsLinks *self = g_new0 (GstKvsLinks, 1);

  self->sinks =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, weak_ref_free);
  return self;
}

void
gst_kvs_links_free (GstKvsLinks *self)
{
  g_hash_table_unref (self->sinks);
  g_free (self);
}

void
gst_kvs_links_keep (GstKvsLinks *self, GstPad *pad)
{
  g_autoptr (GstPad) sink = gst_pad_get_peer (pad);
  GWeakRef *weak;

  if (!sink) {
    g_hash_table_remove (self->sinks, GST_PAD_NAME (pad));
    return;
  }
  weak = g_new0 (GWeakRef, 1);
  g_weak_ref_init (weak, sink);
  g_hash_table_insert (self->sinks, g_strdup (GST_PAD_NAME (pad)), weak);
}

void
gst_kvs_links_restore (GstKvsLinks *self, GstPad *pad)
{
  GWeakRef *weak = g_hash_table_lookup (self->sinks, GST_PAD_NAME (pad));
  g_autoptr (GstPad) sink = weak ? g_weak_ref_get (weak) : NULL;
  GstPadLinkReturn linked;

  if (!sink || gst_pad_is_linked (pad) || gst_pad_is_linked (sink))
    return;
  /* Refuses a sink that has left the pipeline. */
  linked = gst_pad_link (pad, sink);
  GST_INFO_OBJECT (pad, "linked as before to %" GST_PTR_FORMAT ": %s", sink,
      gst_pad_link_get_name (linked));
}

GPtrArray *
gst_kvs_links_list_idle (GstKvsLinks *self)
{
  GPtrArray *idle = g_ptr_array_new_with_free_func (gst_object_unref);
  GHashTableIter iter;
  gpointer weak;

  g_hash_table_iter_init (&iter, self->sinks);
  while (g_hash_table_iter_next (&iter, NULL, &weak)) {
    GstPad *sink = g_weak_ref_get (weak);

    if (sink && !gst_pad_is_linked (sink))
      g_ptr_array_add (idle, g_steal_pointer (&sink));
    g_clear_object (&sink);
  }
  return idle;
}
