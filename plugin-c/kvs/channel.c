#include "channel.h"

#include "api.h"
#include "arn.h"
#include "error.h"
#include "later.h"

/* A new channel is usually there at once, so the first look comes soon; a
 * minute means something is wrong. Five a second are allowed. */
#define POLL_FIRST_MS 200
#define POLL_MS 1000
#define POLLS_MAX 60

#define DESCRIBE "DescribeSignalingChannel"
#define CREATE "CreateSignalingChannel"
#define GET_ENDPOINT "GetSignalingChannelEndpoint"

typedef struct {
  KvsClient *client;
  char *name; /* name or ARN, as the user gave it */
  KvsRole role;
  gboolean may_create;
  char *base;
  gboolean is_regional;

  guint polls;
  gboolean created;    /* by us: a describe right after may still miss it */
  KvsChannel *channel; /* filled in step by step */
} Opening;

static void describe (GTask *task);
static void describe_done (GObject *source, GAsyncResult *result,
    gpointer user_data);
static void create (GTask *task);
static void create_done (GObject *source, GAsyncResult *result,
    gpointer user_data);
static void wait_and_describe (GTask *task);
static void get_endpoints (GTask *task);
static void get_endpoints_done (GObject *source, GAsyncResult *result,
    gpointer user_data);

void
kvs_channel_free (KvsChannel *channel)
{
  if (channel == NULL)
    return;

  g_free (channel->arn);
  g_free (channel->https);
  g_free (channel->wss);
  g_free (channel);
}

static void
opening_free (Opening *opening)
{
  g_object_unref (opening->client);
  g_free (opening->name);
  g_free (opening->base);
  kvs_channel_free (opening->channel);
  g_free (opening);
}

void
kvs_channel_open_async (KvsClient *client, const KvsConfig *config,
    const char *base, gboolean is_regional, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Opening *opening = g_new0 (Opening, 1);

  g_task_set_source_tag (task, kvs_channel_open_async);
  opening->client = g_object_ref (client);
  opening->name = g_strdup (config->channel);
  opening->role = config->role;
  /* The number at the end of an ARN cannot be asked for. */
  opening->may_create = config->create_channel
      && config->role == KVS_ROLE_MASTER && !kvs_arn_is_arn (config->channel);
  opening->base = g_strdup (base);
  opening->is_regional = is_regional;
  opening->channel = g_new0 (KvsChannel, 1);
  g_task_set_task_data (task, opening, (GDestroyNotify) opening_free);

  describe (task);
}

/* Takes both. */
static void
fail (GTask *task, GError *error)
{
  g_task_return_error (task, error);
  g_object_unref (task);
}

static void
call (GTask *task, const char *action, const char *path, const char *body,
    GAsyncReadyCallback callback)
{
  Opening *opening = g_task_get_task_data (task);

  kvs_client_call_async (opening->client, action, opening->base,
      opening->is_regional, path, body, g_task_get_cancellable (task), callback,
      task);
}

/* The body of a good answer; otherwise NULL, and the task has failed. */
static GBytes *
good_body (GTask *task, const KvsAnswer *answer, const char *action)
{
  Opening *opening = g_task_get_task_data (task);

  if (kvs_answer_is_success (answer))
    return answer->body;

  fail (task, kvs_client_error (opening->client, answer, action));
  return NULL;
}

static void
describe (GTask *task)
{
  Opening *opening = g_task_get_task_data (task);
  g_autofree char *body = kvs_api_describe_body (opening->name);

  kvs_span_begin (&opening->channel->described);
  call (task, DESCRIBE, KVS_API_DESCRIBE_PATH, body, describe_done);
}

static void
described (GTask *task, GBytes *body)
{
  Opening *opening = g_task_get_task_data (task);
  KvsChannelStatus status;
  GError *error = NULL;
  gsize length;
  const char *data = g_bytes_get_data (body, &length);

  g_clear_pointer (&opening->channel->arn, g_free);
  if (!kvs_api_parse_describe (data, length, &opening->channel->arn, &status,
          &error))
    fail (task, error);
  else if (status == KVS_CHANNEL_CREATING)
    wait_and_describe (task);
  else if (status == KVS_CHANNEL_DELETING)
    fail (task,
        g_error_new (KVS_ERROR, KVS_ERROR_CHANNEL,
            "Channel %s is being deleted: wait until it is gone, or use "
            "another name",
            opening->name));
  else
    get_endpoints (task);
}

static void
describe_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Opening *opening = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (KvsAnswer) answer =
      kvs_client_call_finish (KVS_CLIENT (source), result, &error);
  GBytes *body;

  kvs_span_end (&opening->channel->described);
  if (answer == NULL)
    fail (task, error);
  else if (kvs_answer_is_missing (answer) && opening->created)
    wait_and_describe (task);
  else if (kvs_answer_is_missing (answer) && opening->may_create)
    create (task);
  else if ((body = good_body (task, answer, DESCRIBE)) != NULL)
    described (task, body);
}

static void
create (GTask *task)
{
  Opening *opening = g_task_get_task_data (task);
  g_autofree char *body = kvs_api_create_body (opening->name);

  kvs_span_begin (&opening->channel->created);
  call (task, CREATE, KVS_API_CREATE_PATH, body, create_done);
}

/* Somebody else may have been faster: then it is there, which is what counts. */
static gboolean
is_there_already (const KvsAnswer *answer)
{
  return g_strcmp0 (answer->error_type, "ResourceInUseException") == 0;
}

static void
create_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Opening *opening = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (KvsAnswer) answer =
      kvs_client_call_finish (KVS_CLIENT (source), result, &error);

  kvs_span_end (&opening->channel->created);
  if (answer == NULL) {
    fail (task, error);
    return;
  }

  if (!is_there_already (answer) && good_body (task, answer, CREATE) == NULL)
    return;

  /* The status decides, not the answer: it may be CREATING for a moment. */
  opening->created = TRUE;
  describe (task);
}

static void
wait_and_describe (GTask *task)
{
  Opening *opening = g_task_get_task_data (task);

  if (++opening->polls > POLLS_MAX) {
    fail (task,
        g_error_new (KVS_ERROR, KVS_ERROR_CHANNEL,
            "Channel %s has been in state CREATING for %d s: look at it in "
            "the AWS console",
            opening->name, POLLS_MAX * POLL_MS / 1000));
    return;
  }

  kvs_later (task, opening->polls <= 1 ? POLL_FIRST_MS : POLL_MS, describe);
}

static void
get_endpoints (GTask *task)
{
  Opening *opening = g_task_get_task_data (task);
  g_autofree char *body =
      kvs_api_endpoint_body (opening->channel->arn, opening->role);

  kvs_span_begin (&opening->channel->located);
  call (task, GET_ENDPOINT, KVS_API_ENDPOINT_PATH, body, get_endpoints_done);
}

static gboolean
parse_endpoints (Opening *opening, GBytes *body, GError **error)
{
  gsize length;
  const char *data = g_bytes_get_data (body, &length);
  gboolean allow_plain = g_str_has_prefix (opening->base, "http:");

  return kvs_api_parse_endpoints (data, length, allow_plain,
      &opening->channel->https, &opening->channel->wss, error);
}

static void
get_endpoints_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Opening *opening = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (KvsAnswer) answer =
      kvs_client_call_finish (KVS_CLIENT (source), result, &error);
  GBytes *body;

  kvs_span_end (&opening->channel->located);
  if (answer == NULL) {
    fail (task, error);
    return;
  }

  body = good_body (task, answer, GET_ENDPOINT);
  if (body == NULL)
    return;
  if (!parse_endpoints (opening, body, &error)) {
    fail (task, error);
    return;
  }

  g_task_return_pointer (task, g_steal_pointer (&opening->channel),
      (GDestroyNotify) kvs_channel_free);
  g_object_unref (task);
}

KvsChannel *
kvs_channel_open_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
