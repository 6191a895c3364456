/* What of usrsctp is one for the whole process: its lock, its clock, and the
 * addresses of those that use it.
 *
 * usrsctp keeps all associations of a process in one state, with one list of
 * timers, while ours belong to the threads of several elements. So: every call
 * into it is made between enter and leave, which are one lock; what it calls
 * back under that lock only puts something into a member's queue and wakes the
 * member; and the queue is read on the thread the member belongs to, with no
 * lock held. Time is passed on by whichever thread enters, so that a thread
 * that is held up keeps nobody else's retransmissions waiting.
 *
 * A program that uses the same libusrsctp itself, and not a copy of its own as
 * GStreamer's sctp plugin does, cannot share a process with us. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _RtcSctpMember RtcSctpMember;
typedef struct _RtcSctpSeat RtcSctpSeat;

typedef struct {
  /* A packet to the peer; under the lock, on any thread, to be copied. */
  void (*packet) (RtcSctpMember *member, const guint8 *data, gsize size);
  /* After rtc_sctp_stack_wake, on the member's thread, without the lock. */
  void (*woken) (RtcSctpMember *member);
} RtcSctpMemberClass;

/* First in the struct of who joins. */
struct _RtcSctpMember {
  const RtcSctpMemberClass *klass;
  /* What usrsctp knows it by. It is a number and no pointer, because usrsctp
   * sends it to the peer within the cookie; and it is never used again, so
   * that a late callback finds nobody. */
  gpointer address;
  RtcSctpSeat *seat;
  gboolean is_woken; /* under the lock */
};

/* From now on @member belongs to the thread-default context of this thread. */
void rtc_sctp_stack_join (RtcSctpMember *member,
    const RtcSctpMemberClass *klass);

/* On the member's thread, not between enter and leave. Nothing is called back
 * any more. */
void rtc_sctp_stack_quit (RtcSctpMember *member);

/* Around each call into usrsctp; not to be nested. */
void rtc_sctp_stack_enter (void);
void rtc_sctp_stack_leave (void);

/* Between enter and leave. NULL when it has quit. */
RtcSctpMember *rtc_sctp_stack_find (gpointer address);
void rtc_sctp_stack_wake (RtcSctpMember *member);

G_END_DECLS
