#include "pipe.h"

#include <string.h>

#include "bytes.h"
#include "dcep.h"
#include "skippedtime.h"

#define STEP_MS 10
/* Longer than any acknowledgement waits. */
#define SETTLE_STEPS 100

#define CHUNK_INIT 1
#define CHUNK_INIT_ACK 2
#define INIT_SIZE 32 /* with the header of the packet */

void
end_free (End *self)
{
  g_clear_pointer (&self->association, rtc_association_free);
  g_clear_pointer (&self->sctp, rtc_sctp_free);
}

static void
told (End *self, char *what)
{
  g_ptr_array_add (self->log, what);
  if (self->free_at && g_str_has_prefix (what, self->free_at)) {
    self->free_at = NULL;
    end_free (self);
  }
}

static void
remember (End *self, const guint8 *packet, gsize size)
{
  memcpy (self->header, packet, sizeof self->header);
  if (size >= INIT_SIZE
      && (packet[12] == CHUNK_INIT || packet[12] == CHUNK_INIT_ACK))
    self->first_tsn = rtc_read_32 (packet + INIT_SIZE - 4);
}

static void
on_send (gpointer user_data, const guint8 *data, gsize size)
{
  End *self = user_data;

  g_assert_cmpuint (size, >, 0);
  g_assert_cmpuint (size, <=, RTC_SCTP_PACKET_MAX);
  remember (self, data, size);
  g_queue_push_tail (&self->packets, g_bytes_new (data, size));
  if (self->free_at && g_str_equal (self->free_at, "send")) {
    self->free_at = NULL;
    end_free (self);
  }
}

static void
on_opened (gpointer user_data, guint channel, const char *label)
{
  End *self = user_data;

  self->last_channel = channel;
  told (self, g_strdup_printf ("opened %u %s", channel, label));
}

static void
on_text (gpointer user_data, guint channel, const char *text)
{
  told (user_data, g_strdup_printf ("text %u %s", channel, text));
}

static void
on_closed (gpointer user_data, guint channel)
{
  told (user_data, g_strdup_printf ("closed %u", channel));
}

static void
on_lost (gpointer user_data)
{
  told (user_data, g_strdup ("lost"));
}

static const RtcAssociationEvents association_events = { on_send, on_opened,
  on_text, on_closed, on_lost };

static void
on_up (gpointer user_data, guint streams)
{
  told (user_data, g_strdup_printf ("up %u", streams));
}

static void
on_message (gpointer user_data, guint16 stream, guint32 protocol,
    const guint8 *message, gsize size)
{
  told (user_data,
      g_strdup_printf ("message %u %u %s", stream, protocol,
          message ? (const char *) message : "(too long)"));
}

static void
on_ended (gpointer user_data, guint16 stream)
{
  told (user_data, g_strdup_printf ("ended %u", stream));
}

static void
on_reset (gpointer user_data, guint16 stream)
{
  told (user_data, g_strdup_printf ("reset %u", stream));
}

static const RtcSctpEvents sctp_events = { on_send, on_up, on_message, on_ended,
  on_reset, on_lost };

static void
end_init (End *self, Pipe *pipe, End *other)
{
  self->pipe = pipe;
  self->other = other;
  self->log = g_ptr_array_new_with_free_func (g_free);
  g_queue_init (&self->packets);
}

static Pipe *
make (void)
{
  Pipe *self = g_new0 (Pipe, 1);

  self->context = g_main_context_new ();
  g_main_context_push_thread_default (self->context);
  self->rand = g_rand_new_with_seed (1);
  end_init (&self->a, self, &self->b);
  end_init (&self->b, self, &self->a);
  self->a.association =
      rtc_association_new (TRUE, &association_events, &self->a);
  return self;
}

Pipe *
pipe_new (void)
{
  Pipe *self = make ();

  self->b.association =
      rtc_association_new (FALSE, &association_events, &self->b);
  return self;
}

Pipe *
pipe_new_raw (void)
{
  Pipe *self = make ();

  self->b.sctp = rtc_sctp_new (&sctp_events, &self->b);
  return self;
}

static void
end_clear (End *self)
{
  end_free (self);
  g_queue_clear_full (&self->packets, (GDestroyNotify) g_bytes_unref);
  g_ptr_array_unref (self->log);
}

void
pipe_free (Pipe *self)
{
  end_clear (&self->a);
  end_clear (&self->b);
  g_rand_free (self->rand);
  g_main_context_pop_thread_default (self->context);
  g_main_context_unref (self->context);
  g_free (self);
}

void
pipe_connect (Pipe *self, guint64 max_message_size)
{
  g_assert_true (rtc_association_connect (self->a.association, 5000, 5001,
      max_message_size));
  if (self->b.association)
    g_assert_true (
        rtc_association_connect (self->b.association, 5001, 5000, 0));
  else
    g_assert_true (rtc_sctp_connect (self->b.sctp, 5001, 5000));
}

Pipe *
pipe_new_open (void)
{
  Pipe *self = pipe_new ();

  pipe_connect (self, 0);
  g_assert_true (rtc_association_open_channel (self->a.association, "first"));
  PIPE_RUN_UNTIL (self, end_has (&self->a, "opened 1 first"));
  g_assert_true (end_has (&self->b, "opened 1 first"));
  return self;
}

Pipe *
pipe_new_raw_open (void)
{
  Pipe *self = pipe_new_raw ();

  pipe_connect (self, 0);
  PIPE_RUN_UNTIL (self, end_has (&self->b, "up 32"));
  end_send_open (&self->b, 1, "raw");
  PIPE_RUN_UNTIL (self, end_has (&self->a, "opened 1 raw"));
  PIPE_RUN_UNTIL (self, end_has (&self->b, "message 1 50 \x02"));
  return self;
}

void
pipe_replace_b (Pipe *self)
{
  end_free (&self->b);
  g_queue_clear_full (&self->b.packets, (GDestroyNotify) g_bytes_unref);
  self->b.association =
      rtc_association_new (FALSE, &association_events, &self->b);
  g_assert_true (rtc_association_connect (self->b.association, 5001, 5000, 0));
}

static GBytes *
take_packet (Pipe *self, GQueue *packets)
{
  gboolean overtakes = packets->length > 1
      && g_rand_int_range (self->rand, 0, 100) < (gint32) self->overtaking;

  return g_queue_pop_nth (packets, overtakes ? 1 : 0);
}

static gboolean
is_lost (Pipe *self, End *from)
{
  return self->is_cut || self->muted == from
      || g_rand_int_range (self->rand, 0, 100) < (gint32) self->loss;
}

static void
end_take (End *self, GBytes *packet)
{
  gsize size;
  /* Exactly as long, so that reading beyond is seen. */
  g_autofree guint8 *data =
      g_memdup2 (g_bytes_get_data (packet, NULL), g_bytes_get_size (packet));

  size = g_bytes_get_size (packet);
  if (self->association)
    rtc_association_take (self->association, data, size);
  else if (self->sctp)
    rtc_sctp_take (self->sctp, data, size);
}

static void
deliver (End *from)
{
  /* What is sent meanwhile arrives with the next step. */
  for (guint n = from->packets.length; n > 0; n--) {
    g_autoptr (GBytes) packet = take_packet (from->pipe, &from->packets);

    if (!is_lost (from->pipe, from))
      end_take (from->other, packet);
  }
}

void
pipe_step (Pipe *self)
{
  while (g_main_context_iteration (self->context, FALSE))
    ;
  deliver (&self->a);
  deliver (&self->b);
  skipped_time_add (STEP_MS);
}

void
pipe_settle (Pipe *self)
{
  for (guint i = 0; i < SETTLE_STEPS; i++)
    pipe_step (self);
}

gboolean
end_has (End *self, const char *what)
{
  return g_ptr_array_find_with_equal_func (self->log, what, g_str_equal, NULL);
}

guint
end_count (End *self, const char *beginning)
{
  guint count = 0;

  for (guint i = 0; i < self->log->len; i++)
    count += g_str_has_prefix (g_ptr_array_index (self->log, i), beginning);
  return count;
}

void
end_send (End *self, guint16 stream, guint32 protocol, gconstpointer data,
    gsize size)
{
  static const RtcDelivery reliable;

  g_assert_cmpint (rtc_sctp_send (self->sctp, stream, protocol, &reliable, data,
                       size),
      ==, RTC_SCTP_SENT);
}

void
end_send_open (End *self, guint16 stream, const char *label)
{
  g_autoptr (GBytes) open = rtc_dcep_build_open (label);

  end_send (self, stream, 50, g_bytes_get_data (open, NULL),
      g_bytes_get_size (open));
}
