/* Many viewers in one process, as cheap as they can be: they hold the path open
 * (ICE), agree on keys (DTLS), count packets and pictures by the headers, which
 * are in the clear, and report what they received. Nothing is decrypted but
 * reports, and nothing decoded. Whoever runs it does the signaling.
 *
 *   viewer ADDRESS
 *
 * Lines of stdin, ID being any word:
 *   open ID                          → offer ID ufrag pwd fingerprint port
 *   answer ID ufrag pwd active|passive
 *   candidate ID address port
 *   stats                            → stats ID … for each, then `end`
 *   reset                            counts and gaps begin anew
 *   silence ID                       it counts on, and says nothing any more
 *   close ID                         with DTLS's goodbye
 * and by itself: `connected ID µs`, `frame ID µs`, by the realtime clock. */
#include "dtls.h"
#include "stream.h"
#include "stun.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define MAX_CANDIDATES 16
#define BATCH 32
#define DATAGRAM_SIZE 2048
#define RECEIVE_BUFFER (4 * 1024 * 1024)
#define TICK_NS 50000000
#define CHECK_US 50000
#define CONSENT_US 4000000
#define REPORT_US 1000000
#define PT_VP8 96
#define PT_H264 102
#define PT_OPUS 111

typedef struct {
  char *id;
  int fd;
  gboolean is_silent;
  gboolean has_frame;
  char ufrag[9];
  char password[33];
  char *remote_ufrag;
  char *remote_password;
  gboolean is_client;
  struct sockaddr_in candidates[MAX_CANDIDATES];
  guint n_candidates;
  /* Where the path leads once a check was answered, else port 0. */
  struct sockaddr_in path;
  gint64 checked_us;
  gint64 reported_us;
  guint64 tie_breaker;
  guint32 ssrc;
  Dtls *dtls;
  srtp_t outbound;
  srtp_t inbound;
  Stream stream;
} Viewer;

static GHashTable *viewers;
static struct in_addr address;
static int poll_fd;

static void
say_now (const char *what, const Viewer *self)
{
  printf ("%s %s %" G_GINT64_FORMAT "\n", what, self->id, g_get_real_time ());
}

static void
send_to (Viewer *self, const struct sockaddr_in *to, const guint8 *data,
    gsize size)
{
  if (!self->is_silent)
    sendto (self->fd, data, size, 0, (const struct sockaddr *) to, sizeof *to);
}

static void
on_dtls_send (gpointer user_data, const guint8 *data, gsize size)
{
  Viewer *self = user_data;

  send_to (self, &self->path, data, size);
}

static void
on_connected (Viewer *self)
{
  self->outbound = dtls_new_srtp (self->dtls, TRUE);
  self->inbound = dtls_new_srtp (self->dtls, FALSE);
  say_now ("connected", self);
}

static void
handle_dtls (Viewer *self, const guint8 *data, gsize size)
{
  if (self->dtls == NULL)
    return;
  gboolean was_done = dtls_is_done (self->dtls);
  if (dtls_handle (self->dtls, data, size) && !was_done)
    on_connected (self);
}

static void
choose_path (Viewer *self, const struct sockaddr_in *from)
{
  if (self->path.sin_port != 0 || self->remote_ufrag == NULL)
    return;
  self->path = *from;
  self->dtls = dtls_new (self->is_client, on_dtls_send, self);
  if (self->is_client)
    handle_dtls (self, NULL, 0);
}

static void
handle_stun (Viewer *self, const guint8 *data, const struct sockaddr_in *from)
{
  guint8 out[STUN_MAX_SIZE];

  if (stun_is_request (data))
    send_to (self, from, out,
        stun_write_response (out, data, from, self->password));
  else if (stun_is_success (data))
    choose_path (self, from);
}

static void
handle_rtp (Viewer *self, const guint8 *data, gsize size, gint64 now)
{
  guint8 type = data[1] & 0x7f;

  if (type == PT_OPUS)
    stream_take_other (&self->stream, size, now);
  if (type != PT_VP8 && type != PT_H264)
    return;
  stream_take (&self->stream, data, size, now);
  if (self->stream.frames > 0 && !self->has_frame) {
    self->has_frame = TRUE;
    say_now ("frame", self);
  }
}

static void
handle_rtcp (Viewer *self, guint8 *data, gsize size, gint64 now)
{
  int length = size;

  if (self->inbound != NULL
      && srtp_unprotect_rtcp (self->inbound, data, &length)
          == srtp_err_status_ok)
    stream_take_rtcp (&self->stream, data, length, now);
}

/* By the first byte (RFC 7983), and RTCP by the second (RFC 5761). */
static void
handle (Viewer *self, guint8 *data, gsize size, const struct sockaddr_in *from,
    gint64 now)
{
  if (stun_is (data, size))
    handle_stun (self, data, from);
  else if (size > 13 && data[0] >= 20 && data[0] < 64)
    handle_dtls (self, data, size);
  else if (size > 8 && data[0] >> 6 == 2 && data[1] >= 192 && data[1] <= 223)
    handle_rtcp (self, data, size, now);
  else if (size > 12 && data[0] >> 6 == 2)
    handle_rtp (self, data, size, now);
}

static void
receive (Viewer *self)
{
  static guint8 data[BATCH][DATAGRAM_SIZE];
  struct sockaddr_in from[BATCH];
  struct iovec parts[BATCH];
  struct mmsghdr messages[BATCH] = { 0 };

  for (guint i = 0; i < BATCH; i++) {
    parts[i] = (struct iovec){ data[i], DATAGRAM_SIZE };
    messages[i].msg_hdr = (struct msghdr){
      .msg_name = &from[i],
      .msg_namelen = sizeof from[i],
      .msg_iov = &parts[i],
      .msg_iovlen = 1,
    };
  }
  int count = recvmmsg (self->fd, messages, BATCH, MSG_DONTWAIT, NULL);
  gint64 now = g_get_monotonic_time ();
  for (int i = 0; i < count; i++)
    handle (self, data[i], messages[i].msg_len, &from[i], now);
}

static void
check (Viewer *self, const struct sockaddr_in *to)
{
  guint8 out[STUN_MAX_SIZE];
  guint8 id[STUN_ID_SIZE];
  g_autofree char *username =
      g_strdup_printf ("%s:%s", self->remote_ufrag, self->ufrag);

  RAND_bytes (id, sizeof id);
  send_to (self, to, out,
      stun_write_request (out, id, username, self->remote_password,
          self->tie_breaker));
}

static void
check_paths (Viewer *self, gint64 now)
{
  gboolean is_chosen = self->path.sin_port != 0;

  if (self->remote_ufrag == NULL
      || now - self->checked_us < (is_chosen ? CONSENT_US : CHECK_US))
    return;
  self->checked_us = now;
  if (is_chosen) {
    check (self, &self->path);
    return;
  }
  for (guint i = 0; i < self->n_candidates; i++)
    check (self, &self->candidates[i]);
}

static void
report (Viewer *self, gint64 now)
{
  guint8 out[STREAM_REPORT_SIZE];

  if (self->outbound == NULL || self->stream.last_packet_us == 0
      || now - self->reported_us < REPORT_US)
    return;
  self->reported_us = now;
  int size = stream_write_report (&self->stream, out, self->ssrc, now);
  if (srtp_protect_rtcp (self->outbound, out, &size) == srtp_err_status_ok)
    send_to (self, &self->path, out, size);
}

static void
on_tick (void)
{
  GHashTableIter iter;
  gpointer value;
  gint64 now = g_get_monotonic_time ();

  g_hash_table_iter_init (&iter, viewers);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    Viewer *self = value;
    check_paths (self, now);
    if (self->dtls != NULL && !dtls_is_done (self->dtls))
      handle_dtls (self, NULL, 0);
    report (self, now);
  }
}

/* A word of `size - 1` characters that ICE allows. */
static void
make_word (char *out, gsize size)
{
  static const char letters[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

  RAND_bytes ((guint8 *) out, size - 1);
  for (gsize i = 0; i < size - 1; i++)
    out[i] = letters[(guint8) out[i] % 64];
  out[size - 1] = '\0';
}

static int
open_socket (struct sockaddr_in *own)
{
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int room = RECEIVE_BUFFER;
  socklen_t size = sizeof *own;

  *own = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr = address };
  if (setsockopt (fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) != 0)
    setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  if (bind (fd, (struct sockaddr *) own, size) != 0
      || getsockname (fd, (struct sockaddr *) own, &size) != 0) {
    fprintf (stderr, "viewer: cannot bind: %s\n", g_strerror (errno));
    exit (1);
  }
  return fd;
}

static void
do_open (const char *id)
{
  Viewer *self = g_new0 (Viewer, 1);
  struct sockaddr_in own;

  self->id = g_strdup (id);
  self->fd = open_socket (&own);
  make_word (self->ufrag, sizeof self->ufrag);
  make_word (self->password, sizeof self->password);
  RAND_bytes ((guint8 *) &self->ssrc, sizeof self->ssrc);
  RAND_bytes ((guint8 *) &self->tie_breaker, sizeof self->tie_breaker);
  g_hash_table_replace (viewers, self->id, self);
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = self };
  epoll_ctl (poll_fd, EPOLL_CTL_ADD, self->fd, &event);
  printf ("offer %s %s %s %s %d\n", id, self->ufrag, self->password,
      dtls_prepare (), ntohs (own.sin_port));
}

static void
free_viewer (gpointer data)
{
  Viewer *self = data;

  dtls_free (self->dtls);
  if (self->outbound != NULL)
    srtp_dealloc (self->outbound);
  if (self->inbound != NULL)
    srtp_dealloc (self->inbound);
  close (self->fd);
  g_free (self->remote_ufrag);
  g_free (self->remote_password);
  g_free (self->id);
  g_free (self);
}

/* `words` are ufrag, pwd and setup. */
static void
do_answer (Viewer *self, char **words)
{
  g_free (self->remote_ufrag);
  g_free (self->remote_password);
  self->remote_ufrag = g_strdup (words[0]);
  self->remote_password = g_strdup (words[1]);
  self->is_client = g_str_equal (words[2], "passive");
}

/* `words` are an address and a port. */
static void
do_candidate (Viewer *self, char **words)
{
  struct sockaddr_in to = { .sin_family = AF_INET };

  if (self->n_candidates == MAX_CANDIDATES
      || inet_pton (AF_INET, words[0], &to.sin_addr) != 1)
    return;
  to.sin_port = htons (atoi (words[1]));
  self->candidates[self->n_candidates++] = to;
  self->checked_us = 0;
}

static void
do_stats (void)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, viewers);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    Viewer *self = value;
    const Stream *stream = &self->stream;
    gint64 now = g_get_monotonic_time ();
    gint64 since_frame = now - stream->last_frame_us;
    gint64 since_packet = now - stream->last_packet_us;
    printf ("stats %s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
            " %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT
            " %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT
            "\n",
        self->id, stream->packets, stream->bytes, stream->frames,
        stream_lost (stream), stream->longest_gap_us, stream->freezes,
        stream->last_frame_us == 0 ? -1 : since_frame,
        stream->last_packet_us == 0 ? -1 : since_packet);
  }
  printf ("end\n");
}

static void
do_reset (void)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, viewers);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    stream_reset (&((Viewer *) value)->stream);
}

static void
do_with_viewer (Viewer *self, char **words)
{
  guint count = g_strv_length (words);

  if (g_str_equal (words[0], "answer") && count == 5)
    do_answer (self, words + 2);
  else if (g_str_equal (words[0], "candidate") && count == 4)
    do_candidate (self, words + 2);
  else if (g_str_equal (words[0], "silence"))
    self->is_silent = TRUE;
  else if (g_str_equal (words[0], "close"))
    g_hash_table_remove (viewers, self->id);
}

static void
do_line (const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 8);
  Viewer *self = words[0] != NULL && words[1] != NULL
      ? g_hash_table_lookup (viewers, words[1])
      : NULL;

  if (self != NULL)
    do_with_viewer (self, words);
  else if (g_str_has_prefix (line, "open ") && words[1] != NULL)
    do_open (words[1]);
  else if (g_str_equal (line, "stats"))
    do_stats ();
  else if (g_str_equal (line, "reset"))
    do_reset ();
}

/* FALSE at its end. */
static gboolean
read_lines (GString *pending)
{
  char data[4096];
  gssize size = read (STDIN_FILENO, data, sizeof data);
  char *end;

  if (size <= 0)
    return FALSE;
  g_string_append_len (pending, data, size);
  while ((end = strchr (pending->str, '\n')) != NULL) {
    *end = '\0';
    do_line (pending->str);
    g_string_erase (pending, 0, end - pending->str + 1);
  }
  return TRUE;
}

static void
watch (int *fd, int events_fd)
{
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = fd };

  *fd = events_fd;
  epoll_ctl (poll_fd, EPOLL_CTL_ADD, events_fd, &event);
}

static int
make_timer (void)
{
  int fd = timerfd_create (CLOCK_MONOTONIC, TFD_CLOEXEC);
  struct timespec every = { .tv_nsec = TICK_NS };
  struct itimerspec when = { every, every };

  timerfd_settime (fd, 0, &when, NULL);
  return fd;
}

static void
on_timer (int fd)
{
  guint64 count;

  if (read (fd, &count, sizeof count) > 0)
    on_tick ();
}

int
main (int argc, char **argv)
{
  g_autoptr (GString) pending = g_string_new (NULL);
  struct epoll_event event;
  int input, timer;

  if (argc != 2 || inet_pton (AF_INET, argv[1], &address) != 1) {
    fprintf (stderr, "usage: viewer ADDRESS\n");
    return 2;
  }
  setvbuf (stdout, NULL, _IOLBF, 0);
  srtp_init ();
  dtls_prepare ();
  viewers = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, free_viewer);
  poll_fd = epoll_create1 (EPOLL_CLOEXEC);
  watch (&input, STDIN_FILENO);
  watch (&timer, make_timer ());
  /* One event at a time: what a line closes may not be among those to come. */
  while (epoll_wait (poll_fd, &event, 1, -1) >= 0 || errno == EINTR) {
    if (event.data.ptr == &timer)
      on_timer (timer);
    else if (event.data.ptr != &input)
      receive (event.data.ptr);
    else if (!read_lines (pending))
      break;
  }
  return 0;
}
