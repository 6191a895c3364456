/* Which input goes to which m-line of an offer, and as which codec. */
#pragma once

#include "peer.h"

G_BEGIN_DECLS

typedef struct {
  const GstKvsCodec **video_codecs; /* preference, NULL-terminated */
  const GstKvsCodec **audio_codecs;
  guint video_bitrate; /* bit/s */
  gboolean transcode;  /* encoded input, for peers who cannot take it */
  GstKvsEncoderContext encoder;
} GstKvsPlanContext;

/* Who comes to talk, by a data channel, and for no picture and no sound. */
gboolean gst_kvs_plan_wants_data_alone (const GstKvsSdpOffer *offer);

/**
 * gst_kvs_plan_legs:
 * @inputs: of GstKvsInput
 * @choices: zeroed, one for each m-line; filled in
 * @refusal: why nothing can be sent or received, for people (transfer full)
 *
 * Gives each m-line that wants to receive the next input of its kind, as the
 * first codec of the preference order that both the input can be had in and
 * the m-line offers; encoded input goes as it is, or transcoded where it may
 * be and must; what a peer wants to send is received in the codec it
 * is sent, else in the first of the preference order that it offers and we can
 * take apart, else in any. The streams are acquired. Returns the legs, or NULL with
 * `*refusal` when no m-line has a use; none of them is for who asks for a data
 * channel alone. Worker only.
 */
GArray *gst_kvs_plan_legs (const GstKvsSdpOffer *offer, GPtrArray *inputs,
    const GstKvsPlanContext *context, GstKvsSdpChoice *choices, char **refusal);

/**
 * gst_kvs_plan_proposal:
 * @inputs: of GstKvsInput
 *
 * What a viewer offers (transfer full): audio, video and data, sendrecv where
 * there is an input of the kind. What is encoded already is offered as that
 * codec alone, and raw input only as what can be encoded here, since a master
 * may choose any.
 */
GstKvsSdpProposal *gst_kvs_plan_proposal (GPtrArray *inputs,
    const GstKvsPlanContext *context);

/**
 * gst_kvs_plan_answered:
 * @choices: zeroed, one for each line of the proposal; filled in
 *
 * What comes of an answer to it: the legs, whose streams are acquired, or NULL
 * when nothing does. Worker only.
 */
GArray *gst_kvs_plan_answered (const GstKvsSdpOffer *answer,
    const GstKvsSdpProposal *proposal, GPtrArray *inputs,
    const GstKvsPlanContext *context, GstKvsSdpChoice *choices);

/* Whether raw media could be encoded at all; else a GError that says what to install. */
gboolean gst_kvs_plan_check_encoders (GstKvsMedia media,
    const GstKvsCodec **order, GError **error);

G_END_DECLS
