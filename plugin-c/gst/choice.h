/* What is done with an m-line of a peer's. */
#pragma once

#include "sdp.h"

G_BEGIN_DECLS

/**
 * GstKvsSdpChoice:
 * What we do with one m-line: `codec` is NULL exactly when neither is done.
 */
typedef struct {
  const GstKvsSdpCodec *codec;
  gboolean send;
  gboolean receive;
  guint number; /* of the sink pad whose media is sent */
} GstKvsSdpChoice;

G_END_DECLS
