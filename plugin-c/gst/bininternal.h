/* What the element is made of, for the files it is written in: properties, pads, states. */
#pragma once

#include "input.h"
#include "kinesiswebrtcbin.h"
#include "switchboard.h"

G_BEGIN_DECLS

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

/* --- binproperties.c --- */

/* Also set_property and get_property of the class. */
void gst_kinesis_webrtc_bin_install_properties (GObjectClass *klass);

/* The defaults; and what they, or others in their place, take. */
void gst_kinesis_webrtc_bin_init_properties (GstKinesisWebrtcBin *self);
void gst_kinesis_webrtc_bin_clear_properties (GstKinesisWebrtcBin *self);

/* The half of the properties that signaling needs (transfer full), checked; NULL
 * with a KVS_ERROR where something is wrong or missing. */
KvsConfig *gst_kinesis_webrtc_bin_read_config (GstKinesisWebrtcBin *self,
    GError **error);

/* The half that media needs. @settings is to be cleared in any case. FALSE with a
 * KVS_ERROR where a property names no codec. */
gboolean gst_kinesis_webrtc_bin_read_settings (GstKinesisWebrtcBin *self,
    GstKvsSettings *settings, GError **error);

/* --- binpads.c --- */

/* Also request_new_pad and release_pad of the class. */
void gst_kinesis_webrtc_bin_install_pads (GstElementClass *klass);

/* The sink pads' inputs (transfer full), of GstKvsInput, by number; `user_data` is
 * the element: a GstKvsInputsFunc. Any thread. */
GPtrArray *gst_kinesis_webrtc_bin_copy_inputs (gpointer user_data);

/* Forgets what came in; after streaming has stopped. */
void gst_kinesis_webrtc_bin_reset_inputs (GstKinesisWebrtcBin *self);

/* --- kinesiswebrtcbin.c --- */

/* The switchboard while there is one (transfer full), or NULL. Any thread. */
GstKvsSwitchboard *gst_kinesis_webrtc_bin_ref_switchboard (
    GstKinesisWebrtcBin *self);

G_END_DECLS
