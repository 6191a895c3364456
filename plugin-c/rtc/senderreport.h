/* RTCP that we write: sender reports, and who we are (RFC 3550 sections 6.4.1
 * and 6.5). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define RTC_SR_SIZE 28

/* A CNAME longer than that is cut: RFC 7022's are 24 characters at most. */
#define RTC_CNAME_MAX 32

typedef struct {
  guint32 ssrc;
  guint64 ntp; /* seconds since 1900 in the upper half */
  guint32 timestamp;
  guint32 packets;
  guint32 octets; /* of payloads */
} RtcSenderReport;

/* Of microseconds since 1970. */
guint64 rtc_ntp_from_us (gint64 us);

/* The part of it that receivers send back (LSR). */
guint32 rtc_ntp_middle (guint64 ntp);

/* Writes RTC_SR_SIZE bytes: no report blocks. Returns how many. */
gsize rtc_sender_report_write (const RtcSenderReport *self, guint8 *data);

/* One chunk that gives @ssrc its CNAME: at most RTC_CNAME_MAX + 16 bytes. */
gsize rtc_sdes_write (guint32 ssrc, const char *cname, guint8 *data);

G_END_DECLS
