#include "datachannels.h"

#include <gst/webrtc/webrtc.h>
#include <string.h>

GST_DEBUG_CATEGORY_EXTERN (kvspeer_debug);
#define GST_CAT_DEFAULT kvspeer_debug

#define MAX_CHANNELS 16
/* SCTP streams in use: a data channel is one, and webrtcbin gives each two
 * threads, whether or not a channel was opened on it. */
#define MAX_STREAMS 32
/* What one may send who is told no a=max-message-size (RFC 8841 section 6.1),
 * as we tell none. SCTP hands on what is longer in pieces: each is longer than
 * this as well, but for the last. */
#define MAX_TEXT (64 * 1024)
/* The application reads its bus when it likes; a viewer must not fill it. */
#define MAX_TEXTS_A_SECOND 50
#define MAX_BYTES_A_SECOND (256 * 1024)
/* Texts kept until the peer has been reported as connected. */
#define MAX_EARLY 16
/* Characters: as a string of the protocol it may have 64 kB. */
#define MAX_LABEL 256

struct _GstKvsDataChannels {
  gatomicrefcount references; /* one the owner's, one each signal handler's */
  KvsWorker *worker;
  GstElement *webrtc;                    /* cleared by free */
  const GstKvsDataChannelEvents *events; /* worker only; NULL once freed */
  GObject *user_data;

  GMutex lock;
  GPtrArray *channels; /* of GstWebRTCDataChannel, under lock */

  /* Under lock: texts since the second began. */
  gint64 second;
  guint texts;
  gsize bytes;
  gboolean has_warned; /* that some were dropped */

  /* Worker only. */
  gboolean is_open;
  GPtrArray *opened; /* channels that can be sent on; compared only */
  GQueue early;      /* of Text */
};

static void on_element_added (GstBin *bin, GstBin *parent, GstElement *element,
    gpointer user_data);
static void on_data_channel (GstElement *webrtc, GstWebRTCDataChannel *channel,
    gpointer user_data);
static void on_message_string (GstWebRTCDataChannel *channel, const char *text,
    gpointer user_data);
static void on_open (GstWebRTCDataChannel *channel, gpointer user_data);

static GstKvsDataChannels *
ref (GstKvsDataChannels *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

static void
unref (gpointer data)
{
  GstKvsDataChannels *self = data;

  if (!g_atomic_ref_count_dec (&self->references))
    return;
  g_ptr_array_unref (self->channels);
  g_ptr_array_unref (self->opened);
  g_mutex_clear (&self->lock);
  g_object_unref (self->user_data);
  g_free (self);
}

static void
connect_signal (gpointer object, const char *signal, GCallback callback,
    GstKvsDataChannels *self)
{
  g_signal_connect_data (object, signal, callback, ref (self),
      (GClosureNotify) (void (*) (void)) unref, 0);
}

GstKvsDataChannels *
gst_kvs_data_channels_new (KvsWorker *worker, GstElement *webrtc,
    const GstKvsDataChannelEvents *events, gpointer user_data)
{
  GstKvsDataChannels *self = g_new0 (GstKvsDataChannels, 1);

  g_atomic_ref_count_init (&self->references);
  g_mutex_init (&self->lock);
  self->worker = worker;
  self->webrtc = webrtc;
  self->events = events;
  self->user_data = g_object_ref (user_data);
  self->channels = g_ptr_array_new_with_free_func (g_object_unref);
  self->opened = g_ptr_array_new ();
  connect_signal (webrtc, "deep-element-added", G_CALLBACK (on_element_added),
      self);
  connect_signal (webrtc, "on-data-channel", G_CALLBACK (on_data_channel),
      self);
  return self;
}

/* One packet may begin dozens of streams, but it is the last one. */
static GstPadProbeReturn
on_sctp (GstPad *pad, GstPadProbeInfo *info, gpointer sctpdec)
{
  guint streams;

  GST_OBJECT_LOCK (sctpdec);
  streams = GST_ELEMENT (sctpdec)->numsrcpads;
  GST_OBJECT_UNLOCK (sctpdec);
  if (streams <= MAX_STREAMS)
    return GST_PAD_PROBE_OK;
  GST_DEBUG ("a peer has %u data streams, no more data of it is read", streams);
  return GST_PAD_PROBE_DROP;
}

static void
on_element_added (GstBin *bin, GstBin *parent, GstElement *element,
    gpointer user_data)
{
  GstElementFactory *factory = gst_element_get_factory (element);
  g_autoptr (GstPad) pad = NULL;

  if (!factory || !g_str_equal (GST_OBJECT_NAME (factory), "sctpdec"))
    return;
  pad = gst_element_get_static_pad (element, "sink");
  gst_pad_add_probe (pad,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_sctp,
      element, NULL);
}

static void
keep_channel (GstKvsDataChannels *self, GstWebRTCDataChannel *channel)
{
  gboolean is_kept;

  g_mutex_lock (&self->lock);
  is_kept = self->channels->len < MAX_CHANNELS;
  if (is_kept)
    g_ptr_array_add (self->channels, g_object_ref (channel));
  g_mutex_unlock (&self->lock);
  if (!is_kept)
    return;
  connect_signal (channel, "on-message-string", G_CALLBACK (on_message_string),
      self);
  connect_signal (channel, "on-open", G_CALLBACK (on_open), self);
  /* It may be open by now. */
  on_open (channel, self);
}

/* One of webrtcbin's threads. */
static void
on_data_channel (GstElement *webrtc, GstWebRTCDataChannel *channel,
    gpointer user_data)
{
  keep_channel (user_data, channel);
}

void
gst_kvs_data_channels_create (GstKvsDataChannels *self, const char *label)
{
  g_autoptr (GstWebRTCDataChannel) channel = NULL;

  g_signal_emit_by_name (self->webrtc, "create-data-channel", label, NULL,
      &channel);
  if (channel)
    keep_channel (self, channel);
}

/* What came on a channel, on its way to the worker. It holds no reference to
 * the channel: that must not outlive webrtcbin. */
typedef struct {
  GstKvsDataChannels *channels;
  gpointer channel; /* compared only */
  char *label;
  char *text; /* NULL: it may have opened */
} Text;

static void
text_free (gpointer data)
{
  Text *text = data;

  unref (text->channels);
  g_free (text->label);
  g_free (text->text);
  g_free (text);
}

static char *
read_label (GstWebRTCDataChannel *channel)
{
  g_autofree char *label = NULL;
  g_autofree char *valid = NULL;

  g_object_get (channel, "label", &label, NULL);
  valid = g_utf8_make_valid (label ? label : "", -1);
  return g_utf8_substring (valid, 0,
      MIN (g_utf8_strlen (valid, -1), MAX_LABEL));
}

static Text *
text_new (GstKvsDataChannels *self, GstWebRTCDataChannel *channel,
    const char *received)
{
  Text *text = g_new0 (Text, 1);

  text->channels = ref (self);
  text->channel = channel;
  text->label = read_label (channel);
  text->text = g_strdup (received);
  return text;
}

/* If it is still there (transfer full). */
static GstWebRTCDataChannel *
ref_channel (GstKvsDataChannels *self, gpointer channel)
{
  GstWebRTCDataChannel *found = NULL;

  g_mutex_lock (&self->lock);
  if (g_ptr_array_find (self->channels, channel, NULL))
    found = g_object_ref (channel);
  g_mutex_unlock (&self->lock);
  return found;
}

/* What is sent after a close is leaked by 1.22. */
static gboolean
is_channel_open (GstWebRTCDataChannel *channel)
{
  GstWebRTCDataChannelState state;

  g_object_get (channel, "ready-state", &state, NULL);
  return state == GST_WEBRTC_DATA_CHANNEL_STATE_OPEN;
}

static void
report_opened (GstKvsDataChannels *self, const Text *text)
{
  g_autoptr (GstWebRTCDataChannel) channel = ref_channel (self, text->channel);

  if (!channel || !is_channel_open (channel)
      || g_ptr_array_find (self->opened, channel, NULL))
    return;
  g_ptr_array_add (self->opened, channel);
  self->events->opened (self->user_data, text->label);
}

static void
send_answers (GstKvsDataChannels *self, gpointer to, char **answers)
{
  g_autoptr (GstWebRTCDataChannel) channel = ref_channel (self, to);

  for (char **answer = answers; channel && *answer; answer++) {
    if (is_channel_open (channel))
      gst_webrtc_data_channel_send_string (channel, *answer);
  }
}

static void
deliver (GstKvsDataChannels *self, const Text *text)
{
  g_auto (GStrv) answers = NULL;

  if (!self->events)
    return;
  /* A channel that brings text is open, whichever of the two is told first. */
  report_opened (self, text);
  if (self->events && text->text)
    answers = self->events->text (self->user_data, text->label, text->text);
  if (answers)
    send_answers (self, text->channel, answers);
}

static gboolean
take_text (gpointer data)
{
  Text *text = data;
  GstKvsDataChannels *self = text->channels;

  if (self->is_open) {
    deliver (self, text);
    text_free (text);
  } else if (self->events && text->text && self->early.length < MAX_EARLY) {
    g_queue_push_tail (&self->early, text);
  } else {
    text_free (text);
  }
  return G_SOURCE_REMOVE;
}

/* webrtcbin's thread. */
static void
on_open (GstWebRTCDataChannel *channel, gpointer user_data)
{
  GstKvsDataChannels *self = user_data;

  kvs_worker_call (self->worker, take_text, text_new (self, channel, NULL),
      NULL);
}

static gboolean
is_within_rate (GstKvsDataChannels *self, gsize size)
{
  gint64 second = g_get_monotonic_time () / G_TIME_SPAN_SECOND;
  gboolean is_within;

  g_mutex_lock (&self->lock);
  if (self->second != second) {
    self->second = second;
    self->texts = 0;
    self->bytes = 0;
  }
  self->texts++;
  self->bytes += size;
  is_within =
      self->texts <= MAX_TEXTS_A_SECOND && self->bytes <= MAX_BYTES_A_SECOND;
  g_mutex_unlock (&self->lock);
  return is_within;
}

/* Once for each peer, which may well go on. */
static void
warn_dropped (GstKvsDataChannels *self, gsize size)
{
  gboolean has_warned;

  g_mutex_lock (&self->lock);
  has_warned = self->has_warned;
  self->has_warned = TRUE;
  g_mutex_unlock (&self->lock);
  if (!has_warned)
    GST_WARNING ("a text of %" G_GSIZE_FORMAT " bytes was dropped: too large, "
                 "too many in a second, or no UTF-8",
        size);
}

static void
on_message_string (GstWebRTCDataChannel *channel, const char *received,
    gpointer user_data)
{
  GstKvsDataChannels *self = user_data;

  if (!received || strlen (received) > MAX_TEXT
      || !g_utf8_validate (received, -1, NULL)
      || !is_within_rate (self, strlen (received))) {
    warn_dropped (self, received ? strlen (received) : 0);
    return;
  }
  kvs_worker_call (self->worker, take_text, text_new (self, channel, received),
      NULL);
}

/* Those that are open (transfer full). */
static GPtrArray *
ref_open_channels (GstKvsDataChannels *self)
{
  GPtrArray *channels = g_ptr_array_new_with_free_func (g_object_unref);

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->channels->len; i++)
    g_ptr_array_add (channels,
        g_object_ref (g_ptr_array_index (self->channels, i)));
  g_mutex_unlock (&self->lock);
  for (guint i = channels->len; i > 0; i--) {
    if (!is_channel_open (g_ptr_array_index (channels, i - 1)))
      g_ptr_array_remove_index (channels, i - 1);
  }
  return channels;
}

void
gst_kvs_data_channels_open (GstKvsDataChannels *self)
{
  g_autoptr (GPtrArray) channels = ref_open_channels (self);
  Text *text;

  self->is_open = TRUE;
  for (guint i = 0; i < channels->len; i++) {
    text = text_new (self, g_ptr_array_index (channels, i), NULL);
    deliver (self, text);
    text_free (text);
  }
  while ((text = g_queue_pop_head (&self->early))) {
    deliver (self, text);
    text_free (text);
  }
}

guint
gst_kvs_data_channels_count (GstKvsDataChannels *self)
{
  g_autoptr (GPtrArray) channels = ref_open_channels (self);

  return channels->len;
}

guint
gst_kvs_data_channels_send (GstKvsDataChannels *self, const char *text)
{
  g_autoptr (GPtrArray) channels = ref_open_channels (self);

  for (guint i = 0; i < channels->len; i++)
    gst_webrtc_data_channel_send_string (g_ptr_array_index (channels, i), text);
  return channels->len;
}

void
gst_kvs_data_channels_free (GstKvsDataChannels *self)
{
  g_autoptr (GPtrArray) channels = NULL;

  self->events = NULL;
  g_queue_clear_full (&self->early, text_free);
  g_signal_handlers_disconnect_by_data (self->webrtc, self);
  self->webrtc = NULL;
  g_mutex_lock (&self->lock);
  channels = g_steal_pointer (&self->channels);
  self->channels = g_ptr_array_new_with_free_func (g_object_unref);
  g_mutex_unlock (&self->lock);
  for (guint i = 0; i < channels->len; i++)
    g_signal_handlers_disconnect_by_data (g_ptr_array_index (channels, i),
        self);
  unref (self);
}
