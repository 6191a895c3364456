/* What Amazon's test page asks a master on a data channel for its chart of the
 * time to the first frame, and what it is told. Pure. */
#pragma once

#include "times.h"

G_BEGIN_DECLS

/* Of one peer; like KvsSpan. */
typedef struct {
  KvsSpan negotiation; /* from the offer's receipt to the answer's dispatch */
  KvsSpan connection;  /* from the offer's receipt to the connection */
  KvsSpan gathering;   /* of our candidates */
} GstKvsPeerTimes;

typedef struct {
  KvsTimes signaling;
  GstKvsPeerTimes peer;
  /* One instant by both clocks: the page's is the wall's. */
  gint64 now;    /* microseconds of g_get_monotonic_time */
  gint64 now_ms; /* milliseconds since 1970 */
} GstKvsMetrics;

/* Whether it may be a question at all; cheap, for every text that comes in. */
gboolean gst_kvs_metrics_is_question (const char *text);

/**
 * gst_kvs_metrics_answer:
 * @text: of a peer; checked
 *
 * The page sends an object of five time stamps and fills in its own, in turns
 * with the master: the answer is the same with the master's next one. Once the
 * page's last one is there, the answers are three reports, of the signaling,
 * the peer connection and the candidates; times are milliseconds since 1970, 0
 * for what has not happened.
 *
 * Returns: (transfer full) (nullable): texts to send on the same channel, or
 * NULL for text that is no such question.
 *
 * Source: examples/viewer.js of amazon-kinesis-video-streams-webrtc-sdk-js.
 */
char **gst_kvs_metrics_answer (const char *text, const GstKvsMetrics *metrics);

G_END_DECLS
