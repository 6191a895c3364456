/* Every packet that one peer was sent of late, by its transport-wide number,
 * and how many bytes are on their way. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Two seconds at 10 Mbit/s. */
#define RTC_SENT_LOG_PACKETS 2048

typedef enum {
  RTC_SENT_UNHEARD_OF,
  RTC_SENT_LOST,
  RTC_SENT_ARRIVED,
} RtcSentState;

typedef struct {
  gint64 sent_us; /* 0: none is here */
  guint16 sequence;
  guint16 size;
  RtcSentState state;
} RtcSentPacket;

typedef struct {
  guint16 next;   /* sequence number */
  guint n_on_way; /* packets before it of which nothing was heard */
  gsize bytes_on_way;
  RtcSentPacket packets[RTC_SENT_LOG_PACKETS];
} RtcSentLog;

RtcSentLog *rtc_sent_log_new (void);

/* @sequence is one more than the last. */
void rtc_sent_log_add (RtcSentLog *self, guint16 sequence, gsize size,
    gint64 now_us);

/* NULL when it was never sent, or too long ago. */
RtcSentPacket *rtc_sent_log_find (RtcSentLog *self, guint16 sequence);

/* The peer has told of this packet, and so of all before it. */
void rtc_sent_log_settle (RtcSentLog *self, guint16 sequence);

/* Packets sent before this have arrived or never will, whatever the peer says. */
void rtc_sent_log_expire (RtcSentLog *self, gint64 before_us);

G_END_DECLS
