/* The data channels with one peer (RFC 8831) over one SCTP association. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* At once; a peer that opens more has them closed again. */
#define RTC_CHANNELS_MAX 16
/* In the life of an association: each is told to the application. */
#define RTC_CHANNELS_OPENED_MAX 256
/* Bytes of a text that is received, which is what we announce by
 * a=max-message-size (RFC 8841 section 6). */
#define RTC_TEXT_MAX (64 * 1024)

typedef struct _RtcAssociation RtcAssociation;

/* All on the thread rtc_association_new was called on. `send` comes from within
 * take and free as well, nothing else from within a call but take. @channel is
 * a number that is never used again in an association, from 1. None after
 * `lost` but what rtc_association_free sends. */
typedef struct {
  /* A packet for DTLS, RTC_SCTP_PACKET_MAX bytes at most. */
  void (*send) (gpointer user_data, const guint8 *data, gsize size);
  /* Texts can be sent on the channel, whoever opened it. Labels are a remote's:
   * UTF-8, 256 characters at most. */
  void (*opened) (gpointer user_data, guint channel, const char *label);
  /* UTF-8 of RTC_TEXT_MAX bytes at most, without zeros. There is no limit to
   * how many. */
  void (*text) (gpointer user_data, guint channel, const char *text);
  /* By the peer. Only for channels that were opened. */
  void (*closed) (gpointer user_data, guint channel);
  /* Every channel is closed, without a `closed` each. */
  void (*lost) (gpointer user_data);
} RtcAssociationEvents;

/**
 * rtc_association_new:
 * @is_client: of DTLS, which opens channels on even streams, and the server on
 *   odd ones (RFC 8832 section 6)
 * @events: static
 * @user_data: alive until rtc_association_free
 *
 * Belongs to this thread and its thread-default context. All functions: this
 * thread only, and from within any event.
 */
RtcAssociation *rtc_association_new (gboolean is_client,
    const RtcAssociationEvents *events, gpointer user_data);

/**
 * rtc_association_connect:
 * @local_port: ours in a=sctp-port
 * @remote_port: the peer's
 * @max_message_size: the peer's a=max-message-size in bytes; 0 is no limit
 *   there as well, and 65536 is to be given where it is absent
 *
 * Once, when DTLS is up.
 */
gboolean rtc_association_connect (RtcAssociation *self, guint16 local_port,
    guint16 remote_port, guint64 max_message_size);

/* Opens a reliable and ordered channel, as soon as the association is up;
 * FALSE when there are too many. @label: UTF-8, 65,535 bytes at most. */
gboolean rtc_association_open_channel (RtcAssociation *self, const char *label);

/* A packet that DTLS brought, whatever is in it. */
void rtc_association_take (RtcAssociation *self, const guint8 *data,
    gsize size);

/* Never waits: FALSE when the channel is not open, the text is longer than the
 * peer takes, or too much waits for the peer to read it. @text: UTF-8. */
gboolean rtc_association_send_text (RtcAssociation *self, guint channel,
    const char *text);

/* On every open channel; how many took it. */
guint rtc_association_send_text_to_all (RtcAssociation *self, const char *text);

/* The peer is told. No event any more, but the packet that tells it. */
void rtc_association_free (RtcAssociation *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtcAssociation, rtc_association_free)

G_END_DECLS
