/* One Opus stream for peers who ask for different things. */
#include <gst/gst.h>

#include "opus.h"

static void
test_formats_are_read (void)
{
  static const struct {
    const char *fmtp;
    GstKvsOpusFormat format;
  } rows[] = {
    { NULL, { FALSE, FALSE, FALSE } },
    { "minptime=10;useinbandfec=1", { FALSE, TRUE, FALSE } },
    { "maxplaybackrate=48000;stereo=1;useinbandfec=1", { TRUE, TRUE, FALSE } },
    { "sprop-stereo=1", { TRUE, FALSE, FALSE } },
    { "usedtx=1; stereo=0", { FALSE, FALSE, TRUE } },
    { "stereo=11;useinbandfec=yes;usedtx", { FALSE, FALSE, FALSE } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    GstKvsOpusFormat format = gst_kvs_opus_format_read (rows[i].fmtp);

    g_test_message ("%s", rows[i].fmtp);
    g_assert_cmpint (format.stereo, ==, rows[i].format.stereo);
    g_assert_cmpint (format.fec, ==, rows[i].format.fec);
    g_assert_cmpint (format.dtx, ==, rows[i].format.dtx);
  }
}

static void
assert_decides (const GstKvsOpusTally *tally, gboolean stereo, gboolean fec,
    gboolean dtx)
{
  GstKvsOpusFormat format = gst_kvs_opus_tally_decide (tally);

  g_assert_cmpint (format.stereo, ==, stereo);
  g_assert_cmpint (format.fec, ==, fec);
  g_assert_cmpint (format.dtx, ==, dtx);
}

static void
test_one_suits_all (void)
{
  GstKvsOpusTally tally = { 0 };

  assert_decides (&tally, FALSE, FALSE, FALSE);
  gst_kvs_opus_tally_add (&tally, "usedtx=1");
  assert_decides (&tally, FALSE, FALSE, TRUE);
  gst_kvs_opus_tally_add (&tally, "stereo=1;useinbandfec=1");
  assert_decides (&tally, TRUE, TRUE, FALSE);
  gst_kvs_opus_tally_add (&tally, NULL);
  assert_decides (&tally, TRUE, TRUE, FALSE);
  gst_kvs_opus_tally_remove (&tally, "stereo=1;useinbandfec=1");
  gst_kvs_opus_tally_remove (&tally, NULL);
  assert_decides (&tally, FALSE, FALSE, TRUE);
}

static void
test_reckons_with_what_is_lost (void)
{
  static const struct {
    guint second;
    double worst;
    guint percent;
  } rows[] = {
    { 1, 0, 5 },
    { 2, 0.03, 5 },
    { 3, 0.059, 5 },
    { 4, 0.06, 10 },
    { 5, 0.17, 20 },
    { 6, 0.9, 20 },
    /* Down only after ten seconds of less, and to the most of them. */
    { 7, 0, 20 },
    { 12, 0.12, 20 },
    { 16, 0, 20 },
    { 17, 0.01, 15 },
    { 18, 0, 15 },
    /* What it comes back to begins them anew. */
    { 27, 0.15, 15 },
    { 28, 0, 15 },
    { 37, 0, 15 },
    { 38, 0, 5 },
    { 39, -1, 5 },
  };
  GstKvsOpusLoss loss = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    guint before = loss.percent;
    gboolean has_changed = gst_kvs_opus_loss_take (&loss, rows[i].worst,
        rows[i].second * G_TIME_SPAN_SECOND);

    g_test_message ("second %u", rows[i].second);
    g_assert_cmpuint (loss.percent, ==, rows[i].percent);
    g_assert_cmpint (has_changed, ==, before != rows[i].percent);
  }
}

static void
test_encoder_is_set_while_it_runs (void)
{
  g_autoptr (GstElement) chain = gst_object_ref_sink (
      gst_parse_bin_from_description ("capsfilter name=channels ! opusenc "
                                      "name=enc",
          FALSE, NULL));
  g_autoptr (GstElement) encoder = gst_bin_get_by_name (GST_BIN (chain), "enc");
  GstKvsOpusFormat rich = { TRUE, TRUE, TRUE, 15 }, plain = { FALSE };
  gboolean fec, dtx;
  int loss;

  gst_kvs_opus_apply (chain, &rich);
  g_object_get (encoder, "inband-fec", &fec, "dtx", &dtx,
      "packet-loss-percentage", &loss, NULL);
  g_assert_true (fec && dtx);
  g_assert_cmpint (loss, ==, 15);
  gst_kvs_opus_apply (chain, &plain);
  g_object_get (encoder, "inband-fec", &fec, "dtx", &dtx,
      "packet-loss-percentage", &loss, NULL);
  g_assert_false (fec || dtx);
  g_assert_cmpint (loss, ==, 0);
}

static void
test_channels_without_a_place_get_one (void)
{
  static const struct {
    const char *caps;
    guint64 mask;
  } rows[] = {
    { "audio/x-raw,channels=2,channel-mask=(bitmask)0x0", 3 },
    { "audio/x-raw,channels=2,channel-mask=(bitmask)0x3", 3 },
    { "audio/x-raw,channels=2,channel-mask=(bitmask)0xc", 0xc },
    { "audio/x-raw,channels=4,channel-mask=(bitmask)0x0", 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GstCaps) caps = gst_caps_from_string (rows[i].caps);
    g_autoptr (GstCaps) placed = gst_kvs_opus_place_channels (caps);
    guint64 mask;

    g_assert_true (gst_structure_get (gst_caps_get_structure (placed, 0),
        "channel-mask", GST_TYPE_BITMASK, &mask, NULL));
    g_assert_cmpuint (mask, ==, rows[i].mask);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/opus/formats-are-read", test_formats_are_read);
  g_test_add_func ("/opus/one-suits-all", test_one_suits_all);
  g_test_add_func ("/opus/reckons-with-what-is-lost",
      test_reckons_with_what_is_lost);
  g_test_add_func ("/opus/channels-without-a-place-get-one",
      test_channels_without_a_place_get_one);
  g_test_add_func ("/opus/encoder-is-set-while-it-runs",
      test_encoder_is_set_while_it_runs);
  return g_test_run ();
}
