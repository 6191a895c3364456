/* All that one peer is sent over RTP: its streams, their retransmissions, and
 * reports of them.
 *
 * It opens no socket and asks no clock: what it sends goes to functions of its
 * owner, who gives it the time (any monotonic clock's microseconds, more than
 * 0, never back). One thread; the functions may not call back into it. */
#pragma once

#include "frame.h"
#include "layers.h"

G_BEGIN_DECLS

/* Room behind each packet, for what SRTP adds to it (SRTP_MAX_TRAILER_LEN). */
#define RTC_TRAILER_MAX 144

/* Of header, retransmission's number, payload and that room. */
#define RTC_PACKET_CAPACITY (24 + 2 + RTC_PAYLOAD_MAX + RTC_TRAILER_MAX)

/* Streams of one peer; an offer with more is none of a viewer's. */
#define RTC_OUTBOUND_TRACKS_MAX 8

/* What a track number is where there is no track. */
#define RTC_OUTBOUND_NO_TRACK G_MAXUINT

typedef struct {
  /* @packet is to be sent, and may be encrypted where it is: after @size bytes
   * there are RTC_TRAILER_MAX more. Not to be used after the return. */
  void (*rtp) (gpointer user_data, guint8 *packet, gsize size, gsize capacity);
  void (*rtcp) (gpointer user_data, guint8 *packet, gsize size, gsize capacity);

  /* The peer wants a key frame of the track, or must have one. Once for each
   * call of a function at most. */
  void (*key_frame) (gpointer user_data, guint track);
} RtcOutboundEvents;

typedef struct {
  gboolean is_video;
  guint32 ssrc;
  guint32 rtx_ssrc;
  int pt;
  int rtx_pt; /* -1: what is lost is sent again as it was (RFC 4585), which
               * libsrtp allows only with allow_repeat_tx */
  guint clock_rate;
  /* The header extensions' ids, of one byte's form (1 to 14); 0: none. */
  int twcc_id;
  int orientation_id;
  gboolean nack;        /* lost packets are sent again */
  gboolean expects_pli; /* else the peer cannot ask for a key frame, and gets
                         * one when it has lost packets for good */
  RtcLayersKind layers_kind;
} RtcTrackConfig;

typedef struct {
  guint64 packets; /* all that were sent, with retransmissions and padding */
  guint64 bytes;   /* with headers, without SRTP, UDP and IP */
  guint64 retransmitted_packets;
  guint64 retransmitted_bytes;
  guint64 padding_packets; /* sent to find out what the path takes */
  guint64 padding_bytes;
  guint64 frames;         /* begun to be sent */
  guint64 dropped_frames; /* too late, or none of the peer's layers */
  gint64 lost;            /* packets, as the peer's last report says */
  double loss;            /* 0 to 1, between its last two reports */
  guint64 nacks;          /* packets asked for */
  guint64 key_requests;   /* PLI and FIR */
  guint8 layer;           /* highest that is sent */
} RtcTrackStats;

typedef struct {
  RtcTrackStats total; /* of all tracks; `loss` and `layer` are of the video */
  guint64 frames[RTC_OUTBOUND_TRACKS_MAX]; /* of each track: begun to be sent */
  int rtt_ms;                              /* -1: not known */
  guint64 estimate; /* bit/s that the path takes; 0: no limit is known */
  guint64 target;   /* bit/s that sound and the peer's layers make */
  double loss;      /* 0 to 1, of all packets of the last seconds */
  guint64 sounds;   /* bit/s of that which are sound */
  int queue_ms;     /* what the path holds back; -1: not known */
  gint64 heard_us;  /* when RTCP of the peer last came; 0: never */
} RtcOutboundStats;

typedef struct _RtcOutbound RtcOutbound;

/* @cname is of RFC 7022: short, random, and the same for all tracks. */
RtcOutbound *rtc_outbound_new (const RtcOutboundEvents *events,
    gpointer user_data, const char *cname);

void rtc_outbound_free (RtcOutbound *self);

/* The number of the track, from 0; RTC_OUTBOUND_NO_TRACK when there are
 * RTC_OUTBOUND_TRACKS_MAX. A video begins with its next key frame. */
guint rtc_outbound_add_track (RtcOutbound *self, const RtcTrackConfig *config);

/* How the pictures from now on are turned (3GPP TS 26.114 section 7.4.5; 0:
 * upright). It goes with each key frame, each turned frame, and each change. */
void rtc_outbound_set_orientation (RtcOutbound *self, guint track,
    guint8 orientation);

/**
 * rtc_outbound_set_wanted:
 * @bitrate: bit/s of the pictures that the peer would be sent if its path took
 *     them; 0: those that are pushed
 *
 * An estimate looks no further than what is sent, unless it is asked to: it is
 * what a bigger picture takes, where the peer is sent a smaller one.
 */
void rtc_outbound_set_wanted (RtcOutbound *self, guint64 bitrate);

/* Sends the frame, or as much of it as is due; with a reference of its own.
 * rtc_outbound_run() is to be called after it for when to go on. */
void rtc_outbound_push (RtcOutbound *self, guint track, RtcFrame *frame,
    gint64 now_us);

/* What the peer says, decrypted; whatever is wrong with it is passed over. */
void rtc_outbound_take_rtcp (RtcOutbound *self, const guint8 *data, gsize size,
    gint64 now_us);

/* Sends what is due. Returns when to call again at the latest, or -1: not
 * before the next push. */
gint64 rtc_outbound_run (RtcOutbound *self, gint64 now_us);

void rtc_outbound_get_stats (RtcOutbound *self, RtcOutboundStats *stats);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtcOutbound, rtc_outbound_free)

G_END_DECLS
