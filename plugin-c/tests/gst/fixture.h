/* An element in a pipeline, with viewers joined to it in memory. */
#pragma once

#include <gst/check/gstcheck.h>

#include "kinesiswebrtcbin.h"
#include "memorysignaller.h"
#include "testviewer.h"

G_BEGIN_DECLS

/* For a state to come; only a hang gets near it. */
#ifdef __SANITIZE_THREAD__ /* ten times as slow */
#define PATIENCE_S 90
#else
#define PATIENCE_S 30
#endif

/* Live raw picture and sound into the element "k". */
#define RAW_SOURCES                                                   \
  "videotestsrc is-live=true ! video/x-raw,width=320,"                \
  "height=240,framerate=30/1 ! kinesiswebrtcbin name=k channel=test " \
  "audiotestsrc is-live=true ! k."

typedef struct {
  GstElement *pipeline;
  GstElement *element;
  GstBus *bus;
  TestMemorySignaller *signaller;
} Fixture;

/* Plays the pipeline, whose element is named "k", and waits for its signaling. */
void fixture_setup (Fixture *f, const char *description);

/* The same, but does not wait until it is signed in: for what fails before. */
void fixture_start (Fixture *f, const char *description);

/* The same with another signaller. */
void fixture_setup_with (Fixture *f, const char *description,
    GstKvsSignallerFactory make_signaller, gpointer user_data);
void fixture_teardown (Fixture *f);

/* Ends the pipeline's streams, and waits for the end of all of it. */
void fixture_assert_ends (Fixture *f);

/* The next element message of that name; an error on the bus fails the test. */
GstStructure *fixture_wait_message (Fixture *f, const char *name);

/* The same, and its string field holds `part`. */
void fixture_assert_message (Fixture *f, const char *name, const char *field,
    const char *part);

/* Waits until the viewer has decoded so much on that m-line. */
void fixture_wait_received (TestViewer *viewer, guint mline, guint frames);

/* Waits until the viewer has decoded so much. */
void fixture_wait_frames (TestViewer *viewer, guint video, guint audio);

/* Counts the buffers that reach the pipeline's element of that name; `counter`
 * is atomic, and lives as long as the pipeline. */
void fixture_count_buffers (Fixture *f, const char *name, int *counter);

/* Waits until it is `wanted`. */
void fixture_wait_count (int *counter, int wanted);

/* Waits until it is `more` than now. */
void fixture_wait_more (int *counter, int more);

/* Registers the element and runs the suite. */
int fixture_main (int argc, char **argv, Suite *suite);

G_END_DECLS
