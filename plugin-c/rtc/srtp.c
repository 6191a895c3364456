#include "srtp.h"

#include <srtp2/srtp.h>
#include <string.h>

G_STATIC_ASSERT (RTC_SRTP_TRAILER_MAX >= SRTP_MAX_TRAILER_LEN);

/* A second of a fast stream may come late or again. */
#define WINDOW 1024

/* libsrtp keeps something for each SSRC that it has met: a stream and its
 * retransmission for each m-line, reporters, and some. */
#define SOURCES_MAX 64

struct _RtcSrtp {
  srtp_t out;
  srtp_t in;
  guint32 sources[SOURCES_MAX]; /* what came, and was the remote's */
  guint n_sources;
};

/* Where somebody else in the process has called it before, as GStreamer's own
 * elements do, 2.5 says that it failed and did not; what is wrong indeed is
 * said by srtp_create. */
static void
init_library (void)
{
  static gsize is_done = 0;

  if (g_once_init_enter (&is_done)) {
    srtp_init ();
    g_once_init_leave (&is_done, 1);
  }
}

static srtp_t
make (const RtcSrtpKeys *keys, gboolean is_out)
{
  srtp_policy_t policy = { 0 };
  srtp_t made = NULL;

  if (keys->is_gcm) {
    srtp_crypto_policy_set_aes_gcm_128_16_auth (&policy.rtp);
    srtp_crypto_policy_set_aes_gcm_128_16_auth (&policy.rtcp);
  } else {
    srtp_crypto_policy_set_rtp_default (&policy.rtp);
    srtp_crypto_policy_set_rtcp_default (&policy.rtcp);
  }
  policy.ssrc.type = is_out ? ssrc_any_outbound : ssrc_any_inbound;
  policy.key = (guint8 *) (is_out ? keys->ours : keys->theirs);
  policy.window_size = WINDOW;
  /* A packet that is asked for again goes out as it was, where there is no RTX. */
  policy.allow_repeat_tx = is_out;
  return srtp_create (&made, &policy) == srtp_err_status_ok ? made : NULL;
}

RtcSrtp *
rtc_srtp_new (const RtcSrtpKeys *keys)
{
  RtcSrtp *self = g_new0 (RtcSrtp, 1);

  init_library ();
  self->out = make (keys, TRUE);
  self->in = make (keys, FALSE);
  if (self->out && self->in)
    return self;
  rtc_srtp_free (self);
  return NULL;
}

void
rtc_srtp_free (RtcSrtp *self)
{
  if (self->out)
    srtp_dealloc (self->out);
  if (self->in)
    srtp_dealloc (self->in);
  g_free (self);
}

static gsize
apply (srtp_err_status_t (*func) (srtp_t, void *, int *), srtp_t context,
    guint8 *packet, gsize size)
{
  int length = (int) size;

  return func (context, packet, &length) == srtp_err_status_ok ? (gsize) length
                                                               : 0;
}

gsize
rtc_srtp_protect_rtp (RtcSrtp *self, guint8 *packet, gsize size)
{
  return apply (srtp_protect, self->out, packet, size);
}

gsize
rtc_srtp_protect_rtcp (RtcSrtp *self, guint8 *packet, gsize size)
{
  return apply (srtp_protect_rtcp, self->out, packet, size);
}

static gboolean
is_known (const RtcSrtp *self, guint32 ssrc)
{
  for (guint i = 0; i < self->n_sources; i++) {
    if (self->sources[i] == ssrc)
      return TRUE;
  }
  return FALSE;
}

/* The SSRC is in clear, in another place in RTCP. */
static gsize
unprotect (RtcSrtp *self, srtp_err_status_t (*func) (srtp_t, void *, int *),
    guint8 *packet, gsize size, gsize ssrc_at)
{
  guint32 ssrc;
  gboolean is_new;

  if (size < ssrc_at + sizeof (ssrc))
    return 0;
  memcpy (&ssrc, packet + ssrc_at, sizeof (ssrc));
  is_new = !is_known (self, ssrc);
  if (is_new && self->n_sources == SOURCES_MAX)
    return 0;
  size = apply (func, self->in, packet, size);
  if (is_new && size > 0)
    self->sources[self->n_sources++] = ssrc;
  return size;
}

gsize
rtc_srtp_unprotect_rtp (RtcSrtp *self, guint8 *packet, gsize size)
{
  return unprotect (self, srtp_unprotect, packet, size, 8);
}

gsize
rtc_srtp_unprotect_rtcp (RtcSrtp *self, guint8 *packet, gsize size)
{
  return unprotect (self, srtp_unprotect_rtcp, packet, size, 4);
}
