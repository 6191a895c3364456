/* Answers of the REST calls; each is read as every call's. */
#include "answer.h"
#include "api.h"
#include "error.h"
#include "fuzz.h"

static void
check_error (GError *error)
{
  g_assert_nonnull (error);
  g_assert_true (error->domain == KVS_ERROR);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_error_free (error);
}

static void
read_channel (const char *data, gsize size)
{
  g_autofree char *found = NULL;
  KvsChannelStatus status;
  GError *error = NULL;

  if (!kvs_api_parse_describe (data, size, &found, &status, &error))
    check_error (error);
}

static void
read_endpoints (const char *data, gsize size, gboolean allow_plain)
{
  g_autofree char *https = NULL, *wss = NULL;
  GError *error = NULL;

  if (!kvs_api_parse_endpoints (data, size, allow_plain, &https, &wss, &error))
    check_error (error);
}

static void
read_ice (const char *data, gsize size)
{
  GError *error = NULL;
  guint ttl;
  g_autoptr (GPtrArray) servers = kvs_api_parse_ice (data, size, &ttl, &error);

  if (servers == NULL)
    check_error (error);
}

static void
read_refusal (const char *data, gsize size, guint status)
{
  const KvsRequestInfo info = { .action = "DescribeSignalingChannel",
    .channel = "cam1",
    .region = "eu-west-1" };
  g_autoptr (GBytes) body = g_bytes_new (data, size);
  g_autofree char *header = g_strndup (data, size);
  KvsAnswer *of_body = kvs_answer_new (status, NULL, 0, body);
  KvsAnswer *of_header = kvs_answer_new (status, header, 0, body);

  check_error (kvs_answer_to_error (of_body, &info));
  check_error (kvs_answer_to_error (of_header, &info));
  kvs_answer_free (of_body);
  kvs_answer_free (of_header);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *text = (const char *) data;

  read_channel (text, size);
  read_endpoints (text, size, TRUE);
  read_endpoints (text, size, FALSE);
  read_ice (text, size);
  read_refusal (text, size, 400);
  read_refusal (text, size, 403);
  return 0;
}
