#include "accept.h"
#include "peerinternal.h"

GST_DEBUG_CATEGORY_EXTERN (kvspeer_debug);
#define GST_CAT_DEFAULT kvspeer_debug

static void
make_streams (GstKvsPeer *self)
{
  GPtrArray *lines = self->proposal->lines;

  self->streams = g_new0 (GstKvsSdpStream, lines->len);
  for (guint i = 0; i < lines->len; i++) {
    const GstKvsSdpLine *line = g_ptr_array_index (lines, i);

    if (!line->is_data && line->send)
      gst_kvs_peer_make_stream (&self->streams[i],
          line->media == GST_KVS_MEDIA_VIDEO);
  }
}

static void
send_offer (GstKvsPeer *self)
{
  GstKvsSdpTransport transport = gst_kvs_peer_get_transport (self, "actpass");
  g_autofree char *text = gst_kvs_sdp_proposal_write (self->proposal,
      self->streams, &transport, self->cname);

  self->events->offer (self->user_data, self, text);
}

void
gst_kvs_peer_offer (GstKvsPeer *self, GstKvsSdpProposal *proposal,
    GPtrArray *ice_servers)
{
  self->proposal = proposal;
  if (!gst_kvs_peer_build (self, TRUE, ice_servers)) {
    gst_kvs_peer_close (self, "its connection could not be made");
    return;
  }
  self->state = STATE_NEGOTIATING;
  make_streams (self);
  send_offer (self);
  gst_kvs_peer_gather (self);
}

gboolean
gst_kvs_peer_is_calling (GstKvsPeer *self)
{
  return self->state == STATE_NEW;
}

const GstKvsSdpProposal *
gst_kvs_peer_get_open_proposal (GstKvsPeer *self)
{
  return self->state == STATE_NEGOTIATING && !self->remote ? self->proposal
                                                           : NULL;
}

void
gst_kvs_peer_accept (GstKvsPeer *self, GstKvsSdpOffer *answer, GArray *legs,
    GstKvsSdpChoice *choices)
{
  const char *theirs;

  self->remote = answer;
  self->choices = choices;
  gst_kvs_peer_take_legs (self, legs);
  gst_kvs_peer_start_connect_timer (self);
  theirs = gst_kvs_sdp_offer_attribute (answer,
      gst_kvs_peer_get_remote_transport (self), "setup");
  gst_kvs_peer_connect (self, gst_kvs_sdp_answer_setup (theirs));
}
