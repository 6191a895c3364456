/* What the files of one peer's sending share: outbound.c (its owner's door),
 * outpump.c (what is sent when), outfeedback.c (what the peer says) and
 * outreports.c (what it is told). */
#pragma once

#include "budget.h"
#include "lostqueue.h"
#include "outbound.h"
#include "outtrack.h"

G_BEGIN_DECLS

struct _RtcOutbound {
  RtcOutboundEvents events;
  gpointer user_data;
  char *cname;
  guint n_tracks;
  RtcOutTrack *tracks[RTC_OUTBOUND_TRACKS_MAX];

  guint16 twcc; /* the next transport-wide sequence number */
  RtcLostQueue lost;
  RtcBudget again; /* for retransmissions */

  gint64 report_due_us; /* 0: nothing was sent yet */
  gint64 heard_us;
  gint64 rtt_us; /* -1: not known */

  /* Of the call that is running. */
  gboolean has_sent;
  guint wanted_keys; /* bit n: of track n */

  guint8 buffer[RTC_PACKET_CAPACITY];
};

/* Where the next packet goes. */
guint8 *rtc_outbound_take_room (RtcOutbound *self);

/* To be told at the end of the call. */
void rtc_outbound_want_key (RtcOutbound *self, guint track);

/* Sends a frame that nothing holds back. */
void rtc_outbound_send_frame (RtcOutbound *self, RtcOutTrack *track,
    RtcFrame *frame, gint64 now_us);

/* Sends what waits, as far as it may be sent now. */
void rtc_outbound_pump (RtcOutbound *self, gint64 now_us);

/* When it may go on; -1: nothing waits. */
gint64 rtc_outbound_next_pump (RtcOutbound *self, gint64 now_us);

/* Puts a packet, which the peer says it has not got, with those to be sent again. */
void rtc_outbound_lose (RtcOutbound *self, guint track, guint16 sequence,
    gint64 now_us);

void rtc_outbound_hear (RtcOutbound *self, const guint8 *data, gsize size,
    gint64 now_us);

/* The track has sent, at this time, its first frame. */
void rtc_outbound_report_soon (RtcOutbound *self, gint64 now_us);

void rtc_outbound_report (RtcOutbound *self, gint64 now_us);

G_END_DECLS
