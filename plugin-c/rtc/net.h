/* The thread that all connections of an element live on, and the way of frames to it. */
#pragma once

#include "certificate.h"
#include "frame.h"
#include "worker.h"

G_BEGIN_DECLS

#define RTC_TYPE_NET (rtc_net_get_type ())
G_DECLARE_FINAL_TYPE (RtcNet, rtc_net, RTC, NET, GObject)

/* Starts the thread. Everything that is said to be of the net thread runs on
 * its worker; it never waits for any other thread. */
RtcNet *rtc_net_new (void);

KvsWorker *rtc_net_get_worker (RtcNet *self);

/* The certificate for a connection that begins now (transfer full), or NULL when
 * OpenSSL cannot make one. Any thread. */
RtcCertificate *rtc_net_ref_certificate (RtcNet *self);

/* What takes frames on the net thread; @orientation is the picture's, 0 for upright. */
typedef void (*RtcFrameFunc) (gpointer taker, guint track, RtcFrame *frame,
    guint8 orientation);

/**
 * rtc_net_post:
 * @taker: (transfer none): a GObject, held until it has the frame
 * @frame: (transfer none)
 *
 * Hands a frame over; in order. Any thread, never waits.
 */
void rtc_net_post (RtcNet *self, gpointer taker, RtcFrameFunc func, guint track,
    RtcFrame *frame, guint8 orientation);

/* Ends the thread, after goodbyes that are on their way; three seconds at most. */
void rtc_net_stop (RtcNet *self);

G_END_DECLS
