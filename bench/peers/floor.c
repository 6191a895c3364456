/* The floor: the packets of a stream, encrypted for each viewer and sent, and
 * nothing else.
 *
 *   floor ADDRESS VIEWERS
 *
 * Each has a socket of its own here, which nobody reads. Sends FRAMES_A_SECOND
 * times PACKETS_A_FRAME packets of PACKET_SIZE bytes to each until it is
 * killed, and says `sending`. */
#include <arpa/inet.h>
#include <glib.h>
#include <srtp2/srtp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FRAMES_A_SECOND 30
#define PACKETS_A_FRAME 7
#define PACKET_SIZE 1200
#define HEADER_SIZE 12
#define MAX_VIEWERS 100
#define KEY_SIZE 30

typedef struct {
  srtp_t session;
  int fd;
  struct sockaddr_in to;
  guint16 sequence;
} Sink;

static srtp_t
new_session (void)
{
  static guint8 key[KEY_SIZE] = { 1, 2, 3 };
  srtp_policy_t policy = { .key = key, .window_size = 128 };
  srtp_t session = NULL;

  srtp_crypto_policy_set_rtp_default (&policy.rtp);
  srtp_crypto_policy_set_rtcp_default (&policy.rtcp);
  policy.ssrc.type = ssrc_any_outbound;
  srtp_create (&session, &policy);
  return session;
}

static void
open_sink (Sink *self, struct in_addr address)
{
  socklen_t size = sizeof self->to;
  int far = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  self->session = new_session ();
  self->fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  self->to = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr = address };
  if (bind (far, (struct sockaddr *) &self->to, size) != 0
      || getsockname (far, (struct sockaddr *) &self->to, &size) != 0)
    exit (1);
}

static void
send_packet (Sink *self, guint32 timestamp)
{
  guint8 packet[PACKET_SIZE + SRTP_MAX_TRAILER_LEN] = { 0x80, 96 };
  guint16 sequence = g_htons (self->sequence);
  int size = PACKET_SIZE;

  self->sequence++;
  timestamp = g_htonl (timestamp);
  memcpy (packet + 2, &sequence, sizeof sequence);
  memcpy (packet + 4, &timestamp, sizeof timestamp);
  memset (packet + HEADER_SIZE, 0x5a, PACKET_SIZE - HEADER_SIZE);
  if (srtp_protect (self->session, packet, &size) == srtp_err_status_ok)
    sendto (self->fd, packet, size, 0, (struct sockaddr *) &self->to,
        sizeof self->to);
}

static void
send_frame (Sink *sinks, int count, guint32 timestamp)
{
  for (int i = 0; i < count; i++) {
    for (int packet = 0; packet < PACKETS_A_FRAME; packet++)
      send_packet (&sinks[i], timestamp);
  }
}

int
main (int argc, char **argv)
{
  static Sink sinks[MAX_VIEWERS];
  struct in_addr address;
  int count = argc == 3 ? atoi (argv[2]) : 0;

  if (count < 1 || count > MAX_VIEWERS
      || inet_pton (AF_INET, argv[1], &address) != 1) {
    fprintf (stderr, "usage: floor ADDRESS VIEWERS\n");
    return 2;
  }
  srtp_init ();
  for (int i = 0; i < count; i++)
    open_sink (&sinks[i], address);
  puts ("sending");
  fflush (stdout);
  gint64 next = g_get_monotonic_time ();
  for (guint32 frame = 0;; frame++) {
    send_frame (sinks, count, frame * (90000 / FRAMES_A_SECOND));
    next += G_USEC_PER_SEC / FRAMES_A_SECOND;
    g_usleep (MAX (0, next - g_get_monotonic_time ()));
  }
}
