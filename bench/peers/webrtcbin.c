/* A master made by hand: one source, a tee, and for each viewer a queue, a
 * payloader and a webrtcbin in the same pipeline. Whoever runs it does the
 * signaling.
 *
 *   webrtcbin PAYLOADER ENCODING PT SOURCE
 *
 * ENCODING and PT are RTP's, SOURCE is a pipeline's text whose end is encoded.
 * Lines of stdin, ID being any word, texts in base64:
 *   offer ID SDP                     → answer ID SDP
 *   candidate ID MLINE CANDIDATE     and the same the other way
 *   leave ID
 * and `playing`, `connected ID` by itself. */
#include <gst/gst.h>
#include <gst/video/video.h>
#include <gst/webrtc/webrtc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  char *id;
  GstElement *queue;
  GstElement *pay;
  GstElement *webrtc;
  GstPad *tee_pad;
} Viewer;

static GstElement *pipeline;
static GstElement *tee;
static const char *payloader;
static const char *encoding;
static int payload_type;
static GHashTable *viewers;

static char *
to_base64 (const char *text)
{
  return g_base64_encode ((const guchar *) text, strlen (text));
}

static char *
from_base64 (const char *text)
{
  gsize size;
  g_autofree guchar *bytes = g_base64_decode (text, &size);

  return g_strndup ((const char *) bytes, size);
}

static void
on_ice_candidate (GstElement *webrtc, guint mline, const char *candidate,
    Viewer *self)
{
  g_autofree char *text = to_base64 (candidate);

  printf ("candidate %s %u %s\n", self->id, mline, text);
}

static void
on_state (GstElement *webrtc, GParamSpec *spec, Viewer *self)
{
  GstWebRTCPeerConnectionState state;
  g_autoptr (GstPad) source = gst_element_get_static_pad (tee, "sink");

  g_object_get (webrtc, "connection-state", &state, NULL);
  if (state != GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED)
    return;
  printf ("connected %s\n", self->id);
  gst_pad_push_event (source,
      gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE,
          0));
}

static void
on_answer (GstPromise *promise, gpointer user_data)
{
  Viewer *self = user_data;
  g_autoptr (GstWebRTCSessionDescription) answer = NULL;

  gst_structure_get (gst_promise_get_reply (promise), "answer",
      GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &answer, NULL);
  gst_promise_unref (promise);
  if (answer == NULL)
    return;
  g_autofree char *text = gst_sdp_message_as_text (answer->sdp);
  g_autofree char *coded = to_base64 (text);
  g_signal_emit_by_name (self->webrtc, "set-local-description", answer, NULL);
  printf ("answer %s %s\n", self->id, coded);
}

/* webrtcbin of 1.22 answers with the payload type and the SSRC it is told. */
static void
prefer (GstPad *pad)
{
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;
  g_autoptr (GstCaps) caps =
      gst_caps_new_simple ("application/x-rtp", "media", G_TYPE_STRING, "video",
          "encoding-name", G_TYPE_STRING, encoding, "clock-rate", G_TYPE_INT,
          90000, "payload", G_TYPE_INT, payload_type, "ssrc", G_TYPE_UINT,
          g_random_int (), "rtcp-fb-nack-pli", G_TYPE_BOOLEAN, TRUE, NULL);

  if (g_str_equal (encoding, "H264"))
    gst_caps_set_simple (caps, "packetization-mode", G_TYPE_STRING, "1",
        "profile-level-id", G_TYPE_STRING, "42e01f", NULL);
  g_object_get (pad, "transceiver", &transceiver, NULL);
  g_object_set (transceiver, "codec-preferences", caps, "direction",
      GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY, "do-nack", TRUE, NULL);
}

static void
feed (Viewer *self)
{
  g_autoptr (GstPad) sink =
      gst_element_request_pad_simple (self->webrtc, "sink_0");
  g_autoptr (GstPad) source = gst_element_get_static_pad (self->pay, "src");
  g_autoptr (GstPad) queue = gst_element_get_static_pad (self->queue, "sink");

  prefer (sink);
  gst_pad_link (source, sink);
  gst_element_sync_state_with_parent (self->pay);
  gst_element_sync_state_with_parent (self->queue);
  self->tee_pad = gst_element_request_pad_simple (tee, "src_%u");
  gst_pad_link (self->tee_pad, queue);
}

static void
on_offer_set (GstPromise *promise, gpointer user_data)
{
  Viewer *self = user_data;

  gst_promise_unref (promise);
  feed (self);
  g_signal_emit_by_name (self->webrtc, "create-answer", NULL,
      gst_promise_new_with_change_func (on_answer, self, NULL));
}

static Viewer *
make_viewer (const char *id)
{
  Viewer *self = g_new0 (Viewer, 1);

  self->id = g_strdup (id);
  self->queue = gst_element_factory_make_full ("queue", "leaky", 2,
      "max-size-buffers", 30, NULL);
  self->pay = gst_parse_bin_from_description (payloader, TRUE, NULL);
  self->webrtc = gst_element_factory_make_full ("webrtcbin", "bundle-policy",
      GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, NULL);
  gst_bin_add_many (GST_BIN (pipeline), self->queue, self->pay, self->webrtc,
      NULL);
  gst_element_link (self->queue, self->pay);
  g_signal_connect (self->webrtc, "on-ice-candidate",
      G_CALLBACK (on_ice_candidate), self);
  g_signal_connect (self->webrtc, "notify::connection-state",
      G_CALLBACK (on_state), self);
  gst_element_sync_state_with_parent (self->webrtc);
  g_hash_table_replace (viewers, self->id, self);
  return self;
}

static void
do_offer (const char *id, const char *coded)
{
  g_autofree char *text = from_base64 (coded);
  GstSDPMessage *sdp;

  if (gst_sdp_message_new_from_text (text, &sdp) != GST_SDP_OK)
    return;
  Viewer *self = make_viewer (id);
  g_autoptr (GstWebRTCSessionDescription) offer =
      gst_webrtc_session_description_new (GST_WEBRTC_SDP_TYPE_OFFER, sdp);
  g_signal_emit_by_name (self->webrtc, "set-remote-description", offer,
      gst_promise_new_with_change_func (on_offer_set, self, NULL));
}

static void
drop (gpointer data)
{
  GstElement *element = data;

  gst_element_set_state (element, GST_STATE_NULL);
  gst_bin_remove (GST_BIN (pipeline), element);
}

/* Off the tee first: what would go to NULL before would stop the others. The
 * memory of the viewer stays, as a signal may still be on its way. */
static void
do_leave (Viewer *self)
{
  if (self->tee_pad != NULL) {
    gst_element_release_request_pad (tee, self->tee_pad);
    gst_clear_object (&self->tee_pad);
  }
  g_hash_table_remove (viewers, self->id);
  drop (self->queue);
  drop (self->pay);
  drop (self->webrtc);
}

static void
do_candidate (Viewer *self, guint mline, const char *coded)
{
  g_autofree char *candidate = from_base64 (coded);

  g_signal_emit_by_name (self->webrtc, "add-ice-candidate", mline, candidate);
}

static void
do_line (const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 5);
  guint count = g_strv_length (words);
  Viewer *self = count > 1 ? g_hash_table_lookup (viewers, words[1]) : NULL;

  if (count == 3 && self == NULL && g_str_equal (words[0], "offer"))
    do_offer (words[1], words[2]);
  else if (count == 4 && self != NULL && g_str_equal (words[0], "candidate"))
    do_candidate (self, atoi (words[2]), words[3]);
  else if (count == 2 && self != NULL && g_str_equal (words[0], "leave"))
    do_leave (self);
}

static gboolean
on_input (GIOChannel *input, GIOCondition condition, gpointer loop)
{
  g_autofree char *line = NULL;
  gsize end;

  if (g_io_channel_read_line (input, &line, NULL, &end, NULL)
      != G_IO_STATUS_NORMAL) {
    g_main_loop_quit (loop);
    return G_SOURCE_REMOVE;
  }
  line[end] = '\0';
  do_line (line);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_message (GstBus *bus, GstMessage *message, gpointer loop)
{
  g_autoptr (GError) error = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    gst_message_parse_error (message, &error, NULL);
    fprintf (stderr, "webrtcbin: %s\n", error->message);
    g_main_loop_quit (loop);
  }
  return G_SOURCE_CONTINUE;
}

static gboolean
build (const char *source)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strdup_printf ("%s ! tee name=fanout "
                                           "allow-not-linked=true",
      source);

  pipeline = gst_parse_launch (text, &error);
  if (error != NULL) {
    fprintf (stderr, "webrtcbin: %s\n", error->message);
    return FALSE;
  }
  tee = gst_bin_get_by_name (GST_BIN (pipeline), "fanout");
  return TRUE;
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  if (argc != 5) {
    fprintf (stderr, "usage: webrtcbin PAYLOADER ENCODING PT SOURCE\n");
    return 2;
  }
  setvbuf (stdout, NULL, _IOLBF, 0);
  payloader = argv[1];
  encoding = argv[2];
  payload_type = atoi (argv[3]);
  if (!build (argv[4]))
    return 1;
  viewers = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GIOChannel) input = g_io_channel_unix_new (0);
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_io_add_watch (input, G_IO_IN | G_IO_HUP, on_input, loop);
  gst_bus_add_watch (bus, on_message, loop);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  puts ("playing");
  g_main_loop_run (loop);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return 0;
}
