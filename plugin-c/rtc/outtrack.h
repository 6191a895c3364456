/* One stream as one peer is sent it: its numbers, and the bytes of its packets. */
#pragma once

#include "allocation.h"
#include "framequeue.h"
#include "history.h"
#include "outbound.h"
#include "ratemeter.h"
#include "rtpheader.h"

G_BEGIN_DECLS

/* Sender reports that a peer may still speak of. */
#define RTC_REPORTS_KEPT 4

typedef struct {
  guint32 middle; /* of its NTP time */
  gint64 sent_us;
} RtcSentReport;

typedef struct {
  RtcTrackConfig config;
  RtcTrackStats stats;
  guint64 octets; /* of their payloads */

  /* RFC 3550 section 5.1: all three begin anywhere. */
  guint16 sequence;
  guint16 rtx_sequence;
  guint32 timestamp_offset;

  RtcLayers layers;
  RtcHistory *history; /* NULL: nothing is sent again */
  guint16 padded;      /* sequence number last sent again to no other end */

  /* What its frames need by layer, sent or not. */
  RtcRateMeter needs[RTC_ALLOCATION_LAYERS];

  RtcFrameQueue queue;
  guint next_payload;     /* of the oldest frame in the queue */
  gboolean is_begun;      /* that frame was admitted */
  gboolean waits_for_key; /* what comes before it cannot be shown */
  gint64 key_wanted_us;   /* when we last asked for it */
  gint64 key_patience_us; /* before we ask again */
  gint64 dropped_us;      /* when frames were last too late */

  guint8 orientation;
  guint8 sent_orientation;

  /* Of the frame sent last, for reports; `clock_us` is 0 before there is one. */
  guint32 timestamp;
  gint64 captured_us;
  gint64 clock_us;
  RtcSentReport reports[RTC_REPORTS_KEPT];
  guint n_reports;

  /* Of the peer's reports and requests. */
  guint32 highest; /* of its last report: sequence number it has seen */
  gint32 lost;     /* likewise: packets, since the beginning */
  int fir_command; /* the last; -1: none */
  gint64
      rescued_us; /* when it last got a key frame that it could not ask for */
} RtcOutTrack;

/* Between two requests for a key frame, at the least. */
#define RTC_KEY_PATIENCE_US G_USEC_PER_SEC

RtcOutTrack *rtc_out_track_new (const RtcTrackConfig *config);

void rtc_out_track_free (RtcOutTrack *self);

/* Writes the packet of a payload of @frame, which was admitted by `layers`
 * last, to @packet of RTC_PACKET_CAPACITY bytes, and remembers it. @twcc is
 * its transport-wide sequence number. Returns its size. */
gsize rtc_out_track_write (RtcOutTrack *self, RtcFrame *frame, guint index,
    guint16 twcc, guint8 *packet, gint64 now_us);

/* The same for one that was sent before, as RFC 4588 has it where that was agreed. */
gsize rtc_out_track_write_again (RtcOutTrack *self,
    const RtcHistoryPacket *sent, guint16 twcc, guint8 *packet);

G_END_DECLS
