#include "api.h"

#include <string.h>

#include "answer.h"
#include "error.h"
#include "iceserver.h"

#define ARN "arn:aws:kinesisvideo:eu-west-1:1:channel/cam1/17"

static void
test_bodies (void)
{
  g_autofree char *by_name = kvs_api_describe_body ("cam1");
  g_autofree char *by_arn = kvs_api_describe_body (ARN);
  g_autofree char *create = kvs_api_create_body ("cam1");
  g_autofree char *endpoint = kvs_api_endpoint_body (ARN, KVS_ROLE_VIEWER);
  g_autofree char *ice = kvs_api_ice_body (ARN, "me");

  g_assert_cmpstr (by_name, ==, "{\"ChannelName\":\"cam1\"}");
  g_assert_cmpstr (by_arn, ==, "{\"ChannelARN\":\"" ARN "\"}");
  g_assert_cmpstr (create, ==,
      "{\"ChannelName\":\"cam1\","
      "\"ChannelType\":\"SINGLE_MASTER\","
      "\"SingleMasterConfiguration\":{\"MessageTtlSeconds\":60}}");
  g_assert_cmpstr (endpoint, ==,
      "{\"ChannelARN\":\"" ARN "\","
      "\"SingleMasterChannelEndpointConfiguration\":"
      "{\"Protocols\":[\"WSS\",\"HTTPS\"],\"Role\":\"VIEWER\"}}");
  g_assert_cmpstr (ice, ==,
      "{\"ChannelARN\":\"" ARN "\",\"ClientId\":\"me\","
      "\"Service\":\"TURN\"}");
}

static void
test_describe (void)
{
  static const struct {
    const char *status;
    KvsChannelStatus expected;
  } cases[] = {
    { "ACTIVE", KVS_CHANNEL_ACTIVE },
    { "UPDATING", KVS_CHANNEL_ACTIVE },
    { "CREATING", KVS_CHANNEL_CREATING },
    { "DELETING", KVS_CHANNEL_DELETING },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = g_strdup_printf ("{\"ChannelInfo\":{"
                                             "\"ChannelARN\":\"" ARN
                                             "\",\"ChannelStatus\":\"%s\"}}",
        cases[i].status);
    g_autofree char *arn = NULL;
    KvsChannelStatus status;

    g_assert_true (
        kvs_api_parse_describe (text, strlen (text), &arn, &status, NULL));
    g_assert_cmpstr (arn, ==, ARN);
    g_assert_cmpint (status, ==, cases[i].expected);
  }
}

/* No answer of one call is taken from another, nor from nobody. */
static void
test_refuses_bad_answers (void)
{
  static const char *const texts[] = {
    "",
    "null",
    "[]",
    "{}",
    "<html>",
    "{\"ChannelInfo\":null}",
    "{\"ChannelInfo\":{}}",
    "{\"ChannelInfo\":{\"ChannelARN\":7}}",
    "{\"ChannelInfo\":{\"ChannelARN\":\"arn:aws:s3:::bucket\"}}",
    "{\"ChannelARN\":\"cam1\"}",
    "{\"ChannelARN\":[\"" ARN "\"]}",
    "{\"ResourceEndpointList\":{}}",
    "{\"ResourceEndpointList\":[7,null,[]]}",
    "{\"ResourceEndpointList\":[{\"Protocol\":\"WSS\"}]}",
    "{\"IceServerList\":{}}",
    "{\"IceServerList\":null}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    const char *text = texts[i];
    gsize length = strlen (text);
    g_autoptr (GError) first = NULL, second = NULL, third = NULL;
    char *arn = NULL, *https = NULL, *wss = NULL;
    KvsChannelStatus status;
    guint ttl;

    g_assert_false (
        kvs_api_parse_describe (text, length, &arn, &status, &first));
    g_assert_error (first, KVS_ERROR, KVS_ERROR_PROTOCOL);
    g_assert_false (
        kvs_api_parse_endpoints (text, length, TRUE, &https, &wss, &second));
    g_assert_error (second, KVS_ERROR, KVS_ERROR_PROTOCOL);
    g_assert_null (kvs_api_parse_ice (text, length, &ttl, &third));
    g_assert_error (third, KVS_ERROR, KVS_ERROR_PROTOCOL);
  }
}

static gboolean
endpoints (const char *https, const char *wss, gboolean allow_plain)
{
  g_autofree char *text = g_strdup_printf (
      "{\"ResourceEndpointList\":["
      "{\"Protocol\":\"HTTPS\",\"ResourceEndpoint\":\"%s\"},"
      "{\"Protocol\":\"WEBRTC\",\"ResourceEndpoint\":\"https://x\"},"
      "{\"Protocol\":\"WSS\",\"ResourceEndpoint\":\"%s\"}]}",
      https, wss);
  g_autofree char *first = NULL, *second = NULL;
  gboolean ok = kvs_api_parse_endpoints (text, strlen (text), allow_plain,
      &first, &second, NULL);

  g_assert_true (!ok
      || (!g_str_has_suffix (first, "/") && !g_str_has_suffix (second, "/")));
  return ok;
}

static void
test_endpoints (void)
{
  g_assert_true (endpoints ("https://a", "wss://b/", FALSE));
  g_assert_true (endpoints ("http://a:1", "ws://b:1", TRUE));
  g_assert_true (endpoints ("https://a", "wss://b", TRUE));
  g_assert_false (endpoints ("http://a", "wss://b", FALSE));
  g_assert_false (endpoints ("https://a", "ws://b", FALSE));
  g_assert_false (endpoints ("wss://a", "https://b", TRUE));
  g_assert_false (endpoints ("https://", "wss://b", FALSE));
  g_assert_false (endpoints ("https://a?x=1", "wss://b", FALSE));
  g_assert_false (endpoints ("file:///etc/passwd", "wss://b", TRUE));
  g_assert_false (endpoints ("nonsense", "wss://b", TRUE));
  g_assert_false (endpoints ("", "", TRUE));
}

static void
test_ice (void)
{
  const char *text =
      "{\"IceServerList\":["
      "{\"Username\":\"u:1\",\"Password\":\"p\",\"Ttl\":300,"
      "\"Uris\":[\"turn:a:443?transport=udp\",\"turns:a:443?transport=tcp\","
      "\"http://evil\",7]},"
      "{\"Username\":\"u:2\",\"Password\":\"q\",\"Ttl\":200,"
      "\"Uris\":[\"turn:b:443?transport=udp\"]},"
      "{\"Uris\":[]},{},null]}";
  guint ttl = 0;
  g_autoptr (GPtrArray) servers =
      kvs_api_parse_ice (text, strlen (text), &ttl, NULL);
  const KvsIceServer *first;

  g_assert_cmpuint (servers->len, ==, 2);
  g_assert_cmpuint (ttl, ==, 200);
  first = servers->pdata[0];
  g_assert_cmpuint (g_strv_length (first->uris), ==, 2);
  g_assert_cmpstr (first->username, ==, "u:1");
  g_assert_cmpstr (first->password, ==, "p");
}

static void
test_ice_without_servers (void)
{
  guint ttl = 0;
  g_autoptr (GPtrArray) servers =
      kvs_api_parse_ice ("{\"IceServerList\":[]}", 20, &ttl, NULL);

  g_assert_cmpuint (servers->len, ==, 0);
  g_assert_cmpuint (ttl, ==, 300);
}

static KvsAnswer *
answer (guint status, const char *header, const char *body)
{
  g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));

  return kvs_answer_new (status, header, 0, bytes);
}

static void
test_errors (void)
{
  static const struct {
    guint status;
    const char *header, *body;
    KvsError code;
    const char *says;
  } cases[] = {
    { 403, "AccessDeniedException",
        "{\"message\":\"User x is not authorized\"}", KVS_ERROR_PERMISSION,
        "No permission for kinesisvideo:DescribeSignalingChannel on channel "
        "cam1 in eu-west-1" },
    { 403, NULL,
        "{\"__type\":\"com.amazon#InvalidSignatureException\","
        "\"Message\":\"The request signature we calculated does not match\"}",
        KVS_ERROR_CREDENTIALS, "secret key" },
    { 403, "UnrecognizedClientException:http://internal/",
        "{\"message\":\"The security token included is invalid.\"}",
        KVS_ERROR_CREDENTIALS, "UnrecognizedClientException" },
    { 403, "ExpiredTokenException", "", KVS_ERROR_CREDENTIALS, "get new ones" },
    { 403, "InvalidSignatureException",
        "{\"message\":\"Credential should be "
        "scoped to a valid region\"}",
        KVS_ERROR_REGION, "check the region" },
    { 403, "InvalidSignatureException",
        "{\"message\":\"Signature expired: 1 is now earlier than 2\"}",
        KVS_ERROR_CLOCK, "clock" },
    { 403, "InvalidSignatureException",
        "{\"message\":\"Signature not yet current: 1\"}", KVS_ERROR_CLOCK,
        "clock" },
    { 404, "ResourceNotFoundException", "{}", KVS_ERROR_CHANNEL,
        "Channel cam1 does not exist in eu-west-1" },
    { 400, "InvalidArgumentException", "{\"message\":\"bad name\"}",
        KVS_ERROR_CHANNEL, "bad name" },
    { 400, "ClientLimitExceededException", "{}", KVS_ERROR_THROTTLED, "wait" },
    { 429, NULL, "", KVS_ERROR_THROTTLED, "HTTP status 429" },
    { 500, NULL, "<html>oops</html>", KVS_ERROR_SERVICE, "HTTP status 500" },
    { 503, NULL, "[]", KVS_ERROR_SERVICE, "HTTP status 503" },
    { 401, "NotAuthorizedException", "{}", KVS_ERROR_PERMISSION, "IAM" },
    { 418, NULL, "{\"message\":7,\"__type\":[]}", KVS_ERROR_SERVICE, "418" },
    { 403, NULL, "{\"message\":\"two\\nlines\\u001b[31m\"}",
        KVS_ERROR_PERMISSION, "two lines [31m" },
  };
  KvsRequestInfo info = { "DescribeSignalingChannel", "cam1", "eu-west-1" };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (KvsAnswer) one =
        answer (cases[i].status, cases[i].header, cases[i].body);
    g_autoptr (GError) error = kvs_answer_to_error (one, &info);

    g_test_message ("%s", error->message);
    g_assert_error (error, KVS_ERROR, (int) cases[i].code);
    g_assert_nonnull (strstr (error->message, cases[i].says));
  }
}

static void
test_transient (void)
{
  g_autoptr (KvsAnswer) busy = answer (503, NULL, "");
  g_autoptr (KvsAnswer) limit =
      answer (400, "ClientLimitExceededException", "{}");
  g_autoptr (KvsAnswer) wrong = answer (400, "InvalidArgumentException", "{}");
  g_autoptr (KvsAnswer) good = answer (200, NULL, "{\"message\":\"x\"}");

  g_assert_true (kvs_answer_is_transient (busy));
  g_assert_true (kvs_answer_is_transient (limit));
  g_assert_false (kvs_answer_is_transient (wrong));
  g_assert_false (kvs_answer_is_transient (good));
  g_assert_null (good->error_text);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/api/bodies", test_bodies);
  g_test_add_func ("/api/describe", test_describe);
  g_test_add_func ("/api/refuses-bad-answers", test_refuses_bad_answers);
  g_test_add_func ("/api/endpoints", test_endpoints);
  g_test_add_func ("/api/ice", test_ice);
  g_test_add_func ("/api/ice-without-servers", test_ice_without_servers);
  g_test_add_func ("/answer/errors", test_errors);
  g_test_add_func ("/answer/transient", test_transient);
  return g_test_run ();
}
