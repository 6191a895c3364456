/* An RTSP camera on loopback: H264 with a fixed GOP, deaf to key frame requests
 * as many real ones are. Prints its address, then one line a coded picture:
 * `slices <sha256>`, so that a test can tell whether what arrived elsewhere is
 * what left here, byte for byte. */
#include <gst/rtsp-server/rtsp-server.h>
#include <stdio.h>
#include <string.h>

#define CAMERA                                                             \
  "( videotestsrc is-live=true pattern=ball"                               \
  " ! video/x-raw,width=640,height=480,framerate=30/1"                     \
  " ! x264enc tune=zerolatency speed-preset=ultrafast bitrate=1500"        \
  " key-int-max=%d"                                                        \
  " ! video/x-h264,profile=constrained-baseline,stream-format=byte-stream" \
  " ! rtph264pay name=pay0 pt=96 )"

#define NAL_SLICE 1
#define NAL_IDR_SLICE 5

/* Where the next start code (00 00 01) begins, or `end`. */
static const guint8 *
find_start_code (const guint8 *data, const guint8 *end)
{
  for (; data + 3 <= end; data++) {
    if (data[0] == 0 && data[1] == 0 && data[2] == 1)
      return data;
  }
  return end;
}

/* The slices alone: parameter sets may be repeated or rewritten on the way. */
static void
print_slices (const guint8 *data, gsize size)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  const guint8 *end = data + size;
  const guint8 *code = find_start_code (data, end);

  while (code < end) {
    const guint8 *nal = code + 3;
    const guint8 *next = find_start_code (nal, end);
    const guint8 *last = next;
    /* A start code of four bytes has a zero that is no part of this NAL. */
    while (last > nal && last[-1] == 0)
      last--;
    if (last > nal
        && ((nal[0] & 0x1f) == NAL_SLICE || (nal[0] & 0x1f) == NAL_IDR_SLICE))
      g_checksum_update (sum, nal, last - nal);
    code = next;
  }
  printf ("slices %s\n", g_checksum_get_string (sum));
}

static GstPadProbeReturn
on_picture (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  GstMapInfo map;

  if (gst_buffer_map (buffer, &map, GST_MAP_READ)) {
    print_slices (map.data, map.size);
    gst_buffer_unmap (buffer, &map);
  }
  return GST_PAD_PROBE_OK;
}

static void
on_media_configure (GstRTSPMediaFactory *factory, GstRTSPMedia *media,
    gpointer user_data)
{
  g_autoptr (GstElement) bin = gst_rtsp_media_get_element (media);
  g_autoptr (GstElement) pay = gst_bin_get_by_name (GST_BIN (bin), "pay0");
  g_autoptr (GstPad) sink = gst_element_get_static_pad (pay, "sink");

  gst_pad_add_probe (sink, GST_PAD_PROBE_TYPE_BUFFER, on_picture, NULL, NULL);
}

static GstRTSPMediaFactory *
make_camera (int gop)
{
  GstRTSPMediaFactory *factory = gst_rtsp_media_factory_new ();
  g_autofree char *launch = g_strdup_printf (CAMERA, gop);

  gst_rtsp_media_factory_set_launch (factory, launch);
  gst_rtsp_media_factory_set_shared (factory, TRUE);
  g_signal_connect (factory, "media-configure", G_CALLBACK (on_media_configure),
      NULL);
  return factory;
}

int
main (int argc, char **argv)
{
  int gop = 60;
  GOptionEntry entries[] = {
    { "gop", 0, 0, G_OPTION_ARG_INT, &gop,
        "Pictures from key frame to key frame", "N" },
    { NULL },
  };
  g_autoptr (GOptionContext) options = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (options, entries, NULL);
  g_option_context_add_group (options, gst_init_get_option_group ());
  if (!g_option_context_parse (options, &argc, &argv, &error)) {
    fprintf (stderr, "rtsp-camera: %s\n", error->message);
    return 1;
  }

  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GstRTSPServer) server = gst_rtsp_server_new ();
  g_autoptr (GstRTSPMountPoints) mounts =
      gst_rtsp_server_get_mount_points (server);

  gst_rtsp_server_set_address (server, "127.0.0.1");
  gst_rtsp_server_set_service (server, "0");
  gst_rtsp_mount_points_add_factory (mounts, "/camera", make_camera (gop));
  if (gst_rtsp_server_attach (server, NULL) == 0) {
    fprintf (stderr, "rtsp-camera: cannot listen on 127.0.0.1\n");
    return 1;
  }

  setvbuf (stdout, NULL, _IOLBF, 0);
  printf ("rtsp://127.0.0.1:%d/camera\n",
      gst_rtsp_server_get_bound_port (server));
  g_main_loop_run (loop);
  return 0;
}
