/* What a peer says of what it was sent. */
#include "outboundinternal.h"
#include "rtcp.h"

/* Packets asked for that are looked up for one call: more are in no history
 * that could still be of use. */
#define NACKS_MAX 512

/* A round trip longer than that is a lie, or of no use. */
#define RTT_MAX_US (10 * G_USEC_PER_SEC)

/* Of a peer that cannot ask for key frames. */
#define RESCUE_US (2 * G_USEC_PER_SEC)

typedef struct {
  RtcOutbound *outbound;
  gint64 now_us;
  gsize nacks_left;
} Hearing;

static guint
find_track (RtcOutbound *self, guint32 ssrc)
{
  for (guint i = 0; i < self->n_tracks; i++)
    if (self->tracks[i]->config.ssrc == ssrc)
      return i;
  return RTC_OUTBOUND_NO_TRACK;
}

/* Only of a report that we did send can the time be told. */
static const RtcSentReport *
find_report (const RtcOutTrack *track, guint32 middle)
{
  guint n = MIN (track->n_reports, RTC_REPORTS_KEPT);

  for (guint i = 0; i < n; i++)
    if (track->reports[i].middle == middle)
      return &track->reports[i];
  return NULL;
}

static void
take_round_trip (RtcOutbound *self, const RtcOutTrack *track,
    const RtcReportBlock *block, gint64 now_us)
{
  const RtcSentReport *report = find_report (track, block->last_sr);
  gint64 rtt_us;

  if (block->last_sr == 0 || report == NULL)
    return;
  rtt_us =
      now_us - report->sent_us - (gint64) block->delay * G_USEC_PER_SEC / 65536;
  if (rtt_us > RTT_MAX_US)
    return;
  /* Its clock's ticks are 15 µs, and may be rounded up. */
  rtt_us = MAX (rtt_us, 0);
  self->rtt_us = self->rtt_us < 0 ? rtt_us : (7 * self->rtt_us + rtt_us) / 8;
}

/* Whether it speaks of a packet that was sent. */
static gboolean
is_of_the_past (const RtcOutTrack *track, const RtcReportBlock *block)
{
  guint16 behind = track->sequence - 1 - (guint16) block->highest;

  return track->stats.packets > 0 && behind < 0x8000
      && behind < track->stats.packets;
}

static void
rescue (RtcOutbound *self, guint index, gint64 now_us)
{
  RtcOutTrack *track = self->tracks[index];

  if (!track->config.is_video || track->config.expects_pli)
    return;
  if (now_us - track->rescued_us < RESCUE_US)
    return;
  track->rescued_us = now_us;
  rtc_outbound_want_key (self, index);
}

static void
take_block (RtcOutbound *self, const RtcReportBlock *block, gint64 now_us)
{
  guint index = find_track (self, block->ssrc);
  RtcOutTrack *track;

  if (index == RTC_OUTBOUND_NO_TRACK)
    return;
  track = self->tracks[index];
  if (!is_of_the_past (track, block))
    return;
  track->stats.lost = CLAMP (block->lost, 0, (gint64) track->stats.packets);
  track->stats.loss = block->fraction_lost / 256.0;
  take_round_trip (self, track, block, now_us);
  if (block->fraction_lost > 0)
    rescue (self, index, now_us);
}

static void
take_blocks (Hearing *hearing, const RtcRtcpPacket *packet)
{
  guint n = rtc_rtcp_count_report_blocks (packet);
  RtcReportBlock block;

  for (guint i = 0; i < n; i++) {
    rtc_rtcp_read_report_block (packet, i, &block);
    take_block (hearing->outbound, &block, hearing->now_us);
  }
}

static void
take_nack (Hearing *hearing, const RtcRtcpPacket *packet, guint track)
{
  guint16 sequences[NACKS_MAX];
  gsize n = rtc_rtcp_read_nack (packet, sequences, hearing->nacks_left);

  hearing->nacks_left -= n;
  for (gsize i = 0; i < n; i++)
    rtc_outbound_lose (hearing->outbound, track, sequences[i], hearing->now_us);
}

static void
take_key_request (RtcOutbound *self, guint track)
{
  if (track == RTC_OUTBOUND_NO_TRACK || !self->tracks[track]->config.is_video)
    return;
  self->tracks[track]->stats.key_requests++;
  rtc_outbound_want_key (self, track);
}

static void
take_fir (Hearing *hearing, const RtcRtcpPacket *packet)
{
  RtcOutbound *self = hearing->outbound;
  guint n = rtc_rtcp_count_fir (packet);

  for (guint i = 0; i < n; i++) {
    guint32 ssrc;
    guint8 command;
    guint index;

    rtc_rtcp_read_fir (packet, i, &ssrc, &command);
    index = find_track (self, ssrc);
    /* Sent again until a key frame comes: that is still one request. */
    if (index == RTC_OUTBOUND_NO_TRACK
        || self->tracks[index]->fir_command == command)
      continue;
    self->tracks[index]->fir_command = command;
    take_key_request (self, index);
  }
}

static void
take_feedback (Hearing *hearing, const RtcRtcpPacket *packet)
{
  guint32 media;
  guint track;

  if (!rtc_rtcp_read_media (packet, &media))
    return;
  track = find_track (hearing->outbound, media);
  if (rtc_rtcp_is_pli (packet))
    take_key_request (hearing->outbound, track);
  else if (track != RTC_OUTBOUND_NO_TRACK)
    take_nack (hearing, packet, track);
  /* It names its streams itself. */
  take_fir (hearing, packet);
}

void
rtc_outbound_hear (RtcOutbound *self, const guint8 *data, gsize size,
    gint64 now_us)
{
  Hearing hearing = { self, now_us, NACKS_MAX };
  RtcRtcpPacket packet;

  while (rtc_rtcp_next (&data, &size, &packet)) {
    self->heard_us = now_us;
    take_blocks (&hearing, &packet);
    take_feedback (&hearing, &packet);
  }
}
