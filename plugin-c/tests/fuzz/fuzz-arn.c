/* Channel names and ARNs, which a service answers, too. */
#include "arn.h"
#include "error.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_string (data, size);
  g_autofree char *region = NULL, *name = NULL;
  g_autoptr (GError) error = NULL;

  kvs_channel_name_check (text, NULL);
  if (!kvs_arn_parse (text, &region, &name, &error)) {
    g_assert_error (error, KVS_ERROR, KVS_ERROR_SETTINGS);
    return 0;
  }
  g_assert_true (kvs_arn_is_arn (text));
  g_assert_true (*region != '\0');
  g_assert_true (kvs_channel_name_check (name, NULL));
  return 0;
}
