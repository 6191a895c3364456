/* A signaller with no network: a test plays the viewers. */
#pragma once

#include "signaller.h"
#include "worker.h"

G_BEGIN_DECLS

#define TEST_TYPE_MEMORY_SIGNALLER (test_memory_signaller_get_type ())
G_DECLARE_FINAL_TYPE (TestMemorySignaller, test_memory_signaller, TEST,
    MEMORY_SIGNALLER, GObject)

/* What the element sends to a viewer; called on the worker. */
typedef struct {
  void (*answer) (gpointer viewer, const char *sdp);
  void (*candidate) (gpointer viewer, const char *candidate, int mline_index);
} TestViewerEvents;

TestMemorySignaller *test_memory_signaller_new (KvsWorker *worker);

/* Who gets what is sent to `peer_id`; NULL viewer removes. Any thread. */
void test_memory_signaller_register (TestMemorySignaller *self,
    const char *peer_id, const TestViewerEvents *events, gpointer viewer);

/* A viewer's words, delivered on the worker. Any thread. */
void test_memory_signaller_offer (TestMemorySignaller *self,
    const char *peer_id, const char *sdp);
void test_memory_signaller_answer (TestMemorySignaller *self,
    const char *peer_id, const char *sdp);
void test_memory_signaller_candidate (TestMemorySignaller *self,
    const char *peer_id, const char *candidate, int mline_index);

G_END_DECLS
