#include "textrate.h"

gboolean
gst_kvs_text_rate_take (GstKvsTextRate *self, gint64 now, gsize size)
{
  gint64 second = now / G_TIME_SPAN_SECOND;

  if (self->second != second)
    *self = (GstKvsTextRate){ .second = second };
  self->texts++;
  self->bytes += size;
  return self->texts <= GST_KVS_TEXTS_A_SECOND
      && self->bytes <= GST_KVS_TEXT_BYTES_A_SECOND;
}
