/**
 * SECTION:element-kinesiswebrtcbin
 * @title: kinesiswebrtcbin
 *
 * Sends and receives audio and video on an Amazon Kinesis Video Streams
 * WebRTC signaling channel. As its master it answers each viewer's offer,
 * encodes raw media once for all of them, and passes encoded media through.
 * As a viewer it offers to the master, as often as it takes, and gives the
 * master's media on pads that stay while the master comes and goes. AWS
 * credentials and region are found as AWS tools find them.
 *
 * ## Example launch lines
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! kinesiswebrtcbin channel=cam1
 * ]| A test picture to all viewers of the channel cam1, created if need be.
 * |[
 * gst-launch-1.0 v4l2src ! kinesiswebrtcbin name=k channel=cam1 pulsesrc ! k.
 * ]| A camera and a microphone.
 * |[
 * gst-launch-1.0 rtspsrc location=rtsp://camera/ ! rtph264depay ! kinesiswebrtcbin channel=cam1
 * ]| An IP camera's H264 as it is, without a transcode.
 * |[
 * gst-launch-1.0 kinesiswebrtcbin role=viewer channel=cam1 ! decodebin ! autovideosink
 * ]| Shows the picture of the channel's master.
 */

#include "bininternal.h"

#include "messages.h"
#include "preflight.h"

GST_DEBUG_CATEGORY_STATIC (kinesiswebrtcbin_debug);
#define GST_CAT_DEFAULT kinesiswebrtcbin_debug

enum {
  SIGNAL_DISCONNECT_PEER,
  SIGNAL_FORCE_KEY_FRAME,
  SIGNAL_MUTE_PEER,
  SIGNAL_SEND_DATA,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GstKinesisWebrtcBin, gst_kinesis_webrtc_bin, GST_TYPE_BIN);
GST_ELEMENT_REGISTER_DEFINE (kinesiswebrtcbin, "kinesiswebrtcbin",
    GST_RANK_NONE, GST_TYPE_KINESIS_WEBRTC_BIN);

GstKvsSwitchboard *
gst_kinesis_webrtc_bin_ref_switchboard (GstKinesisWebrtcBin *self)
{
  GstKvsSwitchboard *switchboard;

  GST_OBJECT_LOCK (self);
  switchboard = self->switchboard ? g_object_ref (self->switchboard) : NULL;
  GST_OBJECT_UNLOCK (self);
  return switchboard;
}

static void
disconnect_peer (GstKinesisWebrtcBin *self, const char *peer_id)
{
  g_autoptr (GstKvsSwitchboard) switchboard =
      gst_kinesis_webrtc_bin_ref_switchboard (self);

  if (switchboard && peer_id)
    gst_kvs_switchboard_disconnect_peer (switchboard, peer_id);
}

static void
force_key_frame (GstKinesisWebrtcBin *self)
{
  g_autoptr (GstKvsSwitchboard) switchboard =
      gst_kinesis_webrtc_bin_ref_switchboard (self);

  if (switchboard)
    gst_kvs_switchboard_force_key_frame (switchboard);
}

static void
mute_peer (GstKinesisWebrtcBin *self, const char *peer_id, gboolean muted)
{
  g_autoptr (GstKvsSwitchboard) switchboard =
      gst_kinesis_webrtc_bin_ref_switchboard (self);

  if (switchboard && peer_id)
    gst_kvs_switchboard_mute_peer (switchboard, peer_id, muted);
}

static void
send_data (GstKinesisWebrtcBin *self, const char *peer_id, const char *text)
{
  g_autoptr (GstKvsSwitchboard) switchboard =
      gst_kinesis_webrtc_bin_ref_switchboard (self);

  if (switchboard && text)
    gst_kvs_switchboard_send_data (switchboard,
        peer_id && *peer_id ? peer_id : NULL, text);
}

static void
install_signals (GType type)
{
  /**
   * GstKinesisWebrtcBin::disconnect-peer:
   * @peer_id: as in the messages
   *
   * Ends the session of one peer; unknown ids are ignored. A viewer that
   * ends its master's calls it no more until the element is started anew.
   * Any thread.
   */
  signals[SIGNAL_DISCONNECT_PEER] =
      g_signal_new_class_handler ("disconnect-peer", type,
          G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, G_CALLBACK (disconnect_peer),
          NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  /**
   * GstKinesisWebrtcBin::force-key-frame:
   *
   * Asks every video stream for a key frame, soon (340 ms apart at least).
   * Any thread.
   */
  signals[SIGNAL_FORCE_KEY_FRAME] =
      g_signal_new_class_handler ("force-key-frame", type,
          G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, G_CALLBACK (force_key_frame),
          NULL, NULL, NULL, G_TYPE_NONE, 0);
  /**
   * GstKinesisWebrtcBin::mute-peer:
   * @peer_id: as in the messages
   * @muted: %TRUE to send it no more audio and video, %FALSE to send it again
   *
   * Data channels, and what the peer itself sends, go on. Its picture begins
   * again with a key frame. It holds until the peer leaves; unknown ids are
   * ignored. Any thread; it takes effect soon after, as all of these do.
   */
  signals[SIGNAL_MUTE_PEER] = g_signal_new_class_handler ("mute-peer", type,
      G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, G_CALLBACK (mute_peer), NULL, NULL,
      NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_BOOLEAN);
  /**
   * GstKinesisWebrtcBin::send-data:
   * @peer_id: as in the messages, or an empty string for every peer
   * @text: UTF-8
   *
   * Sends text on the peer's open data channels; a peer without one gets
   * nothing.
   */
  signals[SIGNAL_SEND_DATA] = g_signal_new_class_handler ("send-data", type,
      G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, G_CALLBACK (send_data), NULL, NULL,
      NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
end_source (const GValue *source, gpointer event)
{
  gst_element_send_event (g_value_get_object (source), gst_event_ref (event));
}

/* Of the pads that are there. Not by the parent, which would end the inputs as
 * well: those have their end from upstream, behind what is still on its way to
 * them; and in PAUSED, where they wait with it, the caller would wait too. */
static void
end_sources (GstBin *bin, GstEvent *event)
{
  GstIterator *sources = gst_bin_iterate_sources (bin);

  while (
      gst_iterator_foreach (sources, end_source, event) == GST_ITERATOR_RESYNC)
    gst_iterator_resync (sources);
  gst_iterator_free (sources);
}

/* First the pads that are there; then those still to come, or they would be
 * ended before they have begun, and what is behind those that have gone. */
static gboolean
gst_kinesis_webrtc_bin_send_event (GstElement *element, GstEvent *event)
{
  g_autoptr (GstKvsSwitchboard) switchboard =
      gst_kinesis_webrtc_bin_ref_switchboard (GST_KINESIS_WEBRTC_BIN (element));

  if (GST_EVENT_TYPE (event) != GST_EVENT_EOS)
    return GST_ELEMENT_CLASS (gst_kinesis_webrtc_bin_parent_class)
        ->send_event (element, event);
  end_sources (GST_BIN (element), event);
  gst_event_unref (event);
  if (switchboard)
    gst_kvs_switchboard_end_streams (switchboard);
  return TRUE;
}

static gboolean
start (GstKinesisWebrtcBin *self, GError **error)
{
  g_autoptr (KvsConfig) config =
      gst_kinesis_webrtc_bin_read_config (self, error);
  g_autoptr (KvsSignaller) signaller = NULL;
  GstKvsSettings settings = { NULL };
  GstKvsSwitchboard *switchboard;

  if (!config)
    return FALSE;
  if (!gst_kinesis_webrtc_bin_read_settings (self, &settings, error)) {
    gst_kvs_settings_clear (&settings);
    return FALSE;
  }
  self->worker = kvs_worker_new ("kvs-worker");
  signaller =
      self->make_signaller (self->worker, config, self->make_signaller_data);
  switchboard = gst_kvs_switchboard_new (GST_ELEMENT (self), self->worker,
      signaller, &settings, gst_kinesis_webrtc_bin_copy_inputs, self);
  GST_OBJECT_LOCK (self);
  self->switchboard = switchboard;
  GST_OBJECT_UNLOCK (self);
  gst_kvs_switchboard_start (switchboard);
  return TRUE;
}

static void
stop (GstKinesisWebrtcBin *self)
{
  GstKvsSwitchboard *switchboard;

  GST_OBJECT_LOCK (self);
  switchboard = g_steal_pointer (&self->switchboard);
  GST_OBJECT_UNLOCK (self);
  if (!switchboard)
    return;
  gst_kvs_switchboard_stop (switchboard);
  g_object_unref (switchboard);
  kvs_worker_stop (self->worker);
  g_clear_object (&self->worker);
}

/* Before the parent: what must be there before anything flows. */
static gboolean
change_state_up (GstKinesisWebrtcBin *self, GstStateChange transition,
    GError **error)
{
  switch (transition) {
    case GST_STATE_CHANGE_NULL_TO_READY:
      return gst_kvs_preflight_check_plugins (error);
    case GST_STATE_CHANGE_READY_TO_PAUSED:
      return start (self, error);
    case GST_STATE_CHANGE_PAUSED_TO_READY:
      stop (self);
      return TRUE;
    default:
      return TRUE;
  }
}

static GstStateChangeReturn
gst_kinesis_webrtc_bin_change_state (GstElement *element,
    GstStateChange transition)
{
  GstKinesisWebrtcBin *self = GST_KINESIS_WEBRTC_BIN (element);
  g_autoptr (GError) error = NULL;
  GstStateChangeReturn ret;

  if (!change_state_up (self, transition, &error)) {
    gst_kvs_post_error (element, error);
    return GST_STATE_CHANGE_FAILURE;
  }
  ret = GST_ELEMENT_CLASS (gst_kinesis_webrtc_bin_parent_class)
            ->change_state (element, transition);

  if (ret == GST_STATE_CHANGE_FAILURE) {
    if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
      stop (self);
    return ret;
  }
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    gst_kinesis_webrtc_bin_reset_inputs (self);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING && self->switchboard)
    gst_kvs_switchboard_update_timing (self->switchboard);
  /* Viewers come when they come: like any live element, nothing here is
   * ready to be shown before PLAYING, and nobody must wait for it. */
  if ((transition == GST_STATE_CHANGE_READY_TO_PAUSED
          || transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED)
      && ret == GST_STATE_CHANGE_SUCCESS)
    ret = GST_STATE_CHANGE_NO_PREROLL;
  return ret;
}

static void
gst_kinesis_webrtc_bin_finalize (GObject *object)
{
  GstKinesisWebrtcBin *self = GST_KINESIS_WEBRTC_BIN (object);

  gst_kinesis_webrtc_bin_clear_properties (self);
  g_ptr_array_unref (self->inputs);
  G_OBJECT_CLASS (gst_kinesis_webrtc_bin_parent_class)->finalize (object);
}

static void
gst_kinesis_webrtc_bin_class_init (GstKinesisWebrtcBinClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (kinesiswebrtcbin_debug, "kinesiswebrtcbin", 0,
      "Amazon Kinesis Video Streams WebRTC");
  object_class->finalize = gst_kinesis_webrtc_bin_finalize;
  element_class->change_state = gst_kinesis_webrtc_bin_change_state;
  element_class->send_event = gst_kinesis_webrtc_bin_send_event;

  gst_kinesis_webrtc_bin_install_properties (object_class);
  gst_kinesis_webrtc_bin_install_pads (element_class);
  install_signals (G_TYPE_FROM_CLASS (klass));
  gst_element_class_set_static_metadata (element_class,
      "Kinesis Video Streams WebRTC", "Sink/Source/Network/WebRTC",
      "Sends and receives audio and video on an Amazon Kinesis Video Streams "
      "WebRTC signaling channel, as its master or as a viewer",
      "The kvswebrtc-launch authors");
}

static KvsSignaller *
make_aws_signaller (KvsWorker *worker, const KvsConfig *config,
    gpointer user_data)
{
  return kvs_aws_signaller_new (worker, config);
}

static void
gst_kinesis_webrtc_bin_init (GstKinesisWebrtcBin *self)
{
  /* Also while it has no pad that comes out, or its parent would not tell it
   * that the application ends the stream. */
  gst_bin_set_suppressed_flags (GST_BIN (self), GST_ELEMENT_FLAG_SOURCE);
  GST_OBJECT_FLAG_SET (self, GST_ELEMENT_FLAG_SOURCE);
  gst_kinesis_webrtc_bin_init_properties (self);
  self->inputs = g_ptr_array_new_with_free_func (g_object_unref);
  self->make_signaller = make_aws_signaller;
}

void
gst_kinesis_webrtc_bin_set_signaller_factory (GstKinesisWebrtcBin *self,
    GstKvsSignallerFactory factory, gpointer user_data)
{
  self->make_signaller = factory;
  self->make_signaller_data = user_data;
}
