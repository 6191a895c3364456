#include "association.h"

#include <gst/gst.h>
#include <string.h>

#include "dcep.h"
#include "sctp.h"

GST_DEBUG_CATEGORY_STATIC (rtcassociation_debug);
#define GST_CAT_DEFAULT rtcassociation_debug

/* Payload protocol identifiers, RFC 8831 section 8. Those of partial messages
 * are deprecated, and taken for binary. */
#define PROTOCOL_DCEP 50
#define PROTOCOL_STRING 51
#define PROTOCOL_STRING_EMPTY 56

typedef enum {
  CHANNEL_WAITING,   /* for the association; it has no stream yet */
  CHANNEL_OPENING,   /* OPEN was sent */
  CHANNEL_ANSWERING, /* ACK is to be sent, once the stream can be used anew */
  CHANNEL_OPEN,
} ChannelState;

typedef struct {
  guint id;
  ChannelState state;
  guint16 stream;
  char *label;
  RtcDelivery delivery;
} Channel;

struct _RtcAssociation {
  RtcSctp *sctp;
  gboolean is_client;
  const RtcAssociationEvents *events;
  gpointer user_data;

  guint64 max_message_size; /* the peer's; 0: any */
  guint streams;            /* 0 until up */
  GPtrArray *channels;      /* of Channel; those that are closed are gone */
  guint last_id;
  guint opened; /* by the peer, so far */
  /* One bit a stream that we end and the peer has not acknowledged. */
  guint32 ending;
  /* What was logged, which it is once. */
  gboolean has_logged_refused, has_logged_unsent, has_logged_channel;
  guint depth;       /* of events that go on after they told the owner */
  gboolean is_freed; /* within one: all but the struct itself */
};

G_STATIC_ASSERT (RTC_SCTP_STREAMS <= 32);
G_STATIC_ASSERT (RTC_TEXT_MAX == RTC_SCTP_MESSAGE_MAX);

static const RtcDelivery reliable;

static void on_send (gpointer user_data, const guint8 *data, gsize size);
static void on_up (gpointer user_data, guint streams);
static void on_message (gpointer user_data, guint16 stream, guint32 protocol,
    const guint8 *message, gsize size);
static void on_ended (gpointer user_data, guint16 stream);
static void on_reset (gpointer user_data, guint16 stream);
static void on_lost (gpointer user_data);

static const RtcSctpEvents sctp_events = { on_send, on_up, on_message, on_ended,
  on_reset, on_lost };

static void
channel_free (gpointer data)
{
  Channel *channel = data;

  g_free (channel->label);
  g_free (channel);
}

static void
register_category (void)
{
  static gsize once = 0;

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rtcassociation_debug, "kvsassociation", 0,
        "data channels");
    g_once_init_leave (&once, 1);
  }
}

RtcAssociation *
rtc_association_new (gboolean is_client, const RtcAssociationEvents *events,
    gpointer user_data)
{
  RtcAssociation *self = g_new0 (RtcAssociation, 1);

  register_category ();
  self->is_client = is_client;
  self->events = events;
  self->user_data = user_data;
  self->channels = g_ptr_array_new_with_free_func (channel_free);
  self->sctp = rtc_sctp_new (&sctp_events, self);
  return self;
}

gboolean
rtc_association_connect (RtcAssociation *self, guint16 local_port,
    guint16 remote_port, guint64 max_message_size)
{
  self->max_message_size = max_message_size;
  return rtc_sctp_connect (self->sctp, local_port, remote_port);
}

static Channel *
add_channel (RtcAssociation *self, const char *label, ChannelState state)
{
  Channel *channel = g_new0 (Channel, 1);

  channel->id = ++self->last_id;
  channel->label = g_strdup (label);
  channel->state = state;
  g_ptr_array_add (self->channels, channel);
  return channel;
}

static Channel *
find_by_id (RtcAssociation *self, guint id)
{
  for (guint i = 0; i < self->channels->len; i++) {
    Channel *channel = g_ptr_array_index (self->channels, i);

    if (channel->id == id)
      return channel;
  }
  return NULL;
}

static Channel *
find_by_stream (RtcAssociation *self, guint16 stream)
{
  for (guint i = 0; i < self->channels->len; i++) {
    Channel *channel = g_ptr_array_index (self->channels, i);

    if (channel->state != CHANNEL_WAITING && channel->stream == stream)
      return channel;
  }
  return NULL;
}

static void
end_stream (RtcAssociation *self, guint16 stream)
{
  if (stream >= self->streams)
    return;
  self->ending |= 1u << stream;
  rtc_sctp_reset (self->sctp, stream);
}

static gboolean
find_free_stream (RtcAssociation *self, guint16 *stream)
{
  for (guint i = self->is_client ? 0 : 1; i < self->streams; i += 2) {
    if (!(self->ending & 1u << i) && !find_by_stream (self, i)) {
      *stream = i;
      return TRUE;
    }
  }
  return FALSE;
}

/* FALSE, with the channel gone, when there is no stream for it. */
static gboolean
send_open (RtcAssociation *self, Channel *channel)
{
  g_autoptr (GBytes) open = rtc_dcep_build_open (channel->label);
  gsize size;
  const guint8 *data = g_bytes_get_data (open, &size);

  if (find_free_stream (self, &channel->stream)
      && rtc_sctp_send (self->sctp, channel->stream, PROTOCOL_DCEP, &reliable,
             data, size)
          == RTC_SCTP_SENT) {
    channel->state = CHANNEL_OPENING;
    return TRUE;
  }
  GST_WARNING ("no stream for a data channel of ours");
  g_ptr_array_remove (self->channels, channel);
  return FALSE;
}

gboolean
rtc_association_open_channel (RtcAssociation *self, const char *label)
{
  Channel *channel;

  g_return_val_if_fail (strlen (label) <= G_MAXUINT16, FALSE);

  if (self->channels->len >= RTC_CHANNELS_MAX)
    return FALSE;
  channel = add_channel (self, label, CHANNEL_WAITING);
  return self->streams == 0 || send_open (self, channel);
}

static void
on_up (gpointer user_data, guint streams)
{
  RtcAssociation *self = user_data;

  self->streams = MIN (streams, RTC_SCTP_STREAMS);
  /* A channel that finds no stream goes, and the next one has its place. */
  for (guint i = 0; i < self->channels->len;) {
    if (send_open (self, g_ptr_array_index (self->channels, i)))
      i++;
  }
}

/* The association may be freed within, as in all that tells the owner. */
static void
mark_open (RtcAssociation *self, Channel *channel)
{
  g_autofree char *label = g_strdup (channel->label);

  channel->state = CHANNEL_OPEN;
  self->events->opened (self->user_data, channel->id, label);
}

static void
log_refused_channel (RtcAssociation *self, const char *why)
{
  if (!self->has_logged_channel)
    GST_WARNING ("a data channel is refused: %s", why);
  self->has_logged_channel = TRUE;
}

static const char *
why_refused (RtcAssociation *self, guint16 stream)
{
  if (stream >= self->streams)
    return "its stream is not one of those agreed upon";
  if (find_by_stream (self, stream))
    return "its stream has one already";
  if (self->channels->len >= RTC_CHANNELS_MAX)
    return "there are too many";
  if (self->opened >= RTC_CHANNELS_OPENED_MAX)
    return "there have been too many";
  return NULL;
}

static void
answer (RtcAssociation *self, Channel *channel)
{
  rtc_sctp_send (self->sctp, channel->stream, PROTOCOL_DCEP, &reliable,
      rtc_dcep_ack, sizeof rtc_dcep_ack);
  mark_open (self, channel);
}

/* Its stream is not checked to be of the peer's parity, as RFC 8832 section 6
 * asks: whoever takes the wrong one loses by it only where both take the same,
 * and there are senders that do not know their role. */
static void
accept_open (RtcAssociation *self, guint16 stream, const RtcDcepOpen *open)
{
  const char *why = why_refused (self, stream);
  Channel *channel;

  if (why) {
    log_refused_channel (self, why);
    if (!find_by_stream (self, stream))
      end_stream (self, stream);
    return;
  }
  self->opened++;
  channel = add_channel (self, open->label, CHANNEL_ANSWERING);
  channel->stream = stream;
  channel->delivery = open->delivery;
  if (!(self->ending & 1u << stream))
    answer (self, channel);
}

static void
take_ack (RtcAssociation *self, guint16 stream)
{
  Channel *channel = find_by_stream (self, stream);

  if (channel && channel->state == CHANNEL_OPENING)
    mark_open (self, channel);
}

static void
take_dcep (RtcAssociation *self, guint16 stream, const guint8 *message,
    gsize size)
{
  RtcDcepOpen open = { NULL };

  switch (rtc_dcep_parse (message, size, &open)) {
    case RTC_DCEP_OPEN:
      accept_open (self, stream, &open);
      rtc_dcep_open_clear (&open);
      break;
    case RTC_DCEP_ACK:
      take_ack (self, stream);
      break;
    case RTC_DCEP_INVALID:
      log_refused_channel (self, "its message is malformed");
      if (!find_by_stream (self, stream))
        end_stream (self, stream);
      break;
  }
}

static void
refuse_text (RtcAssociation *self, gsize size)
{
  if (!self->has_logged_refused)
    GST_WARNING ("a text of %" G_GSIZE_FORMAT " bytes was dropped: too long, "
                 "no UTF-8, or on no channel",
        size);
  self->has_logged_refused = TRUE;
}

/* FALSE when the owner has freed us meanwhile. */
static gboolean
come_back (RtcAssociation *self)
{
  if (--self->depth > 0 || !self->is_freed)
    return !self->is_freed;
  g_free (self);
  return FALSE;
}

/* A text is as good an answer as an ACK (RFC 8832 section 6). */
static void
deliver (RtcAssociation *self, Channel *channel, const char *text)
{
  guint id = channel->id;

  if (channel->state != CHANNEL_OPEN) {
    self->depth++;
    mark_open (self, channel);
    if (!come_back (self))
      return;
  }
  self->events->text (self->user_data, id, text);
}

static void
take_text (RtcAssociation *self, guint16 stream, const char *text, gsize size)
{
  Channel *channel = find_by_stream (self, stream);

  if (!channel || !text || !g_utf8_validate (text, size, NULL)) {
    refuse_text (self, size);
    return;
  }
  deliver (self, channel, text);
}

static void
on_message (gpointer user_data, guint16 stream, guint32 protocol,
    const guint8 *message, gsize size)
{
  RtcAssociation *self = user_data;

  switch (protocol) {
    case PROTOCOL_DCEP:
      /* One that is longer than a text may be cannot be an OPEN we want. */
      take_dcep (self, stream, message, message ? size : 0);
      break;
    case PROTOCOL_STRING:
      take_text (self, stream, (const char *) message, size);
      break;
    case PROTOCOL_STRING_EMPTY:
      /* One byte of anything, as SCTP has no empty messages. */
      take_text (self, stream, "", 0);
      break;
    default:
      /* Bytes are nothing we have a use for. */
      break;
  }
}

/* RFC 8831 section 6.7: a channel is closed by both ends' ending their streams. */
static void
on_ended (gpointer user_data, guint16 stream)
{
  RtcAssociation *self = user_data;
  Channel *channel = find_by_stream (self, stream);
  gboolean was_open;
  guint id;

  if (!channel)
    return;
  id = channel->id;
  was_open = channel->state == CHANNEL_OPEN;
  g_ptr_array_remove (self->channels, channel);
  end_stream (self, stream);
  if (was_open)
    self->events->closed (self->user_data, id);
}

static void
on_reset (gpointer user_data, guint16 stream)
{
  RtcAssociation *self = user_data;

  Channel *channel = find_by_stream (self, stream);

  if (stream < RTC_SCTP_STREAMS)
    self->ending &= ~(1u << stream);
  if (channel && channel->state == CHANNEL_ANSWERING)
    answer (self, channel);
}

static void
on_send (gpointer user_data, const guint8 *data, gsize size)
{
  RtcAssociation *self = user_data;

  self->events->send (self->user_data, data, size);
}

static void
on_lost (gpointer user_data)
{
  RtcAssociation *self = user_data;

  g_ptr_array_set_size (self->channels, 0);
  self->events->lost (self->user_data);
}

void
rtc_association_take (RtcAssociation *self, const guint8 *data, gsize size)
{
  rtc_sctp_take (self->sctp, data, size);
}

static RtcSctpResult
send_on (RtcAssociation *self, Channel *channel, const char *text)
{
  gsize size = strlen (text);

  if (self->max_message_size > 0 && size > self->max_message_size)
    return RTC_SCTP_REFUSED;
  if (size == 0)
    return rtc_sctp_send (self->sctp, channel->stream, PROTOCOL_STRING_EMPTY,
        &channel->delivery, (const guint8 *) "", 1);
  return rtc_sctp_send (self->sctp, channel->stream, PROTOCOL_STRING,
      &channel->delivery, (const guint8 *) text, size);
}

static gboolean
send_logged (RtcAssociation *self, Channel *channel, const char *text)
{
  RtcSctpResult result = send_on (self, channel, text);

  if (result == RTC_SCTP_SENT)
    return TRUE;
  if (!self->has_logged_unsent)
    GST_WARNING ("a text of %" G_GSIZE_FORMAT " bytes is not sent: %s",
        strlen (text),
        result == RTC_SCTP_FULL ? "the peer does not read"
                                : "it is longer than the peer takes");
  self->has_logged_unsent = TRUE;
  return FALSE;
}

gboolean
rtc_association_send_text (RtcAssociation *self, guint id, const char *text)
{
  Channel *channel = find_by_id (self, id);

  return channel && channel->state == CHANNEL_OPEN
      && send_logged (self, channel, text);
}

guint
rtc_association_send_text_to_all (RtcAssociation *self, const char *text)
{
  guint sent = 0;

  for (guint i = 0; i < self->channels->len; i++) {
    Channel *channel = g_ptr_array_index (self->channels, i);

    if (channel->state == CHANNEL_OPEN && send_logged (self, channel, text))
      sent++;
  }
  return sent;
}

void
rtc_association_free (RtcAssociation *self)
{
  rtc_sctp_free (self->sctp);
  g_ptr_array_unref (self->channels);
  if (self->depth > 0)
    self->is_freed = TRUE;
  else
    g_free (self);
}
