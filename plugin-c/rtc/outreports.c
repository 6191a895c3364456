/* Sender reports: what ties the streams' clocks together, and what measures
 * the round trip. */
#include "outboundinternal.h"
#include "senderreport.h"

/* RFC 3550 section 6.3.1 for two members, with the least interval of RFC 3551;
 * random, so that many peers' reports do not fall together. */
#define INTERVAL_US G_USEC_PER_SEC
#define SPREAD_US (G_USEC_PER_SEC / 2)

#define REPORT_MAX (RTC_SR_SIZE + RTC_CNAME_MAX + 16)

G_STATIC_ASSERT (RTC_OUTBOUND_TRACKS_MAX *REPORT_MAX + RTC_TRAILER_MAX
    <= RTC_PACKET_CAPACITY);

void
rtc_outbound_report_soon (RtcOutbound *self, gint64 now_us)
{
  self->report_due_us = now_us;
}

/* Of the stream itself: what is sent again, because it was lost or only to fill
 * the path, is another stream's, or is no new data (RFC 4588 section 5, RFC 3550
 * section 6.4.1). */
static guint64
count_packets (const RtcTrackStats *stats)
{
  return stats->packets - stats->retransmitted_packets - stats->padding_packets;
}

/* The same instant in both of its clocks: that of the last frame, moved on to now. */
static void
describe (const RtcOutTrack *track, gint64 now_us, RtcSenderReport *report)
{
  gint64 since_us = now_us - track->clock_us;
  gint64 ticks = since_us * track->config.clock_rate / G_USEC_PER_SEC;

  report->ssrc = track->config.ssrc;
  report->ntp = rtc_ntp_from_us (track->captured_us + since_us);
  report->timestamp =
      track->timestamp + track->timestamp_offset + (guint32) ticks;
  report->packets = count_packets (&track->stats);
  report->octets = track->octets;
}

static void
remember (RtcOutTrack *track, guint64 ntp, gint64 now_us)
{
  RtcSentReport *kept = &track->reports[track->n_reports++ % RTC_REPORTS_KEPT];

  kept->middle = rtc_ntp_middle (ntp);
  kept->sent_us = now_us;
}

static gsize
write_report (RtcOutbound *self, RtcOutTrack *track, guint8 *data,
    gint64 now_us)
{
  RtcSenderReport report;
  gsize size;

  describe (track, now_us, &report);
  remember (track, report.ntp, now_us);
  size = rtc_sender_report_write (&report, data);
  return size + rtc_sdes_write (report.ssrc, self->cname, data + size);
}

static void
send_reports (RtcOutbound *self, gint64 now_us)
{
  guint8 *packet = self->buffer;
  gsize size = 0;

  for (guint i = 0; i < self->n_tracks; i++)
    if (self->tracks[i]->clock_us != 0)
      size += write_report (self, self->tracks[i], packet + size, now_us);
  self->events.rtcp (self->user_data, packet, size, size + RTC_TRAILER_MAX);
}

void
rtc_outbound_report (RtcOutbound *self, gint64 now_us)
{
  if (self->report_due_us == 0 || now_us < self->report_due_us)
    return;
  send_reports (self, now_us);
  self->report_due_us =
      now_us + INTERVAL_US + g_random_int_range (0, SPREAD_US);
}
