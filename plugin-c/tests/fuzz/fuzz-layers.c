/* Frames of a source that says anything of its layers: what is read of them,
 * and that no peer's copy is written beyond its end.
 *
 * The first octet chooses the kind and the layers wanted; then frames, each
 * behind one octet: key or not, and the length of its one payload. */
#include "layers.h"

#include "fuzz.h"

static void
meet (RtcLayers *layers, guint8 head, const uint8_t *data, size_t size)
{
  g_autoptr (RtcFrame) frame = rtc_frame_new (1);
  g_autofree guint8 *copy = g_memdup2 (data, size);

  frame->is_key = (head & 0x80) != 0;
  frame->payloads[0] = (RtcPayload){ .data = copy, .size = size };
  rtc_layers_describe (layers->kind, frame);
  g_assert_cmpuint (frame->temporal_id, <=, RTC_LAYERS_MAX);
  g_assert_true (!frame->is_key || frame->temporal_id == 0);
  if (!rtc_layers_admit (layers, frame))
    return;
  g_assert_true (frame->is_key || frame->temporal_id == 0
      || frame->temporal_id <= layers->target);
  rtc_layers_rewrite (layers, frame, copy, size);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  RtcLayers layers;

  if (size == 0)
    return 0;
  rtc_layers_init (&layers, data[0] & 3);
  rtc_layers_set_target (&layers, data[0] >> 2 & 7);
  data++;
  size--;
  while (size >= 1) {
    size_t length = MIN (data[0] & 0x7fu, size - 1);

    meet (&layers, data[0], data + 1, length);
    data += 1 + length;
    size -= 1 + length;
  }
  return 0;
}
