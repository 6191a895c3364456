/* The peers of one element by id: who is let in, who is replaced, who is gone. */
#pragma once

#include "peer.h"
#include "signaller.h"

G_BEGIN_DECLS

#define GST_TYPE_KVS_SWITCHBOARD (gst_kvs_switchboard_get_type ())
G_DECLARE_FINAL_TYPE (GstKvsSwitchboard, gst_kvs_switchboard, GST_KVS,
    SWITCHBOARD, GObject)

/**
 * GstKvsSettings:
 * The media half of the element's properties, copied when it starts.
 */
typedef struct {
  char *channel; /* for messages */
  gboolean is_viewer;
  guint max_peers;
  const GstKvsCodec *
      *video_codecs; /* in order of preference, NULL-terminated */
  const GstKvsCodec **audio_codecs;
  guint video_bitrate;     /* bit/s, where paths allow it */
  guint min_video_bitrate; /* bit/s */
  GstKvsBitratePolicy bitrate_policy;
  guint n_smaller; /* sizes, beside the whole picture */
  gboolean transcode;
  char *stun_server; /* or NULL */
  gboolean relay_only;
  guint stats_interval_ms; /* 0 = off */
} GstKvsSettings;

void gst_kvs_settings_clear (GstKvsSettings *settings);

/* A copy of the element's list of inputs (transfer full); any thread. */
typedef GPtrArray *(*GstKvsInputsFunc) (gpointer user_data);

/**
 * gst_kvs_switchboard_new:
 * @element: whom messages are posted for; outlives the switchboard
 * @settings: (transfer full): its contents
 */
GstKvsSwitchboard *gst_kvs_switchboard_new (GstElement *element,
    KvsWorker *worker, KvsSignaller *signaller, GstKvsSettings *settings,
    GstKvsInputsFunc inputs, gpointer user_data);

/* Starts signaling; any thread, returns at once. */
void gst_kvs_switchboard_start (GstKvsSwitchboard *self);

/**
 * gst_kvs_switchboard_stop:
 * Ends signaling, closes every peer and waits until all of them are down.
 * Never from the worker. Nothing is posted afterwards.
 */
void gst_kvs_switchboard_stop (GstKvsSwitchboard *self);

/* All of these may be called from any thread and act soon after. */
void gst_kvs_switchboard_input_changed (GstKvsSwitchboard *self);
void gst_kvs_switchboard_update_timing (GstKvsSwitchboard *self);
/* Of a viewer; see gst_kvs_playout_finish. */
void gst_kvs_switchboard_end_streams (GstKvsSwitchboard *self);
void gst_kvs_switchboard_force_key_frame (GstKvsSwitchboard *self);
void gst_kvs_switchboard_disconnect_peer (GstKvsSwitchboard *self,
    const char *peer_id);
void gst_kvs_switchboard_mute_peer (GstKvsSwitchboard *self,
    const char *peer_id, gboolean is_muted);
/* bit/s of every video encoder there is and will be, where paths allow it,
 * and at the least. */
void gst_kvs_switchboard_set_bitrate (GstKvsSwitchboard *self, guint bitrate,
    guint min_bitrate);
/* To every peer when `peer_id` is NULL. */
void gst_kvs_switchboard_send_data (GstKvsSwitchboard *self,
    const char *peer_id, const char *text);
void gst_kvs_switchboard_set_credentials (GstKvsSwitchboard *self,
    const char *access_key, const char *secret_key, const char *session_token);

/* kinesiswebrtc-stats {peers, peer-0: structure...} (transfer full); waits for the worker. */
GstStructure *gst_kvs_switchboard_get_stats (GstKvsSwitchboard *self);

G_END_DECLS
