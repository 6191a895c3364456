/* A camera, a path and a viewer, in simulated time: what a peer's sending makes
 * of a path that is thin, loses, or changes. The same each time it runs. */
#pragma once

#include "outbound.h"

/* What of the path may change while it runs. */
typedef struct {
  guint64 capacity; /* bit/s; 0: any */
  gsize bucket;     /* bytes that pass at any rate after a pause */
  gsize queue_max;  /* bytes that wait before more are lost; 0: any */
  gint64 delay_us;  /* each way */
  gint64 jitter_us; /* at most, more than that */
  double loss;      /* 0 to 1, at random */
  gboolean is_dead; /* neither way does anything arrive */
  guint64 cross;    /* bit/s that others send */
} PathState;

typedef struct {
  guint64 bitrate;    /* of the picture */
  guint n_layers;     /* 1 to 3 */
  guint key_interval; /* frames; 0: only the first, and when asked */
  double key_size;    /* times that of the others, in the mean */
  gboolean has_sound;
  gboolean has_twcc, has_rtx, has_reports;
  gboolean has_pli; /* asks for a key frame when the picture stands */
  guint64 remb;     /* bit/s that the viewer says each second; 0: nothing */
} PathConfig;

/* Of the time since path_mark(). */
typedef struct {
  guint pushed;            /* pictures */
  guint seen;              /* that arrived whole, and can be decoded */
  guint broken;            /* that arrived, but can not */
  gint64 longest_gap_us;   /* between two that were seen */
  gint64 longest_delay_us; /* of one that was seen, from camera to viewer */
  guint packets, lost;     /* that left, and that the path lost */
  guint64 bytes;           /* that left */
  guint sounds_pushed, sounds_heard;
  gint64 longest_sound_us; /* delay */
  guint keys;              /* that were asked for */
  guint8 least_layer, most_layer;
} PathSight;

typedef struct _Path Path;

Path *path_new (const PathConfig *config, const PathState *state);
void path_free (Path *self);

/* What it is like from now on. */
PathState *path_get_state (Path *self);
void path_set_remb (Path *self, guint64 remb);
void path_set_wanted (Path *self, guint64 wanted);
void path_set_bitrate (Path *self, guint64 bitrate);

/* Forgets what was seen. */
void path_mark (Path *self);

void path_run (Path *self, guint ms);

const PathSight *path_get_sight (Path *self);
RtcOutboundStats path_get_stats (Path *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Path, path_free)
