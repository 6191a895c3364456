/* A private pipeline from frames to frames, by the first of several elements that works. */
#pragma once

#include "reaper.h"
#include "timing.h"
#include "worker.h"

G_BEGIN_DECLS

#define GST_TYPE_KVS_CHAIN (gst_kvs_chain_get_type ())
G_DECLARE_FINAL_TYPE (GstKvsChain, gst_kvs_chain, GST_KVS, CHAIN, GObject)

/**
 * GstKvsChainChoice:
 * One way to do it: `name` for people and the log, `description` in
 * gst-launch syntax. One that cannot renegotiate is made anew when its input
 * changes its size or format.
 */
typedef struct {
  char *name;
  char *description;
  gboolean can_renegotiate;
} GstKvsChainChoice;

GstKvsChainChoice *gst_kvs_chain_choice_new (const char *name,
    char *description, gboolean can_renegotiate);
void gst_kvs_chain_choice_free (GstKvsChainChoice *self);

/**
 * GstKvsChainEvents:
 * `set_up` is called with each new pipeline before it starts, on the worker;
 * `sample` from the pipeline's streaming thread; `failed` on the worker, once,
 * when the last choice has failed. `what` names the chain in messages ("The
 * encoder for VP8").
 */
typedef struct {
  const char *what;
  void (*set_up) (gpointer user_data, GstElement *pipeline);
  void (*sample) (gpointer user_data, GstSample *sample);
  void (*failed) (gpointer user_data, const char *message);
  gpointer user_data;
} GstKvsChainEvents;

typedef struct {
  KvsWorker *worker;
  GstKvsReaper *reaper;
  GstKvsTiming timing; /* copied */
} GstKvsChainContext;

/**
 * gst_kvs_chain_new:
 * @choices: (transfer full): of GstKvsChainChoice, the best first
 * @max_buffers: may wait in front of it; the oldest go
 *
 * A running pipeline, whose trouble is nobody else's: an element that does
 * not start, or breaks before it made anything, gives way to the next choice;
 * one that breaks later is made anew. NULL with the last GError when none
 * starts. Worker only.
 */
GstKvsChain *gst_kvs_chain_new (GPtrArray *choices, guint max_buffers,
    const GstKvsChainContext *context, const GstKvsChainEvents *events,
    GError **error);

/* Ends it, in the background: no event comes after this returns. Worker only;
 * drop the reference then. */
void gst_kvs_chain_stop (GstKvsChain *self);

/**
 * gst_kvs_chain_push:
 * @buffer: with running times of the element as time stamps
 *
 * Never blocks. One streaming thread at a time.
 */
void gst_kvs_chain_push (GstKvsChain *self, GstBuffer *buffer, GstCaps *caps);

/* A key frame soon; worker. */
void gst_kvs_chain_request_key_frame (GstKvsChain *self);

/* The pipeline that runs now (transfer none); worker. */
GstElement *gst_kvs_chain_get_pipeline (GstKvsChain *self);

void gst_kvs_chain_set_timing (GstKvsChain *self, const GstKvsTiming *timing);

G_END_DECLS
