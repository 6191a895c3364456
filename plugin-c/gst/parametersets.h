/* The parameter sets of an H264 or H265 byte stream that passes by, for those who come later. */
#pragma once

#include "codec.h"

G_BEGIN_DECLS

/* Video, sequence and picture parameter sets, as they came last. */
typedef struct {
  GByteArray *sets[3]; /* with start codes; NULL where none has come */
} GstKvsParameterSets;

void gst_kvs_parameter_sets_clear (GstKvsParameterSets *self);

/* Keeps those that the frame begins with; any other codec has none. */
void gst_kvs_parameter_sets_read (GstKvsParameterSets *self,
    const GstKvsCodec *codec, GstBuffer *frame);

/* The stream's profile (profile.h) by its sequence parameter set, or -1. */
int gst_kvs_parameter_sets_get_profile (const GstKvsParameterSets *self,
    const GstKvsCodec *codec);

/* The frame with all that are kept before it (transfer full). */
GstBuffer *gst_kvs_parameter_sets_prepend (const GstKvsParameterSets *self,
    GstBuffer *frame);

G_END_DECLS
