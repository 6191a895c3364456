/* The plugin's entry point. */
#include "kinesiswebrtcbin.h"

#define PACKAGE "kvswebrtc-launch"

static gboolean
plugin_init (GstPlugin *plugin)
{
  return GST_ELEMENT_REGISTER (kinesiswebrtcbin, plugin);
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, kinesiswebrtc,
    "Amazon Kinesis Video Streams WebRTC", plugin_init, PACKAGE_VERSION,
    "MIT/X11", PACKAGE,
    "https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/")
