/* A signaller on its worker, and everything it said. */
#pragma once

#include "awssignaller.h"

G_BEGIN_DECLS

typedef struct {
  KvsWorker *worker;
  KvsSignaller *signaller;

  GMutex lock;
  GPtrArray
      *log; /* of char *: "connected", "offer viewer1 v=0", ...; under lock */
  char *detail;    /* of the last state; under lock */
  gint64 gap_ms;   /* likewise */
  GError *failure; /* under lock */
  int answers;     /* atomic: answers every offer at once, "answer to <id>" */
  int ended;       /* atomic */
} Recorder;

/* A config that works with a FakeService at `url`. */
KvsConfig recorder_config (const char *url);

/* Nothing in the environment of whoever runs the tests may matter. */
void recorder_clear_environment (void);

/* g_test_run, leaving no idle pool thread: LeakSanitizer trips over theirs. */
int recorder_run_tests (void);

Recorder *recorder_new (const KvsConfig *config);
void recorder_free (Recorder *self);

void recorder_start (Recorder *self);
void recorder_stop (Recorder *self);
/* Ends the worker while the test's own context, and with it a fake service, runs. */
void recorder_end (Recorder *self);

guint recorder_count (Recorder *self, const char *entry);
gboolean recorder_has (Recorder *self, const char *entry);
/* The failure's code, -1 while there is none. */
int recorder_failure_code (Recorder *self);
gboolean recorder_failure_says (Recorder *self, const char *words);
/* Whether the last state's detail has these words. */
gboolean recorder_detail_says (Recorder *self, const char *words);
/* What the last state said of a gap. */
gint64 recorder_gap_ms (Recorder *self);
guint recorder_length (Recorder *self);

void recorder_send_offer (Recorder *self, const char *peer_id, const char *sdp);
void recorder_send_answer (Recorder *self, const char *peer_id,
    const char *sdp);
void recorder_send_candidate (Recorder *self, const char *peer_id,
    const char *candidate);
void recorder_forget_peer (Recorder *self, const char *peer_id);
/* Asks; the answer becomes a log entry: "ice" and the first URI and user of each. */
void recorder_get_ice (Recorder *self);

G_END_DECLS
