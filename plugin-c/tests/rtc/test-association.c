#include <string.h>

#include "pipe.h"

#define DCEP 50
#define STRING 51
#define BINARY 53
#define STRING_EMPTY 56

/* Steps until even a heartbeat every 30 s has failed ten times. */
#define SILENCE_STEPS 60000

static guint
send_all (End *end, const char *text)
{
  return rtc_association_send_text_to_all (end->association, text);
}

static void
test_opens (void)
{
  g_autoptr (Pipe) pipe = pipe_new ();

  /* Before there is an association, and on both sides at once. */
  g_assert_true (rtc_association_open_channel (pipe->a.association, "ours"));
  g_assert_true (rtc_association_open_channel (pipe->a.association, "more"));
  g_assert_true (rtc_association_open_channel (pipe->b.association, "theirs"));
  pipe_connect (pipe, 0);
  PIPE_RUN_UNTIL (pipe, end_count (&pipe->a, "opened ") == 3);
  PIPE_RUN_UNTIL (pipe, end_count (&pipe->b, "opened ") == 3);
  for (End *end = &pipe->a; end; end = end == &pipe->a ? &pipe->b : NULL) {
    for (guint i = 0; i < end->log->len; i++)
      g_assert_true (g_str_has_suffix (g_ptr_array_index (end->log, i), "ours")
          || g_str_has_suffix (g_ptr_array_index (end->log, i), "more")
          || g_str_has_suffix (g_ptr_array_index (end->log, i), "theirs"));
  }

  g_assert_true (rtc_association_open_channel (pipe->b.association, "later"));
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->a, "opened 4 later"));
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->b, "opened 4 later"));
}

/* RFC 8832 section 6: the client of DTLS has the even ones. */
static void
test_streams (void)
{
  g_autoptr (Pipe) pipe = pipe_new_raw ();

  rtc_association_open_channel (pipe->a.association, "one");
  rtc_association_open_channel (pipe->a.association, "two");
  pipe_connect (pipe, 0);
  PIPE_RUN_UNTIL (pipe, end_count (&pipe->b, "message ") == 2);
  g_assert_cmpuint (end_count (&pipe->b, "message 0 50 "), ==, 1);
  g_assert_cmpuint (end_count (&pipe->b, "message 2 50 "), ==, 1);
  g_assert_cmpuint (send_all (&pipe->a, "whoever is there"), ==, 0);
  end_send (&pipe->b, 2, DCEP, "\x02", 1);
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->a, "opened 2 two"));
  g_assert_cmpuint (send_all (&pipe->a, "whoever is there"), ==, 1);
  /* Where nobody answered the OPEN but by a text. */
  end_send (&pipe->b, 0, STRING, "hello", 5);
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->a, "text 1 hello"));
  g_assert_cmpstr (g_ptr_array_index (pipe->a.log, pipe->a.log->len - 2), ==,
      "opened 1 one");
}

static void
test_texts (void)
{
  g_autoptr (Pipe) pipe = pipe_new_open ();

  g_assert_cmpuint (send_all (&pipe->a, "Grüße"), ==, 1);
  g_assert_cmpuint (send_all (&pipe->a, ""), ==, 1);
  g_assert_true (rtc_association_send_text (pipe->b.association,
      pipe->b.last_channel, "back"));
  g_assert_false (rtc_association_send_text (pipe->b.association, 99, "none"));
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->b, "text 1 "));
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->a, "text 1 back"));
  g_assert_true (end_has (&pipe->b, "text 1 Grüße"));
  g_assert_cmpuint (end_count (&pipe->b, "text "), ==, 2);
}

static void
check_long_text (Pipe *pipe)
{
  g_autofree char *text = g_strnfill (RTC_TEXT_MAX, 'x');
  g_autofree char *told = g_strdup_printf ("text 1 %s", text);

  g_assert_cmpuint (send_all (&pipe->a, text), ==, 1);
  g_assert_cmpuint (send_all (&pipe->b, text), ==, 1);
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->a, told));
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->b, told));
}

static void
test_long_texts (void)
{
  g_autoptr (Pipe) pipe = pipe_new_open ();

  check_long_text (pipe);
}

static void
test_loss (void)
{
  g_autoptr (Pipe) pipe = pipe_new ();

  pipe->loss = 15;
  pipe->overtaking = 30;
  pipe_connect (pipe, 0);
  rtc_association_open_channel (pipe->a.association, "first");
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->a, "opened 1 first"));
  for (guint i = 0; i < 200; i++) {
    g_autofree char *text = g_strdup_printf ("%u", i);

    g_assert_cmpuint (send_all (&pipe->a, text), ==, 1);
    g_assert_cmpuint (send_all (&pipe->b, text), ==, 1);
    pipe_step (pipe);
  }
  PIPE_RUN_UNTIL (pipe, end_count (&pipe->a, "text ") == 200);
  PIPE_RUN_UNTIL (pipe, end_count (&pipe->b, "text ") == 200);
  for (guint i = 0; i < 200; i++) {
    g_autofree char *told = g_strdup_printf ("text 1 %u", i);

    g_assert_cmpstr (g_ptr_array_index (pipe->a.log, 1 + i), ==, told);
    g_assert_cmpstr (g_ptr_array_index (pipe->b.log, 1 + i), ==, told);
  }
  check_long_text (pipe);
}

/* Announced by a=max-message-size; and what we send at all. */
static void
test_too_long_to_send (void)
{
  g_autoptr (Pipe) pipe = pipe_new ();
  g_autofree char *longest = g_strnfill (1000, 'x');
  g_autofree char *longer = g_strnfill (1001, 'x');
  g_autofree char *endless = g_strnfill (RTC_SCTP_SEND_MAX + 1, 'x');

  pipe_connect (pipe, 1000);
  rtc_association_open_channel (pipe->a.association, "first");
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->a, "opened 1 first"));
  g_assert_cmpuint (send_all (&pipe->a, longer), ==, 0);
  g_assert_cmpuint (send_all (&pipe->a, longest), ==, 1);
  g_assert_cmpuint (send_all (&pipe->b, endless), ==, 0);
  PIPE_RUN_UNTIL (pipe, end_count (&pipe->b, "text 1 ") == 1);
}

static void
test_too_long_to_receive (void)
{
  g_autoptr (Pipe) pipe = pipe_new_raw_open ();
  g_autofree char *longer = g_strnfill (RTC_TEXT_MAX + 1, 'x');
  g_autofree char *endless = g_strnfill (RTC_SCTP_SEND_MAX, 'x');

  end_send (&pipe->b, 1, STRING, longer, RTC_TEXT_MAX + 1);
  end_send (&pipe->b, 1, STRING, endless, RTC_SCTP_SEND_MAX / 2);
  end_send (&pipe->b, 1, STRING, "next", 4);
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->a, "text 1 next"));
  g_assert_cmpuint (end_count (&pipe->a, "text "), ==, 1);
}

static void
test_no_texts (void)
{
  g_autoptr (Pipe) pipe = pipe_new_raw_open ();

  end_send (&pipe->b, 1, STRING, "a\xff", 2);
  end_send (&pipe->b, 1, STRING, "a\0b", 3);
  end_send (&pipe->b, 3, STRING, "nowhere", 7);
  end_send (&pipe->b, 1, BINARY, "bytes", 5);
  end_send (&pipe->b, 1, 0xdeadbeef, "?", 1);
  end_send (&pipe->b, 1, STRING_EMPTY, "\xff", 1);
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->a, "text 1 "));
  pipe_settle (pipe);
  g_assert_cmpuint (end_count (&pipe->a, "text "), ==, 1);
}

static void
test_hostile_opens (void)
{
  g_autoptr (Pipe) pipe = pipe_new_raw_open ();
  g_autofree char *label = g_strnfill (60000, 'x');

  end_send (&pipe->b, 3, DCEP, "\x03", 1);
  end_send (&pipe->b, 5, DCEP, "\x07 what", 6);
  /* Reliability of a kind nobody knows. */
  end_send (&pipe->b, 7, DCEP, "\x03\x07\0\0\0\0\0\0\0\0\0\0", 12);
  /* An answer to nothing, and a channel where there is one. */
  end_send (&pipe->b, 9, DCEP, "\x02", 1);
  end_send_open (&pipe->b, 1, "again");
  end_send_open (&pipe->b, 11, label);
  PIPE_RUN_UNTIL (pipe, end_count (&pipe->a, "opened ") == 2);
  PIPE_RUN_UNTIL (pipe, end_count (&pipe->b, "ended ") == 3);
  g_assert_true (end_has (&pipe->b, "ended 3"));
  g_assert_true (end_has (&pipe->b, "ended 5"));
  g_assert_true (end_has (&pipe->b, "ended 7"));
  g_assert_cmpuint (strlen (g_ptr_array_index (pipe->a.log, 1)), ==,
      strlen ("opened 2 ") + 256);
  g_assert_cmpuint (send_all (&pipe->a, "whoever is there"), ==, 2);
}

static void
test_many_opens (void)
{
  g_autoptr (Pipe) pipe = pipe_new_raw_open ();

  for (guint i = 0; i < 1000; i++) {
    end_send_open (&pipe->b, i % RTC_SCTP_STREAMS, "many");
    pipe_step (pipe);
  }
  pipe_settle (pipe);
  g_assert_cmpuint (send_all (&pipe->a, "whoever is there"), ==,
      RTC_CHANNELS_MAX);
  g_assert_cmpuint (end_count (&pipe->a, "opened "), ==, RTC_CHANNELS_MAX);
  g_assert_false (rtc_association_open_channel (pipe->a.association, "ours"));
  /* It was told of every one that is refused. */
  g_assert_true (end_has (&pipe->b, "ended 31"));
  end_send (&pipe->b, 1, STRING, "still", 5);
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->a, "text 1 still"));
}

static void
test_closes (void)
{
  g_autoptr (Pipe) pipe = pipe_new_raw_open ();

  rtc_sctp_reset (pipe->b.sctp, 1);
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->a, "closed 1"));
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->b, "ended 1"));
  g_assert_true (end_has (&pipe->b, "reset 1"));
  g_assert_cmpuint (send_all (&pipe->a, "nobody"), ==, 0);

  /* The stream is free for another, which is another channel. */
  end_send_open (&pipe->b, 1, "anew");
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->a, "opened 2 anew"));
  g_assert_false (rtc_association_send_text (pipe->a.association, 1, "old"));
  g_assert_true (rtc_association_send_text (pipe->a.association, 2, "new"));
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->b, "message 1 51 new"));
}

static void
test_closes_ours (void)
{
  g_autoptr (Pipe) pipe = pipe_new_raw ();

  rtc_association_open_channel (pipe->a.association, "ours");
  pipe_connect (pipe, 0);
  PIPE_RUN_UNTIL (pipe, end_count (&pipe->b, "message 0 50 ") == 1);
  end_send (&pipe->b, 0, DCEP, "\x02", 1);
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->a, "opened 1 ours"));
  rtc_sctp_reset (pipe->b.sctp, 0);
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->a, "closed 1"));
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->b, "ended 0"));
  pipe_settle (pipe);
  rtc_association_open_channel (pipe->a.association, "ours again");
  PIPE_RUN_UNTIL (pipe, end_count (&pipe->b, "message 0 50 ") == 2);
}

/* The peer's OPEN comes where its acknowledgement that we closed is lost: no
 * ACK can be sent before. */
static void
test_opens_while_closing (void)
{
  g_autoptr (Pipe) pipe = pipe_new_raw_open ();

  rtc_sctp_reset (pipe->b.sctp, 1);
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->a, "closed 1"));
  pipe->muted = &pipe->b;
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->b, "ended 1"));
  pipe->muted = NULL;
  end_send_open (&pipe->b, 1, "early");
  pipe_step (pipe);
  g_assert_cmpuint (end_count (&pipe->b, "message 1 50 \x02"), ==, 1);
  PIPE_RUN_UNTIL (pipe, end_count (&pipe->b, "message 1 50 \x02") == 2);
  g_assert_true (end_has (&pipe->a, "opened 2 early"));
}

/* Opened and closed for ever: what the application is told of has an end. */
static void
test_churning (void)
{
  g_autoptr (Pipe) pipe = pipe_new_raw_open ();

  for (guint i = 0; i < RTC_CHANNELS_OPENED_MAX + 50; i++) {
    rtc_sctp_reset (pipe->b.sctp, 1);
    PIPE_RUN_UNTIL (pipe, end_count (&pipe->b, "ended 1") == i + 1);
    pipe_settle (pipe);
    end_send_open (&pipe->b, 1, "churn");
    pipe_settle (pipe);
  }
  g_assert_cmpuint (end_count (&pipe->a, "opened "), ==,
      RTC_CHANNELS_OPENED_MAX);
  g_assert_cmpuint (send_all (&pipe->a, "whoever is there"), ==, 0);
}

/* What is lost of a channel that does not repeat keeps nothing waiting. */
static void
test_unreliable (void)
{
  g_autoptr (Pipe) pipe = pipe_new_raw_open ();
  /* Unordered, without retransmission. */
  const guint8 open[] = { 3, 0x81, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 'u' };

  end_send (&pipe->b, 3, DCEP, open, sizeof open);
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->a, "opened 2 u"));
  pipe_settle (pipe);
  pipe->is_cut = TRUE;
  g_assert_true (rtc_association_send_text (pipe->a.association, 2, "lost"));
  pipe_step (pipe);
  pipe_step (pipe);
  pipe->is_cut = FALSE;
  g_assert_true (rtc_association_send_text (pipe->a.association, 2, "next"));
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->b, "message 3 51 next"));
  g_assert_true (rtc_association_send_text (pipe->a.association, 1, "kept"));
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->b, "message 1 51 kept"));
  pipe_settle (pipe);
  g_assert_false (end_has (&pipe->b, "message 3 51 lost"));
}

static void
test_never_answered (void)
{
  g_autoptr (Pipe) pipe = pipe_new ();

  pipe->is_cut = TRUE;
  pipe_connect (pipe, 0);
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->a, "lost"));
  g_assert_cmpuint (pipe->a.log->len, ==, 1);
  g_assert_false (rtc_association_send_text (pipe->a.association, 1, "late"));
  rtc_association_take (pipe->a.association,
      (const guint8 *) "late packet, "
                       "with room for a header",
      35);
}

static void
test_silent (void)
{
  g_autoptr (Pipe) pipe = pipe_new_open ();

  pipe->is_cut = TRUE;
  for (guint i = 0; !end_has (&pipe->a, "lost") && i < SILENCE_STEPS; i++)
    pipe_step (pipe);
  g_assert_true (end_has (&pipe->a, "lost"));
  g_assert_cmpuint (send_all (&pipe->a, "whoever is there"), ==, 0);
  pipe_settle (pipe);
  g_assert_cmpuint (end_count (&pipe->a, "lost"), ==, 1);
}

/* Nothing waits for whoever does not read, and it is given up sooner. */
static void
test_unread (void)
{
  g_autoptr (Pipe) pipe = pipe_new_open ();
  g_autofree char *text = g_strnfill (10000, 'x');
  guint sent = 0;

  pipe->is_cut = TRUE;
  while (send_all (&pipe->a, text) == 1)
    sent++;
  g_assert_cmpuint (sent * strlen (text), >=, RTC_SCTP_SEND_MAX);
  g_assert_cmpuint (sent * strlen (text), <=, 2 * RTC_SCTP_SEND_MAX);
  /* It comes back, and everything that was taken arrives. */
  pipe_settle (pipe);
  pipe->is_cut = FALSE;
  PIPE_RUN_UNTIL (pipe, end_count (&pipe->b, "text 1 ") == sent);
  g_assert_cmpuint (send_all (&pipe->a, text), ==, 1);
}

static void
test_goodbye (void)
{
  g_autoptr (Pipe) pipe = pipe_new_open ();
  g_autofree char *text = g_strnfill (RTC_TEXT_MAX, 'x');

  /* In the middle of a text. */
  g_assert_cmpuint (send_all (&pipe->a, text), ==, 1);
  pipe_step (pipe);
  end_free (&pipe->a);
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->b, "lost"));
  g_assert_cmpuint (send_all (&pipe->b, "whoever is there"), ==, 0);
}

/* Without a goodbye, by an INIT with the ports of the one there was. */
static void
test_restart (void)
{
  g_autoptr (Pipe) pipe = pipe_new_open ();

  pipe_replace_b (pipe);
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->a, "lost"));
}

/* Each event, for both ends: what follows is for AddressSanitizer to say. */
static void
test_freed_within (gconstpointer event)
{
  g_autoptr (Pipe) pipe = pipe_new ();

  pipe->a.free_at = event;
  pipe_connect (pipe, 0);
  rtc_association_open_channel (pipe->b.association, "b");
  PIPE_RUN_UNTIL (pipe,
      g_str_equal (event, "send") || end_has (&pipe->b, "opened 1 b"));
  if (!pipe->a.free_at)
    return;
  for (guint i = 0; i < 5; i++)
    send_all (&pipe->b, "text");
  pipe_step (pipe);
  if (g_str_equal (event, "lost")) {
    pipe_settle (pipe);
    end_free (&pipe->b);
  }
  PIPE_RUN_UNTIL (pipe, !pipe->a.association);
}

static void
throw_garbage (Pipe *pipe)
{
  gsize size = g_rand_int_range (pipe->rand, 0, 20) == 0
      ? 20000
      : g_rand_int_range (pipe->rand, 0, 2000);
  g_autofree guint8 *data = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    data[i] = g_rand_int_range (pipe->rand, 0, 256);
  /* Half with ports that are right. */
  if (size > 4 && g_rand_boolean (pipe->rand))
    memcpy (data, "\x13\x89\x13\x88", 4);
  rtc_association_take (pipe->a.association, data, size);
}

static void
test_garbage (void)
{
  g_autoptr (Pipe) pipe = pipe_new ();

  throw_garbage (pipe);
  pipe_connect (pipe, 0);
  rtc_association_open_channel (pipe->b.association, "b");
  for (guint i = 0; i < 2000; i++) {
    throw_garbage (pipe);
    pipe_step (pipe);
  }
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->a, "opened 1 b"));
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->b, "opened 1 b"));
  send_all (&pipe->b, "still");
  PIPE_RUN_UNTIL (pipe, end_has (&pipe->a, "text 1 still"));
}

int
main (int argc, char **argv)
{
  static const char *const events[] = { "send", "opened", "text", "lost" };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/association/opens channels from both ends", test_opens);
  g_test_add_func ("/association/has the client's streams even", test_streams);
  g_test_add_func ("/association/carries texts both ways", test_texts);
  g_test_add_func ("/association/carries 64 KiB both ways", test_long_texts);
  g_test_add_func (
      "/association/keeps order where packets are lost and overtake",
      test_loss);
  g_test_add_func ("/association/sends nothing longer than the peer takes",
      test_too_long_to_send);
  g_test_add_func ("/association/drops what is too long, and goes on",
      test_too_long_to_receive);
  g_test_add_func ("/association/drops what is no text", test_no_texts);
  g_test_add_func ("/association/refuses hostile channels", test_hostile_opens);
  g_test_add_func ("/association/holds 16 of 1000 channels", test_many_opens);
  g_test_add_func ("/association/closes with the peer", test_closes);
  g_test_add_func ("/association/closes what it opened", test_closes_ours);
  g_test_add_func ("/association/answers when it has closed the one before",
      test_opens_while_closing);
  g_test_add_func ("/association/tells of no more than 256 channels",
      test_churning);
  g_test_add_func ("/association/does not repeat what is not to be",
      test_unreliable);
  g_test_add_func ("/association/is lost when nobody answers",
      test_never_answered);
  g_test_add_func ("/association/is lost when the peer is silent", test_silent);
  g_test_add_func ("/association/never waits for a peer that does not read",
      test_unread);
  g_test_add_func ("/association/says goodbye in the middle of a text",
      test_goodbye);
  g_test_add_func ("/association/is lost when the peer begins anew",
      test_restart);
  for (guint i = 0; i < G_N_ELEMENTS (events); i++) {
    g_autofree char *path =
        g_strdup_printf ("/association/is freed within %s", events[i]);

    g_test_add_data_func (path, events[i], test_freed_within);
  }
  g_test_add_func ("/association/survives any bytes", test_garbage);
  return g_test_run ();
}
