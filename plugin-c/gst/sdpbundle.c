#include "sdpbundle.h"

#include "match.h"

/* More names than an offer may have m-lines lead nowhere. */
#define MAX_WORDS 20

char **
gst_kvs_sdp_bundle_read (const GstSDPMessage *message)
{
  const char *group;

  for (guint i = 0;
       (group = gst_sdp_message_get_attribute_val_n (message, "group", i));
       i++) {
    if (g_str_has_prefix (group, "BUNDLE "))
      return g_strsplit (group, " ", MAX_WORDS);
  }
  return NULL;
}

gboolean
gst_kvs_sdp_bundle_has (char **bundle, const char *mid)
{
  return bundle && mid
      && g_strv_contains ((const char *const *) bundle + 1, mid);
}

/* What there is no use for has no say in it. */
static gboolean
is_used (const GstKvsSdpMedia *media)
{
  return !media->is_rejected && (media->is_data || media->codecs->len > 0);
}

gboolean
gst_kvs_sdp_offer_shares_transport (const GstKvsSdpOffer *offer)
{
  g_auto (GStrv) bundle = gst_kvs_sdp_bundle_read (offer->message);
  guint used = 0, bundled = 0;

  for (guint i = 0; i < offer->medias->len; i++) {
    const GstKvsSdpMedia *media = g_ptr_array_index (offer->medias, i);

    if (!is_used (media))
      continue;
    used++;
    bundled += gst_kvs_sdp_bundle_has (bundle, media->mid);
  }
  return used < 2 || bundled == used;
}

/* The m-line of that name if there is a use for it, or -1. */
static int
find_used (const GstKvsSdpOffer *offer, const char *mid)
{
  int mline = gst_kvs_sdp_offer_find_mline (offer, mid, -1);

  return mline >= 0
          && gst_kvs_sdp_media_is_usable (
              g_ptr_array_index (offer->medias, (guint) mline))
      ? mline
      : -1;
}

/* -1 where nothing is both of use and in the bundle. */
static int
find_first_of_bundle (const GstKvsSdpOffer *offer)
{
  g_auto (GStrv) bundle = gst_kvs_sdp_bundle_read (offer->message);

  for (char **mid = bundle ? bundle + 1 : NULL; mid && *mid; mid++) {
    int mline = find_used (offer, *mid);

    if (mline >= 0)
      return mline;
  }
  return -1;
}

guint
gst_kvs_sdp_offer_find_transport (const GstKvsSdpOffer *offer)
{
  int bundled = find_first_of_bundle (offer);

  if (bundled >= 0)
    return (guint) bundled;
  for (guint i = 0; i < offer->medias->len; i++) {
    if (is_used (g_ptr_array_index (offer->medias, i)))
      return i;
  }
  return 0;
}

/* The m-line whose transport this one is on, or NULL. */
static const GstSDPMedia *
find_tagged (const GstSDPMessage *message, const char *mid)
{
  g_auto (GStrv) bundle = gst_kvs_sdp_bundle_read (message);
  guint n = gst_sdp_message_medias_len (message);

  if (!gst_kvs_sdp_bundle_has (bundle, mid))
    return NULL;
  for (guint i = 0; i < n; i++) {
    const GstSDPMedia *media = gst_sdp_message_get_media (message, i);

    if (g_strcmp0 (gst_sdp_media_get_attribute_val (media, "mid"), bundle[1])
        == 0)
      return media;
  }
  return NULL;
}

const char *
gst_kvs_sdp_offer_attribute (const GstKvsSdpOffer *offer,
    const GstSDPMedia *media, const char *name)
{
  const char *value = gst_sdp_media_get_attribute_val (media, name);

  if (!value)
    value = gst_sdp_message_get_attribute_val (offer->message, name);
  if (!value) {
    media = find_tagged (offer->message,
        gst_sdp_media_get_attribute_val (media, "mid"));
    value = media ? gst_sdp_media_get_attribute_val (media, name) : NULL;
  }
  return value;
}
