/* Messages that open a data channel, or say they do. */
#include "dcep.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  RtcDcepOpen open;

  if (rtc_dcep_parse (data, size, &open) != RTC_DCEP_OPEN)
    return 0;
  g_assert_true (g_utf8_validate (open.label, -1, NULL));
  g_assert_cmpint (g_utf8_strlen (open.label, -1), <=, RTC_DCEP_LABEL_MAX);
  rtc_dcep_open_clear (&open);
  return 0;
}
