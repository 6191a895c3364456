/* A peer's connection as its worker has it: what is asked of the net thread, and what comes from there. */
#pragma once

#include "channels.h"
#include "connection.h"
#include "input.h"
#include "reception.h"

G_BEGIN_DECLS

typedef struct _GstKvsWire GstKvsWire;

/* All on the worker; none comes any more after gst_kvs_wire_close. */
typedef struct {
  void (*candidate) (gpointer user_data, const char *candidate);
  void (*gathered) (gpointer user_data);
  /* See RtcConnectionEvents. */
  void (*ready) (gpointer user_data);
  void (*connected) (gpointer user_data, const RtcPath *path);
  void (*ended) (gpointer user_data, RtcEnd end);
  /* The peer wants a key frame of the track, or must have one. */
  void (*key_frame) (gpointer user_data, guint track);
} GstKvsWireEvents;

/* Where frames of one m-line go. */
typedef struct {
  GstKvsInput *input; /* whose picture may be turned */
  RtcTrackConfig config;
} GstKvsWireTrack;

/**
 * gst_kvs_wire_new:
 * @net: runs until all its wires are closed
 * @events: static
 * @user_data: a GObject, held until gst_kvs_wire_close
 *
 * Free by gst_kvs_wire_close and gst_kvs_wire_unref. NULL when there can be no
 * certificate. All functions, but where it says otherwise: worker only, which
 * waits for the net thread.
 */
GstKvsWire *gst_kvs_wire_new (KvsWorker *worker, RtcNet *net,
    const RtcIceConfig *config, const char *cname,
    const GstKvsWireEvents *events, gpointer user_data);

/* ICE's names and our fingerprint, as in SDP; of the wire. */
const char *gst_kvs_wire_get_ufrag (GstKvsWire *self);
const char *gst_kvs_wire_get_password (GstKvsWire *self);
const char *gst_kvs_wire_get_fingerprint (GstKvsWire *self);

/* What takes the media that the peer sends; before its description is set, and
 * for as long as the wire is not closed. */
void gst_kvs_wire_set_reception (GstKvsWire *self, GstKvsReception *reception);

/* The same of its texts; the numbers are the peer's of SDP (channels.h). */
void gst_kvs_wire_set_channels (GstKvsWire *self, GstKvsChannels *channels,
    guint16 remote_port, guint64 max_message_size);

void gst_kvs_wire_add_relay (GstKvsWire *self, const char *host, guint port,
    gboolean is_tcp, const char *username, const char *password);
void gst_kvs_wire_gather (GstKvsWire *self);
void gst_kvs_wire_set_remote (GstKvsWire *self, const char *ufrag,
    const char *password, gboolean is_dtls_client, GPtrArray *fingerprints);
void gst_kvs_wire_add_candidate (GstKvsWire *self, const char *candidate);

/* The number of the track, or RTC_OUTBOUND_NO_TRACK. */
guint gst_kvs_wire_add_track (GstKvsWire *self, const GstKvsWireTrack *track);

/* Hands a frame to a track; FALSE when it is not taken (connection.h). Any thread. */
gboolean gst_kvs_wire_post (GstKvsWire *self, guint track, RtcFrame *frame);

/* Reports on what came in, made by the reception; any thread. */
void gst_kvs_wire_post_rtcp (GstKvsWire *self, const guint8 *data, gsize size);

gboolean gst_kvs_wire_has_path (GstKvsWire *self);

void gst_kvs_wire_get_stats (GstKvsWire *self, RtcOutboundStats *stats);

/* See rtc_outbound_set_wanted. */
void gst_kvs_wire_set_wanted (GstKvsWire *self, guint64 wanted);

/**
 * gst_kvs_wire_close:
 * @done: (nullable): frees @data on the worker when the goodbye is through
 *
 * Says goodbye. What is posted from now on is dropped, and no other function is
 * to be called. Once.
 */
void gst_kvs_wire_close (GstKvsWire *self, GDestroyNotify done, gpointer data);

/* Any thread. */
void gst_kvs_wire_unref (GstKvsWire *self);

G_END_DECLS
