/* A peer's packets, as they arrive and as they are once decrypted.
 *
 * The gate's own questions are static, and asking them through pads would be
 * a pipeline an input: hence the file itself. An input is a row of packets,
 * each with two bytes before it: its kind, and its length. */
#include "../../gst/gate.c"

#include "fuzz.h"

static void
meet (GstKvsGate *self, guint8 kind, const uint8_t *data, size_t size)
{
  /* Memory of its own, so that reading beyond is seen. */
  g_autoptr (GstBuffer) buffer =
      size > 0 ? gst_buffer_new_memdup (data, size) : gst_buffer_new ();

  if (kind & 1)
    may_be_heard (self, buffer);
  else
    may_enter (self, buffer);
}

static GstKvsGate *
open_gate (GstElement *bin)
{
  GstKvsGate *self = gst_kvs_gate_new (bin);
  g_autoptr (GArray) ssrcs = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint32 ssrc = 0x1234;

  g_array_append_val (ssrcs, ssrc);
  gst_kvs_gate_declare (self, ssrcs);
  gst_kvs_gate_allow (self, 96);
  gst_kvs_gate_open (self);
  return self;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  GstElement *bin = gst_object_ref_sink (gst_bin_new (NULL));
  GstKvsGate *self = open_gate (bin);

  while (size >= 2) {
    size_t length = MIN (data[1], size - 2);

    meet (self, data[0], data + 2, length);
    data += 2 + length;
    size -= 2 + length;
  }
  g_assert_cmpuint (self->n_others, <=, MAX_OTHERS);
  gst_kvs_gate_free (self);
  gst_object_unref (bin);
  return 0;
}
