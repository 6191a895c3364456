#include "channels.h"

#include <string.h>

#include "association.h"
#include "textrate.h"

GST_DEBUG_CATEGORY_EXTERN (kvspeer_debug);
#define GST_CAT_DEFAULT kvspeer_debug

/* Texts kept until the peer has been reported as connected. */
#define MAX_EARLY 16

/* A channel that is open, as far as the worker has heard. */
typedef struct {
  guint id;
  char *label;
  gboolean is_reported;
} Channel;

struct _GstKvsChannels {
  gatomicrefcount references;
  KvsWorker *worker;
  KvsWorker *net;

  /* Worker only. */
  const GstKvsChannelsEvents *events; /* NULL once freed */
  GObject *user_data;                 /* NULL once freed */
  gboolean is_open;
  GPtrArray *channels; /* of Channel, in the order they opened */
  GQueue early;        /* of Told, texts */

  /* Net thread only. */
  RtcAssociation *association; /* between connect and disconnect */
  GstKvsChannelsSend send;
  gpointer send_data;
  GPtrArray *labels; /* of channels to open, until connected */
  GstKvsTextRate rate;
  gboolean has_warned; /* that some were dropped */
};

typedef enum {
  TOLD_OPENED,
  TOLD_TEXT,
  TOLD_CLOSED,
  TOLD_LOST
} ToldKind;

/* What the association told, on its way to the worker. */
typedef struct {
  GstKvsChannels *channels;
  ToldKind kind;
  guint id;
  char *words; /* a label, or a text */
} Told;

/* What is to be sent, on its way to the net thread. */
typedef struct {
  GstKvsChannels *channels;
  guint id; /* 0: all */
  char **texts;
} Order;

static void on_send (gpointer user_data, const guint8 *data, gsize size);
static void on_opened (gpointer user_data, guint id, const char *label);
static void on_text (gpointer user_data, guint id, const char *text);
static void on_closed (gpointer user_data, guint id);
static void on_lost (gpointer user_data);

static const RtcAssociationEvents association_events = { on_send, on_opened,
  on_text, on_closed, on_lost };

static void
channel_free (gpointer data)
{
  Channel *channel = data;

  g_free (channel->label);
  g_free (channel);
}

GstKvsChannels *
gst_kvs_channels_new (KvsWorker *worker, KvsWorker *net,
    const GstKvsChannelsEvents *events, gpointer user_data)
{
  GstKvsChannels *self = g_new0 (GstKvsChannels, 1);

  g_atomic_ref_count_init (&self->references);
  self->worker = g_object_ref (worker);
  self->net = g_object_ref (net);
  self->events = events;
  self->user_data = g_object_ref (user_data);
  self->channels = g_ptr_array_new_with_free_func (channel_free);
  self->labels = g_ptr_array_new_with_free_func (g_free);
  return self;
}

GstKvsChannels *
gst_kvs_channels_ref (GstKvsChannels *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
gst_kvs_channels_unref (GstKvsChannels *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  g_warn_if_fail (!self->association && !self->events);
  g_ptr_array_unref (self->channels);
  g_ptr_array_unref (self->labels);
  g_object_unref (self->worker);
  g_object_unref (self->net);
  g_free (self);
}

static void
told_clear (Told *told)
{
  gst_kvs_channels_unref (told->channels);
  g_free (told->words);
}

static void
told_unref (gpointer told)
{
  g_atomic_rc_box_release_full (told, (GDestroyNotify) told_clear);
}

static void
order_free (gpointer data)
{
  Order *order = data;

  gst_kvs_channels_unref (order->channels);
  g_strfreev (order->texts);
  g_free (order);
}

static Channel *
find_channel (GstKvsChannels *self, guint id)
{
  for (guint i = 0; i < self->channels->len; i++) {
    Channel *channel = g_ptr_array_index (self->channels, i);

    if (channel->id == id)
      return channel;
  }
  return NULL;
}

static gboolean
run_order (gpointer data)
{
  Order *order = data;
  RtcAssociation *association = order->channels->association;

  for (char **text = order->texts; association && *text; text++) {
    if (order->id == 0)
      rtc_association_send_text_to_all (association, *text);
    else
      rtc_association_send_text (association, order->id, *text);
  }
  return G_SOURCE_REMOVE;
}

/* Takes @texts. */
static void
order_texts (GstKvsChannels *self, guint id, char **texts)
{
  Order *order = g_new0 (Order, 1);

  order->channels = gst_kvs_channels_ref (self);
  order->id = id;
  order->texts = texts;
  kvs_worker_call (self->net, run_order, order, order_free);
}

static void
report_opened (GstKvsChannels *self, Channel *channel)
{
  if (channel->is_reported)
    return;
  channel->is_reported = TRUE;
  self->events->opened (self->user_data, channel->label);
}

static void
deliver_text (GstKvsChannels *self, const Told *told)
{
  Channel *channel = find_channel (self, told->id);
  char **answers;

  /* It was closed while its text waited for the peer to be reported. */
  if (!channel)
    return;
  answers = self->events->text (self->user_data, channel->label, told->words);
  if (answers)
    order_texts (self, told->id, answers);
}

static void
take_opened (GstKvsChannels *self, const Told *told)
{
  Channel *channel = g_new0 (Channel, 1);

  channel->id = told->id;
  channel->label = g_strdup (told->words);
  g_ptr_array_add (self->channels, channel);
  if (self->is_open)
    report_opened (self, channel);
}

static void
take_text (GstKvsChannels *self, Told *told)
{
  if (self->is_open)
    deliver_text (self, told);
  else if (self->early.length < MAX_EARLY)
    g_queue_push_tail (&self->early, g_atomic_rc_box_acquire (told));
}

static gboolean
take_told (gpointer data)
{
  Told *told = data;
  GstKvsChannels *self = told->channels;
  Channel *channel;

  if (!self->events)
    return G_SOURCE_REMOVE;
  switch (told->kind) {
    case TOLD_OPENED:
      take_opened (self, told);
      break;
    case TOLD_TEXT:
      take_text (self, told);
      break;
    case TOLD_CLOSED:
      channel = find_channel (self, told->id);
      if (channel)
        g_ptr_array_remove (self->channels, channel);
      break;
    case TOLD_LOST:
      g_ptr_array_set_size (self->channels, 0);
      break;
  }
  return G_SOURCE_REMOVE;
}

static void
tell (GstKvsChannels *self, ToldKind kind, guint id, const char *words)
{
  Told *told = g_atomic_rc_box_new0 (Told);

  told->channels = gst_kvs_channels_ref (self);
  told->kind = kind;
  told->id = id;
  told->words = g_strdup (words);
  kvs_worker_call (self->worker, take_told, told, told_unref);
}

static void
on_send (gpointer user_data, const guint8 *data, gsize size)
{
  GstKvsChannels *self = user_data;

  self->send (self->send_data, data, size);
}

static void
on_opened (gpointer user_data, guint id, const char *label)
{
  tell (user_data, TOLD_OPENED, id, label);
}

static void
on_text (gpointer user_data, guint id, const char *text)
{
  GstKvsChannels *self = user_data;

  if (gst_kvs_text_rate_take (&self->rate, g_get_monotonic_time (),
          strlen (text))) {
    tell (self, TOLD_TEXT, id, text);
    return;
  }
  /* Once for each peer, which may well go on. */
  if (!self->has_warned)
    GST_WARNING ("a text of %" G_GSIZE_FORMAT " bytes was dropped: too many "
                 "in a second",
        strlen (text));
  self->has_warned = TRUE;
}

static void
on_closed (gpointer user_data, guint id)
{
  tell (user_data, TOLD_CLOSED, id, NULL);
}

static void
on_lost (gpointer user_data)
{
  tell (user_data, TOLD_LOST, 0, NULL);
}

static gboolean
open_label (gpointer data)
{
  Order *order = data;
  GstKvsChannels *self = order->channels;

  if (self->association)
    rtc_association_open_channel (self->association, order->texts[0]);
  else if (self->labels->len < RTC_CHANNELS_MAX)
    g_ptr_array_add (self->labels, g_strdup (order->texts[0]));
  return G_SOURCE_REMOVE;
}

void
gst_kvs_channels_create (GstKvsChannels *self, const char *label)
{
  Order *order = g_new0 (Order, 1);

  order->channels = gst_kvs_channels_ref (self);
  order->texts = g_strdupv ((char *[]){ (char *) label, NULL });
  kvs_worker_call (self->net, open_label, order, order_free);
}

/* The owner may free us within any event. */
void
gst_kvs_channels_open (GstKvsChannels *self)
{
  Told *told;

  gst_kvs_channels_ref (self);
  self->is_open = TRUE;
  for (guint i = 0; self->events && i < self->channels->len; i++)
    report_opened (self, g_ptr_array_index (self->channels, i));
  while ((told = g_queue_pop_head (&self->early))) {
    if (self->events)
      deliver_text (self, told);
    told_unref (told);
  }
  gst_kvs_channels_unref (self);
}

guint
gst_kvs_channels_count (GstKvsChannels *self)
{
  return self->channels->len;
}

guint
gst_kvs_channels_send (GstKvsChannels *self, const char *text)
{
  if (self->channels->len > 0)
    order_texts (self, 0, g_strdupv ((char *[]){ (char *) text, NULL }));
  return self->channels->len;
}

void
gst_kvs_channels_free (GstKvsChannels *self)
{
  self->events = NULL;
  g_clear_object (&self->user_data);
  g_queue_clear_full (&self->early, told_unref);
  gst_kvs_channels_unref (self);
}

void
gst_kvs_channels_connect (GstKvsChannels *self, gboolean is_client,
    guint16 local_port, guint16 remote_port, guint64 max_message_size,
    GstKvsChannelsSend send, gpointer send_data)
{
  g_return_if_fail (!self->association);

  self->send = send;
  self->send_data = send_data;
  self->association =
      rtc_association_new (is_client, &association_events, self);
  rtc_association_connect (self->association, local_port, remote_port,
      max_message_size);
  for (guint i = 0; i < self->labels->len; i++)
    rtc_association_open_channel (self->association,
        g_ptr_array_index (self->labels, i));
  g_ptr_array_set_size (self->labels, 0);
}

void
gst_kvs_channels_take (GstKvsChannels *self, const guint8 *data, gsize size)
{
  if (self->association)
    rtc_association_take (self->association, data, size);
}

void
gst_kvs_channels_disconnect (GstKvsChannels *self)
{
  g_clear_pointer (&self->association, rtc_association_free);
}
