/* A peer's data channels. */
#include "peerinternal.h"

/* What Amazon's own viewers call theirs. */
#define DATA_CHANNEL_LABEL "kvsDataChannel"

/* The peer's m-line for data channels, or NULL. */
static const GstKvsSdpMedia *
find_data (const GstKvsSdpOffer *remote)
{
  for (guint i = 0; i < remote->medias->len; i++) {
    const GstKvsSdpMedia *media = g_ptr_array_index (remote->medias, i);

    if (media->is_data && !media->is_rejected)
      return media;
  }
  return NULL;
}

static void
on_channel_opened (gpointer user_data, const char *label)
{
  GstKvsPeer *self = user_data;

  if (self->state == STATE_ACTIVE)
    self->events->channel_opened (self->user_data, self, label);
}

static char **
on_text (gpointer user_data, const char *label, const char *text)
{
  GstKvsPeer *self = user_data;

  return self->state == STATE_ACTIVE
      ? self->events->text (self->user_data, self, label, text)
      : NULL;
}

static const GstKvsChannelsEvents channels_events = {
  .opened = on_channel_opened,
  .text = on_text,
};

void
gst_kvs_peer_make_channels (GstKvsPeer *self)
{
  const GstKvsSdpMedia *media = find_data (self->remote);

  if (!media)
    return;
  self->channels = gst_kvs_channels_new (self->worker,
      rtc_net_get_worker (self->net), &channels_events, self);
  gst_kvs_wire_set_channels (self->wire, self->channels, media->sctp_port,
      media->max_message_size);
  if (self->proposal)
    gst_kvs_channels_create (self->channels, DATA_CHANNEL_LABEL);
}

guint
gst_kvs_peer_send_text (GstKvsPeer *self, const char *text)
{
  return self->state == STATE_ACTIVE && self->channels
      ? gst_kvs_channels_send (self->channels, text)
      : 0;
}
