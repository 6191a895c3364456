/* A viewer made of a webrtcbin, as a browser's page would be one. */
#pragma once

#include <gst/webrtc/webrtc.h>

#include "memorysignaller.h"

G_BEGIN_DECLS

typedef struct _TestViewer TestViewer;

/* What it offers to receive, as webrtcbin codec preferences; NULL for none. */
#define TEST_VIEWER_VP8                              \
  "application/x-rtp,media=video,encoding-name=VP8," \
  "clock-rate=90000,payload=96"
#define TEST_VIEWER_H264                                       \
  "application/x-rtp,media=video,encoding-name=H264,"          \
  "clock-rate=90000,payload=102,packetization-mode=(string)1," \
  "profile-level-id=(string)42e01f"
#define TEST_VIEWER_VP9                              \
  "application/x-rtp,media=video,encoding-name=VP9," \
  "clock-rate=90000,payload=98"
#define TEST_VIEWER_H265                              \
  "application/x-rtp,media=video,encoding-name=H265," \
  "clock-rate=90000,payload=104"
#define TEST_VIEWER_PCMU                              \
  "application/x-rtp,media=audio,encoding-name=PCMU," \
  "clock-rate=8000,payload=0"
#define TEST_VIEWER_PCMA                              \
  "application/x-rtp,media=audio,encoding-name=PCMA," \
  "clock-rate=8000,payload=8"
#define TEST_VIEWER_STEREO                            \
  "application/x-rtp,media=audio,encoding-name=OPUS," \
  "clock-rate=48000,encoding-params=(string)2,"       \
  "stereo=(string)1,useinbandfec=(string)1,payload=111"
#define TEST_VIEWER_OPUS                              \
  "application/x-rtp,media=audio,encoding-name=OPUS," \
  "clock-rate=48000,encoding-params=(string)2,payload=111"

/* What it sends where nothing else is said. */
#define TEST_VIEWER_TONE \
  "audiotestsrc is-live=true ! opusenc ! rtpopuspay pt=111"
#define TEST_VIEWER_BALL                         \
  "videotestsrc is-live=true pattern=ball ! "    \
  "video/x-raw,width=160,height=120 ! vp8enc "   \
  "deadline=1 keyframe-max-dist=10 ! rtpvp8pay " \
  "pt=96"

/* `video` and `audio` are offered to be received, audio first; for others see
 * test_viewer_add_media. */
TestViewer *test_viewer_new (TestMemorySignaller *signaller,
    const char *peer_id, const char *video, const char *audio);

/* Sends as well as receives: a picture in what it offered as video, a tone in
 * what it offered as audio; and opens a data channel. Before test_viewer_start. */
void test_viewer_send (TestViewer *self);

/* One more m-line, in the order of the calls; `source` is a chain to RTP, NULL
 * for one of the above. Before test_viewer_start. */
void test_viewer_add_media (TestViewer *self, const char *preferences,
    GstWebRTCRTPTransceiverDirection direction, const char *source);

/* Its sender reports tell when media was captured, as a browser's do, and not
 * when it was sent. Before test_viewer_start. */
void test_viewer_report_capture_times (TestViewer *self);

/* What it is made of (transfer none). */
GstElement *test_viewer_get_pipeline (TestViewer *self);

/* test_viewer_send does it too. Before test_viewer_start. */
void test_viewer_open_channel (TestViewer *self);

/* More data channels, without a use. After test_viewer_send. */
void test_viewer_open_channels (TestViewer *self, guint n);

/* Sends texts of any size, whatever the answer says of that. Before
 * test_viewer_start. */
void test_viewer_ignore_text_limit (TestViewer *self);

/* Text on its data channel; FALSE while that is not open. */
gboolean test_viewer_send_text (TestViewer *self, const char *text);

/* The last text it received, or NULL (transfer full). */
char *test_viewer_get_text (TestViewer *self);

/* Every packet it sends gets an SSRC it did not declare. Before test_viewer_start. */
void test_viewer_lie_about_ssrc (TestViewer *self);

/* Every packet it sends after so many has a payload type it did not offer.
 * Before test_viewer_send. */
void test_viewer_change_payload_type (TestViewer *self, guint after);

/* Sends picture though it offers to take it alone ("recvonly"), or nothing at
 * all ("inactive"). Before test_viewer_send. */
void test_viewer_hide_video (TestViewer *self, const char *direction);

/* Packets sent so far, of one that hides its video or lies. */
guint test_viewer_get_sent (TestViewer *self);

/* Writes a wrong fingerprint into its offer. Before test_viewer_start. */
void test_viewer_forge_fingerprint (TestViewer *self);

/* Offers a transport for each m-line. Before test_viewer_start. */
void test_viewer_unbundle (TestViewer *self);

/* A busy machine must not look like a lossy network: packets are given up
 * later than usual, since VP9's depayloader of 1.22 asserts when they are.
 * Before test_viewer_start. */
void test_viewer_wait_for_packets (TestViewer *self);

/* Sends its offer. */
void test_viewer_start (TestViewer *self);

/* Whether its DTLS connection has been closed by the other end. */
gboolean test_viewer_is_closed (TestViewer *self);

/* Gone without a word. */
void test_viewer_free (TestViewer *self);

/* Decoded frames so far. */
guint test_viewer_get_video_frames (TestViewer *self);
guint test_viewer_get_audio_buffers (TestViewer *self);

/* Bytes and frames of encoded video received so far. */
guint64 test_viewer_get_encoded (TestViewer *self, guint *frames);

/* Of the picture last decoded, 0 before the first. */
int test_viewer_get_width (TestViewer *self);

/* Of the last packet of Opus, 0 before the first. */
int test_viewer_get_channels (TestViewer *self);

/* What it received, in the sense of units.h, since the last call (transfer full). */
GPtrArray *test_viewer_steal_units (TestViewer *self);

typedef enum {
  TEST_PICTURE_NONE, /* not come yet */
  TEST_PICTURE_KEY,
  TEST_PICTURE_DELTA,
} TestPicture;

/* What the first VP8 picture that arrives after the call is. */
void test_viewer_expect_picture (TestViewer *self);
TestPicture test_viewer_get_next_picture (TestViewer *self);

/* Key frames of VP8 that arrived so far, and the SSRC that VP8 comes from. */
guint test_viewer_get_key_frames (TestViewer *self);
guint32 test_viewer_get_video_ssrc (TestViewer *self);

/* Of one m-line: decoded frames so far, and the colour (0xRRGGBB) in the middle
 * of its last picture. */
guint test_viewer_get_received (TestViewer *self, guint mline);
guint32 test_viewer_get_colour (TestViewer *self, guint mline);

/* The answer it got, or NULL (transfer full). */
char *test_viewer_get_answer (TestViewer *self);

G_END_DECLS
