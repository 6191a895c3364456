/* The words by which a data channel is opened (RFC 8832). Pure. */
#pragma once

#include "delivery.h"

G_BEGIN_DECLS

/* As a string of the protocol a label may have 64 kB; this is in characters. */
#define RTC_DCEP_LABEL_MAX 256

typedef enum {
  RTC_DCEP_INVALID, /* malformed, or nothing RFC 8832 knows */
  RTC_DCEP_OPEN,
  RTC_DCEP_ACK,
} RtcDcepType;

/* DATA_CHANNEL_OPEN, RFC 8832 section 5.1. */
typedef struct {
  char *label; /* UTF-8 without zeros, RTC_DCEP_LABEL_MAX characters at most */
  RtcDelivery delivery;
} RtcDcepOpen;

/**
 * rtc_dcep_parse:
 * @data: one message of the payload protocol identifier 50
 * @open: filled in for RTC_DCEP_OPEN alone; to be cleared then
 *
 * A label that is no UTF-8 is mended, one that is too long is cut: it is what
 * a channel is shown by, and not by what it is found. Subprotocol and priority
 * are passed over.
 */
RtcDcepType rtc_dcep_parse (const guint8 *data, gsize size, RtcDcepOpen *open);

void rtc_dcep_open_clear (RtcDcepOpen *open);

/* A reliable, ordered channel's OPEN (transfer full), of normal priority
 * (RFC 8831 section 6.4). @label: UTF-8 of 65,535 bytes at most. */
GBytes *rtc_dcep_build_open (const char *label);

/* DATA_CHANNEL_ACK, RFC 8832 section 5.2: one byte. */
extern const guint8 rtc_dcep_ack[1];

G_END_DECLS
