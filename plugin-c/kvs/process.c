#include "process.h"

#include <string.h>

#include "credentialsanswer.h"
#include "error.h"

#define CHUNK 4096

typedef struct {
  char *name;
  guint limit_ms;
  GSubprocess *process;
  GCancellable *cancellable; /* of our reading; the limit's, too */
  GSource *limit;
  gboolean timed_out;
  gulong cancelled_id;
  GByteArray *output;
} Run;

static void read_more (GTask *task);
static void read_done (GObject *source, GAsyncResult *result,
    gpointer user_data);
static void exited (GObject *source, GAsyncResult *result, gpointer user_data);

static void
wipe (GByteArray *bytes)
{
  if (bytes->len > 0)
    explicit_bzero (bytes->data, bytes->len);
  g_byte_array_unref (bytes);
}

static void
run_free (Run *run)
{
  g_free (run->name);
  g_clear_object (&run->process);
  g_clear_object (&run->cancellable);
  wipe (run->output);
  g_free (run);
}

/* Takes the task; no program is left running behind it. */
static void
end (GTask *task, KvsCredentials *keys, GError *error)
{
  Run *run = g_task_get_task_data (task);

  if (run->limit != NULL)
    g_source_destroy (run->limit);
  g_clear_pointer (&run->limit, g_source_unref);
  g_clear_signal_handler (&run->cancelled_id, g_task_get_cancellable (task));
  if (run->process != NULL)
    g_subprocess_force_exit (run->process);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, keys, (GDestroyNotify) kvs_credentials_free);
  g_object_unref (task);
}

static void fail (GTask *task, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
fail (GTask *task, const char *format, ...)
{
  Run *run = g_task_get_task_data (task);
  g_autofree char *what = NULL;
  va_list arguments;

  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  end (task, NULL,
      g_error_new (KVS_ERROR, KVS_ERROR_CREDENTIALS,
          "No AWS credentials from the credential_process of profile %s: %s",
          run->name, what));
}

static gboolean
on_limit (gpointer user_data)
{
  Run *run = user_data;

  run->timed_out = TRUE;
  g_cancellable_cancel (run->cancellable);
  return G_SOURCE_REMOVE;
}

static void
on_cancelled (GCancellable *outer, gpointer inner)
{
  g_cancellable_cancel (inner);
}

static void
set_limits (GTask *task, Run *run)
{
  GCancellable *outer = g_task_get_cancellable (task);

  if (outer != NULL)
    run->cancelled_id = g_signal_connect_object (outer, "cancelled",
        G_CALLBACK (on_cancelled), run->cancellable, 0);
  if (g_cancellable_is_cancelled (outer))
    g_cancellable_cancel (run->cancellable);
  run->limit = g_timeout_source_new (run->limit_ms);
  g_source_set_callback (run->limit, on_limit, run, NULL);
  g_source_attach (run->limit, g_task_get_context (task));
}

void
kvs_process_credentials_async (const char *command, const char *name,
    guint limit_ms, GCancellable *cancellable, GAsyncReadyCallback callback,
    gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Run *run = g_new0 (Run, 1);
  g_auto (GStrv) words = NULL;
  g_autoptr (GError) error = NULL;

  g_task_set_source_tag (task, kvs_process_credentials_async);
  run->name = g_strdup (name);
  run->limit_ms = limit_ms;
  run->output = g_byte_array_new ();
  run->cancellable = g_cancellable_new ();
  g_task_set_task_data (task, run, (GDestroyNotify) run_free);

  if (!g_shell_parse_argv (command, NULL, &words, &error)) {
    fail (task, "its quotes do not match: correct them in the profile");
    return;
  }

  run->process = g_subprocess_newv ((const char *const *) words,
      G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  if (run->process == NULL) {
    fail (task, "it does not start (%s): give the program's full path",
        error->message);
    return;
  }

  set_limits (task, run);
  read_more (task);
}

static void
read_more (GTask *task)
{
  Run *run = g_task_get_task_data (task);

  g_input_stream_read_bytes_async (g_subprocess_get_stdout_pipe (run->process),
      CHUNK, G_PRIORITY_DEFAULT, run->cancellable, read_done, task);
}

/* Cancelled by the caller, or by the limit; takes the task. */
static void
interrupted (GTask *task, GError *error)
{
  Run *run = g_task_get_task_data (task);

  if (!run->timed_out) {
    end (task, NULL, error);
    return;
  }

  g_error_free (error);
  fail (task, "it has not ended after %u s, and was killed",
      (run->limit_ms + 999) / 1000);
}

static void
read_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Run *run = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GBytes) bytes =
      g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result,
          &error);

  if (bytes == NULL) {
    interrupted (task, error);
    return;
  }
  if (g_bytes_get_size (bytes) == 0) {
    g_subprocess_wait_async (run->process, run->cancellable, exited, task);
    return;
  }

  g_byte_array_append (run->output, g_bytes_get_data (bytes, NULL),
      g_bytes_get_size (bytes));
  if (run->output->len > KVS_CREDENTIALS_ANSWER_MAX)
    fail (task, "it printed more than %d bytes, and was killed",
        KVS_CREDENTIALS_ANSWER_MAX);
  else
    read_more (task);
}

static void
read_output (GTask *task, Run *run)
{
  g_autoptr (GError) error = NULL;
  KvsCredentials *keys = kvs_credentials_parse (KVS_CREDENTIALS_OF_PROCESS,
      (const char *) run->output->data, run->output->len, &error);

  if (keys == NULL) {
    fail (task, "what it printed cannot be used: %s", error->message);
    return;
  }

  kvs_credentials_take_source (keys,
      g_strdup_printf ("the credential_process of profile %s", run->name));
  end (task, keys, NULL);
}

static void
exited (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Run *run = g_task_get_task_data (task);
  GSubprocess *process = G_SUBPROCESS (source);
  GError *error = NULL;

  if (!g_subprocess_wait_finish (process, result, &error))
    interrupted (task, error);
  else if (g_subprocess_get_successful (process))
    read_output (task, run);
  else if (g_subprocess_get_if_exited (process))
    fail (task, "it ended with status %d: run it by hand",
        g_subprocess_get_exit_status (process));
  else
    fail (task, "it ended by signal %d: run it by hand",
        g_subprocess_get_term_sig (process));
}

KvsCredentials *
kvs_process_credentials_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
