/* What RTCP packets say: read from bytes that anybody may have written. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  RTC_RTCP_SR = 200,
  RTC_RTCP_RR = 201,
  RTC_RTCP_SDES = 202,
  RTC_RTCP_BYE = 203,
  RTC_RTCP_RTPFB = 205,
  RTC_RTCP_PSFB = 206,
} RtcRtcpType;

/* Formats of feedback (RFC 4585 sections 6.2 and 6.3, RFC 5104 section 4.3,
 * draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1). */
#define RTC_RTPFB_NACK 1
#define RTC_RTPFB_TWCC 15
#define RTC_PSFB_PLI 1
#define RTC_PSFB_FIR 4
#define RTC_PSFB_APPLICATION 15

/**
 * RtcRtcpPacket:
 * One of a compound packet; its bytes are those that were read.
 */
typedef struct {
  guint8 type;        /* RtcRtcpType, or any other */
  guint8 count;       /* of blocks; for feedback its format */
  const guint8 *body; /* what follows the first four bytes, less padding */
  gsize size;
} RtcRtcpPacket;

/**
 * RtcReportBlock:
 * RFC 3550 section 6.4.1, as written by the receiver of our packets.
 */
typedef struct {
  guint32 ssrc;
  guint8 fraction_lost; /* of 256, since its last report */
  gint32 lost;          /* 24 bits; less than 0 when duplicates came */
  guint32 highest;      /* sequence number, with its cycles */
  guint32 jitter;
  guint32 last_sr; /* middle of the SR's NTP time; 0: none came */
  guint32 delay;   /* since that SR, 1/65536 s */
} RtcReportBlock;

/**
 * rtc_rtcp_next:
 * @data: (inout): where to read; moves on
 * @size: (inout): bytes left
 *
 * FALSE at the end, and at the first packet that is not well formed: nothing
 * behind it can be told from noise. Alone or compound (RFC 5506), in any order.
 */
gboolean rtc_rtcp_next (const guint8 **data, gsize *size,
    RtcRtcpPacket *packet);

/* The report blocks of SR and RR; 0 for others. */
guint rtc_rtcp_count_report_blocks (const RtcRtcpPacket *packet);

/* @index is less than the count. */
void rtc_rtcp_read_report_block (const RtcRtcpPacket *packet, guint index,
    RtcReportBlock *block);

/* Whose packets the feedback is about; FALSE when it is not feedback. */
gboolean rtc_rtcp_read_media (const RtcRtcpPacket *packet, guint32 *ssrc);

/* The sequence numbers a NACK wants, at most @max of them; 0 for others. */
gsize rtc_rtcp_read_nack (const RtcRtcpPacket *packet, guint16 *sequences,
    gsize max);

gboolean rtc_rtcp_is_pli (const RtcRtcpPacket *packet);

/* The requests of a FIR; 0 for others. */
guint rtc_rtcp_count_fir (const RtcRtcpPacket *packet);

/* @index is less than the count; @command is the same in a request repeated. */
void rtc_rtcp_read_fir (const RtcRtcpPacket *packet, guint index, guint32 *ssrc,
    guint8 *command);

/* What the receiver estimates, bit/s (draft-alvestrand-rmcat-remb-03);
 * FALSE when it says no such thing. */
gboolean rtc_rtcp_read_remb (const RtcRtcpPacket *packet, guint64 *bitrate);

G_END_DECLS
