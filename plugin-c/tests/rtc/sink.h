/* The other end of a peer's sending, in memory: keeps what it was sent. */
#pragma once

#include "outbound.h"

typedef struct {
  guint8 *data; /* the whole packet */
  gsize size;
  const guint8 *payload;
  gsize payload_size;
  guint8 pt;
  gboolean has_marker;
  guint16 sequence;
  guint32 timestamp;
  guint32 ssrc;
  int twcc;        /* -1: none */
  int orientation; /* -1: none */
} SunkPacket;

typedef struct {
  GPtrArray *rtp;  /* SunkPacket */
  GPtrArray *rtcp; /* GBytes */
  GArray *keys;    /* guint: tracks that a key frame is wanted of */
} Sink;

/* Header extensions by which it reads. */
#define SINK_TWCC_ID 3
#define SINK_ORIENTATION_ID 4

Sink *sink_new (void);
void sink_free (Sink *self);

/* Forgets all. */
void sink_clear (Sink *self);

SunkPacket *sink_get (Sink *self, guint index);

extern const RtcOutboundEvents sink_events;

/* A frame of payloads of @size bytes, each filled with its index. */
RtcFrame *sink_frame (guint n_payloads, gsize size, guint32 timestamp,
    gboolean is_key);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Sink, sink_free)
