#include "layers.h"

#include "vp9header.h"

/* Where the numbers of a payload descriptor are; 0 for one that is not there. */
typedef struct {
  gsize picture_id;
  gboolean is_long; /* 15 bits instead of 7 */
  gsize tl0_index;
  gsize layer; /* VP8's octet of TID and Y */
  gsize size;  /* of the descriptor */
} Descriptor;

static gsize
skip_picture_id (Descriptor *self, const guint8 *data, gsize size, gsize at)
{
  if (at >= size)
    return size + 1;
  self->picture_id = at;
  self->is_long = (data[at] & 0x80) != 0;
  return at + (self->is_long ? 2 : 1);
}

/* RFC 7741 section 4.2. */
static gboolean
read_vp8 (Descriptor *self, const guint8 *data, gsize size)
{
  gsize at = 2;
  guint8 extensions;

  *self = (Descriptor){ .size = 1 };
  if (size < 1)
    return FALSE;
  if (!(data[0] & 0x80))
    return TRUE;
  if (size < 2)
    return FALSE;
  extensions = data[1];
  if (extensions & 0x80)
    at = skip_picture_id (self, data, size, at);
  if (extensions & 0x40)
    self->tl0_index = at++;
  if (extensions & 0x20)
    self->layer = at;
  if (extensions & 0x30)
    at++;
  self->size = at;
  return at <= size;
}

/* RFC 9628 section 4.2, as far as to the picture id and, where no layers and
 * no references are described, the descriptor's end. */
static gboolean
read_vp9 (Descriptor *self, const guint8 *data, gsize size)
{
  gsize at = 1;

  *self = (Descriptor){ 0 };
  if (size < 1)
    return FALSE;
  if (data[0] & 0x80)
    at = skip_picture_id (self, data, size, at);
  self->size = at;
  return at <= size;
}

/* Where it is told which frames, counted by picture ids, a frame depends on,
 * gaps are allowed for, and other numbers would be wrong. */
static gboolean
counts_references (const guint8 *data)
{
  return (data[0] & 0x30) != 0;
}

static gboolean
read_numbers (RtcLayersKind kind, Descriptor *descriptor, const guint8 *data,
    gsize size)
{
  switch (kind) {
    case RTC_LAYERS_VP8:
      return read_vp8 (descriptor, data, size);
    case RTC_LAYERS_VP9:
      return read_vp9 (descriptor, data, size) && !counts_references (data);
    default:
      return FALSE;
  }
}

static RtcLayersIds
read_ids (RtcLayersKind kind, const RtcFrame *frame)
{
  RtcLayersIds ids = { 0, 0 };
  Descriptor d;
  const guint8 *data;

  if (frame->n_payloads == 0
      || !read_numbers (kind, &d, frame->payloads[0].data,
          frame->payloads[0].size))
    return ids;
  data = frame->payloads[0].data;
  if (d.picture_id && d.is_long)
    ids.picture_id =
        (guint16) ((data[d.picture_id] & 0x7f) << 8 | data[d.picture_id + 1]);
  else if (d.picture_id)
    ids.picture_id = data[d.picture_id];
  if (d.tl0_index)
    ids.tl0_index = data[d.tl0_index];
  return ids;
}

void
rtc_layers_init (RtcLayers *self, RtcLayersKind kind)
{
  *self = (RtcLayers){ .kind = kind, .target = RTC_LAYERS_MAX };
}

/* Of the layers 0 to `layer`. */
static guint8
bits_up_to (guint8 layer)
{
  return (guint8) ((2u << layer) - 1);
}

void
rtc_layers_set_target (RtcLayers *self, guint8 max_temporal_id)
{
  self->target = MIN (max_temporal_id, RTC_LAYERS_MAX);
  self->open &= bits_up_to (self->target);
}

static gboolean
may_pass (RtcLayers *self, const RtcFrame *frame)
{
  guint8 layer = MIN (frame->temporal_id, RTC_LAYERS_MAX);
  guint8 needed = bits_up_to (layer);

  if (frame->is_key || layer == 0)
    return TRUE;
  if (layer > self->target)
    return FALSE;
  if (frame->is_layer_sync)
    self->open |= (guint8) (1u << layer);
  return frame->is_layer_sync || (self->open & needed) == needed;
}

gboolean
rtc_layers_admit (RtcLayers *self, const RtcFrame *frame)
{
  if (!may_pass (self, frame))
    return FALSE;
  self->open |= frame->is_key ? bits_up_to (self->target) : 1;
  if (!self->has_begun) {
    self->ids = read_ids (self->kind, frame);
    self->has_begun = TRUE;
    return TRUE;
  }
  self->ids.picture_id = (self->ids.picture_id + 1) & 0x7fff;
  if (frame->temporal_id == 0)
    self->ids.tl0_index++;
  return TRUE;
}

void
rtc_layers_write_ids (RtcLayersKind kind, const RtcLayersIds *ids,
    guint8 *payload, gsize size)
{
  Descriptor d;

  if (!read_numbers (kind, &d, payload, size))
    return;
  if (d.picture_id && d.is_long) {
    payload[d.picture_id] = (guint8) (0x80 | ids->picture_id >> 8);
    payload[d.picture_id + 1] = ids->picture_id & 0xff;
  } else if (d.picture_id) {
    payload[d.picture_id] = ids->picture_id & 0x7f;
  }
  if (d.tl0_index)
    payload[d.tl0_index] = ids->tl0_index;
}

void
rtc_layers_rewrite (RtcLayers *self, const RtcFrame *frame, guint8 *payload,
    gsize size)
{
  rtc_layers_write_ids (self->kind, &self->ids, payload, size);
}

/* Nothing depends on it, so it depends on the lowest layer alone: whatever
 * else it could depend on is like itself. */
static void
describe_discardable (RtcFrame *frame)
{
  frame->temporal_id = 1;
  frame->is_layer_sync = TRUE;
  frame->is_discardable = TRUE;
}

static void
describe_vp8 (RtcFrame *frame, const RtcPayload *first)
{
  Descriptor d;
  gboolean is_discardable;

  if (!read_vp8 (&d, first->data, first->size))
    return;
  is_discardable = (first->data[0] & 0x20) != 0;
  if (!d.layer) {
    if (is_discardable)
      describe_discardable (frame);
    return;
  }
  frame->temporal_id = first->data[d.layer] >> 6;
  frame->is_layer_sync = (first->data[d.layer] & 0x20) != 0;
  frame->is_discardable = is_discardable;
}

/* Several frames in one, each shown or not; its last octet says so (VP9
 * bitstream specification, annex B). */
static gboolean
is_superframe (const RtcFrame *frame)
{
  const RtcPayload *last = &frame->payloads[frame->n_payloads - 1];

  return last->size > 0 && (last->data[last->size - 1] & 0xe0) == 0xc0;
}

/* Descriptors that tell of layers, or of the stream's structure, which only
 * key frames need, hold back nothing. */
static void
describe_vp9 (RtcFrame *frame, const RtcPayload *first)
{
  Descriptor d;

  if (!read_vp9 (&d, first->data, first->size)
      || counts_references (first->data) || (first->data[0] & 0x02) != 0)
    return;
  if (!is_superframe (frame)
      && rtc_vp9_is_discardable (first->data + d.size, first->size - d.size))
    describe_discardable (frame);
}

/* Of one NAL unit, by its first octet. */
static gboolean
is_slice (guint8 header)
{
  return (header & 0x1f) >= 1 && (header & 0x1f) <= 5;
}

static gboolean
is_reference (guint8 header)
{
  return (header & 0x60) != 0;
}

typedef struct {
  guint n_slices;
  guint n_references;
} Slices;

static void
count_slice (Slices *slices, guint8 header)
{
  if (!is_slice (header))
    return;
  slices->n_slices++;
  if (is_reference (header))
    slices->n_references++;
}

/* RFC 6184 section 5.7.1. */
static void
count_aggregate (Slices *slices, const guint8 *data, gsize size)
{
  gsize at = 1;

  while (at + 3 <= size) {
    count_slice (slices, data[at + 2]);
    at += 2 + (gsize) (data[at] << 8 | data[at + 1]);
  }
}

static void
count_payload (Slices *slices, const RtcPayload *payload)
{
  guint8 type = payload->size > 0 ? payload->data[0] & 0x1f : 0;

  if (type == 24)
    count_aggregate (slices, payload->data, payload->size);
  else if (type == 28 && payload->size >= 2)
    /* A fragment has its importance in one octet and its type in the other. */
    count_slice (slices, (payload->data[0] & 0x60) | (payload->data[1] & 0x1f));
  else if (type > 0)
    count_slice (slices, payload->data[0]);
}

static void
describe_h264 (RtcFrame *frame)
{
  Slices slices = { 0, 0 };

  for (guint i = 0; i < frame->n_payloads; i++)
    count_payload (&slices, &frame->payloads[i]);
  if (slices.n_slices > 0 && slices.n_references == 0)
    describe_discardable (frame);
}

void
rtc_layers_describe (RtcLayersKind kind, RtcFrame *frame)
{
  frame->temporal_id = 0;
  frame->is_layer_sync = frame->is_key;
  frame->is_discardable = FALSE;
  if (frame->is_key || frame->n_payloads == 0)
    return;
  switch (kind) {
    case RTC_LAYERS_VP8:
      describe_vp8 (frame, &frame->payloads[0]);
      break;
    case RTC_LAYERS_VP9:
      describe_vp9 (frame, &frame->payloads[0]);
      break;
    case RTC_LAYERS_H264:
      describe_h264 (frame);
      break;
    case RTC_LAYERS_NONE:
      break;
  }
}
