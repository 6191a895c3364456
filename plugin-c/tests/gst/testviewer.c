#include "testviewer.h"

#include <gst/rtp/rtp.h>
#include <gst/sdp/sdp.h>
#include <gst/video/video.h>
#include <string.h>

#include "units.h"

/* Of TEST_VIEWER_VP8. */
#define VP8_PT 96

#define MAX_MEDIA 16

/* What comes in on one m-line. */
typedef struct {
  int frames; /* atomic */
  int colour; /* atomic: 0xRRGGBB in the middle of the last picture */
} Received;

struct _TestViewer {
  TestMemorySignaller *signaller;
  char *peer_id;
  GstElement *pipeline;
  GstElement *webrtc;
  const char *video, *audio; /* what test_viewer_new was told to offer */
  Received received[MAX_MEDIA];
  gboolean has_offered; /* atomic */
  int promises;         /* atomic: webrtcbin owes an answer to each */
  gboolean forges_fingerprint;
  gboolean unbundles;
  gboolean lies_about_ssrc;
  gboolean ignores_text_limit;
  const char *hidden_as;  /* the direction it offers for video, or NULL */
  guint changes_pt_after; /* packets, 0 for never */
  int packets;            /* atomic: sent while it counts them */
  GObject *channel;
  int video_frames;  /* atomic */
  int audio_buffers; /* atomic */
  int next_picture;  /* atomic, of TestPicture */
  int key_frames;    /* atomic, of VP8 */
  int video_ssrc;    /* atomic, of VP8 */
  int width;         /* atomic, of the picture last decoded */
  int channels;      /* atomic, of the last packet of Opus */

  GMutex lock;
  guint encoded_frames; /* of video, as received */
  guint64 encoded_bytes;
  char *answer;
  char *text;
  GPtrArray
      *units; /* of char *, what test_units_add says of what it received */
};

static void on_answer (gpointer viewer, const char *sdp);
static void on_candidate (gpointer viewer, const char *candidate,
    int mline_index);

static const TestViewerEvents viewer_events = { on_answer, on_candidate };

static GstPadProbeReturn
count (GstPad *pad, GstPadProbeInfo *info, gpointer counter)
{
  g_atomic_int_inc ((int *) counter);
  return GST_PAD_PROBE_OK;
}

/* RFC 7741 sections 4.2 and 4.3: of the packet that begins a picture, whether
 * that is a key frame. */
static TestPicture
read_vp8 (const guint8 *payload, guint size)
{
  guint at = 1;

  if (size < 4 || (payload[0] & 0x1f) != 0x10)
    return TEST_PICTURE_NONE;
  if (payload[0] & 0x80) {
    guint8 extensions = payload[at++];

    if (extensions & 0x80)
      at += payload[at] & 0x80 ? 2 : 1;
    if (extensions & 0x40)
      at++;
    if (extensions & 0x30)
      at++;
  }
  if (at >= size)
    return TEST_PICTURE_NONE;
  return payload[at] & 0x01 ? TEST_PICTURE_DELTA : TEST_PICTURE_KEY;
}

/* As it arrives: a jitter buffer takes the first packet after a pause for the
 * one it has given up already, and drops it. */
static GstPadProbeReturn
look_at_packet (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  TestViewer *self = user_data;
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  TestPicture picture;

  if (!gst_rtp_buffer_map (GST_PAD_PROBE_INFO_BUFFER (info), GST_MAP_READ,
          &rtp))
    return GST_PAD_PROBE_OK;
  if (gst_rtp_buffer_get_payload_type (&rtp) == VP8_PT) {
    picture = read_vp8 (gst_rtp_buffer_get_payload (&rtp),
        gst_rtp_buffer_get_payload_len (&rtp));
    g_atomic_int_compare_and_exchange (&self->next_picture, TEST_PICTURE_NONE,
        picture);
    g_atomic_int_add (&self->key_frames, picture == TEST_PICTURE_KEY);
    g_atomic_int_set (&self->video_ssrc, (int) gst_rtp_buffer_get_ssrc (&rtp));
  }
  gst_rtp_buffer_unmap (&rtp);
  return GST_PAD_PROBE_OK;
}

static void
on_receiving_pad_added (GstElement *rtpbin, GstPad *pad, gpointer user_data)
{
  if (g_str_has_prefix (GST_PAD_NAME (pad), "recv_rtp_sink_"))
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, look_at_packet,
        user_data, NULL);
}

void
test_viewer_wait_for_packets (TestViewer *self)
{
  g_object_set (self->webrtc, "latency", 2000, NULL);
}

void
test_viewer_expect_picture (TestViewer *self)
{
  g_atomic_int_set (&self->next_picture, TEST_PICTURE_NONE);
}

TestPicture
test_viewer_get_next_picture (TestViewer *self)
{
  return (TestPicture) g_atomic_int_get (&self->next_picture);
}

guint
test_viewer_get_key_frames (TestViewer *self)
{
  return (guint) g_atomic_int_get (&self->key_frames);
}

guint32
test_viewer_get_video_ssrc (TestViewer *self)
{
  return (guint32) g_atomic_int_get (&self->video_ssrc);
}

/* RGB, packed but for a padding at the end of each row. */
static GstPadProbeReturn
look (GstPad *pad, GstPadProbeInfo *info, gpointer received)
{
  Received *self = received;
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  guint8 rgb[3] = { 0 };
  GstVideoInfo video;

  gst_video_info_from_caps (&video, caps);
  gst_buffer_extract (GST_PAD_PROBE_INFO_BUFFER (info),
      (gsize) (video.height / 2) * (gsize) video.stride[0]
          + (gsize) (video.width / 2) * 3,
      rgb, sizeof (rgb));
  g_atomic_int_set (&self->colour, rgb[0] << 16 | rgb[1] << 8 | rgb[2]);
  g_atomic_int_inc (&self->frames);
  return GST_PAD_PROBE_OK;
}

#define SHOW                                  \
  " ! videoconvert ! video/x-raw,format=RGB " \
  "! fakesink name=out sync=false async=false"
#define HEAR " ! fakesink name=out sync=false async=false"

/* What leaves "encoded" is the frame as it was sent. */
static const struct {
  const char *codec, *chain, *end;
} decoders[] = {
  { "VP8", "rtpvp8depay ! identity name=encoded ! vp8dec", SHOW },
  { "VP9", "rtpvp9depay ! identity name=encoded ! vp9dec", SHOW },
  { "H264", "rtph264depay ! identity name=encoded ! h264parse ! avdec_h264",
      SHOW },
  { "H265",
      "rtph265depay ! video/x-h265,stream-format=byte-stream,alignment=au ! "
      "identity name=encoded ! h265parse ! avdec_h265",
      SHOW },
  { "AV1", "rtpav1depay ! identity name=encoded ! av1parse ! av1dec", SHOW },
  { "OPUS", "rtpopusdepay ! identity name=encoded ! opusdec", HEAR },
  { "PCMU", "rtppcmudepay ! identity name=encoded ! mulawdec", HEAR },
  { "PCMA", "rtppcmadepay ! identity name=encoded ! alawdec", HEAR },
};

static char *
decoder_for (const GstStructure *s)
{
  const char *codec = gst_structure_get_string (s, "encoding-name");

  for (guint i = 0; i < G_N_ELEMENTS (decoders); i++) {
    if (g_str_equal (decoders[i].codec, codec))
      return g_strconcat (decoders[i].chain, decoders[i].end, NULL);
  }
  g_error ("the viewer has no decoder for %s", codec);
}

/* RFC 6716 section 3.1: a packet's first byte tells. */
static void
look_at_opus (TestViewer *self, GstBuffer *packet)
{
  guint8 toc = 0;

  gst_buffer_extract (packet, 0, &toc, 1);
  g_atomic_int_set (&self->channels, toc & 0x04 ? 2 : 1);
}

static GstPadProbeReturn
look_at_frame (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  TestViewer *self = user_data;
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  const char *type = gst_structure_get_name (gst_caps_get_structure (caps, 0));

  if (g_str_equal (type, "audio/x-opus"))
    look_at_opus (self, GST_PAD_PROBE_INFO_BUFFER (info));
  g_mutex_lock (&self->lock);
  if (g_str_has_prefix (type, "video/")) {
    self->encoded_frames++;
    self->encoded_bytes +=
        gst_buffer_get_size (GST_PAD_PROBE_INFO_BUFFER (info));
  }
  test_units_add (self->units, type, GST_PAD_PROBE_INFO_BUFFER (info));
  g_mutex_unlock (&self->lock);
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
look_at_format (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  TestViewer *self = user_data;
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  GstCaps *caps;
  int value;

  if (GST_EVENT_TYPE (event) != GST_EVENT_CAPS)
    return GST_PAD_PROBE_OK;
  gst_event_parse_caps (event, &caps);
  if (gst_structure_get_int (gst_caps_get_structure (caps, 0), "width", &value))
    g_atomic_int_set (&self->width, value);
  return GST_PAD_PROBE_OK;
}

static void
probe (GstElement *bin, const char *name, const char *pad_name,
    GstPadProbeType type, GstPadProbeCallback callback, gpointer user_data)
{
  g_autoptr (GstElement) element = gst_bin_get_by_name (GST_BIN (bin), name);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, pad_name);

  gst_pad_add_probe (pad, type, callback, user_data, NULL);
}

static guint
mline_of (GstPad *pad)
{
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;
  guint mline;

  g_object_get (pad, "transceiver", &transceiver, NULL);
  g_object_get (transceiver, "mlineindex", &mline, NULL);
  return MIN (mline, MAX_MEDIA - 1);
}

static void
watch (TestViewer *self, GstPad *pad, GstElement *out, gboolean is_video)
{
  g_autoptr (GstPad) out_pad = gst_element_get_static_pad (out, "sink");
  Received *received = &self->received[mline_of (pad)];

  gst_pad_add_probe (out_pad, GST_PAD_PROBE_TYPE_BUFFER, count,
      is_video ? &self->video_frames : &self->audio_buffers, NULL);
  if (is_video)
    gst_pad_add_probe (out_pad, GST_PAD_PROBE_TYPE_BUFFER, look, received,
        NULL);
  else
    gst_pad_add_probe (out_pad, GST_PAD_PROBE_TYPE_BUFFER, count,
        &received->frames, NULL);
}

static void
on_pad_added (GstElement *webrtc, GstPad *pad, gpointer user_data)
{
  TestViewer *self = user_data;
  g_autoptr (GstCaps) caps = NULL;
  g_autoptr (GstElement) out = NULL;
  g_autoptr (GstPad) sink = NULL;
  g_autofree char *description = NULL;
  const GstStructure *s;
  GstElement *bin;

  if (GST_PAD_DIRECTION (pad) != GST_PAD_SRC)
    return;
  caps = gst_pad_get_current_caps (pad);
  s = gst_caps_get_structure (caps, 0);
  description = decoder_for (s);
  bin = gst_parse_bin_from_description (description, TRUE, NULL);
  out = gst_bin_get_by_name (GST_BIN (bin), "out");
  watch (self, pad, out,
      g_str_equal (gst_structure_get_string (s, "media"), "video"));
  probe (bin, "out", "sink", GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      look_at_format, self);
  probe (bin, "encoded", "src", GST_PAD_PROBE_TYPE_BUFFER, look_at_frame, self);
  gst_bin_add (GST_BIN (self->pipeline), bin);
  gst_element_sync_state_with_parent (bin);
  sink = gst_element_get_static_pad (bin, "sink");
  gst_pad_link (pad, sink);
}

static void
on_ice_candidate (GstElement *webrtc, guint mline_index, const char *candidate,
    gpointer user_data)
{
  TestViewer *self = user_data;

  test_memory_signaller_candidate (self->signaller, self->peer_id, candidate,
      (int) mline_index);
}

static void
add_transceiver (TestViewer *self, const char *preferences,
    GstWebRTCRTPTransceiverDirection direction)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (preferences);
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;

  g_signal_emit_by_name (self->webrtc, "add-transceiver", direction, caps,
      &transceiver);
  g_object_set (transceiver, "do-nack", TRUE, NULL);
}

/* Nobody sends repairs here (RFC 5109), and rtpbin of 1.22 keeps the decoders
 * for them in a list that the threads of two streams that begin at once write
 * without a lock. */
static void
take_no_repairs (GstElement *rtpbin)
{
  g_signal_handlers_disconnect_matched (rtpbin, G_SIGNAL_MATCH_ID,
      g_signal_lookup ("request-fec-decoder-full", G_OBJECT_TYPE (rtpbin)), 0,
      NULL, NULL, NULL);
}

TestViewer *
test_viewer_new (TestMemorySignaller *signaller, const char *peer_id,
    const char *video, const char *audio)
{
  TestViewer *self = g_new0 (TestViewer, 1);
  g_autoptr (GObject) ice = NULL;
  g_autoptr (GObject) agent = NULL;
  g_autoptr (GstElement) rtpbin = NULL;

  g_mutex_init (&self->lock);
  self->units = g_ptr_array_new_with_free_func (g_free);
  self->signaller = g_object_ref (signaller);
  self->peer_id = g_strdup (peer_id);
  self->pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  self->webrtc = gst_element_factory_make ("webrtcbin", "viewer");
  gst_util_set_object_arg (G_OBJECT (self->webrtc), "bundle-policy",
      "max-bundle");
  g_object_get (self->webrtc, "ice-agent", &ice, NULL);
  g_object_set (ice, "ice-tcp", FALSE, NULL);
  g_object_get (ice, "agent", &agent, NULL);
  g_object_set (agent, "upnp", FALSE, NULL);
  gst_bin_add (GST_BIN (self->pipeline), self->webrtc);
  self->audio = audio;
  self->video = video;
  g_signal_connect (self->webrtc, "pad-added", G_CALLBACK (on_pad_added), self);
  g_signal_connect (self->webrtc, "on-ice-candidate",
      G_CALLBACK (on_ice_candidate), self);
  rtpbin = gst_bin_get_by_name (GST_BIN (self->webrtc), "rtpbin");
  g_signal_connect (rtpbin, "pad-added", G_CALLBACK (on_receiving_pad_added),
      self);
  take_no_repairs (rtpbin);
  return self;
}

static void
on_text (GObject *channel, const char *text, gpointer user_data)
{
  TestViewer *self = user_data;

  g_mutex_lock (&self->lock);
  g_free (self->text);
  self->text = g_strdup (text);
  g_mutex_unlock (&self->lock);
}

static GstPadProbeReturn
change_ssrc (GstPad *pad, GstPadProbeInfo *info, gpointer unused)
{
  GstBuffer *buffer =
      gst_buffer_make_writable (GST_PAD_PROBE_INFO_BUFFER (info));
  guint32 ssrc = g_random_int ();

  gst_buffer_fill (buffer, 8, &ssrc, sizeof (ssrc));
  info->data = buffer;
  return GST_PAD_PROBE_OK;
}

/* To the first dynamic one, which no TEST_VIEWER_* has. */
static GstPadProbeReturn
change_pt (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  TestViewer *self = user_data;
  GstBuffer *buffer;
  guint8 pt;

  if ((guint) g_atomic_int_add (&self->packets, 1) < self->changes_pt_after)
    return GST_PAD_PROBE_OK;
  buffer = gst_buffer_make_writable (GST_PAD_PROBE_INFO_BUFFER (info));
  gst_buffer_extract (buffer, 1, &pt, 1);
  pt = (pt & 0x80) | 97;
  gst_buffer_fill (buffer, 1, &pt, 1);
  info->data = buffer;
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
count_packet (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  TestViewer *self = user_data;

  g_atomic_int_inc (&self->packets);
  return GST_PAD_PROBE_OK;
}

/* Behind rtpbin, which would put things right again. */
static void
on_rtpbin_pad_added (GstElement *rtpbin, GstPad *pad, gpointer user_data)
{
  TestViewer *self = user_data;

  if (g_str_has_prefix (GST_PAD_NAME (pad), "send_rtp_src_"))
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER,
        self->hidden_as             ? count_packet
            : self->lies_about_ssrc ? change_ssrc
                                    : change_pt,
        self, NULL);
}

/* The source, with its RTP as offered. */
static GstElement *
source_new (const char *preferences, const char *source)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (preferences);
  g_autofree char *text = NULL;
  g_autofree char *description = NULL;

  gst_caps_set_simple (caps, "ssrc", G_TYPE_UINT, g_random_int () | 1, NULL);
  text = gst_caps_to_string (caps);
  description = g_strdup_printf ("%s ! %s", source, text);
  return gst_parse_bin_from_description (description, TRUE, NULL);
}

static void
add_source (TestViewer *self, const char *preferences,
    GstWebRTCRTPTransceiverDirection direction, const char *source)
{
  GstElement *bin = source_new (preferences, source);
  g_autoptr (GstPad) from = gst_element_get_static_pad (bin, "src");
  g_autoptr (GstPad) to =
      gst_element_request_pad_simple (self->webrtc, "sink_%u");
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;

  gst_bin_add (GST_BIN (self->pipeline), bin);
  g_object_get (to, "transceiver", &transceiver, NULL);
  g_object_set (transceiver, "direction", direction, NULL);
  gst_pad_link (from, to);
}

void
test_viewer_add_media (TestViewer *self, const char *preferences,
    GstWebRTCRTPTransceiverDirection direction, const char *source)
{
  if (direction == GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDRECV
      || direction == GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY)
    add_source (self, preferences, direction,
        source                                    ? source
            : strstr (preferences, "media=audio") ? TEST_VIEWER_TONE
                                                  : TEST_VIEWER_BALL);
  else
    add_transceiver (self, preferences, direction);
}

void
test_viewer_report_capture_times (TestViewer *self)
{
  g_autoptr (GstElement) rtpbin =
      gst_bin_get_by_name (GST_BIN (self->webrtc), "rtpbin");

  g_object_set (rtpbin, "rtcp-sync-send-time", FALSE, NULL);
}

GstElement *
test_viewer_get_pipeline (TestViewer *self)
{
  return self->pipeline;
}

void
test_viewer_open_channel (TestViewer *self)
{
  gst_element_set_state (self->pipeline, GST_STATE_READY);
  g_signal_emit_by_name (self->webrtc, "create-data-channel", "chat", NULL,
      &self->channel);
  g_signal_connect (self->channel, "on-message-string", G_CALLBACK (on_text),
      self);
}

void
test_viewer_send (TestViewer *self)
{
  g_autoptr (GstElement) rtpbin =
      gst_bin_get_by_name (GST_BIN (self->webrtc), "rtpbin");

  if (self->hidden_as || self->lies_about_ssrc || self->changes_pt_after > 0)
    g_signal_connect (rtpbin, "pad-added", G_CALLBACK (on_rtpbin_pad_added),
        self);
  if (self->audio)
    test_viewer_add_media (self, self->audio,
        GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDRECV, NULL);
  if (self->video)
    test_viewer_add_media (self, self->video,
        GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDRECV, NULL);
  test_viewer_open_channel (self);
  self->audio = NULL;
  self->video = NULL;
}

void
test_viewer_change_payload_type (TestViewer *self, guint after)
{
  self->changes_pt_after = after;
}

void
test_viewer_hide_video (TestViewer *self, const char *direction)
{
  self->hidden_as = direction;
}

guint
test_viewer_get_sent (TestViewer *self)
{
  return (guint) g_atomic_int_get (&self->packets);
}

void
test_viewer_lie_about_ssrc (TestViewer *self)
{
  self->lies_about_ssrc = TRUE;
}

void
test_viewer_open_channels (TestViewer *self, guint n)
{
  for (guint i = 0; i < n; i++) {
    g_autoptr (GObject) channel = NULL;

    g_signal_emit_by_name (self->webrtc, "create-data-channel", "more", NULL,
        &channel);
  }
}

void
test_viewer_ignore_text_limit (TestViewer *self)
{
  self->ignores_text_limit = TRUE;
}

gboolean
test_viewer_send_text (TestViewer *self, const char *text)
{
  GstWebRTCDataChannelState state;

  g_object_get (self->channel, "ready-state", &state, NULL);
  if (state != GST_WEBRTC_DATA_CHANNEL_STATE_OPEN)
    return FALSE;
  g_signal_emit_by_name (self->channel, "send-string", text);
  return TRUE;
}

char *
test_viewer_get_text (TestViewer *self)
{
  char *text;

  g_mutex_lock (&self->lock);
  text = g_strdup (self->text);
  g_mutex_unlock (&self->lock);
  return text;
}

void
test_viewer_forge_fingerprint (TestViewer *self)
{
  self->forges_fingerprint = TRUE;
}

void
test_viewer_unbundle (TestViewer *self)
{
  self->unbundles = TRUE;
}

/* A group of no meaning, a transport for each m-line, and the same length. */
static void
unbundle (char *sdp)
{
  char *group = strstr (sdp, "a=group:BUNDLE");
  char *at;

  group[strlen ("a=group:")] = 'X';
  while ((at = strstr (sdp, "a=bundle-only")))
    at[strlen ("a=")] = 'X';
  while ((at = strstr (sdp, " 0 UDP/TLS")))
    at[1] = '9';
}

/* All directions have names of one length. */
static void
turn_video (char *sdp, const char *direction)
{
  static const char *const names[] = { "sendrecv", "sendonly", "recvonly",
    "inactive" };
  char *video = strstr (sdp, "m=video");

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *line = g_strdup_printf ("a=%s\r\n", names[i]);
    char *found = strstr (video, line);

    if (found)
      memcpy (found + strlen ("a="), direction, strlen (names[i]));
  }
}

/* One other digit, and the same length. */
static void
forge (char *sdp)
{
  for (char *f = strstr (sdp, "a=fingerprint:sha-256 "); f;
       f = strstr (f, "a=fingerprint:sha-256 ")) {
    f += strlen ("a=fingerprint:sha-256 ");
    *f = *f == '0' ? '1' : '0';
  }
}

/* webrtcbin keeps to the smaller of the two descriptions'. */
static void
raise_text_limit (TestViewer *self, GstSDPMessage *sdp)
{
  guint n = self->ignores_text_limit ? gst_sdp_message_medias_len (sdp) : 0;

  for (guint i = 0; i < n; i++) {
    GstSDPMedia *media = (GstSDPMedia *) gst_sdp_message_get_media (sdp, i);
    guint attributes = gst_sdp_media_attributes_len (media);

    for (guint j = attributes; j > 0; j--) {
      if (g_strcmp0 (gst_sdp_media_get_attribute (media, j - 1)->key,
              "max-message-size")
          == 0)
        gst_sdp_media_remove_attribute (media, j - 1);
    }
    gst_sdp_media_add_attribute (media, "max-message-size", "2000000");
  }
}

static void
on_description_set (GstPromise *promise, gpointer user_data)
{
  TestViewer *self = user_data;

  gst_promise_unref (promise);
  g_atomic_int_dec_and_test (&self->promises);
}

/* With a promise, though nobody asks: without one, a webrtcbin that is being
 * closed leaks its answer. */
static void
set_description (TestViewer *self, const char *action,
    GstWebRTCSessionDescription *description)
{
  g_atomic_int_inc (&self->promises);
  g_signal_emit_by_name (self->webrtc, action, description,
      gst_promise_new_with_change_func (on_description_set, self, NULL));
}

static void
on_offer_created (GstPromise *promise, gpointer user_data)
{
  TestViewer *self = user_data;
  g_autoptr (GstWebRTCSessionDescription) offer = NULL;
  g_autofree char *text = NULL;

  gst_structure_get (gst_promise_get_reply (promise), "offer",
      GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &offer, NULL);
  gst_promise_unref (promise);
  raise_text_limit (self, offer->sdp);
  set_description (self, "set-local-description", offer);
  text = gst_sdp_message_as_text (offer->sdp);
  if (self->forges_fingerprint)
    forge (text);
  if (self->unbundles)
    unbundle (text);
  if (self->hidden_as)
    turn_video (text, self->hidden_as);
  test_memory_signaller_offer (self->signaller, self->peer_id, text);
  g_atomic_int_dec_and_test (&self->promises);
}

/* Not before all that it sends is known. */
static void
on_negotiation_needed (GstElement *webrtc, gpointer user_data)
{
  TestViewer *self = user_data;

  if (!g_atomic_int_compare_and_exchange (&self->has_offered, FALSE, TRUE))
    return;
  g_atomic_int_inc (&self->promises);
  g_signal_emit_by_name (webrtc, "create-offer", NULL,
      gst_promise_new_with_change_func (on_offer_created, self, NULL));
}

void
test_viewer_start (TestViewer *self)
{
  if (self->audio)
    add_transceiver (self, self->audio,
        GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY);
  if (self->video)
    add_transceiver (self, self->video,
        GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY);
  test_memory_signaller_register (self->signaller, self->peer_id,
      &viewer_events, self);
  g_signal_connect (self->webrtc, "on-negotiation-needed",
      G_CALLBACK (on_negotiation_needed), self);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  /* Of a channel alone webrtcbin has told already, when it was opened. */
  if (self->channel && !self->audio && !self->video
      && self->webrtc->numsinkpads == 0)
    on_negotiation_needed (self->webrtc, self);
}

static void
on_answer (gpointer viewer, const char *sdp)
{
  TestViewer *self = viewer;
  GstSDPMessage *message;
  g_autoptr (GstWebRTCSessionDescription) answer = NULL;
  g_autofree char *seen = g_strdup (sdp);

  if (self->hidden_as)
    turn_video (seen, "sendrecv");
  gst_sdp_message_new_from_text (seen, &message);
  raise_text_limit (self, message);
  answer =
      gst_webrtc_session_description_new (GST_WEBRTC_SDP_TYPE_ANSWER, message);
  set_description (self, "set-remote-description", answer);
  g_mutex_lock (&self->lock);
  g_free (self->answer);
  self->answer = g_strdup (sdp);
  g_mutex_unlock (&self->lock);
}

static void
on_candidate (gpointer viewer, const char *candidate, int mline_index)
{
  TestViewer *self = viewer;

  g_signal_emit_by_name (self->webrtc, "add-ice-candidate", (guint) mline_index,
      candidate);
}

gboolean
test_viewer_is_closed (TestViewer *self)
{
  g_autoptr (GArray) transceivers = NULL;
  g_autoptr (GstWebRTCRTPSender) sender = NULL;
  g_autoptr (GstWebRTCDTLSTransport) dtls = NULL;
  GstWebRTCDTLSTransportState state;

  g_signal_emit_by_name (self->webrtc, "get-transceivers", &transceivers);
  g_object_get (g_array_index (transceivers, GObject *, 0), "sender", &sender,
      NULL);
  g_object_get (sender, "transport", &dtls, NULL);
  g_object_get (dtls, "state", &state, NULL);
  return state == GST_WEBRTC_DTLS_TRANSPORT_STATE_CLOSED;
}

/* A webrtcbin that is closed with a task in its queue warns of its promise. */
static void
wait_promises (TestViewer *self)
{
  while (g_atomic_int_get (&self->promises) > 0)
    g_usleep (1000);
}

static void
end_element (const GValue *value, gpointer unused)
{
  GstElement *element = g_value_get_object (value);

  gst_element_set_locked_state (element, TRUE);
  gst_element_set_state (element, GST_STATE_NULL);
}

static void
end_all_of (TestViewer *self, const char *factory)
{
  GstIterator *elements =
      gst_bin_iterate_all_by_element_factory_name (GST_BIN (self->webrtc),
          factory);

  while (
      gst_iterator_foreach (elements, end_element, NULL) == GST_ITERATOR_RESYNC)
    gst_iterator_resync (elements);
  gst_iterator_free (elements);
}

/* A stream that begins while rtpbin of 1.22 goes down leaks what was made for
 * it. Its first packet comes through a jitter buffer, and that from the network. */
static void
end_streams (TestViewer *self)
{
  end_all_of (self, "rtpjitterbuffer");
  end_all_of (self, "nicesrc");
  end_all_of (self, "rtpjitterbuffer");
}

void
test_viewer_free (TestViewer *self)
{
  test_memory_signaller_register (self->signaller, self->peer_id, NULL, NULL);
  g_atomic_int_set (&self->has_offered, TRUE);
  wait_promises (self);
  end_streams (self);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  g_clear_object (&self->channel);
  gst_object_unref (self->pipeline);
  g_object_unref (self->signaller);
  g_mutex_clear (&self->lock);
  g_ptr_array_unref (self->units);
  g_free (self->answer);
  g_free (self->text);
  g_free (self->peer_id);
  g_free (self);
}

guint
test_viewer_get_video_frames (TestViewer *self)
{
  return (guint) g_atomic_int_get (&self->video_frames);
}

guint64
test_viewer_get_encoded (TestViewer *self, guint *frames)
{
  guint64 bytes;

  g_mutex_lock (&self->lock);
  *frames = self->encoded_frames;
  bytes = self->encoded_bytes;
  g_mutex_unlock (&self->lock);
  return bytes;
}

guint
test_viewer_get_audio_buffers (TestViewer *self)
{
  return (guint) g_atomic_int_get (&self->audio_buffers);
}

guint
test_viewer_get_received (TestViewer *self, guint mline)
{
  return (guint) g_atomic_int_get (&self->received[mline].frames);
}

guint32
test_viewer_get_colour (TestViewer *self, guint mline)
{
  return (guint32) g_atomic_int_get (&self->received[mline].colour);
}

int
test_viewer_get_width (TestViewer *self)
{
  return g_atomic_int_get (&self->width);
}

int
test_viewer_get_channels (TestViewer *self)
{
  return g_atomic_int_get (&self->channels);
}

GPtrArray *
test_viewer_steal_units (TestViewer *self)
{
  GPtrArray *units;

  g_mutex_lock (&self->lock);
  units = self->units;
  self->units = g_ptr_array_new_with_free_func (g_free);
  g_mutex_unlock (&self->lock);
  return units;
}

char *
test_viewer_get_answer (TestViewer *self)
{
  char *answer;

  g_mutex_lock (&self->lock);
  answer = g_strdup (self->answer);
  g_mutex_unlock (&self->lock);
  return answer;
}
