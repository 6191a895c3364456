#include "accept.h"
#include "peerinternal.h"
#include "webrtc.h"

GST_DEBUG_CATEGORY_EXTERN (kvspeer_debug);
#define GST_CAT_DEFAULT kvspeer_debug

/* What Amazon's own viewers call theirs. */
#define DATA_CHANNEL_LABEL "kvsDataChannel"

/* The story, in order. */
static gboolean add_lines (GstKvsPeer *self);
static void offer_created (GstKvsPeer *self, const GstStructure *reply);
static void local_description_set (GstKvsPeer *self, const GstStructure *reply);
static void remote_description_set (GstKvsPeer *self,
    const GstStructure *reply);

void
gst_kvs_peer_offer (GstKvsPeer *self, GstKvsSdpProposal *proposal,
    GPtrArray *ice_servers)
{
  self->state = STATE_NEGOTIATING;
  self->proposal = proposal;
  if (!gst_kvs_peer_build (self, ice_servers) || !add_lines (self)) {
    gst_kvs_peer_close (self, "webrtcbin could not be made");
    return;
  }
  g_signal_emit_by_name (self->webrtc, "create-offer", NULL,
      gst_kvs_peer_promise (self, offer_created));
}

/* NULL where there is nothing to send on. webrtcbin's own offer holds one
 * payload type a line, which is enough for it: it learns the others from the
 * answer. */
static gboolean
add_line (GstKvsPeer *self, guint mline, GstPad **pad)
{
  const GstKvsSdpLine *line = g_ptr_array_index (self->proposal->lines, mline);
  GstKvsSdpChoice choice = { .send = line->send, .receive = TRUE };

  *pad = NULL;
  if (line->is_data) {
    gst_kvs_data_channels_create (self->channels, DATA_CHANNEL_LABEL);
    return TRUE;
  }
  choice.codec = g_ptr_array_index (line->codecs, 0);
  if (!line->send) {
    gst_kvs_webrtc_add_receiver (self->webrtc, choice.codec);
    return TRUE;
  }
  *pad = gst_kvs_webrtc_request_sink (self->webrtc, mline, &choice);
  return *pad != NULL;
}

static gboolean
add_lines (GstKvsPeer *self)
{
  for (guint i = 0; i < self->proposal->lines->len; i++) {
    GstPad *pad;

    if (!add_line (self, i, &pad))
      return FALSE;
    g_ptr_array_add (self->pads, pad);
  }
  return TRUE;
}

static void
offer_created (GstKvsPeer *self, const GstStructure *reply)
{
  g_autoptr (GstWebRTCSessionDescription) offer = NULL;
  g_autofree char *text = NULL;

  if (gst_kvs_peer_close_on_error (self, reply, "no offer could be made"))
    return;
  if (reply)
    gst_structure_get (reply, "offer", GST_TYPE_WEBRTC_SESSION_DESCRIPTION,
        &offer, NULL);
  if (!offer || !gst_kvs_sdp_proposal_bind (self->proposal, offer->sdp)) {
    gst_kvs_peer_close (self, "no offer could be made");
    return;
  }
  kvs_span_begin (&self->gathering);
  g_signal_emit_by_name (self->webrtc, "set-local-description", offer,
      gst_kvs_peer_promise (self, local_description_set));
  self->is_open = TRUE;
  text = gst_kvs_sdp_proposal_write (self->proposal, offer->sdp);
  self->events->offer (self->user_data, self, text);
}

static void
local_description_set (GstKvsPeer *self, const GstStructure *reply)
{
  if (!gst_kvs_peer_close_on_error (self, reply,
          "its offer could not be applied"))
    gst_kvs_peer_send_candidates (self);
}

gboolean
gst_kvs_peer_is_calling (GstKvsPeer *self)
{
  return !self->is_open;
}

const GstKvsSdpProposal *
gst_kvs_peer_get_open_proposal (GstKvsPeer *self)
{
  return self->is_open && !self->remote ? self->proposal : NULL;
}

void
gst_kvs_peer_accept (GstKvsPeer *self, GstKvsSdpOffer *answer, GArray *legs,
    GstKvsSdpChoice *choices)
{
  GstWebRTCSessionDescription *description;

  self->remote = answer;
  self->choices = choices;
  gst_kvs_peer_take_legs (self, legs);
  gst_kvs_peer_start_connect_timer (self);
  gst_kvs_receiver_expect (self->receiver, answer, choices);
  description = gst_webrtc_session_description_new (GST_WEBRTC_SDP_TYPE_ANSWER,
      gst_kvs_sdp_answer_narrow (answer, self->proposal, choices));
  g_signal_emit_by_name (self->webrtc, "set-remote-description", description,
      gst_kvs_peer_promise (self, remote_description_set));
  gst_webrtc_session_description_free (description);
}

static void
remote_description_set (GstKvsPeer *self, const GstStructure *reply)
{
  if (gst_kvs_peer_take_remote (self, reply, "its answer was not accepted"))
    gst_kvs_peer_connect (self);
}
