/* SRTP and SRTCP with one remote (RFC 3711, RFC 7714), on libsrtp. */
#pragma once

#include "dtls.h"

G_BEGIN_DECLS

typedef struct _RtcSrtp RtcSrtp;

/* What protecting adds to a packet at most (libsrtp's SRTP_MAX_TRAILER_LEN). */
#define RTC_SRTP_TRAILER_MAX 144

/* NULL when libsrtp cannot. The keys are not needed after it. */
RtcSrtp *rtc_srtp_new (const RtcSrtpKeys *keys);
void rtc_srtp_free (RtcSrtp *self);

/* In place, with room for RTC_SRTP_TRAILER_MAX more bytes; the new size, 0 when it failed. */
gsize rtc_srtp_protect_rtp (RtcSrtp *self, guint8 *packet, gsize size);
gsize rtc_srtp_protect_rtcp (RtcSrtp *self, guint8 *packet, gsize size);

/* In place; the new size, or 0 for a packet that is forged, old, seen before, or
 * of more sources than an honest remote has. */
gsize rtc_srtp_unprotect_rtp (RtcSrtp *self, guint8 *packet, gsize size);
gsize rtc_srtp_unprotect_rtcp (RtcSrtp *self, guint8 *packet, gsize size);

G_END_DECLS
