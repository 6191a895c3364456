#include "sctp.h"

#include <gst/gst.h>
#include <stdlib.h>
#include <string.h>
#include <usrsctp.h>

#include "reassembly.h"
#include "sctpstack.h"

GST_DEBUG_CATEGORY_STATIC (rtcsctp_debug);
#define GST_CAT_DEFAULT rtcsctp_debug

/* RFC 9260 section 16 proposes 1 s for the first two, 200 ms of which are for
 * an acknowledgement that waits for a second packet. */
#define RTO_INITIAL_MS 500
#define RTO_MIN_MS 400
/* A peer whose network comes back is not kept waiting for a minute. */
#define RTO_MAX_MS 10000
#define RETRANSMISSIONS_MAX 10
#define INIT_ATTEMPTS_MAX 10
#define HEARTBEAT_MS 30000
#define COOKIE_LIFE_MS 60000

#define RECEIVE_BUFFER (256 * 1024)

#define SCTP_HEADER 12
/* usrsctp reads a chunk's header before it looks at the size. */
#define INPUT_MIN (SCTP_HEADER + 4)
/* One DTLS record carries no more (RFC 6347 section 4.1). */
#define INPUT_MAX (16 * 1024)

/* Packets that wait for the thread to come round to them; more are lost, as on
 * any way to the peer. */
#define WAITING_MAX 512

typedef enum {
  ITEM_PACKET,
  ITEM_PIECE,
  ITEM_NOTIFICATION
} ItemKind;

/* What usrsctp called back with. */
typedef struct {
  ItemKind kind;
  guint8 *data; /* usrsctp's own allocation, by malloc */
  gsize size;
  guint16 stream; /* of a piece, as the next two */
  guint32 protocol;
  gboolean is_end;
} Item;

struct _RtcSctp {
  RtcSctpMember member; /* first */
  const RtcSctpEvents *events;
  gpointer user_data;

  struct socket *socket; /* NULL until connected, and when lost */
  RtcReassembly *reassembly;
  gboolean is_up;
  gboolean is_lost;
  gboolean is_draining; /* further calls leave the queue to the outer one */
  gboolean is_freed;    /* within an event: all but the struct itself */
  gboolean has_logged;  /* that a packet was dropped */

  GQueue items; /* of Item; under the stack's lock */
};

static void on_packet (RtcSctpMember *member, const guint8 *data, gsize size);
static void drain (RtcSctp *self);

static void
on_woken (RtcSctpMember *member)
{
  drain ((RtcSctp *) member);
}

static const RtcSctpMemberClass member_class = { on_packet, on_woken };

static void
register_category (void)
{
  static gsize once = 0;

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rtcsctp_debug, "kvssctp", 0,
        "SCTP associations of data channels");
    g_once_init_leave (&once, 1);
  }
}

RtcSctp *
rtc_sctp_new (const RtcSctpEvents *events, gpointer user_data)
{
  RtcSctp *self = g_new0 (RtcSctp, 1);

  register_category ();
  self->events = events;
  self->user_data = user_data;
  self->reassembly = rtc_reassembly_new (RTC_SCTP_MESSAGE_MAX);
  g_queue_init (&self->items);
  rtc_sctp_stack_join (&self->member, &member_class);
  return self;
}

static void
item_free (gpointer data)
{
  Item *item = data;

  free (item->data);
  g_free (item);
}

/* Under the stack's lock. */
static Item *
push (RtcSctp *self, ItemKind kind, gpointer data, gsize size)
{
  Item *item = g_new0 (Item, 1);

  item->kind = kind;
  item->data = data;
  item->size = size;
  g_queue_push_tail (&self->items, item);
  rtc_sctp_stack_wake (&self->member);
  return item;
}

/* Under the stack's lock. */
static void
on_packet (RtcSctpMember *member, const guint8 *data, gsize size)
{
  RtcSctp *self = (RtcSctp *) member;
  guint8 *copy;

  if (self->items.length >= WAITING_MAX)
    return;
  copy = malloc (size);
  if (!copy)
    return;
  memcpy (copy, data, size);
  push (self, ITEM_PACKET, copy, size);
}

/* Under the stack's lock; owns @data. */
static int
on_receive (struct socket *socket, union sctp_sockstore from, void *data,
    size_t size, struct sctp_rcvinfo info, int flags, void *address)
{
  RtcSctpMember *member = rtc_sctp_stack_find (address);
  Item *item;

  if (!data || !member) {
    free (data);
    return 1;
  }
  item = push ((RtcSctp *) member,
      flags & MSG_NOTIFICATION ? ITEM_NOTIFICATION : ITEM_PIECE, data, size);
  item->stream = info.rcv_sid;
  item->protocol = GUINT32_FROM_BE (info.rcv_ppid);
  item->is_end = (flags & MSG_EOR) != 0;
  return 1;
}

static gboolean
set_option (struct socket *socket, int level, int option, const void *value,
    gsize size)
{
  if (usrsctp_setsockopt (socket, level, option, value, (socklen_t) size) == 0)
    return TRUE;
  GST_ERROR ("usrsctp refuses option %d", option);
  return FALSE;
}

static gboolean
set_sctp_option (struct socket *socket, int option, const void *value,
    gsize size)
{
  return set_option (socket, IPPROTO_SCTP, option, value, size);
}

static gboolean
set_buffers (struct socket *socket)
{
  /* Room for the longest text, beside others that wait. */
  const int send = RTC_SCTP_SEND_MAX + RTC_SCTP_MESSAGE_MAX;
  const int receive = RECEIVE_BUFFER;
  const guint32 whole = RTC_SCTP_MESSAGE_MAX;
  /* Only so is an ABORT sent on close. */
  const struct linger linger = { .l_onoff = 1 };

  return set_option (socket, SOL_SOCKET, SO_SNDBUF, &send, sizeof send)
      && set_option (socket, SOL_SOCKET, SO_RCVBUF, &receive, sizeof receive)
      && set_option (socket, SOL_SOCKET, SO_LINGER, &linger, sizeof linger)
      && set_sctp_option (socket, SCTP_PARTIAL_DELIVERY_POINT, &whole,
          sizeof whole);
}

static gboolean
set_times (struct socket *socket)
{
  const struct sctp_rtoinfo rto = {
    .srto_initial = RTO_INITIAL_MS,
    .srto_min = RTO_MIN_MS,
    .srto_max = RTO_MAX_MS,
  };
  const struct sctp_assocparams association = {
    .sasoc_asocmaxrxt = RETRANSMISSIONS_MAX,
    .sasoc_cookie_life = COOKIE_LIFE_MS,
  };
  const struct sctp_initmsg init = {
    .sinit_num_ostreams = RTC_SCTP_STREAMS,
    .sinit_max_instreams = RTC_SCTP_STREAMS,
    .sinit_max_attempts = INIT_ATTEMPTS_MAX,
    .sinit_max_init_timeo = RTO_MAX_MS,
  };
  const guint32 no_delay = 1;

  return set_sctp_option (socket, SCTP_RTOINFO, &rto, sizeof rto)
      && set_sctp_option (socket, SCTP_ASSOCINFO, &association,
          sizeof association)
      && set_sctp_option (socket, SCTP_INITMSG, &init, sizeof init)
      && set_sctp_option (socket, SCTP_NODELAY, &no_delay, sizeof no_delay);
}

static gboolean
set_path (struct socket *socket)
{
  const struct sctp_paddrparams path = {
    .spp_flags = SPP_HB_ENABLE | SPP_PMTUD_DISABLE,
    .spp_hbinterval = HEARTBEAT_MS,
    .spp_pathmtu = RTC_SCTP_PACKET_MAX - SCTP_HEADER,
    /* There is one path: it is lost with the association, not before. */
    .spp_pathmaxrxt = RETRANSMISSIONS_MAX,
  };
  const struct sctp_assoc_value reset = {
    .assoc_id = SCTP_ALL_ASSOC,
    .assoc_value = SCTP_ENABLE_RESET_STREAM_REQ,
  };

  return set_sctp_option (socket, SCTP_PEER_ADDR_PARAMS, &path, sizeof path)
      && set_sctp_option (socket, SCTP_ENABLE_STREAM_RESET, &reset,
          sizeof reset);
}

static gboolean
set_notifications (struct socket *socket)
{
  static const guint16 types[] = { SCTP_ASSOC_CHANGE, SCTP_STREAM_RESET_EVENT,
    SCTP_PARTIAL_DELIVERY_EVENT };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    const struct sctp_event event = {
      .se_assoc_id = SCTP_ALL_ASSOC,
      .se_type = types[i],
      .se_on = 1,
    };

    if (!set_sctp_option (socket, SCTP_EVENT, &event, sizeof event))
      return FALSE;
  }
  return TRUE;
}

/* Both ends of an association have the one address: usrsctp hands it back to
 * say whose packet it is. */
static struct sockaddr_conn
make_address (RtcSctp *self, guint16 port)
{
  return (struct sockaddr_conn){
    .sconn_family = AF_CONN,
    .sconn_port = g_htons (port),
    .sconn_addr = self->member.address,
  };
}

static gboolean
start (struct socket *socket, struct sockaddr_conn local,
    struct sockaddr_conn remote)
{
  return usrsctp_set_non_blocking (socket, 1) == 0 && set_buffers (socket)
      && set_times (socket) && set_path (socket) && set_notifications (socket)
      && usrsctp_bind (socket, (struct sockaddr *) &local, sizeof local) == 0
      && (usrsctp_connect (socket, (struct sockaddr *) &remote, sizeof remote)
              == 0
          || errno == EINPROGRESS);
}

gboolean
rtc_sctp_connect (RtcSctp *self, guint16 local_port, guint16 remote_port)
{
  struct socket *socket;

  g_return_val_if_fail (!self->socket && !self->is_lost, FALSE);

  rtc_sctp_stack_enter ();
  socket = usrsctp_socket (AF_CONN, SOCK_STREAM, IPPROTO_SCTP, on_receive, NULL,
      0, self->member.address);
  if (socket
      && !start (socket, make_address (self, local_port),
          make_address (self, remote_port))) {
    GST_ERROR ("no association from port %u to %u: %s", local_port, remote_port,
        g_strerror (errno));
    usrsctp_close (socket);
    socket = NULL;
  }
  self->socket = socket;
  rtc_sctp_stack_leave ();
  return socket != NULL;
}

void
rtc_sctp_take (RtcSctp *self, const guint8 *data, gsize size)
{
  if (!self->socket)
    return;
  if (size < INPUT_MIN || size > INPUT_MAX) {
    if (!self->has_logged)
      GST_WARNING ("a packet of %" G_GSIZE_FORMAT " bytes was dropped", size);
    self->has_logged = TRUE;
    return;
  }
  rtc_sctp_stack_enter ();
  usrsctp_conninput (self->member.address, data, size, 0);
  rtc_sctp_stack_leave ();
  drain (self);
}

static struct sctp_sendv_spa
describe_send (guint16 stream, guint32 protocol, const RtcDelivery *delivery)
{
  struct sctp_sendv_spa info = {
    .sendv_flags = SCTP_SEND_SNDINFO_VALID,
    .sendv_sndinfo = {
      .snd_sid = stream,
      .snd_ppid = GUINT32_TO_BE (protocol),
      .snd_flags = delivery->is_unordered ? SCTP_UNORDERED : 0,
    },
  };

  if (delivery->kind != RTC_DELIVERY_RELIABLE) {
    info.sendv_flags |= SCTP_SEND_PRINFO_VALID;
    info.sendv_prinfo.pr_value = delivery->limit;
    info.sendv_prinfo.pr_policy = delivery->kind == RTC_DELIVERY_LIFETIME
        ? SCTP_PR_SCTP_TTL
        : SCTP_PR_SCTP_RTX;
  }
  return info;
}

RtcSctpResult
rtc_sctp_send (RtcSctp *self, guint16 stream, guint32 protocol,
    const RtcDelivery *delivery, const guint8 *message, gsize size)
{
  struct sctp_sendv_spa info = describe_send (stream, protocol, delivery);
  gssize sent;
  int problem;

  if (!self->is_up || self->is_lost || size == 0 || size > RTC_SCTP_SEND_MAX)
    return RTC_SCTP_REFUSED;
  rtc_sctp_stack_enter ();
  sent = usrsctp_sendv (self->socket, message, size, NULL, 0, &info,
      sizeof info, SCTP_SENDV_SPA, 0);
  problem = errno;
  rtc_sctp_stack_leave ();
  if (sent >= 0)
    return RTC_SCTP_SENT;
  return problem == EWOULDBLOCK || problem == ENOBUFS ? RTC_SCTP_FULL
                                                      : RTC_SCTP_REFUSED;
}

void
rtc_sctp_reset (RtcSctp *self, guint16 stream)
{
  const gsize size = sizeof (struct sctp_reset_streams) + sizeof stream;
  g_autofree struct sctp_reset_streams *request = g_malloc0 (size);

  if (!self->is_up || self->is_lost)
    return;
  request->srs_flags = SCTP_STREAM_RESET_OUTGOING;
  request->srs_number_streams = 1;
  request->srs_stream_list[0] = stream;
  rtc_sctp_stack_enter ();
  set_sctp_option (self->socket, SCTP_RESET_STREAMS, request, size);
  rtc_sctp_stack_leave ();
}

static void
close_socket (RtcSctp *self)
{
  rtc_sctp_stack_enter ();
  g_clear_pointer (&self->socket, usrsctp_close);
  rtc_sctp_stack_leave ();
}

/* The goodbye of a socket that is closed goes out; what came in does not. */
static void
send_waiting (RtcSctp *self)
{
  GQueue items;
  Item *item;

  rtc_sctp_stack_enter ();
  items = self->items;
  g_queue_init (&self->items);
  rtc_sctp_stack_leave ();
  while ((item = g_queue_pop_head (&items))) {
    if (item->kind == ITEM_PACKET)
      self->events->send (self->user_data, item->data, item->size);
    item_free (item);
  }
}

static void
lose (RtcSctp *self)
{
  if (self->is_lost)
    return;
  self->is_lost = TRUE;
  close_socket (self);
  send_waiting (self);
  self->events->lost (self->user_data);
}

static void
take_change (RtcSctp *self, const struct sctp_assoc_change *change)
{
  GST_DEBUG ("association change %u, error %u", change->sac_state,
      change->sac_error);
  if (change->sac_state != SCTP_COMM_UP) {
    /* A restart is none of a browser's either: streams would be out of step
     * with channels, so it ends as the others do. */
    lose (self);
    return;
  }
  if (self->is_up)
    return;
  self->is_up = TRUE;
  self->events->up (self->user_data,
      MIN (change->sac_outbound_streams, change->sac_inbound_streams));
}

static void
take_stream_reset (RtcSctp *self, guint16 flags, guint16 stream)
{
  if (flags & SCTP_STREAM_RESET_INCOMING_SSN)
    self->events->ended (self->user_data, stream);
  else if (flags & SCTP_STREAM_RESET_OUTGOING_SSN)
    self->events->reset (self->user_data, stream);
}

static void
take_reset (RtcSctp *self, const struct sctp_stream_reset_event *reset,
    gsize size)
{
  gsize listed = (size - sizeof *reset) / sizeof reset->strreset_stream_list[0];
  /* None is all. */
  gsize n = listed > 0 ? listed : RTC_SCTP_STREAMS;

  if (reset->strreset_flags
      & (SCTP_STREAM_RESET_DENIED | SCTP_STREAM_RESET_FAILED))
    return;
  for (gsize i = 0; i < n && !self->is_freed && !self->is_lost; i++)
    take_stream_reset (self, reset->strreset_flags,
        listed > 0 ? reset->strreset_stream_list[i] : (guint16) i);
}

static void
take_notification (RtcSctp *self, const Item *item)
{
  const union sctp_notification *notification =
      (const union sctp_notification *) item->data;

  if (item->size < sizeof notification->sn_header)
    return;
  switch (notification->sn_header.sn_type) {
    case SCTP_ASSOC_CHANGE:
      if (item->size >= sizeof notification->sn_assoc_change)
        take_change (self, &notification->sn_assoc_change);
      break;
    case SCTP_STREAM_RESET_EVENT:
      if (item->size >= sizeof notification->sn_strreset_event)
        take_reset (self, &notification->sn_strreset_event, item->size);
      break;
    case SCTP_PARTIAL_DELIVERY_EVENT:
      if (item->size >= sizeof notification->sn_pdapi_event)
        rtc_reassembly_abandon (self->reassembly,
            (guint16) notification->sn_pdapi_event.pdapi_stream);
      break;
    default:
      break;
  }
}

static void
take_piece (RtcSctp *self, const Item *item)
{
  gsize size;
  g_autofree guint8 *message = rtc_reassembly_add (self->reassembly,
      item->stream, item->data, item->size, item->is_end, &size);

  if (item->is_end)
    self->events->message (self->user_data, item->stream, item->protocol,
        message, size);
}

static void
take_item (RtcSctp *self, const Item *item)
{
  if (self->is_lost)
    return;
  switch (item->kind) {
    case ITEM_PACKET:
      self->events->send (self->user_data, item->data, item->size);
      break;
    case ITEM_PIECE:
      take_piece (self, item);
      break;
    case ITEM_NOTIFICATION:
      take_notification (self, item);
      break;
  }
}

static Item *
pop (RtcSctp *self)
{
  Item *item;

  rtc_sctp_stack_enter ();
  item = g_queue_pop_head (&self->items);
  rtc_sctp_stack_leave ();
  return item;
}

/* An event may call anything of ours, or free us. */
static void
drain (RtcSctp *self)
{
  Item *item;

  if (self->is_draining)
    return;
  self->is_draining = TRUE;
  while (!self->is_freed && (item = pop (self))) {
    take_item (self, item);
    item_free (item);
  }
  self->is_draining = FALSE;
  if (self->is_freed)
    g_free (self);
}

void
rtc_sctp_free (RtcSctp *self)
{
  close_socket (self);
  send_waiting (self);
  rtc_sctp_stack_quit (&self->member);
  g_queue_clear_full (&self->items, item_free);
  g_clear_pointer (&self->reassembly, rtc_reassembly_free);
  if (self->is_draining)
    self->is_freed = TRUE;
  else
    g_free (self);
}
