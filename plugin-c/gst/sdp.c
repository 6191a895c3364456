#include "sdp.h"

#include <gio/gio.h>
#include <string.h>

/* The service carries 10 kB of base64; nothing honest is near this. */
#define MAX_SDP_SIZE (64 * 1024)
#define MAX_MEDIAS 16
#define MAX_FORMATS 128
#define MAX_ATTRIBUTES 512
#define MAX_CANDIDATES 64
#define MAX_MID_LENGTH 32
#define MAX_KIND_LENGTH 32
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
static void read_codecs (GstKvsSdpMedia *self, const GstSDPMedia *media);

static void
codec_free (GstKvsSdpCodec *self)
{
  g_free (self->fmtp);
  g_free (self);
}

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

/* The algorithms that still name one certificate; SHA-1 and MD5 do not. */
static const struct {
  const char *name;
  guint bytes;
} hashes[] = {
  { "sha-256", 32 },
  { "sha-384", 48 },
  { "sha-512", 64 },
};

/* Whether these are as many bytes, as "AB:CD". */
static gboolean
is_digest (const char *text, guint bytes)
{
  if (strlen (text) != bytes * 3 - 1)
    return FALSE;
  for (guint i = 0; text[i]; i++) {
    if (i % 3 == 2 ? text[i] != ':' : !g_ascii_isxdigit (text[i]))
      return FALSE;
  }
  return TRUE;
}

/* "SHA-256 ab:cd..." → "sha-256 AB:CD...", or NULL when it is neither. RFC 8122. */
static char *
normalise_fingerprint (const char *value)
{
  g_auto (GStrv) words = g_strsplit (value, " ", 2);
  g_autofree char *digits = NULL;

  if (!words[0] || !words[1])
    return NULL;
  digits = g_ascii_strup (g_strstrip (words[1]), -1);
  for (guint i = 0; i < G_N_ELEMENTS (hashes); i++) {
    if (g_ascii_strcasecmp (words[0], hashes[i].name) == 0
        && is_digest (digits, hashes[i].bytes))
      return g_strconcat (hashes[i].name, " ", digits, NULL);
  }
  return NULL;
}

static void
add_fingerprint (GstKvsSdpOffer *offer, const char *value)
{
  g_autofree char *fingerprint = normalise_fingerprint (value);

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

/* The mids of the first BUNDLE group, after a first word; NULL without one. */
static char **
read_bundle (const GstSDPMessage *message)
{
  const char *group;

  for (guint i = 0;
       (group = gst_sdp_message_get_attribute_val_n (message, "group", i));
       i++) {
    if (g_str_has_prefix (group, "BUNDLE "))
      return g_strsplit (group, " ", MAX_MEDIAS + 2);
  }
  return NULL;
}

/* Whether this m-line is in the bundle of the offer. */
static gboolean
is_bundled (char **bundle, const char *mid)
{
  return bundle && mid
      && g_strv_contains ((const char *const *) bundle + 1, mid);
}

/* The m-line whose transport one with a=bundle-only uses, or NULL. */
static const GstSDPMedia *
find_tagged (const GstSDPMessage *message, const char *mid)
{
  g_auto (GStrv) bundle = read_bundle (message);
  guint n = gst_sdp_message_medias_len (message);

  if (!is_bundled (bundle, mid))
    return NULL;
  for (guint i = 0; i < n; i++) {
    const GstSDPMedia *media = gst_sdp_message_get_media (message, i);

    if (g_strcmp0 (gst_sdp_media_get_attribute_val (media, "mid"), bundle[1])
        == 0)
      return media;
  }
  return NULL;
}

/* An attribute of the transport: the m-line's own, else the session's, else
 * that of the m-line it is bundled with (RFC 8843 section 7.1.3). */
static const char *
attribute (const GstKvsSdpOffer *offer, const GstSDPMedia *media,
    const char *name)
{
  const char *value = gst_sdp_media_get_attribute_val (media, name);

  if (!value)
    value = gst_sdp_message_get_attribute_val (offer->message, name);
  if (!value && gst_sdp_media_get_attribute_val (media, "bundle-only")) {
    media = find_tagged (offer->message,
        gst_sdp_media_get_attribute_val (media, "mid"));
    value = media ? gst_sdp_media_get_attribute_val (media, name) : NULL;
  }
  return value;
}

static gboolean
is_token (const char *text, gsize max)
{
  gsize length = strlen (text);

  if (length == 0 || length > max)
    return FALSE;
  for (const char *c = text; *c; c++) {
    if (!g_ascii_isgraph (*c))
      return FALSE;
  }
  return TRUE;
}

static gboolean
is_number (const char *text, guint64 min, guint64 max)
{
  return g_ascii_string_to_unsigned (text, 10, min, max, NULL, NULL);
}

/* What webrtcbin would assert on, or connect with and regret. */
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
    const char *value = attribute (offer, media, required[i].name);

    if (!value || !is_token (value, required[i].max)
        || strlen (value) < required[i].min) {
      g_set_error (error, GST_KVS_SDP_ERROR, GST_KVS_SDP_ERROR_SYNTAX,
          "m-line %u has no legal a=%s", mline, required[i].name);
      return FALSE;
    }
  }
  if (!g_strv_contains ((const char *const[]){ "actpass", "active", "passive",
                            NULL },
          attribute (offer, media, "setup"))) {
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
  if (!is_token (gst_sdp_media_get_media (media), MAX_KIND_LENGTH)) {
    g_set_error (error, GST_KVS_SDP_ERROR, GST_KVS_SDP_ERROR_SYNTAX,
        "m-line %u is of no legal kind", mline);
    return FALSE;
  }
  if (!mid || !is_token (mid, MAX_MID_LENGTH)) {
    g_set_error (error, GST_KVS_SDP_ERROR, GST_KVS_SDP_ERROR_SYNTAX,
        "m-line %u has no legal a=mid", mline);
    return FALSE;
  }
  return TRUE;
}

static GstKvsSdpMedia *
read_media (GstKvsSdpOffer *offer, guint mline, GError **error)
{
  const GstSDPMedia *media = gst_sdp_message_get_media (offer->message, mline);
  const char *kind = gst_sdp_media_get_media (media);
  const char *fingerprint;
  g_autoptr (GstKvsSdpMedia) self = g_new0 (GstKvsSdpMedia, 1);

  self->mline = mline;
  self->codecs = g_ptr_array_new_with_free_func ((GDestroyNotify) codec_free);
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

  self->is_data = g_strcmp0 (kind, "application") == 0;
  self->is_rtp =
      g_strcmp0 (kind, "audio") == 0 || g_strcmp0 (kind, "video") == 0;
  /* bundle-only m-lines say port 0 and are meant (RFC 8843 section 6). */
  self->is_rejected = gst_sdp_media_get_port (media) == 0
      && !gst_sdp_media_get_attribute_val (media, "bundle-only");
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
    read_codecs (self, media);
  }
  return g_steal_pointer (&self);
}

/* The value after "<pt> " of the attribute `key` for this payload type, or NULL. */
static const char *
payload_attribute (const GstSDPMedia *media, const char *key, int pt, guint nth)
{
  guint n = gst_sdp_media_attributes_len (media);

  for (guint i = 0; i < n; i++) {
    const GstSDPAttribute *a = gst_sdp_media_get_attribute (media, i);
    char *end;
    gint64 number;

    if (g_strcmp0 (a->key, key) != 0 || !a->value)
      continue;
    if (a->value[0] == '*') {
      end = (char *) a->value + 1;
      number = pt;
    } else {
      number = g_ascii_strtoll (a->value, &end, 10);
    }
    if (end == a->value || *end != ' ' || number != pt)
      continue;
    if (nth-- == 0)
      return end + 1;
  }
  return NULL;
}

static gboolean
is_format (const char *text, int *pt)
{
  guint64 value = 0;
  gboolean is_pt = g_ascii_string_to_unsigned (text, 10, 0, 127, &value, NULL);

  *pt = (int) value;
  return is_pt;
}

/* RFC 3551's static payload types need no a=rtpmap. */
static const char *
rtpmap_of (const GstSDPMedia *media, int pt)
{
  const char *rtpmap = payload_attribute (media, "rtpmap", pt, 0);

  if (rtpmap)
    return rtpmap;
  return pt == 0 ? "PCMU/8000" : pt == 8 ? "PCMA/8000" : NULL;
}

static const GstKvsCodec *
codec_of_rtpmap (GstKvsMedia media, const char *rtpmap)
{
  g_auto (GStrv) parts = g_strsplit (rtpmap, "/", 3);
  const GstKvsCodec *codec;

  if (!parts[0] || !parts[1])
    return NULL;
  codec = gst_kvs_codec_find (media, parts[0]);
  if (!codec || g_ascii_strtoll (parts[1], NULL, 10) != codec->clock_rate)
    return NULL;
  /* RFC 8866 section 6.6: one channel where nothing is said. */
  if (g_strcmp0 (parts[2] ? parts[2] : "1",
          codec->rtp_channels ? codec->rtp_channels : "1")
      != 0)
    return NULL;
  return codec;
}

/* The value of `name` in "a=b;c=d", NULL when absent. Transfer full. */
static char *
fmtp_parameter (const char *fmtp, const char *name)
{
  g_auto (GStrv) parameters = fmtp ? g_strsplit (fmtp, ";", 64) : NULL;
  gsize length = strlen (name);

  for (char **p = parameters; p && *p; p++) {
    const char *parameter = g_strstrip (*p);

    if (g_ascii_strncasecmp (parameter, name, length) == 0
        && parameter[length] == '=')
      return g_strdup (parameter + length + 1);
  }
  return NULL;
}

static int
find_rtx (const GstSDPMedia *media, int pt)
{
  guint n = gst_sdp_media_formats_len (media);

  for (guint i = 0; i < n; i++) {
    const char *rtpmap;
    g_autofree char *apt = NULL;
    int rtx, of;

    if (!is_format (gst_sdp_media_get_format (media, i), &rtx))
      continue;
    rtpmap = payload_attribute (media, "rtpmap", rtx, 0);
    if (!rtpmap || g_ascii_strncasecmp (rtpmap, "rtx/", 4) != 0)
      continue;
    apt = fmtp_parameter (payload_attribute (media, "fmtp", rtx, 0), "apt");
    if (apt && is_format (apt, &of) && of == pt)
      return rtx;
  }
  return -1;
}

static void
read_feedback (GstKvsSdpCodec *self, const GstSDPMedia *media)
{
  const char *value;

  for (guint i = 0;
       i < 16 && (value = payload_attribute (media, "rtcp-fb", self->pt, i));
       i++) {
    self->nack |= g_str_equal (value, "nack");
    self->nack_pli |= g_str_equal (value, "nack pli");
    self->ccm_fir |= g_str_equal (value, "ccm fir");
  }
}

static int
read_profile_level_id (const char *fmtp)
{
  g_autofree char *text = fmtp_parameter (fmtp, "profile-level-id");
  guint64 value;

  if (!text || strlen (text) != 6
      || !g_ascii_string_to_unsigned (text, 16, 0, 0xffffff, &value, NULL))
    return -1;
  return (int) value;
}

static void
read_codecs (GstKvsSdpMedia *self, const GstSDPMedia *media)
{
  guint n = gst_sdp_media_formats_len (media);
  gboolean seen[128] = { FALSE };

  for (guint i = 0; i < n; i++) {
    GstKvsSdpCodec *c;
    const GstKvsCodec *codec;
    const char *rtpmap;
    int pt;

    if (!is_format (gst_sdp_media_get_format (media, i), &pt) || seen[pt])
      continue;
    seen[pt] = TRUE;
    rtpmap = rtpmap_of (media, pt);
    codec = rtpmap ? codec_of_rtpmap (self->media, rtpmap) : NULL;
    if (!codec)
      continue;

    c = g_new0 (GstKvsSdpCodec, 1);
    c->pt = pt;
    c->codec = codec;
    c->fmtp = g_strdup (payload_attribute (media, "fmtp", pt, 0));
    c->rtx_pt = find_rtx (media, pt);
    c->profile_level_id = read_profile_level_id (c->fmtp);
    read_feedback (c, media);
    g_ptr_array_add (self->codecs, c);
  }
}

/* H264 profiles as what they can decode, RFC 6184 section 8.1, by the first
 * two bytes of profile-level-id. 0 = constrained baseline ... 3 = high. */
static int
h264_profile_rank (int profile_level_id)
{
  int idc = (profile_level_id >> 16) & 0xff;
  int iop = (profile_level_id >> 8) & 0xff;

  switch (idc) {
    case 66:
      return iop & 0x40 ? 0 : 1;
    case 77:
      return iop & 0x80 ? 0 : 2;
    case 100:
      return 3;
    default:
      return -1;
  }
}

/* Lower is better; -1 will not do. */
static int
h264_distance (const GstKvsSdpCodec *offered, int profile_level_id)
{
  g_autofree char *mode = fmtp_parameter (offered->fmtp, "packetization-mode");
  int stream = profile_level_id < 0 ? 0 : h264_profile_rank (profile_level_id);
  int decoder;

  if (g_strcmp0 (mode, "1") != 0)
    return -1;
  /* RFC 6184: no profile-level-id means baseline. */
  decoder = offered->profile_level_id < 0
      ? 1
      : h264_profile_rank (offered->profile_level_id);
  /* A profile above high (4:4:4 say) is for itself; high comes nearest. */
  if (decoder < 0 || stream < 0) {
    if (offered->profile_level_id >> 16 == profile_level_id >> 16)
      return 0;
    return 100 - decoder;
  }
  return decoder >= stream ? decoder - stream : 10 + stream - decoder;
}

const GstKvsSdpCodec *
gst_kvs_sdp_media_match (const GstKvsSdpMedia *media, const GstKvsCodec *codec,
    int profile_level_id)
{
  gboolean is_h264 = g_str_equal (codec->name, "H264");
  const GstKvsSdpCodec *best = NULL;
  int best_distance = G_MAXINT;

  for (guint i = 0; i < media->codecs->len; i++) {
    const GstKvsSdpCodec *c = g_ptr_array_index (media->codecs, i);
    int distance;

    if (c->codec != codec)
      continue;
    distance = is_h264 ? h264_distance (c, profile_level_id) : 0;
    if (distance >= 0 && distance < best_distance) {
      best = c;
      best_distance = distance;
    }
  }
  return best;
}

/* "VP8" of a format's a=rtpmap, fit to be shown; NULL otherwise. Transfer full. */
static char *
name_of_format (const GstSDPMedia *media, const char *format)
{
  int pt;
  const char *rtpmap = is_format (format, &pt) ? rtpmap_of (media, pt) : NULL;
  g_autofree char *name =
      rtpmap ? g_strndup (rtpmap, MIN (strcspn (rtpmap, "/"), 16)) : NULL;

  return name && is_token (name, 16) ? g_steal_pointer (&name) : NULL;
}

char *
gst_kvs_sdp_offer_describe_codecs (const GstKvsSdpOffer *offer)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < offer->medias->len; i++) {
    const GstSDPMedia *media = gst_sdp_message_get_media (offer->message, i);
    const GstKvsSdpMedia *self = g_ptr_array_index (offer->medias, i);
    guint n = self->is_rtp ? gst_sdp_media_formats_len (media) : 0;

    for (guint j = 0; j < n && text->len < 180; j++) {
      g_autofree char *name =
          name_of_format (media, gst_sdp_media_get_format (media, j));

      if (name && !strstr (text->str, name))
        g_string_append_printf (text, "%s%s", text->len ? ", " : "", name);
    }
  }
  return g_string_free (text, FALSE);
}

gboolean
gst_kvs_sdp_offer_sends_rtcp (const GstKvsSdpOffer *offer)
{
  for (guint i = 0; i < offer->medias->len; i++) {
    const GstKvsSdpMedia *self = g_ptr_array_index (offer->medias, i);

    if (self->is_rtp && !self->is_rejected
        && gst_sdp_media_formats_len (
               gst_sdp_message_get_media (offer->message, i))
            > 1)
      return TRUE;
  }
  return FALSE;
}

static void
copy_transport (GstSDPMedia *to, const GstKvsSdpOffer *offer,
    const GstSDPMedia *from)
{
  static const char *const names[] = { "ice-ufrag", "ice-pwd", "setup" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    gst_sdp_media_add_attribute (to, names[i],
        attribute (offer, from, names[i]));
  /* webrtcbin wants to see one and compares none (peer.c does, with all). */
  gst_sdp_media_add_attribute (to, "fingerprint",
      g_ptr_array_index (offer->fingerprints, 0));
}

static void
add_payload_attribute (GstSDPMedia *media, const char *key, int pt,
    const char *value)
{
  g_autofree char *text = g_strdup_printf ("%d %s", pt, value);

  gst_sdp_media_add_attribute (media, key, text);
}

static void
add_rtpmap (GstSDPMedia *media, int pt, const char *name,
    const GstKvsCodec *codec)
{
  g_autofree char *format = g_strdup_printf ("%d", pt);
  g_autofree char *rtpmap = g_strdup_printf ("%s/%d%s%s", name,
      codec->clock_rate, codec->rtp_channels ? "/" : "",
      codec->rtp_channels ? codec->rtp_channels : "");

  gst_sdp_media_add_format (media, format);
  add_payload_attribute (media, "rtpmap", pt, rtpmap);
}

static void
write_codec (GstSDPMedia *media, const GstKvsSdpCodec *c)
{
  add_rtpmap (media, c->pt, c->codec->name, c->codec);
  if (c->nack)
    add_payload_attribute (media, "rtcp-fb", c->pt, "nack");
  if (c->nack_pli)
    add_payload_attribute (media, "rtcp-fb", c->pt, "nack pli");
  if (c->ccm_fir)
    add_payload_attribute (media, "rtcp-fb", c->pt, "ccm fir");
  if (g_str_equal (c->codec->name, "H264"))
    add_payload_attribute (media, "fmtp", c->pt, "packetization-mode=1");
  if (c->rtx_pt >= 0) {
    g_autofree char *apt = g_strdup_printf ("apt=%d", c->pt);

    add_rtpmap (media, c->rtx_pt, "rtx", c->codec);
    add_payload_attribute (media, "fmtp", c->rtx_pt, apt);
  }
}

/* An m-line nobody sends on still needs a payload type to be well formed. */
static void
write_unused (GstSDPMedia *to, const GstKvsSdpMedia *self,
    const GstSDPMedia *from)
{
  static const GstKvsCodec anything = { .clock_rate = 90000 };
  const GstKvsSdpCodec *c;

  if (self->codecs->len > 0) {
    c = g_ptr_array_index (self->codecs, 0);
    add_rtpmap (to, c->pt, c->codec->name, c->codec);
  } else {
    int pt = 0;

    if (gst_sdp_media_formats_len (from) == 0
        || !is_format (gst_sdp_media_get_format (from, 0), &pt))
      pt = 96;
    add_rtpmap (to, pt, "UNSUPPORTED", &anything);
  }
}

/* As the peer says it: what we receive, it sends. */
static const char *
direction_of (const GstKvsSdpChoice *choice)
{
  if (choice->send)
    return choice->receive ? "sendrecv" : "recvonly";
  return choice->receive ? "sendonly" : "inactive";
}

static void
write_ssrcs (GstSDPMedia *to, const GstKvsSdpMedia *self)
{
  for (guint i = 0; i < self->ssrcs->len; i++) {
    g_autofree char *value = g_strdup_printf ("%u cname:peer",
        g_array_index (self->ssrcs, guint32, i));

    gst_sdp_media_add_attribute (to, "ssrc", value);
  }
}

static void
write_rtp (GstSDPMedia *to, const GstKvsSdpMedia *self, const GstSDPMedia *from,
    const GstKvsSdpChoice *choice)
{
  gst_sdp_media_set_proto (to, "UDP/TLS/RTP/SAVPF");
  gst_sdp_media_add_attribute (to, "rtcp-mux", "");
  if (gst_sdp_media_get_attribute_val (from, "rtcp-rsize"))
    gst_sdp_media_add_attribute (to, "rtcp-rsize", "");
  gst_sdp_media_add_attribute (to, direction_of (choice), "");
  if (choice->codec)
    write_codec (to, choice->codec);
  else
    write_unused (to, self, from);
  if (choice->receive)
    write_ssrcs (to, self);
}

static void
write_data (GstSDPMedia *to, const GstSDPMedia *from)
{
  const char *port = gst_sdp_media_get_attribute_val (from, "sctp-port");

  gst_sdp_media_set_proto (to, "UDP/DTLS/SCTP");
  gst_sdp_media_add_format (to, "webrtc-datachannel");
  gst_sdp_media_add_attribute (to, "sctp-port",
      port && is_number (port, 1, 65535) ? port : "5000");
}

static GstSDPMedia *
write_media (const GstKvsSdpOffer *offer, const GstKvsSdpMedia *self,
    const GstKvsSdpChoice *choice)
{
  const GstSDPMedia *from =
      gst_sdp_message_get_media (offer->message, self->mline);
  GstSDPMedia *to;

  gst_sdp_media_new (&to);
  gst_sdp_media_set_media (to, gst_sdp_media_get_media (from));
  gst_sdp_media_set_port_info (to, self->is_rejected ? 0 : 9, 0);
  gst_sdp_media_add_connection (to, "IN", "IP4", "0.0.0.0", 0, 0);
  gst_sdp_media_add_attribute (to, "mid", self->mid);
  if (!self->is_rejected)
    copy_transport (to, offer, from);
  if (self->is_data)
    write_data (to, from);
  else
    write_rtp (to, self, from, choice);
  return to;
}

GstSDPMessage *
gst_kvs_sdp_offer_narrow (const GstKvsSdpOffer *offer,
    const GstKvsSdpChoice *choices)
{
  g_autoptr (GString) group = g_string_new ("BUNDLE");
  g_auto (GStrv) bundle = read_bundle (offer->message);
  GstSDPMessage *message;

  gst_sdp_message_new (&message);
  gst_sdp_message_set_version (message, "0");
  gst_sdp_message_set_origin (message, "-", "1", "1", "IN", "IP4", "127.0.0.1");
  gst_sdp_message_set_session_name (message, "-");
  gst_sdp_message_add_time (message, "0", "0", NULL);

  for (guint i = 0; i < offer->medias->len; i++) {
    const GstKvsSdpMedia *self = g_ptr_array_index (offer->medias, i);

    /* Only those of the peer's own group, in its order of m-lines. */
    if (!self->is_rejected && is_bundled (bundle, self->mid))
      g_string_append_printf (group, " %s", self->mid);
  }
  if (!g_str_equal (group->str, "BUNDLE"))
    gst_sdp_message_add_attribute (message, "group", group->str);
  /* We trickle, so we say so; webrtcbin's answer repeats it. */
  gst_sdp_message_add_attribute (message, "ice-options", "trickle");
  /* A server that only answers checks: webrtcbin must lead then. */
  if (gst_sdp_message_get_attribute_val (offer->message, "ice-lite"))
    gst_sdp_message_add_attribute (message, "ice-lite", "");

  for (guint i = 0; i < offer->medias->len; i++) {
    GstSDPMedia *media =
        write_media (offer, g_ptr_array_index (offer->medias, i), &choices[i]);

    gst_sdp_message_add_media (message, media);
    gst_sdp_media_free (media);
  }
  return message;
}

GstCaps *
gst_kvs_sdp_codec_preferences (const GstKvsSdpCodec *codec, guint32 ssrc)
{
  GstCaps *caps = gst_caps_new_simple ("application/x-rtp", "media",
      G_TYPE_STRING, gst_kvs_media_name (codec->codec->media), "encoding-name",
      G_TYPE_STRING, codec->codec->name, "clock-rate", G_TYPE_INT,
      codec->codec->clock_rate, "payload", G_TYPE_INT, codec->pt, "ssrc",
      G_TYPE_UINT, ssrc, NULL);

  if (codec->codec->rtp_channels)
    gst_caps_set_simple (caps, "encoding-params", G_TYPE_STRING,
        codec->codec->rtp_channels, NULL);
  if (codec->nack_pli)
    gst_caps_set_simple (caps, "rtcp-fb-nack-pli", G_TYPE_BOOLEAN, TRUE, NULL);
  if (codec->ccm_fir)
    gst_caps_set_simple (caps, "rtcp-fb-ccm-fir", G_TYPE_BOOLEAN, TRUE, NULL);
  return caps;
}

/* GLib also takes a zone ("fe80::1%" and any text), which is the peer's own
 * name for one of its interfaces and means nothing here. */
static gboolean
is_address (const char *text)
{
  return g_hostname_is_ip_address (text) && !strchr (text, '%');
}

char *
gst_kvs_sdp_candidate_clean (const char *text, const char **why)
{
  g_auto (GStrv) words = NULL;

  *why = "not a candidate";
  if (strlen (text) > 512)
    return NULL;
  if (g_str_has_prefix (text, "a="))
    text += 2;
  if (!g_str_has_prefix (text, "candidate:"))
    return NULL;
  words = g_strsplit (text + strlen ("candidate:"), " ", 32);
  if (g_strv_length (words) < 8 || !is_token (words[0], 32)
      || !is_number (words[3], 0, G_MAXUINT32)
      || !is_number (words[5], 1, 65535) || !g_str_equal (words[6], "typ")
      || !g_strv_contains ((const char *const[]){ "host", "srflx", "prflx",
                               "relay", NULL },
          words[7]))
    return NULL;

  *why = "of another component than RTP";
  if (!g_str_equal (words[1], "1"))
    return NULL;
  *why = "not UDP";
  if (g_ascii_strcasecmp (words[2], "udp") != 0)
    return NULL;
  *why = "a host name, not an address";
  if (!is_address (words[4]))
    return NULL;
  *why = NULL;
  return g_strdup_printf ("candidate:%s 1 UDP %s %s %s typ %s", words[0],
      words[3], words[4], words[5], words[7]);
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

/* level-asymmetry-allowed lets our level differ from the offered one (RFC 6184 section 8.2.2). */
static void
set_h264_fmtp (GstSDPMedia *media, const GstKvsSdpCodec *chosen)
{
  guint n = gst_sdp_media_attributes_len (media);
  int plid = chosen->profile_level_id < 0 ? 0x42e01f : chosen->profile_level_id;
  g_autofree char *value =
      g_strdup_printf ("%d level-asymmetry-allowed=1;"
                       "packetization-mode=1;profile-level-id=%06x",
          chosen->pt, plid);

  for (guint i = n; i > 0; i--) {
    const GstSDPAttribute *a = gst_sdp_media_get_attribute (media, i - 1);

    if (g_strcmp0 (a->key, "fmtp") == 0 && atoi (a->value) == chosen->pt)
      gst_sdp_media_remove_attribute (media, i - 1);
  }
  gst_sdp_media_add_attribute (media, "fmtp", value);
}

char *
gst_kvs_sdp_answer_finish (const GstSDPMessage *answer,
    const GstKvsSdpOffer *offer, const GstKvsSdpChoice *choices)
{
  g_autoptr (GstSDPMessage) copy = NULL;
  guint n;

  gst_sdp_message_copy (answer, &copy);
  n = MIN (gst_sdp_message_medias_len (copy), offer->medias->len);
  for (guint i = 0; i < n; i++) {
    const GstKvsSdpCodec *codec = choices[i].codec;

    if (codec && g_str_equal (codec->codec->name, "H264"))
      set_h264_fmtp ((GstSDPMedia *) gst_sdp_message_get_media (copy, i),
          codec);
  }
  return gst_sdp_message_as_text (copy);
}

char *
gst_kvs_sdp_fingerprint_of_pem (const char *pem, const char *like)
{
  g_autoptr (GTlsCertificate) certificate =
      g_tls_certificate_new_from_pem (pem, -1, NULL);
  g_autoptr (GByteArray) der = NULL;
  g_autofree char *digest = NULL;
  GChecksumType type = g_str_has_prefix (like, "sha-512 ") ? G_CHECKSUM_SHA512
      : g_str_has_prefix (like, "sha-384 ")                ? G_CHECKSUM_SHA384
                                                           : G_CHECKSUM_SHA256;
  GString *text;

  if (!certificate)
    return NULL;
  g_object_get (certificate, "certificate", &der, NULL);
  if (!der)
    return NULL;
  digest = g_compute_checksum_for_data (type, der->data, der->len);
  text = g_string_new (type == G_CHECKSUM_SHA512 ? "sha-512 "
          : type == G_CHECKSUM_SHA384            ? "sha-384 "
                                                 : "sha-256 ");
  for (const char *d = digest; *d; d += 2)
    g_string_append_printf (text, "%s%c%c", d == digest ? "" : ":",
        g_ascii_toupper (d[0]), g_ascii_toupper (d[1]));
  return g_string_free (text, FALSE);
}
