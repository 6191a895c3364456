/* Packets that a peer asks for again, in the order it does. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* More than two of the largest key frames. */
#define RTC_LOST_QUEUE_MAX 512

typedef struct {
  guint8 track;
  guint16 sequence;
} RtcLostPacket;

/* All zero is an empty one. */
typedef struct {
  guint first;
  guint n_packets;
  RtcLostPacket packets[RTC_LOST_QUEUE_MAX];
} RtcLostQueue;

/* FALSE when it is full: the peer will ask again. */
gboolean rtc_lost_queue_push (RtcLostQueue *self, guint track,
    guint16 sequence);

/* FALSE when it is empty. */
gboolean rtc_lost_queue_pop (RtcLostQueue *self, RtcLostPacket *packet);

G_END_DECLS
