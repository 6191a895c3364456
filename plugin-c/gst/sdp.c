#include "sdp.h"

#include <string.h>

#include "extension.h"
#include "fingerprint.h"
#include "orientation.h"
#include "sdpbundle.h"
#include "sdpcodec.h"
#include "sdpdata.h"
#include "sdptext.h"

/* The service carries 10 kB of base64; nothing honest is near this. */
#define MAX_SDP_SIZE (64 * 1024)
#define MAX_MEDIAS 16
#define MAX_FORMATS 128
#define MAX_ATTRIBUTES 512
#define MAX_CANDIDATES 64
#define MAX_MID_LENGTH 32
#define MAX_WORD_LENGTH 32
#define MAX_SSRCS 4

/* The dashes are no minus signs. */
/* clang-format off */
G_DEFINE_QUARK (gst-kvs-sdp-error-quark, gst_kvs_sdp_error)
/* clang-format on */

static gboolean parse_message (const char *text, GstSDPMessage **message,
    GError **error);
static gboolean read_session (GstKvsSdpOffer *offer, GError **error);
static GstKvsSdpMedia *read_media (GstKvsSdpOffer *offer, guint mline,
    GError **error);

static void
media_free (GstKvsSdpMedia *self)
{
  g_free (self->mid);
  g_array_unref (self->ssrcs);
  g_ptr_array_unref (self->codecs);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstKvsSdpMedia, media_free)

static GstKvsSdpOffer *
offer_new (void)
{
  GstKvsSdpOffer *self = g_new0 (GstKvsSdpOffer, 1);

  self->medias = g_ptr_array_new_with_free_func ((GDestroyNotify) media_free);
  self->candidates = g_ptr_array_new_with_free_func (g_free);
  self->fingerprints = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
gst_kvs_sdp_offer_free (GstKvsSdpOffer *offer)
{
  g_ptr_array_unref (offer->medias);
  g_ptr_array_unref (offer->candidates);
  g_ptr_array_unref (offer->fingerprints);
  g_clear_pointer (&offer->message, gst_sdp_message_free);
  g_free (offer);
}

GstKvsSdpOffer *
gst_kvs_sdp_offer_parse (const char *text, GError **error)
{
  g_autoptr (GstKvsSdpOffer) offer = offer_new ();
  guint n_medias;

  if (!parse_message (text, &offer->message, error)
      || !read_session (offer, error))
    return NULL;

  n_medias = gst_sdp_message_medias_len (offer->message);
  for (guint i = 0; i < n_medias; i++) {
    GstKvsSdpMedia *media = read_media (offer, i, error);

    if (!media)
      return NULL;
    g_ptr_array_add (offer->medias, media);
  }

  if (offer->fingerprints->len == 0) {
    g_set_error_literal (error, GST_KVS_SDP_ERROR, GST_KVS_SDP_ERROR_SYNTAX,
        "the offer has no usable a=fingerprint");
    return NULL;
  }
  return g_steal_pointer (&offer);
}

static gboolean
parse_message (const char *text, GstSDPMessage **message, GError **error)
{
  gsize size = strlen (text);
  guint n_medias;

  if (size > MAX_SDP_SIZE) {
    g_set_error (error, GST_KVS_SDP_ERROR, GST_KVS_SDP_ERROR_LIMIT,
        "the SDP has %" G_GSIZE_FORMAT " bytes", size);
    return FALSE;
  }
  /* GstSDP accepts almost anything, so the first line is checked here. */
  if (!g_str_has_prefix (text, "v=0")
      || gst_sdp_message_new_from_text (text, message) != GST_SDP_OK) {
    g_set_error_literal (error, GST_KVS_SDP_ERROR, GST_KVS_SDP_ERROR_SYNTAX,
        "the text is not SDP");
    return FALSE;
  }
  n_medias = gst_sdp_message_medias_len (*message);
  if (n_medias == 0 || n_medias > MAX_MEDIAS) {
    g_set_error (error, GST_KVS_SDP_ERROR,
        n_medias == 0 ? GST_KVS_SDP_ERROR_SYNTAX : GST_KVS_SDP_ERROR_LIMIT,
        "the SDP has %u m-lines", n_medias);
    return FALSE;
  }
  return TRUE;
}

static void
add_fingerprint (GstKvsSdpOffer *offer, const char *value)
{
  g_autofree char *fingerprint = gst_kvs_sdp_fingerprint_normalise (value);

  if (fingerprint && offer->fingerprints->len < MAX_MEDIAS
      && !g_ptr_array_find_with_equal_func (offer->fingerprints, fingerprint,
          g_str_equal, NULL))
    g_ptr_array_add (offer->fingerprints, g_steal_pointer (&fingerprint));
}

static gboolean
read_session (GstKvsSdpOffer *offer, GError **error)
{
  const char *fingerprint;

  if (gst_sdp_message_attributes_len (offer->message) > MAX_ATTRIBUTES) {
    g_set_error_literal (error, GST_KVS_SDP_ERROR, GST_KVS_SDP_ERROR_LIMIT,
        "the SDP has too many session attributes");
    return FALSE;
  }
  for (guint i = 0;
       (fingerprint = gst_sdp_message_get_attribute_val_n (offer->message,
            "fingerprint", i));
       i++)
    add_fingerprint (offer, fingerprint);
  return TRUE;
}

/* What nothing can be connected with, or with regret. */
static gboolean
check_transport (const GstKvsSdpOffer *offer, const GstSDPMedia *media,
    guint mline, GError **error)
{
  static const struct {
    const char *name;
    gsize min, max;
  } required[] = {
    { "ice-ufrag", 4, 256 },
    { "ice-pwd", 22, 256 },
    { "setup", 4, 8 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (required); i++) {
    const char *value =
        gst_kvs_sdp_offer_attribute (offer, media, required[i].name);

    if (!value || !gst_kvs_sdp_is_token (value, required[i].max)
        || strlen (value) < required[i].min) {
      g_set_error (error, GST_KVS_SDP_ERROR, GST_KVS_SDP_ERROR_SYNTAX,
          "m-line %u has no legal a=%s", mline, required[i].name);
      return FALSE;
    }
  }
  if (!g_strv_contains ((const char *const[]){ "actpass", "active", "passive",
                            NULL },
          gst_kvs_sdp_offer_attribute (offer, media, "setup"))) {
    g_set_error (error, GST_KVS_SDP_ERROR, GST_KVS_SDP_ERROR_UNSUPPORTED,
        "m-line %u has an a=setup that cannot be answered", mline);
    return FALSE;
  }
  return TRUE;
}

static gboolean
has_attribute (const GstSDPMessage *message, const GstSDPMedia *media,
    const char *name)
{
  return (media ? gst_sdp_media_get_attribute_val (media, name)
                : gst_sdp_message_get_attribute_val (message, name))
      != NULL;
}

/* The m-line's own word counts, else the session's (Firefox says sendrecv
 * there), else sendrecv: RFC 8866 section 6.7. */
static void
read_direction (GstKvsSdpMedia *self, const GstSDPMessage *message,
    const GstSDPMedia *media)
{
  static const struct {
    const char *name;
    gboolean receives, sends;
  } directions[] = {
    { "sendrecv", TRUE, TRUE },
    { "recvonly", TRUE, FALSE },
    { "sendonly", FALSE, TRUE },
    { "inactive", FALSE, FALSE },
  };
  const GstSDPMedia *const levels[] = { media, NULL };

  self->wants_to_receive = TRUE;
  self->wants_to_send = TRUE;
  for (guint l = 0; l < G_N_ELEMENTS (levels); l++) {
    for (guint i = 0; i < G_N_ELEMENTS (directions); i++) {
      if (!has_attribute (message, levels[l], directions[i].name))
        continue;
      self->wants_to_receive = directions[i].receives;
      self->wants_to_send = directions[i].sends;
      return;
    }
  }
}

static void
read_candidates (GstKvsSdpOffer *offer, const GstSDPMedia *media)
{
  guint n = gst_sdp_media_attributes_len (media);

  for (guint i = 0; i < n; i++) {
    const GstSDPAttribute *a = gst_sdp_media_get_attribute (media, i);

    if (g_strcmp0 (a->key, "candidate") == 0 && a->value
        && offer->candidates->len < MAX_CANDIDATES)
      g_ptr_array_add (offer->candidates,
          g_strconcat ("candidate:", a->value, NULL));
  }
}

static gboolean
has_ssrc (const GstKvsSdpMedia *self, guint32 ssrc)
{
  for (guint i = 0; i < self->ssrcs->len; i++) {
    if (g_array_index (self->ssrcs, guint32, i) == ssrc)
      return TRUE;
  }
  return FALSE;
}

/* RFC 5576: a stream and its retransmission, a few of each at most. */
static void
read_ssrcs (GstKvsSdpMedia *self, const GstSDPMedia *media)
{
  guint n = gst_sdp_media_attributes_len (media);

  for (guint i = 0; i < n && self->ssrcs->len < MAX_SSRCS; i++) {
    const GstSDPAttribute *a = gst_sdp_media_get_attribute (media, i);
    guint64 value;
    guint32 ssrc;

    if (g_strcmp0 (a->key, "ssrc") != 0 || !a->value)
      continue;
    value = g_ascii_strtoull (a->value, NULL, 10);
    ssrc = (guint32) value;
    if (value > 0 && value <= G_MAXUINT32 && !has_ssrc (self, ssrc))
      g_array_append_val (self->ssrcs, ssrc);
  }
}

/* Its answer says the same words. */
static gboolean
has_legal_words (const GstSDPMedia *media)
{
  guint n = gst_sdp_media_formats_len (media);
  const char *proto = gst_sdp_media_get_proto (media);

  for (guint i = 0; i < n; i++) {
    if (!gst_kvs_sdp_is_token (gst_sdp_media_get_format (media, i),
            MAX_WORD_LENGTH))
      return FALSE;
  }
  return proto && gst_kvs_sdp_is_token (proto, MAX_WORD_LENGTH);
}

static gboolean
check_media (const GstSDPMedia *media, guint mline, GError **error)
{
  const char *mid = gst_sdp_media_get_attribute_val (media, "mid");

  if (gst_sdp_media_attributes_len (media) > MAX_ATTRIBUTES
      || gst_sdp_media_formats_len (media) > MAX_FORMATS) {
    g_set_error (error, GST_KVS_SDP_ERROR, GST_KVS_SDP_ERROR_LIMIT,
        "m-line %u is too long", mline);
    return FALSE;
  }
  if (!gst_kvs_sdp_is_token (gst_sdp_media_get_media (media),
          MAX_WORD_LENGTH)) {
    g_set_error (error, GST_KVS_SDP_ERROR, GST_KVS_SDP_ERROR_SYNTAX,
        "m-line %u is of no legal kind", mline);
    return FALSE;
  }
  if (!has_legal_words (media)) {
    g_set_error (error, GST_KVS_SDP_ERROR, GST_KVS_SDP_ERROR_SYNTAX,
        "m-line %u has no legal protocol or formats", mline);
    return FALSE;
  }
  if (!mid || !gst_kvs_sdp_is_token (mid, MAX_MID_LENGTH)) {
    g_set_error (error, GST_KVS_SDP_ERROR, GST_KVS_SDP_ERROR_SYNTAX,
        "m-line %u has no legal a=mid", mline);
    return FALSE;
  }
  return TRUE;
}

/* RFC 8829 section 5.1.3; it goes over DTLS whichever is said. */
static gboolean
is_rtp_profile (const char *proto)
{
  return g_strv_contains ((const char *const[]){ "UDP/TLS/RTP/SAVPF",
                              "UDP/TLS/RTP/SAVP", "TCP/TLS/RTP/SAVPF",
                              "TCP/TLS/RTP/SAVP", "TCP/DTLS/RTP/SAVPF",
                              "TCP/DTLS/RTP/SAVP", "RTP/SAVPF", "RTP/SAVP",
                              "RTP/AVPF", "RTP/AVP", NULL },
      proto);
}

/* RFC 8843 section 6: with port 0 is meant what is in a bundle and says so. */
static gboolean
is_bundle_only (const GstKvsSdpOffer *offer, const GstSDPMedia *media)
{
  g_auto (GStrv) bundle = gst_kvs_sdp_bundle_read (offer->message);

  return gst_sdp_media_get_attribute_val (media, "bundle-only")
      && gst_kvs_sdp_bundle_has (bundle,
          gst_sdp_media_get_attribute_val (media, "mid"));
}

/* RFC 8841 section 4: a transport carries one association. */
static gboolean
has_data (const GstKvsSdpOffer *offer)
{
  for (guint i = 0; i < offer->medias->len; i++) {
    const GstKvsSdpMedia *media = g_ptr_array_index (offer->medias, i);

    if (media->is_data && !media->is_rejected)
      return TRUE;
  }
  return FALSE;
}

/* Two of one number could not be told apart. */
static void
read_extensions (GstKvsSdpMedia *self, const GstSDPMedia *media)
{
  self->transport_cc_id =
      gst_kvs_extension_read_id (media, GST_KVS_EXTENSION_TRANSPORT_CC);
  if (self->media == GST_KVS_MEDIA_VIDEO)
    self->orientation_id = gst_kvs_orientation_read_id (media);
  if (self->orientation_id == self->transport_cc_id)
    self->orientation_id = 0;
}

static GstKvsSdpMedia *
read_media (GstKvsSdpOffer *offer, guint mline, GError **error)
{
  const GstSDPMedia *media = gst_sdp_message_get_media (offer->message, mline);
  const char *kind = gst_sdp_media_get_media (media);
  const char *fingerprint;
  g_autoptr (GstKvsSdpMedia) self = g_new0 (GstKvsSdpMedia, 1);

  self->mline = mline;
  self->codecs =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_kvs_sdp_codec_free);
  self->ssrcs = g_array_new (FALSE, FALSE, sizeof (guint32));
  if (!check_media (media, mline, error))
    return NULL;
  self->mid = g_strdup (gst_sdp_media_get_attribute_val (media, "mid"));
  for (guint i = 0; i < offer->medias->len; i++) {
    const GstKvsSdpMedia *other = g_ptr_array_index (offer->medias, i);

    if (g_str_equal (other->mid, self->mid)) {
      g_set_error (error, GST_KVS_SDP_ERROR, GST_KVS_SDP_ERROR_SYNTAX,
          "m-lines %u and %u have the same a=mid", i, mline);
      return NULL;
    }
  }

  self->sctp_port = has_data (offer) ? 0 : gst_kvs_sdp_data_read_port (media);
  self->is_data = self->sctp_port > 0;
  if (self->is_data)
    self->max_message_size = gst_kvs_sdp_data_read_max_size (media);
  self->is_rtp = (g_str_equal (kind, "audio") || g_str_equal (kind, "video"))
      && is_rtp_profile (gst_sdp_media_get_proto (media));
  self->is_rejected =
      gst_sdp_media_get_port (media) == 0 && !is_bundle_only (offer, media);
  if (self->is_rejected)
    return g_steal_pointer (&self);

  if (!check_transport (offer, media, mline, error))
    return NULL;
  for (guint i = 0; (fingerprint = gst_sdp_media_get_attribute_val_n (media,
                         "fingerprint", i));
       i++)
    add_fingerprint (offer, fingerprint);
  read_candidates (offer, media);
  if (self->is_rtp) {
    self->media =
        g_str_equal (kind, "audio") ? GST_KVS_MEDIA_AUDIO : GST_KVS_MEDIA_VIDEO;
    read_direction (self, offer->message, media);
    read_ssrcs (self, media);
    read_extensions (self, media);
    gst_kvs_sdp_codecs_read (self, media);
  }
  return g_steal_pointer (&self);
}

int
gst_kvs_sdp_offer_find_mline (const GstKvsSdpOffer *offer, const char *mid,
    int mline_index)
{
  for (guint i = 0; mid && i < offer->medias->len; i++) {
    const GstKvsSdpMedia *media = g_ptr_array_index (offer->medias, i);

    if (g_str_equal (media->mid, mid))
      return (int) i;
  }
  if (mline_index >= 0)
    return mline_index < (int) offer->medias->len ? mline_index : -1;
  return mid ? -1 : 0;
}
