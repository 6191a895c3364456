#include "track.h"

#include <gst/app/gstappsink.h>
#include <gst/video/video.h>

/* As the appsink's callback needs it. */
typedef struct {
  GstKvsOutput *output;
  GstKvsTrackFunc first_frame; /* NULL once it has been called */
  GObject *user_data;
  guint orientation_id;
  GstKvsOrientation orientation; /* of the frame that is coming in */
} Track;

static void
track_free (gpointer data)
{
  Track *track = data;

  g_object_unref (track->output);
  g_object_unref (track->user_data);
  g_free (track);
}

static void
note_first_frame (Track *track, GstBuffer *buffer)
{
  if (!track->first_frame
      || GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT))
    return;
  track->first_frame (track->user_data,
      gst_kvs_output_get_codec (track->output)->media);
  track->first_frame = NULL;
}

static GstFlowReturn
on_new_sample (GstAppSink *sink, gpointer user_data)
{
  Track *track = user_data;
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);

  if (!sample)
    return GST_FLOW_OK;
  note_first_frame (track, gst_sample_get_buffer (sample));
  gst_kvs_output_push (track->output, sample, track->orientation);
  return GST_FLOW_OK;
}

static Track *
track_new (GstKvsOutput *output, guint orientation_id,
    GstKvsTrackFunc first_frame, gpointer user_data)
{
  Track *track = g_new0 (Track, 1);

  track->output = g_object_ref (output);
  track->first_frame = first_frame;
  track->user_data = g_object_ref (user_data);
  track->orientation_id =
      gst_kvs_output_get_codec (output)->media == GST_KVS_MEDIA_VIDEO
      ? orientation_id
      : 0;
  return track;
}

/* The packets go straight on to the appsink, on the same thread. */
static GstPadProbeReturn
on_packet (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Track *track = user_data;

  gst_kvs_orientation_read (GST_PAD_PROBE_INFO_BUFFER (info),
      track->orientation_id, &track->orientation);
  return GST_PAD_PROBE_OK;
}

/* As long as the appsink has its callbacks, which own the stream. */
static void
watch_orientation (Track *track, GstElement *bin)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (bin, "sink");

  if (track->orientation_id > 0)
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_packet, track, NULL);
}

/* VP9's depayloader of 1.22 writes into an event that it does not have when it
 * is told of a packet lost in the middle of a picture. All that it would do is
 * to tell downstream of a gap, and there is only the appsink. */
static GstPadProbeReturn
on_event (GstPad *pad, GstPadProbeInfo *info, gpointer unused)
{
  return gst_event_has_name (GST_PAD_PROBE_INFO_EVENT (info),
             "GstRTPPacketLost")
      ? GST_PAD_PROBE_DROP
      : GST_PAD_PROBE_OK;
}

static void
hide_losses (GstElement *bin, const GstKvsCodec *codec)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (bin, "sink");

  if (g_str_equal (codec->name, "VP9"))
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_event, NULL,
        NULL);
}

/* Downstream's wish goes to rtpbin, which sends a PLI. The output knows the
 * sink weakly, since the sink's callbacks hold the output. */
static void
send_force_key_unit (gpointer weak)
{
  g_autoptr (GstElement) sink = g_weak_ref_get (weak);

  if (sink)
    gst_element_send_event (sink,
        gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE,
            0));
}

static GWeakRef *
weak_ref_new (gpointer object)
{
  GWeakRef *weak = g_new0 (GWeakRef, 1);

  g_weak_ref_init (weak, object);
  return weak;
}

static void
weak_ref_free (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

GstElement *
gst_kvs_track_new (const GstKvsCodec *codec, guint orientation_id,
    GstKvsTrackFunc first_frame, gpointer user_data, GstKvsOutput **output)
{
  static GstAppSinkCallbacks callbacks = { .new_sample = on_new_sample };
  g_autofree char *description =
      g_strdup_printf ("%s ! appsink name=out "
                       "sync=false async=false enable-last-sample=false",
          codec->depayloader);
  GstElement *bin = gst_parse_bin_from_description_full (description, TRUE,
      NULL, GST_PARSE_FLAG_FATAL_ERRORS, NULL);
  g_autoptr (GstElement) sink = NULL;
  Track *track;

  if (!bin)
    return NULL;
  sink = gst_bin_get_by_name (GST_BIN (bin), "out");
  *output = gst_kvs_output_new (codec, send_force_key_unit, weak_ref_new (sink),
      weak_ref_free);
  track = track_new (*output, orientation_id, first_frame, user_data);
  watch_orientation (track, bin);
  hide_losses (bin, codec);
  gst_app_sink_set_callbacks (GST_APP_SINK (sink), &callbacks, track,
      track_free);
  return bin;
}
