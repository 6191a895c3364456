/* How a picture is to be turned: in tags, in SDP and in RTP. */
#include <gst/rtp/rtp.h>
#include <string.h>

#include "offers.h"
#include "orientation.h"
#include "orienter.h"

#define URI "urn:3gpp:video-orientation"
#define ID 13

static void
test_tags_and_bits_mean_the_same (void)
{
  static const char *const names[] = { "rotate-0", "rotate-90", "rotate-180",
    "rotate-270", "flip-rotate-0", "flip-rotate-90", "flip-rotate-180",
    "flip-rotate-270" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GstTagList) tags =
        gst_tag_list_new (GST_TAG_IMAGE_ORIENTATION, names[i], NULL);
    GstKvsOrientation orientation = 0xff;

    g_assert_true (gst_kvs_orientation_from_tags (tags, &orientation));
    g_assert_cmpuint (orientation, ==, i);
    g_assert_cmpstr (gst_kvs_orientation_name (orientation), ==, names[i]);
    if (i < 4)
      g_assert_cmpuint (gst_kvs_orientation_from_degrees ((int) i * 90), ==, i);
  }
}

static void
test_other_tags_say_nothing (void)
{
  g_autoptr (GstTagList) other =
      gst_tag_list_new (GST_TAG_TITLE, "rotate-90", NULL);
  g_autoptr (GstTagList) odd =
      gst_tag_list_new (GST_TAG_IMAGE_ORIENTATION, "upside-down", NULL);
  GstKvsOrientation orientation = 0xff;

  g_assert_false (gst_kvs_orientation_from_tags (other, &orientation));
  g_assert_false (gst_kvs_orientation_from_tags (odd, &orientation));
  g_assert_cmpuint (orientation, ==, 0xff);
}

static void
test_extmap_is_read (void)
{
  static const struct {
    const char *value;
    guint id;
  } rows[] = {
    { "13 " URI, 13 },
    { "1 " URI, 1 },
    { "14/sendrecv " URI, 14 },
    { "4 " URI " some attributes", 4 },
    { "15 " URI, 0 },
    { "0 " URI, 0 },
    { "-3 " URI, 0 },
    { "4294967301 " URI, 0 },
    { "18446744073709551621 " URI, 0 },
    { "5/sendonly " URI, 0 },
    { "5/inactive " URI, 0 },
    { "5/sendrecvonly " URI, 0 },
    { "5 " URI ":6", 0 },
    { "5 urn:ietf:params:rtp-hdrext:sdes:mid", 0 },
    { "5" URI, 0 },
    { "5", 0 },
    { "", 0 },
    { URI, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    GstSDPMedia *media;

    g_test_message ("%s", rows[i].value);
    gst_sdp_media_new (&media);
    gst_sdp_media_add_attribute (media, "extmap", "2 urn:of:another");
    gst_sdp_media_add_attribute (media, "extmap", rows[i].value);
    g_assert_cmpuint (gst_kvs_orientation_read_id (media), ==, rows[i].id);
    gst_sdp_media_free (media);
  }
}

static GstBuffer *
packet_new (gboolean has_marker)
{
  GstBuffer *packet = gst_rtp_buffer_new_allocate (100, 0, 0);
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;

  gst_rtp_buffer_map (packet, GST_MAP_WRITE, &rtp);
  gst_rtp_buffer_set_marker (&rtp, has_marker);
  memset (gst_rtp_buffer_get_payload (&rtp), 0xab, 100);
  gst_rtp_buffer_unmap (&rtp);
  return packet;
}

static void
test_packet_says_it_and_keeps_its_payload (void)
{
  for (guint i = 0; i < 8; i++) {
    g_autoptr (GstBuffer) packet = packet_new (TRUE);
    GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
    GstKvsOrientation orientation = 0xff;

    g_assert_false (gst_kvs_orientation_read (packet, ID, &orientation));
    g_assert_true (
        gst_kvs_orientation_write (packet, ID, (GstKvsOrientation) i));
    g_assert_true (gst_kvs_orientation_read (packet, ID, &orientation));
    g_assert_cmpuint (orientation, ==, i);
    g_assert_false (gst_kvs_orientation_read (packet, ID - 1, &orientation));
    gst_rtp_buffer_map (packet, GST_MAP_READ, &rtp);
    g_assert_cmpuint (gst_rtp_buffer_get_payload_len (&rtp), ==, 100);
    g_assert_cmphex (*(guint8 *) gst_rtp_buffer_get_payload (&rtp), ==, 0xab);
    gst_rtp_buffer_unmap (&rtp);
  }
}

/* Of another length than one byte, of the form with two-byte headers, or cut
 * off: what a stranger may send. */
static void
test_odd_packets_say_nothing (void)
{
  static const guint8 wide[] = { ID, 1, 0x01, 0 };
  guint8 two[2] = { 1, 1 };
  GstKvsOrientation orientation = 0xff;
  g_autoptr (GstBuffer) longer = packet_new (TRUE);
  g_autoptr (GstBuffer) other = packet_new (TRUE);
  g_autoptr (GstBuffer) cut = gst_buffer_new_memdup ("\x90\x60\0\0", 4);
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  gpointer data;

  gst_rtp_buffer_map (longer, GST_MAP_READWRITE, &rtp);
  gst_rtp_buffer_add_extension_onebyte_header (&rtp, ID, two, 2);
  gst_rtp_buffer_unmap (&rtp);
  gst_rtp_buffer_map (other, GST_MAP_READWRITE, &rtp);
  gst_rtp_buffer_set_extension_data (&rtp, 0x1000, 1);
  gst_rtp_buffer_get_extension_data (&rtp, NULL, &data, NULL);
  memcpy (data, wide, sizeof (wide));
  gst_rtp_buffer_unmap (&rtp);
  g_assert_false (gst_kvs_orientation_read (longer, ID, &orientation));
  g_assert_false (gst_kvs_orientation_read (other, ID, &orientation));
  g_assert_false (gst_kvs_orientation_read (cut, ID, &orientation));
}

/* Only bits that mean something to us, whatever else the byte holds. */
static void
test_other_bits_of_the_byte_are_left_out (void)
{
  g_autoptr (GstBuffer) packet = packet_new (TRUE);
  GstKvsOrientation orientation = 0;

  gst_kvs_orientation_write (packet, ID, 0xfb);
  g_assert_true (gst_kvs_orientation_read (packet, ID, &orientation));
  g_assert_cmpstr (gst_kvs_orientation_name (orientation), ==, "rotate-270");
}

/* What a frame of `n` packets says in its last one, -1 for nothing; the others
 * say nothing. */
typedef struct {
  GstPad *source, *packets, *sink;
  int said;
} Frame;

static int
say (GstBuffer *packet)
{
  GstKvsOrientation orientation;

  return gst_kvs_orientation_read (packet, ID, &orientation) ? orientation : -1;
}

static GstFlowReturn
on_packet (GstPad *pad, GstObject *parent, GstBuffer *packet)
{
  Frame *frame = g_object_get_data (G_OBJECT (pad), "frame");

  g_assert_cmpint (frame->said, ==, -1);
  frame->said = say (packet);
  gst_buffer_unref (packet);
  return GST_FLOW_OK;
}

static GstFlowReturn
on_list (GstPad *pad, GstObject *parent, GstBufferList *list)
{
  guint n = gst_buffer_list_length (list);

  for (guint i = 0; i < n; i++)
    on_packet (pad, parent, gst_buffer_ref (gst_buffer_list_get (list, i)));
  gst_buffer_list_unref (list);
  return GST_FLOW_OK;
}

static void
start_pad (GstPad *pad)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_set_active (pad, TRUE);
  gst_pad_push_event (pad, gst_event_new_stream_start ("test"));
  gst_pad_push_event (pad, gst_event_new_segment (&segment));
}

static void
frame_init (Frame *self, GstKvsInput *input)
{
  self->source = gst_pad_new ("source", GST_PAD_SRC);
  self->packets = gst_pad_new ("packets", GST_PAD_SRC);
  self->sink = gst_pad_new ("sink", GST_PAD_SINK);
  g_object_set_data (G_OBJECT (self->sink), "frame", self);
  gst_pad_set_chain_function (self->sink, on_packet);
  gst_pad_set_chain_list_function (self->sink, on_list);
  gst_pad_set_active (self->sink, TRUE);
  gst_pad_link (self->packets, self->sink);
  start_pad (self->source);
  start_pad (self->packets);
  gst_kvs_orienter_attach (self->source, self->packets, ID, input);
}

static void
frame_clear (Frame *self)
{
  gst_pad_set_active (self->source, FALSE);
  gst_pad_set_active (self->packets, FALSE);
  gst_pad_set_active (self->sink, FALSE);
  gst_object_unref (self->source);
  gst_object_unref (self->packets);
  gst_object_unref (self->sink);
}

/* Alternately as single packets and as a list. */
static int
send_frame (Frame *self, gboolean is_key, gboolean as_list)
{
  GstBuffer *frame = gst_buffer_new_allocate (NULL, 300, NULL);
  GstBufferList *list = gst_buffer_list_new ();

  self->said = -1;
  if (!is_key)
    GST_BUFFER_FLAG_SET (frame, GST_BUFFER_FLAG_DELTA_UNIT);
  gst_pad_push (self->source, frame);
  for (guint i = 0; i < 3; i++) {
    GstBuffer *packet = packet_new (i == 2);

    if (as_list)
      gst_buffer_list_insert (list, -1, packet);
    else
      gst_pad_push (self->packets, packet);
  }
  if (as_list)
    gst_pad_push_list (self->packets, list);
  else
    gst_buffer_list_unref (list);
  return self->said;
}

static void
on_input_changed (gpointer unused)
{
}

/* TS 26.114: on key frames and where it changes. And on all that are turned,
 * for libwebrtc. */
static void
test_frames_that_say_it (void)
{
  static const struct {
    int rotation;
    gboolean is_key;
    int said;
  } rows[] = {
    { 0, TRUE, 0 },
    { 0, FALSE, -1 },
    { 0, TRUE, 0 },
    { 90, FALSE, 1 },
    { 90, FALSE, 1 },
    { 90, TRUE, 1 },
    { 270, FALSE, 3 },
    { 0, FALSE, 0 },
    { 0, FALSE, -1 },
    { -1, FALSE, -1 },
  };
  GstKvsInput *input =
      gst_kvs_input_new (GST_KVS_MEDIA_VIDEO, 0, on_input_changed, NULL);
  Frame frame = { NULL };

  for (guint as_list = 0; as_list < 2; as_list++) {
    frame_init (&frame, input);
    for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
      gst_kvs_input_set_rotation (input, rows[i].rotation);
      g_test_message ("row %u", i);
      g_assert_cmpint (send_frame (&frame, rows[i].is_key, as_list > 0), ==,
          rows[i].said);
    }
    frame_clear (&frame);
  }
  g_object_unref (input);
}

/* webrtcbin needs to know nothing of it. */
static void
test_answer_has_the_number_of_the_offer (void)
{
  static const struct {
    const char *file, *expected; /* NULL where it was not offered */
  } rows[] = {
    { "safari.sdp", "a=extmap:13 " URI "\r\n" },
    { "amazon-c-sdk.sdp", NULL },
    { "firefox.sdp", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = test_offer_load (rows[i].file);
    g_autoptr (GstKvsSdpOffer) offer = gst_kvs_sdp_offer_parse (text, NULL);
    g_autofree GstKvsSdpChoice *choices = test_offer_choices_new (offer);
    g_autoptr (GstSDPMessage) narrow = NULL;
    g_autofree char *unused = NULL;
    g_autofree char *answer = NULL;

    narrow = gst_kvs_sdp_offer_narrow (offer, choices);
    unused = gst_kvs_sdp_answer_finish (narrow, offer, choices);
    g_assert_null (strstr (unused, "extmap"));
    for (guint j = 0; j < offer->medias->len; j++) {
      const GstKvsSdpMedia *media = g_ptr_array_index (offer->medias, j);

      if (media->codecs->len > 0)
        choices[j].codec = g_ptr_array_index (media->codecs, 0);
    }
    answer = gst_kvs_sdp_answer_finish (narrow, offer, choices);
    g_test_message ("%s", rows[i].file);
    if (rows[i].expected)
      g_assert_nonnull (strstr (answer, rows[i].expected));
    else
      g_assert_null (strstr (answer, "extmap"));
  }
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/orientation/tags-and-bits-mean-the-same",
      test_tags_and_bits_mean_the_same);
  g_test_add_func ("/orientation/other-tags-say-nothing",
      test_other_tags_say_nothing);
  g_test_add_func ("/orientation/extmap-is-read", test_extmap_is_read);
  g_test_add_func ("/orientation/packet-says-it-and-keeps-its-payload",
      test_packet_says_it_and_keeps_its_payload);
  g_test_add_func ("/orientation/odd-packets-say-nothing",
      test_odd_packets_say_nothing);
  g_test_add_func ("/orientation/other-bits-of-the-byte-are-left-out",
      test_other_bits_of_the_byte_are_left_out);
  g_test_add_func ("/orientation/frames-that-say-it", test_frames_that_say_it);
  g_test_add_func ("/orientation/answer-has-the-number-of-the-offer",
      test_answer_has_the_number_of_the_offer);
  return g_test_run ();
}
