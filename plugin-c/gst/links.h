/* What the element's source pads are linked to, beyond the life of one pad.
 *
 * A launch line links a pad once, and viewers come and go: what was linked to
 * a pad when its viewer left is linked again when a pad of that name is back. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _GstKvsLinks GstKvsLinks;

GstKvsLinks *gst_kvs_links_new (void);
void gst_kvs_links_free (GstKvsLinks *self);

/* Before a pad goes: keeps in mind what it is linked to, or that it is not. */
void gst_kvs_links_keep (GstKvsLinks *self, GstPad *pad);

/* After a pad came: links it as before, unless somebody else has linked it, or
 * what was there is gone or in use. */
void gst_kvs_links_restore (GstKvsLinks *self, GstPad *pad);

/**
 * gst_kvs_links_list_idle:
 * What was linked to pads that are gone, and to nothing since: it has begun,
 * and nobody but us could tell it of an end. Returns: (transfer full): of GstPad.
 */
GPtrArray *gst_kvs_links_list_idle (GstKvsLinks *self);

G_END_DECLS
