#include "intake.h"

#include <string.h>

#include "bytes.h"

/* RFC 3550 section 5.1. */
#define RTP_HEADER_SIZE 12
#define RTP_VERSION 2

/* RFC 3550 section 6. */
#define RTCP_HEADER_SIZE 4
#define RTCP_SR 200
#define RTCP_SDES 202
#define SDES_CNAME 1
#define SR_SIZE 28 /* without report blocks */
#define MAX_REPORT_SIZE (SR_SIZE + 4 + 4 + 2 + 255 + 4)

#define MAX_UNDECLARED 2

/* How many packets may be missing: so many more for each that comes, and so
 * many at once, which is two seconds of a good picture. */
#define CREDIT_A_PACKET 4
#define MAX_CREDIT 512
/* How far back one may be that comes late, or again. */
#define MAX_BEHIND 1024
/* How far ahead one may be that was asked for because it seems late. */
#define MAX_AHEAD 16
/* So many packets in a row are a stream that begins anew, or goes on after a
 * while without a network; and that as often as once in so many packets. */
#define RESTART_RUN 16
#define RESTART_PERIOD 500

typedef struct {
  guint32 ssrc;
  guint line;
  gboolean is_rtx;
  guint8 cname_size; /* 0 until it is known */
  char *cname;

  /* Of sequence numbers, but for retransmissions. */
  guint16 highest;
  guint credit; /* how many may be missing before the next */
  guint16 stray_next;
  guint stray_run;
  guint since_restart; /* packets, up to RESTART_PERIOD */
} Source;

struct _RtcIntake {
  guint32 local_ssrc;
  RtcIntakeLine lines[RTC_INTAKE_MAX_LINES];
  guint n_lines;
  Source sources[RTC_INTAKE_MAX_SOURCES];
  guint n_sources;
};

RtcIntake *
rtc_intake_new (guint32 local_ssrc)
{
  RtcIntake *self = g_new0 (RtcIntake, 1);

  self->local_ssrc = local_ssrc;
  return self;
}

void
rtc_intake_free (RtcIntake *self)
{
  for (guint i = 0; i < self->n_sources; i++)
    g_free (self->sources[i].cname);
  g_free (self);
}

int
rtc_intake_add_line (RtcIntake *self, const RtcIntakeLine *line)
{
  g_return_val_if_fail (line->pt >= 0 && line->pt < 128, -1);
  g_return_val_if_fail (line->n_ssrcs <= RTC_INTAKE_MAX_SSRCS, -1);

  if (self->n_lines == RTC_INTAKE_MAX_LINES)
    return -1;
  self->lines[self->n_lines] = *line;
  return (int) self->n_lines++;
}

static Source *
find_source (const RtcIntake *self, guint32 ssrc)
{
  for (guint i = 0; i < self->n_sources; i++) {
    if (self->sources[i].ssrc == ssrc)
      return (Source *) &self->sources[i];
  }
  return NULL;
}

int
rtc_intake_find_line (const RtcIntake *self, guint32 ssrc)
{
  const Source *source = find_source (self, ssrc);

  return source ? (int) source->line : -1;
}

gboolean
rtc_intake_is_media (const RtcIntake *self, guint32 ssrc)
{
  const Source *source = find_source (self, ssrc);

  return source && !source->is_rtx;
}

/* Where the payload begins; 0 where the header goes beyond the packet. */
static gsize
skip_header (const guint8 *data, gsize size)
{
  gsize at = RTP_HEADER_SIZE;

  if (data[0] & 0x10) {
    if (size < at + 4)
      return 0;
    at += 4 + 4 * (gsize) rtc_read_16 (data + at + 2);
  }
  return at <= size ? at : 0;
}

/* Contributing sources come in by the dozen, and no peer mixes. */
static gboolean
read_packet (const guint8 *data, gsize size, RtcIntakePacket *packet)
{
  gsize begin, padding;

  if (size < RTP_HEADER_SIZE || data[0] >> 6 != RTP_VERSION
      || (data[0] & 0x0f) != 0)
    return FALSE;
  begin = skip_header (data, size);
  if (begin == 0)
    return FALSE;
  padding = data[0] & 0x20 ? data[size - 1] : 0;
  if (padding > size - begin || (data[0] & 0x20 && padding == 0))
    return FALSE;
  packet->ssrc = rtc_read_32 (data + 8);
  packet->payload_size = size - begin - padding;
  return TRUE;
}

static gboolean
is_declared (const RtcIntakeLine *line, guint32 ssrc)
{
  for (guint i = 0; i < line->n_ssrcs; i++) {
    if (line->ssrcs[i] == ssrc)
      return TRUE;
  }
  return FALSE;
}

static gboolean
has_room (const RtcIntake *self, guint line, gboolean is_rtx)
{
  guint n = 0;

  for (guint i = 0; i < self->n_sources; i++)
    n += self->sources[i].line == line && self->sources[i].is_rtx == is_rtx;
  return n < MAX_UNDECLARED;
}

static int
type_of (const RtcIntakeLine *line, gboolean is_rtx)
{
  return is_rtx ? line->rtx_pt : line->pt;
}

static RtcIntakeVerdict
add_source (RtcIntake *self, guint32 ssrc, int pt, guint16 seq)
{
  RtcIntakeVerdict verdict = RTC_INTAKE_OTHER_TYPE;

  for (guint i = 0; i < self->n_lines; i++) {
    const RtcIntakeLine *line = &self->lines[i];
    gboolean is_rtx = line->rtx_pt == pt;

    if (type_of (line, is_rtx) != pt)
      continue;
    verdict = RTC_INTAKE_OTHER_SOURCE;
    if (self->n_sources < RTC_INTAKE_MAX_SOURCES
        && (line->n_ssrcs > 0 ? is_declared (line, ssrc)
                              : has_room (self, i, is_rtx))) {
      self->sources[self->n_sources++] = (Source){ .ssrc = ssrc,
        .line = i,
        .is_rtx = is_rtx,
        .highest = seq,
        .credit = MAX_CREDIT,
        .since_restart = RESTART_PERIOD };
      return RTC_INTAKE_TAKEN;
    }
  }
  return verdict;
}

static gboolean
is_restart (Source *source, guint16 seq)
{
  source->stray_run =
      seq == source->stray_next ? MIN (source->stray_run + 1, RESTART_RUN) : 1;
  source->stray_next = (guint16) (seq + 1);
  if (source->stray_run < RESTART_RUN || source->since_restart < RESTART_PERIOD)
    return FALSE;
  source->stray_run = 0;
  source->since_restart = 0;
  source->highest = seq;
  return TRUE;
}

/* RFC 3550 appendix A.1, with a bound on what is missing in all. */
static gboolean
is_in_sequence (Source *source, guint16 seq)
{
  gint16 ahead = (gint16) (seq - source->highest);

  source->since_restart = MIN (source->since_restart + 1, RESTART_PERIOD);
  if (ahead <= 0 && ahead > -MAX_BEHIND)
    return TRUE;
  if (ahead <= 0 || (guint) ahead - 1 > source->credit)
    return is_restart (source, seq);
  source->credit -= (guint) ahead - 1;
  source->credit = MIN (source->credit + CREDIT_A_PACKET, MAX_CREDIT);
  source->highest = seq;
  return TRUE;
}

/* Whether one of the line's streams can have sent a packet of that number. */
static gboolean
is_past (const RtcIntake *self, guint line, guint16 seq)
{
  for (guint i = 0; i < self->n_sources; i++) {
    const Source *source = &self->sources[i];
    gint16 ahead = (gint16) (seq - source->highest);

    if (source->line == line && !source->is_rtx && ahead > -MAX_BEHIND
        && ahead <= MAX_AHEAD)
      return TRUE;
  }
  return FALSE;
}

/* @payload: of RTP; a retransmission's begins with the number of its packet. */
static gboolean
may_follow (const RtcIntake *self, Source *source, guint16 seq,
    const guint8 *payload, gsize size)
{
  if (!source->is_rtx)
    return is_in_sequence (source, seq);
  return size >= 2 && is_past (self, source->line, rtc_read_16 (payload));
}

RtcIntakeVerdict
rtc_intake_take_rtp (RtcIntake *self, const guint8 *data, gsize size,
    RtcIntakePacket *packet)
{
  RtcIntakeVerdict verdict = RTC_INTAKE_TAKEN;
  Source *source;
  int pt;

  if (!read_packet (data, size, packet))
    return RTC_INTAKE_MALFORMED;
  if (packet->ssrc == self->local_ssrc)
    return RTC_INTAKE_OTHER_SOURCE;
  pt = data[1] & 0x7f;
  if (!find_source (self, packet->ssrc))
    verdict = add_source (self, packet->ssrc, pt, rtc_read_16 (data + 2));
  if (verdict != RTC_INTAKE_TAKEN)
    return verdict;
  source = find_source (self, packet->ssrc);
  packet->is_rtx = source->is_rtx;
  if (type_of (&self->lines[source->line], source->is_rtx) != pt)
    return RTC_INTAKE_OTHER_TYPE;
  return may_follow (self, source, rtc_read_16 (data + 2),
             data + skip_header (data, size), packet->payload_size)
      ? RTC_INTAKE_TAKEN
      : RTC_INTAKE_ASTRAY;
}

/* The size of the first of the packets, 0 where that is none. */
static gsize
packet_size (const guint8 *data, gsize size)
{
  gsize length;

  if (size < RTCP_HEADER_SIZE || data[0] >> 6 != RTP_VERSION)
    return 0;
  length = RTCP_HEADER_SIZE + 4 * (gsize) rtc_read_16 (data + 2);
  return length <= size ? length : 0;
}

static void
set_cname (RtcIntake *self, guint32 ssrc, const guint8 *name, guint8 size)
{
  Source *source = find_source (self, ssrc);

  /* RFC 3550 section 6.5: it is UTF-8. A zero is none, either. */
  if (!source || source->cname_size > 0 || size == 0
      || !g_utf8_validate_len ((const char *) name, size, NULL))
    return;
  source->cname = g_strndup ((const char *) name, size);
  source->cname_size = size;
}

/* One chunk: an SSRC, and items up to a zero (RFC 3550 section 6.5). Returns
 * where the next begins. */
static gsize
read_chunk (RtcIntake *self, const guint8 *data, gsize size, gsize at)
{
  guint32 ssrc = rtc_read_32 (data + at);

  at += 4;
  while (at + 2 <= size && data[at] != 0) {
    if (at + 2 + data[at + 1] > size)
      return size;
    if (data[at] == SDES_CNAME)
      set_cname (self, ssrc, data + at + 2, data[at + 1]);
    at += 2 + data[at + 1];
  }
  return (at & ~(gsize) 3) + 4;
}

static void
read_description (RtcIntake *self, const guint8 *data, gsize size)
{
  gsize at = RTCP_HEADER_SIZE;

  for (guint n = data[0] & 0x1f; n > 0 && at + 4 <= size; n--)
    at = read_chunk (self, data, size, at);
}

/* A description of one chunk with one item; its size. */
static gsize
write_description (guint8 *data, const Source *source)
{
  gsize items = 2 + (gsize) source->cname_size;
  /* At least one zero ends them, and fills up to 32 bits. */
  gsize size = RTCP_HEADER_SIZE + 4 + (items / 4 + 1) * 4;

  memset (data, 0, size);
  data[0] = RTP_VERSION << 6 | 1;
  data[1] = RTCP_SDES;
  rtc_write_16 (data + 2, (guint16) (size / 4 - 1));
  rtc_write_32 (data + 4, source->ssrc);
  data[8] = SDES_CNAME;
  data[9] = source->cname_size;
  memcpy (data + 10, source->cname, source->cname_size);
  return size;
}

static void
pass_report (const RtcIntake *self, const guint8 *data, gsize size,
    RtcIntakeReportFunc func, gpointer user_data)
{
  guint8 report[MAX_REPORT_SIZE];
  const Source *source =
      size >= SR_SIZE ? find_source (self, rtc_read_32 (data + 4)) : NULL;
  gsize length = SR_SIZE;

  if (!source)
    return;
  memcpy (report, data, SR_SIZE);
  report[0] = RTP_VERSION << 6;
  rtc_write_16 (report + 2, SR_SIZE / 4 - 1);
  if (source->cname_size > 0)
    length += write_description (report + length, source);
  func (user_data, report, length);
}

void
rtc_intake_take_rtcp (RtcIntake *self, const guint8 *data, gsize size,
    RtcIntakeReportFunc func, gpointer user_data)
{
  gsize length;

  if (size == 0)
    return;
  /* Descriptions come after the report that they go with. */
  for (gsize at = 0; (length = packet_size (data + at, size - at)) > 0;
       at += length) {
    if (data[at + 1] == RTCP_SDES)
      read_description (self, data + at, length);
  }
  for (gsize at = 0; (length = packet_size (data + at, size - at)) > 0;
       at += length) {
    if (data[at + 1] == RTCP_SR)
      pass_report (self, data + at, length, func, user_data);
  }
}
