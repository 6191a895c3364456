/* An input with a live picture of a size that can be changed, and what encodes it. */
#pragma once

#include <gst/gst.h>

#include "input.h"

typedef struct {
  KvsWorker *worker;
  GstKvsReaper *reaper;
  GstKvsInput *input;
  GstElement *pipeline;
  GstElement *size; /* a capsfilter */
} LivePicture;

/* Of 320x240 and 30 a second; returns when its caps are known. */
void live_picture_setup (LivePicture *self);

/* With no stream acquired any more. */
void live_picture_teardown (LivePicture *self);

void live_picture_set_size (LivePicture *self, int width, int height);

/* With a timing to clear. A broken encoder ends the test. */
GstKvsEncoderContext live_picture_context (LivePicture *self);
