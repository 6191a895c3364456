/* One remote: ICE, DTLS, SRTP, and what is sent to it over them. */
#pragma once

#include "ice.h"
#include "net.h"
#include "outbound.h"

G_BEGIN_DECLS

#define RTC_TYPE_CONNECTION (rtc_connection_get_type ())
G_DECLARE_FINAL_TYPE (RtcConnection, rtc_connection, RTC, CONNECTION, GObject)

typedef enum {
  RTC_END_CLOSED,    /* the remote said goodbye */
  RTC_END_NO_PATH,   /* ICE found none */
  RTC_END_PATH_LOST, /* there was one */
  RTC_END_HANDSHAKE, /* DTLS failed */
  RTC_END_STRANGER,  /* its certificate is not one it declared */
} RtcEnd;

/* All on the net thread. Nothing comes after `ended`, nor after rtc_connection_close. */
typedef struct {
  void (*candidate) (gpointer user_data, const char *candidate);
  void (*gathered) (gpointer user_data);
  /* A pair of candidates works; who is there is yet to be proved. Once. */
  void (*ready) (gpointer user_data);
  /* Whoever is there is the one who was declared. Once. */
  void (*connected) (gpointer user_data, const RtcPath *path);
  void (*ended) (gpointer user_data, RtcEnd end);
  /* What came, and is the remote's. */
  void (*rtp) (gpointer user_data, const guint8 *data, gsize size);
  void (*rtcp) (gpointer user_data, const guint8 *data, gsize size);
  void (*data) (gpointer user_data, const guint8 *data, gsize size);
  /* It wants a key frame of what it is sent. */
  void (*key_frame) (gpointer user_data, guint track);
} RtcConnectionEvents;

/**
 * rtc_connection_new:
 * @events: static
 * @notify: frees @user_data when the connection is closed; also where it could not be made
 * @cname: what streams are known to belong together by (RFC 7022)
 *
 * Like all functions here, but where it says otherwise: on the net thread.
 * NULL when there is no certificate to be had. End it by rtc_connection_close.
 */
RtcConnection *rtc_connection_new (RtcNet *net, const RtcIceConfig *config,
    const char *cname, const RtcConnectionEvents *events, gpointer user_data,
    GDestroyNotify notify);

RtcIce *rtc_connection_get_ice (RtcConnection *self);

/* "sha-256 AB:...". */
const char *rtc_connection_get_fingerprint (RtcConnection *self);

/* The remote's description; once. */
void rtc_connection_set_remote (RtcConnection *self, const char *ufrag,
    const char *password, gboolean is_dtls_client, GPtrArray *fingerprints);

/* What is sent to it, for tracks to be added and for statistics. NULL when closed. */
RtcOutbound *rtc_connection_get_outbound (RtcConnection *self);

/* Whether a pair of candidates works. */
gboolean rtc_connection_has_path (RtcConnection *self);

/* One frame of a track, and how it is to be turned (3GPP TS 26.114 section
 * 7.4.5); dropped while it is not connected. FALSE
 * when the net thread is so far behind that it is not taken. Any thread. */
gboolean rtc_connection_post (RtcConnection *self, guint track, RtcFrame *frame,
    guint8 orientation);

/* A packet of RTCP about what came in. Any thread. */
void rtc_connection_post_rtcp (RtcConnection *self, const guint8 *data,
    gsize size);

/* One record of application data. FALSE when it did not go out. */
gboolean rtc_connection_send_data (RtcConnection *self, const guint8 *data,
    gsize size);

/**
 * rtc_connection_close:
 * @done: called with @data on the net thread once the goodbye is through, and relays
 *   have been given back or given up
 *
 * Says goodbye and lets go of everything; no event comes any more. Once.
 */
void rtc_connection_close (RtcConnection *self, GDestroyNotify done,
    gpointer data);

G_END_DECLS
