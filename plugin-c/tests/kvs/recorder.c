#include "recorder.h"

#include <string.h>

#include "wait.h"

typedef struct {
  Recorder *self;
  const char *peer_id;
  const char *text;
} Verb;

static void
add (Recorder *self, char *entry)
{
  g_assert_true (kvs_worker_is_current (self->worker));

  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->log, entry);
  g_mutex_unlock (&self->lock);
}

static void
on_state (gpointer user_data, KvsSignallerState state, const char *detail,
    gint64 gap_ms)
{
  Recorder *self = user_data;

  /* Both at once, for whoever waits for one and looks at the other. */
  g_mutex_lock (&self->lock);
  g_free (self->detail);
  self->detail = g_strdup (detail);
  self->gap_ms = gap_ms;
  g_ptr_array_add (self->log, g_strdup (kvs_signaller_state_nick (state)));
  g_mutex_unlock (&self->lock);
}

static void
on_offer (gpointer user_data, const char *peer_id, const char *sdp)
{
  Recorder *self = user_data;
  g_autofree char *answer = g_strdup_printf ("answer to %s", peer_id);

  if (g_atomic_int_get (&self->answers))
    kvs_signaller_send_answer (self->signaller, peer_id, answer);
  add (self, g_strdup_printf ("offer %s %s", peer_id, sdp));
}

static void
on_answer (gpointer user_data, const char *peer_id, const char *sdp)
{
  add (user_data, g_strdup_printf ("answer %s %s", peer_id, sdp));
}

static void
on_candidate (gpointer user_data, const char *peer_id, const char *candidate,
    const char *mid, int mline_index)
{
  add (user_data,
      g_strdup_printf ("candidate %s %s %s %d", peer_id, candidate,
          mid != NULL ? mid : "-", mline_index));
}

static void
on_undelivered (gpointer user_data, const char *peer_id, const char *reason)
{
  add (user_data, g_strdup_printf ("undelivered %s %s", peer_id, reason));
}

static void
on_failed (gpointer user_data, const GError *error)
{
  Recorder *self = user_data;

  g_mutex_lock (&self->lock);
  g_assert_null (self->failure);
  self->failure = g_error_copy (error);
  g_mutex_unlock (&self->lock);
  add (self, g_strdup ("failed"));
}

static const KvsSignallerEvents events = {
  .state_changed = on_state,
  .offer = on_offer,
  .answer = on_answer,
  .candidate = on_candidate,
  .undelivered = on_undelivered,
  .failed = on_failed,
};

KvsConfig
recorder_config (const char *url)
{
  return (KvsConfig){
    .channel = (char *) "cam1",
    .region = (char *) "eu-west-1",
    .role = KVS_ROLE_MASTER,
    .client_id = (char *) "me",
    .create_channel = TRUE,
    .access_key = (char *) "AKIDEXAMPLE",
    .secret_key = (char *) "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    .endpoint = (char *) url,
  };
}

void
recorder_clear_environment (void)
{
  static const char *const variables[] = {
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_PROFILE",
    "AWS_CA_BUNDLE",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_KINESIS_VIDEO",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "https_proxy",
    "HTTPS_PROXY",
    "no_proxy",
    "NO_PROXY",
  };

  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    g_unsetenv (variables[i]);
  g_setenv ("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent", TRUE);
  g_setenv ("AWS_CONFIG_FILE", "/nonexistent", TRUE);
  g_setenv ("AWS_EC2_METADATA_DISABLED", "true", TRUE);
}

/* One that has just had work waits for more before it counts as unused. */
static gboolean
is_pool_running (void)
{
  g_autoptr (GDir) threads = g_dir_open ("/proc/self/task", 0, NULL);
  const char *id;

  while (threads != NULL && (id = g_dir_read_name (threads)) != NULL) {
    g_autofree char *path = g_strdup_printf ("/proc/self/task/%s/comm", id);
    g_autofree char *name = NULL;

    if (g_file_get_contents (path, &name, NULL, NULL)
        && g_str_has_prefix (name, "pool-")
        && !g_str_has_prefix (name, "pool-spawner"))
      return TRUE;
  }
  return FALSE;
}

/* LeakSanitizer can crash on threads that are there at the end. */
static gboolean
stop_pool (void)
{
  g_thread_pool_stop_unused_threads ();
  return !is_pool_running ();
}

int
recorder_run_tests (void)
{
  int result = g_test_run ();

  WAIT_UNTIL (stop_pool ());
  return result;
}

Recorder *
recorder_new (const KvsConfig *config)
{
  Recorder *self = g_new0 (Recorder, 1);

  g_mutex_init (&self->lock);
  self->log = g_ptr_array_new_with_free_func (g_free);
  self->worker = kvs_worker_new ("test");
  self->signaller = kvs_aws_signaller_new (self->worker, config);

  return self;
}

static gpointer
stop_worker (gpointer data)
{
  Recorder *self = data;

  kvs_worker_stop (self->worker);
  g_atomic_int_set (&self->ended, TRUE);
  g_main_context_wakeup (NULL);
  return NULL;
}

void
recorder_end (Recorder *self)
{
  GThread *thread;

  recorder_stop (self);
  thread = g_thread_new ("end", stop_worker, self);
  WAIT_UNTIL (g_atomic_int_get (&self->ended));
  g_thread_join (thread);
}

void
recorder_free (Recorder *self)
{
  recorder_end (self);
  g_assert_finalize_object (self->signaller);
  g_assert_finalize_object (self->worker);
  g_ptr_array_unref (self->log);
  g_clear_error (&self->failure);
  g_mutex_clear (&self->lock);
  g_free (self->detail);
  g_free (self);
}

static void
start (gpointer data, gpointer unused)
{
  Recorder *self = data;

  kvs_signaller_start (self->signaller, &events, self);
}

void
recorder_start (Recorder *self)
{
  kvs_worker_call_wait (self->worker, start, self);
}

static void
stop (gpointer data, gpointer unused)
{
  Recorder *self = data;

  kvs_signaller_stop (self->signaller);
}

void
recorder_stop (Recorder *self)
{
  kvs_worker_call_wait (self->worker, stop, self);
}

guint
recorder_count (Recorder *self, const char *entry)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  guint count = 0;

  for (guint i = 0; i < self->log->len; i++)
    count += g_str_equal (self->log->pdata[i], entry);
  return count;
}

gboolean
recorder_has (Recorder *self, const char *entry)
{
  return recorder_count (self, entry) > 0;
}

gint64
recorder_gap_ms (Recorder *self)
{
  gint64 gap_ms;

  g_mutex_lock (&self->lock);
  gap_ms = self->gap_ms;
  g_mutex_unlock (&self->lock);
  return gap_ms;
}

guint
recorder_length (Recorder *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->log->len;
}

int
recorder_failure_code (Recorder *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->failure != NULL ? self->failure->code : -1;
}

gboolean
recorder_failure_says (Recorder *self, const char *words)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  gboolean says =
      self->failure != NULL && strstr (self->failure->message, words) != NULL;

  if (!says)
    g_test_message ("failure: %s",
        self->failure != NULL ? self->failure->message : "none");
  return says;
}

gboolean
recorder_detail_says (Recorder *self, const char *words)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->detail != NULL && strstr (self->detail, words) != NULL;
}

static void
send_offer (gpointer data, gpointer unused)
{
  Verb *verb = data;

  kvs_signaller_send_offer (verb->self->signaller, verb->peer_id, verb->text);
}

void
recorder_send_offer (Recorder *self, const char *peer_id, const char *sdp)
{
  Verb verb = { self, peer_id, sdp };

  kvs_worker_call_wait (self->worker, send_offer, &verb);
}

static void
send_answer (gpointer data, gpointer unused)
{
  Verb *verb = data;

  kvs_signaller_send_answer (verb->self->signaller, verb->peer_id, verb->text);
}

void
recorder_send_answer (Recorder *self, const char *peer_id, const char *sdp)
{
  Verb verb = { self, peer_id, sdp };

  kvs_worker_call_wait (self->worker, send_answer, &verb);
}

static void
send_candidate (gpointer data, gpointer unused)
{
  Verb *verb = data;

  kvs_signaller_send_candidate (verb->self->signaller, verb->peer_id,
      verb->text, "0", 0);
}

void
recorder_send_candidate (Recorder *self, const char *peer_id,
    const char *candidate)
{
  Verb verb = { self, peer_id, candidate };

  kvs_worker_call_wait (self->worker, send_candidate, &verb);
}

static void
forget_peer (gpointer data, gpointer unused)
{
  Verb *verb = data;

  kvs_signaller_forget_peer (verb->self->signaller, verb->peer_id);
}

void
recorder_forget_peer (Recorder *self, const char *peer_id)
{
  Verb verb = { self, peer_id, NULL };

  kvs_worker_call_wait (self->worker, forget_peer, &verb);
}

static void
ice_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) servers =
      kvs_signaller_get_ice_servers_finish (KVS_SIGNALLER (source), result,
          &error);
  GString *entry = g_string_new ("ice");

  if (servers == NULL)
    g_string_append_printf (entry, " error %s", error->message);
  for (guint i = 0; servers != NULL && i < servers->len; i++) {
    const KvsIceServer *server = servers->pdata[i];

    g_string_append_printf (entry, " %s %s", server->uris[0],
        server->username != NULL ? server->username : "-");
  }
  add (user_data, g_string_free (entry, FALSE));
}

static void
get_ice (gpointer data, gpointer unused)
{
  Recorder *self = data;

  kvs_signaller_get_ice_servers_async (self->signaller, NULL, ice_done, self);
}

void
recorder_get_ice (Recorder *self)
{
  kvs_worker_call_wait (self->worker, get_ice, self);
}
