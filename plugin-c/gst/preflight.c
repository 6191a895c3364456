#include "preflight.h"

#include <string.h>

#include "error.h"
#include "iotcertificate.h"

#define MAX_NAME 256
#define NAME_CHARACTERS        \
  "abcdefghijklmnopqrstuvwxyz" \
  "ABCDEFGHIJKLMNOPQRSTUVWXYZ" \
  "0123456789"                 \
  "_.-"

static gboolean
is_name (const char *text)
{
  gsize length = strlen (text);

  return length > 0 && length <= MAX_NAME
      && strspn (text, NAME_CHARACTERS) == length;
}

/* arn:aws:kinesisvideo:region:account:channel/name/number; its parts are the
 * signaling side's business, its kind is checked here for a clear word early. */
static gboolean
is_channel_arn (const char *text)
{
  return g_str_has_prefix (text, "arn:") && strstr (text, ":kinesisvideo:")
      && strstr (text, ":channel/") && strlen (text) <= 1024;
}

/* The beginning of what somebody wrote, as it can be shown. */
static char *
shorten (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  return g_utf8_substring (valid, 0, MIN (g_utf8_strlen (valid, -1), 64));
}

static gboolean
check_iot_certificate (const KvsConfig *config, GError **error)
{
  g_autoptr (KvsIotCertificate) certificate = NULL;

  if (!config->iot_certificate || !*config->iot_certificate)
    return TRUE;
  certificate = kvs_iot_certificate_parse (config, error);
  return certificate != NULL;
}

gboolean
gst_kvs_preflight_check_config (const KvsConfig *config, GError **error)
{
  if (!config->channel || !*config->channel) {
    g_set_error_literal (error, KVS_ERROR, KVS_ERROR_SETTINGS,
        "No channel is set: give one, as in kinesiswebrtcbin channel=cam1");
    return FALSE;
  }
  if (!is_name (config->channel) && !is_channel_arn (config->channel)) {
    g_autofree char *shown = shorten (config->channel);

    g_set_error (error, KVS_ERROR, KVS_ERROR_SETTINGS,
        "\"%s\" is not a legal channel name: use 1 to 256 of a-z A-Z 0-9 "
        "_ . - or the channel's ARN",
        shown);
    return FALSE;
  }
  if (!is_name (config->client_id)
      || g_str_has_prefix (config->client_id, "AWS_")) {
    g_autofree char *shown = shorten (config->client_id);

    g_set_error (error, KVS_ERROR, KVS_ERROR_SETTINGS,
        "\"%s\" is not a legal client-id: use 1 to 256 of a-z A-Z 0-9 "
        "_ . - and do not begin with AWS_",
        shown);
    return FALSE;
  }
  return check_iot_certificate (config, error);
}

gboolean
gst_kvs_preflight_check_plugins (GError **error)
{
  static const struct {
    const char *factory, *package;
  } needed[] = {
    { "rtpbin", "gstreamer1.0-plugins-good" },
    { "rtpvp8pay", "gstreamer1.0-plugins-good" },
    { "appsink", "gstreamer1.0-plugins-base" },
    { "videoconvert", "gstreamer1.0-plugins-base" },
    { "h264parse", "gstreamer1.0-plugins-bad" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (needed); i++) {
    g_autoptr (GstElementFactory) factory =
        gst_element_factory_find (needed[i].factory);

    if (factory)
      continue;
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
        "The GStreamer element %s is missing. On Debian: apt install %s",
        needed[i].factory, needed[i].package);
    return FALSE;
  }
  return TRUE;
}
