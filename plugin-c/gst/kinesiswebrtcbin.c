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

#include "kinesiswebrtcbin.h"

#include "input.h"
#include "messages.h"
#include "preflight.h"
#include "error.h"
#include "switchboard.h"

GST_DEBUG_CATEGORY_STATIC (kinesiswebrtcbin_debug);
#define GST_CAT_DEFAULT kinesiswebrtcbin_debug

#define DEFAULT_VIDEO_CODECS "VP8,H264,VP9,H265,AV1"
#define DEFAULT_AUDIO_CODECS "OPUS,PCMU,PCMA"
#define DEFAULT_BITRATE 2000
#define DEFAULT_MIN_BITRATE 100
#define DEFAULT_MAX_BITRATE 20000
#define DEFAULT_LAYERS 1
#define DEFAULT_MAX_PEERS 10

struct _GstKinesisWebrtcBin {
  GstBin parent;

  /* Under the object lock; copied when the element starts. */
  KvsConfig *config;
  char *video_codecs;
  char *audio_codecs;
  char *stun_server;
  gboolean relay_only;
  guint bitrate, min_bitrate, max_bitrate;
  GstKvsBitratePolicy bitrate_policy;
  guint layers;
  gboolean transcode;
  int rotation; /* of every camera, or -1 */
  guint max_peers;
  guint stats_interval;

  /* Under the object lock: the sink pads' inputs, by their numbers. */
  GPtrArray *inputs;
  guint next_video, next_audio;

  /* Set by state changes, which the state lock orders; read under the object
   * lock by everyone else. NULL below PAUSED. */
  KvsWorker *worker;
  GstKvsSwitchboard *switchboard;

  GstKvsSignallerFactory make_signaller;
  gpointer make_signaller_data;
};

enum {
  PROP_CHANNEL = 1,
  PROP_REGION,
  PROP_ROLE,
  PROP_CLIENT_ID,
  PROP_CREATE_CHANNEL,
  PROP_ACCESS_KEY,
  PROP_SECRET_KEY,
  PROP_SESSION_TOKEN,
  PROP_PROFILE,
  PROP_IOT_CERTIFICATE,
  PROP_IOT_THING_NAME,
  PROP_ENDPOINT,
  PROP_CA_FILE,
  PROP_DUAL_STACK,
  PROP_FIPS,
  PROP_STUN_SERVER,
  PROP_ICE_TRANSPORT_POLICY,
  PROP_VIDEO_CODECS,
  PROP_AUDIO_CODECS,
  PROP_BITRATE,
  PROP_MIN_BITRATE,
  PROP_MAX_BITRATE,
  PROP_BITRATE_POLICY,
  PROP_LAYERS,
  PROP_TRANSCODE,
  PROP_ROTATION,
  PROP_MAX_PEERS,
  PROP_STATS_INTERVAL,
  PROP_STATS,
};

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

#define GST_TYPE_KINESIS_WEBRTC_ROLE (gst_kinesis_webrtc_role_get_type ())
static GType
gst_kinesis_webrtc_role_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { KVS_ROLE_MASTER, "Answers every viewer of the channel", "master" },
    { KVS_ROLE_VIEWER, "Offers to the channel's master", "viewer" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("GstKinesisWebrtcRole", values));
  return type;
}

#define GST_TYPE_KINESIS_WEBRTC_ICE_POLICY \
  (gst_kinesis_webrtc_ice_policy_get_type ())
static GType
gst_kinesis_webrtc_ice_policy_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { FALSE, "All candidates", "all" },
    { TRUE, "Only TURN relays", "relay" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("GstKinesisWebrtcIcePolicy", values));
  return type;
}

#define GST_TYPE_KINESIS_WEBRTC_BITRATE_POLICY \
  (gst_kinesis_webrtc_bitrate_policy_get_type ())
static GType
gst_kinesis_webrtc_bitrate_policy_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { GST_KVS_BITRATE_MAX, "The widest path counts", "max" },
    { GST_KVS_BITRATE_MEDIAN, "The one in the middle counts", "median" },
    { GST_KVS_BITRATE_MIN, "The narrowest path counts", "min" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("GstKinesisWebrtcBitratePolicy", values));
  return type;
}

#define GST_TYPE_KINESIS_WEBRTC_ROTATION \
  (gst_kinesis_webrtc_rotation_get_type ())
static GType
gst_kinesis_webrtc_rotation_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { -1, "As the image-orientation tag of each camera says", "auto" },
    { 0, "Not turned", "0" },
    { 90, "A quarter turn clockwise", "90" },
    { 180, "Half a turn", "180" },
    { 270, "A quarter turn counter-clockwise", "270" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("GstKinesisWebrtcRotation", values));
  return type;
}

static void gst_kinesis_webrtc_bin_set_property (GObject *object, guint id,
    const GValue *value, GParamSpec *spec);
static void gst_kinesis_webrtc_bin_get_property (GObject *object, guint id,
    GValue *value, GParamSpec *spec);
static GstPad *gst_kinesis_webrtc_bin_request_new_pad (GstElement *element,
    GstPadTemplate *template, const char *name, const GstCaps *caps);
static void gst_kinesis_webrtc_bin_release_pad (GstElement *element,
    GstPad *pad);
static GstStateChangeReturn gst_kinesis_webrtc_bin_change_state (
    GstElement *element, GstStateChange transition);
static gboolean gst_kinesis_webrtc_bin_send_event (GstElement *element,
    GstEvent *event);
static void disconnect_peer (GstKinesisWebrtcBin *self, const char *peer_id);
static void send_data (GstKinesisWebrtcBin *self, const char *peer_id,
    const char *text);
static void force_key_frame (GstKinesisWebrtcBin *self);
static void mute_peer (GstKinesisWebrtcBin *self, const char *peer_id,
    gboolean muted);

static KvsSignaller *
make_aws_signaller (KvsWorker *worker, const KvsConfig *config,
    gpointer user_data)
{
  return kvs_aws_signaller_new (worker, config);
}

static void
gst_kinesis_webrtc_bin_finalize (GObject *object)
{
  GstKinesisWebrtcBin *self = GST_KINESIS_WEBRTC_BIN (object);

  kvs_config_free (self->config);
  g_free (self->video_codecs);
  g_free (self->audio_codecs);
  g_free (self->stun_server);
  g_ptr_array_unref (self->inputs);
  G_OBJECT_CLASS (gst_kinesis_webrtc_bin_parent_class)->finalize (object);
}

static void
install_string (GObjectClass *klass, guint id, const char *name,
    const char *nick, const char *blurb, const char *value)
{
  g_object_class_install_property (klass, id,
      g_param_spec_string (name, nick, blurb, value,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
              | GST_PARAM_MUTABLE_READY));
}

static void
install_uint (GObjectClass *klass, guint id, const char *name, const char *nick,
    const char *blurb, guint max, guint value)
{
  g_object_class_install_property (klass, id,
      g_param_spec_uint (name, nick, blurb, 0, max, value,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
              | GST_PARAM_MUTABLE_READY));
}

/* May be set again while playing, and counts from then on. */
static void
install_bitrate (GObjectClass *klass, guint id, const char *name,
    const char *nick, const char *blurb, guint value)
{
  g_object_class_install_property (klass, id,
      g_param_spec_uint (name, nick, blurb, 0, 100000, value,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
              | GST_PARAM_MUTABLE_PLAYING));
}

static void
install_boolean (GObjectClass *klass, guint id, const char *name,
    const char *nick, const char *blurb, gboolean value)
{
  g_object_class_install_property (klass, id,
      g_param_spec_boolean (name, nick, blurb, value,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
              | GST_PARAM_MUTABLE_READY));
}

/* Secrets are write-only: a dot graph and `-v` print every readable property. */
static void
install_secret (GObjectClass *klass, guint id, const char *name,
    const char *nick, const char *blurb)
{
  g_object_class_install_property (klass, id,
      g_param_spec_string (name, nick, blurb, NULL,
          G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS
              | GST_PARAM_MUTABLE_PLAYING));
}

static void
install_access_properties (GObjectClass *klass)
{
  install_string (klass, PROP_CHANNEL, "channel", "Channel",
      "Signaling channel, by name or ARN (required)", NULL);
  install_string (klass, PROP_REGION, "region", "Region",
      "AWS region (default: AWS_REGION, AWS_DEFAULT_REGION, the profile's)",
      NULL);
  g_object_class_install_property (klass, PROP_ROLE,
      g_param_spec_enum ("role", "Role", "What this end of the channel is",
          GST_TYPE_KINESIS_WEBRTC_ROLE, KVS_ROLE_MASTER,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
              | GST_PARAM_MUTABLE_READY));
  install_string (klass, PROP_CLIENT_ID, "client-id", "Client id",
      "A viewer's id in the channel (default: a fresh UUID)", NULL);
  install_boolean (klass, PROP_CREATE_CHANNEL, "create-channel",
      "Create channel", "As master, create the channel when there is none",
      TRUE);
  install_secret (klass, PROP_ACCESS_KEY, "access-key", "Access key",
      "AWS access key id; setting it while playing applies secret-key and "
      "session-token too, set before it");
  install_secret (klass, PROP_SECRET_KEY, "secret-key", "Secret key",
      "AWS secret access key");
  install_secret (klass, PROP_SESSION_TOKEN, "session-token", "Session token",
      "AWS session token of temporary credentials");
  install_string (klass, PROP_PROFILE, "profile", "Profile",
      "Profile of the shared AWS configuration files", NULL);
  install_string (klass, PROP_IOT_CERTIFICATE, "iot-certificate",
      "IoT certificate",
      "AWS IoT credentials, in kvssink's spelling: "
      "iot-certificate,endpoint=...,cert-path=...,key-path=...,ca-path=...,"
      "role-aliases=...",
      NULL);
  install_string (klass, PROP_IOT_THING_NAME, "iot-thing-name",
      "IoT thing name",
      "Thing name sent with iot-certificate (default: the "
      "channel)",
      NULL);
  install_string (klass, PROP_ENDPOINT, "endpoint", "Endpoint",
      "Control plane to use instead of the region's, http(s)://host[:port] "
      "(default: AWS_ENDPOINT_URL_KINESIS_VIDEO, AWS_ENDPOINT_URL)",
      NULL);
  install_string (klass, PROP_CA_FILE, "ca-file", "CA file",
      "PEM file of certificate authorities to trust (default: AWS_CA_BUNDLE, "
      "the system's)",
      NULL);
  install_boolean (klass, PROP_DUAL_STACK, "dual-stack", "Dual stack",
      "Use the region's IPv4 and IPv6 endpoint", FALSE);
  install_boolean (klass, PROP_FIPS, "fips", "FIPS",
      "Use the region's FIPS endpoint", FALSE);
}

static void
install_media_properties (GObjectClass *klass)
{
  install_string (klass, PROP_STUN_SERVER, "stun-server", "STUN server",
      "stun:host:port to use instead of the service's", NULL);
  g_object_class_install_property (klass, PROP_ICE_TRANSPORT_POLICY,
      g_param_spec_enum ("ice-transport-policy", "ICE transport policy",
          "Which candidates to use", GST_TYPE_KINESIS_WEBRTC_ICE_POLICY, FALSE,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
              | GST_PARAM_MUTABLE_READY));
  install_string (klass, PROP_VIDEO_CODECS, "video-codecs", "Video codecs",
      "Codecs for raw video, the preferred first; AV1 where gst-plugins-rs "
      "has its payloader",
      DEFAULT_VIDEO_CODECS);
  install_string (klass, PROP_AUDIO_CODECS, "audio-codecs", "Audio codecs",
      "Codecs for raw audio, the preferred first", DEFAULT_AUDIO_CODECS);
  install_bitrate (klass, PROP_BITRATE, "bitrate", "Bit rate",
      "Of video that the element encodes, kbit/s", DEFAULT_BITRATE);
  install_bitrate (klass, PROP_MIN_BITRATE, "min-bitrate", "Least bit rate",
      "Lower bound of the video bit rate, kbit/s", DEFAULT_MIN_BITRATE);
  install_bitrate (klass, PROP_MAX_BITRATE, "max-bitrate", "Greatest bit rate",
      "Upper bound of the video bit rate, kbit/s", DEFAULT_MAX_BITRATE);
  g_object_class_install_property (klass, PROP_BITRATE_POLICY,
      g_param_spec_enum ("bitrate-policy", "Bit rate policy",
          "Whose path the video bit rate is lowered for, of those peers who "
          "watch it",
          GST_TYPE_KINESIS_WEBRTC_BITRATE_POLICY, GST_KVS_BITRATE_MAX,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
              | GST_PARAM_MUTABLE_READY));
  install_uint (klass, PROP_LAYERS, "layers", "Layers",
      "Smaller sizes of raw video, each half of the one before, for peers "
      "whose paths have no room for the whole picture; encoded while one "
      "needs them",
      GST_KVS_RUNGS_MAX - 1, DEFAULT_LAYERS);
  install_boolean (klass, PROP_TRANSCODE, "transcode", "Transcode",
      "Decode encoded input, once, and encode it anew, once for each codec, "
      "for those peers who cannot take it as it is",
      FALSE);
  g_object_class_install_property (klass, PROP_ROTATION,
      g_param_spec_enum ("rotation", "Rotation",
          "Degrees clockwise by which peers are to turn the picture, in place "
          "of what its tags say",
          GST_TYPE_KINESIS_WEBRTC_ROTATION, -1,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
              | GST_PARAM_MUTABLE_PLAYING));
  install_uint (klass, PROP_MAX_PEERS, "max-peers", "Most peers",
      "Offers beyond this many peers are refused", 1000, DEFAULT_MAX_PEERS);
  install_uint (klass, PROP_STATS_INTERVAL, "stats-interval",
      "Statistics interval",
      "Milliseconds between kinesiswebrtc-stats "
      "messages for each peer, 0 = none",
      3600000, 0);
  g_object_class_install_property (klass, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "Number of peers, and a structure for each: peer-0, peer-1, ...",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
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
   * Asks every video stream for a key frame, soon (300 ms apart at least).
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
add_sink_template (GstElementClass *klass, const char *name, GstKvsMedia media)
{
  g_autoptr (GstCaps) caps = gst_kvs_codec_sink_caps (media);

  gst_element_class_add_pad_template (klass,
      gst_pad_template_new (name, GST_PAD_SINK, GST_PAD_REQUEST, caps));
}

/* Elementary streams as they were sent; parsed where a parser says more. */
static void
add_source_template (GstElementClass *klass, const char *name,
    GstKvsMedia media)
{
  g_autoptr (GstCaps) caps = gst_caps_new_empty ();

  for (const GstKvsCodec *const *c = gst_kvs_codec_list (media); *c; c++)
    gst_caps_append (caps, gst_caps_from_string ((*c)->encoded_caps));
  gst_element_class_add_pad_template (klass,
      gst_pad_template_new (name, GST_PAD_SRC, GST_PAD_SOMETIMES, caps));
}

static void
gst_kinesis_webrtc_bin_class_init (GstKinesisWebrtcBinClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (kinesiswebrtcbin_debug, "kinesiswebrtcbin", 0,
      "Amazon Kinesis Video Streams WebRTC");
  object_class->finalize = gst_kinesis_webrtc_bin_finalize;
  object_class->set_property = gst_kinesis_webrtc_bin_set_property;
  object_class->get_property = gst_kinesis_webrtc_bin_get_property;
  element_class->request_new_pad = gst_kinesis_webrtc_bin_request_new_pad;
  element_class->release_pad = gst_kinesis_webrtc_bin_release_pad;
  element_class->change_state = gst_kinesis_webrtc_bin_change_state;
  element_class->send_event = gst_kinesis_webrtc_bin_send_event;

  install_access_properties (object_class);
  install_media_properties (object_class);
  install_signals (G_TYPE_FROM_CLASS (klass));
  add_sink_template (element_class, "video_sink_%u", GST_KVS_MEDIA_VIDEO);
  add_sink_template (element_class, "audio_sink_%u", GST_KVS_MEDIA_AUDIO);
  add_source_template (element_class, "video_src_%u", GST_KVS_MEDIA_VIDEO);
  add_source_template (element_class, "audio_src_%u", GST_KVS_MEDIA_AUDIO);
  gst_element_class_set_static_metadata (element_class,
      "Kinesis Video Streams WebRTC", "Sink/Source/Network/WebRTC",
      "Sends and receives audio and video on an Amazon Kinesis Video Streams "
      "WebRTC signaling channel, as its master or as a viewer",
      "The kvswebrtc-launch authors");
  gst_type_mark_as_plugin_api (GST_TYPE_KINESIS_WEBRTC_ROLE, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_KINESIS_WEBRTC_ICE_POLICY, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_KINESIS_WEBRTC_ROTATION, 0);
}

static void
gst_kinesis_webrtc_bin_init (GstKinesisWebrtcBin *self)
{
  self->config = g_new0 (KvsConfig, 1);
  self->config->create_channel = TRUE;
  self->video_codecs = g_strdup (DEFAULT_VIDEO_CODECS);
  self->audio_codecs = g_strdup (DEFAULT_AUDIO_CODECS);
  self->bitrate = DEFAULT_BITRATE;
  self->min_bitrate = DEFAULT_MIN_BITRATE;
  self->max_bitrate = DEFAULT_MAX_BITRATE;
  self->layers = DEFAULT_LAYERS;
  self->rotation = -1;
  self->max_peers = DEFAULT_MAX_PEERS;
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

/* The field behind a string property, NULL for any other. */
static char **
string_field (GstKinesisWebrtcBin *self, guint id)
{
  switch (id) {
    case PROP_CHANNEL:
      return &self->config->channel;
    case PROP_REGION:
      return &self->config->region;
    case PROP_CLIENT_ID:
      return &self->config->client_id;
    case PROP_ACCESS_KEY:
      return &self->config->access_key;
    case PROP_SECRET_KEY:
      return &self->config->secret_key;
    case PROP_SESSION_TOKEN:
      return &self->config->session_token;
    case PROP_PROFILE:
      return &self->config->profile;
    case PROP_IOT_CERTIFICATE:
      return &self->config->iot_certificate;
    case PROP_IOT_THING_NAME:
      return &self->config->iot_thing_name;
    case PROP_ENDPOINT:
      return &self->config->endpoint;
    case PROP_CA_FILE:
      return &self->config->ca_file;
    case PROP_STUN_SERVER:
      return &self->stun_server;
    case PROP_VIDEO_CODECS:
      return &self->video_codecs;
    case PROP_AUDIO_CODECS:
      return &self->audio_codecs;
    default:
      return NULL;
  }
}

static gboolean *
boolean_field (GstKinesisWebrtcBin *self, guint id)
{
  switch (id) {
    case PROP_CREATE_CHANNEL:
      return &self->config->create_channel;
    case PROP_DUAL_STACK:
      return &self->config->dual_stack;
    case PROP_FIPS:
      return &self->config->fips;
    case PROP_TRANSCODE:
      return &self->transcode;
    default:
      return NULL;
  }
}

static guint *
uint_field (GstKinesisWebrtcBin *self, guint id)
{
  switch (id) {
    case PROP_BITRATE:
      return &self->bitrate;
    case PROP_MIN_BITRATE:
      return &self->min_bitrate;
    case PROP_MAX_BITRATE:
      return &self->max_bitrate;
    case PROP_LAYERS:
      return &self->layers;
    case PROP_MAX_PEERS:
      return &self->max_peers;
    case PROP_STATS_INTERVAL:
      return &self->stats_interval;
    default:
      return NULL;
  }
}

/* The switchboard while there is one (transfer full). */
static GstKvsSwitchboard *
ref_switchboard (GstKinesisWebrtcBin *self)
{
  GstKvsSwitchboard *switchboard;

  GST_OBJECT_LOCK (self);
  switchboard = self->switchboard ? g_object_ref (self->switchboard) : NULL;
  GST_OBJECT_UNLOCK (self);
  return switchboard;
}

/* The three values are one: the access key, set last, hands them on. */
static void
pass_credentials (GstKinesisWebrtcBin *self)
{
  g_autoptr (GstKvsSwitchboard) switchboard = ref_switchboard (self);
  g_autoptr (KvsConfig) copy = NULL;

  if (!switchboard)
    return;
  GST_OBJECT_LOCK (self);
  copy = kvs_config_copy (self->config);
  GST_OBJECT_UNLOCK (self);
  gst_kvs_switchboard_set_credentials (switchboard, copy->access_key,
      copy->secret_key, copy->session_token);
}

/* bit/s, between its bounds. Object lock held. */
static guint
bitrate_unlocked (GstKinesisWebrtcBin *self)
{
  return 1000
      * CLAMP (self->bitrate, self->min_bitrate,
          MAX (self->min_bitrate, self->max_bitrate));
}

static void
pass_bitrate (GstKinesisWebrtcBin *self)
{
  /* Queued under the lock: of two threads that set it, the last one counts. */
  GST_OBJECT_LOCK (self);
  if (self->switchboard)
    gst_kvs_switchboard_set_bitrate (self->switchboard, bitrate_unlocked (self),
        1000 * self->min_bitrate);
  GST_OBJECT_UNLOCK (self);
}

static void
set_rotation_unlocked (GstKinesisWebrtcBin *self, int degrees)
{
  self->rotation = degrees;
  for (guint i = 0; i < self->inputs->len; i++)
    gst_kvs_input_set_rotation (g_ptr_array_index (self->inputs, i), degrees);
}

static void
gst_kinesis_webrtc_bin_set_property (GObject *object, guint id,
    const GValue *value, GParamSpec *spec)
{
  GstKinesisWebrtcBin *self = GST_KINESIS_WEBRTC_BIN (object);
  char **string = string_field (self, id);
  gboolean *boolean = boolean_field (self, id);
  guint *number = uint_field (self, id);

  GST_OBJECT_LOCK (self);
  if (string) {
    g_free (*string);
    *string = g_value_dup_string (value);
  } else if (boolean) {
    *boolean = g_value_get_boolean (value);
  } else if (number) {
    *number = g_value_get_uint (value);
  } else if (id == PROP_ROLE) {
    self->config->role = (KvsRole) g_value_get_enum (value);
  } else if (id == PROP_ICE_TRANSPORT_POLICY) {
    self->relay_only = g_value_get_enum (value);
  } else if (id == PROP_BITRATE_POLICY) {
    self->bitrate_policy = g_value_get_enum (value);
  } else if (id == PROP_ROTATION) {
    set_rotation_unlocked (self, g_value_get_enum (value));
  } else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
  }
  GST_OBJECT_UNLOCK (self);

  if (id == PROP_ACCESS_KEY)
    pass_credentials (self);
  if (id == PROP_BITRATE || id == PROP_MIN_BITRATE || id == PROP_MAX_BITRATE)
    pass_bitrate (self);
}

static void
get_stats (GstKinesisWebrtcBin *self, GValue *value)
{
  g_autoptr (GstKvsSwitchboard) switchboard = ref_switchboard (self);

  g_value_take_boxed (value,
      switchboard ? gst_kvs_switchboard_get_stats (switchboard)
                  : gst_structure_new ("kinesiswebrtc-stats", "peers",
                      G_TYPE_INT, 0, NULL));
}

static void
gst_kinesis_webrtc_bin_get_property (GObject *object, guint id, GValue *value,
    GParamSpec *spec)
{
  GstKinesisWebrtcBin *self = GST_KINESIS_WEBRTC_BIN (object);
  char **string = string_field (self, id);
  gboolean *boolean = boolean_field (self, id);
  guint *number = uint_field (self, id);

  if (id == PROP_STATS) {
    get_stats (self, value);
    return;
  }
  GST_OBJECT_LOCK (self);
  if (string)
    g_value_set_string (value, *string);
  else if (boolean)
    g_value_set_boolean (value, *boolean);
  else if (number)
    g_value_set_uint (value, *number);
  else if (id == PROP_ROLE)
    g_value_set_enum (value, self->config->role);
  else if (id == PROP_ICE_TRANSPORT_POLICY)
    g_value_set_enum (value, self->relay_only);
  else if (id == PROP_BITRATE_POLICY)
    g_value_set_enum (value, self->bitrate_policy);
  else if (id == PROP_ROTATION)
    g_value_set_enum (value, self->rotation);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
  GST_OBJECT_UNLOCK (self);
}

static void
disconnect_peer (GstKinesisWebrtcBin *self, const char *peer_id)
{
  g_autoptr (GstKvsSwitchboard) switchboard = ref_switchboard (self);

  if (switchboard && peer_id)
    gst_kvs_switchboard_disconnect_peer (switchboard, peer_id);
}

static void
force_key_frame (GstKinesisWebrtcBin *self)
{
  g_autoptr (GstKvsSwitchboard) switchboard = ref_switchboard (self);

  if (switchboard)
    gst_kvs_switchboard_force_key_frame (switchboard);
}

static void
mute_peer (GstKinesisWebrtcBin *self, const char *peer_id, gboolean muted)
{
  g_autoptr (GstKvsSwitchboard) switchboard = ref_switchboard (self);

  if (switchboard && peer_id)
    gst_kvs_switchboard_mute_peer (switchboard, peer_id, muted);
}

static void
send_data (GstKinesisWebrtcBin *self, const char *peer_id, const char *text)
{
  g_autoptr (GstKvsSwitchboard) switchboard = ref_switchboard (self);

  if (switchboard && text)
    gst_kvs_switchboard_send_data (switchboard,
        peer_id && *peer_id ? peer_id : NULL, text);
}

static gpointer
ref_input (gconstpointer input, gpointer unused)
{
  return g_object_ref ((gpointer) input);
}

static GPtrArray *
copy_inputs (gpointer user_data)
{
  GstKinesisWebrtcBin *self = user_data;
  GPtrArray *copy;

  GST_OBJECT_LOCK (self);
  copy = g_ptr_array_copy (self->inputs, (GCopyFunc) ref_input, NULL);
  GST_OBJECT_UNLOCK (self);
  g_ptr_array_set_free_func (copy, g_object_unref);
  return copy;
}

static void
on_input_changed (gpointer user_data)
{
  GstKinesisWebrtcBin *self = user_data;
  g_autoptr (GstKvsSwitchboard) switchboard = ref_switchboard (self);

  if (switchboard)
    gst_kvs_switchboard_input_changed (switchboard);
}

/* That of "video_sink_3", or the next free one. Object lock held. */
static guint
pad_number_unlocked (guint *next, const char *template, const char *name)
{
  guint number = *next;

  if (name && *name)
    number = (guint) g_ascii_strtoull (name + strlen (template) - 2, NULL, 10);
  *next = MAX (*next, number + 1);
  return number;
}

static int
compare_inputs (gconstpointer a, gconstpointer b)
{
  guint first = gst_kvs_input_get_number (*(GstKvsInput *const *) a);
  guint second = gst_kvs_input_get_number (*(GstKvsInput *const *) b);

  return first < second ? -1 : first > second;
}

/* A viewer of one camera sees the one with the lowest number, in whatever
 * order they were linked. */
static GstKvsInput *
add_input (GstKinesisWebrtcBin *self, GstKvsMedia media, guint number)
{
  GstKvsInput *input =
      gst_kvs_input_new (media, number, on_input_changed, self);
  GstElement *sink = gst_kvs_input_get_sink (input);

  gst_bin_add (GST_BIN (self), sink);
  gst_element_sync_state_with_parent (sink);
  GST_OBJECT_LOCK (self);
  gst_kvs_input_set_rotation (input, self->rotation);
  g_ptr_array_add (self->inputs, input);
  g_ptr_array_sort (self->inputs, compare_inputs);
  GST_OBJECT_UNLOCK (self);
  return input;
}

static GstPad *
gst_kinesis_webrtc_bin_request_new_pad (GstElement *element,
    GstPadTemplate *template, const char *name, const GstCaps *caps)
{
  GstKinesisWebrtcBin *self = GST_KINESIS_WEBRTC_BIN (element);
  const char *kind = GST_PAD_TEMPLATE_NAME_TEMPLATE (template);
  GstKvsMedia media = g_str_has_prefix (kind, "video") ? GST_KVS_MEDIA_VIDEO
                                                       : GST_KVS_MEDIA_AUDIO;
  guint *next =
      media == GST_KVS_MEDIA_VIDEO ? &self->next_video : &self->next_audio;
  g_autoptr (GstPad) target = NULL;
  g_autofree char *pad_name = NULL;
  GstKvsInput *input;
  guint number;
  GstPad *pad;

  GST_OBJECT_LOCK (self);
  number = pad_number_unlocked (next, kind, name);
  GST_OBJECT_UNLOCK (self);
  input = add_input (self, media, number);
  target = gst_element_get_static_pad (gst_kvs_input_get_sink (input), "sink");
  pad_name = g_strdup_printf ("%s_sink_%u", gst_kvs_media_name (media), number);
  pad = gst_ghost_pad_new_from_template (pad_name, target, template);
  g_object_set_data (G_OBJECT (pad), "kvs-input", input);
  gst_pad_set_active (pad, TRUE);
  gst_element_add_pad (element, pad);
  return pad;
}

static void
gst_kinesis_webrtc_bin_release_pad (GstElement *element, GstPad *pad)
{
  GstKinesisWebrtcBin *self = GST_KINESIS_WEBRTC_BIN (element);
  g_autoptr (GstKvsInput) input = NULL;
  GstElement *sink;
  guint index;

  GST_OBJECT_LOCK (self);
  if (g_ptr_array_find (self->inputs,
          g_object_get_data (G_OBJECT (pad), "kvs-input"), &index))
    input = g_ptr_array_steal_index (self->inputs, index);
  GST_OBJECT_UNLOCK (self);
  gst_element_remove_pad (element, pad);
  if (!input)
    return;
  sink = gst_kvs_input_get_sink (input);
  gst_element_set_locked_state (sink, TRUE);
  gst_element_set_state (sink, GST_STATE_NULL);
  gst_bin_remove (GST_BIN (self), sink);
}

/* The parent ends the pads that are there; then come those still to come, or
 * they would be ended before they have begun. */
static gboolean
gst_kinesis_webrtc_bin_send_event (GstElement *element, GstEvent *event)
{
  g_autoptr (GstKvsSwitchboard) switchboard =
      ref_switchboard (GST_KINESIS_WEBRTC_BIN (element));
  gboolean is_end = GST_EVENT_TYPE (event) == GST_EVENT_EOS;
  gboolean is_sent = GST_ELEMENT_CLASS (gst_kinesis_webrtc_bin_parent_class)
                         ->send_event (element, event);

  if (switchboard && is_end)
    gst_kvs_switchboard_end_streams (switchboard);
  return is_sent;
}

/* Reads the media half of the properties. */
static gboolean
read_settings (GstKinesisWebrtcBin *self, GstKvsSettings *settings,
    GError **error)
{
  g_autofree char *unknown = NULL;

  GST_OBJECT_LOCK (self);
  settings->channel = g_strdup (self->config->channel);
  settings->is_viewer = self->config->role == KVS_ROLE_VIEWER;
  settings->max_peers = self->max_peers;
  settings->stun_server = g_strdup (self->stun_server);
  settings->relay_only = self->relay_only;
  settings->stats_interval_ms = self->stats_interval;
  settings->video_bitrate = bitrate_unlocked (self);
  settings->min_video_bitrate = 1000 * self->min_bitrate;
  settings->bitrate_policy = self->bitrate_policy;
  settings->n_smaller = self->layers;
  settings->transcode = self->transcode;
  settings->video_codecs = gst_kvs_codec_parse_order (GST_KVS_MEDIA_VIDEO,
      self->video_codecs ? self->video_codecs : DEFAULT_VIDEO_CODECS, &unknown);
  if (settings->video_codecs)
    settings->audio_codecs = gst_kvs_codec_parse_order (GST_KVS_MEDIA_AUDIO,
        self->audio_codecs ? self->audio_codecs : DEFAULT_AUDIO_CODECS,
        &unknown);
  GST_OBJECT_UNLOCK (self);
  if (unknown)
    g_set_error (error, KVS_ERROR, KVS_ERROR_SETTINGS,
        "%s names no codec: %s-codecs takes %s", unknown,
        settings->video_codecs ? "audio" : "video",
        settings->video_codecs ? DEFAULT_AUDIO_CODECS : DEFAULT_VIDEO_CODECS);
  return unknown == NULL;
}

static KvsConfig *
read_config (GstKinesisWebrtcBin *self, GError **error)
{
  g_autoptr (KvsConfig) config = NULL;

  GST_OBJECT_LOCK (self);
  config = kvs_config_copy (self->config);
  GST_OBJECT_UNLOCK (self);
  if (!config->client_id)
    config->client_id = g_uuid_string_random ();
  if (!gst_kvs_preflight_check_config (config, error))
    return NULL;
  return g_steal_pointer (&config);
}

static gboolean
start (GstKinesisWebrtcBin *self, GError **error)
{
  g_autoptr (KvsConfig) config = read_config (self, error);
  g_autoptr (KvsSignaller) signaller = NULL;
  GstKvsSettings settings = { NULL };
  GstKvsSwitchboard *switchboard;

  if (!config)
    return FALSE;
  if (!read_settings (self, &settings, error)) {
    gst_kvs_settings_clear (&settings);
    return FALSE;
  }
  self->worker = kvs_worker_new ("kvs-worker");
  signaller =
      self->make_signaller (self->worker, config, self->make_signaller_data);
  switchboard = gst_kvs_switchboard_new (GST_ELEMENT (self), self->worker,
      signaller, &settings, copy_inputs, self);
  GST_OBJECT_LOCK (self);
  self->switchboard = switchboard;
  /* Also before it has a pad, or nobody would tell it of an end of stream. */
  if (config->role == KVS_ROLE_VIEWER)
    GST_OBJECT_FLAG_SET (self, GST_ELEMENT_FLAG_SOURCE);
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

static void
reset_inputs (GstKinesisWebrtcBin *self)
{
  g_autoptr (GPtrArray) inputs = copy_inputs (self);

  for (guint i = 0; i < inputs->len; i++)
    gst_kvs_input_reset (g_ptr_array_index (inputs, i));
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
    reset_inputs (self);
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
