/* How many texts a peer may send in a second. Pure. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The application reads its bus when it likes; a viewer must not fill it. */
#define GST_KVS_TEXTS_A_SECOND 50
#define GST_KVS_TEXT_BYTES_A_SECOND (256 * 1024)

/* Zero is a peer that has sent nothing. */
typedef struct {
  gint64 second;
  guint texts; /* since it began, as the bytes */
  gsize bytes;
} GstKvsTextRate;

/**
 * gst_kvs_text_rate_take:
 * @now: monotonic, microseconds
 * @size: of the text, bytes
 *
 * FALSE when it is one too many. What is dropped counts, too: a peer that never
 * pauses has only what each second begins with.
 */
gboolean gst_kvs_text_rate_take (GstKvsTextRate *self, gint64 now, gsize size);

G_END_DECLS
