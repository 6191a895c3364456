/* ~/.aws/credentials and ~/.aws/config, in one file with a zero between. */
#include <string.h>

#include "fuzz.h"
#include "inifile.h"
/* The media house has a profile.h, too. */
#include "../../kvs/profile.h"

static void
read_profile (const char *name, const char *data, gsize size)
{
  const char *zero = size > 0 ? memchr (data, '\0', size) : NULL;
  gsize first = zero != NULL ? (gsize) (zero - data) : size;
  const char *rest = zero != NULL ? zero + 1 : data;
  gsize rest_size = zero != NULL ? size - first - 1 : size;
  g_autoptr (KvsProfile) profile =
      kvs_profile_parse (name, data, first, rest, rest_size);

  if (profile != NULL)
    g_assert_cmpstr (profile->name, ==, name);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *text = (const char *) data;
  g_autoptr (KvsIniFile) file = kvs_ini_file_parse (text, size);
  const char *value = kvs_ini_file_get (file, "default", "aws_access_key_id");

  if (value != NULL)
    g_assert_true (
        *value != '\0' && kvs_ini_file_has_section (file, "default"));
  read_profile ("default", text, size);
  read_profile ("work", text, size);
  return 0;
}
