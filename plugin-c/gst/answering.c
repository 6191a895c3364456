#include "peerinternal.h"

GST_DEBUG_CATEGORY_EXTERN (kvspeer_debug);
#define GST_CAT_DEFAULT kvspeer_debug

/* The story, in order. */
static void set_remote_description (GstKvsPeer *self);
static void remote_description_set (GstKvsPeer *self,
    const GstStructure *reply);
static void answer_created (GstKvsPeer *self, const GstStructure *reply);
static void local_description_set (GstKvsPeer *self, const GstStructure *reply);

void
gst_kvs_peer_answer (GstKvsPeer *self, GstKvsSdpOffer *offer, GArray *legs,
    GstKvsSdpChoice *choices, GPtrArray *ice_servers)
{
  self->state = STATE_NEGOTIATING;
  self->remote = offer;
  self->choices = choices;
  gst_kvs_peer_take_legs (self, legs);
  gst_kvs_peer_start_connect_timer (self);
  if (!gst_kvs_peer_build (self, ice_servers)) {
    gst_kvs_peer_close (self, "webrtcbin could not be made");
    return;
  }
  gst_kvs_receiver_expect (self->receiver, self->remote, self->choices);
  set_remote_description (self);
}

static void
set_remote_description (GstKvsPeer *self)
{
  GstWebRTCSessionDescription *description =
      gst_webrtc_session_description_new (GST_WEBRTC_SDP_TYPE_OFFER,
          gst_kvs_sdp_offer_narrow (self->remote, self->choices));

  g_signal_emit_by_name (self->webrtc, "set-remote-description", description,
      gst_kvs_peer_promise (self, remote_description_set));
  gst_webrtc_session_description_free (description);
}

static void
remote_description_set (GstKvsPeer *self, const GstStructure *reply)
{
  if (!gst_kvs_peer_take_remote (self, reply, "its offer was not accepted"))
    return;
  g_signal_emit_by_name (self->webrtc, "create-answer", NULL,
      gst_kvs_peer_promise (self, answer_created));
}

static void
answer_created (GstKvsPeer *self, const GstStructure *reply)
{
  g_autoptr (GstWebRTCSessionDescription) answer = NULL;
  g_autofree char *text = NULL;

  if (gst_kvs_peer_close_on_error (self, reply,
          "its offer could not be answered"))
    return;
  if (reply)
    gst_structure_get (reply, "answer", GST_TYPE_WEBRTC_SESSION_DESCRIPTION,
        &answer, NULL);
  if (!answer) {
    gst_kvs_peer_close (self, "its offer could not be answered");
    return;
  }
  kvs_span_begin (&self->gathering);
  g_signal_emit_by_name (self->webrtc, "set-local-description", answer,
      gst_kvs_peer_promise (self, local_description_set));
  text = gst_kvs_sdp_answer_finish (answer->sdp, self->remote, self->choices);
  self->events->answer (self->user_data, self, text);
}

static void
local_description_set (GstKvsPeer *self, const GstStructure *reply)
{
  if (gst_kvs_peer_close_on_error (self, reply,
          "its answer could not be applied"))
    return;
  gst_kvs_peer_send_candidates (self);
  gst_kvs_peer_connect (self);
}
