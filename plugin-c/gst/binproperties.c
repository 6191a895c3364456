/* The element's properties: what there is, and what becomes of a value. */
#include "bininternal.h"

#include "error.h"
#include "preflight.h"

#define DEFAULT_VIDEO_CODECS "VP8,H264,VP9,H265,AV1"
#define DEFAULT_AUDIO_CODECS "OPUS,PCMU,PCMA"
#define DEFAULT_BITRATE 2000
#define DEFAULT_MIN_BITRATE 100
#define DEFAULT_MAX_BITRATE 20000
#define DEFAULT_LAYERS 1
#define DEFAULT_MAX_PEERS 10

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

/* `mutable` is the state up to which it may be set. */
static void
install_enum (GObjectClass *klass, guint id, const char *name, const char *nick,
    const char *blurb, GType type, int value, GParamFlags mutable)
{
  g_object_class_install_property (klass, id,
      g_param_spec_enum (name, nick, blurb, type, value,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | mutable));
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
  install_enum (klass, PROP_ROLE, "role", "Role",
      "What this end of the channel is", GST_TYPE_KINESIS_WEBRTC_ROLE,
      KVS_ROLE_MASTER, GST_PARAM_MUTABLE_READY);
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
  install_enum (klass, PROP_ICE_TRANSPORT_POLICY, "ice-transport-policy",
      "ICE transport policy", "Which candidates to use",
      GST_TYPE_KINESIS_WEBRTC_ICE_POLICY, FALSE, GST_PARAM_MUTABLE_READY);
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
  install_enum (klass, PROP_BITRATE_POLICY, "bitrate-policy", "Bit rate policy",
      "Whose path the video bit rate is lowered for, of those peers who "
      "watch it",
      GST_TYPE_KINESIS_WEBRTC_BITRATE_POLICY, GST_KVS_BITRATE_MAX,
      GST_PARAM_MUTABLE_READY);
  install_uint (klass, PROP_LAYERS, "layers", "Layers",
      "Smaller sizes of raw video, each half of the one before, for peers "
      "whose paths have no room for the whole picture; encoded while one "
      "needs them",
      GST_KVS_RUNGS_MAX - 1, DEFAULT_LAYERS);
  install_boolean (klass, PROP_TRANSCODE, "transcode", "Transcode",
      "Decode encoded input, once, and encode it anew, once for each codec, "
      "for those peers who cannot take it as it is",
      FALSE);
  install_enum (klass, PROP_ROTATION, "rotation", "Rotation",
      "Degrees clockwise by which peers are to turn the picture, in place "
      "of what its tags say",
      GST_TYPE_KINESIS_WEBRTC_ROTATION, -1, GST_PARAM_MUTABLE_PLAYING);
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

void
gst_kinesis_webrtc_bin_init_properties (GstKinesisWebrtcBin *self)
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
}

void
gst_kinesis_webrtc_bin_clear_properties (GstKinesisWebrtcBin *self)
{
  kvs_config_free (self->config);
  g_free (self->video_codecs);
  g_free (self->audio_codecs);
  g_free (self->stun_server);
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

/* The three values are one: the access key, set last, hands them on. */
static void
pass_credentials (GstKinesisWebrtcBin *self)
{
  g_autoptr (GstKvsSwitchboard) switchboard =
      gst_kinesis_webrtc_bin_ref_switchboard (self);
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
set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
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
  g_autoptr (GstKvsSwitchboard) switchboard =
      gst_kinesis_webrtc_bin_ref_switchboard (self);

  g_value_take_boxed (value,
      switchboard ? gst_kvs_switchboard_get_stats (switchboard)
                  : gst_structure_new ("kinesiswebrtc-stats", "peers",
                      G_TYPE_INT, 0, NULL));
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
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

void
gst_kinesis_webrtc_bin_install_properties (GObjectClass *klass)
{
  klass->set_property = set_property;
  klass->get_property = get_property;
  install_access_properties (klass);
  install_media_properties (klass);
  gst_type_mark_as_plugin_api (GST_TYPE_KINESIS_WEBRTC_ROLE, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_KINESIS_WEBRTC_ICE_POLICY, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_KINESIS_WEBRTC_BITRATE_POLICY, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_KINESIS_WEBRTC_ROTATION, 0);
}

KvsConfig *
gst_kinesis_webrtc_bin_read_config (GstKinesisWebrtcBin *self, GError **error)
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

gboolean
gst_kinesis_webrtc_bin_read_settings (GstKinesisWebrtcBin *self,
    GstKvsSettings *settings, GError **error)
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
