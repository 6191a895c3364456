/* One SCTP association over DTLS (RFC 8261), with messages and streams but no
 * notion of channels. The only door to usrsctp, with sctpstack. */
#pragma once

#include "delivery.h"

G_BEGIN_DECLS

/* What an IPv6 packet of 1,280 bytes leaves (RFC 8261 section 5 has no way to
 * find more): less 40 of IPv6, 8 of UDP, 4 of a TURN channel, 37 of DTLS. */
#define RTC_SCTP_PACKET_MAX 1191

/* Each way: two for each of the channels there may be. */
#define RTC_SCTP_STREAMS 32

/* The longest that is received whole. */
#define RTC_SCTP_MESSAGE_MAX (64 * 1024)
/* The longest that is sent: what may wait to be acknowledged. */
#define RTC_SCTP_SEND_MAX (256 * 1024)

typedef struct _RtcSctp RtcSctp;

/* All on the thread rtc_sctp_new was called on, never inside a call of ours
 * but for rtc_sctp_take and rtc_sctp_free. None after `lost`. */
typedef struct {
  /* A packet to the peer, RTC_SCTP_PACKET_MAX bytes at most. */
  void (*send) (gpointer user_data, const guint8 *data, gsize size);
  /* Messages can be sent, on streams below @streams. Once. */
  void (*up) (gpointer user_data, guint streams);
  /* @message is followed by a zero that is not counted, and NULL when it was
   * longer than RTC_SCTP_MESSAGE_MAX. */
  void (*message) (gpointer user_data, guint16 stream, guint32 protocol,
      const guint8 *message, gsize size);
  /* The peer ended its side of the stream. */
  void (*ended) (gpointer user_data, guint16 stream);
  /* The peer acknowledged that we ended ours: it can be used anew. */
  void (*reset) (gpointer user_data, guint16 stream);
  /* Aborted, shut down, started anew by the peer, or silent for too long. Once. */
  void (*lost) (gpointer user_data);
} RtcSctpEvents;

typedef enum {
  RTC_SCTP_SENT,   /* it will arrive, or the association is lost */
  RTC_SCTP_FULL,   /* the peer does not read */
  RTC_SCTP_REFUSED /* too long, or no such stream, or not up */
} RtcSctpResult;

/**
 * rtc_sctp_new:
 * @events: static
 * @user_data: alive until rtc_sctp_free
 *
 * Belongs to this thread and its thread-default context. All functions: this
 * thread only, and from within any event.
 */
RtcSctp *rtc_sctp_new (const RtcSctpEvents *events, gpointer user_data);

/* Once, when DTLS is up; the peer does the same (RFC 8831 section 6.2). Ports
 * as in a=sctp-port. FALSE when usrsctp refuses, which it has no reason to. */
gboolean rtc_sctp_connect (RtcSctp *self, guint16 local_port,
    guint16 remote_port);

/* A packet from the peer, whatever is in it. */
void rtc_sctp_take (RtcSctp *self, const guint8 *data, gsize size);

/* Never waits. @size is not 0: SCTP has no empty messages. */
RtcSctpResult rtc_sctp_send (RtcSctp *self, guint16 stream, guint32 protocol,
    const RtcDelivery *delivery, const guint8 *message, gsize size);

/* Ends our side of the stream (RFC 6525 section 5.1.2), when all that was sent
 * on it has arrived. */
void rtc_sctp_reset (RtcSctp *self, guint16 stream);

/* An ABORT is sent from within; else nothing is called back any more. */
void rtc_sctp_free (RtcSctp *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtcSctp, rtc_sctp_free)

G_END_DECLS
