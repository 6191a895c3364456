/* What a stream has lately sent one peer, kept to be sent again.
 *
 * The payloads stay with their frames, which all peers share; only what they
 * were numbered by is this peer's own. */
#pragma once

#include "frame.h"
#include "layers.h"

G_BEGIN_DECLS

/* How long a lost packet is of use to anybody. */
#define RTC_HISTORY_AGE_US (2 * G_USEC_PER_SEC)

#define RTC_HISTORY_PACKETS 1024

typedef struct {
  RtcFrame *frame;     /* a reference; NULL: nothing is here */
  gint64 sent_us;      /* the first time */
  gint64 last_sent_us; /* as itself or in a retransmission */
  gboolean is_again; /* it was asked for, and has been sent twice or will be */
  guint16 index;     /* of its payload */
  guint16 sequence;
  gint8 orientation; /* -1: its header had none */
  guint16 twcc;      /* its number of the transport */
  RtcLayersIds ids;  /* of its frame, towards this peer */
} RtcHistoryPacket;

typedef struct _RtcHistory RtcHistory;

RtcHistory *rtc_history_new (void);

void rtc_history_free (RtcHistory *self);

/**
 * rtc_history_add:
 * @sequence: one more than the last packet's
 *
 * Gives the place of a packet with all but `orientation`, `twcc` and `ids` filled in;
 * the oldest make room. It takes a reference of the frame.
 */
RtcHistoryPacket *rtc_history_add (RtcHistory *self, guint16 sequence,
    RtcFrame *frame, guint index, gint64 now_us);

/* NULL when it was never sent, or too long ago. */
RtcHistoryPacket *rtc_history_find (RtcHistory *self, guint16 sequence,
    gint64 now_us);

/* The newest one, or NULL. */
RtcHistoryPacket *rtc_history_last (RtcHistory *self, gint64 now_us);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtcHistory, rtc_history_free)

G_END_DECLS
