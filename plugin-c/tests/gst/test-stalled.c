/* Why is it black: a peer without media is told of, with how far it came. */
#include <gst/app/gstappsrc.h>

#include "fixture.h"
#include "offers.h"

static void
assert_stalled (Fixture *f, const char *peer_id, const char *stage,
    const char *media, const char *detail)
{
  g_autoptr (GstStructure) s =
      fixture_wait_message (f, "kinesiswebrtc-stalled");
  gint64 ms = 0;

  fail_unless_equals_string (gst_structure_get_string (s, "peer-id"), peer_id);
  fail_unless_equals_string (gst_structure_get_string (s, "stage"), stage);
  fail_unless_equals_string (gst_structure_get_string (s, "media"), media);
  fail_unless_equals_string (gst_structure_get_string (s, "detail"), detail);
  fail_unless (gst_structure_get_int64 (s, "ms", &ms));
  fail_unless (ms >= 5000);
}

GST_START_TEST (test_peer_without_candidates)
{
  Fixture f;
  g_autofree char *offer = test_offer_load ("chrome.sdp");

  fixture_setup (&f, RAW_SOURCES);
  test_memory_signaller_offer (f.signaller, "mute", offer);
  assert_stalled (&f, "mute", "ICE", "media", "the peer sent no ICE candidate");
  fixture_teardown (&f);
}

GST_END_TEST

/* A picture that builds on one nobody has seen. */
static void
push_delta_frame (Fixture *f)
{
  static const guint8 frame[] = { 0x11, 0x00, 0x00, 0x00 };
  g_autoptr (GstElement) src = gst_bin_get_by_name (GST_BIN (f->pipeline), "s");
  GstBuffer *buffer = gst_buffer_new_memdup (frame, sizeof (frame));

  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  gst_app_src_push_buffer (GST_APP_SRC (src), buffer);
}

GST_START_TEST (test_source_without_key_frames)
{
  Fixture f;
  TestViewer *viewer;

  fixture_setup (&f,
      "appsrc name=s is-live=true do-timestamp=true format=time "
      "caps=video/x-vp8,width=320,height=240,framerate=30/1 ! "
      "kinesiswebrtcbin name=k channel=test");
  push_delta_frame (&f);
  viewer = test_viewer_new (f.signaller, "v", TEST_VIEWER_VP8, NULL);
  test_viewer_start (viewer);
  assert_stalled (&f, "v", "key frame", "video",
      "it is connected, and no VP8 key frame has come from the source");
  test_viewer_free (viewer);
  fixture_teardown (&f);
}

GST_END_TEST

int
main (int argc, char **argv)
{
  Suite *suite = suite_create ("stalled");
  TCase *tc = tcase_create ("stalled");

  /* For its way to the offers. */
  g_test_init (&argc, &argv, NULL);
  suite_add_tcase (suite, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_test (tc, test_peer_without_candidates);
  tcase_add_test (tc, test_source_without_key_frames);
  return fixture_main (argc, argv, suite);
}
