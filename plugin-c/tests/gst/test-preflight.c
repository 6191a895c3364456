/* What is refused before anything starts, and with what words. */
#include <gst/gst.h>
#include <string.h>

#include "error.h"
#include "preflight.h"

#define FIFTY "0123456789012345678901234567890123456789abcdefghij"
#define NAME_250 FIFTY FIFTY FIFTY FIFTY FIFTY
#define EURO_5 "\342\202\254\342\202\254\342\202\254\342\202\254\342\202\254"
#define EURO_10 EURO_5 EURO_5
#define ARN \
  "arn:aws:kinesisvideo:eu-west-1:123456789012:channel/cam1/1234567890"

static const struct {
  const char *channel, *client_id;
  KvsRole role;
  const char *word; /* of the refusal; NULL where there is none */
} rows[] = {
  { "cam1", "me" },
  { "a", "b" },
  { "Front_Door-2.example", "A-Z_a.z-09" },
  { NAME_250 "123456", NAME_250 "123456" },
  { ARN, "me" },
  { "arn:aws-cn:kinesisvideo:cn-north-1:123456789012:channel/c/1", "me" },

  { NULL, "me", .word = "No channel is set" },
  { "", "me", .word = "No channel is set" },
  { "two words", "me", .word = "\"two words\"" },
  { "cam/1", "me", .word = "channel name" },
  { "cam\n1", "me", .word = "channel name" },
  { "K\303\274che", "me", .word = "channel name" },
  /* 64 bytes end inside one of these letters. */
  { "x" EURO_10 EURO_10 EURO_10, "me", .word = "channel name" },
  { "\377\376", "me", .word = "channel name" },
  { NAME_250 "1234567", "me", .word = "1 to 256" },
  { "arn:aws:kinesisvideo:eu-west-1:123456789012:stream/cam1/1", "me",
      .word = "channel name" },
  { "arn:aws:s3:::bucket", "me", .word = "channel name" },
  { "https://example.com", "me", .word = "channel name" },
  { ARN NAME_250 NAME_250 NAME_250 NAME_250, "me", .word = "channel name" },

  { "cam1", "", .word = "client-id" },
  { "cam1", "a b", .word = "client-id" },
  { "cam1", "x" EURO_10 EURO_10 EURO_10, .word = "client-id" },
  { "cam1", "AWS_x", .word = "AWS_" },
  { "cam1", NAME_250 "1234567", .word = "client-id" },
  { "cam1", ARN, .word = "client-id" },
  { "cam1", "me", KVS_ROLE_VIEWER, NULL },
};

static void
test_config (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    KvsConfig config = { .channel = (char *) rows[i].channel,
      .client_id = (char *) rows[i].client_id,
      .role = rows[i].role };
    g_autoptr (GError) error = NULL;
    gboolean is_legal = gst_kvs_preflight_check_config (&config, &error);

    g_assert_true (is_legal == (rows[i].word == NULL));
    if (is_legal) {
      g_assert_no_error (error);
      continue;
    }
    g_test_message ("%s", error->message);
    g_assert_error (error, KVS_ERROR, KVS_ERROR_SETTINGS);
    g_assert_nonnull (strstr (error->message, rows[i].word));
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
    g_assert_cmpuint (g_utf8_strlen (error->message, -1), <, 200);
  }
}

/* What is missing in it is told before anything starts. */
static void
test_iot_certificate (void)
{
  KvsConfig config = { .channel = (char *) "cam1",
    .client_id = (char *) "me",
    .iot_certificate = (char *) "iot-certificate,endpoint=x,cert-path=a,"
                                "key-path=b,role-aliases=c" };
  g_autoptr (GError) error = NULL;

  g_assert_true (gst_kvs_preflight_check_config (&config, &error));
  g_assert_no_error (error);

  config.iot_certificate = (char *) "iot-certificate,endpoint=x";
  g_assert_false (gst_kvs_preflight_check_config (&config, &error));
  g_assert_error (error, KVS_ERROR, KVS_ERROR_SETTINGS);
  g_assert_nonnull (strstr (error->message, "iot-certificate"));
}

/* The machine that runs the tests has what the element needs, or names it. */
static void
test_plugins (void)
{
  g_autoptr (GError) error = NULL;

  if (gst_kvs_preflight_check_plugins (&error)) {
    g_assert_no_error (error);
    return;
  }
  g_assert_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN);
  g_assert_nonnull (strstr (error->message, "apt install gstreamer1.0-"));
}

static void
test_missing_plugin_is_named (void)
{
  GstRegistry *registry = gst_registry_get ();
  GstPluginFeature *feature = gst_registry_lookup_feature (registry, "rtpbin");
  g_autoptr (GError) error = NULL;

  if (!feature) {
    g_test_skip ("rtpbin is not installed");
    return;
  }
  gst_registry_remove_feature (registry, feature);
  g_assert_false (gst_kvs_preflight_check_plugins (&error));
  g_assert_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN);
  g_assert_nonnull (strstr (error->message, "rtpbin"));
  g_assert_nonnull (strstr (error->message, "gstreamer1.0-plugins-good"));
  gst_registry_add_feature (registry, feature);
  gst_object_unref (feature);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/preflight/iot-certificate", test_iot_certificate);
  g_test_add_func ("/preflight/config", test_config);
  g_test_add_func ("/preflight/plugins", test_plugins);
  g_test_add_func ("/preflight/missing-plugin-is-named",
      test_missing_plugin_is_named);
  return g_test_run ();
}
