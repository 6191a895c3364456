/* How a picture is to be turned: in tags, in SDP and in RTP. */
#include <gst/rtp/rtp.h>
#include <string.h>

#include "offers.h"
#include "orientation.h"
#include "sdpanswer.h"

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
add_extension (GstBuffer *packet, guint8 orientation)
{
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;

  gst_rtp_buffer_map (packet, GST_MAP_READWRITE, &rtp);
  g_assert_true (
      gst_rtp_buffer_add_extension_onebyte_header (&rtp, ID, &orientation, 1));
  gst_rtp_buffer_unmap (&rtp);
}

static void
test_packet_is_read (void)
{
  for (guint i = 0; i < 8; i++) {
    g_autoptr (GstBuffer) packet = packet_new (TRUE);
    GstKvsOrientation orientation = 0xff;

    g_assert_false (gst_kvs_orientation_read (packet, ID, &orientation));
    add_extension (packet, (guint8) i);
    g_assert_true (gst_kvs_orientation_read (packet, ID, &orientation));
    g_assert_cmpuint (orientation, ==, i);
    g_assert_false (gst_kvs_orientation_read (packet, ID - 1, &orientation));
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

  add_extension (packet, 0xfb);
  g_assert_true (gst_kvs_orientation_read (packet, ID, &orientation));
  g_assert_cmpstr (gst_kvs_orientation_name (orientation), ==, "rotate-270");
}

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

  static const GstKvsSdpTransport transport = { "abcd",
    "abcdefghijklmnopqrstuv", "sha-256 AB", "passive" };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = test_offer_load (rows[i].file);
    g_autoptr (GstKvsSdpOffer) offer = gst_kvs_sdp_offer_parse (text, NULL);
    g_autofree GstKvsSdpChoice *choices = test_offer_choices_new (offer);
    g_autofree GstKvsSdpStream *streams =
        g_new0 (GstKvsSdpStream, offer->medias->len);
    g_autofree char *unused = NULL;
    g_autofree char *answer = NULL;

    unused =
        gst_kvs_sdp_answer_write (offer, choices, streams, &transport, "me");
    g_assert_null (strstr (unused, URI));
    for (guint j = 0; j < offer->medias->len; j++) {
      const GstKvsSdpMedia *media = g_ptr_array_index (offer->medias, j);

      if (media->codecs->len > 0)
        choices[j].codec = g_ptr_array_index (media->codecs, 0);
    }
    answer =
        gst_kvs_sdp_answer_write (offer, choices, streams, &transport, "me");
    g_test_message ("%s", rows[i].file);
    if (rows[i].expected)
      g_assert_nonnull (strstr (answer, rows[i].expected));
    else
      g_assert_null (strstr (answer, URI));
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
  g_test_add_func ("/orientation/packet-is-read", test_packet_is_read);
  g_test_add_func ("/orientation/odd-packets-say-nothing",
      test_odd_packets_say_nothing);
  g_test_add_func ("/orientation/other-bits-of-the-byte-are-left-out",
      test_other_bits_of_the_byte_are_left_out);
  g_test_add_func ("/orientation/answer-has-the-number-of-the-offer",
      test_answer_has_the_number_of_the_offer);
  return g_test_run ();
}
