/* Finds out whether a path takes more than it is sent, by sending it more for
 * a moment: what arrives of it tells. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  RTC_PROBE_IDLE,
  RTC_PROBE_SENDING,
  RTC_PROBE_WAITING, /* for word of the last packets */
} RtcProbeState;

/* rtc_probe_init() first. */
typedef struct {
  RtcProbeState state;
  guint64 rate; /* bit/s, of all that is sent meanwhile */
  gint64 began_us;
  gint64 ends_us;
  gsize sent;
  gint64 queue_us; /* what the path held back when it began */

  /* What arrived of its last part. */
  gboolean is_whole; /* word has come of packets behind it */
  gsize n_arrived;
  gsize bytes; /* but for the first packet */
  gint64 first_us;
  gint64 last_us;

  gint64 next_us;     /* not before */
  gint64 patience_us; /* after one that failed */
} RtcProbe;

void rtc_probe_init (RtcProbe *self);

/* Puts the next one off. */
void rtc_probe_delay (RtcProbe *self, gint64 until_us);

void rtc_probe_begin (RtcProbe *self, guint64 rate, gint64 queue_us,
    gint64 now_us);

/* Of all packets that leave. */
void rtc_probe_count_sent (RtcProbe *self, gsize size);

/* Bytes that are to be sent now beside the media; 0 when it is not sending. */
gsize rtc_probe_get_due (RtcProbe *self, gint64 now_us);

void rtc_probe_take_arrival (RtcProbe *self, gint64 sent_us, gint64 arrival_us,
    gsize size);

/**
 * rtc_probe_judge:
 * @queue_us: what the path holds back now
 * @is_over: it has been found full, or loses much
 * @rate: (out): bit/s that arrived
 *
 * To be asked after each feedback. TRUE once, when it has ended; a @rate of 0
 * tells nothing.
 */
gboolean rtc_probe_judge (RtcProbe *self, gint64 queue_us, gboolean is_over,
    guint64 *rate, gint64 now_us);

G_END_DECLS
