#include "webrtc.h"

#include <string.h>

#include "sdpcodec.h"
#include "turnuri.h"

static void tune_ice (GstElement *webrtc);
static void tune_rtp (GstElement *webrtc);
static void add_servers (GstElement *webrtc, const char *stun_server,
    GPtrArray *ice_servers);

GstElement *
gst_kvs_webrtc_new (const char *stun_server, GPtrArray *ice_servers,
    gboolean relay_only)
{
  GstElement *webrtc = gst_element_factory_make ("webrtcbin", NULL);

  if (!webrtc)
    return NULL;
  gst_object_ref_sink (webrtc);
  gst_util_set_object_arg (G_OBJECT (webrtc), "bundle-policy", "max-bundle");
  gst_util_set_object_arg (G_OBJECT (webrtc), "ice-transport-policy",
      relay_only ? "relay" : "all");
  tune_ice (webrtc);
  tune_rtp (webrtc);
  add_servers (webrtc, stun_server, ice_servers);
  return webrtc;
}

/* Without these each peer costs 14 more sockets and a thread (UPnP, TCP), and
 * a peer whose network went away is never noticed (keep-alive checks). */
static void
tune_ice (GstElement *webrtc)
{
  g_autoptr (GObject) ice = NULL;
  g_autoptr (GObject) agent = NULL;

  g_object_get (webrtc, "ice-agent", &ice, NULL);
  g_object_set (ice, "ice-tcp", FALSE, NULL);
  g_object_get (ice, "agent", &agent, NULL);
  g_object_set (agent, "upnp", FALSE, "keepalive-conncheck", TRUE, NULL);
}

/* Sender reports tell when a frame was captured, not when it was sent: audio
 * and video wait differently long for their encoders. And the canonical name
 * is a random one (RFC 7022): rtpbin's own tells every viewer the host's. */
static void
tune_rtp (GstElement *webrtc)
{
  g_autoptr (GstElement) rtpbin =
      gst_bin_get_by_name (GST_BIN (webrtc), "rtpbin");
  g_autofree char *cname = g_uuid_string_random ();
  g_autoptr (GstStructure) sdes =
      gst_structure_new ("application/x-rtp-source-sdes", "cname",
          G_TYPE_STRING, cname, NULL);

  g_object_set (rtpbin, "rtcp-sync-send-time", FALSE, "sdes", sdes, NULL);
}

char *
gst_kvs_webrtc_stun_uri (const char *uri)
{
  if (!g_str_has_prefix (uri, "stun:") || strlen (uri) == 5)
    return NULL;
  uri += strlen ("stun:");
  return g_strconcat ("stun://", g_str_has_prefix (uri, "//") ? uri + 2 : uri,
      NULL);
}

char *
gst_kvs_webrtc_turn_address (const char *address, gboolean is_tcp,
    const char *username, const char *password)
{
  g_autofree char *user = g_uri_escape_string (username, NULL, FALSE);
  g_autofree char *secret = g_uri_escape_string (password, NULL, FALSE);

  return g_strdup_printf ("turn://%s:%s@%s?transport=%s", user, secret, address,
      is_tcp ? "tcp" : "udp");
}

char *
gst_kvs_webrtc_turn_uri (const char *uri, const char *username,
    const char *password)
{
  g_autoptr (KvsTurnUri) turn = kvs_turn_uri_parse (uri);
  g_autofree char *address = NULL;

  if (!turn || turn->is_tls || !username || !password)
    return NULL;
  address = g_strdup_printf (strchr (turn->host, ':') ? "[%s]:%u" : "%s:%u",
      turn->host, turn->port);
  return gst_kvs_webrtc_turn_address (address, turn->is_tcp, username,
      password);
}

static void
add_server (GstElement *webrtc, const KvsIceServer *server, gboolean use_stun)
{
  for (char **uri = server->uris; *uri; uri++) {
    g_autofree char *stun = gst_kvs_webrtc_stun_uri (*uri);
    g_autofree char *turn =
        gst_kvs_webrtc_turn_uri (*uri, server->username, server->password);
    gboolean added;

    if (stun && use_stun)
      g_object_set (webrtc, "stun-server", stun, NULL);
    /* By action, not by property: a readable one would be in dot graphs. */
    if (turn)
      g_signal_emit_by_name (webrtc, "add-turn-server", turn, &added);
  }
}

static void
add_servers (GstElement *webrtc, const char *stun_server,
    GPtrArray *ice_servers)
{
  g_autofree char *stun =
      stun_server ? gst_kvs_webrtc_stun_uri (stun_server) : NULL;

  if (stun)
    g_object_set (webrtc, "stun-server", stun, NULL);
  for (guint i = 0; ice_servers && i < ice_servers->len; i++)
    add_server (webrtc, g_ptr_array_index (ice_servers, i), stun == NULL);
}

GstPad *
gst_kvs_webrtc_request_sink (GstElement *webrtc, guint mline,
    const GstKvsSdpChoice *choice)
{
  g_autofree char *name = g_strdup_printf ("sink_%u", mline);
  /* 0 means "none" to webrtcbin. */
  guint32 ssrc = g_random_int () | 1;
  g_autoptr (GstCaps) caps =
      gst_kvs_sdp_codec_preferences (choice->codec, ssrc);
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;
  GstPad *pad = gst_element_request_pad_simple (webrtc, name);

  if (!pad)
    return NULL;
  g_object_get (pad, "transceiver", &transceiver, NULL);
  g_object_set (transceiver, "codec-preferences", caps, "direction",
      choice->receive ? GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDRECV
                      : GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY,
      "do-nack", choice->codec->nack && choice->codec->rtx_pt >= 0, NULL);
  return pad;
}

void
gst_kvs_webrtc_add_receiver (GstElement *webrtc, const GstKvsSdpCodec *codec)
{
  g_autoptr (GstCaps) caps = gst_kvs_sdp_codec_preferences (codec, 0);
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;

  gst_structure_remove_field (gst_caps_get_structure (caps, 0), "ssrc");
  g_signal_emit_by_name (webrtc, "add-transceiver",
      GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY, caps, &transceiver);
  g_object_set (transceiver, "do-nack", codec->nack && codec->rtx_pt >= 0,
      NULL);
}

void
gst_kvs_webrtc_set_codec (GstPad *pad, const GstKvsSdpCodec *codec)
{
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;
  g_autoptr (GstCaps) offered = NULL;
  g_autoptr (GstCaps) caps = NULL;
  guint ssrc = 0;

  g_object_get (pad, "transceiver", &transceiver, NULL);
  g_object_get (transceiver, "codec-preferences", &offered, NULL);
  gst_structure_get_uint (gst_caps_get_structure (offered, 0), "ssrc", &ssrc);
  caps = gst_kvs_sdp_codec_preferences (codec, ssrc);
  g_object_set (transceiver, "codec-preferences", caps, NULL);
}

/* FALSE when it is another than the one there is. */
static gboolean
take_transport (GstWebRTCDTLSTransport **only, gpointer owner)
{
  g_autoptr (GstWebRTCDTLSTransport) transport = NULL;

  if (owner)
    g_object_get (owner, "transport", &transport, NULL);
  if (!transport || transport == *only)
    return TRUE;
  if (*only)
    return FALSE;
  *only = g_steal_pointer (&transport);
  return TRUE;
}

GstWebRTCDTLSTransport *
gst_kvs_webrtc_get_dtls (GstElement *webrtc)
{
  g_autoptr (GArray) transceivers = NULL;
  g_autoptr (GObject) sctp = NULL;
  g_autoptr (GstWebRTCDTLSTransport) dtls = NULL;

  g_signal_emit_by_name (webrtc, "get-transceivers", &transceivers);
  for (guint i = 0; transceivers && i < transceivers->len; i++) {
    g_autoptr (GstWebRTCRTPSender) sender = NULL;

    g_object_get (g_array_index (transceivers, GstWebRTCRTPTransceiver *, i),
        "sender", &sender, NULL);
    if (!take_transport (&dtls, sender))
      return NULL;
  }
  g_object_get (webrtc, "sctp-transport", &sctp, NULL);
  if (!take_transport (&dtls, sctp))
    return NULL;
  return g_steal_pointer (&dtls);
}

static gboolean
find_pair (GQuark field, const GValue *value, gpointer user_data)
{
  const GstStructure **pair = user_data;

  if (GST_VALUE_HOLDS_STRUCTURE (value)
      && g_str_has_prefix (g_quark_to_string (field), "ice-candidate-pair_"))
    *pair = gst_value_get_structure (value);
  return *pair == NULL;
}

static const GstStructure *
find_candidate (const GstStructure *stats, const GstStructure *pair,
    const char *id_field)
{
  const char *id = gst_structure_get_string (pair, id_field);
  const GValue *value = id ? gst_structure_get_value (stats, id) : NULL;

  return value && GST_VALUE_HOLDS_STRUCTURE (value)
      ? gst_value_get_structure (value)
      : NULL;
}

void
gst_kvs_webrtc_path_from_stats (GstKvsWebrtcPath *path,
    const GstStructure *stats)
{
  const GstStructure *pair = NULL, *local, *remote;

  if (!stats)
    return;
  gst_structure_foreach (stats, find_pair, &pair);
  if (!pair)
    return;
  local = find_candidate (stats, pair, "local-candidate-id");
  remote = find_candidate (stats, pair, "remote-candidate-id");
  if (local) {
    path->local = g_strdup (gst_structure_get_string (local, "candidate-type"));
    path->protocol = g_strdup (gst_structure_get_string (local, "protocol"));
    path->local_address =
        g_strdup (gst_structure_get_string (local, "address"));
    gst_structure_get_uint (local, "port", &path->local_port);
  }
  if (remote)
    path->remote =
        g_strdup (gst_structure_get_string (remote, "candidate-type"));
}

void
gst_kvs_webrtc_path_clear (GstKvsWebrtcPath *path)
{
  g_clear_pointer (&path->local, g_free);
  g_clear_pointer (&path->local_address, g_free);
  g_clear_pointer (&path->remote, g_free);
  g_clear_pointer (&path->protocol, g_free);
}

static guint64
get_count (const GstStructure *s, const char *name)
{
  guint64 wide = 0;
  guint narrow = 0;

  if (gst_structure_get_uint64 (s, name, &wide))
    return wide;
  gst_structure_get_uint (s, name, &narrow);
  return narrow;
}

/* What the peer's receiver report says of what we send it. */
static void
read_report (const GstStructure *source, GstKvsPeerStats *stats)
{
  gboolean has_report = FALSE;
  int lost = 0;
  guint round_trip = 0;

  gst_structure_get_boolean (source, "have-rb", &has_report);
  if (!has_report)
    return;
  gst_structure_get_int (source, "rb-packetslost", &lost);
  gst_structure_get_uint (source, "rb-round-trip", &round_trip);
  stats->packets_lost = MAX (stats->packets_lost, 0) + MAX (lost, 0);
  /* In units of 1/65536 s (RFC 3550 section 6.4.1). */
  if (round_trip > 0)
    stats->round_trip_ms =
        MAX (stats->round_trip_ms, round_trip * 1000.0 / 65536);
}

static void
read_source (const GstStructure *source, GstKvsPeerStats *stats)
{
  gboolean is_internal = FALSE;

  gst_structure_get_boolean (source, "internal", &is_internal);
  if (is_internal) {
    stats->bytes_sent += get_count (source, "octets-sent");
    stats->packets_sent += get_count (source, "packets-sent");
    stats->nacks += get_count (source, "recv-nack-count");
    stats->plis += get_count (source, "recv-pli-count")
        + get_count (source, "recv-fir-count");
  }
  read_report (source, stats);
}

G_GNUC_BEGIN_IGNORE_DEPRECATIONS
/* rtpsession's "source-stats" is a GValueArray to this day. */
static void
read_session (GObject *session, GstKvsPeerStats *stats)
{
  g_autoptr (GstStructure) s = NULL;
  const GValue *value;
  GValueArray *sources;

  g_object_get (session, "stats", &s, NULL);
  value = gst_structure_get_value (s, "source-stats");
  sources = value ? g_value_get_boxed (value) : NULL;
  for (guint i = 0; sources && i < sources->n_values; i++)
    read_source (g_value_get_boxed (g_value_array_get_nth (sources, i)), stats);
}
G_GNUC_END_IGNORE_DEPRECATIONS

void
gst_kvs_webrtc_read_rtp_stats (GstElement *webrtc, GstKvsPeerStats *stats)
{
  g_autoptr (GstElement) rtpbin =
      gst_bin_get_by_name (GST_BIN (webrtc), "rtpbin");

  /* One bundle, one session; a peer that does not bundle has one an m-line. */
  for (guint id = 0; id < 16; id++) {
    GObject *session = NULL;

    g_signal_emit_by_name (rtpbin, "get-internal-session", id, &session);
    if (!session)
      continue;
    read_session (session, stats);
    g_object_unref (session);
  }
}
