/* What sources of keys say and are told, and when keys are renewed: by table. */
#include <gst/gst.h>
#include <string.h>

#include "container.h"
#include "credentialsanswer.h"
#include "error.h"
#include "instancemetadata.h"
#include "iotcertificate.h"
#include "profile.h"
#include "renewal.h"

#define SECRET "wJalrXUtnFEMI"

typedef struct {
  KvsCredentialsShape shape;
  const char *text;
  const char *says; /* of an error; NULL where there is none */
  gint64 expiration;
  const char *token;
} AnswerCase;

#define PAIR "\"AccessKeyId\":\"AKID\",\"SecretAccessKey\":\"" SECRET "\""

static const AnswerCase answers[] = {
  { KVS_CREDENTIALS_OF_PROCESS, "{\"Version\":1," PAIR "}" },
  { KVS_CREDENTIALS_OF_PROCESS,
      " { \"Version\": 1, " PAIR ", \"SessionToken\": \"T\", \"Expiration\": "
      "\"2030-01-02T03:04:05Z\" }\n",
      NULL, 1893553445, "T" },
  { KVS_CREDENTIALS_OF_PROCESS,
      "{\"Version\":1," PAIR ",\"Expiration\":\"2030-01-02T04:04:05+01:00\"}",
      NULL, 1893553445 },
  { KVS_CREDENTIALS_OF_PROCESS,
      "{\"Version\":1," PAIR ",\"Expiration\":\"2030-01-02T03:04:05.678Z\"}",
      NULL, 1893553445 },
  { KVS_CREDENTIALS_OF_PROCESS,
      "{\"Version\":1," PAIR ",\"SessionToken\":null,\"Expiration\":\"\"}" },
  { KVS_CREDENTIALS_OF_PROCESS, "{" PAIR "}", "Version" },
  { KVS_CREDENTIALS_OF_PROCESS, "{\"Version\":\"1\"," PAIR "}", "Version" },
  { KVS_CREDENTIALS_OF_PROCESS, "{\"Version\":2," PAIR "}", "Version" },
  { KVS_CREDENTIALS_OF_PROCESS, "{\"Version\":1}", "no AccessKeyId" },
  { KVS_CREDENTIALS_OF_PROCESS, "{\"Version\":1,\"AccessKeyId\":\"A\"}",
      "no SecretAccessKey" },
  { KVS_CREDENTIALS_OF_PROCESS, "{\"Version\":1,\"AccessKeyId\":7}",
      "AccessKeyId is not a string" },
  { KVS_CREDENTIALS_OF_PROCESS,
      "{\"Version\":1,\"AccessKeyId\":\"A\\r\\nX: y\"}", "AccessKeyId" },
  { KVS_CREDENTIALS_OF_PROCESS, "{\"Version\":1," PAIR ",\"SessionToken\":[]}",
      "SessionToken" },
  { KVS_CREDENTIALS_OF_PROCESS,
      "{\"Version\":1," PAIR ",\"SessionToken\":\"a b\"}", "SessionToken" },
  { KVS_CREDENTIALS_OF_PROCESS,
      "{\"Version\":1," PAIR ",\"Expiration\":\"tomorrow\"}", "Expiration" },
  { KVS_CREDENTIALS_OF_PROCESS, "{\"Version\":1," PAIR ",\"Expiration\":17}",
      "Expiration" },
  { KVS_CREDENTIALS_OF_PROCESS, "", "empty" },
  { KVS_CREDENTIALS_OF_PROCESS, "AKID " SECRET, "JSON" },
  { KVS_CREDENTIALS_OF_PROCESS, "[]", "object" },
  { KVS_CREDENTIALS_OF_CONTAINER,
      "{" PAIR ",\"Token\":\"T\",\"Expiration\":\"2030-01-02T03:04:05Z\","
      "\"RoleArn\":\"arn:aws:iam::1:role/x\"}",
      NULL, 1893553445, "T" },
  { KVS_CREDENTIALS_OF_CONTAINER, "{}", "AccessKeyId" },
  { KVS_CREDENTIALS_OF_INSTANCE,
      "{\"Code\":\"Success\",\"Type\":\"AWS-HMAC\"," PAIR ",\"Token\":\"T\","
      "\"Expiration\":\"2030-01-02T03:04:05Z\"}",
      NULL, 1893553445, "T" },
  { KVS_CREDENTIALS_OF_INSTANCE,
      "{\"Code\":\"AssumeRoleUnauthorizedAccess\"," PAIR "}",
      "Code is AssumeRoleUnauthorizedAccess" },
  { KVS_CREDENTIALS_OF_INSTANCE, "{\"Code\":{}," PAIR "}", "Code" },
  { KVS_CREDENTIALS_OF_IOT,
      "{\"credentials\":{\"accessKeyId\":\"AKID\",\"secretAccessKey\":\"" SECRET
      "\",\"sessionToken\":\"T\",\"expiration\":\"2030-01-02T03:04:05Z\"}}",
      NULL, 1893553445, "T" },
  { KVS_CREDENTIALS_OF_IOT, "{" PAIR "}", "credentials" },
  { KVS_CREDENTIALS_OF_IOT, "{\"credentials\":[]}", "credentials" },
  { KVS_CREDENTIALS_OF_IOT, "{\"message\":\"Access Denied\"}", "credentials" },
};

static void
test_answers (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++) {
    const AnswerCase *one = &answers[i];
    g_autoptr (GError) error = NULL;
    g_autoptr (KvsCredentials) keys = kvs_credentials_parse (one->shape,
        one->text, strlen (one->text), &error);

    g_test_message ("%u: %s", i, error != NULL ? error->message : "good");
    if (one->says != NULL) {
      g_assert_null (keys);
      g_assert_error (error, KVS_ERROR, KVS_ERROR_CREDENTIALS);
      g_assert_nonnull (strstr (error->message, one->says));
      g_assert_null (strstr (error->message, SECRET));
      continue;
    }
    g_assert_no_error (error);
    g_assert_cmpstr (keys->access_key, ==, "AKID");
    g_assert_cmpstr (keys->secret_key, ==, SECRET);
    g_assert_cmpstr (keys->session_token, ==, one->token);
    g_assert_cmpint (keys->expiration, ==, one->expiration);
  }
}

static void
test_endless_answers (void)
{
  g_autofree char *filler = g_strnfill (40 * 1024, 'x');
  g_autofree char *token =
      g_strdup_printf ("{" PAIR ",\"Token\":\"%s\"}", filler);
  g_autofree char *text =
      g_strdup_printf ("{" PAIR ",\"a\":\"%s\",\"b\":\"%s\"}", filler, filler);
  g_autofree char *deep = g_strnfill (1000, '[');
  const char *all[] = { token, text, deep };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    g_assert_null (kvs_credentials_parse (KVS_CREDENTIALS_OF_CONTAINER, all[i],
        strlen (all[i]), NULL));
}

/* Bounds of when to renew, for each end of the jitter. */
static void
test_renewal (void)
{
  static const struct {
    gint64 left;
    guint failures;
    gint64 soonest, latest;
  } cases[] = {
    { 3600, 0, 3240, 3300 },
    { 601, 0, 241, 301 },
    { 600, 0, 240, 300 },
    { 60, 0, 24, 30 },
    { 4, 0, 1, 2 },
    { 1, 0, 1, 1 },
    { 0, 0, 30, 60 },
    { -3600, 0, 30, 60 },
    { 3600, 1, 30, 30 },
    { 300, 3, 30, 30 },
    { 20, 1, 8, 10 },
    { 1, 7, 1, 1 },
    { 0, 7, 30, 60 },
    { 253402300799, 0, 253402300439, 253402300499 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    gint64 bounds[] = {
      kvs_renewal_delay (cases[i].left, cases[i].failures, 0),
      kvs_renewal_delay (cases[i].left, cases[i].failures, 0.999999),
    };

    for (guint j = 0; j < G_N_ELEMENTS (bounds); j++) {
      g_assert_cmpint (bounds[j], >=, cases[i].soonest);
      g_assert_cmpint (bounds[j], <=, cases[i].latest);
    }
  }
}

typedef struct {
  const char *relative, *full, *token;
  const char *url;  /* NULL: none, or an error */
  const char *says; /* of an error */
} ContainerCase;

static void
check_container (const ContainerCase *one)
{
  g_auto (GStrv) env = g_strdupv ((char *[]){ NULL });
  g_autoptr (GError) error = NULL;
  g_autoptr (KvsContainer) container = NULL;

  if (one->relative != NULL)
    env = g_environ_setenv (env, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        one->relative, TRUE);
  if (one->full != NULL)
    env = g_environ_setenv (env, "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        one->full, TRUE);
  if (one->token != NULL)
    env = g_environ_setenv (env, "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        one->token, TRUE);

  container = kvs_container_find (env, &error);
  g_test_message ("%s %s: %s", GST_STR_NULL (one->relative),
      GST_STR_NULL (one->full), error != NULL ? error->message : "good");
  g_assert_cmpstr (container != NULL ? container->url : NULL, ==, one->url);
  if (container != NULL)
    g_assert_cmpstr (container->authorization, ==, one->token);
  g_assert_true ((error != NULL) == (one->says != NULL));
  if (error == NULL)
    return;
  g_assert_error (error, KVS_ERROR, KVS_ERROR_CREDENTIALS);
  g_assert_nonnull (strstr (error->message, one->says));
}

static void
test_containers (void)
{
  static const ContainerCase cases[] = {
    { NULL, NULL, NULL, NULL },
    { "", "", "x", NULL },
    { "/v2/credentials/1", NULL, NULL,
        "http://169.254.170.2/v2/credentials/1" },
    { "/a", "http://127.0.0.1/b", NULL, "http://169.254.170.2/a" },
    { "a", NULL, NULL, NULL, "RELATIVE_URI" },
    { ".evil.example/a", NULL, NULL, NULL, "RELATIVE_URI" },
    { "@evil.example/a", NULL, NULL, NULL, "RELATIVE_URI" },
    { NULL, "http://127.0.0.1:8080/x?y=z", "Bearer t",
        "http://127.0.0.1:8080/x?y=z" },
    { NULL, "http://localhost/x", NULL, "http://localhost/x" },
    { NULL, "http://127.9.9.9/x", NULL, "http://127.9.9.9/x" },
    { NULL, "http://[::1]:7/x", NULL, "http://[::1]:7/x" },
    { NULL, "http://169.254.170.2/x", NULL, "http://169.254.170.2/x" },
    { NULL, "http://169.254.170.23/v1/credentials", "t",
        "http://169.254.170.23/v1/credentials" },
    { NULL, "http://[fd00:ec2::23]/v1/credentials", NULL,
        "http://[fd00:ec2::23]/v1/credentials" },
    { NULL, "https://keys.example/x", NULL, "https://keys.example/x" },
    { NULL, "http://keys.example/x", NULL, NULL, "FULL_URI" },
    { NULL, "http://localhost.evil.example/x", NULL, NULL, "FULL_URI" },
    { NULL, "http://127.0.0.1.evil.example/x", NULL, NULL, "FULL_URI" },
    { NULL, "http://127.0.0.1@evil.example/x", NULL, NULL, "FULL_URI" },
    { NULL, "http://169.254.170.2:80@evil.example/", NULL, NULL, "FULL_URI" },
    { NULL, "http://10.0.0.1/x", NULL, NULL, "FULL_URI" },
    { NULL, "http://169.254.169.254/x", NULL, NULL, "FULL_URI" },
    { NULL, "ftp://127.0.0.1/x", NULL, NULL, "FULL_URI" },
    { NULL, "nonsense", NULL, NULL, "FULL_URI" },
    { NULL, "http://", NULL, NULL, "FULL_URI" },
    { NULL, "http://127.0.0.1/x", "a\r\nX: y", NULL, "AUTHORIZATION_TOKEN" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check_container (&cases[i]);
}

static void
test_instances (void)
{
  static const struct {
    const char *disabled, *endpoint, *mode, *base;
    gboolean fails;
  } cases[] = {
    { NULL, NULL, NULL, "http://169.254.169.254" },
    { "false", NULL, "IPv4", "http://169.254.169.254" },
    { NULL, NULL, "ipv6", "http://[fd00:ec2::254]" },
    { NULL, "http://127.0.0.1:80/", "IPv6", "http://127.0.0.1:80" },
    { "TRUE", "http://127.0.0.1", NULL, NULL },
    { NULL, "127.0.0.1", NULL, NULL, TRUE },
    { NULL, "https://x", NULL, NULL, TRUE },
    { NULL, "http://", NULL, NULL, TRUE },
    { NULL, "http://a?b", NULL, NULL, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_auto (GStrv) env = g_strdupv ((char *[]){ NULL });
    g_autoptr (GError) error = NULL;
    g_autofree char *base = NULL;

    if (cases[i].disabled != NULL)
      env = g_environ_setenv (env, "AWS_EC2_METADATA_DISABLED",
          cases[i].disabled, TRUE);
    if (cases[i].endpoint != NULL)
      env = g_environ_setenv (env, "AWS_EC2_METADATA_SERVICE_ENDPOINT",
          cases[i].endpoint, TRUE);
    if (cases[i].mode != NULL)
      env = g_environ_setenv (env, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
          cases[i].mode, TRUE);

    base = kvs_instance_metadata_base (env, &error);
    g_assert_cmpstr (base, ==, cases[i].base);
    g_assert_true ((error != NULL) == cases[i].fails);
  }
}

#define IOT(fields) "iot-certificate," fields
#define FILES "cert-path=/etc/a.pem,key-path=/etc/a.key"
#define HOST "c1.credentials.iot.eu-west-1.amazonaws.com"

static void
test_iot_certificates (void)
{
  static const struct {
    const char *text, *thing, *channel;
    const char *expected_thing; /* NULL for an error */
    const char *says;
  } cases[] = {
    { IOT ("endpoint=" HOST "," FILES ",ca-path=/etc/ca.pem,role-aliases=cams"),
        NULL, "cam1", "cam1" },
    { IOT ("endpoint=" HOST ", " FILES ", role-aliases=cams"), "thing:1",
        "cam1", "thing:1" },
    { IOT ("endpoint=https://" HOST "/," FILES
           ",role-aliases=cams,iot-thing-name=17"),
        NULL, "cam1", "17" },
    { IOT ("endpoint=" HOST "," FILES ",role-aliases=cams"), NULL,
        "arn:aws:kinesisvideo:eu-west-1:1:channel/cam2/17", "cam2" },
    { IOT (FILES ",role-aliases=cams"), NULL, "cam1", NULL, "endpoint" },
    { IOT ("endpoint=" HOST ",key-path=x,role-aliases=cams"), NULL, "cam1",
        NULL, "cert-path" },
    { IOT ("endpoint=" HOST ",cert-path=x,role-aliases=cams"), NULL, "cam1",
        NULL, "key-path" },
    { IOT ("endpoint=" HOST "," FILES), NULL, "cam1", NULL, "role-aliases" },
    { IOT ("endpoint=\"u@h\"," FILES ",role-aliases=cams"), NULL, "cam1", NULL,
        "endpoint" },
    { IOT ("endpoint=\"h/x\"," FILES ",role-aliases=cams"), NULL, "cam1", NULL,
        "endpoint" },
    { IOT ("endpoint=" HOST "," FILES ",role-aliases=\"../x\""), NULL, "cam1",
        NULL, "role-aliases" },
    { IOT ("endpoint=" HOST "," FILES ",role-aliases=cams"), "a b", "cam1",
        NULL, "iot-thing-name" },
    { "nonsense nonsense", NULL, "cam1", NULL, "structure" },
    { "", NULL, "cam1", NULL, "structure" },
    { "\xff\xfe", NULL, "cam1", NULL, "structure" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    KvsConfig config = { .iot_certificate = (char *) cases[i].text,
      .iot_thing_name = (char *) cases[i].thing,
      .channel = (char *) cases[i].channel };
    g_autoptr (GError) error = NULL;
    g_autoptr (KvsIotCertificate) parsed =
        kvs_iot_certificate_parse (&config, &error);

    g_test_message ("%u: %s", i, error != NULL ? error->message : "good");
    if (cases[i].says != NULL) {
      g_assert_null (parsed);
      g_assert_error (error, KVS_ERROR, KVS_ERROR_SETTINGS);
      g_assert_nonnull (strstr (error->message, cases[i].says));
      continue;
    }
    g_assert_no_error (error);
    g_assert_cmpstr (parsed->endpoint, ==, HOST);
    g_assert_cmpstr (parsed->certificate, ==, "/etc/a.pem");
    g_assert_cmpstr (parsed->key, ==, "/etc/a.key");
    g_assert_cmpstr (parsed->role_alias, ==, "cams");
    g_assert_cmpstr (parsed->thing_name, ==, cases[i].expected_thing);
  }
}

static void
test_profiles_with_programs (void)
{
  const char *config =
      "[profile p]\ncredential_process = /opt/x --user \"a b\"\n"
      "[profile both]\naws_access_key_id=A\naws_secret_access_key=B\n"
      "credential_process=/opt/x\n"
      "[profile role]\nrole_arn=arn:aws:iam::1:role/x\nsource_profile=both\n"
      "aws_access_key_id=A\naws_secret_access_key=B\n";
  g_autoptr (KvsProfile) process =
      kvs_profile_parse ("p", NULL, 0, config, strlen (config));
  g_autoptr (KvsProfile) both =
      kvs_profile_parse ("both", NULL, 0, config, strlen (config));
  g_autoptr (KvsProfile) role =
      kvs_profile_parse ("role", NULL, 0, config, strlen (config));

  g_assert_cmpstr (process->process, ==, "/opt/x --user \"a b\"");
  g_assert_null (process->unsupported);
  g_assert_cmpstr (both->access_key, ==, "A");
  g_assert_false (both->assumes_role);
  g_assert_true (role->assumes_role);
}

int
main (int argc, char *argv[])
{
  gst_init (NULL, NULL);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/credentials/answers", test_answers);
  g_test_add_func ("/credentials/endless-answers", test_endless_answers);
  g_test_add_func ("/credentials/renewal", test_renewal);
  g_test_add_func ("/credentials/containers", test_containers);
  g_test_add_func ("/credentials/instances", test_instances);
  g_test_add_func ("/credentials/iot-certificates", test_iot_certificates);
  g_test_add_func ("/credentials/profiles-with-programs",
      test_profiles_with_programs);

  return g_test_run ();
}
