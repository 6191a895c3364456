/* The header of an RTP packet we send, with what extends it (RFC 3550 section
 * 5.1, RFC 8285 section 4.2). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* With both extensions. */
#define RTC_HEADER_MAX 24

/* With the first, as most packets have it. */
#define RTC_HEADER_USUAL 20

typedef struct {
  guint8 pt;
  gboolean has_marker;
  guint16 sequence;
  guint32 timestamp;
  guint32 ssrc;

  /* Of one byte's form, 1 to 14; 0: the packet does without. */
  guint twcc_id;
  guint16 twcc; /* transport-wide sequence number */
  guint orientation_id;
  guint8 orientation; /* 3GPP TS 26.114 section 7.4.5 */
} RtcHeader;

/* Writes it to @packet, which has RTC_HEADER_MAX bytes; how many it took. */
gsize rtc_header_write (const RtcHeader *self, guint8 *packet);

G_END_DECLS
