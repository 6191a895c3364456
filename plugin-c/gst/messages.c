#include "messages.h"

#include "error.h"

static void
post (GstElement *element, GstStructure *structure)
{
  gst_element_post_message (element,
      gst_message_new_element (GST_OBJECT (element), structure));
}

void
gst_kvs_post_signaling (GstElement *element, const char *channel,
    KvsSignallerState state, const char *detail, gint64 gap_ms)
{
  GstStructure *structure = gst_structure_new ("kinesiswebrtc-signaling",
      "channel", G_TYPE_STRING, channel, "state", G_TYPE_STRING,
      kvs_signaller_state_nick (state), "detail", G_TYPE_STRING, detail, NULL);

  if (gap_ms >= 0)
    gst_structure_set (structure, "gap-ms", G_TYPE_INT64, gap_ms, NULL);
  post (element, structure);
}

void
gst_kvs_post_peer_connected (GstElement *element, const char *peer_id,
    const GstKvsPeerPath *path, gint64 setup_ms)
{
  post (element,
      gst_structure_new ("kinesiswebrtc-peer-connected", "peer-id",
          G_TYPE_STRING, peer_id, "local-candidate", G_TYPE_STRING,
          path->local_candidate, "remote-candidate", G_TYPE_STRING,
          path->remote_candidate, "protocol", G_TYPE_STRING, path->protocol,
          "setup-ms", G_TYPE_INT64, setup_ms, NULL));
}

void
gst_kvs_post_peer_disconnected (GstElement *element, const char *peer_id,
    const char *reason, const GstKvsPeerStats *stats)
{
  post (element,
      gst_structure_new ("kinesiswebrtc-peer-disconnected", "peer-id",
          G_TYPE_STRING, peer_id, "reason", G_TYPE_STRING, reason,
          "duration-ms", G_TYPE_INT64, stats->duration_ms, "bytes-sent",
          G_TYPE_INT64, (gint64) stats->bytes_sent, "bytes-received",
          G_TYPE_INT64, (gint64) stats->bytes_received, NULL));
}

void
gst_kvs_post_peer_refused (GstElement *element, const char *peer_id,
    const char *reason)
{
  post (element,
      gst_structure_new ("kinesiswebrtc-peer-refused", "peer-id", G_TYPE_STRING,
          peer_id, "reason", G_TYPE_STRING, reason, NULL));
}

void
gst_kvs_post_waiting (GstElement *element, const char *channel,
    const char *peer_id)
{
  post (element,
      gst_structure_new ("kinesiswebrtc-waiting", "channel", G_TYPE_STRING,
          channel, "peer-id", G_TYPE_STRING, peer_id, NULL));
}

void
gst_kvs_post_first_frame (GstElement *element, const char *peer_id,
    GstKvsMedia media, gint64 ms)
{
  post (element,
      gst_structure_new ("kinesiswebrtc-first-frame", "peer-id", G_TYPE_STRING,
          peer_id, "media", G_TYPE_STRING, gst_kvs_media_name (media), "ms",
          G_TYPE_INT64, ms, NULL));
}

void
gst_kvs_post_stalled (GstElement *element, const char *peer_id,
    GstKvsStage stage, const char *media, const char *detail, gint64 ms)
{
  post (element,
      gst_structure_new ("kinesiswebrtc-stalled", "peer-id", G_TYPE_STRING,
          peer_id, "stage", G_TYPE_STRING, gst_kvs_stage_name (stage), "media",
          G_TYPE_STRING, media, "detail", G_TYPE_STRING, detail, "ms",
          G_TYPE_INT64, ms, NULL));
}

void
gst_kvs_post_track (GstElement *element, const char *peer_id,
    const GstKvsCodec *codec, const char *pad, gboolean added)
{
  post (element,
      gst_structure_new ("kinesiswebrtc-track", "peer-id", G_TYPE_STRING,
          peer_id, "media", G_TYPE_STRING, gst_kvs_media_name (codec->media),
          "codec", G_TYPE_STRING, codec->name, "pad", G_TYPE_STRING, pad,
          "added", G_TYPE_BOOLEAN, added, NULL));
}

void
gst_kvs_post_data_channel (GstElement *element, const char *peer_id,
    const char *label)
{
  post (element,
      gst_structure_new ("kinesiswebrtc-data-channel", "peer-id", G_TYPE_STRING,
          peer_id, "label", G_TYPE_STRING, label, NULL));
}

void
gst_kvs_post_data (GstElement *element, const char *peer_id, const char *label,
    const char *text)
{
  post (element,
      gst_structure_new ("kinesiswebrtc-data", "peer-id", G_TYPE_STRING,
          peer_id, "label", G_TYPE_STRING, label, "text", G_TYPE_STRING, text,
          NULL));
}

/* "width" of the first, "width-1" of the second (transfer full). */
static char *
field_of_camera (const char *name, guint number)
{
  return number > 0 ? g_strdup_printf ("%s-%u", name, number) : g_strdup (name);
}

static void
add_camera (GstStructure *s, guint number, const GstKvsCameraStats *camera)
{
  g_autofree char *codec = field_of_camera ("video-codec", number);
  g_autofree char *width = field_of_camera ("width", number);
  g_autofree char *height = field_of_camera ("height", number);
  g_autofree char *frames = field_of_camera ("frames-sent", number);

  gst_structure_set (s, codec, G_TYPE_STRING, camera->codec, width, G_TYPE_INT,
      camera->width, height, G_TYPE_INT, camera->height, frames, G_TYPE_INT64,
      (gint64) camera->frames, NULL);
}

GstStructure *
gst_kvs_stats_structure (const char *name, const char *peer_id,
    const GstKvsPeerStats *stats)
{
  GstStructure *s = gst_structure_new (name, "peer-id", G_TYPE_STRING, peer_id,
      "state", G_TYPE_STRING, stats->state, "muted", G_TYPE_BOOLEAN,
      stats->is_muted, "data-channels", G_TYPE_INT, (int) stats->data_channels,
      "duration-ms", G_TYPE_INT64, stats->duration_ms, "bytes-sent",
      G_TYPE_INT64, (gint64) stats->bytes_sent, "packets-sent", G_TYPE_INT64,
      (gint64) stats->packets_sent, "bytes-received", G_TYPE_INT64,
      (gint64) stats->bytes_received, "frames-received", G_TYPE_INT64,
      (gint64) stats->frames_received, "packets-lost", G_TYPE_INT64,
      stats->packets_lost, "round-trip-ms", G_TYPE_DOUBLE, stats->round_trip_ms,
      "nacks", G_TYPE_INT64, (gint64) stats->nacks, "plis", G_TYPE_INT64,
      (gint64) stats->plis, "estimate", G_TYPE_INT64, stats->estimate, "target",
      G_TYPE_INT64, stats->target, "loss", G_TYPE_DOUBLE, stats->loss, "layer",
      G_TYPE_INT, (int) stats->layer, "rung", G_TYPE_INT, (int) stats->rung,
      NULL);

  if (stats->path)
    gst_structure_set (s, "local-candidate", G_TYPE_STRING,
        stats->path->local_candidate, "remote-candidate", G_TYPE_STRING,
        stats->path->remote_candidate, "protocol", G_TYPE_STRING,
        stats->path->protocol, NULL);
  for (guint i = 0; i < stats->n_cameras; i++)
    add_camera (s, i, &stats->cameras[i]);
  if (stats->audio_codec)
    gst_structure_set (s, "audio-codec", G_TYPE_STRING, stats->audio_codec,
        NULL);
  return s;
}

void
gst_kvs_post_stats (GstElement *element, const char *peer_id,
    const GstKvsPeerStats *stats)
{
  post (element,
      gst_kvs_stats_structure ("kinesiswebrtc-stats", peer_id, stats));
}

static GError *
resource_error (const GError *error)
{
  static const struct {
    KvsError code;
    GstResourceError resource;
  } codes[] = {
    { KVS_ERROR_SETTINGS, GST_RESOURCE_ERROR_SETTINGS },
    { KVS_ERROR_CREDENTIALS, GST_RESOURCE_ERROR_NOT_AUTHORIZED },
    { KVS_ERROR_PERMISSION, GST_RESOURCE_ERROR_NOT_AUTHORIZED },
    { KVS_ERROR_REGION, GST_RESOURCE_ERROR_NOT_FOUND },
    { KVS_ERROR_CHANNEL, GST_RESOURCE_ERROR_NOT_FOUND },
    { KVS_ERROR_DISPLACED, GST_RESOURCE_ERROR_BUSY },
  };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++) {
    if (error->code == (int) codes[i].code)
      return g_error_new_literal (GST_RESOURCE_ERROR, (int) codes[i].resource,
          error->message);
  }
  return g_error_new_literal (GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_OPEN_READ_WRITE, error->message);
}

void
gst_kvs_post_error (GstElement *element, const GError *error)
{
  gboolean is_kvs = error->domain == KVS_ERROR;
  g_autoptr (GError) posted =
      is_kvs ? resource_error (error) : g_error_copy (error);
  const char *code = is_kvs ? kvs_error_nick (error->code)
      : g_error_matches (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN)
      ? "missing-plugin"
      : "stream";
  g_autofree char *debug = g_strdup_printf ("%s %d",
      is_kvs ? "kvs" : g_quark_to_string (error->domain), error->code);

  gst_element_post_message (element,
      gst_message_new_error_with_details (GST_OBJECT (element), posted, debug,
          gst_structure_new ("kinesiswebrtc-error", "code", G_TYPE_STRING, code,
              NULL)));
}
