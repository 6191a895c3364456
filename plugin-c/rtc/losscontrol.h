/* The rate that a path's losses allow (draft-ietf-rmcat-gcc-02 section 6). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* rtc_loss_control_init() first. */
typedef struct {
  guint64 rate;
  gint64 since_us; /* of what is counted now; 0: nothing is */
  guint n_arrived;
  guint n_lost;
  double loss; /* of what was counted last */
} RtcLossControl;

void rtc_loss_control_init (RtcLossControl *self);

/* What one feedback told; @sending is bit/s, and so is @arriving, which is what
 * the path takes in spite of its losses. TRUE when it lowered the rate. */
gboolean rtc_loss_control_count (RtcLossControl *self, guint n_arrived,
    guint n_lost, guint64 sending, guint64 arriving, gint64 now_us);

/* What one receiver report told, 0 to 1. */
gboolean rtc_loss_control_take (RtcLossControl *self, double loss,
    guint64 sending, guint64 arriving);

/* It was shown that the path takes so much. */
void rtc_loss_control_raise (RtcLossControl *self, guint64 rate);

G_END_DECLS
