/* Two connections with each other over the machine's own addresses: ICE, DTLS, SRTP, and a stream. */
#include <gst/gst.h>
#include <string.h>

#include "connection.h"

#define SSRC 0x1234567

typedef struct Side {
  const char *name;
  RtcNet *net;
  RtcConnection *connection;
  struct Side *other;
  char *ufrag, *password;
  GPtrArray *fingerprints;

  GMutex lock;
  GCond cond;
  gboolean is_ready;
  gboolean is_connected;
  gboolean has_ended;
  RtcEnd end;
  guint rtp, rtcp, data;
  gboolean is_closed;
  gboolean is_released;
} Side;

typedef struct {
  Side *side;
  char *candidate;
} Candidate;

static gboolean
take_candidate (gpointer data)
{
  Candidate *candidate = data;

  rtc_ice_add_candidate (rtc_connection_get_ice (candidate->side->connection),
      candidate->candidate);
  g_free (candidate->candidate);
  g_free (candidate);
  return G_SOURCE_REMOVE;
}

static void
on_candidate (gpointer user_data, const char *text)
{
  Side *self = user_data;
  Candidate *candidate = g_new0 (Candidate, 1);

  candidate->side = self->other;
  candidate->candidate = g_strdup (text);
  kvs_worker_call (rtc_net_get_worker (self->other->net), take_candidate,
      candidate, NULL);
}

static void
on_gathered (gpointer user_data)
{
}

static void
note (Side *self)
{
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
}

static void
on_ready (gpointer user_data)
{
  Side *self = user_data;

  g_mutex_lock (&self->lock);
  g_assert_false (self->is_ready);
  g_assert_false (self->is_connected);
  self->is_ready = TRUE;
  note (self);
}

static void
on_connected (gpointer user_data, const RtcPath *path)
{
  Side *self = user_data;

  g_assert_cmpstr (path->protocol, ==, "udp");
  g_mutex_lock (&self->lock);
  g_assert_true (self->is_ready);
  g_assert_false (self->is_connected);
  self->is_connected = TRUE;
  note (self);
}

static void
on_ended (gpointer user_data, RtcEnd end)
{
  Side *self = user_data;

  g_mutex_lock (&self->lock);
  g_assert_false (self->has_ended);
  self->has_ended = TRUE;
  self->end = end;
  note (self);
}

static void
on_rtp (gpointer user_data, const guint8 *data, gsize size)
{
  Side *self = user_data;

  g_assert_cmpuint (size, >, 12);
  g_mutex_lock (&self->lock);
  self->rtp++;
  note (self);
}

static void
on_rtcp (gpointer user_data, const guint8 *data, gsize size)
{
  Side *self = user_data;

  g_mutex_lock (&self->lock);
  self->rtcp++;
  note (self);
}

static void
on_data (gpointer user_data, const guint8 *data, gsize size)
{
  Side *self = user_data;

  g_mutex_lock (&self->lock);
  g_assert_cmpmem (data, size, "text", 4);
  self->data++;
  note (self);
}

static void
on_key_frame (gpointer user_data, guint track)
{
}

static const RtcConnectionEvents events = {
  .candidate = on_candidate,
  .gathered = on_gathered,
  .ready = on_ready,
  .connected = on_connected,
  .ended = on_ended,
  .rtp = on_rtp,
  .rtcp = on_rtcp,
  .data = on_data,
  .key_frame = on_key_frame,
};

static void
on_gone (gpointer user_data)
{
}

static void
open_side (gpointer data, gpointer leads)
{
  Side *self = data;
  RtcIceConfig config = { .is_controlling =
                              g_str_equal (self->name, "leader") };
  RtcTrackConfig track = { .is_video = TRUE,
    .ssrc = SSRC,
    .pt = 96,
    .rtx_pt = -1,
    .clock_rate = 90000 };

  self->connection =
      rtc_connection_new (self->net, &config, "cname", &events, self, on_gone);
  g_assert_nonnull (self->connection);
  rtc_ice_get_credentials (rtc_connection_get_ice (self->connection),
      &self->ufrag, &self->password);
  g_ptr_array_add (self->fingerprints,
      g_strdup (rtc_connection_get_fingerprint (self->connection)));
  g_assert_cmpuint (rtc_outbound_add_track (rtc_connection_get_outbound (
                                                self->connection),
                        &track),
      ==, 0);
}

static void
join (gpointer data, gpointer unused)
{
  Side *self = data;

  rtc_connection_set_remote (self->connection, self->other->ufrag,
      self->other->password, g_str_equal (self->name, "leader"),
      self->other->fingerprints);
  rtc_ice_gather (rtc_connection_get_ice (self->connection));
}

static void
on_through (gpointer data)
{
  Side *self = data;

  g_mutex_lock (&self->lock);
  self->is_closed = TRUE;
  note (self);
}

static void
close_side (gpointer data, gpointer unused)
{
  Side *self = data;

  rtc_connection_close (self->connection, on_through, self);
}

static void
send_data (gpointer data, gpointer unused)
{
  Side *self = data;

  g_assert_true (
      rtc_connection_send_data (self->connection, (guint8 *) "text", 4));
}

static void
on_net (Side *self, GFunc func)
{
  g_assert_true (
      kvs_worker_call_wait (rtc_net_get_worker (self->net), func, self));
}

static void
side_init (Side *self, const char *name, Side *other)
{
  memset (self, 0, sizeof (*self));
  self->name = name;
  self->other = other;
  self->net = rtc_net_new ();
  self->fingerprints = g_ptr_array_new_with_free_func (g_free);
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  on_net (self, open_side);
}

static void
side_clear (Side *self)
{
  g_mutex_lock (&self->lock);
  while (!self->is_closed)
    g_cond_wait (&self->cond, &self->lock);
  g_mutex_unlock (&self->lock);
  rtc_net_stop (self->net);
  g_object_unref (self->connection);
  g_object_unref (self->net);
  g_ptr_array_unref (self->fingerprints);
  g_free (self->ufrag);
  g_free (self->password);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
}

#define WAIT(side, condition)                     \
  G_STMT_START                                    \
  {                                               \
    g_mutex_lock (&(side)->lock);                 \
    while (!(condition))                          \
      g_cond_wait (&(side)->cond, &(side)->lock); \
    g_mutex_unlock (&(side)->lock);               \
  }                                               \
  G_STMT_END

static RtcFrame *
make_frame (guint number)
{
  static const guint8 bytes[1000];
  RtcFrame *frame = rtc_frame_new (3);

  frame->timestamp = number * 3000;
  frame->captured_us = g_get_real_time ();
  frame->is_key = number == 0;
  for (guint i = 0; i < 3; i++)
    frame->payloads[i] = (RtcPayload){ bytes, sizeof (bytes) };
  frame->size = 3 * sizeof (bytes);
  return frame;
}

static void
pair_open (Side *leader, Side *follower)
{
  side_init (leader, "leader", follower);
  side_init (follower, "follower", leader);
  on_net (leader, join);
  on_net (follower, join);
  WAIT (leader, leader->is_connected);
  WAIT (follower, follower->is_connected);
}

static void
test_stream (void)
{
  Side leader, follower;

  pair_open (&leader, &follower);
  for (guint i = 0; i < 10; i++) {
    g_autoptr (RtcFrame) frame = make_frame (i);

    rtc_connection_post (leader.connection, 0, frame, 0);
  }
  WAIT (&follower, follower.rtp >= 30);
  WAIT (&follower, follower.rtcp > 0);
  on_net (&follower, send_data);
  WAIT (&leader, leader.data == 1);

  on_net (&leader, close_side);
  WAIT (&follower, follower.has_ended);
  g_assert_cmpint (follower.end, ==, RTC_END_CLOSED);
  on_net (&follower, close_side);
  side_clear (&leader);
  side_clear (&follower);
}

/* Frames may still be on their way when it is closed. */
static void
test_close_in_the_middle (void)
{
  for (guint round = 0; round < 3; round++) {
    Side leader, follower;

    pair_open (&leader, &follower);
    for (guint i = 0; i < 100; i++) {
      g_autoptr (RtcFrame) frame = make_frame (i);

      rtc_connection_post (leader.connection, 0, frame, 0);
      if (i == 50)
        on_net (&leader, close_side);
    }
    on_net (&follower, close_side);
    side_clear (&leader);
    side_clear (&follower);
  }
}

static gboolean
hold_up (gpointer data)
{
  Side *self = data;

  WAIT (self, self->is_released);
  return G_SOURCE_REMOVE;
}

/* One that does nothing any more is noticed, as it does not consent (RFC 7675). */
static void
test_gone (void)
{
  Side leader, follower;

  pair_open (&leader, &follower);
  kvs_worker_call (rtc_net_get_worker (follower.net), hold_up, &follower, NULL);
  WAIT (&leader, leader.has_ended);
  g_assert_cmpint (leader.end, ==, RTC_END_PATH_LOST);
  on_net (&leader, close_side);
  g_mutex_lock (&follower.lock);
  follower.is_released = TRUE;
  note (&follower);
  on_net (&follower, close_side);
  side_clear (&leader);
  side_clear (&follower);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/connection/stream", test_stream);
  g_test_add_func ("/connection/close-in-the-middle", test_close_in_the_middle);
  g_test_add_func ("/connection/gone", test_gone);
  return g_test_run ();
}
