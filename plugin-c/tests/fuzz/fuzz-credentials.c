/* Keys in JSON, from programs and services; each is read in every shape. */
#include "credentialsanswer.h"
#include "error.h"
#include "fuzz.h"

static void
read_as (KvsCredentialsShape shape, const char *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KvsCredentials) keys =
      kvs_credentials_parse (shape, data, size, &error);

  if (keys == NULL) {
    g_assert_error (error, KVS_ERROR, KVS_ERROR_CREDENTIALS);
    return;
  }
  for (const char *c = keys->access_key; *c != '\0'; c++)
    g_assert_true (g_ascii_isgraph (*c));
  for (const char *c = keys->secret_key; *c != '\0'; c++)
    g_assert_true (g_ascii_isgraph (*c));
  g_assert_cmpint (keys->expiration, >=, 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  for (int shape = KVS_CREDENTIALS_OF_PROCESS; shape <= KVS_CREDENTIALS_OF_IOT;
       shape++)
    read_as (shape, (const char *) data, size);
  return 0;
}
