#include "sctpstack.h"

#include <usrsctp.h>

/* While packets come or go, for a second; retransmissions and delayed
 * acknowledgements are timed by it. */
#define TICK_US (20 * G_TIME_SPAN_MILLISECOND)
#define BUSY_US G_TIME_SPAN_SECOND
/* And when nothing does: heartbeats. A viewer that only looks costs four
 * wakeups a second of the thread, however many there are. */
#define IDLE_TICK_US (250 * G_TIME_SPAN_MILLISECOND)

/* The members of one context: they share the source that wakes them. */
struct _RtcSctpSeat {
  GSource source;

  /* Under the lock. */
  GMainContext *context;
  guint members;
  GQueue woken;      /* of RtcSctpMember */
  gint64 busy_until; /* monotonic */
};

static struct {
  GMutex lock;
  gboolean is_initialised;
  GHashTable *members; /* by address */
  gsize last_address;
  GSList *seats;
  gint64 ticked; /* monotonic: up to when usrsctp knows that time has passed */
} stack;

static int
on_packet (void *address, void *data, size_t size, uint8_t tos, uint8_t df)
{
  RtcSctpMember *member = rtc_sctp_stack_find (address);

  if (member)
    member->klass->packet (member, data, size);
  return 0;
}

/* What we do not speak is not accepted either: RFC 8831 section 5 asks for
 * partial reliability and stream reset alone. */
static void
restrict_usrsctp (void)
{
  usrsctp_sysctl_set_sctp_ecn_enable (0);
  usrsctp_sysctl_set_sctp_auto_asconf (0);
  usrsctp_sysctl_set_sctp_asconf_enable (0);
  usrsctp_sysctl_set_sctp_auth_enable (0);
  usrsctp_sysctl_set_sctp_nrsack_enable (0);
  usrsctp_sysctl_set_sctp_pktdrop_enable (0);
  /* What an association announces and allocates before it knows better. */
  usrsctp_sysctl_set_sctp_nr_outgoing_streams_default (32);
}

/* Never finished again: usrsctp's end waits for what its timers still have to
 * free, and everything it holds is found by its own globals. */
static void
initialise_unlocked (void)
{
  if (stack.is_initialised)
    return;
  stack.is_initialised = TRUE;
  stack.members = g_hash_table_new (NULL, NULL);
  usrsctp_init_nothreads (0, on_packet, NULL);
  restrict_usrsctp ();
}

static void
tick_unlocked (void)
{
  gint64 elapsed_ms =
      (g_get_monotonic_time () - stack.ticked) / G_TIME_SPAN_MILLISECOND;

  if (elapsed_ms <= 0)
    return;
  stack.ticked += elapsed_ms * G_TIME_SPAN_MILLISECOND;
  usrsctp_handle_timers ((guint32) MIN (elapsed_ms, G_MAXINT32));
}

void
rtc_sctp_stack_enter (void)
{
  g_mutex_lock (&stack.lock);
  tick_unlocked ();
}

void
rtc_sctp_stack_leave (void)
{
  g_mutex_unlock (&stack.lock);
}

RtcSctpMember *
rtc_sctp_stack_find (gpointer address)
{
  return g_hash_table_lookup (stack.members, address);
}

void
rtc_sctp_stack_wake (RtcSctpMember *member)
{
  RtcSctpSeat *seat = member->seat;

  seat->busy_until = g_get_monotonic_time () + BUSY_US;
  if (member->is_woken)
    return;
  member->is_woken = TRUE;
  g_queue_push_tail (&seat->woken, member);
  g_source_set_ready_time (&seat->source, 0);
}

static RtcSctpMember *
pop_woken_unlocked (RtcSctpSeat *seat)
{
  RtcSctpMember *member = g_queue_pop_head (&seat->woken);

  if (member)
    member->is_woken = FALSE;
  return member;
}

static void
wait_for_tick_unlocked (RtcSctpSeat *seat)
{
  gint64 now = g_get_monotonic_time ();
  gboolean is_busy = now < seat->busy_until;

  g_source_set_ready_time (&seat->source,
      seat->woken.length > 0 ? 0 : now + (is_busy ? TICK_US : IDLE_TICK_US));
}

/* Those woken meanwhile have their turn after the other sources of the
 * context. */
static gboolean
on_ready (GSource *source, GSourceFunc unused, gpointer user_data)
{
  RtcSctpSeat *seat = (RtcSctpSeat *) source;
  RtcSctpMember *member;
  guint turns;

  rtc_sctp_stack_enter ();
  for (turns = seat->woken.length; turns > 0; turns--) {
    /* A member may have quit within another's turn. */
    member = pop_woken_unlocked (seat);
    if (!member)
      break;
    rtc_sctp_stack_leave ();
    member->klass->woken (member);
    rtc_sctp_stack_enter ();
  }
  if (!g_source_is_destroyed (source))
    wait_for_tick_unlocked (seat);
  rtc_sctp_stack_leave ();
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs seat_funcs = {
  .dispatch = on_ready,
};

static RtcSctpSeat *
find_seat_unlocked (GMainContext *context)
{
  for (GSList *l = stack.seats; l; l = l->next) {
    RtcSctpSeat *seat = l->data;

    if (seat->context == context)
      return seat;
  }
  return NULL;
}

static RtcSctpSeat *
add_seat_unlocked (GMainContext *context)
{
  RtcSctpSeat *seat =
      (RtcSctpSeat *) g_source_new (&seat_funcs, sizeof (RtcSctpSeat));

  seat->context = context;
  seat->members = 0;
  g_queue_init (&seat->woken);
  seat->busy_until = 0;
  g_source_set_static_name (&seat->source, "rtc-sctp");
  g_source_set_ready_time (&seat->source, 0);
  g_source_attach (&seat->source, context);
  /* Nobody needed the time until now. */
  if (!stack.seats)
    stack.ticked = g_get_monotonic_time ();
  stack.seats = g_slist_prepend (stack.seats, seat);
  return seat;
}

static void
remove_seat_unlocked (RtcSctpSeat *seat)
{
  stack.seats = g_slist_remove (stack.seats, seat);
  g_source_destroy (&seat->source);
  g_source_unref (&seat->source);
}

void
rtc_sctp_stack_join (RtcSctpMember *member, const RtcSctpMemberClass *klass)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();

  g_mutex_lock (&stack.lock);
  initialise_unlocked ();
  member->klass = klass;
  member->address = GSIZE_TO_POINTER (++stack.last_address);
  member->seat = find_seat_unlocked (context);
  if (!member->seat)
    member->seat = add_seat_unlocked (context);
  member->seat->members++;
  g_hash_table_insert (stack.members, member->address, member);
  usrsctp_register_address (member->address);
  g_mutex_unlock (&stack.lock);
}

void
rtc_sctp_stack_quit (RtcSctpMember *member)
{
  RtcSctpSeat *seat = member->seat;

  g_mutex_lock (&stack.lock);
  usrsctp_deregister_address (member->address);
  g_hash_table_remove (stack.members, member->address);
  g_queue_remove (&seat->woken, member);
  if (--seat->members == 0)
    remove_seat_unlocked (seat);
  member->seat = NULL;
  g_mutex_unlock (&stack.lock);
}
