#include "client.h"

#include <gst/gst.h>
#include <string.h>

#include "backoff.h"
#include "error.h"
#include "later.h"
#include "sigv4.h"

GST_DEBUG_CATEGORY_STATIC (kvs_client_debug);
#define GST_CAT_DEFAULT kvs_client_debug

#define SERVICE "kinesisvideo"
#define ATTEMPTS_MAX 5
/* No new attempt after this: the whole first connect should not take longer
 * than the 15 s Amazon's C SDK gives it. */
#define RETRY_WINDOW_US (8 * G_USEC_PER_SEC)
/* Amazon's JavaScript SDK signs for just under the service's five minutes. */
#define PRESIGN_SECONDS 299
#define CONTENT_TYPE "application/json"

struct _KvsClient {
  GObject parent;

  KvsTransport *transport;
  char *region;
  char *channel;
  KvsKeys *keys;
  KvsClock clock;
};

G_DEFINE_FINAL_TYPE (KvsClient, kvs_client, G_TYPE_OBJECT)

/* One call, over all its attempts. */
typedef struct {
  char *action;
  char *base;
  gboolean is_regional;
  char *path;
  GBytes *body;

  KvsBackoff backoff;
  gint64 started;       /* monotonic */
  gboolean reconnected; /* a broken connection was tried again */
  gboolean corrected;   /* the clock was */

  KvsCredentials *signed_with; /* in the last attempt */
  gboolean refreshed;          /* the keys were looked for again */
  KvsAnswer *refusal;          /* of the old ones, meanwhile */
} Call;

static void attempt (GTask *task);
static void attempt_done (GObject *source, GAsyncResult *result,
    gpointer user_data);

static void
call_free (Call *call)
{
  g_free (call->action);
  g_free (call->base);
  g_free (call->path);
  g_bytes_unref (call->body);
  kvs_credentials_free (call->signed_with);
  kvs_answer_free (call->refusal);
  g_free (call);
}

static void
kvs_client_finalize (GObject *object)
{
  KvsClient *self = (KvsClient *) object;

  g_clear_object (&self->transport);
  g_free (self->region);
  g_free (self->channel);
  g_clear_object (&self->keys);

  G_OBJECT_CLASS (kvs_client_parent_class)->finalize (object);
}

static void
kvs_client_class_init (KvsClientClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = kvs_client_finalize;
  GST_DEBUG_CATEGORY_INIT (kvs_client_debug, "kvsclient", 0,
      "KVS signaling: REST calls");
}

static void
kvs_client_init (KvsClient *self)
{
}

KvsClient *
kvs_client_new (KvsTransport *transport, const char *region,
    const char *channel, KvsKeys *keys)
{
  KvsClient *self = g_object_new (KVS_TYPE_CLIENT, NULL);

  self->transport = g_object_ref (transport);
  self->region = g_strdup (region);
  self->channel = g_strdup (channel);
  self->keys = g_object_ref (keys);

  return self;
}

void
kvs_client_call_async (KvsClient *self, const char *action, const char *base,
    gboolean is_regional, const char *path, const char *body,
    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Call *call = g_new0 (Call, 1);

  g_task_set_source_tag (task, kvs_client_call_async);
  call->action = g_strdup (action);
  call->base = g_strdup (base);
  call->is_regional = is_regional;
  call->path = g_strdup (path);
  call->body = g_bytes_new (body, strlen (body));
  call->started = g_get_monotonic_time ();
  g_task_set_task_data (task, call, (GDestroyNotify) call_free);

  attempt (task);
}

/* As the Host header will be: without the scheme's own port. */
static char *
host_header (GUri *uri)
{
  const char *host = g_uri_get_host (uri);
  gboolean is_ipv6 = strchr (host, ':') != NULL;
  const char *scheme = g_uri_get_scheme (uri);
  gboolean is_safe =
      g_str_equal (scheme, "https") || g_str_equal (scheme, "wss");
  int port = g_uri_get_port (uri);
  g_autofree char *name = g_strdup_printf (is_ipv6 ? "[%s]" : "%s", host);

  if (port <= 0 || port == (is_safe ? 443 : 80))
    return g_steal_pointer (&name);
  return g_strdup_printf ("%s:%d", name, port);
}

static void
sign (KvsClient *self, SoupMessage *message, GBytes *body)
{
  const KvsCredentials *keys = kvs_keys_get (self->keys);
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);
  GUri *uri = soup_message_get_uri (message);
  g_autofree char *host = host_header (uri);
  const KvsParam signed_headers[] = { { "content-type", CONTENT_TYPE }, { 0 } };
  KvsSigv4Request request = {
    .method = "POST",
    .host = host,
    .path = g_uri_get_path (uri),
    .headers = signed_headers,
    .body = g_bytes_get_data (body, NULL),
    .body_length = g_bytes_get_size (body),
  };
  KvsSigv4Scope scope = { self->region, SERVICE, kvs_clock_now (&self->clock) };
  g_autofree char *date = kvs_sigv4_date (scope.time);
  g_autofree char *authorization =
      kvs_sigv4_authorization (&request, &scope, keys);

  soup_message_headers_replace (headers, "Host", host);
  soup_message_headers_replace (headers, "X-Amz-Date", date);
  if (keys->session_token != NULL)
    soup_message_headers_replace (headers, "X-Amz-Security-Token",
        keys->session_token);
  soup_message_headers_replace (headers, "Authorization", authorization);
}

static void
attempt (GTask *task)
{
  KvsClient *self = g_task_get_source_object (task);
  Call *call = g_task_get_task_data (task);
  g_autofree char *url = g_strconcat (call->base, call->path, NULL);
  GError *error = NULL;
  g_autoptr (SoupMessage) message =
      kvs_transport_message (self->transport, "POST", url, &error);

  if (message == NULL) {
    g_task_return_error (task, error);
    g_object_unref (task);
    return;
  }

  GST_DEBUG_OBJECT (self, "%s at %s", call->action, call->base);
  soup_message_set_request_body_from_bytes (message, CONTENT_TYPE, call->body);
  sign (self, message, call->body);
  kvs_credentials_free (call->signed_with);
  call->signed_with = kvs_credentials_copy (kvs_keys_get (self->keys));
  soup_session_send_and_read_async (kvs_transport_get_session (self->transport),
      message, G_PRIORITY_DEFAULT, g_task_get_cancellable (task), attempt_done,
      task);
}

/* Takes the task. */
static void
retry_later (GTask *task)
{
  Call *call = g_task_get_task_data (task);

  kvs_later (task, kvs_backoff_next (&call->backoff, g_random_double ()),
      attempt);
}

static gboolean
may_retry (const Call *call)
{
  return call->backoff.attempts + 1 < ATTEMPTS_MAX
      && g_get_monotonic_time () - call->started < RETRY_WINDOW_US;
}

/* Name and trust do not mend in a second; a connection may. */
static gboolean
may_reconnect (Call *call, const GError *cause)
{
  if (cause->domain == G_TLS_ERROR || cause->domain == G_RESOLVER_ERROR
      || g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return FALSE;
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return may_retry (call);
  if (call->reconnected)
    return FALSE;

  call->reconnected = TRUE;
  return may_retry (call);
}

static GError *
failure (KvsClient *self, const Call *call, SoupMessage *message,
    const GError *cause)
{
  if (call->is_regional
      && g_error_matches (cause, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND))
    return g_error_new (KVS_ERROR, KVS_ERROR_REGION,
        "There is no host %s: check that %s is a region with Kinesis Video "
        "Streams",
        g_uri_get_host (soup_message_get_uri (message)), self->region);

  return kvs_transport_error (message, cause);
}

static void
exchange_failed (GTask *task, SoupMessage *message, const GError *cause)
{
  KvsClient *self = g_task_get_source_object (task);
  Call *call = g_task_get_task_data (task);

  if (may_reconnect (call, cause)) {
    GST_WARNING_OBJECT (self, "%s: %s, trying again", call->action,
        cause->message);
    retry_later (task);
    return;
  }

  g_task_return_error (task, failure (self, call, message, cause));
  g_object_unref (task);
}

static void
keys_refreshed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  KvsClient *self = g_task_get_source_object (task);
  Call *call = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!kvs_keys_refresh_finish (KVS_KEYS (source), result, &error))
    GST_WARNING_OBJECT (self, "%s", error->message);

  if (!kvs_credentials_equal (kvs_keys_get (self->keys), call->signed_with)) {
    attempt (task);
    return;
  }

  g_task_return_pointer (task, g_steal_pointer (&call->refusal),
      (GDestroyNotify) kvs_answer_free);
  g_object_unref (task);
}

/* Takes the answer, which is ours where there are no others. */
static void
refresh_keys (GTask *task, KvsAnswer *answer)
{
  KvsClient *self = g_task_get_source_object (task);
  Call *call = g_task_get_task_data (task);

  GST_WARNING_OBJECT (self, "%s: %s, looking for other credentials",
      call->action, GST_STR_NULL (answer->error_type));
  call->refreshed = TRUE;
  call->refusal = answer;
  kvs_keys_refresh_async (self->keys, keys_refreshed, task);
}

/* Takes the answer. */
static void
answered (GTask *task, KvsAnswer *answer)
{
  KvsClient *self = g_task_get_source_object (task);
  Call *call = g_task_get_task_data (task);

  GST_DEBUG_OBJECT (self, "%s: %u %s", call->action, answer->status,
      GST_STR_NULL (answer->error_type));

  if (!call->corrected && kvs_client_correct_clock (self, answer)) {
    call->corrected = TRUE;
    kvs_answer_free (answer);
    attempt (task);
    return;
  }

  if (kvs_answer_is_transient (answer) && may_retry (call)) {
    GST_WARNING_OBJECT (self, "%s: %u %s, trying again", call->action,
        answer->status, GST_STR_NULL (answer->error_type));
    kvs_answer_free (answer);
    retry_later (task);
    return;
  }

  if (!call->refreshed && kvs_answer_is_about_keys (answer)) {
    refresh_keys (task, answer);
    return;
  }

  g_task_return_pointer (task, answer, (GDestroyNotify) kvs_answer_free);
  g_object_unref (task);
}

static void
attempt_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  SoupSession *session = SOUP_SESSION (source);
  SoupMessage *message =
      soup_session_get_async_result_message (session, result);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body =
      soup_session_send_and_read_finish (session, result, &error);

  if (body == NULL)
    exchange_failed (task, message, error);
  else
    answered (task, kvs_transport_answer (message, body));
}

KvsAnswer *
kvs_client_call_finish (KvsClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

GError *
kvs_client_error (KvsClient *self, const KvsAnswer *answer, const char *action)
{
  KvsRequestInfo info = { action, self->channel, self->region,
    kvs_keys_get (self->keys)->source };

  return kvs_answer_to_error (answer, &info);
}

char *
kvs_client_presign (KvsClient *self, const char *wss_base,
    const char *channel_arn, const char *client_id)
{
  g_autoptr (GUri) uri = g_uri_parse (wss_base, G_URI_FLAGS_ENCODED, NULL);
  g_autofree char *host = NULL, *path = NULL, *query = NULL;
  KvsParam params[] = {
    { "X-Amz-ChannelARN", channel_arn },
    { client_id != NULL ? "X-Amz-ClientId" : NULL, client_id },
    { 0 },
  };
  KvsSigv4Request request = { .method = "GET", .params = params };
  KvsSigv4Scope scope = { self->region, SERVICE, kvs_clock_now (&self->clock) };

  g_return_val_if_fail (uri != NULL, NULL);

  request.host = host = host_header (uri);
  request.path = path = g_strconcat (g_uri_get_path (uri), "/", NULL);
  query = kvs_sigv4_presign (&request, &scope, kvs_keys_get (self->keys),
      PRESIGN_SECONDS);

  return g_strdup_printf ("%s/?%s", wss_base, query);
}

gboolean
kvs_client_correct_clock (KvsClient *self, const KvsAnswer *answer)
{
  if (!kvs_answer_is_clock_skew (answer) || answer->date == 0)
    return FALSE;

  kvs_clock_correct (&self->clock, answer->date);
  kvs_keys_set_clock (self->keys, &self->clock);
  GST_WARNING_OBJECT (self,
      "this machine's clock is %" G_GINT64_FORMAT " s off, correcting for it",
      -self->clock.offset);
  return TRUE;
}
