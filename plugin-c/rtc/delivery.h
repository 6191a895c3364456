/* What a data channel promises of its messages (RFC 8831 section 6.4). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  RTC_DELIVERY_RELIABLE,
  RTC_DELIVERY_RETRANSMITS, /* `limit` of them for each packet at most */
  RTC_DELIVERY_LIFETIME,    /* `limit` is in milliseconds */
} RtcDeliveryKind;

/* Zero is ordered and reliable. */
typedef struct {
  RtcDeliveryKind kind;
  guint32 limit;
  gboolean is_unordered;
} RtcDelivery;

G_END_DECLS
