/* RTCP as a viewer writes it. */
#pragma once

#include <glib.h>

/* One receiver report of one block (transfer full). */
GBytes *feedback_report (guint32 ssrc, guint8 fraction_lost, gint32 lost,
    guint32 highest, guint32 last_sr, guint32 delay);

/* A NACK for each of the numbers (transfer full). */
GBytes *feedback_nack (guint32 ssrc, const guint16 *sequences, guint n);

GBytes *feedback_pli (guint32 ssrc);
GBytes *feedback_fir (guint32 ssrc, guint8 command);
GBytes *feedback_remb (guint64 bitrate);

/* Transport-wide feedback of the packets from @base on: when each arrived by
 * any clock of microseconds, or -1 (transfer full). */
GBytes *feedback_arrivals (guint16 base, const gint64 *arrivals_us, guint n);
