#include "fakekeys.h"

#include <string.h>

typedef struct {
  guint status;
  char *body;
} Page;

static void
page_free (Page *page)
{
  g_free (page->body);
  g_free (page);
}

static void
remember (FakeKeys *self, const char *method, const char *path)
{
  g_ptr_array_add (self->requests, g_strdup_printf ("%s %s", method, path));
  g_hash_table_remove_all (self->headers);
}

static void
remember_header (FakeKeys *self, const char *name, const char *value)
{
  g_hash_table_insert (self->headers, g_ascii_strdown (name, -1),
      g_strdup (value));
}

static void
on_request (SoupServer *server, SoupServerMessage *message, const char *path,
    GHashTable *query, gpointer user_data)
{
  FakeKeys *self = user_data;
  Page *page = g_hash_table_lookup (self->pages, path);
  SoupMessageHeadersIter iter;
  const char *name, *value;

  remember (self, soup_server_message_get_method (message), path);
  soup_message_headers_iter_init (&iter,
      soup_server_message_get_request_headers (message));
  while (soup_message_headers_iter_next (&iter, &name, &value))
    remember_header (self, name, value);

  if (self->is_silent) {
    soup_server_message_pause (message);
    return;
  }
  soup_server_message_set_status (message, page != NULL ? page->status : 404,
      NULL);
  if (page != NULL && page->body != NULL)
    soup_server_message_set_response (message, "text/plain", SOUP_MEMORY_COPY,
        page->body, strlen (page->body));
}

static FakeKeys *
keys_new (void)
{
  FakeKeys *self = g_new0 (FakeKeys, 1);

  self->pages = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      (GDestroyNotify) page_free);
  self->requests = g_ptr_array_new_with_free_func (g_free);
  self->headers =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

FakeKeys *
fake_keys_new (void)
{
  FakeKeys *self = keys_new ();
  g_autoptr (GError) error = NULL;
  GSList *uris;

  self->server = soup_server_new ("raw-paths", TRUE, NULL);
  soup_server_add_handler (self->server, NULL, on_request, self, NULL);
  soup_server_listen_local (self->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY,
      &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (self->server);
  self->url =
      g_strdup_printf ("http://127.0.0.1:%d", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  return self;
}

/* --- Over TLS: by hand, as libsoup's server keeps each client's certificate --- */

static gboolean
on_certificate (GTlsConnection *connection, GTlsCertificate *certificate,
    GTlsCertificateFlags flags, FakeKeys *self)
{
  return g_tls_certificate_is_same (certificate, self->client);
}

typedef struct {
  FakeKeys *self;
  GIOStream *stream;
  char text[4096]; /* of the request, which comes in one piece */
} Visitor;

static void
read_request (FakeKeys *self, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\r\n", -1);
  g_auto (GStrv) words = g_strsplit (lines[0], " ", 3);

  g_assert_cmpuint (g_strv_length (words), ==, 3);
  remember (self, words[0], words[1]);
  for (guint i = 1; lines[i] != NULL; i++) {
    g_auto (GStrv) pair = g_strsplit (lines[i], ": ", 2);

    if (g_strv_length (pair) == 2)
      remember_header (self, pair[0], pair[1]);
  }
}

static char *
reply_to (FakeKeys *self, const char *request)
{
  g_auto (GStrv) words = g_strsplit (request, " ", 3);
  Page *page = g_hash_table_lookup (self->pages, words[1]);

  return g_strdup_printf ("HTTP/1.1 %u Whatever\r\nConnection: close\r\n"
                          "Content-Length: %u\r\n\r\n%s",
      page != NULL ? page->status : 404,
      page != NULL ? (guint) strlen (page->body) : 0,
      page != NULL ? page->body : "");
}

static void
visitor_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Visitor *visitor = user_data;
  gssize length =
      g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (length > 0) {
    g_autofree char *reply = NULL;

    read_request (visitor->self, visitor->text);
    reply = reply_to (visitor->self, visitor->text);
    g_output_stream_write_all (g_io_stream_get_output_stream (visitor->stream),
        reply, strlen (reply), NULL, NULL, NULL);
  }

  g_io_stream_close_async (visitor->stream, G_PRIORITY_DEFAULT, NULL, NULL,
      NULL);
  g_object_unref (visitor->stream);
  g_free (visitor);
}

static gboolean
on_incoming (GSocketService *service, GSocketConnection *connection,
    GObject *source, gpointer user_data)
{
  Visitor *visitor = g_new0 (Visitor, 1);

  visitor->self = user_data;
  visitor->stream = g_tls_server_connection_new (G_IO_STREAM (connection),
      visitor->self->certificate, NULL);
  g_object_set (visitor->stream, "authentication-mode",
      G_TLS_AUTHENTICATION_REQUIRED, "database", visitor->self->clients, NULL);
  g_signal_connect (visitor->stream, "accept-certificate",
      G_CALLBACK (on_certificate), visitor->self);
  g_input_stream_read_async (g_io_stream_get_input_stream (visitor->stream),
      visitor->text, sizeof visitor->text - 1, G_PRIORITY_DEFAULT, NULL,
      visitor_read, visitor);
  return TRUE;
}

FakeKeys *
fake_keys_new_tls (const char *certificate, const char *client)
{
  FakeKeys *self = keys_new ();
  g_autoptr (GError) error = NULL;

  self->certificate = g_tls_certificate_new_from_file (certificate, &error);
  g_assert_no_error (error);
  self->client = g_tls_certificate_new_from_file (client, &error);
  g_assert_no_error (error);
  self->clients = g_tls_file_database_new (client, &error);
  g_assert_no_error (error);
  self->service = g_socket_service_new ();
  g_signal_connect (self->service, "incoming", G_CALLBACK (on_incoming), self);
  self->url = g_strdup_printf ("https://127.0.0.1:%d",
      g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (self->service),
          NULL, &error));
  g_assert_no_error (error);
  return self;
}

void
fake_keys_free (FakeKeys *self)
{
  if (self->server != NULL)
    soup_server_disconnect (self->server);
  if (self->service != NULL)
    g_socket_service_stop (self->service);
  g_clear_object (&self->server);
  g_hash_table_unref (self->pages);
  g_hash_table_unref (self->headers);
  g_ptr_array_unref (self->requests);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_clear_object (&self->service);
  g_clear_object (&self->certificate);
  g_clear_object (&self->client);
  g_clear_object (&self->clients);
  g_free (self->url);
  g_free (self);
}

void
fake_keys_set (FakeKeys *self, const char *path, guint status, const char *body)
{
  Page *page = g_new0 (Page, 1);

  page->status = status;
  page->body = g_strdup (body);
  g_hash_table_insert (self->pages, g_strdup (path), page);
}

guint
fake_keys_count (FakeKeys *self, const char *request)
{
  guint count = 0;

  for (guint i = 0; i < self->requests->len; i++)
    count += g_str_equal (self->requests->pdata[i], request);
  return count;
}

const char *
fake_keys_header (FakeKeys *self, const char *name)
{
  return g_hash_table_lookup (self->headers, name);
}

char *
fake_keys_json (const char *access_key, int seconds)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) end = g_date_time_add_seconds (now, seconds);
  g_autofree char *text = g_date_time_format (end, "%Y-%m-%dT%H:%M:%SZ");

  return g_strdup_printf ("{\"Code\":\"Success\",\"AccessKeyId\":\"%s\","
                          "\"SecretAccessKey\":\"wJalrXUtnFEMI\","
                          "\"Token\":\"IQoJb3JpZ2luX2VjEXAMPLE\"%s%s%s}",
      access_key, seconds != 0 ? ",\"Expiration\":\"" : "",
      seconds != 0 ? text : "", seconds != 0 ? "\"" : "");
}
