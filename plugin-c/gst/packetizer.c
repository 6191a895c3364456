#include "packetizer.h"

#include "layers.h"
#include "wallclock.h"

GST_DEBUG_CATEGORY_STATIC (kvspacketizer_debug);
#define GST_CAT_DEFAULT kvspacketizer_debug

/* RFC 3550 section 5.1. */
#define HEADER_SIZE 12

struct _GstKvsPacketizer {
  const GstKvsCodec *codec;
  GstKvsPacketizerFunc frame;
  gpointer user_data;

  GstElement *payloader;
  GstPad *in;  /* ours, before it */
  GstPad *out; /* ours, behind it */
  GstCaps *caps;
  GPtrArray *packets; /* of GstBuffer: what came of the buffer being pushed */
  gboolean has_warned;
};

static GstFlowReturn
on_packet (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  GstKvsPacketizer *self = gst_pad_get_element_private (pad);

  g_ptr_array_add (self->packets, buffer);
  return GST_FLOW_OK;
}

static GstFlowReturn
on_packets (GstPad *pad, GstObject *parent, GstBufferList *list)
{
  GstKvsPacketizer *self = gst_pad_get_element_private (pad);

  for (guint i = 0; i < gst_buffer_list_length (list); i++)
    g_ptr_array_add (self->packets,
        gst_buffer_ref (gst_buffer_list_get (list, i)));
  gst_buffer_list_unref (list);
  return GST_FLOW_OK;
}

/* Any caps are welcome: what they say, peers have from elsewhere. */
static gboolean
on_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  gst_event_unref (event);
  return TRUE;
}

/* The last element of its chain. */
static GstElement *
find_payloader (GstElement *chain)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (chain, "src");
  g_autoptr (GstPad) target = GST_IS_GHOST_PAD (pad)
      ? gst_ghost_pad_get_target (GST_GHOST_PAD (pad))
      : NULL;

  return gst_pad_get_parent_element (target ? target : pad);
}

static void
set_up (GstKvsPacketizer *self)
{
  g_autoptr (GstElement) payloader = find_payloader (self->payloader);

  g_object_set (payloader, "mtu", HEADER_SIZE + RTC_PAYLOAD_MAX,
      "timestamp-offset", 0, NULL);
}

/* A pad of no template would take no other caps than its first. */
static GstPad *
pad_new (GstPadDirection direction)
{
  g_autoptr (GstCaps) any = gst_caps_new_any ();
  g_autoptr (GstPadTemplate) template = gst_object_ref_sink (
      gst_pad_template_new ("any", direction, GST_PAD_ALWAYS, any));

  return gst_object_ref_sink (gst_pad_new_from_template (template, NULL));
}

static GstPad *
link_pad (GstKvsPacketizer *self, GstPadDirection direction, const char *theirs)
{
  GstPad *pad = pad_new (direction);
  g_autoptr (GstPad) other =
      gst_element_get_static_pad (self->payloader, theirs);

  gst_pad_set_element_private (pad, self);
  if (direction == GST_PAD_SRC)
    gst_pad_link (pad, other);
  else
    gst_pad_link (other, pad);
  gst_pad_set_active (pad, TRUE);
  return pad;
}

static void
begin (GstKvsPacketizer *self)
{
  gst_pad_push_event (self->in, gst_event_new_stream_start ("kvs"));
}

GstKvsPacketizer *
gst_kvs_packetizer_new (const GstKvsCodec *codec, GstKvsPacketizerFunc frame,
    gpointer user_data)
{
  GstElement *payloader = gst_kvs_codec_make_payloader (codec);
  GstKvsPacketizer *self;

  GST_DEBUG_CATEGORY_INIT (kvspacketizer_debug, "kvspacketizer", 0,
      "Coded streams as RTP payloads");
  if (!payloader)
    return NULL;
  self = g_new0 (GstKvsPacketizer, 1);
  self->codec = codec;
  self->frame = frame;
  self->user_data = user_data;
  self->packets =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_buffer_unref);
  self->payloader = gst_object_ref_sink (payloader);
  set_up (self);
  self->out = link_pad (self, GST_PAD_SINK, "src");
  gst_pad_set_event_function (self->out, on_event);
  gst_pad_set_chain_function (self->out, on_packet);
  gst_pad_set_chain_list_function (self->out, on_packets);
  self->in = link_pad (self, GST_PAD_SRC, "sink");
  gst_element_set_state (self->payloader, GST_STATE_PLAYING);
  begin (self);
  return self;
}

void
gst_kvs_packetizer_free (GstKvsPacketizer *self)
{
  gst_pad_set_active (self->in, FALSE);
  gst_pad_set_active (self->out, FALSE);
  gst_element_set_state (self->payloader, GST_STATE_NULL);
  gst_object_unref (self->payloader);
  gst_object_unref (self->in);
  gst_object_unref (self->out);
  gst_clear_caps (&self->caps);
  g_ptr_array_unref (self->packets);
  g_free (self);
}

/* A segment comes after caps, and only once: running times are time stamps. */
static void
follow_caps (GstKvsPacketizer *self, GstCaps *caps)
{
  gboolean is_first = self->caps == NULL;
  GstSegment segment;

  if (self->caps == caps)
    return;
  if (is_first || !gst_caps_is_equal (self->caps, caps))
    gst_pad_push_event (self->in, gst_event_new_caps (caps));
  gst_caps_replace (&self->caps, caps);
  if (!is_first)
    return;
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (self->in, gst_event_new_segment (&segment));
}

/* What stands before the payload. */
typedef struct {
  gsize size;
  guint32 timestamp;
} Header;

static gboolean
read_header (GstBuffer *packet, Header *header)
{
  guint8 fixed[HEADER_SIZE], extension[4];

  if (gst_buffer_extract (packet, 0, fixed, sizeof fixed) < sizeof fixed)
    return FALSE;
  header->timestamp = GST_READ_UINT32_BE (fixed + 4);
  header->size = sizeof fixed + 4 * (gsize) (fixed[0] & 0x0f);
  if (!(fixed[0] & 0x10))
    return TRUE;
  if (gst_buffer_extract (packet, header->size, extension, sizeof extension)
      < sizeof extension)
    return FALSE;
  header->size +=
      sizeof extension + 4 * (gsize) GST_READ_UINT16_BE (extension + 2);
  return TRUE;
}

/* Opus at the highest rates and with long packets. */
static void
warn_of_size (GstKvsPacketizer *self, gsize size)
{
  if (!self->has_warned)
    GST_WARNING ("%s in packets of %" G_GSIZE_FORMAT
                 " bytes does not pass, at most %d do",
        self->codec->name, size, RTC_PAYLOAD_MAX);
  self->has_warned = TRUE;
}

/* Whether the packet has a payload that can be sent. */
static gboolean
check_packet (GstKvsPacketizer *self, GstBuffer *packet, Header *header,
    gsize *size)
{
  gsize whole = gst_buffer_get_size (packet);

  if (!read_header (packet, header) || header->size >= whole)
    return FALSE;
  *size = whole - header->size;
  if (*size <= RTC_PAYLOAD_MAX)
    return TRUE;
  warn_of_size (self, *size);
  return FALSE;
}

/* In one piece of memory, which all peers copy from: the payloader's own
 * payloads are in two each. */
static RtcFrame *
frame_new (GPtrArray *packets, const gsize *headers, gsize size)
{
  RtcFrame *frame = rtc_frame_new (packets->len);
  guint8 *data = g_malloc (size);

  frame->owner = data;
  frame->free_owner = g_free;
  frame->size = size;
  for (guint i = 0; i < packets->len; i++) {
    RtcPayload *payload = &frame->payloads[i];

    payload->data = data;
    payload->size = gst_buffer_extract (g_ptr_array_index (packets, i),
        headers[i], data, (gsize) -1);
    data += payload->size;
  }
  return frame;
}

static void
place_in_time (RtcFrame *frame, GstBuffer *packet, GstBuffer *source,
    const GstKvsTiming *timing)
{
  GstClockTime pts = GST_BUFFER_PTS_IS_VALID (packet) ? GST_BUFFER_PTS (packet)
                                                      : GST_BUFFER_PTS (source);
  GstClockTime time = GST_CLOCK_TIME_IS_VALID (pts)
      ? timing->base_time + pts
      : gst_clock_get_time (timing->clock);

  frame->captured_us = gst_kvs_wallclock_place (timing->clock, time);
}

typedef struct {
  GPtrArray *packets; /* of one time stamp, not owned */
  GArray *headers;    /* gsize: before each payload */
  gsize size;
  guint32 timestamp;
} Group;

static void
finish_group (GstKvsPacketizer *self, Group *group, GstBuffer *source,
    const GstKvsTiming *timing)
{
  g_autoptr (RtcFrame) frame = NULL;

  if (group->packets->len == 0)
    return;
  frame = frame_new (group->packets, (gsize *) (gpointer) group->headers->data,
      group->size);
  frame->timestamp = group->timestamp;
  frame->is_key = self->codec->media == GST_KVS_MEDIA_AUDIO
      || !GST_BUFFER_FLAG_IS_SET (source, GST_BUFFER_FLAG_DELTA_UNIT);
  place_in_time (frame, g_ptr_array_index (group->packets, 0), source, timing);
  rtc_layers_describe (self->codec->layers, frame);
  self->frame (self->user_data, frame);
  g_ptr_array_set_size (group->packets, 0);
  g_array_set_size (group->headers, 0);
  group->size = 0;
}

/* Packets of one time stamp are one frame. */
static void
hand_on (GstKvsPacketizer *self, GstBuffer *source, const GstKvsTiming *timing)
{
  Group group = { g_ptr_array_new (),
    g_array_new (FALSE, FALSE, sizeof (gsize)) };

  for (guint i = 0; i < self->packets->len; i++) {
    GstBuffer *packet = g_ptr_array_index (self->packets, i);
    Header header;
    gsize size;

    if (!check_packet (self, packet, &header, &size))
      continue;
    if (header.timestamp != group.timestamp)
      finish_group (self, &group, source, timing);
    group.timestamp = header.timestamp;
    group.size += size;
    g_ptr_array_add (group.packets, packet);
    g_array_append_val (group.headers, header.size);
  }
  finish_group (self, &group, source, timing);
  g_ptr_array_unref (group.packets);
  g_array_unref (group.headers);
}

/* Those of VP8 and VP9 never give back what they cannot read (GStreamer 1.22),
 * which is seen at a copy that nobody else knows of. */
static GstFlowReturn
push_copy (GstKvsPacketizer *self, GstBuffer *buffer)
{
  GstBuffer *copy = gst_buffer_copy (buffer);
  GstFlowReturn flow = gst_pad_push (self->in, gst_buffer_ref (copy));

  if (flow == GST_FLOW_ERROR && GST_MINI_OBJECT_REFCOUNT_VALUE (copy) > 1)
    gst_buffer_unref (copy);
  gst_buffer_unref (copy);
  return flow;
}

gboolean
gst_kvs_packetizer_push (GstKvsPacketizer *self, GstBuffer *buffer,
    GstCaps *caps, const GstKvsTiming *timing)
{
  GstFlowReturn flow;

  follow_caps (self, caps);
  if (self->codec->layers == RTC_LAYERS_VP8
      || self->codec->layers == RTC_LAYERS_VP9)
    flow = push_copy (self, buffer);
  else
    flow = gst_pad_push (self->in, gst_buffer_ref (buffer));
  hand_on (self, buffer, timing);
  g_ptr_array_set_size (self->packets, 0);
  if (flow != GST_FLOW_OK)
    GST_DEBUG ("%s: %s", self->codec->name, gst_flow_get_name (flow));
  return flow == GST_FLOW_OK;
}
