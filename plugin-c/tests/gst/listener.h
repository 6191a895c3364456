/* A reception whose outputs and reports a test can look into. */
#pragma once

#include "clip.h"
#include "reception.h"

G_BEGIN_DECLS

#define LISTENER_SSRC 0xabcd0001u
#define LISTENER_CNAME "listener-name"

/* A frame that came out. */
typedef struct {
  GstKvsOutput *output; /* for comparison */
  char *digest;
  guint32 head; /* its first four bytes */
  GstClockTime pts;
  GstKvsOrientation orientation;
} ListenerFrame;

typedef struct {
  GstKvsReception *reception;
  GObject *owner;
  GstKvsTiming timing;
  GstKvsSdpOffer *offer;
  GstKvsSdpChoice *choices;
  GAsyncQueue *rtcp; /* of GBytes */

  GMutex lock;
  /* Under lock. */
  GPtrArray *frames;  /* of ListenerFrame */
  GPtrArray *outputs; /* of GstKvsOutput */
  guint first_frames[2];

  /* Added up by listener_read_rtcp, which checks all of it. */
  guint reports;
  guint nacks;
  guint plis;
  guint transport_feedbacks;
  GArray *asked_for; /* of guint16, by the last call */
} Listener;

/**
 * listener_new:
 * @medias: m-lines of SDP with their attributes, but for those of the transport
 *
 * Receives the first payload type of each.
 */
Listener *listener_new (const char *medias);
void listener_free (Listener *self);

/* Ends the reception; what it gave stays to be looked at. */
void listener_end (Listener *self);

void listener_take (Listener *self, GstBuffer *rtp);

/* Takes what came so far. */
void listener_read_rtcp (Listener *self);

guint listener_count_frames (Listener *self);

/* A key frame is wanted by what is downstream of the nth output. */
void listener_want_key_frame (Listener *self, guint n);

/* Waits a moment; fails when too many have gone by since the listener was made. */
void listener_wait (Listener *self);

G_END_DECLS
