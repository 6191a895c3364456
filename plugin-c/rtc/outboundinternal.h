/* What the files of one peer's sending share: outbound.c (its owner's door),
 * outqueue.c (which frames are for it), outpump.c (what is sent when),
 * outfeedback.c (what the peer says), outadapt.c (what is made of that) and
 * outreports.c (what the peer is told). */
#pragma once

#include "allocation.h"
#include "budget.h"
#include "estimator.h"
#include "lostqueue.h"
#include "outbound.h"
#include "outtrack.h"
#include "pacing.h"
#include "probe.h"
#include "sentlog.h"
#include "twcc.h"

G_BEGIN_DECLS

struct _RtcOutbound {
  RtcOutboundEvents events;
  gpointer user_data;
  char *cname;
  guint n_tracks;
  RtcOutTrack *tracks[RTC_OUTBOUND_TRACKS_MAX];

  guint16 twcc;       /* the next transport-wide sequence number */
  RtcSentLog *sent;   /* NULL: no track has such numbers */
  RtcRateMeter media; /* what is sent for the first time */
  RtcRateMeter all;   /* and all that is */
  RtcRateMeter sounds;

  RtcLostQueue lost;
  RtcBudget again; /* for retransmissions */
  RtcPacing pacing;
  gsize window; /* bytes that may be on their way; G_MAXSIZE: any */

  /* When the first packet left of those since the peer last told of any; 0:
   * none has. */
  gint64 unheard_us;
  gint64 back_us; /* when it told of any again after a long while; 0: never */
  gint64 last_sent_us; /* of those that are numbered: others bring no sign */

  RtcTwccClock clock;
  RtcEstimator estimator;
  RtcAllocation allocation;
  RtcProbe probe;
  gint64 adapted_us;
  guint64 target; /* bit/s of what the allocation sends */
  guint64 wanted; /* bit/s of pictures that are not pushed yet; 0: none */

  gint64 report_due_us; /* 0: nothing was sent yet */
  gint64 heard_us;
  gint64 rtt_us; /* -1: not known */
  gint64 now_us; /* of the last call */

  /* Of the call that is running. */
  guint wanted_keys; /* bit n: of track n */

  guint8 buffer[RTC_PACKET_CAPACITY]; /* of the packet that is written */
};

/* To be told at the end of the call. */
void rtc_outbound_want_key (RtcOutbound *self, guint track);

/* The peer wants a key frame, and is passed on unless one is on its way or its
 * path has proved too thin for many. */
void rtc_outbound_ask_for_key (RtcOutbound *self, guint track, gint64 now_us);

/* Lets a picture wait for its turn, if it is for this peer at all. */
void rtc_outbound_enqueue (RtcOutbound *self, guint track, RtcFrame *frame,
    gint64 now_us);

/* Lets go of pictures that have waited too long. */
void rtc_outbound_drop_late (RtcOutbound *self, gint64 now_us);

/* Sends a frame that nothing holds back. */
void rtc_outbound_send_frame (RtcOutbound *self, RtcOutTrack *track,
    RtcFrame *frame, gint64 now_us);

/* It used to tell what arrives, and does no more. */
gboolean rtc_outbound_is_unheard (const RtcOutbound *self, gint64 now_us);

gboolean rtc_outbound_may_send (RtcOutbound *self, gint64 now_us);

/* The track whose packets may be sent again to no other end than to fill the
 * path, or NULL. */
RtcOutTrack *rtc_outbound_find_padded (RtcOutbound *self, gint64 now_us);

/* Sends what waits, as far as it may be sent now. */
void rtc_outbound_pump (RtcOutbound *self, gint64 now_us);

/* When it may go on; -1: nothing waits. */
gint64 rtc_outbound_next_pump (RtcOutbound *self, gint64 now_us);

/* Puts a packet, which the peer says it has not got, with those to be sent again. */
void rtc_outbound_lose (RtcOutbound *self, guint track, guint16 sequence,
    gint64 now_us);

void rtc_outbound_hear (RtcOutbound *self, const guint8 *data, gsize size,
    gint64 now_us);

/* Now and then, and as soon as the peer has told something. */
void rtc_outbound_adapt (RtcOutbound *self, gint64 now_us);

/* The track has sent, at this time, its first frame. */
void rtc_outbound_report_soon (RtcOutbound *self, gint64 now_us);

void rtc_outbound_report (RtcOutbound *self, gint64 now_us);

G_END_DECLS
