/* TURN URIs of the service. */
#include <string.h>

#include "fuzz.h"
#include "turnuri.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_string (data, size);
  g_autoptr (KvsTurnUri) uri = kvs_turn_uri_parse (text);

  if (uri != NULL) {
    g_assert_true (*uri->host != '\0' && uri->port > 0);
    g_assert_null (strpbrk (uri->host, "/@?#%[] \r\n"));
  }
  return 0;
}
