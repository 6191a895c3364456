/* What of the packets that one peer sends us is taken, and what of it is known. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Jitter buffers, sessions and demultiplexers remember something for each SSRC
 * they meet, and a peer may make up as many as it likes. Here they are counted,
 * and nothing else reaches the rest. Plain bytes and no locks: one thread's. */
typedef struct _RtcIntake RtcIntake;

#define RTC_INTAKE_MAX_SSRCS 4    /* an m-line's */
#define RTC_INTAKE_MAX_LINES 16   /* m-lines */
#define RTC_INTAKE_MAX_SOURCES 16 /* SSRCs that have sent RTP */

/**
 * RtcIntakeLine:
 * An m-line that we receive on. Where the peer declared no SSRC for it, it
 * takes the first that sends its payload type, and one more, since a sender
 * that begins anew may have another (RFC 3550 section 8.2).
 */
typedef struct {
  int pt;     /* 0 to 127, the one that was agreed on */
  int rtx_pt; /* of its retransmissions (RFC 4588), or -1 */
  guint32 ssrcs[RTC_INTAKE_MAX_SSRCS];
  guint n_ssrcs;
} RtcIntakeLine;

typedef enum {
  RTC_INTAKE_TAKEN,
  RTC_INTAKE_MALFORMED,    /* no RTP, or mixed by somebody */
  RTC_INTAKE_OTHER_TYPE,   /* a payload type that was not agreed on for it */
  RTC_INTAKE_OTHER_SOURCE, /* an SSRC that was not declared, or one too many */
  RTC_INTAKE_ASTRAY,       /* a sequence number far from those before it */
} RtcIntakeVerdict;

typedef struct {
  guint32 ssrc;
  gboolean is_rtx;
  gsize payload_size; /* bytes, without padding */
} RtcIntakePacket;

/* @local_ssrc: what we report as, which no peer may send as (RFC 3550 section 8.2). */
RtcIntake *rtc_intake_new (guint32 local_ssrc);
void rtc_intake_free (RtcIntake *self);

/* Before the first packet; the index of the line, or -1 when there are too many. */
int rtc_intake_add_line (RtcIntake *self, const RtcIntakeLine *line);

/**
 * rtc_intake_take_rtp:
 * @data: decrypted, any bytes
 * @packet: filled in for RTC_INTAKE_TAKEN
 *
 * An SSRC belongs to the line, and to its media or its retransmissions, that
 * its first packet was of. Its sequence numbers may leave out some, for each of
 * which a jitter buffer sets a timer: as many as came, a few times over. One
 * that has jumped further is taken when others have followed it. A
 * retransmission is of a packet that is not long past.
 */
RtcIntakeVerdict rtc_intake_take_rtp (RtcIntake *self, const guint8 *data,
    gsize size, RtcIntakePacket *packet);

/* The line of an SSRC that has sent, or -1. */
int rtc_intake_find_line (const RtcIntake *self, guint32 ssrc);

/* Whether that SSRC has sent, and is not one of retransmissions. */
gboolean rtc_intake_is_media (const RtcIntake *self, guint32 ssrc);

/* @report: a compound packet, for the time of the call. */
typedef void (*RtcIntakeReportFunc) (gpointer user_data, const guint8 *report,
    gsize size);

/**
 * rtc_intake_take_rtcp:
 * @data: decrypted, any bytes
 *
 * Calls @func for each sender report of an SSRC that has sent RTP, with a
 * packet of our own: what it says of its clock, and its canonical name, if any
 * was said (RFC 3550 sections 6.4.1 and 6.5). The first name stays: who changes
 * it again and again is remembered once. All else in @data is left out: report
 * blocks and feedback are about what we send.
 */
void rtc_intake_take_rtcp (RtcIntake *self, const guint8 *data, gsize size,
    RtcIntakeReportFunc func, gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtcIntake, rtc_intake_free)

G_END_DECLS
