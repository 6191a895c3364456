/* One picture in several sizes: which of them each viewer is sent, and at what bitrate each is made. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The whole picture, and two smaller ones. */
#define GST_KVS_RUNGS_MAX 3

/* Whose path an encoder's bitrate follows, of those who watch what it makes. */
typedef enum {
  GST_KVS_BITRATE_MAX,    /* the widest: nobody is served worse for another */
  GST_KVS_BITRATE_MEDIAN, /* at least half of them get all of it */
  GST_KVS_BITRATE_MIN,    /* the narrowest: everybody gets the same */
} GstKvsBitratePolicy;

/**
 * GstKvsSeat:
 * One viewer of a picture. `estimate` is set before each update; after it,
 * `rung` is where the viewer should be, and `wanted` what its path would be
 * asked for: an estimator that looks no further than what is sent never learns
 * that there is room for more. gst_kvs_seat_init() first.
 */
typedef struct {
  guint64 estimate; /* bit/s that its path has for this picture; 0: not known */
  guint rung;       /* 0 is the whole picture */
  guint wanted;     /* bit/s */

  gint64 short_us; /* since when it is too much; 0: it is not */
  gint64 spare_us; /* since when there may be room for more; 0: there is not */
  gint64 rose_us;  /* 0: never */
  gint64 patience_us; /* before the next rise */
} GstKvsSeat;

void gst_kvs_seat_init (GstKvsSeat *self);

typedef struct {
  GstKvsBitratePolicy policy;
  guint n_rungs;     /* 1 to GST_KVS_RUNGS_MAX */
  guint bitrate;     /* bit/s of the whole picture where paths allow it */
  guint min_bitrate; /* bit/s that no encoder goes below */
  /* What a viewer who is sent fewer pictures of it takes of a stream, at the
   * least that is worth it; 100 where the stream has no layers in time. */
  guint thin_percent;
} GstKvsLadderSettings;

/**
 * GstKvsLadder:
 * Of one picture. A value; nothing to free.
 */
typedef struct {
  GstKvsLadderSettings settings;
  guint bitrates[GST_KVS_RUNGS_MAX]; /* bit/s, of those that are watched */
  guint n_seats[GST_KVS_RUNGS_MAX];  /* who watches */
} GstKvsLadder;

/* Also to change the settings; what is outside of them comes back with the
 * next update. */
void gst_kvs_ladder_set (GstKvsLadder *self,
    const GstKvsLadderSettings *settings);

/**
 * gst_kvs_ladder_update:
 * @seats: all viewers of the picture
 * @now_us: of any clock that only goes forward, more than 0
 *
 * Decides anew, about once a second. Viewers fall after a second of too
 * much; they rise with patience, which doubles each time it did not last.
 */
void gst_kvs_ladder_update (GstKvsLadder *self, GstKvsSeat *const *seats,
    guint n_seats, gint64 now_us);

G_END_DECLS
