#include "sdpdata.h"

#include <stdlib.h>

#include "sdptext.h"

#define APPLICATION "webrtc-datachannel"

/* Of draft-ietf-mmusic-sctp-sdp-07 and those before it: the port is the m-line's
 * format, and what goes over it is said by a=sctpmap. */
#define OLD_PROTOCOL "DTLS/SCTP"

/* RFC 8841 section 6.1. */
#define UNSAID_MAX_SIZE 65536

/* So many streams as WebRTC's first data channels had. */
#define OLD_STREAMS 1024

static gboolean
has_protocol (const GstSDPMedia *media, const char *protocol)
{
  return g_strcmp0 (gst_sdp_media_get_proto (media), protocol) == 0;
}

static guint16
read_port (const char *text)
{
  return text && gst_kvs_sdp_is_number (text, 1, 65535) ? (guint16) atoi (text)
                                                        : 0;
}

/* Of "5000 webrtc-datachannel 1024", where that is the first format's. */
static guint16
read_old_port (const GstSDPMedia *media, const char *format)
{
  const char *map = gst_sdp_media_get_attribute_val (media, "sctpmap");
  g_auto (GStrv) words = g_strsplit (map ? map : "", " ", 3);

  return g_strv_length (words) >= 2 && g_str_equal (words[0], format)
          && g_str_equal (words[1], APPLICATION)
      ? read_port (format)
      : 0;
}

guint16
gst_kvs_sdp_data_read_port (const GstSDPMedia *media)
{
  const char *format = gst_sdp_media_formats_len (media) > 0
      ? gst_sdp_media_get_format (media, 0)
      : "";
  guint16 port;

  if (g_strcmp0 (gst_sdp_media_get_media (media), "application") != 0)
    return 0;
  if (has_protocol (media, OLD_PROTOCOL))
    return read_old_port (media, format);
  if (!(has_protocol (media, "UDP/DTLS/SCTP")
          || has_protocol (media, "TCP/DTLS/SCTP"))
      || !g_str_equal (format, APPLICATION))
    return 0;
  port = read_port (gst_sdp_media_get_attribute_val (media, "sctp-port"));
  return port > 0 ? port : GST_KVS_SCTP_PORT;
}

guint32
gst_kvs_sdp_data_read_max_size (const GstSDPMedia *media)
{
  const char *text =
      gst_sdp_media_get_attribute_val (media, "max-message-size");

  return text && gst_kvs_sdp_is_number (text, 0, G_MAXUINT32)
      ? (guint32) g_ascii_strtoull (text, NULL, 10)
      : UNSAID_MAX_SIZE;
}

static void
write_port (GstSDPMedia *to)
{
  gst_sdp_media_add_format (to, APPLICATION);
  gst_sdp_media_add_attribute (to, "sctp-port",
      G_STRINGIFY (GST_KVS_SCTP_PORT));
}

static void
write_old_port (GstSDPMedia *to)
{
  gst_sdp_media_add_format (to, G_STRINGIFY (GST_KVS_SCTP_PORT));
  gst_sdp_media_add_attribute (to, "sctpmap",
      G_STRINGIFY (GST_KVS_SCTP_PORT) " " APPLICATION
                                      " " G_STRINGIFY (OLD_STREAMS));
}

void
gst_kvs_sdp_data_write (GstSDPMedia *to, const char *protocol)
{
  gst_sdp_media_set_proto (to, protocol);
  if (g_str_equal (protocol, OLD_PROTOCOL))
    write_old_port (to);
  else
    write_port (to);
  gst_sdp_media_add_attribute (to, "max-message-size",
      G_STRINGIFY (GST_KVS_MAX_MESSAGE_SIZE));
}
