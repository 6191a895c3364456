#include "fetch.h"

#include "backoff.h"
#include "credentialsanswer.h"
#include "error.h"
#include "later.h"
#include "secret.h"

#define CHUNK 4096

typedef struct {
  KvsTransport *transport;
  char *method;
  char *url;
  char **headers; /* secrets may be among them */
  GTlsCertificate *certificate;
  guint attempts_left;
  guint limit_ms;
  KvsBackoff backoff;

  /* Of one attempt. */
  SoupMessage *message;
  GCancellable *cancellable; /* by the caller's, or by the limit */
  gulong cancelled_id;
  GSource *limit;
  gboolean timed_out;
  GInputStream *stream;
  GByteArray *body;
} Exchange;

static void attempt (GTask *task);
static void sent (GObject *source, GAsyncResult *result, gpointer user_data);
static void read_more (GTask *task);
static void read_done (GObject *source, GAsyncResult *result,
    gpointer user_data);
static void attempt_failed (GTask *task, GError *error);
static void answered (GTask *task);

static void
end_attempt (Exchange *exchange, GCancellable *outer)
{
  if (exchange->limit != NULL)
    g_source_destroy (exchange->limit);
  g_clear_pointer (&exchange->limit, g_source_unref);
  g_clear_signal_handler (&exchange->cancelled_id, outer);
  g_clear_object (&exchange->cancellable);
  g_clear_object (&exchange->message);
  g_clear_object (&exchange->stream);
  g_clear_pointer (&exchange->body, g_byte_array_unref);
}

static void
exchange_free (Exchange *exchange)
{
  g_clear_object (&exchange->transport);
  g_clear_object (&exchange->certificate);
  g_free (exchange->method);
  g_free (exchange->url);
  for (char **header = exchange->headers; *header != NULL; header++)
    kvs_secret_free (*header);
  g_free (exchange->headers);
  g_free (exchange);
}

void
kvs_fetch_async (KvsTransport *transport, const KvsFetch *fetch,
    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Exchange *exchange = g_new0 (Exchange, 1);

  g_task_set_source_tag (task, kvs_fetch_async);
  exchange->transport = g_object_ref (transport);
  exchange->method = g_strdup (fetch->method);
  exchange->url = g_strdup (fetch->url);
  exchange->headers = g_strdupv ((char **) fetch->headers);
  g_set_object (&exchange->certificate, fetch->certificate);
  exchange->attempts_left = MAX (fetch->attempts, 1);
  exchange->limit_ms = fetch->limit_ms;
  g_task_set_task_data (task, exchange, (GDestroyNotify) exchange_free);

  attempt (task);
}

static gboolean
on_limit (gpointer user_data)
{
  Exchange *exchange = user_data;

  exchange->timed_out = TRUE;
  g_cancellable_cancel (exchange->cancellable);
  return G_SOURCE_REMOVE;
}

static void
on_cancelled (GCancellable *outer, gpointer inner)
{
  g_cancellable_cancel (inner);
}

static void
begin_attempt (GTask *task, Exchange *exchange)
{
  GCancellable *outer = g_task_get_cancellable (task);

  exchange->attempts_left--;
  exchange->timed_out = FALSE;
  exchange->body = g_byte_array_new ();
  exchange->cancellable = g_cancellable_new ();
  if (outer != NULL)
    exchange->cancelled_id = g_signal_connect_object (outer, "cancelled",
        G_CALLBACK (on_cancelled), exchange->cancellable, 0);
  if (g_cancellable_is_cancelled (outer))
    g_cancellable_cancel (exchange->cancellable);
  exchange->limit = g_timeout_source_new (exchange->limit_ms);
  g_source_set_callback (exchange->limit, on_limit, exchange, NULL);
  g_source_attach (exchange->limit, g_task_get_context (task));
}

static void
attempt (GTask *task)
{
  Exchange *exchange = g_task_get_task_data (task);
  GError *error = NULL;
  SoupMessage *message = kvs_transport_message (exchange->transport,
      exchange->method, exchange->url, &error);

  if (message == NULL) {
    g_task_return_error (task, error);
    g_object_unref (task);
    return;
  }

  for (char **header = exchange->headers; *header != NULL; header += 2)
    soup_message_headers_replace (soup_message_get_request_headers (message),
        header[0], header[1]);
  if (exchange->certificate != NULL)
    soup_message_set_tls_client_certificate (message, exchange->certificate);
  exchange->message = message;
  begin_attempt (task, exchange);
  soup_session_send_async (kvs_transport_get_session (exchange->transport),
      message, G_PRIORITY_DEFAULT, exchange->cancellable, sent, task);
}

static void
sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Exchange *exchange = g_task_get_task_data (task);
  GError *error = NULL;

  exchange->stream =
      soup_session_send_finish (SOUP_SESSION (source), result, &error);
  if (exchange->stream == NULL)
    attempt_failed (task, error);
  else
    read_more (task);
}

static void
read_more (GTask *task)
{
  Exchange *exchange = g_task_get_task_data (task);

  g_input_stream_read_bytes_async (exchange->stream, CHUNK, G_PRIORITY_DEFAULT,
      exchange->cancellable, read_done, task);
}

static void
read_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Exchange *exchange = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GBytes) bytes =
      g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result,
          &error);

  if (bytes == NULL) {
    attempt_failed (task, error);
    return;
  }
  if (g_bytes_get_size (bytes) == 0) {
    answered (task);
    return;
  }

  g_byte_array_append (exchange->body, g_bytes_get_data (bytes, NULL),
      g_bytes_get_size (bytes));
  if (exchange->body->len > KVS_CREDENTIALS_ANSWER_MAX)
    attempt_failed (task,
        g_error_new (KVS_ERROR, KVS_ERROR_PROTOCOL,
            "the answer is longer than %d bytes", KVS_CREDENTIALS_ANSWER_MAX));
  else
    read_more (task);
}

/* Takes the task. */
static void
retry_later (GTask *task)
{
  Exchange *exchange = g_task_get_task_data (task);

  end_attempt (exchange, g_task_get_cancellable (task));
  kvs_later (task, kvs_backoff_next (&exchange->backoff, g_random_double ()),
      attempt);
}

static gboolean
may_mend (const GError *error)
{
  return error->domain != KVS_ERROR && error->domain != G_TLS_ERROR
      && error->domain != G_RESOLVER_ERROR;
}

/* Time-out and cancelling look alike from inside. */
static GError *
in_our_words (Exchange *exchange, GError *error)
{
  g_autoptr (GError) cause = error;

  if (exchange->timed_out) {
    g_clear_error (&cause);
    cause = g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "no answer in %u ms",
        exchange->limit_ms);
  }
  if (cause->domain == KVS_ERROR)
    return g_steal_pointer (&cause);
  return kvs_transport_error (exchange->message, cause);
}

/* Takes the error. */
static void
attempt_failed (GTask *task, GError *error)
{
  Exchange *exchange = g_task_get_task_data (task);
  gboolean is_cancelled =
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      && !exchange->timed_out;

  if (!is_cancelled && may_mend (error) && exchange->attempts_left > 0) {
    g_error_free (error);
    retry_later (task);
    return;
  }

  error = in_our_words (exchange, error);
  end_attempt (exchange, g_task_get_cancellable (task));
  g_task_return_error (task, error);
  g_object_unref (task);
}

static void
answered (GTask *task)
{
  Exchange *exchange = g_task_get_task_data (task);
  g_autoptr (GBytes) body =
      g_byte_array_free_to_bytes (g_steal_pointer (&exchange->body));
  g_autoptr (KvsAnswer) answer = kvs_transport_answer (exchange->message, body);

  if (kvs_answer_is_transient (answer) && exchange->attempts_left > 0) {
    retry_later (task);
    return;
  }

  end_attempt (exchange, g_task_get_cancellable (task));
  g_task_return_pointer (task, g_steal_pointer (&answer),
      (GDestroyNotify) kvs_answer_free);
  g_object_unref (task);
}

KvsAnswer *
kvs_fetch_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
