#include "secret.h"

#include <string.h>

void
kvs_secret_free (char *secret)
{
  if (secret == NULL)
    return;

  /* A memset before free may be optimised away; this may not. */
  explicit_bzero (secret, strlen (secret));
  g_free (secret);
}

void
kvs_secret_set (char **secret, const char *value)
{
  char *copy = g_strdup (value);

  kvs_secret_free (*secret);
  *secret = copy;
}
