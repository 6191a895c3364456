/* One codec wanted of an input: who wants it, and what makes it. */
#pragma once

#include "encoder.h"

G_BEGIN_DECLS

typedef enum {
  GST_KVS_STREAM_STRAIGHT,   /* the input's frames as they are */
  GST_KVS_STREAM_PARSED,     /* the same, framed otherwise */
  GST_KVS_STREAM_ENCODED,    /* from raw input */
  GST_KVS_STREAM_TRANSCODED, /* from what a decoder makes of the input */
  GST_KVS_STREAM_BROKEN,     /* nothing comes any more */
} GstKvsStreamKind;

/* Worker only, but for what the input's lock guards. */
typedef struct {
  gpointer owner; /* the input, whose it is */
  GstKvsFanout *fanout;
  guint rung;    /* how often the picture's size is halved */
  guint bitrate; /* bit/s, for its encoder */
  guint users;
  GstKvsOpusTally tally; /* of what they ask for, where it is Opus */
  GstKvsOpusLoss loss;   /* and of what they lose */

  /* Under the lock of the input, which frames are pushed with. */
  GstKvsStreamKind kind;
  const GstKvsCodec *made_from; /* the input's codec then; NULL is raw */
  GstKvsEncoder *encoder;       /* NULL where the frames go straight in */
  gboolean is_new;              /* no frame has been pushed */
} GstKvsStream;

GstKvsStream *gst_kvs_stream_new (gpointer owner, KvsWorker *worker,
    const GstKvsCodec *codec, guint rung);
void gst_kvs_stream_free (GstKvsStream *self);

const GstKvsCodec *gst_kvs_stream_get_codec (GstKvsStream *self);

/* How a stream of its codec and size is made of that input. */
GstKvsStreamKind gst_kvs_stream_kind_for (GstKvsStream *self,
    const GstKvsCodec *input);

/* Whether nothing comes any more. */
gboolean gst_kvs_stream_is_broken (GstKvsStream *self);

/* One user more or less, and what it asks of Opus. */
void gst_kvs_stream_add_user (GstKvsStream *self, const char *fmtp);
void gst_kvs_stream_remove_user (GstKvsStream *self, const char *fmtp);

/* What the user who loses most of it loses (opus.h). */
void gst_kvs_stream_set_loss (GstKvsStream *self, double worst, gint64 now_us);

/**
 * gst_kvs_stream_make_encoder:
 * What a stream of that kind needs (transfer full), NULL with no error for
 * none. It pushes into the fan-out of `self` as soon as it is pushed to.
 */
GstKvsEncoder *gst_kvs_stream_make_encoder (GstKvsStream *self,
    GstKvsStreamKind kind, const GstKvsEncoderContext *context, GError **error);

/* Hands it a frame of the input, or of the input's decoder; the lock is held. */
void gst_kvs_stream_push (GstKvsStream *self, GstBuffer *buffer, GstCaps *caps);

G_END_DECLS
