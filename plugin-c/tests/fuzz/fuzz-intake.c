/* A peer's decrypted packets.
 *
 * An input is a row of them, each with two bytes before it: its kind, and its
 * length. */
#include "../../rtc/intake.h"

#include <gst/rtp/rtp.h>

#include "fuzz.h"

static void
check_report (gpointer unused, const guint8 *report, gsize size)
{
  g_assert_true (
      gst_rtcp_buffer_validate_data ((guint8 *) report, (guint) size));
  g_assert_cmpuint (report[1], ==, GST_RTCP_TYPE_SR);
}

static void
meet (RtcIntake *self, guint8 kind, const uint8_t *data, size_t size)
{
  /* Memory of its own, so that reading beyond is seen. */
  g_autofree guint8 *copy = g_memdup2 (data, size);
  RtcIntakePacket packet;

  if (kind & 1)
    rtc_intake_take_rtcp (self, copy, size, check_report, NULL);
  else if (rtc_intake_take_rtp (self, copy, size, &packet) == RTC_INTAKE_TAKEN)
    g_assert_cmpuint (packet.payload_size, <=, size - 12);
}

static RtcIntake *
intake_new (void)
{
  RtcIntake *self = rtc_intake_new (1);
  RtcIntakeLine declared = { 96, 97, { 0x1234, 0x1235 }, 2 };
  RtcIntakeLine undeclared = { 111, -1, { 0 }, 0 };

  rtc_intake_add_line (self, &declared);
  rtc_intake_add_line (self, &undeclared);
  return self;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (RtcIntake) self = intake_new ();

  while (size >= 2) {
    size_t length = MIN (data[1], size - 2);

    meet (self, data[0], data + 2, length);
    data += 2 + length;
    size -= 2 + length;
  }
  return 0;
}
