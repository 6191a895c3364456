/* What a viewer makes of the packets of one stream: counts, gaps, and the
 * receiver report about it (RFC 3550). */
#pragma once

#include <glib.h>

/* A report, with room for SRTCP's trailer. */
#define STREAM_REPORT_SIZE 256

typedef struct {
  guint64 packets;
  guint64 bytes;
  /* Pictures, by the marker of their last packets. */
  guint64 frames;
  guint64 freezes;
  gint64 longest_gap_us;
  /* Times of the monotonic clock in µs, 0 before. */
  gint64 first_frame_us;
  gint64 last_frame_us;
  gint64 last_packet_us;

  guint32 ssrc;
  gboolean has_sequence;
  guint16 base_sequence;
  guint32 highest_sequence;
  guint64 in_sequence;
  guint32 last_sender_report;
  gint64 sender_report_us;
} Stream;

/* Takes an RTP packet, encrypted or not: its header is in the clear. */
void stream_take (Stream *self, const guint8 *packet, gsize size, gint64 now);

/* Counts a packet of another stream, such as sound. */
void stream_take_other (Stream *self, gsize size, gint64 now);

/* Takes a decrypted compound that may begin with a sender report. */
void stream_take_rtcp (Stream *self, const guint8 *packet, gsize size,
    gint64 now);

/* Packets that did not come. */
gint64 stream_lost (const Stream *self);

/* Forgets counts, and the gaps up to now. */
void stream_reset (Stream *self);

/* Writes a receiver report and a name (SDES). Returns its size. */
gsize stream_write_report (const Stream *self, guint8 out[STREAM_REPORT_SIZE],
    guint32 own_ssrc, gint64 now);
