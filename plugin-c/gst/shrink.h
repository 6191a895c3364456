/* A smaller picture of whatever size comes in. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Halves both sizes so often, to even numbers of 16 or more, which every
 * encoder takes; what is smaller than that already stays. */
void gst_kvs_shrink_size (guint times, int *width, int *height);

/* To be put before an encoder's chain, in gst-launch syntax; empty for none. */
const char *gst_kvs_shrink_chain (guint times);

/* Makes a pipeline with that chain follow the size of its input. Before it starts. */
void gst_kvs_shrink_set_up (GstElement *pipeline, guint times);

G_END_DECLS
