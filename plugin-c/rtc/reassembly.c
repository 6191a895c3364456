#include "reassembly.h"

typedef struct {
  GByteArray *bytes;
  gsize size; /* of all pieces, kept or not */
} Partial;

struct _RtcReassembly {
  gsize max;
  GHashTable *partials; /* by stream */
};

static void
partial_free (gpointer data)
{
  Partial *partial = data;

  g_byte_array_unref (partial->bytes);
  g_free (partial);
}

RtcReassembly *
rtc_reassembly_new (gsize max)
{
  RtcReassembly *self = g_new0 (RtcReassembly, 1);

  self->max = max;
  self->partials = g_hash_table_new_full (NULL, NULL, NULL, partial_free);
  return self;
}

void
rtc_reassembly_free (RtcReassembly *self)
{
  g_hash_table_unref (self->partials);
  g_free (self);
}

static Partial *
get_partial (RtcReassembly *self, guint16 stream)
{
  gpointer key = GUINT_TO_POINTER ((guint) stream);
  Partial *partial = g_hash_table_lookup (self->partials, key);

  if (!partial) {
    partial = g_new0 (Partial, 1);
    partial->bytes = g_byte_array_new ();
    g_hash_table_insert (self->partials, key, partial);
  }
  return partial;
}

static guint8 *
end_message (Partial *partial, gsize max)
{
  if (partial->size > max)
    return NULL;
  g_byte_array_append (partial->bytes, (const guint8 *) "", 1);
  return g_byte_array_steal (partial->bytes, NULL);
}

guint8 *
rtc_reassembly_add (RtcReassembly *self, guint16 stream, const guint8 *piece,
    gsize piece_size, gboolean is_end, gsize *size)
{
  Partial *partial = get_partial (self, stream);
  guint8 *message = NULL;

  *size = 0;
  partial->size += piece_size;
  if (partial->size <= self->max)
    g_byte_array_append (partial->bytes, piece, piece_size);
  else
    g_byte_array_set_size (partial->bytes, 0);
  if (is_end) {
    *size = partial->size;
    message = end_message (partial, self->max);
    rtc_reassembly_abandon (self, stream);
  }
  return message;
}

void
rtc_reassembly_abandon (RtcReassembly *self, guint16 stream)
{
  g_hash_table_remove (self->partials, GUINT_TO_POINTER ((guint) stream));
}
