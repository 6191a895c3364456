/* One coded frame cut into RTP payloads, shared by every peer it goes to. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RtcPayload:
 * What follows the RTP header in one packet. Never written to: a peer that
 * needs other bytes (a picture id, a layer's index) changes its own copy.
 */
typedef struct {
  const guint8 *data;
  gsize size; /* at most RTC_PAYLOAD_MAX */
} RtcPayload;

/* The largest payload there may be: 1,200 bytes are an RTP packet that passes
 * every path (RFC 8445 section 5.1.1.2 reckons with 1,280), less header,
 * extensions and, in a retransmission, two bytes of sequence number. */
#define RTC_PAYLOAD_MAX 1160

/**
 * RtcFrame:
 * Immutable once it is made. The last payload's packet has the marker where
 * the codec is a picture's.
 */
typedef struct {
  gatomicrefcount references;
  guint32
      timestamp; /* RTP's, in the codec's clock rate, from the stream's beginning */
  gint64
      captured_us; /* of the frame, since 1970: one clock for all streams of the element */
  gboolean is_key; /* audio always is */

  /* Layers in time (RFC 7741 section 4.2, RFC 9628 section 4.2): 0 is the
   * lowest, and alone for streams that have none. */
  guint8 temporal_id;
  gboolean
      is_layer_sync; /* depends on the lowest layer alone: one may rise here */
  gboolean is_discardable; /* nothing later depends on it */

  gsize size; /* of all payloads, bytes */
  guint n_payloads;
  RtcPayload *payloads;

  GDestroyNotify free_owner; /* of what the payloads point into; may be NULL */
  gpointer owner;
} RtcFrame;

/* A frame with room for @n_payloads, otherwise zero (transfer full); whoever
 * makes it fills it in before anybody else sees it. */
RtcFrame *rtc_frame_new (guint n_payloads);

/* The same frame with another time stamp (transfer full), which shares the
 * payloads' memory. */
RtcFrame *rtc_frame_at (RtcFrame *self, guint32 timestamp);

/* Any thread. */
RtcFrame *rtc_frame_ref (RtcFrame *self);
void rtc_frame_unref (RtcFrame *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtcFrame, rtc_frame_unref)

G_END_DECLS
