#include "proposals.h"

static void
add_media (GstKvsSdpProposal *self, GstKvsMedia media, gboolean send,
    const char *const *names)
{
  g_autoptr (GPtrArray) codecs = g_ptr_array_new ();

  for (; *names; names++)
    g_ptr_array_add (codecs, (gpointer) gst_kvs_codec_find (media, *names));
  gst_kvs_sdp_proposal_add_media (self, media, send, codecs);
}

GstKvsSdpProposal *
test_proposal_new (gboolean send_video)
{
  static const char *const audio[] = { "OPUS", "PCMU", "PCMA", NULL };
  static const char *const video[] = { "H264", "VP8", NULL };
  GstKvsSdpProposal *self = gst_kvs_sdp_proposal_new ();

  add_media (self, GST_KVS_MEDIA_AUDIO, FALSE, audio);
  add_media (self, GST_KVS_MEDIA_VIDEO, send_video, video);
  gst_kvs_sdp_proposal_add_data (self);
  return self;
}

char *
test_proposal_write (const GstKvsSdpProposal *self)
{
  static const GstKvsSdpTransport transport = { .ufrag = "oUrS",
    .password = "oursoursoursoursoursours",
    .fingerprint = TEST_PROPOSED_FINGERPRINT,
    .setup = "actpass" };
  g_autofree GstKvsSdpStream *streams =
      g_new0 (GstKvsSdpStream, self->lines->len);

  for (guint i = 0; i < self->lines->len; i++) {
    const GstKvsSdpLine *line = g_ptr_array_index (self->lines, i);

    if (line->is_data || !line->send)
      continue;
    streams[i].ssrc = 10 * i + 2;
    streams[i].rtx_ssrc = line->media == GST_KVS_MEDIA_VIDEO ? 10 * i + 3 : 0;
  }
  return gst_kvs_sdp_proposal_write (self, streams, &transport, "ours");
}
