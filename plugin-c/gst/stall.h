/* Pure: why a peer has no media yet, in words. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How far a peer has come. */
typedef enum {
  GST_KVS_STAGE_ANSWER, /* no answer to its offer yet */
  GST_KVS_STAGE_ICE,    /* no candidate pair works */
  GST_KVS_STAGE_DTLS,   /* a path, and no keys for it */
  GST_KVS_STAGE_FRAME,  /* connected, and no frame that can be decoded */
} GstKvsStage;

/* Local ICE candidates that were tried, by kind. */
typedef struct {
  guint host;
  guint reflexive; /* srflx and prflx */
  guint relay;
} GstKvsTries;

/**
 * GstKvsStall:
 * Strings are the caller's. `remote` counts the peer's candidates; `trouble`
 * says why there is no relay over TLS, or NULL; `missing` names what has not
 * come at GST_KVS_STAGE_FRAME ("VP8 key frame"); `from` is who should send it.
 */
typedef struct {
  GstKvsStage stage;
  GstKvsTries local;
  guint remote;
  const char *trouble;
  const char *missing;
  const char *from;
} GstKvsStall;

/* Counts a line "candidate:… typ host …"; anything else is left out. */
void gst_kvs_tries_note (GstKvsTries *self, const char *candidate);

/* "answer", "ICE", "DTLS", "key frame". */
const char *gst_kvs_stage_name (GstKvsStage stage);

/* One sentence without a full stop (transfer full). */
char *gst_kvs_stall_explain (const GstKvsStall *self);

G_END_DECLS
