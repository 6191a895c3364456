/* Two SCTP ends on one thread, joined by a path that loses and overtakes.
 *
 * Each step makes time pass (skippedtime), so that minutes of silence take
 * none; nothing of a test depends on how long it takes. */
#pragma once

#include "association.h"
#include "sctp.h"

typedef struct _Pipe Pipe;

/* One of the two is there: with an association it speaks of channels, with an
 * SCTP alone it can say whatever it likes. */
typedef struct _End {
  Pipe *pipe;
  struct _End *other;
  RtcAssociation *association;
  RtcSctp *sctp;
  GQueue packets; /* of GBytes, to the other end */
  /* What it takes to forge another: the header of the last packet, and the
   * number of the first chunk of data (RFC 9260 section 3.3.2). */
  guint8 header[12];
  guint32 first_tsn;

  /* What was told, each as a text: "opened 1 label", "text 1 words",
   * "closed 1", "lost"; of an SCTP "up 32", "message STREAM PROTOCOL words",
   * "ended STREAM", "reset STREAM". */
  GPtrArray *log;
  guint last_channel;
  /* The end is freed by the event that is told next and begins so. */
  const char *free_at;
} End;

struct _Pipe {
  GMainContext *context;
  GRand *rand; /* seeded: what is lost is always the same */
  guint loss;  /* of 100 packets */
  guint overtaking;
  gboolean is_cut;
  const End *muted; /* the end whose packets alone are lost */
  End a, b;         /* a is the client */
};

/* Both ends are associations; or b is an SCTP alone. */
Pipe *pipe_new (void);
Pipe *pipe_new_raw (void);
void pipe_free (Pipe *self);

/* Both ends connect; a is told that b takes @max_message_size bytes. */
void pipe_connect (Pipe *self, guint64 max_message_size);
/* And are up, which is seen by a channel "first" from a. */
Pipe *pipe_new_open (void);
/* And b has opened a channel "raw" on stream 1. */
Pipe *pipe_new_raw_open (void);

/* Another association in b's place, that knows nothing of the one before. */
void pipe_replace_b (Pipe *self);

/* Ends one end, in whatever state it is. */
void end_free (End *self);

/* What is on the way arrives, and 10 ms pass. */
void pipe_step (Pipe *self);

gboolean end_has (End *self, const char *told);
guint end_count (End *self, const char *beginning);

/* As b when it is an SCTP alone. */
void end_send_open (End *self, guint16 stream, const char *label);
void end_send (End *self, guint16 stream, guint32 protocol, gconstpointer data,
    gsize size);

#define PIPE_STEPS_MAX 100000

#define PIPE_RUN_UNTIL(pipe, condition)                                       \
  G_STMT_START                                                                \
  {                                                                           \
    for (guint pipe_i = 0; !(condition) && pipe_i < PIPE_STEPS_MAX; pipe_i++) \
      pipe_step (pipe);                                                       \
    g_assert_true (condition);                                                \
  }                                                                           \
  G_STMT_END

/* Until everything that was said has been answered. */
void pipe_settle (Pipe *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pipe, pipe_free)
