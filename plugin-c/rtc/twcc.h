/* When each packet arrived, as a receiver tells it
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1). */
#pragma once

#include "rtcp.h"

G_BEGIN_DECLS

/**
 * RtcTwccClock:
 * The receiver's clock, whose 24 bits come round every twelve days. All zero
 * is one that was not seen yet.
 */
typedef struct {
  gboolean is_known;
  guint32 last;
  gint64 ticks; /* of 64 ms */
} RtcTwccClock;

typedef struct {
  guint16 sequence; /* transport-wide */
  gboolean is_received;
  gint64 arrival_us; /* of a packet received; more than 0, from anywhere */
} RtcTwccArrival;

/* Of one feedback; its bytes are those that were read. */
typedef struct {
  const guint8 *chunk;
  const guint8 *delta;
  const guint8 *end;
  guint16 sequence;
  guint n_left;  /* statuses told by chunks to come and by this one */
  guint n_here;  /* statuses left in this chunk */
  guint16 bits;  /* of this chunk */
  guint8 symbol; /* bits of a status in it; 0: all have the same */
  gint64 at_us;
} RtcTwccReader;

/* More than a peer can have in flight: what claims to tell of more is no
 * feedback of ours. */
#define RTC_TWCC_STATUSES_MAX 4096

/* FALSE when the packet is not such feedback, or is not whole. */
gboolean rtc_twcc_begin (RtcTwccReader *self, const RtcRtcpPacket *packet,
    RtcTwccClock *clock);

/* The next packet told of, in the order they were sent; FALSE at the end, or
 * where a time is missing. */
gboolean rtc_twcc_next (RtcTwccReader *self, RtcTwccArrival *arrival);

G_END_DECLS
