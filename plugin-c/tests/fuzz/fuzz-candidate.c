/* Remote candidates. */
#include "candidate.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_string (data, size);
  const char *why = NULL;
  g_autofree char *clean = gst_kvs_sdp_candidate_clean (text, &why);
  g_autofree char *again = NULL;

  g_assert_true ((clean == NULL) == (why != NULL));
  if (clean)
    again = gst_kvs_sdp_candidate_clean (clean, &why);
  g_assert_cmpstr (again, ==, clean);
  return 0;
}
