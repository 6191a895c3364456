/* What one peer sends: RTP and RTCP in, outputs and reports on it out. */
#pragma once

#include "choice.h"
#include "output.h"
#include "timing.h"

G_BEGIN_DECLS

typedef struct _GstKvsReception GstKvsReception;

/**
 * GstKvsReceptionEvents:
 * On threads of its own, which must not wait for one that is inside one of the
 * functions below.
 */
typedef struct {
  /* A stream began; from its streaming thread, before its first frame. */
  void (*added) (gpointer user_data, GstKvsOutput *output);
  /* The first frame that can be decoded came; from its streaming thread. */
  void (*first_frame) (gpointer user_data, GstKvsMedia media);
  /* A packet about what is received (reports, NACK, PLI, transport-wide
   * feedback; not always a compound one) is to be encrypted and sent. */
  void (*rtcp) (gpointer user_data, const guint8 *data, gsize size);
  /* May be NULL. A stream, or all of them, came to an end by an error. */
  void (*failed) (gpointer user_data, const char *what);
} GstKvsReceptionEvents;

/**
 * gst_kvs_reception_new:
 * @events: static
 * @user_data: a GObject, held until it is freed
 *
 * Costs nothing until something is expected. Worker.
 */
GstKvsReception *gst_kvs_reception_new (const GstKvsReceptionEvents *events,
    gpointer user_data, const GstKvsTiming *timing);

/**
 * gst_kvs_reception_expect:
 * @choices: by m-line of @remote
 * @ssrc: what we report as
 * @cname: our canonical name (RFC 7022), the same for what we send
 *
 * Once, when both descriptions are known. Where @choices have nothing to be
 * received, no pipeline is made. Feedback about the transport is given
 * where both its header extension and a=rtcp-fb were offered; the answer must
 * have both. Worker.
 */
void gst_kvs_reception_expect (GstKvsReception *self,
    const GstKvsSdpOffer *remote, const GstKvsSdpChoice *choices, guint32 ssrc,
    const char *cname);

/* Lets packets in: once the peer's certificate has been checked. Any thread. */
void gst_kvs_reception_open (GstKvsReception *self);

/**
 * gst_kvs_reception_take_rtp:
 * @data: one packet, decrypted, any bytes
 *
 * What was not agreed on is dropped (rtc/intake.h), and all of it before open
 * and after stop. Waits for nothing but a lock that is never held for long.
 * Always the same thread.
 */
void gst_kvs_reception_take_rtp (GstKvsReception *self, const guint8 *data,
    gsize size);

/* The same of RTCP, of which the sender reports are of use here. What the peer
 * says about our own media is passed over. */
void gst_kvs_reception_take_rtcp (GstKvsReception *self, const guint8 *data,
    gsize size);

typedef struct {
  guint64 bytes;   /* of payload, retransmissions included */
  guint64 packets; /* likewise */
  guint64 lost;    /* packets of media that never came in their place */
  guint nacks;     /* packets asked for again */
  guint plis;      /* key frames asked for */
} GstKvsReceptionStats;

/* All zero before something came. The first two stay after stop. Not after free. Any thread. */
void gst_kvs_reception_get_stats (GstKvsReception *self,
    GstKvsReceptionStats *stats);

/* The application's clock has changed. Worker. */
void gst_kvs_reception_set_timing (GstKvsReception *self,
    const GstKvsTiming *timing);

/* No more streams begin, and no packet comes in. Any thread. */
void gst_kvs_reception_stop (GstKvsReception *self);

/* Takes the pipeline down, for which it waits: on a thread of the reaper's.
 * Nobody may be inside another function, or call one from here on. */
void gst_kvs_reception_free (GstKvsReception *self);

G_END_DECLS
