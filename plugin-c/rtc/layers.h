/* Layers in time of a coded stream: which frames are which, and one peer's share of them. */
#pragma once

#include "frame.h"

G_BEGIN_DECLS

/* How a stream's frames tell their layer, and their number. */
typedef enum {
  RTC_LAYERS_NONE, /* nothing is told: audio, H265, AV1 */
  RTC_LAYERS_VP8,  /* RFC 7741 section 4.2: the payload descriptor */
  RTC_LAYERS_VP9,  /* RFC 9628 section 4.2, and the frame's own header */
  RTC_LAYERS_H264, /* RFC 6184 section 5.3: nal_ref_idc */
} RtcLayersKind;

/* The highest layer there can be: three bits in VP9. */
#define RTC_LAYERS_MAX 7

/**
 * RtcLayersIds:
 * What one frame is numbered by towards one peer, who must see no gap where
 * frames were left out: a gap is a loss to a decoder.
 */
typedef struct {
  guint16 picture_id; /* 15 bits */
  guint8 tl0_index;   /* VP8's TL0PICIDX */
} RtcLayersIds;

/**
 * RtcLayers:
 * One peer's share of one stream. A value; nothing to free. Of one thread.
 */
typedef struct {
  RtcLayersKind kind;
  guint8 target;      /* highest layer that is wanted */
  guint8 open;        /* bit n: all that layer n depends on was admitted */
  gboolean has_begun; /* `ids` are of a frame */
  RtcLayersIds ids;   /* of the frame admitted last */
} RtcLayers;

/* All layers are wanted, and nothing was admitted yet. */
void rtc_layers_init (RtcLayers *self, RtcLayersKind kind);

/* Wants layers up to this one, falling at once; RTC_LAYERS_MAX for all. */
void rtc_layers_set_target (RtcLayers *self, guint8 max_temporal_id);

/**
 * rtc_layers_admit:
 *
 * Whether the peer gets this frame, whole or not at all; to be asked once for
 * each frame, in order. A layer is taken up again at a key frame, or at one
 * of its own that depends on the lowest layer alone.
 */
gboolean rtc_layers_admit (RtcLayers *self, const RtcFrame *frame);

/**
 * rtc_layers_rewrite:
 * @payload: the peer's own copy of a payload of the frame admitted last
 *
 * Numbers it by `ids`. Never beyond @size, whatever is in it, and only where
 * a number is there: its size stays.
 */
void rtc_layers_rewrite (RtcLayers *self, const RtcFrame *frame,
    guint8 *payload, gsize size);

/* The same with `ids` that were kept from when the frame was admitted. */
void rtc_layers_write_ids (RtcLayersKind kind, const RtcLayersIds *ids,
    guint8 *payload, gsize size);

/**
 * rtc_layers_describe:
 *
 * Reads temporal_id, is_layer_sync and is_discardable of @frame from its
 * payloads. What does not say is of the lowest layer, which is never left out.
 */
void rtc_layers_describe (RtcLayersKind kind, RtcFrame *frame);

G_END_DECLS
