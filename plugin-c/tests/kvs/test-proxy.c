/* The proxy: how it is named, and the whole of signaling through one. */
#include "proxy.h"

#include <gst/gst.h>
#include <string.h>

#include "dial.h"
#include "error.h"
#include "fakerelay.h"
#include "fakeservice.h"
#include "recorder.h"
#include "wait.h"

typedef struct {
  const char *variables[5]; /* "name=value" */
  const char *name;         /* NULL: none; "" for an error */
  const char *through;      /* hosts, by spaces */
  const char *direct;
} Named;

static const Named named[] = {
  { { NULL }, NULL, "", "kvs.example" },
  { { "https_proxy=" }, NULL, "", "kvs.example" },
  { { "https_proxy=http://proxy:3128" }, "proxy:3128",
      "kvs.example 192.0.2.1 2001:db8::1",
      "localhost 127.0.0.1 127.1.2.3 ::1" },
  { { "https_proxy=http://proxy:3128/" }, "proxy:3128", "kvs.example", "" },
  { { "https_proxy=proxy:3128" }, "proxy:3128", "kvs.example", "" },
  { { "https_proxy=proxy" }, "proxy:80", "kvs.example", "" },
  { { "https_proxy=http://[2001:db8::7]:3128" }, "[2001:db8::7]:3128",
      "kvs.example", "" },
  { { "HTTPS_PROXY=http://proxy:1" }, "proxy:1", "kvs.example", "" },
  { { "https_proxy=http://small:1", "HTTPS_PROXY=http://big:2" }, "small:1",
      "kvs.example", "" },
  { { "http_proxy=http://proxy:1", "all_proxy=http://proxy:2" }, NULL, "",
      "kvs.example" },
  { { "https_proxy=http://me:p%40ss@proxy:1" }, "proxy:1", "kvs.example", "" },
  { { "https_proxy=http://proxy:1", "no_proxy=*" }, NULL, "", "kvs.example" },
  { { "https_proxy=http://proxy:1",
        "no_proxy=a.example, .b.example,*.c.example 192.0.2.0/24 "
        "[2001:db8::1]" },
      "proxy:1", "kvs.example aa.example 192.0.3.1 2001:db8::2",
      "a.example x.a.example x.b.example x.c.example 192.0.2.9 2001:db8::1" },
  { { "https_proxy=http://proxy:1", "NO_PROXY=a.example" }, "proxy:1",
      "kvs.example", "a.example" },
  { { "https_proxy=http://proxy:1", "no_proxy=b.example",
        "NO_PROXY=a.example" },
      "proxy:1", "a.example", "b.example" },
  { { "https_proxy=https://s3cret@proxy:1" }, "", "", "" },
  { { "https_proxy=socks5://s3cret@proxy:1" }, "", "", "" },
  { { "https_proxy=http://u:s3cret@" }, "", "", "" },
  { { "https_proxy=http://u:s3cret@proxy:99999" }, "", "", "" },
  { { "https_proxy=http://u:s3cret@proxy:1/path" }, "", "", "" },
  { { "https_proxy=http://u:s3cret%zz@proxy:1" }, "", "", "" },
  { { "https_proxy=http://proxy:1?s3cret" }, "", "", "" },
};

static void
assert_ways (const KvsProxy *proxy, const char *hosts, gboolean through)
{
  g_auto (GStrv) words = g_strsplit (hosts, " ", -1);

  for (char **host = words; *host != NULL; host++) {
    if (**host != '\0')
      g_assert_cmpint (kvs_proxy_is_for (proxy, *host, 443), ==, through);
  }
}

static void
test_named (gconstpointer data)
{
  const Named *one = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (KvsProxy) proxy =
      kvs_proxy_from_environ ((char **) one->variables, &error);

  if (g_strcmp0 (one->name, "") == 0) {
    g_assert_error (error, KVS_ERROR, KVS_ERROR_SETTINGS);
    g_assert_nonnull (strstr (error->message, "https_proxy"));
    g_assert_null (strstr (error->message, "s3cret"));
    return;
  }
  g_assert_no_error (error);
  g_assert_cmpstr (proxy->name, ==, one->name);
  assert_ways (proxy, one->through, TRUE);
  assert_ways (proxy, one->direct, FALSE);
}

static void
test_plain_http_goes_direct (void)
{
  const char *environ[] = { "https_proxy=http://proxy:1", NULL };
  g_autoptr (KvsProxy) proxy = kvs_proxy_from_environ ((char **) environ, NULL);
  g_auto (GStrv) ways = g_proxy_resolver_lookup (proxy->resolver,
      "http://kvs.example:80", NULL, NULL);

  g_assert_cmpstr (ways[0], ==, "direct://");
}

/* A service known only by a name that the proxy alone can resolve. */
typedef struct {
  FakeService *service;
  FakeProxy *proxy;
  Recorder *recorder;
} Fixture;

static Fixture *
setup (const char *refusal, const char *login)
{
  Fixture *f = g_new0 (Fixture, 1);
  g_autofree char *certificate =
      g_test_build_filename (G_TEST_DIST, "tls-relay.pem", NULL);
  g_autofree char *ca =
      g_test_build_filename (G_TEST_DIST, "tls-relay-ca.pem", NULL);
  g_autofree char *variable = NULL;
  KvsConfig config;
  guint16 port;

  f->service = fake_service_new_tls (certificate);
  port = atoi (strrchr (f->service->url, ':') + 1);
  g_free (f->service->url);
  f->service->url = g_strdup_printf ("https://kvs.example:%u", port);
  f->proxy = fake_proxy_new (port, refusal);
  variable = g_strdup_printf ("http://%s127.0.0.1:%u", login,
      fake_proxy_get_port (f->proxy));
  g_setenv ("https_proxy", variable, TRUE);

  config = recorder_config (f->service->url);
  config.ca_file = ca;
  f->recorder = recorder_new (&config);
  recorder_start (f->recorder);
  return f;
}

static void
teardown (Fixture *f)
{
  recorder_free (f->recorder);
  fake_service_free (f->service);
  fake_proxy_free (f->proxy);
  g_unsetenv ("https_proxy");
  g_free (f);
}

static void
assert_request (FakeProxy *proxy, guint index, guint16 port, const char *login)
{
  g_autoptr (GPtrArray) requests = fake_proxy_requests (proxy);
  g_autofree char *wanted =
      g_strdup_printf ("CONNECT kvs.example:%u HTTP/1.", port);
  const char *head;

  g_assert_cmpuint (index, <, requests->len);
  head = requests->pdata[index];
  g_assert_true (g_str_has_prefix (head, wanted));
  if (login != NULL)
    g_assert_nonnull (strstr (head, login));
  else
    g_assert_null (strstr (head, "Proxy-Authorization"));
}

static void
test_signaling_goes_through (void)
{
  Fixture *f = setup (NULL, "");
  g_autoptr (GPtrArray) requests = NULL;
  guint16 port = atoi (strrchr (f->service->url, ':') + 1);

  WAIT_UNTIL (recorder_has (f->recorder, "connected"));
  requests = fake_proxy_requests (f->proxy);
  /* REST, which keeps its connection, and WebSocket. */
  g_assert_cmpuint (requests->len, >=, 2);
  for (guint i = 0; i < requests->len; i++)
    assert_request (f->proxy, i, port, NULL);
  teardown (f);
}

static void
test_signs_in_to_the_proxy (void)
{
  g_autofree char *login = g_base64_encode ((const guchar *) "me:p@ss", 7);
  g_autofree char *header =
      g_strdup_printf ("Proxy-Authorization: Basic %s", login);
  Fixture *f = setup (NULL, "me:p%40ss@");
  guint16 port = atoi (strrchr (f->service->url, ':') + 1);

  WAIT_UNTIL (recorder_has (f->recorder, "connected"));
  assert_request (f->proxy, 0, port, header);
  teardown (f);
}

typedef struct {
  const char *name;
  const char *refusal;
  const char *says;
} Refused;

static const Refused refused[] = {
  { "forbidden", "403 Forbidden", "does not let us through to kvs.example" },
  { "wants-a-login", "407 Proxy Authentication Required", "user name" },
  { "cannot-reach", "502 Bad Gateway", "kvs.example" },
};

static void
test_refused (gconstpointer data)
{
  const Refused *one = data;
  Fixture *f = setup (one->refusal, "me:s3cret@");
  g_autofree char *name =
      g_strdup_printf ("proxy 127.0.0.1:%u", fake_proxy_get_port (f->proxy));

  WAIT_UNTIL (recorder_has (f->recorder, "closed"));
  g_assert_cmpint (recorder_failure_code (f->recorder), ==, KVS_ERROR_NETWORK);
  g_assert_true (recorder_failure_says (f->recorder, name));
  g_assert_true (recorder_failure_says (f->recorder, one->says));
  g_assert_false (recorder_failure_says (f->recorder, "s3cret"));
  teardown (f);
}

static void
test_says_that_the_proxy_is_not_there (void)
{
  KvsConfig config = recorder_config ("https://kvs.example");
  Recorder *recorder;

  g_setenv ("https_proxy", "http://127.0.0.1:1", TRUE);
  recorder = recorder_new (&config);
  recorder_start (recorder);
  WAIT_UNTIL (recorder_has (recorder, "closed"));
  g_assert_cmpint (recorder_failure_code (recorder), ==, KVS_ERROR_NETWORK);
  g_assert_true (recorder_failure_says (recorder, "proxy 127.0.0.1:1"));
  recorder_free (recorder);
  g_unsetenv ("https_proxy");
}

static void
test_refuses_what_is_no_proxy (void)
{
  KvsConfig config = recorder_config ("https://kvs.example");
  Recorder *recorder;

  g_setenv ("https_proxy", "socks5://s3cret@127.0.0.1:1", TRUE);
  recorder = recorder_new (&config);
  recorder_start (recorder);
  WAIT_UNTIL (recorder_has (recorder, "closed"));
  g_assert_cmpint (recorder_failure_code (recorder), ==, KVS_ERROR_SETTINGS);
  g_assert_false (recorder_failure_says (recorder, "s3cret"));
  recorder_free (recorder);
  g_unsetenv ("https_proxy");
}

/* What a relay over TLS is reached by. */
static void
on_dialled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static GSocketConnection *
dial (FakeRelay *relay, FakeProxy *proxy, GError **error)
{
  g_autofree char *ca =
      g_test_build_filename (G_TEST_DIST, "tls-relay-ca.pem", NULL);
  g_autofree char *variable =
      g_strdup_printf ("https_proxy=127.0.0.1:%u", fake_proxy_get_port (proxy));
  const char *files[] = { ca, NULL }, *environ[] = { variable, NULL };
  g_autoptr (KvsTransport) transport =
      kvs_transport_new (files, (char **) environ, NULL);
  g_autoptr (GAsyncResult) result = NULL;

  kvs_dial_async (transport, "relay.example", 443, NULL, on_dialled, &result);
  WAIT_UNTIL (result != NULL);
  return kvs_dial_finish (result, error);
}

static void
test_relays_are_dialled_through (void)
{
  g_autofree char *certificate =
      g_test_build_filename (G_TEST_DIST, "tls-relay.pem", NULL);
  FakeRelay *relay = fake_relay_new (certificate, FAKE_RELAY_ECHO);
  FakeProxy *proxy = fake_proxy_new (fake_relay_get_port (relay), NULL);
  g_autoptr (GError) error = NULL;
  GSocketConnection *connection = dial (relay, proxy, &error);
  g_autoptr (GPtrArray) requests = fake_proxy_requests (proxy);

  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (requests->pdata[0],
      "CONNECT relay.example:443 HTTP/1."));
  g_socket_close (g_socket_connection_get_socket (connection), NULL);
  g_object_unref (connection);
  fake_proxy_free (proxy);
  fake_relay_free (relay);
}

static void
test_a_refused_relay_names_the_proxy (void)
{
  g_autofree char *certificate =
      g_test_build_filename (G_TEST_DIST, "tls-relay.pem", NULL);
  FakeRelay *relay = fake_relay_new (certificate, FAKE_RELAY_ECHO);
  FakeProxy *proxy =
      fake_proxy_new (fake_relay_get_port (relay), "403 Forbidden");
  g_autofree char *name =
      g_strdup_printf ("proxy 127.0.0.1:%u", fake_proxy_get_port (proxy));
  g_autoptr (GError) error = NULL;

  g_assert_null (dial (relay, proxy, &error));
  g_assert_error (error, KVS_ERROR, KVS_ERROR_NETWORK);
  g_assert_nonnull (strstr (error->message, name));
  g_assert_nonnull (strstr (error->message, "relay.example:443"));
  fake_proxy_free (proxy);
  fake_relay_free (relay);
}

static void
add_table_tests (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (named); i++) {
    g_autofree char *path = g_strdup_printf ("/proxy/named/%u", i);

    g_test_add_data_func (path, &named[i], test_named);
  }
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_autofree char *path =
        g_strdup_printf ("/proxy/refused/%s", refused[i].name);

    g_test_add_data_func (path, &refused[i], test_refused);
  }
}

int
main (int argc, char *argv[])
{
  gst_init (NULL, NULL);
  g_test_init (&argc, &argv, NULL);
  recorder_clear_environment ();
  add_table_tests ();
  g_test_add_func ("/proxy/plain-http-goes-direct",
      test_plain_http_goes_direct);
  g_test_add_func ("/proxy/signaling-goes-through",
      test_signaling_goes_through);
  g_test_add_func ("/proxy/signs-in-to-the-proxy", test_signs_in_to_the_proxy);
  g_test_add_func ("/proxy/says-that-the-proxy-is-not-there",
      test_says_that_the_proxy_is_not_there);
  g_test_add_func ("/proxy/refuses-what-is-no-proxy",
      test_refuses_what_is_no_proxy);
  g_test_add_func ("/proxy/relays-are-dialled-through",
      test_relays_are_dialled_through);
  g_test_add_func ("/proxy/a-refused-relay-names-the-proxy",
      test_a_refused_relay_names_the_proxy);
  return recorder_run_tests ();
}
