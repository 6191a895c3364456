/* A few seconds of media as a sender's payloader makes them, to be sent at will. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct {
  GstBuffer *buffer; /* RTP */
  guint frame;       /* which of the frames it is a part of */
  gboolean ends_frame;
} ClipPacket;

typedef struct {
  GPtrArray *packets; /* of ClipPacket */
  GPtrArray *digests; /* of char *: one a frame */
} Clip;

/* @encoder: in gst-launch syntax, from a source that ends; @payloader: likewise. */
Clip *clip_new (const char *encoder, const char *payloader);
void clip_free (Clip *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Clip, clip_free)

/* Of a frame's bytes (transfer full). */
char *clip_digest (GstBuffer *frame);

guint clip_packet_size (const ClipPacket *packet);

G_END_DECLS
