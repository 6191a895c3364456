#include "peerinternal.h"

GST_DEBUG_CATEGORY_EXTERN (kvspeer_debug);
#define GST_CAT_DEFAULT kvspeer_debug

static void
make_streams (GstKvsPeer *self)
{
  self->streams = g_new0 (GstKvsSdpStream, self->remote->medias->len);
  for (guint i = 0; i < self->remote->medias->len; i++) {
    if (self->choices[i].send)
      gst_kvs_peer_make_stream (&self->streams[i],
          self->choices[i].codec->rtx_pt >= 0);
  }
}

/* One that only answers checks leaves it to us to lead (RFC 8445 section 6.1.1). */
static gboolean
is_lite (const GstKvsSdpOffer *offer)
{
  return gst_sdp_message_get_attribute_val (offer->message, "ice-lite") != NULL;
}

static void
send_answer (GstKvsPeer *self, const char *setup)
{
  GstKvsSdpTransport transport = gst_kvs_peer_get_transport (self, setup);
  g_autofree char *text = gst_kvs_sdp_answer_write (self->remote, self->choices,
      self->streams, &transport, self->cname);

  self->events->answer (self->user_data, self, text);
}

void
gst_kvs_peer_answer (GstKvsPeer *self, GstKvsSdpOffer *offer, GArray *legs,
    GstKvsSdpChoice *choices, GPtrArray *ice_servers)
{
  const char *setup;

  self->remote = offer;
  self->choices = choices;
  gst_kvs_peer_take_legs (self, legs);
  gst_kvs_peer_start_connect_timer (self);
  if (!gst_kvs_sdp_offer_shares_transport (offer)) {
    gst_kvs_peer_close (self,
        "its media does not share one transport (BUNDLE)");
    return;
  }
  if (!gst_kvs_peer_build (self, is_lite (offer), ice_servers)) {
    gst_kvs_peer_close (self, "its connection could not be made");
    return;
  }
  make_streams (self);
  setup = gst_kvs_sdp_answer_setup (gst_kvs_sdp_offer_attribute (offer,
      gst_kvs_peer_get_remote_transport (self), "setup"));
  if (!gst_kvs_peer_connect (self, setup))
    return;
  send_answer (self, setup);
  gst_kvs_peer_gather (self);
}
