/* All who watch an element's pictures, and who is sent what of them. */
#pragma once

#include "hop.h"
#include "input.h"
#include "ladder.h"

G_BEGIN_DECLS

typedef struct _GstKvsAudience GstKvsAudience;
typedef struct _GstKvsWatcher GstKvsWatcher;

/* What smaller pictures are made with; its timing (transfer full). */
typedef GstKvsEncoderContext (*GstKvsAudienceContextFunc) (gpointer user_data);

/**
 * GstKvsWatch:
 * What one peer is sent of one input, sound or picture. `fanout` was acquired
 * of the input at its whole size, and is released by the watcher.
 */
typedef struct {
  GstKvsInput *input;
  GstKvsFanout *fanout;
  const char *fmtp;                 /* what it was acquired with, or NULL */
  GstKvsFrameFunc frame;            /* see GstKvsHopEvents */
  GstKvsFirstFrameFunc first_frame; /* once; may be NULL */
  gpointer user_data;
} GstKvsWatch;

/* All of this is the worker's, but for what says otherwise. thin_percent of
 * @settings is found out and need not be set. */
GstKvsAudience *gst_kvs_audience_new (KvsWorker *worker,
    const GstKvsLadderSettings *settings, GstKvsAudienceContextFunc context,
    gpointer user_data);

/* When all have left. */
void gst_kvs_audience_free (GstKvsAudience *self);

void gst_kvs_audience_set (GstKvsAudience *self,
    const GstKvsLadderSettings *settings);

/**
 * gst_kvs_audience_update:
 * @now_us: see gst_kvs_ladder_update
 *
 * Sends everybody what their paths have room for, and lets encoders know.
 * About once a second.
 */
void gst_kvs_audience_update (GstKvsAudience *self, gint64 now_us);

/* Frames come from gst_kvs_watcher_set_open on. */
GstKvsWatcher *gst_kvs_audience_join (GstKvsAudience *self,
    const GstKvsWatch *watch);

/* Nothing is called once this returns; gives the streams back and frees. */
void gst_kvs_watcher_leave (GstKvsWatcher *self);

/* It will be opened in a moment: what it begins with is to be ready. */
void gst_kvs_watcher_expect (GstKvsWatcher *self);

/* Whether it is sent anything: muted peers are not, and their encoder stays. */
void gst_kvs_watcher_set_open (GstKvsWatcher *self, gboolean is_open);

/* A key frame of what it is sent, soon. */
void gst_kvs_watcher_request_key_frame (GstKvsWatcher *self);

/* bit/s that its path has for it; 0: not known. */
void gst_kvs_watcher_set_estimate (GstKvsWatcher *self, guint64 estimate);

/* Share of packets that its path loses, 0 to 1. */
void gst_kvs_watcher_set_loss (GstKvsWatcher *self, double loss);

/* bit/s that an estimate should look for, see GstKvsSeat; 0 where more would
 * change nothing. */
guint gst_kvs_watcher_get_wanted (GstKvsWatcher *self);

/* How often the size of what it is sent is halved. */
guint gst_kvs_watcher_get_rung (GstKvsWatcher *self);

/* What it is sent (transfer none). */
GstKvsFanout *gst_kvs_watcher_get_fanout (GstKvsWatcher *self);

/* Whether it is sent that stream, or is about to be. */
gboolean gst_kvs_watcher_has (GstKvsWatcher *self, GstKvsFanout *fanout);

G_END_DECLS
